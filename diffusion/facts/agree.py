"""Whether two values say the same: equal, or one follows from the other and the day of publication."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from diffusion.facts import days
from diffusion.facts.fact import Fact
from diffusion.facts.numerals import word_pattern
from diffusion.facts.reading import fold

_HOURS = {"H": 1, "D": 24, "W": 168}
_MONTHS = {"M": 1, "Y": 12}
_ISO_DURATION = re.compile(r"P(?:([\d.]+)([YMWD]))?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?)?$")
CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def agree(theirs: Fact, ours: Fact) -> bool:
    """Whether a rendition's fact says what one of the message's does, their directions left aside."""
    if theirs.kind == ours.kind:
        if theirs.value == ours.value or theirs.value in ours.also or ours.value in theirs.also:
            return True
        check = _CHECKS.get(theirs.kind)
        return check is not None and check(theirs, ours)
    if {theirs.kind, ours.kind} == {"duration", "time"} and "/" not in theirs.value + ours.value:
        return _spelt_as_time(theirs.value) == _spelt_as_time(ours.value)
    if theirs.kind == "duration":
        return _lasts(theirs.value, ours)
    if theirs.kind == "recurrence" and ours.kind == "date":
        told = fold(theirs.text)
        return not _EVERY.match(told) and _days_of_rule(theirs.value, ours.value, _RANGED.search(told) is not None)
    if theirs.kind == "date" and ours.kind == "recurrence":
        return not re.search(r"\d", theirs.text) and len(theirs.value) == 10 and _code(theirs.value) in ours.value
    if {theirs.kind, ours.kind} == {"number", "duration"}:
        return False
    return False


def _spelt_as_time(value: str) -> str:
    """« 1 h 30 » may be read as a length or as an hour; both readings as one spelling."""
    found = length(value) if value.startswith("P") else None
    if found is None or found[0] != "hours" or found[1] >= 24:
        return value
    return f"{int(found[1]):02d}:{int(found[1] * 60) % 60:02d}"


def _code(day: str) -> str:
    return CODES[date.fromisoformat(day).weekday()]


def _dates(theirs: Fact, ours: Fact) -> bool:
    mine, own = theirs.value, ours.value
    way = _way(theirs.text)
    if (
        (way.has_digits and not way.has_year)
        and len(mine) == len(own) >= 7
        and [p[4:] for p in mine.split("/")] == [p[4:] for p in own.split("/")]
    ):
        return True
    if way.is_alone and len(mine) == len(own) == 10:
        told, meant = date.fromisoformat(mine), date.fromisoformat(own)
        return told.day == meant.day and (told.weekday() == meant.weekday() or not way.has_words)
    first, last = _span(own)
    if len(own) == 15 and len(mine) == 7:
        return mine in own
    if len(mine) in {4, 7}:  # a vaguer « en mars » follows from a day in March
        return _span(mine)[0] <= first and last <= _span(mine)[1]
    if len(mine) == 21 and not way.has_digits:  # « ce week-end »
        return _span(mine)[0] <= first and last <= _span(mine)[1]
    if len(own) == 7 and len(mine) == 21:
        return _span(mine) == (first, last)
    return False


class _Way(NamedTuple):
    """How a date is written; `is_alone` when the month is left to the reader: « vendredi 3 », « le 15 »."""

    has_year: bool
    has_digits: bool
    has_words: bool
    is_alone: bool


_ALONE = re.compile(r"(?:[a-z]{3,9}\.? )?(?:the )?\d{1,2}(?:er|st|nd|rd|th)?")


@lru_cache(maxsize=4096)
def _way(text: str) -> _Way:
    plain = fold(text)
    return _Way(
        re.search(r"(?:19|20)\d\d|[/.]\d\d$", plain) is not None,
        re.search(r"\d", plain) is not None,
        re.search(r"[a-z]{3}", plain) is not None,
        _ALONE.fullmatch(plain) is not None,
    )


@cache
def _span(value: str) -> tuple[date, date]:
    """First and last day of a date's value, whatever its precision."""
    first, _, last = value.partition("/")
    return _edge(first, False), _edge(last or first, True)


def _edge(value: str, is_last: bool) -> date:
    if len(value) == 10:
        return date.fromisoformat(value)
    if len(value) == 4:
        return date(int(value), 12, 31) if is_last else date(int(value), 1, 1)
    year, month = int(value[:4]), int(value[5:7])
    if not is_last:
        return date(year, month, 1)
    return date(year, 12, 31) if month == 12 else days.shifted(date(year, month + 1, 1), -1)


def ends(value: str) -> tuple[str, str] | None:
    """Both ends of a range of dates or times, None for a single one."""
    first, mark, last = value.partition("/")
    return (first, last) if mark else None


def length(value: str) -> tuple[str, Decimal] | None:
    """A duration's length in hours, or in months, which have no fixed number of hours."""
    found = _ISO_DURATION.match(value)
    if not found:
        return None
    number, unit, hours, minutes = found.groups()
    if number and unit in _MONTHS:
        return "months", Decimal(number) * _MONTHS[unit]
    total = Decimal(number) * _HOURS[unit] if number else Decimal(0)
    return "hours", total + Decimal(hours or 0) + Decimal(minutes or 0) / 60


def _durations(theirs: Fact, ours: Fact) -> bool:
    one, other = length(theirs.value), length(ours.value)
    return one is not None and one == other


def _lasts(value: str, ours: Fact) -> bool:
    """« pendant trois heures » follows from « de 9 h à 12 h »; « six jours » from « du 6 au 11 avril »."""
    own, told = ends(ours.value), length(value)
    if own is None or told is None:
        return False
    if ours.kind == "time":
        minutes = [int(t[:2]) * 60 + int(t[3:]) for t in own]
        return told == ("hours", Decimal((minutes[1] - minutes[0]) % 1440) / 60)
    if ours.kind == "date" and len(own[0]) == 10:
        count = (date.fromisoformat(own[1]) - date.fromisoformat(own[0])).days
        if told[0] == "hours":
            weeks = told[1] / 168
            if weeks == int(weeks) and abs(count + 1 - 7 * int(weeks)) <= 2:
                return True
            return told[1] in {Decimal(24 * count), Decimal(24 * (count + 1))}
        return told[0] == "months" and abs(Decimal(count) / Decimal("30.4") - told[1]) < Decimal("0.15")
    return False


def _days_of_rule(rule: str, value: str, is_ranged: bool) -> bool:
    """« du lundi au vendredi » beside dates that run from a Monday to a Friday."""
    coded = rule.partition("BYDAY=")[2].split(",")
    own = ends(value)
    if not coded[0]:
        return False
    if "MONTHLY" in rule:  # « le dernier samedi de mai » for the 30th
        return len(value) == 10 and bool(set(coded) & _places_in_month(date.fromisoformat(value)))
    if own is None:
        return len(value) == 10 and _code(value) in coded and (len(coded) == 1 or not is_ranged)
    days_in_row = CODES.index(coded[-1]) - CODES.index(coded[0]) + 1
    if len(coded) != days_in_row or len(coded) < _ROW:
        return False
    return len(own[0]) == 10 and coded[0] == _code(own[0]) and coded[-1] == _code(own[1])


_RANGED = re.compile(r" (?:au|a|to|till|until|through) | ?- ?|/")
#: « tous les jeudis » is more than one Thursday.
_EVERY = re.compile(r"(?:tous|toutes|chaque|every|each|weekly)(?![a-z])")
_ROW = 3
"""Weekdays in a row that may tell a range of dates; two alone are two days."""


def _places_in_month(day: date) -> set[str]:
    """« 1SA », « -1SA »: which of its month's such weekdays a day is."""
    code = CODES[day.weekday()]
    found = {f"{(day.day - 1) // 7 + 1}{code}"}
    return found | ({f"-1{code}"} if days.shifted(day, 7).month != day.month else set())


def _phones(theirs: Fact, ours: Fact) -> bool:
    return len(ours.value) > 8 and len(theirs.value) > 8 and theirs.value[-9:] == ours.value[-9:]


def web_key(value: str) -> str:
    """An address without what makes no difference: http or https, a leading `www.`, a final slash."""
    return re.sub(r"^https?://(?:www\.)?", "", value).rstrip("/")


def _urls(theirs: Fact, ours: Fact) -> bool:
    return web_key(theirs.value) == web_key(ours.value)


_SHORT = {"st": "saint", "ste": "sainte", "av": "avenue", "bd": "boulevard", "bld": "boulevard", "boul": "boulevard"}
_SMALL = frozenset({"de", "du", "des", "la", "le", "les", "l", "d", "the", "of"})


@lru_cache(maxsize=4096)
def place_key(value: str) -> str:
    """« St-Aubin » = « Saint-Aubin », « av. » = « avenue »; no articles, no hyphens."""
    text = fold(value).replace("-", " ").replace("'", " ").replace(".", " ")
    return " ".join(_SHORT.get(w, w) for w in text.split() if w not in _SMALL)


def _places(theirs: Fact, ours: Fact) -> bool:
    one, other = place_key(theirs.value).split(), place_key(ours.value).split()
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    return (shorter[0] == longer[0] and len(shorter) > 1 and set(shorter) <= set(longer)) or (
        len(shorter) > 1 and set(shorter[1:]) == set(longer[1:]) and _like(shorter[0], longer[0])
    )


_LIKE = (
    {"mediatheque", "bibliotheque"},
    {"salle", "espace"},
    {"piscine", "centre"},
    {"parc", "jardin"},
    {"ecole", "groupe"},
    {"stade", "complexe"},
    {"decheterie", "dechetterie"},
    {"gymnase", "salle"},
)


def _like(one: str, other: str) -> bool:
    return any({one, other} <= pair for pair in _LIKE) or one.rstrip("s") == other.rstrip("s")


_AGES = re.compile(r"\d{1,3}")


@lru_cache(maxsize=4096)
def age_key(value: str) -> tuple[str, ...] | None:
    """An audience by age as its limits: « à partir de 6 ans » = « 6 ans et plus » = « dès 6 ans »."""
    text = fold(value)
    text = re.sub(word_pattern("fr") + "(?= ans)", lambda m: _figure(m[0], "fr"), text)
    numbers = _AGES.findall(text)
    if not numbers or not re.search(r"ans|year|under|over|age|\d'?s$", text):
        return None
    if len(numbers) > 1:
        return ("range", *numbers[:2])
    if re.search(r"moins|under|below|younger|jusqu|- de|^- ?\d", text):
        return ("under", str(int(numbers[0]) + (1 if "jusqu" in text or "et moins" in text else 0)))
    if re.search(r"et plus|\+|partir|des |from|and over|over|above|plus de|older", text):
        return ("from", numbers[0])
    return ("age", numbers[0])


def _figure(text: str, lang: str) -> str:
    from diffusion.facts.numerals import words_value

    return str(words_value(text, lang))


def _audiences(theirs: Fact, ours: Fact) -> bool:
    one, other = age_key(theirs.value), age_key(ours.value)
    if one or other:
        return (
            one is not None
            and other is not None
            and (one == other or (one[0] in {"age", "from"} and other[0] in {"age", "from"} and one[1:] == other[1:]))
        )
    mine, own = (set(re.findall(r"[a-z]{4,}", fold(v))) for v in (theirs.value, ours.value))
    return bool(mine & own)


def _rules(theirs: Fact, ours: Fact) -> bool:
    return sorted(theirs.value.split(";")) == sorted(ours.value.split(";"))


_CHECKS = {
    "date": _dates,
    "duration": _durations,
    "phone": _phones,
    "url": _urls,
    "place": _places,
    "audience": _audiences,
    "recurrence": _rules,
}


def any_agrees(theirs: Fact, ours: Iterable[Fact]) -> bool:
    """Whether one of the message's facts says it."""
    return any(agree(theirs, o) for o in ours)
