"""What several texts about one thing say differently, and what only one of them says. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import permutations

from diffusion.facts.compare import compare
from diffusion.facts.extract import extract
from diffusion.facts.fact import Fact

#: Kinds whose words can stand in each other's place. « ouvert » for « fermé » would need its sentence written anew.
_EXCHANGED = frozenset({"date", "time", "duration", "amount", "percent", "number", "phone", "url", "email", "place"})
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Saying:
    """A fact, and the number of the text that states it."""

    text: int
    fact: Fact


@dataclass(frozen=True, slots=True)
class Dispute:
    """Values that exclude each other, each with those who say so: the first text's come first."""

    kind: str
    sayings: tuple[Saying, ...]

    @property
    def values(self) -> dict[str, list[Saying]]:
        found: dict[str, list[Saying]] = {}
        for one in self.sayings:
            found.setdefault(one.fact.value, []).append(one)
        return found

    @property
    def can_be_settled(self) -> bool:
        """Whether one's words can be put where the other's stand: a moment for a moment, a range for a range."""
        return self.kind in _EXCHANGED and len({"/" in value for value in self.values}) == 1

    def stated_in(self, keys: Iterable[Key]) -> list[Saying]:
        """Who says what of it, where two values or more are among these facts; none where it is settled."""
        there = {value for kind, value in keys if kind == self.kind}
        found = [one for one in self.sayings if one.fact.value in there]
        return found if len({one.fact.value for one in found}) > 1 else []


@dataclass(frozen=True, slots=True)
class Held:
    """Texts held against each other: what they dispute, and what one alone says."""

    disputes: tuple[Dispute, ...]
    alone: tuple[Saying, ...]


def hold(texts: Sequence[str], *, lang: str, published: date) -> Held:
    """Hold each text against each other one. No input raises."""
    groups: list[list[Saying]] = []
    added: dict[int, list[set[Fact]]] = {number: [] for number in range(len(texts))}
    for one, other in permutations(range(len(texts)), 2):
        found = compare(texts[one], texts[other], lang=lang, published=published)
        added[other].append({_fact(f.kind, f.value, f.start, f.end, f.text) for f in found.added})
        for fault in found.contradicted:
            ours = fault.canonical
            if ours is not None and ours.kind == fault.kind and ours.value != fault.value:
                theirs = _fact(fault.kind, fault.value, fault.start, fault.end, fault.text)
                _put(groups, Saying(one, ours), Saying(other, theirs))
    disputed = {(one.text, one.fact.kind, one.fact.value) for group in groups for one in group}
    alone = {
        Saying(number, fact)
        for number, facts in added.items()
        if facts
        for fact in set.intersection(*facts)
        if (number, fact.kind, fact.value) not in disputed
    }
    disputes = tuple(Dispute(group[0].fact.kind, tuple(sorted(group, key=_order))) for group in groups)
    return Held(disputes, tuple(sorted(alone, key=_order)))


def _fact(kind: str, value: str, start: int | None, end: int | None, text: str | None) -> Fact:
    return Fact(kind, value, start or 0, end or 0, text or "")


def _order(one: Saying) -> tuple[int, int]:
    return one.text, one.fact.start


def _put(groups: list[list[Saying]], *pair: Saying) -> None:
    """A third text that repeats one of two values is of the same dispute."""
    keys = {(one.fact.kind, one.fact.value) for one in pair}
    near = [group for group in groups if keys & {(one.fact.kind, one.fact.value) for one in group}]
    whole = near[0] if near else []
    for group in near[1:]:
        whole += group
        groups.remove(group)
    if not near:
        groups.append(whole)
    said = {(one.text, one.fact.value) for one in whole}
    whole += [one for one in pair if (one.text, one.fact.value) not in said]


def settle(
    texts: Sequence[str], disputes: Iterable[Dispute], choices: Mapping[int, str], *, lang: str, published: date
) -> list[str]:
    """The texts with the chosen value where another one of its dispute stood; `choices` are values by dispute number.

    A text that states both is left as it is: it tells of the difference itself.
    """
    wanted = [(dispute, choices[n]) for n, dispute in enumerate(disputes) if choices.get(n) in dispute.values]
    settled = []
    for text in texts:
        facts = extract(text, lang, published).facts
        stated = [(fact.kind, fact.value) for fact in facts]
        swaps: dict[Key, str] = {}
        for dispute, value in wanted:
            if dispute.can_be_settled and not dispute.stated_in(stated):
                words = dispute.values[value][0].fact.text
                swaps |= {(dispute.kind, other): words for other in dispute.values if other != value}
        settled.append(_swapped(text, facts, swaps))
    return settled


def _swapped(text: str, facts: Iterable[Fact], swaps: Mapping[Key, str]) -> str:
    end = len(text)
    for fact in sorted(facts, key=lambda fact: -fact.start):
        words = swaps.get((fact.kind, fact.value))
        if words is not None and fact.end <= end:
            text, end = text[: fact.start] + words + text[fact.end :], fact.start
    return text
