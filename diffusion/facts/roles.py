"""What a text ties a value to: a direction (from, until, old, new), a label (full, reduced), the words round it.

Two texts may state the same values and yet not say the same: « 12,50 € réduit, 8 € plein ». So each fact gets the
words of its own part of the sentence, where no other fact of its kind stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from diffusion.facts import days
from diffusion.facts.fact import Fact
from diffusion.facts.lexicon import forms, lexicon, words
from diffusion.facts.parts import layout
from diffusion.facts.reading import Reading, fold
from diffusion.facts.runs import CODES

_WORD = re.compile(r"[a-z][a-z'-]{2,30}|\d{1,3}(?= ?(?:ans|years|s\b))")


@dataclass(frozen=True, slots=True)
class Said:
    """A fact with what it is tied to. `words` are stems, `labels` the lexicon's, `near` values of other kinds.

    `spot`, `part` and `sentence` are places in the reading, the fact's own offsets those of the text as given.
    """

    fact: Fact
    direction: str = ""
    bound: str = ""
    labels: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    part: tuple[int, int] = (0, 0)
    sentence: tuple[int, int] = (0, 0)
    spot: tuple[int, int] = (0, 0)


def said(reading: Reading, facts: tuple[Fact, ...], lang: str) -> tuple[Said, ...]:
    """All facts with their roles. Offsets of the parts are the reading's."""
    text = layout(reading, facts)
    out: list[Said] = []
    for at, fact in enumerate(facts):
        spot, near = text.spots[at], text.near(at)
        part = text.part(at, near)
        inside = [i for i in near if part[0] <= text.starts[i] < part[1] and facts[i].kind != fact.kind]
        around = text.around(at, part, inside)
        direction = _direction(reading, spot, lang) if fact.kind in _DIRECTED else ""
        if fact.kind == "place":
            direction = _moved(reading, spot)
        last = out[-1] if out else None
        if not direction and last is not None and last.direction == "old" and last.fact.kind == fact.kind:
            direction = "new" if _TO.fullmatch(reading.plain, text.spots[at - 1][1], spot[0]) else ""
        out.append(
            Said(
                fact,
                direction,
                _bound(reading, spot, lang) if fact.kind in {"amount", "number", "percent"} else "",
                labels_in(around, lang),
                stems(around, lang) | stems(text.head(at, near), lang),
                frozenset(token for i in inside if facts[i].kind in _TIES for token in tokens(facts[i])),
                part,
                days.sentence(reading, *spot),
                spot,
            )
        )
    return tuple(out)


_DIRECTED = frozenset({"date", "time", "amount", "percent", "number", "duration"})
_TIES = frozenset({"date", "time", "place", "recurrence", "amount", "number"})


_TO = re.compile(r" ?(?:a|to|au) (?:le )?")


def tokens(fact: Fact) -> Iterator[str]:
    """A neighbour's value; weekdays alone also as weekdays, so that « lundi » meets « le lundi »."""
    yield f"{fact.kind}:{fact.value}"
    if fact.kind == "recurrence":
        yield from (f"day:{code}" for code in fact.value.partition("BYDAY=")[2].split(",") if code)
    elif fact.kind == "date" and len(fact.value) == 10 and not re.search(r"\d", fact.text):
        yield f"day:{CODES[date.fromisoformat(fact.value).weekday()]}"


@cache
def _stops(lang: str) -> frozenset[str]:
    return frozenset(fold(w)[:6] for w in lexicon(lang)["stop_words"])


def stems(text: str, lang: str) -> frozenset[str]:
    """The words that carry meaning, cut to six letters so that their endings don't matter."""
    out = set()
    for word in _WORD.findall(text):
        bare = word.rpartition("'")[2] if "'" in word else word
        stem = bare[:6].rstrip("s") if len(bare) > 3 else bare
        if (len(bare) > 2 and bare[:6] not in _stops(lang)) or bare.isdigit():
            out.add(stem)
    return frozenset(out)


@cache
def _labels(lang: str) -> tuple[re.Pattern[str], dict[str, str]]:
    table = lexicon(lang)["labels"]
    return re.compile(words(f for fs in table.values() for f in fs)), {
        fold(f): name for name, fs in table.items() for f in fs
    }


_UNDER = re.compile(
    r"(?:(?P<under>moins de|under|- de)|plus de|over|\+ de)[ -]?(?P<age>\d{1,2})(?: ?(?:ans|years|s\b)|(?<=\d)(?!\d))"
)


#: « secteur nord », « rive sud »; « est » is a verb as well.
_COMPASS = {
    "fr": re.compile(r"(?<![a-z])(nord|sud|ouest|(?<=secteur )est|(?<=zone )est|(?<=quartier )est)(?![a-z])"),
    "en": re.compile(r"(?<![a-z])(north|south|east|west)(?:ern)?(?![a-z])"),
}


def labels_in(text: str, lang: str) -> frozenset[str]:
    """The labels of prices and sessions that stand in a stretch of text."""
    pattern, names = _labels(lang)
    out = {names[re.sub(r"\s+", " ", found)] for found in pattern.findall(text)}
    out |= {f"to the {found}" for found in _COMPASS[lang].findall(text)}
    for found in _UNDER.finditer(text):
        out.add(f"{'under' if found['under'] else 'over'} {found['age']}")
    if "outside" in out:
        out.discard("resident")
    if "non-member" in out:
        out.discard("member")
    return frozenset(out)


#: « jusqu'à 17 h le vendredi 10 avril », "until 5pm on Friday".
_HOUR_BETWEEN = (
    r"(?: (?:midi|minuit|noon|midday|midnight)(?= (?:le|on)\b),?"
    r"| ?\d{1,2}(?:[.:]\d\d)?(?: ?[ap]m| ?h(?: ?\d\d)?| heures?)(?= (?:le|on)\b),?)?"
)


@cache
def _direction_patterns(lang: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    table = lexicon(lang)["directions"]
    return tuple(
        (
            name,
            re.compile(
                words(table[name]) + _HOUR_BETWEEN + r"(?:[ :]{1,2}(?:le|the|on|du|fin|[a-z]{5,8}di)){0,2} ?:? ?$"
            ),
        )
        for name in ("old", "new", "until", "from")
    )


def _direction(reading: Reading, spot: tuple[int, int], lang: str) -> str:
    start, end = spot
    before = reading.plain[max(0, start - 44) : start]
    for name, pattern in _direction_patterns(lang):
        if pattern.search(before):
            return name
    after = reading.plain[end : end + 16]
    if re.match(r" ?(?:au plus tard|dernier delai|at the latest|inclus\b)", after) and not re.match(r" ?inclus", after):
        return "until"
    if re.match(r" onwards?| and after| et apres| minuit passe", after):
        return "from"
    return "old" if _UNTIL_NOW.match(after) else ""


#: « 20 minutes aujourd'hui », "£49 now".
_UNTIL_NOW = re.compile(r" ?(?:aujourd'hui|actuellement|jusqu'ici|a ce jour|now(?![a-z])|currently|today|so far)")
_MOVES = re.compile(r"deplac|transfer|demenag|relocat|mov(?:ed|es|ing)")
_FROM_PLACE = re.compile(r"(?:du|de la|de l'|des|de|from)(?: the)? ?$")
_TO_PLACE = re.compile(r"(?<![a-z])(?:au|aux|a la|a l'|a|vers|vers la|vers le|to)(?: the)? ?$")


_INSTEAD = re.compile(
    r"(?:instead of|au lieu de|a la place d[eu]|et non|and not|rather than)(?: (?:la|le|l'|the|in|on|a|au))*[ ']?$"
)


def _moved(reading: Reading, spot: tuple[int, int]) -> str:
    """« déplacé de la place Voltaire au parking Jaurès »: where a thing was, and where it now is."""
    if _INSTEAD.search(reading.plain[max(0, spot[0] - 24) : spot[0]]):
        return "old"
    low, _ = days.sentence(reading, *spot)
    if not _MOVES.search(reading.plain, low, spot[0]):
        return ""
    before = reading.plain[max(0, spot[0] - 10) : spot[0]]
    return "old" if _FROM_PLACE.search(before) else "new" if _TO_PLACE.search(before) else ""


@cache
def _bound_patterns(lang: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(words(fs) + " ?$")) for name, fs in lexicon(lang)["bounds"].items())


_BOUND_AFTER = re.compile(
    r" ?(?:[a-z]{3,14} )?(?:(?:au )?(?:(?P<at_most>maximum|maxi|max)|(?P<at_least>minimum|mini))"
    r"|au (?:(?P<most>plus)|(?P<least>moins)))(?![a-z])"
)


def _bound(reading: Reading, spot: tuple[int, int], lang: str) -> str:
    before = reading.plain[max(0, spot[0] - 26) : spot[0]]
    for name, pattern in _bound_patterns(lang):
        if pattern.search(before):
            return name
    if _UPPER.search(before):
        return "at_most"
    found = _BOUND_AFTER.match(reading.plain, spot[1])
    return _BOUNDS.get(found.lastgroup or "", found.lastgroup or "") if found else ""


#: "between £500 and £5,000": the second is as far as it goes.
_UPPER = re.compile(
    r"(?<![a-z])(?:between|entre) [£€$]?[\d., ]+k? ?(?:€|euros?|%)? ?(?:and|et) $|[£€$]\d[\d.,]*k? ?- ?$"
)
_BOUNDS = {"most": "at_most", "least": "at_least"}


def has_cue(reading: Reading, span: tuple[int, int], lang: str, key: str) -> bool:
    """Whether the words of a stretch say that its date is an end (`end_cues`) or a beginning (`start_cues`)."""
    return forms(lang, key).search(reading.plain, *span) is not None
