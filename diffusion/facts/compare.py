"""The guard: contradicted, added, missing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from diffusion.facts.extract import extract
from diffusion.facts.fact import Comparison, Fact, Fault


def compare(
    canonical: str,
    rendition: str,
    *,
    lang: str,
    published: date,
    lang_rendition: str | None = None,
    essential: Iterable[tuple[str, str]] | None = None,
) -> Comparison:
    """Hold a rendition against the message's own text."""
    ours = extract(canonical, lang, published).facts
    theirs = extract(rendition, lang_rendition or lang, published).facts
    known = {(f.kind, f.value) for f in ours}
    said = {(f.kind, f.value) for f in theirs}
    contradicted, added = [], []
    for fact in theirs:
        if (fact.kind, fact.value) in known or fact.kind in {"place", "audience", "status", "recurrence"}:
            continue
        rival = next((o for o in ours if o.kind == fact.kind and (o.kind, o.value) not in said), None)
        fault = Fault(fact.kind, fact.value, fact.start, fact.end, fact.text, rival)
        (contradicted if rival else added).append(fault)
    missing = []
    for kind, value in essential or ():
        if (kind, value) not in said and not any(c.canonical and c.canonical.value == value for c in contradicted):
            own = next((o for o in ours if (o.kind, o.value) == (kind, value)), Fact(kind, value, 0, 0, ""))
            missing.append(Fault(kind, value, None, None, None, own))
    return Comparison(tuple(contradicted), tuple(added), tuple(missing))
