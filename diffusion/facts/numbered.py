"""What a figure names or is counted by: « ligne 7 », « bureau 12 », « 2 litres par personne », « 86 € brut ».

Names are no facts, and so no value tells them apart; a rendition that gives another one is wrong all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from diffusion.facts.fact import Fact
from diffusion.facts.reading import Reading
from diffusion.facts.roles import Said
from diffusion.facts.side import Side

_FIGURE = r"(?P<figure>\d{1,4}[a-z]?)(?![\d/%°€£]|[.,:]\d| ?(?:h|heures?|min|km|€|%|am|pm)(?![a-z]))"
#: « ligne T2 ».
_LETTERED = _FIGURE.replace("<figure>", "<figure>[a-z]?", 1)
_MORE = r"(?:(?:, ?| et | ou | and | or |/)\d{1,4}[a-z]?(?![\da-z/%°€£]|[.,:]\d| ?(?:h|heures?|€|%)(?![a-z])))*"
_NAMED = {
    "line": (
        rf"(?:bus|lignes?|lines?|routes?|tram(?:way)?s?|trains?|metro|navettes?)(?: n° ?| no | number )? ?{_LETTERED}{_MORE}",
        rf"(?:number|no|n°) ?{_FIGURE} (?:bus|tram|train)",
    ),
    "room": (
        r"(?:bureaux?|salles?|room|guichets?|portes?|gates?|quais?|platform|bat(?:iment)?|hall|stand|box|desk)(?: n° ?)? "
        + _FIGURE,
    ),
    "house": (rf"(?:n° ?|numeros? |no\. ?){_FIGURE}",),
    "road": (r"(?P<figure>(?:(?:rd|rn|departementale|nationale|autoroute a) ?|[danbm])\d{1,4})(?![\da-z])",),
    "floor": (
        r"(?P<figure>\d{1,2})(?:er|re|e|eme|st|nd|rd|th) "
        r"(?:etage|floor|edition|annee|arrondissement|tour|round|year)",
    ),
}
_KINDS = tuple(
    (kind, re.compile(r"(?<![a-z\d.,])(?:" + pattern + ")"))
    for kind, patterns in _NAMED.items()
    for pattern in patterns
)
_FIGURES = re.compile(r"(?:(?<![a-z])[a-z])?\d+[a-z]?")
_WORDED = {
    "1": "premier|first", "2": "deuxieme|second", "3": "troisieme|third", "4": "quatrieme|fourth", "5": "cinquieme|fifth",
    "6": "sixieme|sixth", "7": "septieme|seventh", "8": "huitieme|eighth", "9": "neuvieme|ninth", "10": "dixieme|tenth",
}  # fmt: skip


def named_otherwise(them: Side, us: Side) -> Iterator[tuple[Fact, Fact | None]]:
    """Each name with a figure that the message has nowhere, and the message's name of its kind if there is one."""
    figures = {m[0] for m in _FIGURES.finditer(us.reading.plain) if not _is_of_fact(m, us)}
    figures |= {f for _, p in _KINDS for m in p.finditer(us.reading.plain) for f in _FIGURES.findall(m[0])}
    bare = {re.sub(r"\D", "", figure) for figure in figures}
    for kind, pattern in _KINDS:
        for told in pattern.finditer(them.reading.plain):
            listed = [told["figure"], *_FIGURES.findall(them.reading.plain[told.end("figure") : told.end()])]
            strange = [f for f in listed if f.replace(" ", "") not in figures and not _is_known(f, bare, kind, us)]
            if not strange:
                continue
            own = next((m for k, p in _KINDS if k == kind for m in p.finditer(us.reading.plain)), None)
            if own is not None:
                yield _named(them.reading, told), _named(us.reading, own)
            elif kind == "line":
                yield _named(them.reading, told), None


_VALUES = frozenset({"date", "time", "amount", "percent", "duration", "phone"})


def _is_of_fact(figure: re.Match[str], us: Side) -> bool:
    """« 6 h » names no line 6."""
    return any(s.spot[0] <= figure.start() < s.spot[1] for s in us.said if s.fact.kind in _VALUES)


def _is_known(figure: str, bare: set[str], kind: str, us: Side) -> bool:
    if figure in _WORDED and re.search(_WORDED[figure], us.reading.plain):
        return True
    return re.sub(r"\D", "", figure) in bare if kind in ("road", "floor") else figure in bare


def _named(reading: Reading, found: re.Match[str]) -> Fact:
    start, end = reading.span(*found.span())
    return Fact("number", re.sub(r"\s+", " ", found["figure"]), start, end, reading.raw[start:end])


_PER = re.compile(r"[^.!?;\n,]{0,24}?(?<![a-z])(?:par|per|/ ?|each|a|an) ?(?P<per>[a-z]{4,12})")
_COUNTED = {
    "personne": "person", "pers": "person", "habitant": "person", "participant": "person", "enfant": "child", "adulte": "adult",
    "foyer": "home", "menage": "home", "famille": "home", "logement": "home", "groupe": "group", "equipe": "group",
    "person": "person", "head": "person", "resident": "person", "child": "child", "adult": "adult", "household": "home",
    "family": "home", "home": "home", "group": "group", "team": "group",
}  # fmt: skip
_PAY = re.compile(r" ?(?:euros? )?(?P<sort>bruts?|nets?|gross|net|ttc|ht)(?![a-z])")
_SORTS = {"brut": "gross", "gross": "gross", "net": "net", "ttc": "taxed", "ht": "untaxed"}


def counted_otherwise(theirs: Said, ours: Said, them: Side, us: Side) -> bool:
    """« 2 litres par foyer » for « par personne », « 86 € net » for « brut »."""
    mine, own = _counted(theirs, them), _counted(ours, us)
    if mine and own and not mine & own:
        return True
    sorts = [
        _SORTS.get(m["sort"].rstrip("s")) if (m := _after(_PAY, s, side)) else None
        for s, side in ((theirs, them), (ours, us))
    ]
    return None not in sorts and sorts[0] != sorts[1]


def _counted(said: Said, side: Side) -> set[str]:
    found = _after(_PER, said, side)
    name = found["per"].rstrip("s") if found else ""
    return {_COUNTED[name]} if name in _COUNTED else set()


def _after(pattern: re.Pattern[str], said: Said, side: Side) -> re.Match[str] | None:
    return pattern.match(side.reading.plain, said.spot[1])
