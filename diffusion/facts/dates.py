"""Days: alone, in a list (« les 14 et 21 octobre »: two facts), in a range (« du 6 au 11 avril »: one).

First every mention is found (`Item`: some of weekday, day, month, year), then neighbours joined by a word of range or
list make a chain, in which what one leaves out is taken from the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from diffusion.facts import days
from diffusion.facts.claim import Claim
from diffusion.facts.lexicon import any_of, ending, lexicon, meanings, pattern, words
from diffusion.facts.reading import Reading


@dataclass(frozen=True, slots=True)
class Item:
    """One mention of a day."""

    start: int
    end: int
    number: int
    weekday: int | None = None
    month: int | None = None
    year: int | None = None
    is_numeric: bool = False
    is_ordinal: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """What looks like a mistake: `weekday-mismatch`, `impossible-date`, `end-before-start`."""

    code: str
    start: int
    end: int


@cache
def _item(lang: str) -> re.Pattern[str]:
    lex = lexicon(lang)
    weekday = any_of(f for fs in lex["weekdays"].values() for f in fs)
    month = any_of(f for fs in lex["months"].values() for f in fs)
    plural = "s?" if lang != "en" else ""
    head = rf"(?:(?P<wd{{0}}>{weekday}){plural}(?![a-z])\.?,? ?(?:le |les |the |on )?(?:the )?)?"
    year = r"(?:(?:19|20)\d{2}|'\d{2})(?!\d)"
    first = head.format("")
    numeric = (
        rf"{head.format('n')}(?P<nd>0?[1-9]|[12]\d|3[01])(?P<sep>[/.-])(?P<nm>0?[1-9]|1[0-2])"
        rf"(?:(?P=sep)(?P<ny>(?:19|20)\d{{2}}|\d{{2}}))?(?![\d/]|[.,]\d|-\d)(?! ?{month}(?![a-z]))"
    )
    iso = r"(?P<iy>(?:19|20)\d{2})-(?P<im>0[1-9]|1[0-2])-(?P<id>0[1-9]|[12]\d|3[01])(?!\d)"
    ordinal = r"(?:st|nd|rd|th)" if lang == "en" else r"(?: ?er)"
    of = r"(?: ?(?:of )?|-)" if lang == "en" else r"(?: ?|-)"
    normal = (
        rf"{first}(?P<day>3[01]|[12]\d|0?[1-9])(?P<ord>{ordinal}(?![a-z]))?(?![\d/]|[.,:]\d)"
        rf"(?:{of}(?P<mon>{month})\.?(?![a-z])(?:,? ?-?(?P<year>{year}))?)?"
    )
    parts = [iso, numeric, normal]
    if lang == "en":
        american = (
            rf"{head.format('a')}(?P<mon2>{month})\.? (?P<day2>3[01]|[12]\d|0?[1-9])(?:{ordinal})?(?![\d/:]|[.,]\d)"
            rf"(?:,? (?P<year2>{year}))?(?! ?[ap]\.?m)"
        )
        parts.insert(0, american)
    return re.compile(r"(?<![\w/.,€£$%-])(?:" + "|".join(parts) + ")")


def _items(reading: Reading, lang: str) -> Iterator[Item]:
    weekdays, months = meanings(lang, "weekdays"), meanings(lang, "months")
    for m in _item(lang).finditer(reading.plain):
        if m["iy"]:
            yield Item(*m.span(), int(m["id"]), None, int(m["im"]), int(m["iy"]), True)
        elif m["nd"]:
            item = Item(*m.span(), int(m["nd"]), weekdays.get(m["wdn"]), int(m["nm"]), _year(m["ny"]), True)
            if _is_numeric_date(reading, m, lang):
                yield item
        elif lang == "en" and m["day2"]:
            yield Item(*m.span(), int(m["day2"]), weekdays.get(m["wda"]), months[m["mon2"]], _year(m["year2"]))
        elif m["day"]:
            month = months.get(m["mon"]) if m["mon"] else None
            if month is not None and lang == "en" and m["mon"] in {"may", "march", "mar"} and not _is_name(reading, m):
                month = None
            end = m.end("ord") if m["ord"] else m.end("day")
            if month is not None:
                end = m.end("year") if m["year"] else m.end("mon")
            yield Item(
                m.start(), end, int(m["day"]), weekdays.get(m["wd"]), month, _year(m["year"]), is_ordinal=bool(m["ord"])
            )


def _is_name(reading: Reading, m: re.Match[str]) -> bool:
    return reading.cased[m.start("mon")].isupper()


def _year(text: str | None) -> int | None:
    if not text:
        return None
    number = int(text.lstrip("'"))
    return number if number > 99 else 2000 + number


def _is_numeric_date(reading: Reading, m: re.Match[str], lang: str) -> bool:
    """« 03/03 » and « 3/03/26 » are dates; « 1/2 », « 4/5 » only when something says so."""
    before = reading.plain[max(0, m.start() - 14) : m.start()]
    if not m["wdn"] and not m["ny"] and (m["nd"], m["nm"]) in {("24", "7"), ("7", "7")}:
        return False
    if m["sep"] == "-" and not (m["ny"] and len(m["ny"]) == 4):
        return False
    if m["ny"]:
        return m["sep"] != "." or len(m["ny"]) == 4 or len(m["nd"]) == 2
    if m["sep"] == ".":
        return bool(m["wdn"]) and len(m["nm"]) == 2
    if ending(lang, "identifiers").search(before) and not before.endswith("le "):
        return False
    if m["wdn"] or (len(m["nm"]) == 2 and m["nm"].startswith("0")) or len(m["nd"]) == 2:
        return True
    return ending(lang, "date_articles").search(before) is not None


@cache
def _gap(lang: str) -> re.Pattern[str]:
    lex = lexicon(lang)
    time = r"(?:,? ?(?:a|de|des|at|from|entre|between|vers|:|\()? ?\x02{1,40}(?: ?(?:a|to|et|-|and|/|,) ?\x02{1,40}){0,3}\)?)?"
    ranges = "|".join(
        pattern(w) + (r"(?![a-z])" if w[-1].isalnum() else "") for w in sorted(lex["ranges"], key=len, reverse=True)
    )
    lists = "|".join(
        pattern(w) + (r"(?![a-z])" if w[-1].isalnum() else "") for w in sorted(lex["lists"], key=len, reverse=True)
    )
    article = r"(?: ?(?:le|les|au|aux|du|ce|the|on|on the|dimanche soir))?"
    return re.compile(rf"{time}[ \n]?(?:(?P<range>{ranges})|(?P<list>{lists})){article}[ \n]?")


#: Days in one list; what is longer is no list of dates, and would cost time.
_LONGEST = 12

Chain = list[tuple[Item, str]]  # each with how it is tied to the one before: "", "range", "list"


def _chains(reading: Reading, lang: str) -> Iterator[Chain]:
    chain: Chain = []
    for item in _items(reading, lang):
        tie = ""
        if chain and len(chain) < _LONGEST:
            gap = reading.plain[chain[-1][0].end : item.start]
            found = _gap(lang).fullmatch(gap) if len(gap) <= 70 else None
            tie = "" if not found else "range" if found["range"] else "list"
            is_between = chain[-1][1] != "range" and _between(lang).search(
                reading.plain[max(0, chain[-1][0].start - 14) : chain[-1][0].start]
            )
            if tie == "range" and _moved(lang).search(
                reading.plain[max(0, chain[-1][0].start - 24) : chain[-1][0].start]
            ):
                tie = "list"
            if tie == "list" and is_between and gap.strip().startswith(("et", "and")):
                tie = "range"
        if not tie:
            yield chain
            chain = []
        chain.append((item, tie))
    yield chain


@cache
def _moved(lang: str) -> re.Pattern[str]:
    """« reporté du 3 au 10 mars » names two days, not a range."""
    if lang == "en":
        return re.compile(r"(?:moves?|moved|postponed|rescheduled|brought forward|put back|changes?|changed) from $")
    return re.compile(r"(?:reporte|decale|avance|deplace|repousse|passe)e?s? (?:du|de) (?:[a-z]{5,8}di )?$")


@cache
def _between(lang: str) -> re.Pattern[str]:
    return re.compile(words(lexicon(lang)["between"]) + " ?$")


def dates(reading: Reading, lang: str, on: date) -> tuple[list[Claim], list[Doubt]]:
    """All days, lists and ranges of days of a text, and what is wrong with them."""
    lang = lang if lang == "en" else "fr"
    claims: list[Claim] = []
    doubts: list[Doubt] = []
    for chain in _chains(reading, lang):
        for part in _anchored(reading, chain, lang):
            _resolve(reading, _completed(part), lang, on, claims, doubts)
    return claims, doubts


def _anchored(reading: Reading, chain: Chain, lang: str) -> Iterator[Chain]:
    """The parts of a chain that are surely dates; bare figures at its ends may be anything."""
    at = 0
    while at < len(chain):
        if not _may_stand(reading, chain, at, lang):
            at += 1
            continue
        last = at + 1
        while last < len(chain) and _may_follow(reading, chain, last, lang):
            last += 1
        part = [(chain[at][0], ""), *chain[at + 1 : last]]
        while part and not _is_sure(reading, part, lang):
            part.pop()
        if part:
            yield part
            at += len(part)
        else:
            at += 1


_OPENER = re.compile(
    r"(?:^|[^\w' ]|\n|\b(?:le|les|du|de|des|au|entre|from|between|on|the|dates?|jours?|nuits?|soirs?|matins?|et|to|week-ends?|weekends?|only|days?|nights?|until|till|by|for)) ?$"
)


def _may_stand(reading: Reading, chain: Chain, at: int, lang: str) -> bool:
    """A bare day that opens a chain needs a word of dates, a sign or nothing before it."""
    item = chain[at][0]
    if item.month is not None or item.weekday is not None:
        return True
    before = reading.plain[max(0, item.start - 12) : item.start]
    if all(other.month is None for other, _ in chain) and _HOUSES.search(before):
        return False
    return _OPENER.search(before) is not None


#: « rue des Tilleuls (du 2 au 12) »: house numbers.
_HOUSES = re.compile(r"\x01[ ,(]{1,3}(?:du|de|des|entre le|from|nos?)? ?$")


_FOLLOWS = re.compile(
    r" ?(?:$|[^\w €%°-]|\x02|(?:a|de|des|au|et|ou|a|from|at|to|and|until|in|for|with|dans|pour|avec|sur|puis|inclus|prochain|dernier)(?![a-z]))"
)


def _may_follow(reading: Reading, chain: Chain, at: int, lang: str) -> bool:
    item = chain[at][0]
    if item.month is not None or item.weekday is not None:
        return True
    if any(later.month is not None for later, _ in chain[at + 1 :]):
        return True
    return _FOLLOWS.match(reading.plain[item.end : item.end + 12]) is not None


_LONE = re.compile(
    r"(?:^|[^a-z'])(?:(?:jusqu'au|avant le|partir du|des le|depuis le|compter du|au plus tard le|nuit du|des|rendez-vous le|reporte au|avance au|until the|on the|by the|from the|before the|the)|le|au|du|les|on the)(?: [a-z]{4,8})? ?$"
)
_LONE_AFTER = re.compile(r" ?(?:$|[.,;!?)\n](?!\d)|\x02|(?:a|de|from|at|inclus|prochain|dernier|et)(?![a-z])(?! \d))")


def _is_sure(reading: Reading, part: Chain, lang: str) -> bool:
    items = [item for item, _ in part]
    if any(i.month is not None for i in items):
        return True
    if all(i.weekday is not None for i in items) or items[0].weekday is not None:
        return True
    before = reading.plain[max(0, items[0].start - 28) : items[0].start]
    after = reading.plain[items[-1].end : items[-1].end + 12]
    if ending(lang, "identifiers").search(before) or re.search(
        r"(?:bus|tram|ligne|line|prenez|appelez|composez|appeler|composer|call|dial) (?:le|au|the)? ?$", before
    ):
        return False
    if lang == "en" and not items[0].is_ordinal:
        return False
    return _LONE.search(before) is not None and _LONE_AFTER.match(after) is not None


def _completed(part: Chain) -> Chain:
    """Month and year handed from right to left (« les 14 et 21 octobre »), then from left to right."""
    out = list(part)
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
        out[at] = (item, tie)
    return out


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
        doubts.append(Doubt("weekday-mismatch", item.start, item.end))


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
    near = _in_known_month(item, known)
    if near is not None:
        return near
    return days.without_month(item.number, on, item.weekday)


def _in_known_month(item: Item, known: date | None) -> date | None:
    """« vendredi 3 » after « du 3 au 5 juillet »: the month just spoken of, if the weekday agrees."""
    if known is None:
        return None
    found = days.day(known.year, known.month, item.number)
    if found is None or found < known or (item.weekday is not None and found.weekday() != item.weekday):
        return None
    return found


def _last_date(claims: list[Claim]) -> date | None:
    for claim in reversed(claims):
        first = claim.value.partition("/")[0]
        if len(first) == 10:
            return date.fromisoformat(first)
    return None


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
    if last < first:
        doubts.append(Doubt("end-before-start", one.start, other.end))
    claims.append(
        Claim("date", days.iso(first, last), one.start, other.end, ((one.start, one.end), (other.start, other.end)))
    )
