"""Which sentences stay when not all can: those that carry what must be said, then those worth most for their length."""

from __future__ import annotations

from collections.abc import Collection

from diffusion.rendition.headline import Pair, is_no_news
from diffusion.rendition.plan import LIST, Plan
from diffusion.rendition.room import Room
from diffusion.rendition.sentences import Part
from diffusion.rendition.sheet import Level

_WORTH = {
    "status": 6.0, "date": 5.0, "time": 4.0, "recurrence": 4.0, "place": 4.0, "amount": 4.0, "phone": 4.0,
    "url": 3.0, "email": 3.0, "audience": 2.0, "duration": 2.0, "number": 1.0, "percent": 1.0,
}  # fmt: skip
"""What stating a fact of this kind is worth; half if it has been stated already."""

_LEAD = (8.0, 4.0, 2.0)
"""What the first units are worth for where they stand."""

_ENOUGH = 2.0
"""A sentence worth less is not taken only because there is room."""

_DENSEST = 8
"""Code points that one unit of a count may hold: a long link counts 23, a family of emoji one or two."""

_MANY = 300
"""Units looked at for filling; a longer text's least promising ones are passed over."""

_LATER = 40
"""What a unit must save, in what the channel counts, to be taken for the one that stated the fact first."""

_STEPS = 4000
"""Combinations tried for the shortest cover of the essentials."""


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
    base |= {line for index in base for line in plan.missing_below(index, base)}
    left = -room.over("") - sizes.of(base)
    if left < 0:
        plan.required_over = -left
        return False
    plan.kept = sorted(_filled(plan, sizes, base, left))
    plan.lone = {i for i in plan.kept if plan.stands_alone(i) and not set(plan.sheet.units[i].needs) & set(plan.kept)}
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
        groups = {index: _with_company(plan, index, kept) - kept for index in others}
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


def _with_company(plan: Plan, index: int, kept: set[int]) -> set[int]:
    """A unit and what it needs; the first line taken of a list brings a second one, since one alone is no list."""
    needed = plan.with_needs([index])
    heading = next((i for i in needed if i not in kept and plan.sheet.units[i].part is Part.HEADING), None)
    below = plan.below(heading) if heading is not None and heading != index else []
    if len(below) < LIST or len(needed & set(below)) > 1:
        return needed
    at = below.index(index) if index in below else 0
    return needed | {below[at + 1 if at + 1 < len(below) else at - 1]}


_EVEN = 30
"""Added to each length, so that a very short sentence does not win by its shortness alone."""


def _may_fit(plan: Plan, index: int, group: set[int], sizes: _Sizes, left: int) -> bool:
    """Whether there is room for this unit and what it needs; where there is none now, there never will be."""
    is_said = plan.sheet.wanted_in(index) and not plan.sheet.words.vital.search(plan.sheet.units[index].text)
    if group & plan.gone or (plan.level >= Level.LABELS and is_said):
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
