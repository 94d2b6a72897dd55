"""Which day is meant when the year, or more, is left out. Pure arithmetic on the day of publication."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date
from functools import cache, lru_cache

from diffusion.facts.lexicon import ending, forms, lexicon, phrases, words
from diffusion.facts.reading import Reading
from diffusion.facts.scan import Scanner

#: How the sentence looks at its date: `ahead` (the rule), `past`, or `nearest` (it was planned, on either side).
AHEAD, PAST, NEAREST = "ahead", "past", "nearest"

_BREAK = re.compile(r"[.!?…]+(?=[ \n\"»)]|$)|\n")
_CLAUSE = re.compile(r"[,;:()•|]|(?<![a-z])(?:et|mais|qui|and|but|which|who)(?![a-z])")
_FRENCH_PERFECT = Scanner(
    r"(?<![\w'’])(?:a|ont|avons|avez|n'a|n'ont)[ ](?:\w{2,12}ment[ ]|bien[ ]|déjà[ ]|été[ ])?"
    r"(?!lieu|aussi|ainsi|ici|eu[ ]un|tenu[ ]à|prévu|programmé)\w{2,14}(?:é|ée|és|ées|ni|si|lli"
    r"|vi|du|çu|nu|ru|vu|lu|ert|mis|pris|fait|ttu|incu|écu|eint|oint|crit|(?:d|tr)uit|pli|(?:sor|par|bâ|en)ti|andi|oisi"
    r"|euri|urri)(?!\w)",
    re.IGNORECASE,
)
_FRENCH_DONE = Scanner(
    r"(?<!\w)(?<!être )(?:commencé|débuté|entamé|engagé|lancé|inauguré|voté|adopté|né|signé|approuvé|créé|survenu|publié)e?s? "
    r"(?:le|en|depuis|début|dès)(?!\w)"
)


def day(year: int, month: int, number: int) -> date | None:
    """The date, or None when there is no such day."""
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _years(month: int, number: int, around: int) -> Iterator[date]:
    for year in range(around - 4, around + 5):
        if 1 <= year <= 9999 and (found := day(year, month, number)):
            yield found


def without_year(month: int, number: int, on: date, tense: str = AHEAD, weekday: int | None = None) -> date | None:
    """The nearest such day not before `on`; the nearest past one if the sentence says so, or the weekday and it is nearer."""
    all_ = list(_years(month, number, on.year))
    ahead = next((d for d in all_ if d >= on), None)
    past = next((d for d in reversed(all_) if d <= on), None)
    if ahead is None or past is None:
        return ahead or past
    if tense == PAST:
        first, other = past, ahead
    elif tense == NEAREST:
        first, other = (ahead, past) if ahead - on <= on - past else (past, ahead)
    else:
        first, other = ahead, past
    is_nearer = abs(other - on) < abs(first - on)
    return other if weekday is not None and is_nearer and first.weekday() != weekday == other.weekday() else first


def without_month(number: int, on: date, weekday: int | None = None) -> date | None:
    """« le 15 », « mercredi 14 »: the next such day of a month, of that weekday within a year if there is one."""
    first: date | None = None
    for offset in range(14):
        year, month = divmod(on.month - 1 + offset, 12)
        found = day(on.year + year, month + 1, number) if on.year + year <= 9999 else None
        if found is None or found < on:
            continue
        if weekday is None or found.weekday() == weekday:
            return found
        first = first or found
    return first


def next_weekday(weekday: int, on: date) -> date:
    """The next such day, a week later if it is today."""
    return shifted(on, (weekday - on.weekday() - 1) % 7 + 1)


def last_weekday(weekday: int, on: date) -> date:
    return shifted(on, -((on.weekday() - weekday - 1) % 7 + 1))


def shifted(on: date, days: int) -> date:
    """Some days later or earlier, never beyond the calendar."""
    return date.fromordinal(min(max(on.toordinal() + days, 1), date.max.toordinal()))


def week(on: date) -> tuple[date, date]:
    """Monday to Sunday."""
    monday = shifted(on, -on.weekday())
    return monday, shifted(monday, 6)


def weekend(on: date) -> tuple[date, date]:
    """Saturday and Sunday of that week."""
    saturday = shifted(on, 5 - on.weekday())
    return saturday, shifted(saturday, 1)


def iso(first: date, last: date | None = None) -> str:
    """ISO 8601: a day, or an inclusive range."""
    return first.isoformat() if last is None or last == first else f"{first.isoformat()}/{last.isoformat()}"


def month_iso(year: int, month: int) -> str:
    return f"{year:04d}-{month:02d}"


@lru_cache(maxsize=16)
def _breaks(plain: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Where the sentences and lines of a text end, and where the next ones begin."""
    found = [m.span() for m in _BREAK.finditer(plain) if not _abbreviated(plain, m)]
    return tuple(s for s, _ in found), tuple(e for _, e in found)


def sentence(reading: Reading, start: int, end: int, reach: int = 320) -> tuple[int, int]:
    """The borders of the sentence, or line, round a place."""
    starts, ends = _breaks(reading.plain)
    before, after = bisect_right(ends, start), bisect_left(starts, end)
    low = ends[before - 1] if before else 0
    high = starts[after] if after < len(starts) else len(reading.plain)
    return max(low, start - reach), min(high, end + reach)


def _abbreviated(plain: str, found: re.Match[str]) -> bool:
    """« av. de la Gare », « M. Dupont »: no end of a sentence."""
    if found[0] != ".":
        return False
    word = _LAST_WORD.search(plain, max(0, found.start() - 5), found.start())
    return word is not None and word[0] in _ABBREVIATIONS and plain[found.end() : found.end() + 1] != "\n"


_LAST_WORD = re.compile(r"[a-z0-9.]{1,5}$")


_ABBREVIATIONS = frozenset(str(a) for lang in ("fr", "en") for a in lexicon(lang)["abbreviations"])


def tense(reading: Reading, start: int, end: int, lang: str) -> str:
    """Whether the words round a date send it to the past."""
    plain = reading.plain
    before, after = plain[max(0, start - 40) : start], plain[end : end + 16]
    if after_word(lang, "last_words").match(after) or ending(lang, "since").search(before):
        return PAST
    if after_word(lang, "next_words").match(after) or (forms(lang, "last_words").search(before[-6:]) and lang != "en"):
        return AHEAD
    low, high = sentence(reading, start, end)
    clause_low = max([low, *(low + m.end() for m in _CLAUSE.finditer(plain[low:start]))])
    cut = _CLAUSE.search(plain[end:high])
    clause = (clause_low, end + cut.start() if cut else high)
    directed = _directed(lang).search(before) is not None
    for first, last in (clause, (low, high)):
        if not _is_past(reading, first, last, lang):
            continue
        if directed or forms(lang, "scheduled").search(plain, first, last):
            return NEAREST
        return AHEAD if forms(lang, "future").search(plain, first, last) else PAST
    return AHEAD


def _is_past(reading: Reading, low: int, high: int, lang: str) -> bool:
    """Whether something between two places of a text says that it is past."""
    spans = _past_spans(reading, lang)
    at = bisect_left(spans, (low, 0))
    while at < len(spans) and spans[at][0] < high:
        if spans[at][1] <= high:
            return True
        at += 1
    return False


@lru_cache(maxsize=16)
def _past_spans(reading: Reading, lang: str) -> tuple[tuple[int, int], ...]:
    found = [m.span() for m in phrases(lang, "past").over(reading)]
    if lang != "en":
        found += [m.span() for p in (_FRENCH_PERFECT, _FRENCH_DONE) for m in p.over(reading, reading.cased)]
    return tuple(sorted(found))


@cache
def after_word(lang: str, key: str) -> re.Pattern[str]:
    """One of these words right after something."""
    return re.compile(r" ?" + words(lexicon(lang)[key]))


@cache
def _directed(lang: str) -> re.Pattern[str]:
    if lang == "en":
        return re.compile(r"(?:until|till|from|by|before|starting|as of)(?: the)? ?$")
    return re.compile(r"(?:jusqu'au|jusqu'a|jusqu'en|partir du|des le|avant le|compter du|plus tard le)(?: [a-z]+)? ?$")
