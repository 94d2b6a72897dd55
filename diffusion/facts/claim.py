"""A fact while the text is being read: where it stands in the reading, and which places it takes from other kinds."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace

from diffusion.facts.fact import Fact
from diffusion.facts.reading import Reading

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Claim:
    """`pieces` are the places really used: « du 1er juin à 9 h au 3 juin » leaves its time to the times."""

    kind: str
    value: str
    start: int
    end: int
    pieces: tuple[Span, ...] = ()
    also: tuple[str, ...] = ()
    unit: str = ""

    @property
    def taken(self) -> tuple[Span, ...]:
        return self.pieces or ((self.start, self.end),)

    def fact(self, reading: Reading) -> Fact:
        """The same with offsets in the text as given."""
        start, end = reading.span(self.start, self.end)
        return Fact(self.kind, self.value, start, end, reading.raw[start:end], self.also, self.unit)

    def at(self, start: int, end: int) -> Claim:
        return replace(self, start=start, end=end)


def taken(claims: list[Claim]) -> list[Span]:
    """All places that these claims use."""
    return [span for claim in claims for span in claim.taken]


def between(claims: list[Claim], low: int, high: int) -> list[Claim]:
    """Those of `claims`, which stand in the order of the text, that begin from `low` to before `high`."""
    return claims[bisect_left(claims, low, key=_start) : bisect_left(claims, high, key=_start)]


def _start(claim: Claim) -> int:
    return claim.start
