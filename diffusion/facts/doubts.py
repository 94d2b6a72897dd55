"""What looks wrong in a message beside its dates' own contradictions: a day gone by announced as one to come, two prices.

A warning that cries wolf is switched off: each of these needs a sentence that leaves no other reading.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from datetime import date

from diffusion.facts import days
from diffusion.facts.fact import Fact, Warning_
from diffusion.facts.lexicon import forms
from diffusion.facts.reading import Reading
from diffusion.facts.roles import Said, said

_WITH_WEEKDAY = re.compile(r"(?:[a-z]{3,5}di|dimanche|[a-z]{3,6}day) ")
_WITH_YEAR = re.compile(r"(?:19|20)\d\d$|[/.]\d\d$")
#: « du 3 mars 2025 » may name a decision; « le 3 mars 2025 », "on 3 March 2025" is the day of the thing.
_ON_A_DAY = re.compile(
    r"(?<![a-z])(?:le|au|avant le|les|on|by|until|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)(?: the)? ?$"
)
#: How far before its date an announcement's verb may stand, in characters.
_NEAR = 48
#: Beyond so many prices no two of them are compared.
_MOST = 12
#: Fewer words make no sentence but the line of a table, whose heading says the difference.
_SENTENCE = 5


def doubts(reading: Reading, facts: tuple[Fact, ...], lang: str, on: date) -> Iterator[Warning_]:
    """`date-past` and `two-prices`, in the order of the text."""
    if reading.where is None:
        yield from _past(reading, facts, lang, on)
        yield from _backwards(reading, facts)
        yield from {w.start: w for w in (*_prices(reading, facts, lang), *_twice(reading, facts))}.values()


def _past(reading: Reading, facts: tuple[Fact, ...], lang: str, on: date) -> Iterator[Warning_]:
    """« aura lieu le samedi 4 octobre 2025 », written in 2026."""
    told = [f for f in facts if f.kind == "date" and len(f.value.rpartition("/")[2]) == 10]
    for fact in told:
        is_sure = _WITH_YEAR.search(fact.text) or _WITH_WEEKDAY.match(reading.plain, fact.start)
        if fact.value.rpartition("/")[2] >= on.isoformat() or not is_sure:
            continue
        low, high = days.sentence(reading, fact.start, fact.end)
        others = [f for f in told if low <= f.start < high and f.value.rpartition("/")[2] >= on.isoformat()]
        before = reading.plain[max(0, fact.start - 20) : fact.start]
        is_day = _ON_A_DAY.search(before) is not None or re.match(r"[a-z]{5,9} \d", reading.plain[fact.start :][:12])
        if others or not is_day or days.tense(reading, fact.start, fact.end, lang) != days.AHEAD:
            continue
        if forms(lang, "scheduled").search(reading.plain, low, high):
            continue
        is_announced = forms(lang, "announced").search(reading.plain, max(low, fact.start - _NEAR), fact.start)
        is_deadline = _is_until(reading, fact.start, lang) and forms(lang, "asked").search(reading.plain, low, high)
        if is_announced or is_deadline:
            yield Warning_("date-past", fact.start, fact.end, fact.text, fact.value.rpartition("/")[2])


def _is_until(reading: Reading, start: int, lang: str) -> bool:
    before = reading.plain[max(0, start - 24) : start]
    return re.search(r"(?:jusqu'au|avant le|until|by|before|on)(?: [a-z]{5,8}di| the)? $", before) is not None


#: Hours that a range has not even at night: « de 14 h à 12 h ».
_WHOLE_DAY = 20


def _backwards(reading: Reading, facts: tuple[Fact, ...]) -> Iterator[Warning_]:
    """« de 14 h à 12 h »; from one evening to the next morning is none."""
    for fact in facts:
        first, mark, last = fact.value.partition("/")
        if fact.kind == "time" and mark and first != last and not _NEXT_DAY.match(reading.plain, fact.end):
            hours = (int(last[:2]) - int(first[:2]) + (int(last[3:]) - int(first[3:])) / 60) % 24
            if hours >= _WHOLE_DAY:
                yield Warning_("end-before-start", fact.start, fact.end, fact.text)


_NEXT_DAY = re.compile(r",? ?\(?(?:le |du |the )?(?:lendemain|next day|following)")


def _prices(reading: Reading, facts: tuple[Fact, ...], lang: str) -> Iterator[Warning_]:
    """« L'entrée est à 5 € … L'entrée coûte 6 € »: one thing, two prices."""
    alone = [f for f in facts if f.kind == "amount" and _is_alone(f, reading, facts)]
    if not 2 <= len({f.value for f in alone}) <= _MOST:
        return  # telling what a price is tied to costs time
    first: dict[tuple[object, ...], Said] = {}
    for one in said(reading, facts, lang):
        if one.fact not in alone or not one.words or one.direction or one.bound:
            continue
        other = first.setdefault((one.words, one.labels, one.fact.unit), one)
        between = reading.plain[other.fact.end : one.fact.start]
        if other.fact.value != one.fact.value and "\n\n" not in between and ":" not in between:
            yield Warning_("two-prices", one.fact.start, one.fact.end, one.fact.text, other.fact.text)


def _is_alone(fact: Fact, reading: Reading, facts: tuple[Fact, ...]) -> bool:
    """Whether a price stands alone in a sentence of prose, with nothing that limits it."""
    low, high = days.sentence(reading, fact.start, fact.end)
    around = facts[bisect_left(facts, low, key=lambda f: f.start) : bisect_left(facts, high, key=lambda f: f.start)]
    others = [f for f in around if f is not fact and f.kind not in {"url", "phone"}]
    return not others and len(re.findall(r"[a-z]{2,}", reading.plain[low:high])) >= _SENTENCE


def _twice(reading: Reading, facts: tuple[Fact, ...]) -> Iterator[Warning_]:
    """« L'entrée coûte 5 €. L'entrée coûte 6 €. »: the same words, two prices."""
    first: dict[str, Fact] = {}
    for fact in [f for f in facts if f.kind == "amount"]:
        low, high = days.sentence(reading, fact.start, fact.end)
        said = f"{reading.plain[low : fact.start].strip()} … {reading.plain[fact.end : high].strip()}"
        other = first.setdefault(said, fact) if re.match(r"[a-z' ]{6,}…", said) else fact
        if other.value != fact.value and "\n" not in reading.plain[other.end : low].strip(" "):
            yield Warning_("two-prices", fact.start, fact.end, fact.text, other.text)
