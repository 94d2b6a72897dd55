"""Who pays what: « 2 € pour les moins de 5 ans » where the message says that they go free, or pay something else."""

from __future__ import annotations

import re

from diffusion.facts.agree import agree
from diffusion.facts.fact import Fact
from diffusion.facts.reading import fold
from diffusion.facts.roles import Said
from diffusion.facts.side import Side

#: « 5 € pour les étudiants », « gratuit (étudiants) »; and « étudiants : 5 € », "under-5s pay £2".
_AFTER = re.compile(r" ?(?:[(:]? ?(?:pour|chez|for|to) |\()(?:les |the |des |aux |l'|all )?")
_BEFORE = re.compile(r" ?(?:[:(=-]|pay|paient|payent|a|at|go|are|is)? ?(?:only |seulement )?")
#: Prices or groups beyond which nobody ties one to the other.
_MANY = 40


def charged_otherwise(them: Side, us: Side) -> list[tuple[Said, Said]]:
    """Pairs of a rendition's price and what the message says that its payers pay."""
    found = []
    groups = us.of("audience")[:_MANY]
    for told in them.of("amount")[:_MANY]:
        payer = next(
            (g for g in them.of("audience")[:_MANY] if g.fact.value != "all" and _is_tied(told, g, them)), None
        )
        own = [g for g in groups if payer is not None and agree(payer.fact, g.fact)]
        due = [price for price in _prices(us) if any(_is_tied(price, group, us) for group in own)]
        if due and not any(_is_price(told.fact, p.fact) for p in due):
            found.append((told, due[0]))
    return found


def _prices(text: Side) -> list[Said]:
    return [*text.of("amount")[:_MANY], *(s for s in text.of("status")[:_MANY] if s.fact.value == "free")]


def _is_price(told: Fact, own: Fact) -> bool:
    return told.kind == own.kind and agree(told, own)


def _is_tied(price: Said, group: Said, text: Side) -> bool:
    """Whether nothing but a word like *pour* stands between a price and those who pay it."""
    after = group.fact.start >= price.fact.end
    first, second = (price.fact, group.fact) if after else (group.fact, price.fact)
    gap = fold(text.reading.raw[first.end : second.start])
    if "(" in gap and text.reading.raw[second.end : second.end + 1] != ")":
        return False  # « 2 € (moins de 5 ans : gratuit) »
    return first.end <= second.start and (_AFTER if after else _BEFORE).fullmatch(gap) is not None
