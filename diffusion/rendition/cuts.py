"""What may be cut out of a sentence that stays: brackets, loose clauses, everything but its core.

A cut is a span of the unit's text. None touches what is protected: an essential fact, part of any fact, a condition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from diffusion.rendition.guarded import LEADS_TO_A_FACT, Guarded, body_end, segments
from diffusion.rendition.phrases import SPACES
from diffusion.rendition.sentences import Span

_BRACKETS = re.compile(r"[ \u00a0\u202f]?\([^()]*\)|[ \u00a0\u202f]?\[[^\[\]]*\]")
_DASHES = re.compile(r"[ \u00a0\u202f][–—][ \u00a0\u202f][^–—]{3,120}[ \u00a0\u202f][–—](?=[ \u00a0\u202f])")
_MAIN = re.compile(
    r"(?:vous (?:\w+ ){0,2}(?:\w*ez|êtes|faites)|nous (?:\w+ ){0,2}\w+ons|le|la|les|un|une|il|elle|ils|elles|on|tous|toutes|tout"
    r"|chaque|aucune?|plusieurs|votre|vos|nos|notre|merci|pensez|évitez|the|a|an|there|you|we|it|all|no|your|our|please|some|most"
    r"|residents|bins|collections)\s|l[’']|\w+ (?:will|is|are|has|have|must|can)\b",
    re.IGNORECASE,
)


def asides(guarded: Guarded, *, with_facts: bool) -> list[Span]:
    """Brackets, and what stands between two dashes."""
    found = [m.span() for pattern in (_BRACKETS, _DASHES) for m in pattern.finditer(guarded.text)]
    return [span for span in found if guarded.allows(*span, with_facts=with_facts)]


def clauses(guarded: Guarded) -> list[Span]:
    """Clauses that only explain, between commas or at the end of the sentence."""
    return [*_between_commas(guarded), *_tails(guarded), *_halves(guarded), *_lead_in(guarded)]


def core(guarded: Guarded) -> list[Span]:
    """Stretches between commas, after the first, that lead nowhere essential; what comes after the last essential."""
    text = guarded.text
    parts = list(segments(text))
    found = [
        (start - 1, end)
        for start, end in parts[1:]
        if guarded.words.minor.match(text[start:end].lstrip(SPACES)) and guarded.allows(start, end, with_facts=True)
    ]
    return [*found, *_afterthought(guarded, parts)]


def _afterthought(guarded: Guarded, parts: Sequence[Span]) -> Iterator[Span]:
    """From the first small word after the last essential fact to the end of its stretch."""
    if not guarded.essential:
        return
    last = max(end for _, end in guarded.essential)
    stop = next((end for start, end in parts if start <= last <= end), last)
    for gap in re.finditer(f"[{SPACES}](?=\\w)", guarded.text[:stop]):
        words = guarded.words
        if gap.start() < last or not any(p.match(guarded.text, gap.end()) for p in (words.loose, words.tails)):
            continue
        if guarded.allows(gap.start(), stop, with_facts=True):
            yield gap.start(), stop
        return


def fragments(guarded: Guarded) -> list[Span]:
    """Whole stretches, between commas and semicolons, before the first and after the last essential one.

    What stays must still be a clause: a stretch that only sets the scene keeps the next one.
    """
    text = guarded.text
    parts = guarded.stretches(",;")
    carries = [any(a < end and start < b for a, b in guarded.essential) for start, end in parts]
    if True not in carries:
        return []
    first, last = carries.index(True), len(carries) - 1 - carries[::-1].index(True)
    offered = _OFFERS.match(text, parts[first][0]) if first else None
    if offered is not None and guarded.allows(0, offered.end(), with_facts=True):
        parts[first] = (offered.end(), parts[first][1])
    elif not _is_clause(guarded, parts[first]):
        first = 0 if first and not _is_clause(guarded, parts[0]) else min(first, _clause_before(guarded, parts, first))
    if last < len(parts) - 1 and not any(_is_clause(guarded, part) for part in parts[first : last + 1]):
        last += 1
    cut = (0, parts[first][0])
    found = [cut] if first and guarded.allows(*cut, with_facts=True) else []
    tail = _contacts(guarded, parts[last]) or _tail(guarded, parts, last)
    return found + ([tail] if tail[0] < tail[1] and guarded.allows(*tail, with_facts=True) else [])


#: « …, le centre social, avec ses partenaires, vous propose un après-midi »: without its subject, what is offered is left.
_OFFERS = re.compile(
    rf"[{SPACES}]*(?:vous (?:propos|offr|présent)\w+|propos\w+|organis\w+|présent\w+|offers?|presents?|is holding|are holding|hosts?)"
    rf"[{SPACES}](?=(?:une?|des|le|la|les|an?|the)[{SPACES}])",
    re.IGNORECASE,
)
_VERB = re.compile(r"\w{2,}(?:er|ir|re)\b|to\s\w|\w{3,}ing\b", re.IGNORECASE)


def _tail(guarded: Guarded, parts: Sequence[Span], last: int) -> Span:
    """What follows the last essential stretch, unless it goes on with an enumeration begun there."""
    end = parts[-1][1]
    if last == len(parts) - 1:
        return end, end
    body = guarded.text[parts[last + 1][0] : end].lstrip(SPACES)
    words = guarded.words
    opens = any(p.match(body) for p in (words.minor, words.loose, words.tails, words.scenes, _MAIN, _VERB))
    return (parts[last][1], end) if opens or guarded.text[parts[last][1]] == ";" else (end, end)


def _contacts(guarded: Guarded, part: Span) -> Span | None:
    """The end of a stretch that says only where to ask: « sur www.valclair.fr ou au 01 69 00 12 34 »."""
    ends = [end for _, end in guarded.essential if part[0] < end <= part[1]]
    after = [start for start, _ in guarded.contacts if ends and max(ends) < start < part[1]]
    if not after:
        return None
    lead = LEADS_TO_A_FACT.search(guarded.text, max(ends), after[0])
    return (lead.start(), part[1]) if lead and lead.start() - max(ends) < _NEAR else None


_NEAR = 12
"""Code points from the last essential fact to the words that lead to a contact."""


def _clause_before(guarded: Guarded, parts: Sequence[Span], at: int) -> int:
    """The nearest stretch before that can carry the rest."""
    return next((i for i in range(at, -1, -1) if _is_clause(guarded, parts[i])), 0)


def _is_clause(guarded: Guarded, part: Span) -> bool:
    """Probably a clause of its own: long enough, and begun by no word that only leads to one."""
    body = guarded.text[part[0] : part[1]].lstrip(SPACES)
    words = guarded.words
    opens = bool(words.minor.match(body) or words.loose.match(body) or words.scenes.match(body))
    begins = guarded.opener[1] if guarded.opener else 0
    opens |= part[0] > begins and _PRONOUN.match(body) is not None
    return len(body.split()) > 3 and not opens and bool(_MAIN.match(body) or not part[0])


_VERBAL = re.compile(
    r"\b(?:\w{2,}(?:era|eront|ira|iront|dra|dront)|sera|seront|aura|auront|est|sont|a|ont|avons|avez|restent?|passent?|peut|peuvent|will|is|are"
    r"|has|have|must|can|may)\b",
    re.IGNORECASE,
)


def _lead_in(guarded: Guarded) -> Iterator[Span]:
    """« Nous avons dû prendre une décision : le concert … est annulé. »: what only announces what follows the colon."""
    text = guarded.text
    marks = [m for m in _COLON.finditer(text) if not _depth(text, m.start())]
    if len(marks) != 1 or not guarded.essential:
        return
    begin, end = marks[0].span()
    said = text[end:]
    is_clause = len(said.split()) > _CLAUSE_WORDS and _VERBAL.search(said) and _VERBAL.search(text[:begin])
    if is_clause and all(a >= end for a, _ in guarded.essential) and guarded.allows(0, begin, with_facts=True):
        yield 0, end


_COLON = re.compile(rf"[{SPACES}]?:[{SPACES}]+(?=\S)")
_CLAUSE_WORDS = 5


def _depth(text: str, at: int) -> int:
    return sum(text.count(a, 0, at) - text.count(b, 0, at) for a, b in ("«»", "()"))


def clause_before(guarded: Guarded, parts: Sequence[Span], left: int) -> int:
    """Where the nearest clause begins, at or before a stretch that may be none itself: « Email your name, address to … »."""
    at = next((i for i, (start, _) in enumerate(parts) if start == left), 0)
    return parts[_clause_before(guarded, parts, at)][0]


#: « …, il est interdit de 8 h à 20 h »: within a sentence it means what came before.
_PRONOUN = re.compile(r"(?:ils?|elles?|it|they|s?he)\b", re.IGNORECASE)


def _halves(guarded: Guarded) -> Iterator[Span]:
    """Of a sentence of two halves, « …; … », one that carries nothing essential; never the one that the other means."""
    text = guarded.text
    marks = [m.start() for m in re.finditer(";", text)]
    if not marks or not guarded.essential:
        return
    edges = [-1, *marks, body_end(text)]
    halves = [(a + 1, b) for a, b in pairwise(edges)]
    carries = [any(a <= start and end <= b for start, end in guarded.essential) for a, b in halves]
    first = carries.index(True) if True in carries else 0
    leading = text[halves[first][0] :].lstrip(SPACES)
    if first and not (guarded.words.leans.match(leading) and not guarded.words.stands.match(leading)):
        yield 0, halves[first][0]
    for at in range(len(halves) - 1, first, -1):
        if carries[at]:
            return
        yield halves[at][0] - 1, halves[at][1]


def _between_commas(guarded: Guarded) -> Iterator[Span]:
    text, words = guarded.text, guarded.words
    parts = guarded.stretches(",")
    for at, (start, end) in enumerate(parts):
        body = text[start:end].lstrip(SPACES)
        if len(parts) < 2 or not words.loose.match(body) or not guarded.allows(start, end, with_facts=True):
            continue
        final = at == len(parts) - 1
        if at == 0:
            following = text[parts[1][0] : parts[1][1]].lstrip()
            if words.tails.match(body) and _MAIN.match(following):
                yield start, parts[1][0] + 1
        elif final:
            yield start - 1, end
        else:
            following = text[parts[at + 1][0] : parts[at + 1][1]].lstrip()
            yield (start - 1, end) if words.loose.match(following) else (start - 1, end + 1)


def _tails(guarded: Guarded) -> Iterator[Span]:
    text = guarded.text
    for match in re.finditer(r"(?<=\w)[ \u00a0\u202f](?=\w)", text):
        begin = match.start()
        if not guarded.words.tails.match(text, match.end()):
            continue
        for start, end in segments(text):
            if start <= begin < end:
                stop = _up_to_a_fact(guarded, begin, end)
                stop = _with_the_rest(guarded, stop, end) if stop == end else stop
                if stop - begin > 8 and guarded.allows(begin, stop, with_facts=True):
                    yield begin, stop
        return


def _with_the_rest(guarded: Guarded, stop: int, end: int) -> int:
    """« while we lay paving, plant 22 trees and install … »: an enumeration begun in what goes, goes with it."""
    rest = guarded.text[end + 1 : body_end(guarded.text)].lstrip(SPACES)
    words = guarded.words
    if not rest or any(p.match(rest) for p in (words.minor, words.loose, words.tails, words.scenes, _MAIN)):
        return stop
    last = body_end(guarded.text)
    return last if guarded.allows(stop, last, with_facts=True) else 0


def _up_to_a_fact(guarded: Guarded, begin: int, end: int) -> int:
    """Where a tail must stop because an essential fact comes, with the small words that lead to it."""
    ahead = min((a for a, b in guarded.essential if begin < a < end), default=None)
    if ahead is None:
        return end
    lead = LEADS_TO_A_FACT.search(guarded.text, begin, ahead)
    return lead.start() if lead else ahead
