"""One of the two texts that are compared: its reading, its facts, and their roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from diffusion.facts.extract import NOWHERE, facts_of
from diffusion.facts.fact import KINDS, Fact, Warning_
from diffusion.facts.gazetteer import Gazetteer
from diffusion.facts.reading import Reading, read
from diffusion.facts.roles import Said, said


@dataclass(frozen=True, slots=True)
class Side:
    """`said` are all facts with their roles, in the order of the text; `kinds` are the same by kind."""

    reading: Reading
    lang: str
    said: tuple[Said, ...]
    warnings: tuple[Warning_, ...]
    kinds: Mapping[str, tuple[Said, ...]]
    published: date

    def of(self, kind: str) -> tuple[Said, ...]:
        return self.kinds.get(kind, ())

    @property
    def facts(self) -> list[Fact]:
        return [s.fact for s in self.said]

    def text(self, span: tuple[int, int]) -> str:
        return self.reading.plain[span[0] : span[1]]


def side(text: str, lang: str, published: date, gazetteer: Gazetteer = NOWHERE) -> Side:
    """Read one text; kept for a while, since a message is compared with many versions, and at each key pressed."""
    return _side(text, "en" if lang == "en" else "fr", published, gazetteer)


@lru_cache(maxsize=8)
def _side(text: str, lang: str, published: date, gazetteer: Gazetteer) -> Side:
    reading = read(text)
    found = facts_of(reading, lang, published, gazetteer)
    all_said = said(reading, found.facts, lang)
    kinds = {kind: tuple(s for s in all_said if s.fact.kind == kind) for kind in KINDS}
    return Side(reading, lang, all_said, found.warnings, kinds, published)
