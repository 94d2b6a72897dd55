"""From a message to a channel's room without losing an essential fact.

The ladder is a tuple of small functions named for what they give up; the first rung whose result fits, states every
essential fact and contradicts none wins, and says which rung it was. Whole sentences and lines go first; nothing is
ever cut inside a fact, a link or a grapheme. Deterministic: the same text gives the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from diffusion.facts import Fault, compare, extract
from diffusion.rendition.choose import Plan, choose
from diffusion.rendition.headline import Pair
from diffusion.rendition.repeats import repeated
from diffusion.rendition.room import Limit, Measure, Room
from diffusion.rendition.sentences import Part
from diffusion.rendition.sheet import Level, Sheet, read

UNCHANGED = "unchanged"
PLAIN_CHARACTERS = "plain_characters"
_REPAIRS = 6
"""How often a rung may be tried again after what the comparison found; each try keeps more of the original."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """`length` as the channel counts it, suffix included; `dropped` in the text's own words and order."""

    text: str
    length: int
    dropped: tuple[str, ...]
    rung: str


class TooLong(Exception):
    """No version keeps the essential facts in this room. `over` is by how much the shortest one is too long."""

    def __init__(self, over: int, essential: tuple[Pair, ...]) -> None:
        super().__init__(f"too long by {over}")
        self.over = over
        self.essential = essential


class Pick(Enum):
    """How a rung settles which units stay."""

    ALL = "all that is left"
    BEST = "the best, and the title, or else the first sentence"
    LEAD = "the best, and the first sentence"
    BARE = "the essential, and what else there is room for"


def drop_courtesies(plan: Plan) -> Pick:
    """Greetings, thanks, apologies, sign-offs, lines of hashtags."""
    plan.gone |= {i for i, unit in enumerate(plan.sheet.units) if unit.part in (Part.COURTESY, Part.TAGS)}
    return Pick.ALL


def drop_asides(plan: Plan) -> Pick:
    """Brackets that state no fact."""
    plan.level = Level.ASIDES
    return Pick.ALL


def shorten_phrases(plan: Plan) -> Pick:
    """Long ways to say a short thing; the year of a near date."""
    plan.level = Level.SHORT
    return Pick.ALL


def drop_repetitions(plan: Plan) -> Pick:
    """Sentences that say again what another one says; a title that the first sentence repeats."""
    plan.gone |= repeated(plan.sheet, plan.gone)
    return Pick.ALL


def drop_sentences(plan: Plan) -> Pick:
    """The sentences that carry least for their length."""
    return Pick.BEST


def drop_clauses(plan: Plan) -> Pick:
    """Reasons, purposes and partners inside sentences that stay."""
    plan.level = Level.CLAUSES
    return Pick.BEST


def drop_weekdays(plan: Plan) -> Pick:
    """The weekday before a date, the scheme of a link, the words around hours."""
    plan.level = Level.SHORTER
    return Pick.BEST


def keep_cores(plan: Plan) -> Pick:
    """All between commas that carries nothing essential."""
    plan.level = Level.CORE
    return Pick.BEST


def keep_title(plan: Plan) -> Pick:
    """The sentences that others lean on, where a title says what all are about."""
    plan.is_bare = True
    plan.gone.discard(-1 if plan.title is None else plan.title)
    return Pick.BEST


def keep_fragments(plan: Plan) -> Pick:
    """Inside sentences, all but the stretches with something essential."""
    plan.level = Level.FRAGMENTS
    return Pick.BEST


def keep_lead(plan: Plan) -> Pick:
    """The title, since the first sentence says what the text is about."""
    return Pick.LEAD


def keep_panel(plan: Plan) -> Pick:
    """Sentences: the title and the essential facts are left, as on a panel."""
    plan.level = Level.PANEL
    return Pick.BEST


def keep_facts(plan: Plan) -> Pick:
    """Whatever is not an essential fact."""
    return Pick.BARE


LADDER: tuple[Callable[[Plan], Pick], ...] = (
    drop_courtesies,
    drop_asides,
    shorten_phrases,
    drop_repetitions,
    drop_sentences,
    drop_clauses,
    drop_weekdays,
    keep_cores,
    keep_title,
    keep_fragments,
    keep_lead,
    keep_panel,
    keep_facts,
)


def fit(
    text: str,
    *,
    lang: str,
    published: date,
    limit: Limit,
    measure: Measure,
    essential: Iterable[Pair] | None = None,
    suffix: str = "",
) -> Fitted:
    """The longest good version of `text` that `measure` finds within `limit`, `suffix` (not returned) included.

    `essential` None: those of the text's headline; of those given, the ones that the text states.
    A text that fits comes back unchanged. Raises TooLong.
    """
    room = Room(measure, limit, suffix)
    if room.over(text) <= 0:
        return Fitted(text, room.length(text), (), UNCHANGED)
    plain = room.plain(text)
    if plain != text and plain.strip() and room.over(plain) <= 0:
        return Fitted(plain, room.length(plain), (), PLAIN_CHARACTERS)
    plan = Plan(read(text, lang=lang, published=published, essential=essential), Level.WHOLE)
    plainly, over = room.plainly(), room.over(plain)
    for rung in LADDER:
        settled = _settled(plan, plainly, rung(plan), over)
        if settled is not None and (settled := room.plain(settled)).strip():
            return Fitted(settled, room.length(settled), _dropped(plan), rung.__name__)
    raise TooLong(plan.required_over, tuple(sorted(plan.sheet.wanted)))


def _settled(plan: Plan, room: Room, pick: Pick, whole_over: int) -> str | None:
    """The plan's text if it fits and is faithful; what the comparison finds wrong is put back, a few times.

    `whole_over`: by how much the whole text is too long.
    """
    plan.caps.clear()
    plan.required.clear()
    for _ in range(_REPAIRS):
        if pick is Pick.ALL:
            left = [i for i in range(len(plan.sheet.units)) if i not in plan.gone]
            plan.kept = [i for i in left if not plan.announces_nothing(i, left)]
        elif not choose(plan, room, {Pick.BEST: plan.topic, Pick.LEAD: plan.lead}.get(pick)):
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
    stated = {(fact.kind, fact.value) for fact in extract(text, sheet.lang, sheet.published).facts}
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


def _dropped(plan: Plan) -> tuple[str, ...]:
    """Whole units left out, and what was cut out of those that stayed."""
    dropped: list[str] = []
    kept = set(plan.kept)
    for index, unit in enumerate(plan.sheet.units):
        if index not in kept:
            dropped.append(unit.text)
        else:
            dropped += plan.sheet.cut(index, plan.level_of(index))
    return tuple(passage for passage in dropped if passage)
