"""The last gate's dates: « demain » that has come to mean another day is rewritten as a date."""

from __future__ import annotations

import re
from datetime import date, timedelta

from diffusion.facts import Fact, extract

_WEEKDAYS = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
           "novembre", "décembre"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"),
}  # fmt: skip
_PART_OF_DAY = {
    "fr": (("matin", " au matin"), ("midi", " à midi"), ("après-midi", " après-midi"), ("soir", " au soir"),
           ("nuit", " dans la nuit")),
    "en": (("morning", " in the morning"), ("afternoon", " in the afternoon"), ("evening", " in the evening"),
           ("tonight", " in the evening"), ("night", " at night")),
}  # fmt: skip
_ADVERB = re.compile(r"(?:today|tomorrow|tonight|the day after tomorrow)\b", re.IGNORECASE)
"""English puts a preposition before the date that takes their place; French none."""


def rewrite_relative_dates(text: str, was: date, now: date, lang: str) -> str | None:
    """The text with every date that would be read otherwise on `now` than on `was` written out; None: none would.

    `was` is the day for which the text was written and approved, `now` the day on which it would go out.
    """
    then = _dates(text, was, lang)
    today = {(fact.start, fact.end): fact.value for fact in _dates(text, now, lang)}
    moved = [fact for fact in then if today.get((fact.start, fact.end)) != fact.value]
    if not moved:
        return None
    rewritten = _with_written(text, moved, now, lang)
    meant, means = {fact.value for fact in then}, {fact.value for fact in _dates(rewritten, now, lang)}
    return rewritten if meant <= means else _with_written(text, then, now, lang)  # one date had explained another


def passed_dates(text: str, was: date, now: date, lang: str) -> tuple[Fact, ...]:
    """The dates of a text written for `was` that lie behind on `now` and did not then: a reason to stop it."""
    return tuple(
        fact
        for fact in extract(text, lang, was).facts
        if fact.kind == "date" and len(fact.value) >= 10 and was.isoformat() <= fact.value[-10:] < now.isoformat()
    )


def _dates(text: str, on: date, lang: str) -> list[Fact]:
    return [fact for fact in extract(text, lang, on).facts if fact.kind == "date"]


def _with_written(text: str, facts: list[Fact], now: date, lang: str) -> str:
    for fact in sorted(facts, key=lambda fact: -fact.start):
        written = _written(fact.value, fact.text, now, lang)
        text = text[: fact.start] + _cased(written, fact.text, text[: fact.start]) + text[fact.end :]
    return text


def _written(value: str, words: str, now: date, lang: str) -> str:
    """A canonical date in words, with the part of the day that the replaced words named."""
    language = lang[:2] if lang[:2] in _WEEKDAYS else "fr"
    ends = value.split("/")
    if any(len(end) < 10 for end in ends):
        return _month(value, language)
    days = [date.fromisoformat(end) for end in ends]
    year = any(day < now or day - now > timedelta(days=300) for day in days)
    if len(days) == 2:
        first, last = _day(days[0], language, year=False), _day(days[1], language, year=year)
        return f"du {first} au {last}" if language == "fr" else f"from {first} to {last}"
    folded = words.casefold().replace("’", "'")
    part = next((said for word, said in _PART_OF_DAY[language] if re.search(rf"\b{word}\b", folded)), "")
    on = "on " if _ADVERB.match(words) else ""
    return on + _day(days[0], language, year=year) + part


def _day(day: date, language: str, *, year: bool) -> str:
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    named = f"{_WEEKDAYS[language][day.weekday()]} {number} {_MONTHS[language][day.month - 1]}"
    return f"{named} {day.year}" if year else named


def _month(value: str, language: str) -> str:
    """A month or a year, or a range of them, as words."""
    said = [f"{_MONTHS[language][int(end[5:7]) - 1]} {end[:4]}" if len(end) == 7 else end for end in value.split("/")]
    return (" à " if language == "fr" else " to ").join(said)


def _cased(written: str, words: str, before: str) -> str:
    """A capital where the replaced words had one and a sentence begins."""
    begins = not before.strip() or before.rstrip()[-1] in ".!?…\n"
    return written[0].upper() + written[1:] if words[:1].isupper() and begins else written
