"""Places by their kinds: « rue des Tanneurs », "Mill Street". A bare kind (« la salle des fêtes ») is none.

French puts the kind first and the name ends at its last capitalised word; English puts it last. Towns' names and
streets without a kind come only from an authority's own gazetteer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from diffusion.facts.claim import Claim
from diffusion.facts.lexicon import AFTER, BEFORE, any_of, lexicon, meanings, words
from diffusion.facts.reading import Reading, fold
from diffusion.facts.scan import Scanner

_WORD = re.compile(r"(?: |-)?(?P<quote>[«\"“] ?)?(?P<word>(?:[^\W\d_]['.])?[^\W_][\w'·-]*)")
_FIRST = frozenset({"de", "du", "des", "la", "le", "les", "d", "l", "aux", "au", "saint", "sainte"})
_INSIDE = frozenset(
    {"de", "du", "des", "la", "le", "les", "d", "l", "sur", "sous", "en", "aux", "lez", "es", "von", "van", "da"}
)
_BARE_FIRST = frozenset(
    {"cours", "tour", "centre", "zone", "passage", "hall", "cote", "terrain", "aire", "station", "port"}
)
_NOT_PLACES = re.compile(
    r"(?:marches? (?:de|du) (?:noel|paques)|ponts? d(?:e |u )?(?:l'ascension|la toussaint|mai"
    r"|1er mai|8 mai|11 novembre|14 juillet|15 aout|noel)|tour de france|place aux?|cours d[eu]"
    r"|maison de retraite|centre de|bois (?:de )?chauffage|port du|place de noel|passage a"
    r"|places? (?:disponible|restante|libre|vacante|gratuite|reservee|assise|limitee))"
)


@cache
def _kinds(lang: str) -> Scanner:
    return Scanner(BEFORE + r"(?<!-)(?P<kind>" + any_of(lexicon(lang)["kinds_of_place"]) + ")(?P<many>s|x)?" + AFTER)


def places(reading: Reading, lang: str) -> Iterator[Claim]:
    """Every place named by its kind."""
    yield from _english(reading) if lang == "en" else _french(reading)


def _french(reading: Reading) -> Iterator[Claim]:
    last = 0
    for found in _kinds("fr").over(reading):
        if found.start() < last:
            continue
        kind = found["kind"] if not found["many"] else "plural"
        end = _name_end(reading, found.end(), kind, reading.cased[found.start() : found.end()])
        text = fold(reading.cased[found.start() : end])
        is_none = _NOT_PLACES.match(text) and not text.startswith(
            ("cours d'", "cours de la ", "cours du ", "centre de l")
        )
        if end > found.end() and (not is_none or _sorts().match(text, len(found[0]))):
            last = end
            yield Claim("place", _value(reading.cased[found.start() : end]), found.start(), end)


#: « cours de la Liberté », a street; « cours de danse » is none.
_COURSE = re.compile(r" (?:de la|du) [A-ZÀ-Þ]")
_CAPITAL = re.compile(r" (?:(?:de la|du|des|de|d'|l'|la|le|les) ?)?[A-ZÀ-Þ]")


@cache
def _stops() -> re.Pattern[str]:
    statuses = words(f for s in lexicon("fr")["statuses"].values() for f in s["forms"] if " " not in f)
    calendar = "|".join(
        [*(k for k in meanings("fr", "weekdays") if len(k) > 4), *(k for k in meanings("fr", "months") if len(k) > 3)]
    )
    return re.compile(
        rf"(?:{statuses}|(?:{calendar})(?![a-z-])|travaux|coupure|deviation|circulation|stationnement"
        rf"|horaires|rendez-vous|entree|tarif|info)"
    )


@cache
def _plain_words() -> re.Pattern[str]:
    """What a text all in capitals says after a place, or of what sort it is: « PISCINE MUNICIPALE SERA FERMÉE »."""
    return re.compile(words(lexicon("fr")["plain_words"]))


@cache
def _sorts() -> re.Pattern[str]:
    return re.compile(rf" {words(lexicon('fr')['place_sorts'])}(?= )")


def _past_sort(reading: Reading, at: int, kind: str) -> tuple[int, str]:
    """Where the name begins behind « école maternelle », « centre de santé »; of these any connector may follow."""
    sort = _sorts().match(reading.plain, at)
    if sort and _CAPITAL.match(reading.cased, sort.end()):
        return sort.end(), ""
    return at, "" if kind == "cours" and _COURSE.match(reading.cased, at) else kind


def _name_end(reading: Reading, at: int, kind: str, as_written: str) -> int:
    """Where the name of a place ends: its last capitalised word, or number that belongs to it."""
    is_loud = as_written.isupper() and len(as_written) > 1
    end, count, named, is_list = at, 0, 0, False
    at, kind = (at, kind) if is_loud else _past_sort(reading, at, kind)
    while count < 9 and (found := _WORD.match(reading.cased, at)):
        word, start = found["word"], found.start("word")
        bare = fold(word)
        elided = re.match(r"(?:l|d)'", bare)
        letter = word[2:3] if elided else word[:1]
        joins = bare == "et" and named > 0 and (kind == "plural" or is_list)
        is_connector = joins or bare in (_INSIDE if named else _FIRST)
        is_list = is_list or (bare == "des" and not named)
        if is_connector and kind in _BARE_FIRST and not named:
            break
        if is_connector and not (
            named and not joins and not is_loud and word[:1].isupper() and bare in {"la", "le", "les"}
        ):
            at, count = found.end(), count + 1
            continue
        if _is_day_of_name(reading, start):
            end = at = _is_day_of_name(reading, start)
            named += 1
            continue
        if (
            not letter.isupper()
            or _stops().match(reading.plain, start + (2 if elided else 0))
            or (elided and not named and kind in _BARE_FIRST)
        ):
            break
        if len(word) == 1 and not named and reading.cased[found.end() : found.end() + 1] != ".":
            break
        if is_loud and (named >= 2 or _plain_words().match(reading.plain, start)):
            break
        at = end = found.end()
        named, count = named + 1, count + 1
        if found["quote"]:
            close = re.compile(r"[^»\"”\n]{0,40}[»\"”]").match(reading.cased, at)
            return close.end() if close else end
        if reading.cased[at : at + 1] == "." and len(word) <= 2:
            at += 1
    return end


_DAY_OF_NAME = re.compile(
    r"(?:1er|[1-9]|[12]\d|3[01])[ -](?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre"
    r"|octobre|novembre|decembre)(?:[ -](?:19[1-7]\d|18\d\d))?(?![a-z\d])"
)


def _is_day_of_name(reading: Reading, at: int) -> int:
    """Where « 8-Mai-1945 » ends in the name of a street, 0 if it is none."""
    before = fold(reading.cased[max(0, at - 4) : at])
    found = _DAY_OF_NAME.match(reading.plain, at)
    if not found or not before.endswith(("du ", "le ", "rue ")):
        return 0
    is_name = (
        "-" in found[0]
        or re.search(r"\d{4}$", found[0])
        or reading.cased[found.start() : found.end()].lower() != reading.cased[found.start() : found.end()]
    )
    return found.end() if is_name or found[0] in {"4 septembre", "14 juillet", "11 novembre", "8 mai", "19 mars"} else 0


_TAKES_PLACE = re.compile(r"(?<![a-z])(?:take|takes|taking|taken|took) place$")
_EN = r"[A-Z][\w'’.&-]{0,24}"


@cache
def _english_name() -> Scanner:
    kinds = any_of(lexicon("en")["kinds_of_place"])
    return Scanner(
        rf"(?<![\w'-])(?P<name>(?:{_EN} (?:(?:of|the|and|upon|de) )?){{1,5}})(?P<kind>(?i:{kinds}))(?![\w-])"
        rf"(?P<of> of(?: the)?(?: {_EN}){{1,3}})?"
        rf"|(?<![\w'-])(?P<first>Library|School|Museum|Theatre|Church|University|College|Hall|Bridge"
        rf"|House|Square) of(?: the)?(?: {_EN}){{1,3}}"
    )


def _english(reading: Reading) -> Iterator[Claim]:
    for whole in _english_name().over(reading, reading.cased):
        found = _capitalised(reading, whole)
        if found is None or _TAKES_PLACE.search(fold(found[0])):
            continue
        start = found.start()
        start += len(work[0]) if (work := _WORK.match(reading.cased[start : found.end()])) else 0
        while True:
            word = re.match(r"[\w'’.&-]+ ", reading.cased[start : found.end()])
            if not word or fold(word[0].strip()) not in _no_names():
                break
            start += word.end()
        text = reading.cased[start : found.end()]
        name = _value(text)
        is_named = found["first"] or start < found.start("kind") if found["kind"] else True
        if not is_named or fold(name) in _bare_places() or " " not in name or name in {"high school"}:
            continue
        yield from _split(reading, start, found.end())


def _capitalised(reading: Reading, found: re.Match[str]) -> re.Match[str] | None:
    """« the High Street car park » is the High Street: a kind in lower case ends no name, one before it may."""
    if not found["kind"] or reading.cased[found.start("kind")].isupper():
        return found
    inner = _english_name().pattern.search(reading.cased, found.start(), found.start("kind"))
    return inner if inner and inner["kind"] and reading.cased[inner.start("kind")].isupper() else None


_AND = re.compile(r" and (?:the )?(?=[A-Z])")


#: « Resurfacing of Elm Avenue » is work, the avenue is the place.
_WORK = re.compile(r"[A-Z][a-z]{2,14}(?:ing|tion|ment|ure|ance|als?) of (?:the )?(?=[A-Z])")


@cache
def _english_kind() -> re.Pattern[str]:
    return re.compile(rf" {any_of(lexicon('en')['kinds_of_place'])}$")


@cache
def _no_names() -> frozenset[str]:
    return frozenset(lexicon("en")["no_names"])


@cache
def _bare_places() -> frozenset[str]:
    return frozenset(fold(p) for p in lexicon("en")["bare_places"])


def _split(reading: Reading, start: int, end: int) -> Iterator[Claim]:
    """« Tanner Road and Lilac Close » is two places: the first part ends with a kind of its own."""
    text = reading.cased[start:end]
    for joint in _AND.finditer(text):
        if _english_kind().search(fold(text[: joint.start()])):
            yield Claim("place", _value(text[: joint.start()]), start, start + joint.start())
            start, text = start + joint.end(), text[joint.end() :]
            break
    if fold(_value(text)) not in _bare_places():
        yield Claim("place", _value(text), start, end)


def _value(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"[«»\"“”]\s?|\s?[»”]", "", text)).strip().casefold()
