"""Days: alone, in a list (« les 14 et 21 octobre »: two facts), in a range (« du 6 au 11 avril »: one).

What one mention of a chain leaves out is taken from the next (`_completed`), then from the day of publication.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from diffusion.facts import days
from diffusion.facts.claim import Claim
from diffusion.facts.fact import Code
from diffusion.facts.lexicon import ending
from diffusion.facts.mentions import Chain, Item, anchored, chains
from diffusion.facts.reading import Reading


@dataclass(frozen=True, slots=True)
class Doubt:
    """What looks like a mistake, in the reading's own places; as `Warning_` else."""

    code: Code
    start: int
    end: int
    against: str = ""


def dates(reading: Reading, lang: str, on: date) -> tuple[list[Claim], list[Doubt]]:
    """All days, lists and ranges of days of a text, and what is wrong with them."""
    lang = lang if lang == "en" else "fr"
    claims: list[Claim] = []
    doubts: list[Doubt] = []
    for chain in chains(reading, lang):
        for part in anchored(reading, chain, lang):
            _resolve(reading, _completed(part), lang, on, claims, doubts)
    return claims, doubts


def _completed(part: Chain) -> Chain:
    """Month and year handed from right to left (« les 14 et 21 octobre »), then from left to right."""
    out = _singly(part)
    for at in range(len(out) - 2, -1, -1):
        (item, tie), right, right_tie = out[at], out[at + 1][0], out[at + 1][1]
        if item.month is None and right.month is not None:
            month, year = right.month, right.year
            if right_tie == "range" and item.number > right.number:
                month, year = (right.month - 1 or 12), (year - 1 if year and right.month == 1 else year)
            item = replace(item, month=month, year=year)
        elif item.year is None and right.year is not None and item.month is not None and right.month is not None:
            is_later = (item.month, item.number) > (right.month, right.number)
            item = replace(item, year=right.year - 1 if is_later else right.year)
        out[at] = (item, tie)
    for at in range(1, len(out)):
        (item, tie), left = out[at], out[at - 1][0]
        if item.month is None and left.month is not None:
            month, year = left.month, left.year
            if item.number < left.number:
                month, year = left.month % 12 + 1, (year + 1 if year and left.month == 12 else year)
            item = replace(item, month=month, year=year)
        elif item.year is None and left.year is not None and item.month is not None and left.month is not None:
            is_earlier = (item.month, item.number) < (left.month, left.number)
            item = replace(item, year=left.year + is_earlier)
        if tie == "list" and left.is_plural and item.weekday is None:
            item = replace(item, weekday=left.weekday, is_plural=True)
        out[at] = (item, tie)
    return out


def _singly(part: Chain) -> Chain:
    """« les 12-13-14 juin »: days, where a range would have two ends."""
    ties = ["", *(tie for _, tie in part), ""]
    return [
        (item, "list" if tie == "range" and "range" in {ties[at], ties[at + 2]} else tie)
        for at, (item, tie) in enumerate(part)
    ]


def _resolve(reading: Reading, part: Chain, lang: str, on: date, claims: list[Claim], doubts: list[Doubt]) -> None:
    at = 0
    while at < len(part):
        item = part[at][0]
        if at + 1 < len(part) and part[at + 1][1] == "range":
            _range(reading, item, part[at + 1][0], lang, on, claims, doubts)
            at += 2
            continue
        found = _date(reading, item, lang, on, claims)
        if found is None:
            doubts.append(Doubt("impossible-date", item.start, item.end))
        else:
            _check(item, found, doubts)
            claims.append(Claim("date", found.isoformat(), item.start, item.end))
        at += 1


def _check(item: Item, found: date, doubts: list[Doubt]) -> None:
    if item.weekday is not None and found.weekday() != item.weekday:
        doubts.append(Doubt("weekday-mismatch", item.start, item.end, found.isoformat()))


def _date(reading: Reading, item: Item, lang: str, on: date, claims: list[Claim]) -> date | None:
    """The day that one mention means."""
    if item.month is not None and item.year is not None:
        return days.day(item.year, item.month, item.number)
    before = reading.plain[max(0, item.start - 24) : item.start]
    known = _last_date(claims)
    if item.month is not None:
        if known is not None and ending(lang, "instead").search(before):
            return days.day(known.year, item.month, item.number)
        when = days.tense(reading, item.start, item.end, lang)
        return days.without_year(item.month, item.number, on, when, item.weekday)
    if known is not None and ending(lang, "instead").search(before):
        return days.day(known.year, known.month, item.number)
    near = _in_known_month(item, known, on)
    if near is not None:
        return near
    return days.without_month(item.number, on, item.weekday)


def _in_known_month(item: Item, known: date | None, on: date) -> date | None:
    """« vendredi 3 » after « du 3 au 5 juillet », « dès le 12 » after « le 13 juin »: the month just spoken of."""
    if known is None:
        return None
    found = days.day(known.year, known.month, item.number)
    if found is None or (item.weekday is not None and found.weekday() != item.weekday):
        return None
    return found if known <= found or (on <= found and (known - found).days <= _EVE) else None


#: So many days before a thing its preparations are told without their month.
_EVE = 14


def _last_date(claims: list[Claim]) -> date | None:
    for claim in reversed(claims):
        first = claim.value.partition("/")[0]
        if len(first) == 10:
            return date.fromisoformat(first)
    return None


def _longest(reading: Reading, one: Item, other: Item) -> int:
    """Days beyond which a range was typed the wrong way round: « du 12 au 6 avril », « du 3 mai au 2 mai »."""
    is_bare = not one.is_numeric and _BARE.search(reading.plain, one.start, one.end) is not None
    if is_bare and one.number > other.number:
        return 15  # « du 30 au 2 janvier » leaves December out
    return 350 if one.month == other.month else _ANY


_ANY = 4_000_000
_BARE = re.compile(r"\d ?(?:er|st|nd|rd|th)?$")


def _range(
    reading: Reading, one: Item, other: Item, lang: str, on: date, claims: list[Claim], doubts: list[Doubt]
) -> None:
    """The end first, nearest to the day of publication; then the start, the nearest before it."""
    last = _date(reading, other, lang, on, claims)
    if last is None:
        doubts.append(Doubt("impossible-date", other.start, other.end))
        return
    if one.month is None:
        first = days.without_month(one.number, on, one.weekday)
    elif one.year is not None:
        first = days.day(one.year, one.month, one.number)
        if other.year is None and other.month is not None and first is not None and last < first:
            last = days.without_year(other.month, other.number, first) or last
    else:
        first = days.without_year(one.month, one.number, last, days.PAST)
    if first is None:
        doubts.append(Doubt("impossible-date", one.start, one.end))
        return
    _check(one, first, doubts)
    _check(other, last, doubts)
    if last < first or (last - first).days > _longest(reading, one, other):
        doubts.append(Doubt("end-before-start", one.start, other.end))
    claims.append(
        Claim("date", days.iso(first, last), one.start, other.end, ((one.start, one.end), (other.start, other.end)))
    )
