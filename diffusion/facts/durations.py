"""How long: « toutes les 6 minutes », « trois semaines », "half an hour"; hours written like times are told apart in `times`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from diffusion.facts.claim import Claim
from diffusion.facts.lexicon import any_of, ending, forms, lexicon, words
from diffusion.facts.numerals import word_pattern, words_value
from diffusion.facts.reading import Reading, fold
from diffusion.facts.scan import Scanner


@cache
def _duration(lang: str) -> Scanner:
    lex = lexicon(lang)
    units = any_of(f for forms_ in lex["durations"].values() for f in forms_)
    fixed = words(f for forms_ in lex["fixed_durations"].values() for f in forms_)
    ones = any_of(lex["one"])
    return Scanner(
        rf"(?<![\w-])(?P<fixed>{fixed})|(?<![\w.,/-])(?:(?:(?P<low>\d{{1,3}}) ?(?P<to>a|-|to|et|and) ?)?"
        rf"(?P<n>\d{{1,4}}(?:[.,]5)?(?!\d))|(?P<w>{word_pattern(lang)})|(?P<one>{ones})(?= ))"
        rf" ?-?(?:(?:premieres?|dernieres?|prochaines?|first|last|next|working|and a half) )?"
        rf"(?P<unit>{units})(?![a-z0-9/])(?!'(?!(?:s )? ?notice))"
        rf"(?P<half> et demie?(?![a-z]))?(?: (?P<m>\d{{1,2}}) (?:minutes|min|mn)(?![a-z]))?"
    )


_OF = re.compile(r"(?:\bd'|\bof |\bde )$")


#: Half of a unit, as it is written after the whole ones.
_HALVES = {"Y": "6M", "MO": "15D", "D": "T12H", "H": "30M"}


def durations(reading: Reading, lang: str) -> Iterator[Claim]:
    """How long: ISO 8601, in the unit that was said (« 48 heures » is `PT48H`, not two days)."""
    lang = lang if lang == "en" else "fr"
    lex = lexicon(lang)
    letters = {f: letter for letter, forms_ in lex["durations"].items() for f in map(fold, forms_)}
    for found in _duration(lang).over(reading):
        before = reading.plain[max(0, found.start() - 24) : found.start()]
        if found["fixed"]:
            value = next((v for v, fs in lex["fixed_durations"].items() if found["fixed"] in map(fold, fs)), "")
            yield Claim("duration", value, *found.span())
            continue
        letter = letters[found["unit"]]
        is_one = found["one"] or (found["w"] and words_value(found["w"], lang) == 1)
        if is_one and not forms(lang, "duration_before").search(before[-14:]) and not _OF.search(before):
            continue
        if letter in {"H", "M"} and found["unit"] in {"h", "min", "mn", "j"} and found["w"]:
            continue
        n = "1" if found["one"] else found["n"] or str(words_value(found["w"], lang))
        if ending(lang, "identifiers").search(before):
            continue
        start = found.start()
        if found["low"]:
            if found["to"] not in {"et", "and"} or ending(lang, "between").search(before):
                yield Claim("duration", _iso(found["low"], letter, None), *found.span("low"))
            start = found.start("n")
        is_half = found["half"] or " and a half " in found[0]
        if is_half and letter not in _HALVES:
            continue
        value = _iso(n.replace(",", "."), letter, found["m"]) + (_HALVES.get(letter, "") if is_half else "")
        yield Claim("duration", value, start, found.end())


def _iso(number: str, letter: str, minutes: str | None) -> str:
    if letter in {"H", "M"}:
        return f"PT{number}{letter}" + (f"{minutes}M" if minutes else "")
    return f"P{number}{'M' if letter == 'MO' else letter}"
