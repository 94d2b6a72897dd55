"""Words that exclude each other and are no statuses: early and late, left and right, half and all; another hall of the kind."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diffusion.facts.fact import Fact
from diffusion.facts.reading import Reading
from diffusion.facts.roles import stems
from diffusion.facts.side import Side

#: Each row: two words of which a text that has one and not the other says the contrary of a text that has the other.
_ROWS = {
    "fr": (
        (r"(?:d'|en )avance(?![a-z])", r"(?:de|en|du) retard(?![a-z])"),
        (r"a gauche|rive gauche", r"a droite|rive droite"),
        (r"cote pair|numeros pairs", r"cote impair|numeros impairs"),
        (r"en interieur|a l'interieur", r"en exterieur|a l'exterieur|en plein air"),
        (r"maximum|au maximum|maximal|plafon|dans la limite d", r"minimum|au minimum|minimal|au moins"),
        (r"filles", r"garcons"),
        (r"semaines? paires?", r"semaines? impaires?"),
    ),
    "en": (
        (r"ahead of schedule|early(?! [a-z]* ?(?:may|bank))|earlier than planned", r"late(?![a-z])|behind schedule|later than planned"),
        (r"on the left|left bank", r"on the right|right bank"),
        (r"indoors?(?![a-z])", r"outdoors?(?![a-z])|open-air"),
        (r"maximum|up to|at most|no more than|limit of", r"minimum|at least|no less than"),
        (r"girls", r"boys"),
        (r"odd(?:-| )numbered|odd weeks?", r"even(?:-| )numbered|even weeks?"),
    ),
}  # fmt: skip
_CONTRARY = {
    lang: tuple(tuple(re.compile(rf"(?<![a-z])(?:{word})") for word in row) for row in rows)
    for lang, rows in _ROWS.items()
}

_SHARES = {
    "half": r"moitie|half(?! (?:past|term|marathon|hour|an hour|day))|50 ?%|a demi-?tarif",
    "third": r"(?:un|d'un|le) tiers(?![a-z])|(?:one|a) third",
    "quarter": r"(?:un|d'un|le) quart(?! d'heure)(?![a-z])|a quarter of|25 ?%",
    "all": r"totalite|integralite|en entier|100 ?%|in full(?![a-z])",
    "double": r"(?<![a-z])doubl(?:e|ee|es)(?![a-z])|twice",
}
_SHARE = {name: re.compile(rf"(?<![a-z\d])(?:{words})") for name, words in _SHARES.items()}

_KIND = re.compile(
    r"(?<![a-z])(?P<kind>palais|salle|maison|centre|halle|foyer|espace|stade|piscine|gymnase|mediatheque|bibliotheque|ecole"
    r"|college|theatre|marche|parking|quai|pont|fete|hotel) (?:des |du |de la |de l'|d'|de )(?P<name>[a-z][a-z-]{3,20})"
)


def said_contrary(them: Side, us: Side) -> Iterator[tuple[Fact, Fact]]:
    """Each word of the rendition that excludes one of the message's, and that one."""
    for row in _CONTRARY[us.lang]:
        for told, own in (row, row[::-1]):
            yield from _alone(them, us, told, own)
    own_shares, shares = (_shares(side.reading.plain) for side in (us, them))
    if (
        own_shares
        and shares
        and not own_shares.keys() & shares.keys()
        and not any(s.fact.kind == "percent" for s in them.said)
    ):
        yield _fact(them.reading, next(iter(shares.values()))), _fact(us.reading, next(iter(own_shares.values())))
    yield from _other_halls(them, us)


def _alone(them: Side, us: Side, told: re.Pattern[str], own: re.Pattern[str]) -> Iterator[tuple[Fact, Fact]]:
    mine, meant = told.search(them.reading.plain), own.search(us.reading.plain)
    if mine is None or meant is None or told.search(us.reading.plain) or own.search(them.reading.plain):
        return
    bounded = (_FIGURE.match(side.reading.plain, found.end()) for side, found in ((them, mine), (us, meant)))
    if {len(figures := [found[1] for found in bounded if found]), len(set(figures))} == {2}:
        return  # "up to £5,000" is not of the matter of "at least 20%"
    if _around(them, mine) & _around(us, meant):
        yield _fact(them.reading, mine), _fact(us.reading, meant)


_FIGURE = re.compile(r" ?(?:de |of )?[£€$]?(\d[\d.,]*)")


def _around(side: Side, found: re.Match[str]) -> frozenset[str]:
    """The words and figures that stand near."""
    low, high = max(0, found.start() - _NEAR), found.end() + _NEAR
    return stems(side.reading.plain[low:high], side.lang) | frozenset(re.findall(r"\d+", side.reading.plain[low:high]))


_NEAR = 50


def _shares(plain: str) -> dict[str, re.Match[str]]:
    return {name: found for name, pattern in _SHARE.items() if (found := pattern.search(plain))}


def _other_halls(them: Side, us: Side) -> Iterator[tuple[Fact, Fact]]:
    """« palais des congrès » for « palais des sports », where the message has no such word at all."""
    ours = {m["kind"]: m for m in _KIND.finditer(us.reading.plain)}
    names = {m["name"] for m in _KIND.finditer(them.reading.plain)}
    for told in _KIND.finditer(them.reading.plain):
        own = ours.get(told["kind"])
        if own is None or told["name"][:5] in us.reading.plain or own["name"] in names:
            continue
        if not any(s.fact.kind == "place" and s.spot[0] <= told.start() < s.spot[1] for s in them.said):
            yield _fact(them.reading, told), _fact(us.reading, own)


def _fact(reading: Reading, found: re.Match[str]) -> Fact:
    start, end = reading.span(*found.span())
    text = reading.raw[start:end]
    return Fact("place" if "kind" in found.groupdict() else "status", text.lower(), start, end, text)
