"""What the tone did to a revision and what it proposes, each with its rule's own words, for the list under the text."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from diffusion.brand.models import Brand
from diffusion.message.models import Revision

AROUND = 18
"""Code points shown on either side of a change."""


@dataclass(frozen=True, slots=True)
class Change:
    """`index` names it for undo and accept. `left` and `right` are the words around it.

    `part` is where it stands: `title`, `body`, or the level that adds it.
    """

    index: int
    rule: str
    why: str
    left: str
    before: str
    after: str
    right: str
    part: str


@dataclass(frozen=True, slots=True)
class Tone:
    applied: list[Change]
    proposed: list[Change]


def tone_of(revision: Revision, brand: Brand, reader: str) -> Tone:
    """The changes in the order of the text."""
    rules = {rule.id: rule for rule in brand.charter.rules(revision.message.language, on=timezone.localdate())}
    applied, proposed = [], []
    for index, row in enumerate(revision.changes):
        rule = rules.get(row["rule"])
        text = revision.part(row["part"])
        start, end = row["at"], row["at"] + len(row["there"])
        change = Change(
            index, row["rule"], rule.say(reader) if rule else row["rule"], text[max(0, start - AROUND) : start],
            row["before"] if row["applied"] else row["there"], row["after"], text[end : end + AROUND], row["part"],
        )  # fmt: skip
        (applied if row["applied"] else proposed).append(change)
    return Tone(applied, proposed)
