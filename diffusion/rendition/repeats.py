"""Sentences that say again what another one says; a title that the first sentence repeats."""

from __future__ import annotations

import re

from diffusion.rendition.sentences import Part
from diffusion.rendition.sheet import Sheet

_MANY = 200
"""Units compared with each other; a longer text's last ones are left alone."""

_WORDS = re.compile(r"\w{4,}")
_FEW = 2
"""Fewer words of four letters and more say too little to be a repetition."""

_ALIKE = 0.7
"""Share of a unit's words that another must have for the one to be its repetition."""


def repeated(sheet: Sheet, gone: set[int]) -> set[int]:
    """Units, of those not `gone`, that another one says as well, facts included."""
    left = [i for i, u in enumerate(sheet.units) if i not in gone and u.part is not Part.HEADING]
    words = {i: {w.casefold()[:5] for w in _WORDS.findall(sheet.units[i].text)} for i in left}
    facts = {i: {(f.kind, f.value) for f in sheet.facts_in[i]} for i in left}
    found: set[int] = set()
    lead = next((i for i in left if sheet.units[i].part not in (Part.TITLE, Part.COURTESY, Part.TAGS)), None)
    for one in left[:_MANY]:
        for other in left[:_MANY]:
            if other == one or other in found or sheet.units[one].part is Part.ITEM or _warns(sheet, one):
                continue
            if sheet.units[one].part is Part.TITLE and other != lead:
                continue
            shared = len(words[one] & words[other])
            alike = len(words[one]) >= _FEW and shared >= _ALIKE * len(words[one])
            if alike and facts[one] <= facts[other] and not _needed(sheet, one, gone | found):
                found.add(one)
                break
    return found


def _warns(sheet: Sheet, index: int) -> bool:
    unit = sheet.units[index]
    return unit.part is Part.TITLE and bool(sheet.words.alerts.search(unit.text))


def _needed(sheet: Sheet, index: int, gone: set[int]) -> bool:
    return any(index in unit.needs for i, unit in enumerate(sheet.units) if i not in gone)
