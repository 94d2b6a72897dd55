"""The essential facts that a person chose, carried over to new words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from diffusion.facts import extract


def carried(
    chosen: Iterable[Sequence[str]] | None, *, before: str, now: str, langs: tuple[str, str], published: date
) -> list[list[str]] | None:
    """The choice as it stands for `now`, having been made when the words were `before`. None, the usual choice, stays.

    A chosen fact that is no longer stated gives its place to those of its kind that are stated for the first time: a
    date put right is as essential as the wrong one was. Kept as it was, it would be missing everywhere for ever.
    `langs`: in which language each is read.
    """
    if chosen is None:
        return None
    was, stated = (
        dict.fromkeys((f.kind, f.value) for f in extract(text, lang, published).facts)
        for text, lang in zip((before, now), langs, strict=True)
    )
    fresh = [pair for pair in stated if pair not in was]
    kept: dict[tuple[str, str], None] = {}
    for kind, value in chosen:
        is_gone = (kind, value) in was and (kind, value) not in stated
        kept |= dict.fromkeys(pair for pair in fresh if pair[0] == kind) if is_gone else {(kind, value): None}
    return [list(pair) for pair in kept]
