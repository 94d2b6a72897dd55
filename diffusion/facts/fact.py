"""A fact: one piece of a text that must come out the same in every version, and what comparing two texts says.

Canonical values follow standards: ISO 8601 (dates, times, durations), RFC 5545 (recurrences), ISO 4217 (amounts),
E.164 (phones). Offsets are code points in the text as given, end exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

KINDS = (
    "date",
    "recurrence",
    "time",
    "duration",
    "amount",
    "percent",
    "number",
    "phone",
    "url",
    "email",
    "place",
    "status",
    "audience",
)


Code = Literal[
    "weekday-mismatch",
    "impossible-date",
    "end-before-start",
    "date-past",
    "two-prices",
    "phone-incomplete",
    "place-misspelt",
]
#: All that a warning may be about.
DOUBTFUL: tuple[Code, ...] = get_args(Code)


@dataclass(frozen=True, slots=True)
class Fact:
    """What a text states at one place.

    `also` holds the other values that the same words may mean (« vendredi prochain »); `unit` is what an amount or a
    number is counted in or by (« par mois », « places »). Both serve comparing; neither is part of the value.
    """

    kind: str
    value: str
    start: int
    end: int
    text: str
    also: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Warning_:
    """Something in the message itself that is probably a mistake.

    `against` is what it disagrees with: of `weekday-mismatch` and `date-past` the day that is read (ISO 8601), of
    `two-prices` the other price as written, of `place-misspelt` the name as the gazetteer has it; empty elsewhere.
    """

    code: Code
    start: int
    end: int
    text: str
    against: str = ""


@dataclass(frozen=True, slots=True)
class Extraction:
    """All facts of a text, by start, then end, and what looks wrong in it."""

    facts: tuple[Fact, ...]
    warnings: tuple[Warning_, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that a rendition says wrongly, invents, or leaves out.

    `start`, `end` and `text` are the rendition's, None when something is missing; `canonical` is the message's own
    fact, None when the rendition invents one. `kind` may also be `name` (an invented guest).
    """

    kind: str
    value: str
    start: int | None
    end: int | None
    text: str | None
    canonical: Fact | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the guard found: no fault = three empty tuples."""

    contradicted: tuple[Fault, ...] = ()
    added: tuple[Fault, ...] = ()
    missing: tuple[Fault, ...] = ()

    @property
    def is_faithful(self) -> bool:
        """Whether the rendition may go out as it stands."""
        return not (self.contradicted or self.added or self.missing)
