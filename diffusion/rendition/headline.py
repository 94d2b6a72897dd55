"""Which facts every version must state when nobody has said which: those of the message's own headline.

`diffusion.facts` holds everything essential that an event or an interruption may turn on. A long message states thirty
such facts, and no post of 280 characters can. So, of those: what its title and its core sentence state (the first that
says when), the first deadline, the price where one is named as such, and whom to call in an emergency.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from diffusion.facts import Extraction, Fact, essential_facts, extract
from diffusion.rendition.phrases import Phrases, phrases
from diffusion.rendition.sentences import Part, Unit, units

Pair = tuple[str, str]

_CORE_KINDS = frozenset({"date", "recurrence", "time", "place", "status"})
_WHEN = frozenset({"date", "recurrence"})
_CHANGES = frozenset({"cancelled", "postponed", "brought-forward", "closed", "interrupted", "not-drinkable"})
_BY_THE_WAY = frozenset({"mandatory", "optional", "day", "night", "increase", "decrease"})
"""Statuses that seldom say how an event stands."""

_LEAD = 4
"""Units among which the core sentence is looked for."""
_PRICES = 2
_BEFORE = 32
"""Code points before a date in which a word may make it a deadline."""


def default_essential(text: str, *, lang: str, published: date) -> tuple[Pair, ...]:
    """The pairs that every version of this text must state, by default."""
    extraction = extract(text, lang, published)
    words = phrases(lang)
    parts = units(text, words, [(fact.start, fact.end) for fact in extraction.facts])
    return headline(extraction, parts, words, published)


def headline(extraction: Extraction, parts: Sequence[Unit], words: Phrases, published: date) -> tuple[Pair, ...]:
    """The same for a text already taken apart."""
    usual = {(fact.kind, fact.value) for fact in essential_facts(extraction)}
    chosen: dict[Pair, None] = {}
    for fact in (*_core(extraction, parts, published), *_later(extraction, parts, words)):
        if (fact.kind, fact.value) in usual and not is_no_news(fact, published):
            chosen[fact.kind, fact.value] = None
    return tuple(chosen)


def is_no_news(fact: Fact, published: date) -> bool:
    """No news: a bare year, what was over before the message, « comme chaque année », « la vidange obligatoire »."""
    last = fact.value.split("/")[-1]
    if fact.kind == "date":
        return len(last) < 7 or last < published.isoformat()[: len(last)]
    if fact.kind == "status":
        return fact.value in _BY_THE_WAY
    return fact.kind == "recurrence" and fact.value.startswith("FREQ=YEARLY")


def _core(extraction: Extraction, parts: Sequence[Unit], published: date) -> Iterable[Fact]:
    """The facts of the title and of the core sentence; after it, the hour it left open, a change of state."""
    leading = [unit for unit in parts if _says_something(extraction, unit)][:_LEAD]
    known: set[str] = set()
    found = follows = False
    for unit in leading:
        own = [fact for fact in _inside(extraction, unit) if fact.kind in _CORE_KINDS]
        own = [fact for fact in own if not is_no_news(fact, published)]
        kinds = {fact.kind for fact in own}
        is_core = not found and bool(kinds & _WHEN)
        states = {fact.value for fact in own if fact.kind == "status"} & _CHANGES
        changes = found and not states <= known
        if unit.part is Part.TITLE or is_core or changes:
            yield from own
        elif found and follows and unit.part is not Part.ITEM:
            yield from (fact for fact in own if fact.kind in {"time"} - known and not _is_aside(unit, fact))
        known |= states | (kinds if found or is_core or unit.part is Part.TITLE else set())
        follows = is_core or (follows and unit.part is Part.LINE)
        found |= is_core and unit.part is not Part.TITLE


def _says_something(extraction: Extraction, unit: Unit) -> bool:
    """No greeting, heading or hashtag; « We are sorry that … is cancelled » is more than an excuse."""
    if unit.part is Part.COURTESY:
        return any(fact.kind == "status" and fact.value in _CHANGES for fact in _inside(extraction, unit))
    return unit.part not in (Part.TAGS, Part.HEADING)


def _is_aside(unit: Unit, fact: Fact) -> bool:
    """In brackets: the hours of a counter, not of the event."""
    before = unit.text[: fact.start - unit.start]
    return before.count("(") > before.count(")")


def _later(extraction: Extraction, parts: Sequence[Unit], words: Phrases) -> Iterable[Fact]:
    """The first deadline, the first prices, and the phones of an emergency, wherever they stand."""
    deadlines = prices = 0
    for unit in parts:
        for fact in _inside(extraction, unit):
            before = unit.text[max(0, fact.start - unit.start - _BEFORE) : fact.start - unit.start]
            if fact.kind == "date" and not deadlines and words.deadlines.search(before):
                if not words.duties.search(unit.text):
                    continue
                deadlines = 1
                yield fact
            elif fact.kind == "amount" and prices < _PRICES and _is_price(extraction, unit, words):
                prices += 1
                yield fact
            elif fact.kind == "phone":
                yield fact


def _is_price(extraction: Extraction, unit: Unit, words: Phrases) -> bool:
    """A price named as such, and not that of another place that the text sends people to."""
    first = next((fact.value for fact in extraction.facts if fact.kind == "place"), None)
    elsewhere = {fact.value for fact in _inside(extraction, unit) if fact.kind == "place"} - {first}
    return bool(words.prices.search(unit.text)) and not elsewhere


def _inside(extraction: Extraction, unit: Unit) -> list[Fact]:
    return [fact for fact in extraction.facts if unit.start <= fact.start and fact.end <= unit.end]
