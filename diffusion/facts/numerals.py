"""Figures and number words: « 2 150 », « 1,2 million », « quarante-cinq », « twelve hundred »."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from diffusion.facts.lexicon import any_of, lexicon, meanings

#: Digits with the thousands and decimals of both languages; U+00A0 and U+202F are already spaces here.
FIGURE = r"(?:\d{1,3}(?:[ .,']\d{3}){1,4}(?!\d)|\d{1,12})(?:[.,]\d{1,6}(?!\d))?"


@cache
def word_pattern(lang: str) -> str:
    """Number words in a row, joined by hyphens, spaces or *et* / *and*; at most eight."""
    one = any_of(w for forms in lexicon(lang)["numbers"].values() for w in forms) + "(?![a-z])"
    joint = r"(?:-et-|-| et | )" if lang != "en" else r"(?:-| and | )"
    return rf"(?<![a-z0-9-]){one}(?:{joint}{one}){{0,8}}"


def figure_value(figure: str, lang: str) -> Decimal:
    """The value of digits as the language writes them: 1.200 is 1200 in French, « 1,200 » is so in English."""
    bare = figure.replace(" ", "").replace("'", "")
    decimal, thousands = (".", ",") if lang == "en" else (",", ".")
    if (
        re.fullmatch(rf"\d{{1,3}}(?:\{thousands}\d{{3}})+(?:\{decimal}\d+)?", bare)
        or bare.count(".") + bare.count(",") > 1
    ):
        bare = bare.replace(thousands, "")
    return Decimal(bare.replace(",", "."))


def words_value(text: str, lang: str) -> Decimal:
    """The value of number words; « quatre-vingt-dix-sept » is 97, « deux mille cinq cents » 2500."""
    table = meanings(lang, "numbers")
    total = group = 0
    for word in re.split(r"[- \n]+", text):
        value = table.get(word)
        if value is None:
            continue
        if value >= 1000:
            total += max(group, 1) * value
            group = 0
        elif value == 100:
            group = max(group, 1) * 100
        elif value == 20 and lang != "en" and group % 100 == 4:
            group += 76  # quatre-vingt
        else:
            group += value
    return Decimal(total + group)


def written(value: Decimal) -> str:
    """A decimal as the canonical values have it: no exponent, no trailing zeros."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text or "0"
