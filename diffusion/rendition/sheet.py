"""All that is known about a text before anything is given up: its units, its facts, and which of them must stay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

from diffusion.facts import Extraction, Fact
from diffusion.facts.side import side
from diffusion.rendition import cuts
from diffusion.rendition.guarded import Guarded
from diffusion.rendition.headline import Pair, headline
from diffusion.rendition.panel import LONG_LABEL, SHORT_LABEL, panel
from diffusion.rendition.phrases import Phrases, phrases
from diffusion.rendition.sentences import Part, Span, Unit, units
from diffusion.rendition.wanted import unread, wanted


class Level(IntEnum):
    """How much is given up inside a sentence that stays; each level contains those before."""

    WHOLE = 0
    ASIDES = 1
    SHORT = 2
    CLAUSES = 3
    SHORTER = 4
    CORE = 5
    FRAGMENTS = 6
    LABELS = 7
    PANEL = 8


@dataclass(frozen=True, slots=True)
class Sheet:
    """`facts_in[i]` are the facts that unit i states; `wanted` the pairs that every version must state, `worded` those
    of them that no fact was read for."""

    text: str
    lang: str
    published: date
    words: Phrases
    units: tuple[Unit, ...]
    facts_in: tuple[tuple[Fact, ...], ...]
    wanted: frozenset[Pair]
    space: str
    worded: tuple[Fact, ...] = ()
    _rendered: dict[tuple[int, Level], str] = field(default_factory=dict)

    def wanted_in(self, index: int) -> frozenset[Pair]:
        """The essential facts that this unit states."""
        return frozenset((fact.kind, fact.value) for fact in self.facts_in[index]) & self.wanted

    def says_state(self, index: int) -> bool:
        """Whether the unit says how something stands: open, cancelled, not drinkable."""
        return any(fact.kind == "status" for fact in self.facts_in[index])

    def render(self, index: int, level: Level) -> str:
        """The unit as it reads at this level."""
        key = (index, level)
        if key not in self._rendered:
            self._rendered[key] = self._said(index, level)
        return self._rendered[key]

    def cut(self, index: int, level: Level) -> list[str]:
        """What the level takes out of the unit, in the unit's own words."""
        return [self.units[index].text[a:b].strip(" ,\u00a0\u202f") for a, b in _merged(self._cuts(index, level))]

    def _cuts(self, index: int, level: Level) -> list[Span]:
        unit, guarded = self.units[index], self._guarded(index)
        found: list[Span] = []
        if level >= Level.ASIDES:
            found += cuts.asides(guarded, with_facts=level >= Level.CLAUSES)
        if level >= Level.SHORT and guarded.opener:
            found.append(guarded.opener)
        if level >= Level.CLAUSES and unit.part in (Part.SENTENCE, Part.ITEM, Part.LINE):
            found += cuts.clauses(guarded)
        if level >= Level.CORE and unit.part is Part.SENTENCE:
            found += cuts.core(guarded)
        if level >= Level.FRAGMENTS and unit.part is Part.SENTENCE:
            found += cuts.fragments(guarded)
        return found

    def _guarded(self, index: int) -> Guarded:
        unit, facts = self.units[index], self.facts_in[index]
        spans = [(fact.start - unit.start, fact.end - unit.start) for fact in facts]
        essential = [span for span, f in zip(spans, facts, strict=True) if (f.kind, f.value) in self.wanted]
        contacts = [span for span, f in zip(spans, facts, strict=True) if f.kind in ("url", "phone", "email")]
        states = [span for span, f in zip(spans, facts, strict=True) if f.kind == "status"]
        return Guarded(unit.text, essential, spans, contacts, states, self.words)

    def _said(self, index: int, level: Level) -> str:
        unit = self.units[index]
        if level >= Level.LABELS and unit.part is Part.SENTENCE:
            label = LONG_LABEL if level is Level.LABELS else SHORT_LABEL
            return _tidy(self._shortened(panel(self._guarded(index), self._years(index), label), level), unit)
        gone = self._cuts(index, level)
        if level >= Level.SHORT:
            gone += self._years(index)
        text = _without(unit.text, gone)
        if level >= Level.SHORT:
            text = self._shortened(text, level)
        return text if text == unit.text else _tidy(text, unit)

    def _years(self, index: int) -> list[Span]:
        facts = self.facts_in[index]
        return [span for fact in facts for span in _plain_year(fact, self.units[index], self.published)]

    def _shortened(self, text: str, level: Level) -> str:
        rules = self.words.short + (self.words.shorter if level >= Level.SHORTER else ())
        rules += self.words.shortest if level >= Level.CORE else ()
        for pattern, new in rules:
            text = pattern.sub(new.replace(" ", self.space) if "\\" in new else new, text)
        return text


def read(text: str, *, lang: str, published: date, essential: Iterable[Pair] | None) -> Sheet:
    """Take a text apart. `essential` None: the headline's."""
    whole = side(text, lang, published)
    extraction = Extraction(tuple(whole.facts), whole.warnings)
    words = phrases(lang)
    essential = None if essential is None else list(essential)
    worded = unread(essential or (), extraction.facts, text)
    facts = (
        tuple(sorted([*extraction.facts, *worded], key=lambda fact: (fact.start, fact.end)))
        if worded
        else extraction.facts
    )
    parts = units(text, words, [(fact.start, fact.end) for fact in facts])
    chosen = wanted(headline(extraction, parts, words, published) if essential is None else essential, facts)
    inside = _sorted_in(parts, facts)
    parts = tuple(_kept_if_wanted(unit, own, chosen) for unit, own in zip(parts, inside, strict=True))
    space = "\u00a0" if "\u00a0" in text or "\u202f" in text else " "
    return Sheet(text, lang, published, words, parts, inside, chosen, space, tuple(worded))


def _kept_if_wanted(unit: Unit, facts: Sequence[Fact], wanted: frozenset[Pair]) -> Unit:
    """A greeting that carries an essential fact is no mere courtesy."""
    if unit.part is Part.COURTESY and any((fact.kind, fact.value) in wanted for fact in facts):
        return Unit(unit.start, unit.end, unit.text, unit.line, unit.paragraph, Part.SENTENCE, unit.needs)
    return unit


def _sorted_in(parts: Sequence[Unit], facts: Sequence[Fact]) -> tuple[tuple[Fact, ...], ...]:
    """Each unit's facts, both in the text's order."""
    inside: list[list[Fact]] = [[] for _ in parts]
    at = 0
    for fact in facts:
        while at < len(parts) and parts[at].end <= fact.start:
            at += 1
        if at < len(parts) and parts[at].start <= fact.start and fact.end <= parts[at].end:
            inside[at].append(fact)
    return tuple(tuple(own) for own in inside)


_YEAR = re.compile(r"[ \u00a0\u202f](?:20\d\d)\b")
_SAME_YEAR_DAYS = 300


def _plain_year(fact: Fact, unit: Unit, published: date) -> Iterable[Span]:
    """A year that the reader supplies by himself: the date is near, and the next of its name."""
    if fact.kind != "date" or len(fact.value) < 10:
        return
    try:
        days = [date.fromisoformat(end) for end in fact.value.split("/")]
    except ValueError:
        return
    if all(0 <= (day - published).days < _SAME_YEAR_DAYS for day in days):
        for year in _YEAR.finditer(fact.text):
            yield fact.start - unit.start + year.start(), fact.start - unit.start + year.end()


def _merged(spans: Iterable[Span]) -> list[Span]:
    done: list[Span] = []
    for start, end in sorted(spans):
        if done and start <= done[-1][1]:
            done[-1] = (done[-1][0], max(end, done[-1][1]))
        else:
            done.append((start, end))
    return done


def _without(text: str, spans: Iterable[Span]) -> str:
    at, kept = 0, []
    for start, end in _merged(spans):
        kept.append(text[at:start])
        at = end
    return "".join([*kept, text[at:]])


_TIDY = (
    (re.compile(r"([ \u00a0])[ \u00a0]+"), r"\1"),
    (re.compile(r"[ \u00a0]+([,.)])"), r"\1"),
    (re.compile(r",+(?=[,.;:!?])"), ""),
    (re.compile(r"[ \u00a0]*[:;](?=\.$)"), ""),
    (re.compile(r"\([ \u00a0]+"), "("),
    (re.compile(r"^[\s,;:]+|[\s,;]+$"), ""),
)


def _tidy(text: str, unit: Unit) -> str:
    """Put right what a cut leaves behind: double spaces, lone commas, a small first letter."""
    for pattern, new in _TIDY:
        text = pattern.sub(new, text)
    first = re.search(r"[^\W_]", text)
    if first and first.group().islower() and unit.text[:1].isupper() and not re.match(r"\S+@|\w+\.\w", text):
        text = text[: first.start()] + first.group().upper() + text[first.end() :]
    return text
