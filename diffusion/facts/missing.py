"""Whether a rendition says an essential fact of its message, in whatever words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from diffusion.facts.agree import agree, ends, place_key
from diffusion.facts.fact import Fact
from diffusion.facts.moments import SHUT
from diffusion.facts.reading import fold
from diffusion.facts.side import Side


def is_said(own: Fact, them: Side, faulty: Iterable[Fact | None]) -> bool:
    """Whether the rendition says an essential fact, or already has a fault that shows it."""
    if any(fact is not None and (fact.kind, fact.value) == (own.kind, own.value) for fact in faulty):
        return True
    if any(agree(t, own) and not _is_vaguer(t, own) and not is_its_length(t, own) for t in them.facts):
        return True
    plain = them.reading.plain
    if not own.text and own.kind in {"date", "time"} and any(own.value in (ends(t.value) or ()) for t in them.facts):
        return True  # an end of a range that the message states whole
    both = ends(own.value)
    if both and own.kind in {"date", "time"}:
        told = {e for t in them.of(own.kind) for e in (ends(t.fact.value) or (t.fact.value,))}
        return set(both) <= told
    if own.kind == "phone":
        return re.search(r"[ .-]?".join(own.value[-9:].lstrip("+")), plain) is not None
    if own.kind == "place":
        words = place_key(own.value).split()
        return " ".join(words) in place_key(plain) or (bool(words[1:]) and " ".join(words[1:]) in place_key(plain))
    if own.kind == "status" and own.value in SHUT:
        return any(t.value in SHUT for t in them.facts if t.kind == "status") and own.value != "cancelled"
    return (
        own.kind in {"audience", "number", "url"}
        and bool(own.text)
        and re.search(rf"(?<!\w){re.escape(fold(own.text))}(?!\w)", plain) is not None
    )


def _is_vaguer(theirs: Fact, own: Fact) -> bool:
    return own.kind == "date" and len(theirs.value) < len(own.value) and len(theirs.value) in {4, 7}


def is_its_length(theirs: Fact, own: Fact) -> bool:
    """« deux semaines » follows from « du 7 au 18 »; it doesn't say those days, nor stand in for them."""
    return theirs.kind == "duration" and own.kind == "date"
