"""Which facts must reach every channel, unless a communicator says otherwise."""

from __future__ import annotations

from diffusion.facts.fact import Extraction, Fact

#: The default rule: when, where and how an event or an interruption stands, its deadline, its price, whom to call.
ESSENTIAL_KINDS = frozenset({"date", "recurrence", "time", "place", "status", "amount"})
EMERGENCY = frozenset({"15", "17", "18", "112", "114", "115", "119", "191", "196", "197", "999", "111", "101", "105"})


def essential_facts(extraction: Extraction) -> tuple[Fact, ...]:
    """The facts that the default rule holds essential, each value once, in the order of the text."""
    kept: dict[tuple[str, str], Fact] = {}
    for fact in extraction.facts:
        if _is_essential(fact):
            kept.setdefault((fact.kind, fact.value), fact)
    return tuple(kept.values())


#: A trend and a time of day say nothing that another essential fact doesn't.
_LESSER = frozenset({"increase", "decrease", "day", "night", "available"})
#: Beyond this an amount is a budget, not a price; in units of its currency.
_HIGHEST_PRICE = 20_000


def _is_essential(fact: Fact) -> bool:
    if fact.kind == "phone":
        return fact.value in EMERGENCY
    if fact.kind == "amount":
        return float(fact.value.partition(" ")[2]) <= _HIGHEST_PRICE
    return fact.kind in ESSENTIAL_KINDS and fact.value not in _LESSER
