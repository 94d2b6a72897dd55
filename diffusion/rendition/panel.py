"""The last resort before a refusal: a sentence's essential facts alone, each with its short label, as on a panel."""

from __future__ import annotations

import re
from collections.abc import Sequence

from diffusion.rendition.cuts import clause_before
from diffusion.rendition.guarded import LEADS_TO_A_FACT, Guarded
from diffusion.rendition.phrases import SPACES
from diffusion.rendition.sentences import Span

SHORT_LABEL, LONG_LABEL = 34, 90
"""Code points before a fact, from the start of its stretch, that are taken for what it is about."""

_ACT = 70
"""The same where the stretch asks the reader to do something, or says of what a status is told."""

_TERMS = {SHORT_LABEL: 30, LONG_LABEL: 70}
"""Code points after an amount or a status, to the end of its stretch, that are taken for its terms."""

_GLUE = 12
"""What stands between two facts and is shorter than this stays; else a comma."""

_IDLE = re.compile(r"(?:et|ou|and|or|de la|de l['’]|des?|of)[ \u00a0]+|du[ \u00a0]+(?!.*\bau\b)", re.IGNORECASE)


def panel(guarded: Guarded, gone: Sequence[Span], label: int) -> str:
    """`gone`: spans of the unit that are left out all the same (the year of a near date). `label`: one of the two lengths."""
    said = ""
    end_before = None
    for start, end in _kept(guarded, label):
        piece = _without(guarded.text, start, end, gone)
        gap = guarded.text[end_before:start] if end_before is not None else ""
        if end_before is None or (len(gap) >= _GLUE and "," not in gap):
            piece = _IDLE.sub("", piece, count=1) if _IDLE.match(piece) else piece
        said += piece if end_before is None else (gap if len(gap) < _GLUE else ", ") + piece
        end_before = end
    said += ")" * (said.count("(") - said.count(")"))
    said = said.replace(")", "") if said.count(")") > said.count("(") else said
    return f"{said}." if said and said[-1] not in ".!?…" else said


def _kept(guarded: Guarded, label: int) -> list[Span]:
    """Each essential fact with what leads to it, and its terms; spans that touch become one."""
    text, kept = guarded.text, list[Span]()
    parts = guarded.stretches(",;:")
    for start, end in guarded.essential:
        left, right = next(((a, b) for a, b in parts if a <= start < b), (start, end))
        if label == LONG_LABEL and not kept:
            left = clause_before(guarded, parts, left)
        begin = _begin(guarded, max(left, kept[-1][1] if kept else 0), left, start, label)
        has_terms = text[end - 1 : end] in "€£s" or any(b == end for _, b in guarded.states)
        stop = right if has_terms and end <= right <= end + _TERMS[label] else end
        if kept and begin <= kept[-1][1]:
            kept[-1] = (kept[-1][0], max(kept[-1][1], stop))
        else:
            kept.append((begin, max(end, stop)))
    return kept


def _begin(guarded: Guarded, floor: int, left: int, start: int, label: int) -> int:
    text = guarded.text
    bracket = text.rfind("(", floor, start)
    if bracket >= 0 and ")" not in text[bracket:start] and start - bracket <= label:
        return bracket
    is_state = any(a == start for a, _ in guarded.states)
    room = max(label, _ACT) if is_state or guarded.words.acts.match(text[left:start].lstrip(SPACES)) else label
    if floor == left and start - floor <= room:
        begin = floor
    else:
        lead = LEADS_TO_A_FACT.search(text, floor, start)
        begin = lead.start() if lead else start
    before = text[begin:start]
    return start - len(before.lstrip(SPACES + ","))


def _without(text: str, start: int, end: int, gone: Sequence[Span]) -> str:
    at, kept = start, []
    for a, b in sorted(span for span in gone if start <= span[0] and span[1] <= end):
        kept.append(text[at:a])
        at = b
    return "".join([*kept, text[at:end]])
