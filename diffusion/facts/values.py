"""Amounts, percents and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import cache

from diffusion.facts.claim import Claim
from diffusion.facts.lexicon import any_of, lexicon, meanings, words
from diffusion.facts.numerals import FIGURE, figure_value, word_pattern, words_value, written
from diffusion.facts.reading import Reading, fold
from diffusion.facts.scan import Scanner

_START = r"(?<![\w.,/-])(?<!\d )"
_RANGE = r"(?: ?(?:a|-|et|ou|to|and|or|/) ?)"


@cache
def _amount(lang: str) -> Scanner:
    """« 12,50 € », « 12€50 », « £31 », « 1,2 million d'euros », « de 3 à 7 euros »."""
    ahead = {"£", "$"} if lang == "en" else set()  # in English these signs stand before their figures
    names = words(f for forms_ in lexicon(lang)["currencies"].values() for f in forms_ if f not in ahead)
    sizes = any_of(f for forms_ in lexicon(lang)["magnitudes"].values() for f in forms_)
    quantity = rf"(?:{FIGURE}|{word_pattern(lang)})"
    size = rf"(?: ?(?P<size>{sizes})(?![a-z]))?"
    cents = r"(?P<cents> ?\d{2}(?!\d|[.,]\d| ?(?:€|%|h|euros?|ans|places?|jours?|min|rue|avenue)(?![a-z])))?"
    in_words = r"(?: (?P<in_words>dix|vingt|trente|quarante|cinquante|soixante)(?= (?:par|pour|l[ea])|[.,;:)\n]|$))?"
    after = rf"(?P<number>{quantity}){size} ?(?:d'|de )?(?:(?P<name>{names})(?:{cents}{in_words}))"
    before = rf"(?P<sign>[€£$]) ?(?P<figure>{FIGURE})(?: ?(?P<size2>{sizes})(?![a-z]))?"
    pence = rf"(?P<pence>\d{{1,2}}) ?(?P<pence_name>{any_of(lexicon(lang)['cents'])})(?![a-z0-9])"
    low = rf"(?:(?P<low>{FIGURE}){_RANGE})?"
    return Scanner(rf"(?<![\w.,])(?:{low}(?:{after}|{before})|{pence})")


@cache
def _percent(lang: str) -> Scanner:
    sign = any_of(lexicon(lang)["per_cent"])
    quantity = rf"(?:{FIGURE}|{word_pattern(lang)})"
    return Scanner(rf"(?<![\w.,])(?:(?P<low>{FIGURE})(?: ?%)?{_RANGE})?(?P<number>{quantity}) ?{sign}(?![a-z0-9])")


def amounts(reading: Reading, lang: str) -> Iterator[Claim]:
    """Sums of money: ISO 4217 code and decimal; « de 3 à 7 euros » is two."""
    return _shared_unit(_amounts(reading, lang), reading)


def _amounts(reading: Reading, lang: str) -> Iterator[Claim]:
    currencies = meanings(lang, "currencies")
    sizes = meanings(lang, "magnitudes")
    for found in _amount(lang).over(reading):
        if found["pence"]:
            if lang == "en" and reading.plain[found.start() - 1 : found.start()] == "-":
                continue
            code = "GBP" if lang == "en" else "EUR"
            yield Claim("amount", f"{code} {written(Decimal(found['pence']) / 100)}", *found.span())
            continue
        code = currencies.get(re.sub(r"\s+", " ", found["name"] or found["sign"]), "EUR")
        size = Decimal(sizes.get(found["size"] or found["size2"] or "", 1))
        start = found.start("sign") if found["sign"] else found.start("number")
        value = _quantity(found["number"] or found["figure"], lang)
        if value is None:
            continue
        if found["cents"]:
            value += Decimal(found["cents"]) / 100
        if found["in_words"]:
            value += words_value(found["in_words"], lang) / 100
        unit = _per(reading, found.end(), lang)
        low = _quantity(found["low"], lang) if found["low"] else None
        if low is not None:
            low_size = size if low < 1000 else Decimal(1)
            yield Claim("amount", f"{code} {written(low * low_size)}", found.start("low"), found.end("low"), unit=unit)
        yield Claim("amount", f"{code} {written(value * size)}", start, found.end(), unit=unit)


def _shared_unit(claims: Iterable[Claim], reading: Reading) -> Iterator[Claim]:
    """« de 4,20 € à 16,80 € la journée »: both are by the day."""
    last: Claim | None = None
    for claim in claims:
        if last is not None:
            is_joined = bool(claim.unit) and not last.unit and _JOINED.fullmatch(reading.plain, last.end, claim.start)
            yield replace(last, unit=claim.unit) if is_joined else last
        last = claim
    if last is not None:
        yield last


_JOINED = re.compile(_RANGE)


def percents(reading: Reading, lang: str) -> Iterator[Claim]:
    """Percents as bare decimals, without a sign; « 20 à 30 % » is two."""
    for found in _percent(lang).over(reading):
        value = _quantity(found["number"], lang)
        low = _quantity(found["low"], lang) if found["low"] else None
        if low is not None:
            yield Claim("percent", written(low), found.start("low"), found.end("low"))
        if value is not None:
            yield Claim("percent", written(value), found.start("number"), found.end())


def _quantity(text: str, lang: str) -> Decimal | None:
    try:
        return figure_value(text, lang) if text[:1].isdigit() else words_value(text, lang)
    except InvalidOperation:
        return None


@cache
def _per_pattern(lang: str) -> re.Pattern[str]:
    lex = lexicon(lang)
    pers = "|".join(re.escape(fold(p)) for p in lex["per"])
    units = any_of([*lex["counted_by"], *lex["periods"], "m³", "m²"])
    return re.compile(
        rf" ?(?:(?:ttc|ht|bruts?|nets?|environ|maximum|gross|net) )?(?:{pers}) ?(?P<unit>{units})s?(?![a-z0-9])"
    )


def _per(reading: Reading, at: int, lang: str) -> str:
    """What a price is counted by: « 3 € par jour » → « jour »; empty when nothing says it."""
    found = _per_pattern(lang).match(reading.plain, at)
    return found["unit"].replace("³", "3").replace("²", "2") if found else ""
