"""Settling one rung of the ladder: which units stay and how each is said, held against the message, and put right."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from diffusion.facts import Fault, compare
from diffusion.facts.reading import fold
from diffusion.facts.side import side
from diffusion.rendition.choose import choose
from diffusion.rendition.plan import Plan
from diffusion.rendition.room import Room
from diffusion.rendition.sheet import Level, Sheet

_REPAIRS = 6
"""How often a rung may be tried again after what the comparison found; each try keeps more of the original."""


class Pick(Enum):
    """How a rung settles which units stay."""

    ALL = "all that is left"
    BEST = "the best, and the title, or else the first sentence"
    LEAD = "the best, and the first sentence"
    CORE = "the best, and the sentence that says by itself what is when"
    BARE = "the essential, and what else there is room for"


def settle(plan: Plan, room: Room, pick: Pick, whole_over: int) -> str | None:
    """The plan's text if it fits and is faithful; what the comparison finds wrong is put back, a few times.

    `whole_over`: by how much the whole text is too long.
    """
    plan.caps.clear()
    plan.required.clear()
    text = _tried(plan, room, pick, whole_over, _REPAIRS)
    return text if text is None or plan.level < Level.CORE else _softened(plan, room, pick, text)


def _softened(plan: Plan, room: Room, pick: Pick, text: str) -> str:
    """Say as fully as there is room for what a harsh rung cut; what only fills room gives way to more than a label."""
    for index in [i for i in plan.kept if plan.level_of(i) > Level.SHORTER]:
        is_label = _is_label(plan, index)
        for level in _SOFTER:
            if level >= plan.level_of(index):
                break
            caps, required, kept = dict(plan.caps), set(plan.required), plan.kept
            plan.caps[index] = level
            softer = _tried(plan, room, pick, 0, 1)
            if softer is not None and (is_label or set(kept) <= set(plan.kept)):
                text = softer
                break
            plan.caps, plan.required, plan.kept = caps, required, kept
    return text


_SOFTER = (Level.SHORTER, Level.CORE, Level.FRAGMENTS, Level.LABELS)


def _is_label(plan: Plan, index: int) -> bool:
    """Whether a unit was cut so far that it may not read as a sentence: « Le 24 mars, 8h-17h. »"""
    is_sentence = plan.sheet.says_state(index) or plan.sheet.words.acts.match(plan.said(index))
    return plan.level_of(index) >= Level.LABELS and not is_sentence


def _tried(plan: Plan, room: Room, pick: Pick, whole_over: int, times: int) -> str | None:
    for _ in range(times):
        if pick is Pick.ALL:
            left = [i for i in range(len(plan.sheet.units)) if i not in plan.gone]
            plan.kept = [i for i in left if not plan.announces_nothing(i, left)]
        elif (pick is Pick.CORE and plan.core is None) or not choose(plan, room, _first(plan, pick)):
            return None
        text, places = _joined(plan, plan.kept, "\n\n")
        if pick is Pick.ALL and _is_hopeless(plan, text, whole_over):
            return None
        if room.over(text) > 0:
            text, places = _joined(plan, plan.kept)
        if room.over(text) > 0 or not text:
            return None
        faults = _faults(plan.sheet, text)
        if not faults:
            return text
        if not _repaired(plan, faults, places, pick):
            return None
    return None


def _first(plan: Plan, pick: Pick) -> int | None:
    """The unit that this pick keeps whatever it states."""
    return {Pick.BEST: plan.topic, Pick.LEAD: plan.lead, Pick.CORE: plan.core}.get(pick)


def _is_hopeless(plan: Plan, text: str, whole_over: int) -> bool:
    """Whether too little is gone for the text to fit, so that it need not be counted: no code point counts more than 4."""
    return whole_over - 4 * (len(plan.sheet.text) - len(text)) > _SLACK


_SLACK = 200
"""What links, and leaving the alphabet of SMS, can make of a count beside its code points."""


Place = tuple[int, int, int]
"""Where a unit begins and ends in a result, and its index."""


def _joined(plan: Plan, kept: Iterable[int], gap: str = "\n") -> tuple[str, list[Place]]:
    """The units as one text; sentences of one line stay on one line, paragraphs are parted by `gap`."""
    parts: list[str] = []
    places: list[Place] = []
    at, before = 0, None
    for index in kept:
        unit, said = plan.sheet.units[index], plan.said(index)
        if not said:
            continue
        if before is not None:
            other = plan.sheet.units[before]
            same_line = other.line == unit.line
            glue = " " if same_line else "\n" if other.paragraph == unit.paragraph else gap
            parts.append(glue)
            at += len(glue)
        parts.append(said)
        places.append((at, at + len(said), index))
        at += len(said)
        before = index
    return "".join(parts), places


def _faults(sheet: Sheet, text: str) -> list[Fault]:
    """What is wrong with a version: contradictions, additions, and essential facts that are not read out of it."""
    stated = {(fact.kind, fact.value) for fact in side(text, sheet.lang, sheet.published).facts}
    stated |= {(fact.kind, fact.value) for fact in sheet.worded if fold(fact.text) in fold(text)}
    if lost := sorted(sheet.wanted - stated):
        return [Fault(kind, value, None, None, None) for kind, value in lost]
    found = compare(sheet.text, text, lang=sheet.lang, published=sheet.published, essential=sorted(sheet.wanted))
    return [*found.contradicted, *found.added, *found.missing]


def _repaired(plan: Plan, faults: list[Fault], places: list[Place], pick: Pick) -> bool:
    """Take back what led to a fault: keep the sentence it comes from, or say it more fully. False: nothing to do."""
    changed = False
    for fault in faults:
        stated = next((i for a, b, i in places if fault.start is not None and a <= fault.start < b), None)
        source = _source(plan, fault)
        if source is not None and source not in plan.kept and pick is not Pick.ALL:
            plan.required.add(source)
            changed = True
        elif (index := stated if stated is not None else source) is not None:
            changed |= _gentler(plan, index)
    return changed


def _source(plan: Plan, fault: Fault) -> int | None:
    """The unit of the message that states what the fault is about."""
    for index, facts in enumerate(plan.sheet.facts_in):
        for fact in facts:
            if fault.canonical is not None and (fact.start, fact.end) == (fault.canonical.start, fault.canonical.end):
                return index
            if fault.canonical is None and fault.start is None and (fact.kind, fact.value) == (fault.kind, fault.value):
                return index
    return None


def _gentler(plan: Plan, index: int) -> bool:
    level = plan.level_of(index)
    if level is Level.WHOLE:
        return False
    plan.caps[index] = Level(level - 1)
    return True


def dropped(plan: Plan) -> tuple[str, ...]:
    """Whole units left out, and what was cut out of those that stayed."""
    passages: list[str] = []
    kept = set(plan.kept)
    for index, unit in enumerate(plan.sheet.units):
        if index not in kept:
            passages.append(unit.text)
        else:
            passages += plan.sheet.cut(index, plan.level_of(index))
    return tuple(passage for passage in passages if passage)
