"""text → facts: each family reads in turn what the ones before it left, and of two that exclude each other the longer wins."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from diffusion.facts import (
    contacts,
    dates,
    doubts,
    durations,
    numbers,
    periods,
    places,
    recurrences,
    times,
    values,
    words,
)
from diffusion.facts.claim import Claim, taken
from diffusion.facts.fact import Extraction, Warning_
from diffusion.facts.gazetteer import Gazetteer, gazetteer_of
from diffusion.facts.reading import TAKEN_DATE, TAKEN_TIME, Reading, read

NOWHERE = Gazetteer()

Take = Callable[[Iterable[Claim], str | None], list[Claim]]


def extract(text: str, lang: str, published: date, *, gazetteer: Gazetteer | Iterable[str] = ()) -> Extraction:
    """All facts of a text, by start, then end, and what looks wrong in it. No input raises.

    `published` is the day from which « demain » and dates without a year are read; `gazetteer` adds an authority's own
    names of places, and sees a slip in one of them. A language that isn't `fr` or `en` is read as French.
    """
    known = gazetteer if isinstance(gazetteer, Gazetteer) else gazetteer_of(tuple(gazetteer))
    return facts_of(read(text), "en" if lang == "en" else "fr", published, known)


def facts_of(reading: Reading, lang: str, published: date, gazetteer: Gazetteer = NOWHERE) -> Extraction:
    """The same for a text that was read already."""
    claims, found = _read(reading, lang, published, gazetteer)
    facts = {(f.start, f.end, f.kind, f.value): f for f in (claim.fact(reading) for claim in claims)}
    kept = tuple(sorted(facts.values(), key=lambda f: (f.start, f.end, f.kind)))
    warnings = [*(_warning(reading, doubt) for doubt in found), *doubts.doubts(reading, kept, lang, published)]
    return Extraction(kept, tuple(sorted(warnings, key=lambda w: (w.start, w.end, w.code))))


def _warning(reading: Reading, doubt: dates.Doubt) -> Warning_:
    start, end = reading.span(doubt.start, doubt.end)
    return Warning_(doubt.code, start, end, reading.raw[start:end], doubt.against)


def _read(reading: Reading, lang: str, on: date, known: Gazetteer) -> tuple[list[Claim], list[dates.Doubt]]:
    claims: list[Claim] = []
    rest = reading

    def take(found: Iterable[Claim], with_: str | None = None) -> list[Claim]:
        nonlocal rest
        kept = _longest(found)
        claims.extend(kept)
        rest = rest.blanked(taken(kept), with_) if with_ else rest.blanked(taken(kept))
        return kept

    take(contacts.links(rest))
    rest = rest.blanked(contacts.tags(rest))
    take(contacts.phones(rest, lang))
    take(contacts.short_phones(rest, lang))
    wrong = [dates.Doubt("phone-incomplete", *span) for span in contacts.cut_phones(rest, lang)]
    rest = rest.blanked([(d.start, d.end) for d in wrong])
    named = [known.corrected(claim) for claim in places.places(rest, lang)]
    take([*known.places(rest), *(claim for claim, _ in named)])
    wrong += [dates.Doubt("place-misspelt", claim.start, claim.end, name) for claim, name in named if name]
    at_times, spent = times.times(rest, lang)
    take(at_times, TAKEN_TIME)
    take(spent)
    wrong += _calendar(take, lambda: rest, lang, on)
    take(values.amounts(rest, lang))
    take(values.percents(rest, lang))
    statuses = list(words.statuses(rest, lang))
    take(words.audiences(rest, lang))
    open_to_all = [c for c in claims if c.kind == "audience" and c.value == "all"]
    claims += [s for s in statuses if not any(a.start <= s.start < a.end for a in open_to_all)]
    take(durations.durations(rest, lang))
    take(numbers.numbers(rest, lang))
    return claims, wrong


def _calendar(take: Take, rest: Callable[[], Reading], lang: str, on: date) -> list[dates.Doubt]:
    """Days first, then what comes back, then weekdays that neither took, then months and years."""
    found, wrong = dates.dates(rest(), lang, on)
    marked = [
        *periods.widened(rest(), lang, periods.from_weekday(rest(), lang, found)),
        *periods.weeks(rest(), lang, on),
    ]
    kept = take(periods.merged(rest(), [*marked, *periods.relative(rest(), lang, on, found)]), TAKEN_DATE)
    regular = take(recurrences.recurrences(rest(), lang), None)
    take(recurrences.weekdays(rest(), lang, on, kept, regular), None)
    take(periods.months(rest(), lang, on), None)
    take(periods.years(rest(), lang), None)
    return wrong


def _longest(found: Iterable[Claim]) -> list[Claim]:
    """Of claims on the same words, the longer; then the first."""
    kept: list[Claim] = []
    for claim in sorted(found, key=lambda c: (c.start, -c.end)):
        if kept and claim.start < kept[-1].end:
            if claim.end - claim.start > kept[-1].end - kept[-1].start and len(kept[-1].taken) == 1:
                kept[-1] = claim
            elif len(kept[-1].taken) > 1 and all(claim.end <= a or b <= claim.start for a, b in kept[-1].taken):
                kept.append(claim)
            continue
        kept.append(claim)
    return kept
