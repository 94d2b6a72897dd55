"""The tasks: what a row must hold, how it is answered, how the answers are judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diffusion.evaluation import duplicates, facts, fitting, guard, typography
from diffusion.evaluation.figures import Figures

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """`answer` is what is timed; `judge` reads the rows beside their answers.

    `fields` are the row's, with their types; the last one is what a person labelled.
    `timed` names the text that says how long a row is, when speed is told in messages of 2 KB.
    """

    answer: Callable[[Row], Any]
    judge: Callable[[Sequence[tuple[Row, Any]]], Figures]
    fields: Mapping[str, type]
    timed: str = ""
    per_second: int | None = None


TASKS: dict[str, Task] = {
    "facts": Task(
        facts.answer, facts.judge, {"lang": str, "published": str, "text": str, "facts": list}, "text", per_second=500
    ),
    "guard": Task(
        guard.answer,
        guard.judge,
        {"lang": str, "published": str, "canonical": str, "rendition": str, "expect": list},
    ),
    "fit": Task(fitting.answer, fitting.judge, {"lang": str, "published": str, "text": str, "essential": list}),
    "duplicates": Task(
        duplicates.answer, duplicates.judge, {"lang": str, "published": str, "a": str, "b": str, "same": bool}
    ),
    "typography": Task(
        typography.answer, typography.judge, {"lang": str, "text": str, "expect": str}, "text", per_second=300
    ),
}
