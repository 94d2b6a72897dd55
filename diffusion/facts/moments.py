"""Two opposite statuses that speak of two moments: « rouvre le 4 » after « fermée jusqu'au 3 »."""

from __future__ import annotations

import re
from datetime import date

from diffusion.facts.reading import fold
from diffusion.facts.roles import Said, tokens
from diffusion.facts.side import Side
from diffusion.facts.words import OPPOSITES

#: Of one thing, only one of these can be true.
OUTCOMES = frozenset({"maintained", "cancelled", "postponed", "brought-forward"})
#: Said of one interruption in many words: « pas d'eau », « coupure », « fermé à la circulation ».
SHUT = frozenset({"closed", "interrupted", "forbidden", "cancelled", "full"})
PAIRS = {name: frozenset({other}) for name, other in OPPOSITES.items()} | {
    "increase": frozenset({"decrease"}),
    "decrease": frozenset({"increase"}),
    "not-drinkable": frozenset({"drinkable"}),
    "mandatory": frozenset({"optional", "walk-in"}),
    "by-appointment": frozenset({"walk-in"}),
    "walk-in": frozenset({"by-appointment", "mandatory"}),
}
_AGAIN = re.compile(r"rouv|re-?ouv|reop|re-op|retabl|retour|remis|restor|resum|reprend|reprise|back")
_ENDS = re.compile(r"(?<![a-z])(?:fin(?![a-z])|prend fin|termin|leve|end(?:s|ing)?(?![a-z])|lift|over(?![a-z]))")


def is_other_moment(theirs: Said, rivals: list[Said], them: Side, us: Side) -> bool:
    """« rouvre le 4 » after « fermée jusqu'au 3 », « fermé le lundi » beside « ouvert du mardi au samedi »: no opposite."""
    name = theirs.fact.value
    around = them.text(theirs.part)
    if name in {"open", "restored"} and _AGAIN.search(fold(theirs.fact.text) + around):
        return any(_has_end(us.text(r.sentence)) for r in rivals) or bool(_AGAIN.search(us.reading.plain))
    if name in SHUT and (until := _until(theirs, them)) and any(_reopens(r, until, us) for r in rivals):
        return True  # « fermée jusqu'à mardi » for « rouvrira mercredi »
    if name in SHUT and _ENDS.search(around) and all(_AGAIN.search(fold(r.fact.text)) for r in rivals):
        return True  # « road closures end at 1.30 » for « roads reopen at 1.30 »
    if (
        name == "open"
        and _BY_DAY.search(around)
        and (_NIGHTS.search(us.reading.plain) or any(map(_is_of_night, us.of("time"))))
    ):
        return True  # "open during the day" beside a closure at night
    if name in {"available", "full"}:
        mine, own = _days_in(theirs, them), {day for r in rivals for day in _days_in(r, us)}
        return bool(mine and own) and not mine & own
    if name in {"closed", "open"}:
        kept = {f"day:{d}" for o in us.of("recurrence") for d in o.fact.value.partition("BYDAY=")[2].split(",")}
        told = {n for n in theirs.near if n.startswith("day:")}
        is_day_off = any(n.startswith("day:") for r in rivals for n in r.near)
        if name == "open" and told and told <= kept and not is_day_off:
            return True  # the hours that the message gives too, beside its days off
        mine = {n for n in theirs.near if n.startswith(("recurrence", "date", "time"))}
        own = {n for r in rivals for n in r.near if n.startswith(("recurrence", "date", "time"))}
        return bool(mine) and bool(own) and not mine & own and all(r.near for r in rivals) and not _same_days(mine, own)
    return False


def reopens(shut: Said, again: Said) -> bool:
    """« pendant la fermeture » beside « réouverture le 27 »: two moments of one thing."""
    if any(n.startswith("date:") and "/" not in n for n in shut.near):
        return False  # « fermées jusqu'à vendredi » for « rouvriront jeudi »
    return shut.fact.value in SHUT and _AGAIN.match(fold(again.fact.text)) is not None


def _same_days(mine: set[str], own: set[str]) -> bool:
    """Whether two sets of recurrences share a weekday."""
    mine_days, own_days = (
        {d for n in s if n.startswith("recurrence") for d in n.partition("BYDAY=")[2].split(",")} for s in (mine, own)
    )
    if mine_days and own_days:
        return bool(mine_days & own_days)
    return not (mine_days or own_days) or any(n.startswith("date") for n in mine)


def _has_end(text: str) -> bool:
    return re.search(r"jusqu|until|till| au |\d[a-z ]{0,7} a \d|\d[a-z ]{0,3} to \d|\d ?- ?\d", text) is not None


_BY_DAY = re.compile(r"during the day|by day|daytime|en journee|dans la journee|le jour(?![a-z])")
_NIGHTS = re.compile(r"(?<![a-z])(?:nuits?|nights?|overnight)(?![a-z])")


def _is_of_night(said: Said) -> bool:
    first, _, last = said.fact.value.partition("/")
    return bool(last) and last < first


def _days_in(said: Said, side: Side) -> set[str]:
    low, high = said.sentence
    return {d.fact.value for d in side.of("date") if low <= d.spot[0] < high}


def turned(theirs: Said, them: Side, us: Side) -> Said | None:
    """« ferme à 6 h » where the message has the same thing open at that hour."""
    after = _next(theirs, them)
    for ours in us.of("status") if after is not None else ():
        own = _next(ours, us)
        if own is None or after is None or own.direction == "until":
            continue  # « ouvert jusqu'à 21 h » closes at 21 h
        if own.fact.value == after.fact.value:
            return ours if ours.fact.value in PAIRS.get(theirs.fact.value, ()) else None
    return None


_NEXT = 12


def _next(said: Said, side: Side) -> Said | None:
    """The hour or the day right after a status."""
    return next((t for k in ("time", "date") for t in side.of(k) if 0 <= t.spot[0] - said.spot[1] < _NEXT), None)


def _until(theirs: Said, them: Side) -> date | None:
    days_ = (d for d in them.of("date") if 0 <= d.spot[0] - theirs.spot[1] < _LONG and d.direction == "until")
    found = next((d.fact.value for d in days_ if len(d.fact.value) == 10), None)
    return date.fromisoformat(found) if found else None


_LONG = 28


def _reopens(ours: Said, until: date, us: Side) -> bool:
    """Whether the message's turn comes on that day or on the day after."""
    if not _AGAIN.search(fold(ours.fact.text)):
        return False
    turn = next((d.fact.value for d in us.of("date") if 0 <= d.spot[0] - ours.spot[1] < _LONG), "")
    return len(turn) == 10 and (date.fromisoformat(turn) - until).days in (0, 1)


def is_beside(status: Said, day: Said, side: Side) -> bool:
    """In one clause with it, or in its enumeration of days."""
    (start, end), (first, last) = status.spot, day.spot
    low, high = (end, first) if end <= first else (last, start)
    is_joined = last <= start and re.search(r"(?<![a-z])(?:et|and)(?![a-z])", side.reading.plain[low:high])
    is_parted = bool(is_joined) or any(low <= s.spot[0] < high for s in side.of("status") if s is not status)
    return 0 <= high - low < _BESIDE and not is_parted and not _ASIDE.search(side.reading.plain, low, high)


_BESIDE = 48
_ASIDE = re.compile(r"[.!?;:,()\n]|(?<![a-z])(?:mais|but|puis|then|rouv|reop|retour|back|open|ouvr)")


def neighbours(status: Said, side: Side) -> set[str]:
    """A status's neighbours, of the days only those in its own clause: « mercredi 10 h-12 h, fermée samedi »."""
    days = [d for kind in ("date", "recurrence") for d in side.of(kind)]
    kept = {token for d in days if is_beside(status, d, side) for token in tokens(d.fact)}
    return set(status.near) - ({token for d in days for token in tokens(d.fact)} - kept)
