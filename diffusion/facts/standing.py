"""Statuses of two texts: the opposite said, a status invented, a condition dropped."""

from __future__ import annotations

import re
from bisect import bisect_left

from diffusion.facts.agree import age_key, agree
from diffusion.facts.fact import Fact
from diffusion.facts.moments import OUTCOMES, PAIRS, SHUT, is_other_moment, neighbours, reopens, turned
from diffusion.facts.reading import fold
from diffusion.facts.roles import Said
from diffusion.facts.side import Side

#: What a rendition may say though the message has no such status; it promises nothing of its own.
_SOFT = frozenset({"open", "maintained", "allowed", "restored", "day", "available"})
_STEMS = {
    "free": r"gratui|libre|offert|sans frais|0 ?€|\bfree\b|no charge|complimentary|invit",
    "paid": r"payant|€|euro|tarif|£|\bfee|charge|ticket",
    "mandatory": r"oblig|reserv|inscri|requis|necessaire|exige|must|book|required|mandator|compulsor|faut|devez|doivent|doit",
    "by-appointment": r"rendez-vous|rdv|reserv|inscri|appointment|book",
    "walk-in": r"sans (?:rendez|rdv|reserv|inscri)|walk|drop|no (?:appointment|booking)|libre",
    "optional": r"facultat|option|volunt|pas oblig|sans oblig|conseill",
    "increase": r"augment|hausse|increas|ris|passe|monte|plus|rose|up\b",
    "decrease": r"baiss|diminu|decreas|fall|passe|reduc|moins|down\b|drop|recul",
    "night": r"nuit|night|nocturne|2[0-3] ?h|soir|evening",
    "closed": r"ferm|clos|coup|inaccess|barr|interrom|travaux|suspend|grev|strike|shut|bloqu|perturb|sans |no |pas d",
    "interrupted": r"ferm|coup|interrom|suspen|panne|grev|prive|sans |pas d|no |cut|outage|off\b|disrupt|stop|arret|perturb",
    "forbidden": r"interdi|ferm|prohib|ban|forbid|no |not |ne pas|defense|impossible|neutralis|barr|suppri",
    "postponed": r"report|deplac|decal|repouss|nouvelle date|postpon|moved|resched|remis",
    "brought-forward": r"avanc|plus tot|forward|earlier|anticip",
    "cancelled": r"annul|suppri|cancel|n'aura|pas lieu|not take|off\b|pas de|aucun",
    "full": r"complet|plus de place|sold|full|no (?:places|tickets|spaces)",
    "drinkable": r"potab|drink|consomm|boire",
    "not-drinkable": r"potab|drink|consomm|boire|impropre|bouteille|bottle",
}
_CUSHION = re.compile(r"conseill|recommand|souhait|recommended|advis|si possible|facultat|option")
Rival = tuple[str, Said | None]


def status_fault(theirs: Said, them: Side, us: Side) -> Rival | None:
    """`("contradicted", ours)` or `("added", None)` if a status may not stand as it does."""
    name = theirs.fact.value
    ours = us.of("status")
    if name == "restored" and (rival := _awaited(theirs, them, us)) is not None:
        return "contradicted", rival
    if any(o.fact.value == name for o in ours):
        return None
    if _is_hour_of(theirs, them):
        rival = turned(theirs, them, us)
        return ("contradicted", rival) if rival else None
    rivals = [o for o in ours if o.fact.value in PAIRS.get(name, ())]
    if not rivals and name in {"maintained", "allowed"}:
        rivals = [o for o in ours if o.fact.value in {"interrupted", "closed"} and _is_same_thing(theirs, o, them, us)]
    if not rivals and name in OUTCOMES:
        rivals = [o for o in ours if o.fact.value in OUTCOMES]
    if name in OUTCOMES and _stems_said(name, us):  # « déplacé » for « décalé », beside something else that goes on
        rivals = [o for o in rivals if o.words & theirs.words]
    if name == "cancelled" and rivals and _is_moved(rivals, them):
        return None  # « pas de marché vendredi : rendez-vous le 3 juillet »
    if name in MOVES and rivals and all(o.fact.value == "cancelled" for o in rivals) and _gives_both_days(them, us):
        return None  # « reporté du 21 au 28 » for « celle du 28 … celle du 21 est annulée »
    if rivals and not is_other_moment(theirs, rivals, them, us):
        best = max(rivals, key=lambda o: len(o.words & theirs.words))
        friends = [o for o in ours if o.fact.value in _SOFT and o.words & theirs.words]
        is_of_others = bool(theirs.words) and not any(_is_of_one(theirs, o) for o in rivals)
        if name in _SOFT and (friends or is_of_others) and not best.words & theirs.words:
            return None  # « les commerces restent ouverts » beside « l'accès aux commerces est maintenu »
        return "contradicted", best
    if name in SHUT and (kept := _kept_on(theirs, ours)) is not None:
        return "contradicted", kept
    if rivals or name in _SOFT or (name in SHUT and any(o.fact.value in SHUT for o in ours)):
        return None
    if name == "free" and (price := _price(us)) is not None:
        return "contradicted", price
    if _stems_said(name, us):
        return None
    return "added", None


_DONE = re.compile(
    r"(?<![a-z])(?:est|sont|a ete|ont ete|is|are|has been|have been)(?: bien| de nouveau| now| fully)? $"
)
_AWAITED = re.compile(r"attendu|prevu|devrait|devraient|sera|seront|estime|expected|should|will|due")


def _awaited(theirs: Said, them: Side, us: Side) -> Said | None:
    """« l'eau est rétablie » where the message only awaits it: what is cut off there."""
    start = theirs.spot[0]
    if not _DONE.search(them.reading.plain[max(0, start - 24) : start]):
        return None
    ours = [o for o in us.of("status") if o.fact.value == "restored"]
    cut = next((o for o in us.of("status") if o.fact.value in SHUT), None)
    is_open = any(not _AWAITED.search(us.text(o.sentence)) for o in ours)
    near = them.text(theirs.sentence)
    return cut if ours and not is_open and not _AWAITED.search(near) else None


def _is_moved(rivals: list[Said], them: Side) -> bool:
    """Whether all that the message says is that a thing moves, and the rendition says so or gives its new day."""
    moves = {o.fact.value for o in rivals}
    if not moves <= MOVES:
        return False
    return any(t.fact.value in moves for t in them.of("status")) or len(them.of("date")) > 1


MOVES = frozenset({"postponed", "brought-forward"})


def _gives_both_days(them: Side, us: Side) -> bool:
    told = {day for d in them.of("date") for day in d.fact.value.split("/")}
    return len(told & {o.fact.value for o in us.of("date")}) > 1


def _is_of_one(theirs: Said, ours: Said) -> bool:
    """Whether two statuses share a word or a neighbour."""
    return bool(theirs.words & ours.words or theirs.near & ours.near)


def _is_same_thing(theirs: Said, ours: Said, them: Side, us: Side) -> bool:
    """Whether the words before both statuses speak of one thing: « les entraînements sont maintenus », « … suspendus »."""
    subjects = [
        set(
            re.findall(r"[a-z]{4,}", side.text((said.sentence[0], said.part[0] + 80))[:80].partition(said.fact.text)[0])
        )
        for said, side in ((theirs, them), (ours, us))
    ]
    return bool(subjects[0] & subjects[1])


#: Beyond this an amount is no price that one pays at a door.
_HIGHEST = 500


def _price(us: Side) -> Said | None:
    """The only price of a message, beside which nothing can be free."""
    prices = {o.fact.value: o for o in us.of("amount")}
    price = next(iter(prices.values()), None)
    is_price = price is not None and float(price.fact.value.partition(" ")[2]) <= _HIGHEST
    return price if is_price and len(prices) == 1 else None


def _kept_on(theirs: Said, ours: tuple[Said, ...]) -> Said | None:
    """What the message says goes on, if the rendition stops just that."""
    if any(o.fact.value in SHUT and o.words & theirs.words for o in ours):
        return None
    return next(
        (o for o in ours if o.fact.value in {"maintained", "allowed"} and len(o.words & theirs.words) > 1), None
    )


def said_of_another(theirs: Said, them: Side, us: Side) -> Said | None:
    """The message's opposite status whose subject this one has taken: « cantine annulée » for « cantine maintenue »."""
    name = theirs.fact.value
    ours = us.of("status")
    same = [o for o in ours if o.fact.value == name]
    rivals = [
        o
        for o in ours
        if o.fact.value in PAIRS.get(name, ()) or ({name, o.fact.value} <= OUTCOMES and o.fact.value != name)
    ]
    if name in SHUT and same:
        stopped = frozenset().union(*(o.words for o in same))
        kept = (o for o in ours if o.fact.value in {"maintained", "allowed"})
        if (going_on := next((o for o in kept if len((o.words & theirs.words) - stopped) > 1), None)) is not None:
            return going_on  # « l'accès des riverains est interdit » for « … est maintenu »
    if name == "free" and any(o.fact.value == "paid" and o.sentence == s.sentence for o in rivals for s in same):
        return None  # « payant, gratuit la première demi-heure »
    if name == "free" and same and _moment(theirs, them) and all(o.fact.value == "paid" for o in rivals):
        return None  # « gratuit le dimanche »
    if name == "free" and limited_to(theirs, them) is None:
        rivals += us.of("amount")
    if not same or not rivals:
        return None
    mine = _subject(theirs, them)
    own = frozenset().union(*(_subject(o, us) for o in same))
    for rival in (r for r in rivals if not reopens(theirs, r)):
        other = _subject(rival, us)
        if mine & (other - own) and not mine & (own - other) and not is_other_moment(theirs, [rival], them, us):
            return rival
    return None


def said_at_that_time(theirs: Said, us: Side) -> Said | None:
    """The opposite status that the message ties to the very days to which a translation ties this one."""
    days = {n for n in theirs.near if n.startswith(("date:", "recurrence:"))}
    there = [o for o in us.of("status") if days & o.near]
    if any(o.fact.value == theirs.fact.value for o in there):
        return None
    return next((o for o in there if o.fact.value in PAIRS.get(theirs.fact.value, ())), None)


def _moment(said: Said, side: Side) -> set[str]:
    """When a status holds: the hours and days of its sentence."""
    low, high = said.sentence
    return {
        s.fact.value for kind in ("time", "recurrence", "duration") for s in side.of(kind) if low <= s.spot[0] < high
    }


def _subject(said: Said, side: Side) -> frozenset[str]:
    """What a status is said of and when: words, and its neighbours' values."""
    return said.words | {n for n in neighbours(said, side) if n.startswith(("day:", "place:", "recurrence:"))}


_HOUR_VERB = re.compile(r"ferme(?:nt|ra|ront)?$|ouvr(?:e|ent|ira|iront)$|closes?$|closing$|opens?$")


def _is_hour_of(theirs: Said, them: Side) -> bool:
    """« ferme à 23 h », « ouvre le 5 » tell an hour or a day, which is compared as such."""
    if not _HOUR_VERB.search(fold(theirs.fact.text)):
        return False
    after = them.reading.raw[theirs.fact.end : theirs.fact.end + 12]
    if re.search(
        r"\b(?:is|are|be|remains?|stays?) $", them.reading.raw[max(0, theirs.fact.start - 9) : theirs.fact.start]
    ):
        return False
    nexts = (s for kind in ("time", "date") for s in them.of(kind) if 0 < s.fact.start - theirs.fact.end < 12)
    return re.match(r"(?: ses portes| its doors)?\s(?:à|a|le|dès|at|on|from)\s", after) is not None and any(
        s.direction for s in nexts
    )


def _stems_said(name: str, us: Side) -> bool:
    pattern = _STEMS.get(name)
    if name == "mandatory" and _CUSHION.search(us.reading.plain):
        return False
    return pattern is not None and re.search(pattern, us.reading.plain) is not None


def dropped_condition(ours: Said, them: Side, us: Side) -> Fact | None:
    """The audience to which one of the message's statuses is limited, if the rendition gives the status without it."""
    limit = limited_to(ours, us)
    if limit is None:
        return None
    told = [t for t in them.of("status") if t.fact.value == ours.fact.value]
    if not told or any(_says_limit(t, limit, them) for t in told):
        return None
    return limit


def limited_to(ours: Said, us: Side) -> Fact | None:
    """« gratuit pour les moins de 12 ans »: the audience right after a status, or right before it in its part."""
    if ours.fact.value == "free":
        for rule in us.of("recurrence"):
            if 0 <= rule.fact.start - ours.fact.end < 14 and not re.search(
                r"[.!?;,:\n]", us.reading.raw[ours.fact.end : rule.fact.start]
            ):
                return rule.fact
    groups = us.of("audience")
    first = bisect_left(groups, ours.fact.start - 60, key=lambda s: s.fact.start)
    for other in groups[first : first + 8]:
        if other.fact.value == "all":
            continue
        gap = us.reading.raw[ours.fact.end : other.fact.start]
        if (
            0 <= other.fact.start - ours.fact.end < 34
            and not re.search(r"[.!?;\n]", gap)
            and re.search(r"pour|aux|à |for|to|:|\(|chez", gap)
        ):
            return other.fact
        before = us.reading.raw[other.fact.end : ours.fact.start]
        if (
            0 <= ours.fact.start - other.fact.end < 14
            and not re.search(r"[.!?;\n,]", before)
            and ours.fact.value in {"free", "paid"}
        ):
            return other.fact
    return None


_AGE = (
    r"(?:moins de|plus de|under|over|avant|apres|des|jusqu'a|- de|\+ de|<|>|-) ?{0}(?!\d)"
    r"|(?<!\d){0} ?(?:ans|an(?![a-z])|years|yrs|'?s(?![a-z])|et (?:plus|moins)|\+|and (?:over|under))"
)


def _says_limit(told: Said, limit: Fact, them: Side) -> bool:
    around = them.text(told.sentence)
    if limit.kind == "recurrence":
        return any(agree(o.fact, limit) for kind in ("recurrence", "date") for o in them.of(kind))
    if any(agree(o.fact, limit) for o in them.of("audience")):
        return True
    key = age_key(limit.value)
    if key is not None:
        return re.search(_AGE.format(key[-1]), around) is not None
    if limit.value in {"residents", "staff"}:
        return re.search(r"habitant|resident|riverain|agent|personnel|staff|employee|local", around) is not None
    return any(word[:5] in around for word in re.findall(r"[a-z]{4,}", fold(limit.value)))
