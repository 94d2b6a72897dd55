"""Times of day and durations: the same words (« 2 h ») may be either, so they are told apart here.

Each mention of a clock becomes a `Clock`; two of them joined by a range's word are one range (ISO 8601, `HH:MM/HH:MM`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from diffusion.facts.claim import Claim
from diffusion.facts.lexicon import any_of, ending, lexicon, words
from diffusion.facts.numerals import word_pattern, words_value
from diffusion.facts.reading import Reading
from diffusion.facts.scan import Scanner


@dataclass(frozen=True, slots=True)
class Clock:
    """One mention of an hour. `form`: `h` (9h30), `heures`, `colon` (9:30), `word` (midi), `pm` / `am`, `bare` (« de 9 à … »)."""

    start: int
    end: int
    hour: int
    minute: int
    form: str

    @property
    def value(self) -> str:
        return f"{self.hour % 24:02d}:{self.minute:02d}"


@cache
def _clock(lang: str) -> Scanner:
    lex = lexicon(lang)
    named = words(f for forms_ in lex["hours"].values() for f in forms_)
    colon = r"(?P<ch>[01]?\d|2[0-4]):(?P<cm>[0-5]\d)(?::00)?(?![\d:])(?: ?(?P<ap2>[ap])\.?m(?!\w))?(?: ?h(?![a-z0-9]))?"
    if lang == "en":
        return Scanner(
            rf"(?<![\w:.,/£€$])(?<!\d )(?:{colon}|(?P<h>1[0-2]|0?[1-9])(?:[.:](?P<m>[0-5]\d))? ?(?:(?P<ap>[ap])m(?!\w)"
            rf"|(?P<apd>[ap])\.m(?:\.|(?!\w)))"
            r"|(?P<oh>1[0-2]|[1-9]) ?o'clock|(?P<past>half past|quarter past|quarter to) (?P<pw>[a-z]{3,6}"
            r"|\d{1,2})(?: ?(?P<ap3>[ap])m)?)"
            rf"|(?:(?<![\w-])|(?<=[ap]m-)|(?<=\d-))(?<!after)(?P<named>{named})"
            rf"|(?<![\w:.,/£€$])(?P<dh>[01]?\d|2[0-3])\.(?P<dm>[0-5]\d)(?= ?(?:to"
            rf"|-|until|till) ?\d{{1,2}}[.:]?\d{{0,2}} ?[ap]\.?m)"
        )
    return Scanner(
        rf"(?<![\w:.])(?<!\d,)(?:{colon}|(?P<h>[01]?\d|2[0-4]) ?(?P<unit>heures?|hrs?|h)(?![a-z]|/(?:24"
        rf"|7|j|s|m)) ?(?:(?P<m>[0-5]\d)(?![\d/€%]|[.,]\d| ?€| ?%)"
        r"(?: ?(?:minutes|mn|min)(?![a-z]))?|(?P<half>et demie?|et quart|trente|quinze|quarante-cinq)(?![a-z]))?"
        rf"|(?P<hw>{word_pattern(lang)}) heures?(?![a-z])(?: (?P<mw>trente|quinze|quarante-cinq|et demie"
        rf"|et quart|vingt|dix)(?![a-z]))?)"
        rf"|(?<!\w)(?P<named>{named})(?P<nhalf> et demie?)?"
    )


def clocks(reading: Reading, lang: str) -> Iterator[Clock]:
    """Every mention that looks like an hour, durations still included."""
    for found in _clock(lang).over(reading):
        one = _english(found) if lang == "en" else _french(found, reading)
        if one is not None:
            yield one


def _named(found: re.Match[str], lang: str) -> Clock:
    hour = next(v for v, fs in lexicon(lang)["hours"].items() if found["named"] in fs)
    return Clock(*found.span("named"), int(hour[:2]), 0, "word")


def _french(found: re.Match[str], reading: Reading) -> Clock | None:
    if found["named"]:
        before = reading.plain[max(0, found.start() - 14) : found.start()]
        after = reading.plain[found.end() : found.end() + 3]
        if re.search(r"(?:apres[- ]|\bdu |\ble |\bles |pause |cet |chaque |quart de )$", before) or after.startswith(
            "-"
        ):
            return None
        one = _named(found, "fr")
        return Clock(one.start, found.end(), one.hour, 30, "word") if found["nhalf"] else one
    if found["ch"]:
        return Clock(*found.span(), int(found["ch"]), int(found["cm"]), "colon")
    if found["hw"]:
        minutes = {"et demie": 30, "et quart": 15}.get(found["mw"] or "")
        if minutes is None:
            minutes = int(words_value(found["mw"] or "", "fr"))
        return Clock(*found.span(), int(words_value(found["hw"], "fr")), minutes, "heures")
    minute = int(found["m"] or 0) or _PARTS.get((found["half"] or "").rstrip("e"), 0)
    hour, end = int(found["h"]), found.end()
    after = reading.plain[end : end + 24]
    late = re.match(r" ?(?:du soir|de l'apres-midi)", after)
    if late and hour < 12:
        hour, end = hour + 12, end + late.end()
    end -= len(reading.plain[found.start() : end]) - len(reading.plain[found.start() : end].rstrip())
    return Clock(found.start(), end, hour, minute, "heures" if found["unit"].startswith("heure") else "h")


#: Parts of an hour, without a final « e ».
_PARTS = {"et demi": 30, "et quart": 15, "trent": 30, "quinz": 15, "quarante-cinq": 45}
_SPOKEN = {
    w: n
    for n, w in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 1
    )
}


def _english(found: re.Match[str]) -> Clock | None:
    if found["named"]:
        return _named(found, "en")
    if found["dh"]:
        return Clock(*found.span(), int(found["dh"]), int(found["dm"]), "bare")
    if found["past"]:
        hour = _SPOKEN.get(found["pw"]) or (int(found["pw"]) if found["pw"].isdigit() else 0)
        if not 1 <= hour <= 12:
            return None
        minute = {"half past": 30, "quarter past": 15, "quarter to": 45}[found["past"]]
        hour -= minute == 45
        return Clock(*found.span(), hour + 12 * (found["ap3"] == "p"), minute, "pm" if found["ap3"] else "oclock")
    if found["oh"]:
        return Clock(*found.span(), int(found["oh"]), 0, "oclock")
    half = found["ap"] or found["apd"] or found["ap2"]
    hour, minute = int(found["h"] or found["ch"]), int(found["m"] or found["cm"] or 0)
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return Clock(*found.span(), hour, minute, f"{half}m" if half else "colon")


def times(reading: Reading, lang: str) -> tuple[list[Claim], list[Claim]]:
    """Times and the durations written like times, in order."""
    lang = lang if lang == "en" else "fr"
    found = list(clocks(reading, lang))
    claims: list[Claim] = []
    spent: list[Claim] = []
    at = 0
    while at < len(found):
        one = found[at]
        other = found[at + 1] if at + 1 < len(found) else None
        if other is not None and _is_range(reading, one, other, lang):
            one = _same_half(one, other)
            claims.append(Claim("time", f"{one.value}/{other.value}", one.start, other.end))
            at += 2
            continue
        low = _bare_low(reading, one, lang)
        if low is not None and (not claims or claims[-1].end <= low.start):
            claims.append(Claim("time", f"{low.value}/{one.value}", low.start, one.end))
        elif _is_duration(reading, one, lang):
            spent.append(Claim("duration", _length(one), one.start, one.end))
        elif one.form != "bare":
            claims.append(Claim("time", one.value, one.start, one.end, also=_other_half(one)))
        at += 1
    return claims, spent


def _other_half(one: Clock) -> tuple[str, ...]:
    """« half past six » may be in the evening."""
    return (f"{(one.hour + 12) % 24:02d}:{one.minute:02d}",) if one.form == "oclock" else ()


def _length(one: Clock) -> str:
    return f"PT{one.hour}H" + (f"{one.minute}M" if one.minute else "") if one.hour else f"PT{one.minute}M"


@cache
def _joint(lang: str) -> re.Pattern[str]:
    return re.compile(rf" ?{any_of(lexicon(lang)['time_range'])} ?")


def _is_range(reading: Reading, one: Clock, other: Clock, lang: str) -> bool:
    gap = reading.plain[one.end : other.start]
    if len(gap) > 14 or not _joint(lang).fullmatch(gap):
        return False
    word = gap.strip()
    if word in {"et", "and"}:
        return ending(lang, "between").search(reading.plain[max(0, one.start - 12) : one.start]) is not None
    if word == "/":
        return gap == "/" and (one.hour, one.minute) < (other.hour, other.minute)
    return True


def _same_half(one: Clock, other: Clock) -> Clock:
    """« 2.30 to 4pm »: the first hour is in the afternoon too, unless that would put it after the second."""
    if one.form in {"bare", "colon"} and other.form in {"pm", "am"} and one.hour < 12:
        later = one.hour + 12 if other.hour >= 12 else one.hour
        if (later, one.minute) < (other.hour, other.minute):
            return Clock(one.start, one.end, later, one.minute, one.form)
    return one


#: « de 9 à 12 h » needs its « de »; « 9-12h » needs only that no word of dates stands before it.
_AFTER_OPENER = re.compile(r"(?:^|\n|\b(?:de|entre|des)|[:,(|-]) ?$")
_AFTER_WORD = re.compile(r"(?:^|[^a-z0-9 ]|(?<!\ble)(?<!\bles)(?<!\bau)(?<!\bdu)) ?$")


def _bare_low(reading: Reading, one: Clock, lang: str) -> Clock | None:
    """The first hour of « de 9 à 12 h », « 9-12h », « 2-4pm »."""
    before = reading.plain[max(0, one.start - 24) : one.start]
    found = re.search(r"(?<![\w.,/€£$:-])(\d{1,2})(?:[.:](\d{2}))? ?(a|-|et|to|and|until) ?$", before)
    if not found or int(found[1]) > 24 or (one.form in {"word"} and found[3] == "-"):
        return None
    opener = before[: found.start()]
    if found[3] in {"et", "and"} and not ending(lang, "between").search(opener):
        return None
    if lang != "en" and not (_AFTER_OPENER if found[3] == "a" else _AFTER_WORD).search(opener):
        return None
    if ending(lang, "identifiers").search(opener):
        return None
    start = max(0, one.start - 24) + found.start()
    low = Clock(start, start, int(found[1]), int(found[2] or 0), "bare")
    return _same_half(low, one)


def _is_duration(reading: Reading, one: Clock, lang: str) -> bool:
    """Whether an hour alone says how long, not when."""
    if one.form not in {"h", "heures"}:
        return False
    if one.hour > 24 or (one.hour == 24 and reading.plain[one.end : one.end + 1] == "/"):
        return True
    before = reading.plain[max(0, one.start - 26) : one.start]
    after = reading.plain[one.end : one.end + 24]
    if re.search(
        r"\b(?:duree|dure|durera|durant|pendant|en|dans|sous|toutes les|plus de|moins de|maxi|maximum"
        r"|delai de|il y a|les|ces|d')(?: environ)? ?:? ?$",
        before,
    ):
        return True
    if (
        re.search(r"\b(?:pour|apres|environ|depuis) $", before)
        and one.form == "heures"
        and not re.search(r"prevue? pour $", before)
    ):
        return True
    if re.search(r"\b(?:stage|cours|formation|seance|semaine|contrat|forfait|travail|volume|total)s? de $", before):
        return one.form == "heures" or one.hour <= 6
    if re.search(r"(?<!partir )\bde $", before):
        return one.hour <= 6
    if re.search(r"\b(?:limite|porte|reduit)e?e?s? a $", before) and one.hour <= 6:
        return True
    if re.search(r"\b(?:a|des|vers|jusqu'a|entre|avant|partir de|apres|jusque|ici) ?$", before):
        return False
    if re.match(
        r" (?:de|d')(?! la| l'| cet| ce|u) ?[a-z]{3}|\W{1,2}(?:gratuites?|offertes?|consecutives"
        r"|maxi|maximum|max|minimum|d'affilee|par (?:jour|semaine|mois))",
        after,
    ):
        return True
    if one.form == "heures":
        return not re.search(r"(?:\d|[a-z]{3}|an|-)[,: -]{1,3}$", before) or not re.search(
            r"(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre"
            r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|\d{4}|soir|matin|demain|midi)[,: -]{1,3}$",
            before,
        )
    return one.hour <= 4 and before.endswith("(") and after.startswith(")")
