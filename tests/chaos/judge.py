"""The judge: what the receiving servers got, against what was planned. The product's own word counts for nothing.

But for one question, which only the product can answer: of what did it tell a person that it doesn't know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Post:
    """One text and a time: when it was planned, or when it was got."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """`lost`: planned, never got, and nobody was asked. `doubled`: each copy beyond the first. `strange`: never planned.

    `delay_s` is the longest time between what was planned and its first copy, `early_s` how long the earliest came
    before its time.
    """

    planned: int
    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    uncertain: int = 0
    strange: tuple[str, ...] = ()
    delay_s: float = 0.0
    early_s: float = 0.0

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.strange)


def judge(planned: Iterable[Post], got: Iterable[Post], asked: Collection[str] = ()) -> Verdict:
    """`asked`: the texts about which a person was asked whether they went out."""
    at = {post.text: post.at for post in planned}
    arrived = sorted(got, key=lambda post: post.at)
    copies = Counter(post.text for post in arrived)
    first: dict[str, datetime] = {}
    for post in arrived:
        first.setdefault(post.text, post.at)
    late = [(first[text] - at[text]).total_seconds() for text in at if text in first]
    return Verdict(
        planned=len(at),
        lost=tuple(text for text in at if text not in copies and text not in asked),
        doubled=tuple(text for text, count in copies.items() for _ in range(count - 1)),
        uncertain=len(set(asked)),
        strange=tuple(text for text in copies if text not in at),
        delay_s=max(late, default=0.0),
        early_s=max((-seconds for seconds in late if seconds < 0), default=0.0),
    )
