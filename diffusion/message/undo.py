"""Undo what the tone changed, or take what it proposes, one change at a time. Each makes a revision, as typing does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from diffusion.brand.models import Level
from diffusion.directory.models import Person
from diffusion.errors import NotNow
from diffusion.message.models import Message, Revision
from diffusion.message.write import Words, revise, words_of


def undo_change(message: Message, index: int, *, by: Person, based_on: int) -> Revision:
    """Undo one change of the present revision, or turn a proposal down; it stays so afterwards.

    `index` is its place among the revision's changes. Raises NotNow: "change_gone" when there is none, or other words
    stand there by now, "edited_elsewhere". Raises BadInput as `revise`.
    """
    revision = message.current
    change = _change(revision, index)
    refused = [*revision.refused, [change["rule"], change["before"]]]
    put = change["before"] if change["applied"] else change["there"]
    return revise(message, _replaced(revision, change, put, refused), by=by, based_on=based_on)


def accept_change(message: Message, index: int, *, by: Person, based_on: int) -> Revision:
    """Take one proposal of the present revision. Raises as `undo_change`."""
    change = _change(message.current, index)
    words = _replaced(message.current, change, change["after"], message.current.refused)
    return revise(message, words, by=by, based_on=based_on)


def _change(revision: Revision, index: int) -> dict[str, Any]:
    """Raises NotNow when the revision has no such change."""
    if not 0 <= index < len(revision.changes):
        raise NotNow("change_gone")
    change: dict[str, Any] = revision.changes[index]
    return change


def _replaced(revision: Revision, change: Mapping[str, Any], put: str, refused: Sequence[Sequence[str]]) -> Words:
    """The revision's words with `put` where `change` stands. Raises NotNow when something else stands there."""
    part, start, there = change["part"], change["at"], change["there"]
    text = revision.part(part)
    if text[start : start + len(there)] != there:
        raise NotNow("change_gone")
    words, said = words_of(revision), text[:start] + put + text[start + len(there) :]
    fresh: dict[str, Any] = {"additions": {**words.additions, part: said}} if part in Level.values else {part: said}
    return replace(words, refused=refused, **fresh)
