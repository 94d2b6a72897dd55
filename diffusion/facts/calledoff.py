"""Days on which something is called off: « la séance prévue le 21 est annulée » leaves no session on the 21st."""

from __future__ import annotations

import re

from diffusion.facts.roles import Said
from diffusion.facts.side import Side

_OFF = re.compile(
    r"[ ,]*(?:a \d{1,2} ?h(?: ?\d\d)? |at [\d.:]+ ?[ap]m )?(?:est|sont|sera|seront|a ete|ont ete|is|are|was|were|has been"
    r"|have been|will be) (?:annul|supprim|cancel|called off)"
    r"|[ ,]*(?:n'aura pas lieu|n'auront pas lieu|will not take place|won't take place)"
)
_SAYS_OFF = re.compile(
    r"annul|supprim|report|deplac|decal|repouss|remplac|cancel|called off|postpon|moved?(?![a-z])|resched|instead|au lieu"
    r"|(?<![a-z])(?:pas|aucune?|plus|sans|no|not|off|non|initialement|originally)(?![a-z])|n't"
)


def called_off(them: Side, us: Side) -> list[tuple[Said, Said]]:
    """A day called off that is given as if it were on; a day called off in place of the one that is."""
    off, gone = _off(us), _off(them)
    found = []
    for told in them.of("date"):
        own = off.get(told.fact.value)
        if own is not None and not _SAYS_OFF.search(them.text(told.sentence)):
            found.append((told, own))
        elif told.fact.value in gone and off and own is None:
            held = [d for d in us.of("date") if d.fact.value == told.fact.value]
            if held and not any(_SAYS_OFF.search(us.text(_own(d, us))) for d in held):
                found.append((told, next(iter(off.values()))))
    return found


def _own(day: Said, side: Side) -> tuple[int, int]:
    """A day's sentence up to the next day in it."""
    low, high = day.sentence
    return low, min((d.spot[0] for d in side.of("date") if day.spot[1] <= d.spot[0] < high), default=high)


def _off(side: Side) -> dict[str, Said]:
    """The days of which a text says only that what was due then is off."""
    off = {d.fact.value: d for d in side.of("date") if _OFF.match(side.reading.plain, d.spot[1])}
    return {
        value: day
        for value, day in off.items()
        if all(_SAYS_OFF.search(side.text(d.sentence)) for d in side.of("date") if d.fact.value == value)
    }
