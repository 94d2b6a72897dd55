"""Reading a labelled set, and measuring a task on it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from diffusion.evaluation.figures import Figures
from diffusion.evaluation.task import TASKS, Task

SETS = ("working", "heldout")
#: The length at which speed is told: a message of two kilobytes.
_LONG = 2_048
LANGUAGES = frozenset({"fr", "en"})


class BadSet(ValueError):
    """A set can't be read; the message says which line, and what was expected."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Answers of one kind in a second of one processor; `aim` is how many there should be."""

    name: str
    per_second: float
    aim: int | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """One task on one set."""

    rows: int
    figures: Figures
    speeds: tuple[Speed, ...]


def shipped(task: str, name: str) -> str | None:
    """The JSON lines of a set that comes with the program; None if there is none."""
    file = files("diffusion.evaluation").joinpath("sets", task, f"{name}.jsonl")
    return file.read_text(encoding="utf-8") if file.is_file() else None


def read(task: str, lines: str) -> list[Mapping[str, Any]]:
    """The rows of a set, one JSON object a line. Raises BadSet."""
    rows = []
    for number, line in enumerate(lines.removeprefix("\ufeff").split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as bad:
            raise BadSet(f"line {number}: no JSON ({bad})") from None
        wrong = "a row is a JSON object" if not isinstance(row, dict) else _wrong(TASKS[task], row)
        if wrong:
            raise BadSet(f"line {number}: {wrong}")
        rows.append(row)
    return rows


def _wrong(task: Task, row: Mapping[str, Any]) -> str:
    """What is wrong with a row, in words; empty if nothing is."""
    for name, kind in task.fields.items():
        if not isinstance(row.get(name), kind):
            return f"“{name}” must be a {_JSON[kind]}"
    if row["lang"] not in LANGUAGES:
        return "“lang” must be “fr” or “en”"
    pairs = [pair for name in ("facts", "essential") for pair in row.get(name) or ()]
    if not all(isinstance(p, list) and len(p) == 2 and all(isinstance(x, str) for x in p) for p in pairs):
        return "“facts” and “essential” are lists of [kind, value]"
    try:
        date.fromisoformat(row.get("published", "2026-01-01"))
    except ValueError:
        return "“published” must be a day, YYYY-MM-DD"
    return ""


_JSON = {str: "string", list: "list", bool: "boolean"}


def measure(name: str, rows: Sequence[Mapping[str, Any]]) -> Measured:
    """Answer all rows, then judge. Time is this process's own; what the first row pays for tables and patterns is left out."""
    task = TASKS[name]
    if rows:
        task.answer(rows[0])
    began = time.process_time()
    answered = [(row, task.answer(row)) for row in rows]
    speeds = [Speed("rows", len(rows) / (time.process_time() - began or 1e-9))]
    if task.timed and rows:
        long = list(_long(task, rows))
        began = time.process_time()
        for row in long:
            task.answer(row)
        speeds.append(Speed("2 KB", len(long) / (time.process_time() - began or 1e-9), task.per_second))
    return Measured(len(rows), task.judge(answered), tuple(speeds) if rows else ())


def _long(task: Task, rows: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The rows' texts put together to messages of two kilobytes, at least fifty of them."""
    made = 0
    while made < 50:
        for lang in sorted({row["lang"] for row in rows}):
            text = ""
            for row in (row for row in rows if row["lang"] == lang):
                text += row[task.timed] + "\n\n"
                if len(text.encode()) >= _LONG:
                    yield {**row, task.timed: text}
                    made, text = made + 1, ""
            if text:
                yield {**row, task.timed: (text * (_LONG // len(text) + 1))[:_LONG]}
                made += 1
