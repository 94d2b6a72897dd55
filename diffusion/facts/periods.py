"""Dates that are no day and month: « demain », « la semaine du 6 avril », « ce week-end », « en septembre 2027 », « en 2027 »."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from datetime import date
from functools import cache

from diffusion.facts import days
from diffusion.facts.claim import Claim
from diffusion.facts.lexicon import any_of, ending, lexicon, meanings, phrases
from diffusion.facts.mentions import MOVED
from diffusion.facts.reading import Reading, fold
from diffusion.facts.scan import Scanner


def relative(reading: Reading, lang: str, on: date, known: list[Claim]) -> Iterator[Claim]:
    """Days said from the day of publication, or from the date before them (« le lendemain »)."""
    table = meanings(lang, "relative_days")
    for found in phrases(lang, "relative_days").over(reading):
        if _is_title(reading, *found.span()):
            continue
        offset = table[re.sub(r"\s+", " ", found[0])]
        yield Claim("date", days.shifted(on, offset).isoformat(), *found.span())
    following = meanings(lang, "following_days")
    dated = sorted((c for c in known if len(c.value.rpartition("/")[2]) == 10), key=lambda c: c.end)
    for found in phrases(lang, "following_days").over(reading):
        at = bisect_right(dated, found.start(), key=lambda c: c.end)
        if at:
            last = dated[at - 1].value.rpartition("/")[2]
            value = days.shifted(date.fromisoformat(last), following[re.sub(r"\s+", " ", found[0])])
            yield Claim("date", value.isoformat(), *found.span())


def _is_title(reading: Reading, start: int, end: int) -> bool:
    """« Demain » in quotes is the name of a film."""
    return (
        re.search(r"(?:[«“] ?|(?:^|[ (])\")$", reading.plain[max(0, start - 3) : start]) is not None
        and re.match(r" ?[»\"”]", reading.plain[end : end + 2]) is not None
    )


def widened(reading: Reading, lang: str, claims: list[Claim]) -> list[Claim]:
    """« la semaine du 6 avril » and « le week-end du 7 mars »: the whole week, the two days."""
    out: list[Claim] = []
    for claim in claims:
        before = reading.plain[max(0, claim.start - 30) : claim.start]
        is_single = claim.kind == "date" and len(claim.value) == 10
        of_week = ending(lang, "weeks", "of").search(before) if is_single else None
        found = of_week or (ending(lang, "weekends", "of").search(before) if is_single else None)
        if found:
            first, last = (days.week if of_week else days.weekend)(date.fromisoformat(claim.value))
            start = claim.start - (len(before) - found.start())
            out.append(Claim("date", days.iso(first, last), start, claim.end))
        else:
            out.append(claim)
    return _weekend_pairs(reading, out)


@cache
def _weekday_to(lang: str) -> re.Pattern[str]:
    names = any_of(f for fs in lexicon(lang)["weekdays"].values() for f in fs if len(f) > 4)
    hour = r"(?:,? ?(?:a |at )?\x02{1,20}(?! ?-))?"
    return re.compile(
        rf"(?P<moved>(?:{MOVED[lang]})(?:e?s?) (?:du |de |from ))?(?<!\w)(?P<day>{names}){hour} ?(?:au|a|to|-) ?(?:le )?$"
    )


def from_weekday(reading: Reading, lang: str, claims: list[Claim]) -> list[Claim]:
    """« du vendredi au dimanche 8 novembre »: the first day is the last such one before; moved, it is a day of its own."""
    names = meanings(lang, "weekdays")
    out: list[Claim] = []
    for claim in claims:
        low = max(0, claim.start - 56)
        found = _weekday_to(lang).search(reading.plain[low : claim.start]) if len(claim.value) == 10 else None
        if found is None or not re.match(r"[a-z]{5}", reading.plain[claim.start : claim.start + 5]):
            out.append(claim)
            continue
        last = date.fromisoformat(claim.value)
        first = days.last_weekday(names[found["day"]], last)
        span = (low + found.start("day"), low + found.end("day"))
        if found["moved"]:
            out += [Claim("date", first.isoformat(), *span), claim]
        else:
            out.append(Claim("date", days.iso(first, last), span[0], claim.end, (span, *claim.taken)))
    return out


def _weekend_pairs(reading: Reading, claims: list[Claim]) -> list[Claim]:
    """« le week-end des 7 et 8 mars »: the second day lies inside the week-end that the first one gave."""
    out: list[Claim] = []
    for claim in claims:
        last = out[-1] if out else None
        inside = (
            last is not None and len(last.value) == 21 and len(claim.value) == 10 and last.value[11:] == claim.value
        )
        if last is not None and inside and claim.start - last.end < 6:
            out[-1] = Claim("date", last.value, last.start, claim.end)
        else:
            out.append(claim)
    return out


def weeks(reading: Reading, lang: str, on: date) -> Iterator[Claim]:
    """This, next, last week; this week-end; this, next, last month and year."""
    for key, offset in (("this", 0), ("next", 7), ("last", -7)):
        for found in phrases(lang, "weeks", key).over(reading):
            yield Claim("date", days.iso(*days.week(days.shifted(on, offset))), *found.span())
        if key != "next":
            for found in phrases(lang, "weekends", key).over(reading):
                yield Claim("date", days.iso(*days.weekend(days.shifted(on, offset))), *found.span())
    for key, step in (("this", 0), ("next", 1), ("last", -1)):
        for found in phrases(lang, "months_near", key).over(reading):
            year, month = divmod(on.year * 12 + on.month - 1 + step, 12)
            yield Claim("date", days.month_iso(year, month + 1), *found.span())
        if step:
            for found in phrases(lang, "years_near", key).over(reading):
                yield Claim("date", f"{on.year + step:04d}", *found.span())


@cache
def _month(lang: str) -> Scanner:
    names = any_of(f for fs in lexicon(lang)["months"].values() for f in fs)
    return Scanner(
        rf"(?<![\w'-])(?<!d')(?P<mon>{names})(?![\w'-])(?:\.?(?<!\w\w\w\w\w\.) (?:de )?(?P<year>(?:19|20)\d{{2}})(?![\d]))?"
        rf"|(?<=d')(?P<mon2>{names})(?![\w'-])(?: (?P<year2>(?:19|20)\d{{2}})(?!\d))?"
    )


_MONTH_RANGE = re.compile(
    r" ?(?:a|-|au|jusqu'a|jusqu'en|to|until|through|till|→) ?(?:fin |debut |mi-|d'|the end of |early |late )?"
)
_MONTH_LIST = re.compile(r" ?(?:,|et|ou|and|or|puis|then|/|&) ?(?:en |in )?")


def months(reading: Reading, lang: str, on: date) -> Iterator[Claim]:
    """Months with a year, or with a word that makes them one; a range of months as `2026-10/2027-05`."""
    names = meanings(lang, "months")
    names_of_things = iter([m.span() for m in phrases(lang, "not_months").over(reading)])
    aside = next(names_of_things, None)
    found = []
    for m in _month(lang).over(reading):
        while aside is not None and aside[1] <= m.start():
            aside = next(names_of_things, None)
        if (aside is None or m.end() <= aside[0]) and _is_month(reading, m, lang):
            found.append(m)
    at = 0
    while at < len(found):
        m = found[at]
        after = found[at + 1] if at + 1 < len(found) else None
        gap = reading.plain[m.end() : after.start()] if after is not None and after.start() - m.end() < 24 else "¤"
        is_sure = _year(m) or ending(lang, "month_words").search(reading.plain[max(0, m.start() - 24) : m.start()])
        if after is not None and _MONTH_RANGE.fullmatch(gap) and (is_sure or _year(after)):
            yield Claim("date", _month_range(reading, names, m, after, on, lang), m.start(), after.end())
            at += 2
            continue
        tied = after is not None and _MONTH_LIST.fullmatch(gap) and (_year(after) or is_sure)
        listed = at > 0 and _MONTH_LIST.fullmatch(reading.plain[found[at - 1].end() : m.start()][:24] or "¤")
        if is_sure or tied or listed:
            year = _year(m) or (_year(after) if after is not None and tied else None)
            yield Claim("date", _one_month(reading, names[_name(m)], year, m, on, lang), m.start(), m.end())
        at += 1


def _name(m: re.Match[str]) -> str:
    return m["mon"] or m["mon2"]


def _year(m: re.Match[str]) -> int | None:
    text = m["year"] or m["year2"]
    return int(text) if text else None


def _is_month(reading: Reading, m: re.Match[str], lang: str) -> bool:
    """« may » and « march » are months only with a capital; short forms only with a year."""
    name = _name(m)
    if lang == "en" and re.match(r" (?:bank holiday|day|fair)(?![a-z])", reading.plain[m.end() : m.end() + 13]):
        return False
    if lang == "en" and name in {"may", "march"}:
        is_capital = reading.cased[m.start() : m.start() + 1].isupper()
        return is_capital and (
            _year(m) is not None
            or ending(lang, "month_words").search(reading.plain[max(0, m.start() - 24) : m.start()]) is not None
        )
    return len(name) > 4 or name in {"mars", "mai", "juin", "aout", "june", "july"} or _year(m) is not None


def _one_month(reading: Reading, month: int, year: int | None, m: re.Match[str], on: date, lang: str) -> str:
    if year is not None:
        return days.month_iso(year, month)
    when = days.tense(reading, m.start(), m.end(), lang)
    if when == days.PAST:
        return days.month_iso(on.year - (month > on.month), month)
    return days.month_iso(on.year + (month < on.month), month)


def _month_range(
    reading: Reading, names: dict[str, int], one: re.Match[str], other: re.Match[str], on: date, lang: str
) -> str:
    first, last = names[_name(one)], names[_name(other)]
    end = _one_month(reading, last, _year(other), other, on, lang)
    end_year = int(end[:4])
    start_year = _year(one)
    if start_year is not None and _year(other) is None:
        end = days.month_iso(start_year + (last < first), last)
    return f"{days.month_iso(start_year or end_year - (first > last), first)}/{end}"


_YEAR = Scanner(
    r"(?<![\w/.,-])((?:19|20)\d{2})(?![\w/]|[.,-]\d| ?(?:€|%|euros?|places|personnes|habitants|m2|km|m3)(?!\w))"
)
_YEAR_RANGE = re.compile(r" ?(?:a|et|to|and|jusqu'en|until) ?")


def years(reading: Reading, lang: str) -> Iterator[Claim]:
    """« en 2027 », « de 2024 à 2026 »; not the year of a name (« Budget 2026 »)."""
    found = list(_YEAR.over(reading))
    at = 0
    while at < len(found):
        m = found[at]
        before = reading.plain[max(0, m.start() - 24) : m.start()]
        after = found[at + 1] if at + 1 < len(found) else None
        gap = reading.plain[m.end() : after.start()] if after is not None and after.start() - m.end() < 14 else "¤"
        if after is not None and _YEAR_RANGE.fullmatch(gap) and re.search(r"\b(?:de|entre|from|between) ?$", before):
            yield Claim("date", f"{m[1]}/{after[1]}", m.start(), after.end())
            at += 2
            continue
        if ending(lang, "year_words").search(before):
            yield Claim("date", m[1], *m.span())
        at += 1


def merged(reading: Reading, claims: list[Claim]) -> list[Claim]:
    """« demain, jeudi 26 février » is one mention of one day."""
    out: list[Claim] = []
    for claim in sorted(claims, key=lambda c: (c.start, c.end)):
        last = out[-1] if out else None
        gap = reading.plain[last.end : claim.start] if last is not None else "¤"
        if (
            last is not None
            and last.value == claim.value
            and last.kind == claim.kind
            and fold(gap).strip() in {"", ",", "("}
        ):
            out[-1] = Claim("date", last.value, last.start, claim.end, (*last.taken, *claim.taken))
        else:
            out.append(claim)
    return out
