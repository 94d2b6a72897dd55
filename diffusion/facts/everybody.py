"""Said to everybody where the message speaks only of some."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diffusion.facts.agree import age_key
from diffusion.facts.fact import Fact
from diffusion.facts.side import Side

_ALL = re.compile(
    r"(?<![a-z])(?:(?:pour|a|ouvert a) (?:tous|toutes)(?: les (?:habitants|residents|usagers|familles|foyers))?"
    r"|tous les (?:habitants|residents|foyers)|for (?:everyone|all|everybody)|all residents|every (?:resident|household)"
    r"|everyone|all (?:visitors|children|customers|families)|tous les (?:visiteurs|enfants|participants))(?![a-z])"
)
_FIRST = re.compile(r"premiere?s|first")


def for_everybody(them: Side, us: Side) -> Iterator[tuple[Fact, Fact]]:
    """« à tous les habitants » where the message speaks only of « habitants de plus de 65 ans », of the first hundred."""
    limits = [o.fact for o in us.of("audience") if age_key(o.fact.value)]
    limits += [o.fact for o in us.of("number") if _FIRST.search(us.text((max(0, o.spot[0] - 14), o.spot[1] + 10)))]
    told = _ALL.search(them.reading.plain)
    if told is None or len(limits) != 1 or _ALL.search(us.reading.plain):
        return
    if not any(age_key(t.fact.value) for t in them.of("audience")):
        start, end = them.reading.span(*told.span())
        yield Fact("audience", "all", start, end, them.reading.raw[start:end]), limits[0]
