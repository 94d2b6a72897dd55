"""Weekdays: what comes back (« tous les mardis », « du mardi au samedi », RFC 5545's parts), and the next such day."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import pairwise

from diffusion.facts import days
from diffusion.facts.claim import Claim, between
from diffusion.facts.lexicon import BEFORE, any_of, forms, lexicon, meanings, phrases, words
from diffusion.facts.reading import TAKEN_DATE, TAKEN_TIME, Reading
from diffusion.facts.runs import CODES, Run, rule, runs, weekday_names
from diffusion.facts.scan import Scanner


@cache
def _ordinal(lang: str) -> Scanner:
    lex = lexicon(lang)
    ordinals = any_of(f for fs in lex["ordinals"].values() for f in fs)
    names = any_of(f for fs in lex["weekdays"].values() for f in fs if len(f) > 4)
    of = words(lex["of_month"])
    each = words(["chaque"] if lang != "en" else ["every"])
    joint = r"(?: ?(?:et|and|,|&) ?(?:le |les |the )?)"
    return Scanner(
        rf"(?:(?P<each>{each}) )?(?<!\w)(?P<first>{ordinals})(?:{joint}(?P<second>{ordinals}))? (?P<day>{names})s?(?![a-z])(?P<of> {of})?"
    )


@cache
def _every_other(lang: str) -> Scanner:
    names = any_of(f for fs in lexicon(lang)["weekdays"].values() for f in fs if len(f) > 4)
    forms_ = any_of(form.replace("{day}", "DAY") for form in lexicon(lang)["every_other"])
    return Scanner(BEFORE + forms_.replace("day", f"(?:{names})") + r"s?(?![a-z])")


def recurrences(reading: Reading, lang: str) -> Iterator[Claim]:
    """What says by itself that it comes back, weekdays in a row left out."""
    lang = lang if lang == "en" else "fr"
    weekdays, ordinals = meanings(lang, "weekdays"), meanings(lang, "ordinals")
    for found in _ordinal(lang).over(reading):
        if not (found["of"] or found["each"] or found["second"]):
            continue
        numbers = [ordinals[o] for o in (found["first"], found["second"]) if o]
        code = CODES[weekdays[found["day"]]]
        parts = ",".join(f"{n}{code}" for n in sorted(numbers, key=lambda n: n if n > 0 else 99))
        yield Claim("recurrence", f"FREQ=MONTHLY;BYDAY={parts}", *found.span())
    for found in _every_other(lang).over(reading):
        day = next(m["day"] for m in weekday_names(lang).pattern.finditer(found[0]))
        yield Claim("recurrence", rule((weekdays[day],), 2), *found.span())
    fixed = {
        "daily": "FREQ=DAILY",
        "weekly": "FREQ=WEEKLY",
        "monthly": "FREQ=MONTHLY",
        "yearly": "FREQ=YEARLY",
        "workdays": rule((0, 1, 2, 3, 4)),
    }
    for key, value in fixed.items():
        for found in phrases(lang, key).over(reading):
            yield Claim("recurrence", value, *found.span())
    for found in phrases(lang, "weekends", "weekly").over(reading):
        if not re.match(r" (?:du|des|de|d'|of) ?", reading.plain[found.end() : found.end() + 5]):
            yield Claim("recurrence", rule((5, 6)), *found.span())


def weekdays(reading: Reading, lang: str, on: date, known: list[Claim], regular: list[Claim]) -> Iterator[Claim]:
    """Weekdays without a date: what comes back if plural, a range, or with hours and the article; else a day.

    The day is the one that the text has just dated (« les 6 et 7 juin … Samedi de 10 h à 19 h »), or the next such one.
    """
    lang = lang if lang == "en" else "fr"
    last: tuple[int, str] = (-99, "")
    spots = sorted(c.start for c in regular)
    for run in runs(reading, lang):
        before = reading.plain[max(0, run.start - 16) : run.start]
        after = reading.plain[run.end : run.end + 80]
        if _is_no_weekday(reading, run, before, after, lang):
            continue
        every = _every(lang).search(before)
        is_close = run.start - last[0] < 60
        if _is_said_already(run, before, known):
            continue
        if run.is_range and len(run.spans) == 2 and re.search(r"nuit (?:de|du) (?:le )?$", before):
            first = days.next_weekday(run.weekdays[0], on)
            yield Claim("date", days.iso(first, days.next_weekday(run.weekdays[-1], first)), run.start, run.end)
            continue
        is_regular = bool(every) or run.is_plural or run.is_range or _is_habit(reading, run, before)
        is_regular = is_regular or (is_close and last[1] == "recurrence" and _joins(before))
        if not is_regular and not (is_close and last[1] == "date"):
            has_hours = (
                re.match(r" ?: ?\x02", after) is not None and _dated(run.weekdays[0], run.spans[0], known) is None
            )
            is_regular = has_hours or _comes_back(reading, run, before, after, lang, spots, known)
        last = (run.end, "recurrence" if is_regular else "date")
        if is_regular:
            start = run.start - (len(before) - every.start()) if every else run.start
            insort(spots, start)
            yield Claim(
                "recurrence", rule(run.weekdays, 2 if re.match(r" sur deux(?![a-z])", after) else 1), start, run.end
            )
        else:
            for weekday, span in zip(run.weekdays, run.spans, strict=True):
                dated = _dated(weekday, span, known) or _retold(reading, weekday, span, known, on)
                yield (
                    dated or _resumed(reading, weekday, span, lang, known) or _one_day(reading, weekday, span, lang, on)
                )


def _is_habit(reading: Reading, run: Run, before: str) -> bool:
    """« ramassés le mardi et le vendredi »: two days with their articles come back."""
    return before.endswith("le ") and " le " in reading.plain[run.start : run.end]


_FEAST = re.compile(r"(?:good|easter|remembrance|palm|ash|shrove|maundy|whit|black|cyber) $")


def _is_said_already(run: Run, before: str, known: list[Claim]) -> bool:
    """« demain jeudi »: the weekday of the day just named is no second mention."""
    if len(run.weekdays) != 1 or not re.search(r"\x03,? $", before):
        return False
    near = reversed(between(known, run.start - 800, run.start))
    last = next((c for c in near if 0 <= run.start - c.end < 3), None)
    return last is not None and len(last.value) == 10 and date.fromisoformat(last.value).weekday() == run.weekdays[0]


def _is_no_weekday(reading: Reading, run: Run, before: str, after: str, lang: str) -> bool:
    """Short forms (« mer. », "sat") need hours or a range; « lundi de Pâques » is a feast."""
    if run.is_short and not (run.is_range or _opens_hours(before, after)):
        return True
    if lang == "en" and _FEAST.search(before):
        return True
    if lang == "en" and run.is_short and not reading.cased[run.start].isupper():
        return True
    return re.match(r" (?:de (?:paques|pentecote)|saint|gras)(?![a-z])", after) is not None


@cache
def _every(lang: str) -> re.Pattern[str]:
    return re.compile(words(lexicon(lang)["every"]) + " ?$")


def _joins(before: str) -> bool:
    return re.search(r"[\x02)][ ,;/et-]{0,6}(?:le |les )?$", before) is not None


def _has(spots: list[int], low: int, high: int) -> bool:
    """Whether one of these places, in order, lies from `low` to before `high`."""
    return bisect_left(spots, low) < bisect_left(spots, high)


def _dated(weekday: int, span: tuple[int, int], known: list[Claim]) -> Claim | None:
    """The day of that weekday that was named before it."""
    for claim in between(known, span[1], span[1] + 16):  # « jeudi matin (5 mars) »
        if len(claim.value) == 10 and date.fromisoformat(claim.value).weekday() == weekday:
            return Claim("date", claim.value, *span)
    for claim in reversed([c for c in between(known, span[0] - 800, span[0]) if 0 <= span[0] - c.end < 400]):
        first, _, last = claim.value.partition("/")
        if len(first) != 10:
            continue
        start = date.fromisoformat(first)
        ahead = (weekday - start.weekday()) % 7
        if days.shifted(start, ahead) <= date.fromisoformat(last or first):
            if last and (date.fromisoformat(last) - start).days > 6:
                continue
            return Claim("date", days.shifted(start, ahead).isoformat(), *span)
    return None


def _retold(reading: Reading, weekday: int, span: tuple[int, int], known: list[Claim], on: date) -> Claim | None:
    """« Concert de samedi » in a title: the Saturday that the text dates, if it dates one."""
    end = reading.plain.find("\n", span[1])
    if end < 0 or "\n" in reading.plain[: span[0]]:
        return None
    days_ = {c.value for c in between(known, end, len(reading.plain)) if len(c.value) == 10}
    same = {day for day in days_ if date.fromisoformat(day).weekday() == weekday and day >= on.isoformat()}
    return Claim("date", same.pop(), *span) if len(same) == 1 else None


def _resumed(reading: Reading, weekday: int, span: tuple[int, int], lang: str, known: list[Claim]) -> Claim | None:
    """« closed on Monday 6 April, back Tuesday »: the first such day after the one that the text has just named."""
    again = phrases(lang, "again").pattern.search(reading.plain, max(0, span[0] - 24), span[0])
    before = between(known, days.sentence(reading, *span)[0], span[0])
    last = before[-1].value.rpartition("/")[2] if before else ""
    if again is None or len(last) != 10:
        return None
    return Claim("date", days.next_weekday(weekday, date.fromisoformat(last)).isoformat(), *span)


def _opens_hours(before: str, after: str) -> bool:
    """Whether this is a line of hours: « Mardi : 9 h-12 h », « • Mer. 14h-18h »."""
    is_first = re.search(r"(?:^|[\n•▪*|·►▶➡☞✔-]|[^\w\s,;.'()/:€%\x01\x02\x03-]) ?(?:le |les )?$", before) is not None
    parts = r"(?:matin|apres-midi|soir|morning|afternoon|evening|midi)"
    return (
        is_first
        and re.match(rf" ?(?:et )?{parts}? ?(?:[:,(=→-]|de|from|a)? ?(?:de |from )?(?:\x02|ferme|closed)", after)
        is not None
    )


def _comes_back(
    reading: Reading, run: Run, before: str, after: str, lang: str, spots: list[int], known: list[Claim]
) -> bool:
    if re.search(r"(?:ce|cette|this|next|des|jusqu'a|dernier|last|coming|d'ici|avant) ?$", before) or re.match(
        r" (?:prochain|dernier|en huit)", after
    ):
        return False
    if _opens_hours(before, after):
        return True
    low, high = days.sentence(reading, run.start, run.end)
    if _follows_hours(reading, low, run, after, lang):
        return True
    if before.endswith("le ") and re.match(r" (?:de )?\x02", after) and _is_period(low, high, known):
        return True
    if before.endswith(("le ", "les ")) and _has(spots, run.start - 199, run.start):
        return TAKEN_DATE not in reading.plain[low:high] or _has(spots, low, run.start)
    if lang == "en":
        return False
    has_hours = TAKEN_TIME in reading.plain[low:high]
    return before.endswith("le ") and has_hours and TAKEN_DATE not in reading.plain[low:high]


#: « ouverte mardi et jeudi 14 h-18 h »: days that don't follow each other are no week-end to come.
_OPEN = re.compile(r"(?:ouvert|open)e?s?(?: on)? $")


def _follows_hours(reading: Reading, low: int, run: Run, after: str, lang: str) -> bool:
    """« Horaires d'été (6 juillet-29 août) : mardi et jeudi 10 h-13 h »: hours that were announced as such."""
    head = reading.plain[low : run.start]
    is_spread = len(run.weekdays) > 1 and all(b - a > 1 for a, b in pairwise(sorted(run.weekdays)))
    if is_spread and _OPEN.search(head) and re.match(r" ?(?:de )?\x02", after):
        return True
    is_list = re.search(r": ?(?:le |les )?$", head) is not None and re.match(r" ?:? ?(?:de )?\x02", after) is not None
    return is_list and forms(lang, "hours_of").search(head) is not None


def _is_period(low: int, high: int, known: list[Claim]) -> bool:
    """« du 11 au 26 avril, le mardi de 10 h à 12 h »: within more than a week a weekday comes back."""
    here = [c.value.partition("/") for c in between(known, low, high)]
    return bool(here) and all(
        mark and len(last) == 10 and (date.fromisoformat(last) - date.fromisoformat(first)).days > 7
        for first, mark, last in here
    )


def _one_day(reading: Reading, weekday: int, span: tuple[int, int], lang: str, on: date) -> Claim:
    start, end = span
    before, after = reading.plain[max(0, start - 12) : start], reading.plain[end : end + 14]
    coming = days.next_weekday(weekday, on)
    is_last = (
        days.after_word(lang, "last_words").match(after)
        if lang != "en"
        else re.search(r"\b(?:last|this past) $", before)
    )
    if is_last:
        return Claim("date", days.last_weekday(weekday, on).isoformat(), start, end)
    eight = days.after_word(lang, "in_eight").match(after)
    if eight and (lang != "en" or re.match(r" week(?![a-z])", after)):
        return Claim("date", days.shifted(coming, 7).isoformat(), start, end + eight.end())
    nexts = days.after_word(lang, "next_words").match(after) if lang != "en" else re.search(r"\bnext $", before)
    if nexts:
        later = days.shifted(coming, 7).isoformat()
        stop = end + nexts.end() if lang != "en" else end
        first = start if lang != "en" else start - (len(before) - nexts.start())
        return Claim("date", coming.isoformat(), first, stop, also=(later,))
    if days.tense(reading, start, end, lang) == days.PAST:
        return Claim("date", days.last_weekday(weekday, on).isoformat(), start, end)
    return Claim("date", coming.isoformat(), start, end, also=(on.isoformat(),) if weekday == on.weekday() else ())
