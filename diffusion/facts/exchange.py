"""Right values in wrong places: prices, sessions or phones exchanged, the reduced price given as *the* price."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from diffusion.facts.agree import agree, ends
from diffusion.facts.lexicon import lexicon
from diffusion.facts.moments import PAIRS, SHUT, is_beside, neighbours, reopens
from diffusion.facts.reading import fold
from diffusion.facts.roles import Said
from diffusion.facts.side import Side

KINDS = (
    "amount", "time", "date", "number", "percent", "phone", "place", "duration", "url", "email", "status", "recurrence",
)  # fmt: skip
#: Values of one kind beyond which nobody could tell what belongs to which.
_MANY = 60
#: How many words of the other's must stand by a value, and none of its own, before one word alone is believed.
_ENOUGH = {"date": 2, "number": 2, "place": 2, "duration": 2, "recurrence": 2}


@dataclass(slots=True)
class Tied:
    """All that is tied to one value in one text, wherever it is said."""

    first: Said
    labels: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    near: set[str] = field(default_factory=set)


def _tied(said: Iterable[Said], side: Side) -> dict[str, Tied]:
    out: dict[str, Tied] = {}
    for one in said:
        tied = out.setdefault(one.fact.value, Tied(one))
        tied.labels |= one.labels
        tied.words |= one.words
        tied.near |= neighbours(one, side) if one.fact.kind == "status" else one.near
        if one.direction:
            tied.words.add(f"direction {one.direction}")
        if one.fact.unit and one.fact.kind == "number":
            tied.words.add(one.fact.unit[:6].rstrip("s"))
    return out


def exchanged(them: Side, us: Side) -> list[tuple[Said, Said]]:
    """Pairs of a rendition's fact and the message's fact whose place it takes."""
    found: list[tuple[Said, Said]] = []
    for kind in KINDS:
        own = _tied(us.of(kind), us)
        if not 2 <= len(own) <= _MANY:
            continue
        told = _matched(_tied(them.of(kind), them), own)
        shared = {
            word
            for word, times in Counter(w for o in own.values() for w in o.words).items()
            if (times > 1 and kind == "time") or (kind == "phone" and _CALLS.match(word))
        }
        for value, mine in told.items():
            rival = _rival(value, mine, told, own, _ENOUGH.get(kind, 1), shared)
            if rival is not None and not _are_coordinated(own[value].first, rival.first, us):
                found.append((mine.first, rival.first))
    return found


#: "Call 119", « tél. »: said of any number.
_CALLS = re.compile(r"appel|joign|joindr|contac|renseig|infos?$|inform|tel|phone|numer|call|ring|book|question")


def _matched(told: dict[str, Tied], own: dict[str, Tied]) -> dict[str, Tied]:
    """The rendition's values under the message's spelling of them."""
    out: dict[str, Tied] = {}
    for value, mine in told.items():
        like = [value] if value in own else [v for v, o in own.items() if agree(mine.first.fact, o.first.fact)]
        if like and (len(like) == 1 or "/" not in value):  # "this week" may mean any of its days
            out[like[0]] = mine
    return out


def _rival(
    value: str, mine: Tied, told: dict[str, Tied], own: dict[str, Tied], enough: int, shared: set[str]
) -> Tied | None:
    """The other value whose surroundings this one has taken; words `shared` by several values tell none apart."""
    right = own[value]
    for other, wrong in own.items():
        if not (mine.labels & wrong.labels or mine.words & wrong.words or mine.near & wrong.near):
            continue
        if _are_apart(mine.first, wrong.first) or _is_reckoned(right.first):
            continue
        if other == value or other == right.first.fact.value or not _compete(right, wrong):
            continue
        back = told.get(other)
        if back is None and ("/" in other) != ("/" in mine.first.fact.value):
            continue  # an hour alone seldom takes the place of a whole range
        labels = _score(mine.labels, right.labels, wrong.labels, back.labels if back else set())
        words = _score(mine.words, right.words - shared, wrong.words - shared, back.words if back else set())
        near = _score(mine.near, right.near, wrong.near, back.near if back else set())
        if labels[1] and not labels[0] and not (words[0] > words[1]):
            return wrong
        if back is None and wrong.labels - right.labels and not mine.labels & wrong.labels:
            continue  # nothing says « members » here, so the members' price is not meant
        is_vague = right.first.fact.kind in {"place", "date"}  # the words of one day fit many others
        is_seen = words[2] or words[1] > 2 if is_vague else back is None or words[2] or words[1] > 1
        is_seen = is_seen or (right.first.fact.kind == "amount" and bool(near[1]) and not near[0])
        is_straight = words[0] or labels[0] or (near[0] and right.first.fact.kind in {"time", "status"})
        if words[1] and words[1] + words[2] >= enough and not is_straight and is_seen:
            return wrong
        if near[1] and not near[0] and back is not None and near[2]:
            return wrong
        if _is_other_day(mine, right, wrong) or _is_other_date(mine, right, wrong, words[0]):
            return wrong
        if (
            right.first.fact.kind == "status"
            and not near[0]
            and any(n.startswith("day:") for n in mine.near & (wrong.near - right.near))
        ):
            return wrong
    return None


_AND = re.compile(r"[ ,]*(?:et|and|&|ou|or|/|,)[ a-z]{0,14}")


def _are_coordinated(one: Said, other: Said, us: Side) -> bool:
    """« les 19 et 20 septembre »: what is said of one is said of both."""
    first, last = sorted((one, other), key=lambda said: said.spot)
    is_listed = one.fact.kind == "date" or {one.bound, other.bound} in ({"", "at_most"}, {"at_least", "at_most"})
    return is_listed and _AND.fullmatch(us.reading.plain, first.spot[1], last.spot[0]) is not None


def _are_apart(mine: Said, wrong: Said) -> bool:
    """« 150 composteurs » is no place for 400 litres, nor « jusqu'à 15 h » for « depuis 6 h »."""
    if {mine.direction, wrong.direction} == {"from", "until"}:
        return True
    units = mine.fact.unit[:4], wrong.fact.unit[:4]
    return mine.fact.kind == "number" and bool(units[0] and units[1]) and units[0] != units[1]


def _is_reckoned(right: Said) -> bool:
    """« la veille », « le lendemain »: the words round it speak of the day that it is reckoned from."""
    return right.fact.kind == "date" and not any(char.isdigit() for char in right.fact.text)


def _days(near: set[str]) -> set[str]:
    return {n for n in near if n.startswith("day:")}


def _is_other_day(mine: Tied, right: Tied, wrong: Tied) -> bool:
    """« ouverte le mercredi » where the message says « du lundi au samedi (fermée le mercredi) »."""
    if right.first.fact.kind != "status":
        return False
    told = _days(mine.near)
    return bool(told) and told <= _days(wrong.near) and len(_days(wrong.near)) < len(_days(right.near))


def _is_other_date(mine: Tied, right: Tied, wrong: Tied, straight: int) -> bool:
    """An hour given to a day, or to a weekday, to which the message gives another one."""
    if right.first.fact.kind != "time" or straight:
        return False
    for sort in ("date:", "day:"):
        told, own, other = ({n for n in near if n.startswith(sort)} for near in (mine.near, right.near, wrong.near))
        if told and own and not told & own and told <= other:
            return True
    return False


def _compete(one: Tied, other: Tied) -> bool:
    """Whether two values could be taken for each other; old and new ones are told apart by their directions."""
    if one.first.fact.kind == "status":
        return other.first.fact.value in PAIRS.get(one.first.fact.value, ()) and not reopens(one.first, other.first)
    first, second = one.first.fact.value, other.first.fact.value
    if first in (ends(second) or ()) or second in (ends(first) or ()):
        return False
    ways = (one.first.direction, other.first.direction)
    return "old" not in ways and not ("new" in ways and one.first.sentence == other.first.sentence)


def _score(mine: set[str], right: set[str], wrong: set[str], back: set[str]) -> tuple[int, int, int]:
    """How much of what tells the two apart stands by the right one, by the wrong one, and whether the other moved too."""
    only_right, only_wrong = right - wrong, wrong - right
    return len(mine & only_right) + len(back & only_wrong), len(mine & only_wrong), len(back & only_right)


def restricted_alone(them: Side, us: Side) -> list[tuple[Said, Said]]:
    """A price that holds only for some, given without saying so and without the full one beside it."""
    restrictive = set(lexicon(us.lang)["restrictive"])
    own = defaultdict(list)
    for ours in us.of("amount"):
        own[ours.fact.value].append(ours)
    told = {t.fact.value for t in them.of("amount")}
    found = []
    for theirs in them.of("amount"):
        mine = own.get(theirs.fact.value)
        if not mine or len(own) < 2 or any(v in told for v in own if v != theirs.fact.value):
            continue
        if all(_is_limited(o, restrictive, us) for o in mine) and not _is_limited(theirs, restrictive, them):
            full = next(
                (
                    o
                    for v, os in own.items()
                    if v != theirs.fact.value
                    for o in os
                    if (not _is_labelled(o, restrictive) or (mine[0].labels - o.labels) & restrictive)
                    and _is_fuller(v, theirs.fact.value)
                ),
                None,
            )
            if full is not None and not theirs.labels & mine[0].labels & restrictive:
                found.append((theirs, full))
    return found


#: Beyond this many times the reduced price, an amount is a budget or a fine.
_DEAREST = 6


def _is_fuller(full: str, reduced: str) -> bool:
    """Whether one amount may be the full price of which another is the reduced one."""
    one, other = (Decimal(v.partition(" ")[2]) for v in (full, reduced))
    return other < one <= _DEAREST * other


def _is_labelled(said: Said, restrictive: set[str]) -> bool:
    return bool(said.labels & restrictive) or any(label.startswith(("under", "over")) for label in said.labels)


def _is_limited(said: Said, restrictive: set[str], side: Side) -> bool:
    if _is_labelled(said, restrictive):
        return True
    low, high = said.part
    return any(low <= s.fact.start < high and s.fact.value != "all" for s in side.of("audience"))


def on_another_day(them: Side, us: Side) -> list[tuple[Said, Said]]:
    """« fermé jeudi 19 » where the message shuts on Tuesday 17, and tells something else of the 19th."""
    found = []
    for theirs in them.of("status"):
        alike = SHUT if theirs.fact.value in SHUT else frozenset({theirs.fact.value})
        own = [o for o in us.of("status") if o.fact.value in alike]
        is_only = len(own) == 1 and theirs.fact.value in {"open", "restored"}
        own = [o for o in own if is_only or o.words & theirs.words]
        days = [d for o in own for d in us.of("date") if is_beside(o, d, us)]
        if not days:
            continue
        begins = all(d.direction == "from" for d in days)
        for told in (d for d in them.of("date") if len(d.fact.value) == 10 and _is_free(d.direction, begins)):
            if is_beside(theirs, told, them) and _is_elsewhere(told, days, us, is_only):
                found.append((told, days[0]))
    return found


def _is_free(direction: str, begins: bool) -> bool:
    return not direction or (direction == "from" and begins)


def _is_elsewhere(told: Said, days: list[Said], us: Side, is_only: bool) -> bool:
    """Whether the message has this day, and not among these."""
    if _WEEKDAY.fullmatch(fold(told.fact.text)):
        codes = [date.fromisoformat(d.fact.value).weekday() for d in days if len(d.fact.value) == 10]
        is_named = fold(told.fact.text)[:5] in us.reading.plain
        return is_named and len(codes) == len(days) and date.fromisoformat(told.fact.value).weekday() not in codes
    same = [d for d in us.of("date") if d.fact.value == told.fact.value]
    if is_only and any(s.direction == "until" for s in same):
        return False
    return bool(same) and not any(
        _covers(d.fact.value, told.fact.value) or (d.sentence == s.sentence and not is_only) for d in days for s in same
    )


_WEEKDAY = re.compile(r"(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|(?:mon|tues|wednes|thurs|fri|satur|sun)day")


def _covers(own: str, told: str) -> bool:
    both = ends(own) or (own, own)
    return both[0] <= told <= both[1]


def old_for_new(them: Side, us: Side) -> list[tuple[Said, Said]]:
    """« le concert du 3 mars est reporté au 10 mars », given as « concert le 3 mars »: what no longer holds, as if it did."""
    found = []
    for kind in ("date", "time", "amount", "percent", "number"):
        told = {t.fact.value for t in them.of(kind)}
        for new in us.of(kind)[:_MANY]:
            if new.direction != "new" or new.fact.value in told:
                continue
            olds = {o.fact.value for o in us.of(kind) if o.sentence == new.sentence and o.direction != "new"}
            moved = any(t.fact.value in {"postponed", "brought-forward", "cancelled"} for t in them.of("status"))
            found += [(t, new) for t in them.of(kind) if t.fact.value in olds and not moved]
    return found


#: What finds a right value in another's role.
ROLES = (exchanged, restricted_alone, old_for_new, on_another_day)
