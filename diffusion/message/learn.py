"""What a charter could learn: the tone's changes that people undo, and the words that they put in others' place. Never applied alone.

Read from the revisions, where both are kept; a thing counts once a message, and from a few messages on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

import regex

from diffusion.message.models import Revision
from diffusion.tone.kinds import plain

FEW = 3
"""Messages in which it must have been done."""
MOST_WORDS = 4
_TOKEN = regex.compile(r"[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*|[^\s]")
_WORDY = regex.compile(r"[\p{L}\p{M}'’ -]{3,}")


@dataclass(frozen=True, slots=True)
class Lesson:
    """`rule` was undone on `before` (then `say` is empty), or `before` was written `say` by hand, in so many messages."""

    messages: int
    before: str
    say: str = ""
    rule: str = ""


def lessons(revisions: Iterable[Revision], *, at_least: int = FEW) -> list[Lesson]:
    """Revisions in the order of their messages and numbers → what was done in enough messages, most first."""
    undone: dict[tuple[str, str], set[int]] = defaultdict(set)
    rewritten: dict[tuple[str, str], set[int]] = defaultdict(set)
    earlier: Revision | None = None
    for revision in revisions:
        for rule, before in revision.refused:
            undone[rule, plain(before)].add(revision.message_id)
        if earlier is not None and earlier.message_id == revision.message_id and revision.by_id is not None:
            for old, new in _rewritten(earlier, revision):
                rewritten[old, new].add(revision.message_id)
        earlier = revision
    found = [Lesson(len(ids), before, rule=rule) for (rule, before), ids in undone.items() if len(ids) >= at_least]
    found += [Lesson(len(ids), old, say=new) for (old, new), ids in rewritten.items() if len(ids) >= at_least]
    return sorted(found, key=lambda lesson: (-lesson.messages, lesson.before))


def _rewritten(earlier: Revision, revision: Revision) -> Iterator[tuple[str, str]]:
    """Words put in others' place by a person: not what the tone itself wrote, nor what it proposed and a person took."""
    proposed = {plain(row["after"]) for row in (*earlier.changes, *revision.changes)}
    for one, other in ((earlier.title, revision.title), (earlier.body, revision.body)):
        old, new = _TOKEN.findall(one), _TOKEN.findall(other)
        for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if kind != "replace" or b - a > MOST_WORDS or d - c > MOST_WORDS:
                continue
            was, now = plain(" ".join(old[a:b])), plain(" ".join(new[c:d]))
            if was != now and _WORDY.fullmatch(was) and _WORDY.fullmatch(now) and now not in proposed:
                yield was, now
