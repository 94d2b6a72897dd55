"""What each language may give up or say shorter: `fr.yaml` and `en.yaml`, compiled once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

SPACES = " \u00a0\u202f"
"""What separates two words of a line: the space, and French typography's two no-break spaces."""

Rule = tuple[re.Pattern[str], str]


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language's patterns. `short`, `shorter`, `shortest` pair a pattern with what takes its place."""

    abbreviations: frozenset[str]
    courtesies: re.Pattern[str]
    openers: re.Pattern[str]
    refers: re.Pattern[str]
    begins: re.Pattern[str]
    vital: re.Pattern[str]
    leans: re.Pattern[str]
    stands: re.Pattern[str]
    conditions: re.Pattern[str]
    acts: re.Pattern[str]
    talk: re.Pattern[str]
    loose: re.Pattern[str]
    tails: re.Pattern[str]
    minor: re.Pattern[str]
    scenes: re.Pattern[str]
    complete: re.Pattern[str]
    announces: re.Pattern[str]
    alerts: re.Pattern[str]
    whole: re.Pattern[str]
    subject: re.Pattern[str]
    deadlines: re.Pattern[str]
    duties: re.Pattern[str]
    prices: re.Pattern[str]
    short: tuple[Rule, ...]
    shorter: tuple[Rule, ...]
    shortest: tuple[Rule, ...]


@cache
def phrases(lang: str) -> Phrases:
    """The language's own; French for a language that has none."""
    data: dict[str, Any] = yaml.load(_source(lang), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return Phrases(
        abbreviations=frozenset(str(word).casefold() for word in data["abbreviations"]),
        short=_rules(data["short"]),
        shorter=_rules(data["shorter"]),
        shortest=_rules(data["shortest"]),
        **{name: _any_of(data[name]) for name in _ALTERNATIVES},
    )


_ALTERNATIVES = (
    "courtesies",
    "openers",
    "refers",
    "begins",
    "vital",
    "leans",
    "stands",
    "conditions",
    "acts",
    "talk",
    "loose",
    "tails",
    "minor",
    "scenes",
    "complete",
    "announces",
    "alerts",
    "whole",
    "subject",
    "deadlines",
    "duties",
    "prices",
)


def _source(lang: str) -> str:
    name = lang[:2].casefold()
    return (files(__package__) / f"{name if name in ('fr', 'en') else 'fr'}.yaml").read_text(encoding="utf-8")


def _rules(rows: Sequence[Sequence[str]]) -> tuple[Rule, ...]:
    return tuple((_compiled(pattern), new) for pattern, new in rows)


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    return _compiled("|".join(f"(?:{pattern})" for pattern in patterns))


def _compiled(pattern: str) -> re.Pattern[str]:
    """A space stands for any space of a line, « ’ » for either apostrophe; outside brackets only."""
    pattern = pattern.replace(" ", f"[{SPACES}]").replace("’", "['’]")
    return re.compile(pattern, re.IGNORECASE)
