"""What measuring says: shares, each with the interval in which the true one probably lies, and the rows that were missed."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

#: The normal quantile of a 95 % interval.
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Rate:
    """`good` of `of`; `aim` is what it should reach, or stay under when `is_ceiling`."""

    name: str
    good: int
    of: int
    aim: float | None = None
    is_ceiling: bool = False

    @property
    def value(self) -> float | None:
        """The share; None when there was nothing to count."""
        return self.good / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's score interval at 95 %, which holds for few rows and for shares near 0 and 1."""
        if not self.of:
            return None
        share, n = self.good / self.of, self.of
        middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z / (1 + _Z**2 / n) * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
        return max(0.0, middle - half), min(1.0, middle + half)

    @property
    def is_met(self) -> bool | None:
        """Whether the aim is reached; None without an aim, or without rows."""
        if self.aim is None or self.value is None:
            return None
        return self.value <= self.aim if self.is_ceiling else self.value >= self.aim


@dataclass(frozen=True, slots=True)
class Miss:
    """One row that came out wrong: its id, and what was expected and found, for a person."""

    id: object
    text: str
    lacking: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """All that one task says of one set."""

    rates: tuple[Rate, ...]
    misses: tuple[Miss, ...] = ()
