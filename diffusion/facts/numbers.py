"""Counted things: « 45 places », « quarante-cinq places », « 20 km/h »; not line 4, room 12, article 3 or 91000."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from diffusion.facts.claim import Claim
from diffusion.facts.lexicon import any_of, ending, lexicon, words
from diffusion.facts.mentions import is_house
from diffusion.facts.numerals import FIGURE, figure_value, word_pattern, words_value, written
from diffusion.facts.reading import TAKEN, TAKEN_TIME, Reading, fold
from diffusion.facts.scan import Scanner

_UNITS = r"(?:km/h|km|m2|m3|m²|m³|kg|cm|mm|m|g|l|t|kwh|mwh|kw|mw|ha|°c?|°|db|mbit/s|go|mo|litres?|ml|hl|mph|ft|x)"
_FIGURES = Scanner(rf"(?<![\w.,/+#-])(?<![\d] )(?P<n>{FIGURE})(?P<tail>[a-z°]{{0,3}})(?![\w/.,:-]?\d)")
_TEMPERATURE = re.compile(r"(?<=-)(?P<n>\d{1,2}) ?°")
_NOUN = re.compile(r" ?(?:(?:000 )?(?P<unit>" + _UNITS + r")(?![a-z])|(?P<noun>[a-z][a-z'-]{1,30}))")
_LABELLED = re.compile(
    r"(?::|=|→|plus de|moins de|dont|limitee?s? a|fixee?s? a|porte a|environ|pres de|jusqu'a"
    r"|inferieure?s? a|superieure?s? a|over|about|around|nearly|almost|more than|less than|below|above|some|quelque"
    r"|quelques) ?$"
)


@cache
def _word_numbers(lang: str) -> Scanner:
    near = any_of(f for forms in lexicon(lang)["approximate"].values() for f in forms)
    return Scanner(
        rf"(?<![\w-])(?:(?P<near>{near})(?:(?<=')|(?![a-z]))|(?P<words>{word_pattern(lang)})) ?(?P<noun>[a-z][a-z'-]{{2,30}})?"
    )


def numbers(reading: Reading, lang: str) -> Iterator[Claim]:
    """What is left when every other kind has taken its figures, and counts something."""
    yield from _figures(reading, lang)
    yield from _words(reading, lang)


def _figures(reading: Reading, lang: str) -> Iterator[Claim]:
    plain = reading.plain
    for found in _FIGURES.over(reading):
        after = _NOUN.match(plain, found.end("n"))
        unit = (after["unit"] or after["noun"] or "") if after else ""
        before = plain[max(0, found.start() - 30) : found.start()]
        is_unit = after is not None and bool(after["unit"]) and len(after["unit"]) >= len(found["tail"].rstrip("²³"))
        is_glued = after is not None and len(after["noun"] or "") > 3  # « 45places »
        if found["tail"] and not is_unit and not is_glued:
            continue
        if not _counts(found, before, unit, reading, lang):
            continue
        size, end = _magnitude(plain, found.end("n"), lang)
        value = figure_value(found["n"], lang) * size
        yield Claim("number", written(value), found.start("n"), end, unit=unit.rstrip("s"))


_SIZE = re.compile(r" ?(millions?|milliards?|thousand|billion|mille)(?![a-z])")


def _magnitude(plain: str, at: int, lang: str) -> tuple[int, int]:
    found = _SIZE.match(plain, at)
    if not found:
        return 1, at
    size = {"mille": 1000, "thousand": 1000, "milliard": 10**9, "billion": 10**9}.get(found[1].rstrip("s"), 10**6)
    return size, found.end()


def _is_year(digits: str) -> bool:
    return len(digits) == 4 and digits[:2] in {"19", "20"}


#: « 8 et 15 km », « 20 à 30 personnes »: the first figure counts what the second does.
_SHARES = re.compile(
    rf" ?(?:(?:a|et|ou|ou|-|to|and|or) ?(?:{FIGURE}) ?{_UNITS}(?![a-z])|(?:a|to) (?:{FIGURE}) (?!ans|years|h)[a-z]{{3,}}(?<!ans)s(?![a-z]))"
)


#: « 12 écoles sur 18 », "9 out of 10 homes".
_OUT_OF = re.compile(r"\d (?:[a-z-]{2,20} )?(?:sur|out of|in) (?:les |the )?$")


@cache
def _after(lang: str) -> frozenset[str]:
    """Words that may follow a figure without being what it counts."""
    return frozenset(map(fold, lexicon(lang)["not_counted"]))


def _counts(found: re.Match[str], before: str, unit: str, reading: Reading, lang: str) -> bool:
    """Whether these figures count something, judged by the words on both sides."""
    digits = found["n"]
    if (
        is_house(reading, found.end("n"), lang)
        or _names_it(lang).search(before)
        or (digits.startswith("0") and len(digits) > 1 and "," not in digits and "." not in digits)
    ):
        return False
    if re.search(r"[-°] ?$", before) and not re.search(r"(?:^|\s)- ?$", before):
        return False
    follows = reading.cased[found.end("n") : found.end("n") + 2].lstrip(" ")
    if unit and unit not in _after(lang):
        if follows[:1].isupper() and (len(digits) == 5 or not reading.cased.isupper()):
            return False
        return not _is_year(digits) or unit.endswith(("s", "x"))
    if _is_year(digits):
        return False
    if _SHARES.match(reading.plain, found.end("n")) or _OUT_OF.search(before):
        return True
    return bool(_LABELLED.search(before)) and TAKEN not in before[-3:] and TAKEN_TIME not in before[-3:]


@cache
def _names_it(lang: str) -> re.Pattern[str]:
    """« bus 12 et » before 14: all of a list of lines, rooms, articles are names."""
    return re.compile(
        words(lexicon(lang)["identifiers"])
        + r" ?:? ?(?:[a-z]?\d{1,4}[a-z]?(?: ?(?:,|et|ou|a|-|/|and|or|to|&) ?)){0,4}$"
    )


def _words(reading: Reading, lang: str) -> Iterator[Claim]:
    """Small number words, when they count: a plural noun must follow."""
    near_values = {n: v for v, ns in lexicon(lang)["approximate"].items() for n in ns}
    for found in _word_numbers(lang).over(reading):
        noun = found["noun"] or ""
        if found["near"]:
            value = next((v for n, v in near_values.items() if re.fullmatch(re.escape(n), found["near"])), None)
            if value is not None:
                yield Claim("number", str(value), found.start(), found.end("near"), unit=noun.rstrip("s"))
            continue
        value = words_value(found["words"], lang)
        before = reading.plain[max(0, found.start() - 24) : found.start()]
        if value < 2 or ending(lang, "identifiers").search(before) or not _is_counted(noun, before, lang):
            continue
        yield Claim("number", written(value), found.start("words"), found.end("words"), unit=noun.rstrip("s"))


def _is_counted(noun: str, before: str, lang: str) -> bool:
    if not noun or noun in _after(lang):
        return False
    if lang == "en":
        return noun.endswith(("s", "people", "children", "men", "women"))
    return noun.endswith(("s", "x", "z")) or noun.startswith(("d'", "nouv", "grand"))
