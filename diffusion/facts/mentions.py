"""Where a text speaks of days: every mention (`Item`), and those that one word of range or list ties together.

Figures that may be anything (« 12 ») are kept only where something makes them a day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from diffusion.facts.lexicon import any_of, ending, lexicon, meanings, pattern, words
from diffusion.facts.reading import Reading, fold
from diffusion.facts.scan import Scanner


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
    is_plural: bool = False


@cache
def _item(lang: str) -> Scanner:
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
        rf"{first}(?P<day>3[01]|[12]\d|0?[1-9])(?P<ord>{ordinal}(?![a-z]))?(?!\d|/(?!\d{{1,2}} ?{month}(?![a-z]))|[.,:]\d)"
        rf"(?:{of}(?P<mon>{month})\.?(?![a-z])(?:,? ?-?(?P<year>{year}))?)?"
    )
    parts = [iso, numeric, normal]
    if lang == "en":
        american = (
            rf"{head.format('a')}(?P<mon2>{month})\.? (?P<day2>3[01]|[12]\d|0?[1-9])(?:{ordinal})?(?![\d/:]|[.,]\d)"
            rf"(?:,? (?P<year2>{year}))?(?! ?[ap]\.?m)"
        )
        parts.insert(0, american)
    return Scanner(r"(?<![\w.,€£$%])(?<![^\da-z ]-)(?<!\d/\d/)(?<!\d\d/\d\d/)(?:" + "|".join(parts) + ")")


def _items(reading: Reading, lang: str) -> Iterator[Item]:
    weekdays, months = meanings(lang, "weekdays"), meanings(lang, "months")
    for m in _item(lang).over(reading):
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
            if month is None and not m["wd"] and is_house(reading, end, lang):
                continue
            yield Item(
                m.start(),
                end,
                int(m["day"]),
                weekdays.get(m["wd"]),
                month,
                _year(m["year"]),
                is_ordinal=bool(m["ord"]),
                is_plural=_is_plural(reading, m),
            )


def _is_plural(reading: Reading, m: re.Match[str]) -> bool:
    """« les mercredis 6 et 20 mai »: the weekday of every day of the list."""
    return bool(m["wd"]) and (m["wd"].endswith("days") or reading.plain[m.end("wd")] == "s")


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


def chains(reading: Reading, lang: str) -> Iterator[Chain]:
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


#: What is said of a thing that goes from one day to another.
MOVED = {
    "fr": "reporte|decale|avance|deplace|repousse|passe",
    "en": "moves?|moved|postponed|rescheduled|brought forward|put back|changes?|changed",
}


@cache
def _moved(lang: str) -> re.Pattern[str]:
    """« reporté du 3 au 10 mars » names two days, not a range."""
    if lang == "en":
        return re.compile(rf"(?:{MOVED[lang]}) from $")
    return re.compile(rf"(?:{MOVED[lang]})e?s? (?:du|de) (?:[a-z]{{5,8}}di )?$")


@cache
def _between(lang: str) -> re.Pattern[str]:
    return re.compile(words(lexicon(lang)["between"]) + " ?$")


def anchored(reading: Reading, chain: Chain, lang: str) -> Iterator[Chain]:
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


def _opens_range(chain: Chain, at: int) -> bool:
    """« closed 9-20 March »: what the range's end says is a day makes its start one."""
    if at + 1 >= len(chain) or chain[at + 1][1] != "range":
        return False
    after = chain[at + 1][0]
    return after.month is not None and chain[at][0].number < after.number


_OPENER = re.compile(
    r"(?:^|[^\w' ]|\n|\b(?:le|les|du|de|des|au|aux|entre|from|between|on|the|dates?|jours?|nuits?"
    r"|soirs?|matins?|et|to|week-ends?|weekends?|only|days?|nights?|until|till|by|for)) ?$"
)


def _may_stand(reading: Reading, chain: Chain, at: int, lang: str) -> bool:
    """A bare day that opens a chain needs a word of dates, a sign or nothing before it."""
    item = chain[at][0]
    if item.month is not None or item.weekday is not None:
        return True
    before = reading.plain[max(0, item.start - 12) : item.start]
    if _opens_range(chain, at) and not ending(lang, "identifiers").search(before):
        return True
    if all(other.month is None for other, _ in chain) and _HOUSES.search(before):
        return False
    return _OPENER.search(before) is not None


#: « rue des Tilleuls (du 2 au 12) »: house numbers.
_HOUSES = re.compile(r"\x01[ ,(]{1,3}(?:du|de|des|entre le|from|nos?)? ?$")


_FOLLOWS = re.compile(
    r" ?(?:$|[^\w €%°-]|\x02|(?:a|de|des|au|et|ou|a|from|at|to|and|until|in|for|with|dans|pour"
    r"|avec|sur|puis|inclus|prochain|dernier)(?![a-z]))"
)


def _may_follow(reading: Reading, chain: Chain, at: int, lang: str) -> bool:
    item = chain[at][0]
    if item.month is not None or item.weekday is not None:
        return True
    if any(later.month is not None for later, _ in chain[at + 1 :]):
        return True
    return _FOLLOWS.match(reading.plain[item.end : item.end + 12]) is not None


def is_house(reading: Reading, end: int, lang: str) -> bool:
    """« le 2 novembre, 14 avenue Foch », « au 8, rue Pasteur »: a house number."""
    at = reading.span(end, end)[0]
    return _street(lang).match(fold(reading.raw[at : at + 24])) is not None


@cache
def _street(lang: str) -> re.Pattern[str]:
    streets = lexicon(lang).get("streets")
    return re.compile(rf",? ?(?:bis|ter)?,? ?(?:de la |de l'|du |des )?{words(streets)}" if streets else r"(?!)")


_LONE = re.compile(
    r"(?:^|[^a-z'])(?:(?:jusqu'au|avant le|partir du|des le|depuis le|compter du|au plus tard le"
    r"|nuit du|des|rendez-vous le|reporte au|avance au|until the|on the|by the|from the|before the"
    r"|the)|le|au|du|les|on the)(?: [a-z]{4,8})? ?$"
)
_LONE_AFTER = re.compile(
    r" ?(?:$|[.,;!?)\n](?!\d)|\x02|(?:a|de|from|at|inclus|prochain|dernier|et)(?![a-z])(?! (?:les? )?\d))"
)


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
