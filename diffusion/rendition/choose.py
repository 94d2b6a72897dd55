"""Which sentences stay when not all can: those that carry what must be said, then those worth most for their length."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from diffusion.rendition.headline import Pair, is_no_news
from diffusion.rendition.room import Room
from diffusion.rendition.sentences import Part
from diffusion.rendition.sheet import Level, Sheet

_WORTH = {
    "status": 6.0, "date": 5.0, "time": 4.0, "recurrence": 4.0, "place": 4.0, "amount": 4.0, "phone": 4.0,
    "url": 3.0, "email": 3.0, "audience": 2.0, "duration": 2.0, "number": 1.0, "percent": 1.0,
}  # fmt: skip
"""What stating a fact of this kind is worth; half if it has been stated already."""

_WHEN = frozenset({"date", "recurrence"})

_LEAD = (8.0, 4.0, 2.0)
"""What the first units are worth for where they stand."""

_ENOUGH = 2.0
"""A sentence worth less is not taken only because there is room."""

_DENSEST = 8
"""Code points that one unit of a count may hold: a long link counts 23, a family of emoji one or two."""

_MANY = 300
"""Units looked at for filling; a longer text's least promising ones are passed over."""

_SHORT_TOPIC = 40
"""Code points; a shorter topic, « ALERTE EAU. », costs little and says much."""

_LATER = 40
"""What a unit must save, in what the channel counts, to be taken for the one that stated the fact first."""

_STEPS = 4000
"""Combinations tried for the shortest cover of the essentials."""


@dataclass
class Plan:
    """A choice in the making. `caps` hold single units back to a gentler level than `level`."""

    sheet: Sheet
    level: Level
    gone: set[int] = field(default_factory=set)  # dropped for good by earlier rungs
    required: set[int] = field(default_factory=set)
    caps: dict[int, Level] = field(default_factory=dict)
    is_bare: bool = False  # sentences may lean on whatever stands before them
    kept: list[int] = field(default_factory=list)
    groups: dict[tuple[int, bool], frozenset[int]] = field(default_factory=dict)
    measured: dict[str, int] = field(default_factory=dict)
    required_over: int = 1  # by how much what is required was too long when last tried

    def said(self, index: int) -> str:
        return self.sheet.render(index, self.level_of(index))

    def level_of(self, index: int) -> Level:
        """Only what carries something essential is cut to its core."""
        level = self.level if self.sheet.wanted_in(index) else min(self.level, Level.SHORTER)
        if index == self.topic:  # what the text is about stays a sentence
            level = min(level, Level.FRAGMENTS)
        return min(level, self.caps.get(index, level))

    def with_needs(self, indexes: Iterable[int]) -> set[int]:
        """These units and all that they lean on."""
        return set[int]().union(*map(self._group, indexes))

    def _group(self, index: int) -> frozenset[int]:
        key = (index, self.is_bare)
        if key not in self.groups:
            self.groups[key] = frozenset(self._leant_on(index))
        return self.groups[key]

    def _leant_on(self, start: int) -> set[int]:
        done: set[int] = set()
        todo = [start]
        while todo:
            index = todo.pop()
            if index in done:
                continue
            done.add(index)
            needs = self.sheet.units[index].needs
            todo += self._bare_needs(index) if self.is_bare else needs
        return done

    def _bare_needs(self, index: int) -> list[int]:
        """A line keeps its heading; a sentence may lean on whatever stands before it."""
        return [n for n in self.sheet.units[index].needs if self.sheet.units[n].part in (Part.HEADING, Part.ITEM)]

    def missing_below(self, index: int, kept: Collection[int]) -> int | None:
        """The first line under a heading of which none is kept: a heading that announces nothing is worse than none."""
        if self.sheet.units[index].part is not Part.HEADING:
            return None
        below = [i for i, unit in enumerate(self.sheet.units) if index in unit.needs and i not in self.gone]
        return below[0] if below and not any(i in kept for i in below) else None

    def announces_nothing(self, index: int, left: Collection[int]) -> bool:
        """Whether this is a heading below which nothing is left, and that states nothing essential itself."""
        units = self.sheet.units
        is_heading = units[index].part is Part.HEADING and not self.sheet.wanted_in(index)
        return is_heading and not any(index in units[other].needs for other in left)

    @property
    def title(self) -> int | None:
        return next((i for i, unit in enumerate(self.sheet.units) if unit.part is Part.TITLE), None)

    @property
    def lead(self) -> int | None:
        """The first sentence that is no question and no title."""
        for index, unit in enumerate(self.sheet.units):
            if unit.part in (Part.SENTENCE, Part.LINE) and not unit.text.rstrip().endswith("?"):
                return index
        return None

    @property
    def topic(self) -> int | None:
        """The unit that says what the text is about: its title, or its first sentence."""
        for index, unit in enumerate(self.sheet.units):
            if index not in self.gone and unit.part not in (Part.COURTESY, Part.TAGS, Part.HEADING):
                return index
        return None

    @property
    def core(self) -> int | None:
        """A sentence that says what is when and needs no topic before it, where the topic states nothing essential."""
        topic = self.topic
        if topic is None or self.sheet.units[topic].part is not Part.SENTENCE or self.sheet.wanted_in(topic):
            return None
        about = self.sheet.units[topic].text.casefold()
        if len(about) < _SHORT_TOPIC:
            return None
        for index, unit in enumerate(self.sheet.units):
            kinds = {kind for kind, _ in self.sheet.wanted_in(index)}
            if unit.part is Part.SENTENCE and not unit.needs and kinds & _WHEN and len(kinds) > 1:
                return index if self._stands_alone(index, about) else None
        return None

    def _stands_alone(self, index: int, about: str) -> bool:
        """« Le stationnement sera interdit », « Un agent vous appellera »; not « La réunion » of the topic."""
        words, said = self.sheet.words, self.said(index)
        if words.whole.match(said):
            return True
        subject = words.subject.match(said)
        return self.sheet.says_state(index) and subject is not None and subject["head"].casefold()[:5] not in about


def choose(plan: Plan, room: Room, first: int | None) -> bool:
    """Settle `plan.kept`, `first` among it; False if what is required does not fit."""
    sizes = _Sizes(plan, room)
    base = set(plan.required)
    if first is not None:
        base.add(first)
    base = plan.with_needs(base)
    base |= _cover(plan, sizes, base)
    if plan.is_bare and base and plan.sheet.units[min(base)].needs:  # nothing before it to lean on
        base.add(min(base) if plan.topic is None else plan.topic)
    base |= {below for index in base if (below := plan.missing_below(index, base)) is not None}
    left = -room.over("") - sizes.of(base)
    if left < 0:
        plan.required_over = -left
        return False
    plan.kept = sorted(_filled(plan, sizes, base, left))
    return True


class _Sizes:
    """What each unit adds to the length, counted once; a separator counts one."""

    def __init__(self, plan: Plan, room: Room) -> None:
        self.plan, self.room = plan, room

    def one(self, index: int) -> int:
        said = self.plan.said(index)
        if said not in self.plan.measured:
            self.plan.measured[said] = self.room.size(said) + 1
        return self.plan.measured[said]

    def of(self, indexes: Collection[int]) -> int:
        return sum(map(self.one, indexes)) - 1 if indexes else 0


def _cover(plan: Plan, sizes: _Sizes, base: set[int]) -> set[int]:
    """The shortest set of units that, with `base`, states every essential fact, where it was first stated if it can."""
    sheet = plan.sheet
    where: dict[Pair, list[int]] = {}
    for index in range(len(sheet.units)):
        if index not in plan.gone:
            for pair in sheet.wanted_in(index):
                where.setdefault(pair, []).append(index)
    if plan.is_bare:  # « ne la buvez pas » says nothing of what, once what stood before it is gone
        where = {pair: [i for i in found if not sheet.units[i].needs] or found for pair, found in where.items()}
    stated = {pair for index in base for pair in sheet.wanted_in(index)}
    open_ = sorted((pair for pair in where if pair not in stated), key=lambda p: (len(where[p]), where[p][0], p))
    best: tuple[int, set[int]] | None = None
    steps = 0

    def search(at: int, chosen: set[int], cost: int) -> None:
        nonlocal best, steps
        steps += 1
        if (best is not None and cost >= best[0]) or (steps > _STEPS and best is not None):
            return
        while at < len(open_) and any(open_[at] in sheet.wanted_in(i) for i in chosen):
            at += 1
        if at == len(open_):
            best = (cost, chosen)
            return
        for rank, index in enumerate(where[open_[at]][:8]):
            more = plan.with_needs([index]) - base - chosen
            search(at + 1, chosen | more, cost + sum(map(sizes.one, more)) + (_LATER if rank and more else 0))

    search(0, set(), 0)
    return best[1] if best else set()


def _filled(plan: Plan, sizes: _Sizes, base: set[int], left: int) -> set[int]:
    """Add what is worth most for its length, until nothing more fits."""
    kept = set(base)
    units = plan.sheet.units
    others = [
        i for i in range(len(units)) if i not in kept and i not in plan.gone and units[i].part is not Part.HEADING
    ]
    if len(others) > _MANY:
        others = sorted(others, key=lambda i: (-_worth(plan, i, set()), i))[:_MANY]
    while others:
        stated = {(f.kind, f.value) for i in kept for f in plan.sheet.facts_in[i]}
        groups = {index: plan.with_needs([index]) - kept for index in others}
        others = [index for index in others if _may_fit(plan, index, groups[index], sizes, left)]
        ranked = [
            (-worth / (sum(map(sizes.one, groups[index])) + _EVEN), index)
            for index in others
            if (worth := sum(_worth(plan, i, stated) for i in groups[index])) >= _ENOUGH
        ]
        if not ranked:
            return kept
        _, best = min(ranked)
        kept |= groups[best]
        left -= sum(map(sizes.one, groups[best]))
        others = [i for i in others if i not in kept]
    return kept


_EVEN = 30
"""Added to each length, so that a very short sentence does not win by its shortness alone."""


def _may_fit(plan: Plan, index: int, group: set[int], sizes: _Sizes, left: int) -> bool:
    """Whether there is room for this unit and what it needs; where there is none now, there never will be."""
    is_said = plan.sheet.wanted_in(index) and not plan.sheet.words.vital.search(plan.sheet.units[index].text)
    if group & plan.gone or (plan.level is Level.PANEL and is_said):
        return False  # on a panel a fact is not said twice, but for « ne la buvez pas »
    if len(group) > left or sum(len(plan.said(i)) for i in group) > _DENSEST * left:
        return False
    return sum(map(sizes.one, group)) <= left


def _worth(plan: Plan, index: int, stated: set[Pair]) -> float:
    sheet = plan.sheet
    unit = sheet.units[index]
    if unit.part in (Part.TAGS, Part.COURTESY):
        return -5.0
    facts = {(f.kind, f.value) for f in sheet.facts_in[index] if not is_no_news(f, sheet.published)}
    worth = sum(_WORTH.get(kind, 0.0) * (0.5 if (kind, value) in stated else 1.0) for kind, value in facts)
    worth += _LEAD[index] if index < len(_LEAD) else 0.0
    if sheet.words.acts.match(unit.text.lstrip("-–•* ")):
        worth += 3.0
    if sheet.words.vital.search(unit.text):
        worth += 4.0
    if sheet.words.talk.search(unit.text):
        worth -= 5.0
    if unit.text.endswith("?"):
        worth -= 2.0
    return worth
