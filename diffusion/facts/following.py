"""What follows from a message though it doesn't say it in the same words: an end of a range, a count, the day after."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from diffusion.facts import days
from diffusion.facts.agree import CODES, ends, length
from diffusion.facts.fact import Fact
from diffusion.facts.roles import Said, has_cue
from diffusion.facts.side import Side


def introduced_end(theirs: Said, ours: Said, them: Side, us: Side) -> bool:
    """Whether a single date or time is one end of the message's range, and is introduced as that end.

    The hour at which something starts may stand alone (« à 20 h » for « de 20 h à 22 h »); a day may not.
    """
    is_same_language = them.lang == us.lang
    both = ends(ours.fact.value)
    mine = ends(theirs.fact.value)
    if theirs.fact.kind == "date" and both is not None and theirs.fact.value in both and _is_one_night(both, ours, us):
        return True
    if theirs.fact.kind == "time" and _on_another_date(theirs, ours, us):
        return False
    if both is None or mine is not None or theirs.fact.kind != ours.fact.kind:
        return False
    if _MOVED.search(
        us.reading.plain, max(ours.sentence[0], ours.spot[0] - 40), ours.spot[0]
    ):  # « reporté du 23 janvier au 6 février »: the second is the day
        return theirs.fact.value == both[1] or (
            theirs.fact.value == both[0] and _OLD.search(them.text(theirs.sentence)) is not None
        )
    if theirs.fact.value == both[0]:
        if not is_same_language or theirs.fact.kind == "time":
            return theirs.direction != "until"
        return theirs.direction == "from" or (
            theirs.direction == "" and has_cue(them.reading, theirs.sentence, them.lang, "start_cues")
        )
    if theirs.fact.value == both[1]:
        if not is_same_language:
            return True
        return theirs.direction == "until" or (
            theirs.direction == "" and has_cue(them.reading, theirs.sentence, them.lang, "end_cues")
        )
    return False


def _is_one_night(both: tuple[str, str], ours: Said, us: Side) -> bool:
    """« dans la nuit du 30 juin au 1er juillet »: each of the two days is the night's."""
    if len(both[0]) != 10 or days.shifted(date.fromisoformat(both[0]), 1).isoformat() != both[1]:
        return False
    return re.search(r"nuit|night", us.text(ours.sentence)) is not None


def _on_another_date(theirs: Said, ours: Said, us: Side) -> bool:
    """« le 15 mai à 12 h » is no end of « le 18 avril de 9 h à 12 h »."""
    told, own = ({n for n in said.near if n.startswith("date:")} for said in (theirs, ours))
    known = {f"date:{o.fact.value}" for o in us.of("date")}
    return bool(told and own) and told <= known and not told & own


_MOVED = re.compile(r"(?<![a-z])(?:report|decal|deplac|avanc|repouss|postpon|moved?(?![a-z])|resched|brought forward)")
_OLD = re.compile(_MOVED.pattern + r"|annul|cancel|prevu|initial|planned|originally|(?<![a-z])(?:pas d|no )")


def is_pair(theirs: Said, ours: Said, them: Side) -> bool:
    """« les 2 et 13 mars » for « du 2 au 13 mars »: both ends, told as two single days."""
    both = ends(ours.fact.value)
    if both is None or theirs.fact.kind != "date" or theirs.fact.value not in both:
        return False
    told = [t for t in them.of("date") if t.fact.value in both and t.sentence == theirs.sentence]
    return len(told) == 2 and _LISTED.search(them.reading.raw[told[0].fact.end : told[1].fact.start]) is not None


_LISTED = re.compile(r"^ ?(?:et|and|&|,) ?(?:le |on )?$")
_AGAIN = re.compile(r"rouv|re-?ouv|reopen|resum|reprend|reprise|retabl|restor")


def returns_otherwise(theirs: Said, them: Side, us: Side) -> bool:
    """« rouvre le 2 » where the message itself says that it reopens on the 4th."""
    if theirs.fact.kind != "date" or not _AGAIN.search(them.text(theirs.part)):
        return False
    own = [o.fact.value for o in us.of("date") if _AGAIN.search(us.text(o.part)) and len(o.fact.value) == 10]
    return bool(own) and theirs.fact.value not in own


_COUNTED = re.compile(r"date|jour|soir|seance|rendez|session|nuit|creneau|fois|day|time|slot|night|lieu|etape|horaire")


def follows(theirs: Said, them: Side, us: Side) -> bool:
    """What a reader may work out: both ends of a range said apart, « deux dates », the day after the last one."""
    fact = theirs.fact
    both = ends(fact.value)
    if both and fact.kind == "date" and _ends_before_the_return(both, us):
        return True
    if fact.kind == "date" and theirs.direction == "until" and _ends_before_the_return(("", fact.value), us):
        return True
    if both and fact.kind in {"time", "date"}:
        own = {o.fact.value: o for o in us.of(fact.kind)}
        if fact.kind == "date" and _days_between(both) and _days_between(both) <= set(own):
            return True
        if fact.kind == "time" and both[0] in own and both[1] in own and _is_course(own[both[0]], own[both[1]], us):
            return True
        if both[0] in own and both[1] in own:
            return own[both[1]].direction == "until" or (fact.kind == "time" and own[both[0]].direction == "from")
    if fact.kind == "date" and any(
        fact.value in told and told <= {t.fact.value for t in them.of("date")}
        for told in (_days_between(ends(o.fact.value)) for o in us.of("date")[:_MANY_DAYS])
    ):
        return True
    if fact.kind == "date" and _is_next_of_a_rule(fact, us):
        return True
    if fact.kind == "amount" and _is_sum(theirs, them, us):
        return True
    if fact.kind in {"number", "amount"} and _is_rounded(theirs, them, us):
        return True
    if fact.kind == "number":
        return _is_count(fact, us) or _is_list_of(fact, us)
    if fact.kind == "duration":
        return _is_distance(theirs, them, us)
    if fact.kind == "recurrence":
        return _is_day_off(theirs, us)
    return fact.kind == "date" and len(fact.value) == 10 and _is_day_after(theirs, us)


def _ends_before_the_return(both: tuple[str, str], us: Side) -> bool:
    """« du 30 mars au 17 avril » for « à partir du 30 mars, réouverture le 18 avril »."""
    if len(both[1]) != 10 or (both[0] and both[0] not in {o.fact.value for o in us.of("date")}):
        return False
    back = days.shifted(date.fromisoformat(both[1]), 1).isoformat()
    return any(o.fact.value == back and _AGAIN.search(us.text(o.part)) for o in us.of("date"))


_SETS_OUT = re.compile(r"depart|debut|commenc|accueil|rendez-vous|start|begin|meet|depart")
_ARRIVES = re.compile(r"arriv|fin(?![a-z])|termin|retour|cloture|finish|end(?:s|ing)?(?![a-z])|return")


def _is_course(first: Said, last: Said, us: Side) -> bool:
    """« départ à 9 h 30 …, arrivée vers 12 h » is from 9.30 to noon."""
    return _SETS_OUT.search(us.text(first.part)) is not None and _ARRIVES.search(us.text(last.part)) is not None


_MANY_DAYS = 60


def _days_between(both: tuple[str, str] | None) -> set[str]:
    """Every day of a range of three to seven days; a list of them all says the same as the range."""
    if both is None or len(both[0]) != 10:
        return set()
    first = date.fromisoformat(both[0])
    count = (date.fromisoformat(both[1]) - first).days + 1
    return {days.shifted(first, n).isoformat() for n in range(count)} if 3 <= count <= 7 else set()


_SUM = re.compile(r"en tout|au total|total|in all|altogether|en jeu")


def _is_sum(theirs: Said, them: Side, us: Side) -> bool:
    """« 1 000 € de prix en tout » for « 500 €, 300 € et 200 € »."""
    total = sum({_figure(o.fact) for o in us.of("amount")})
    return _figure(theirs.fact) == total and _SUM.search(them.text(theirs.sentence)) is not None


def _is_next_of_a_rule(fact: Fact, us: Side) -> bool:
    """« mardi 3 novembre » where the message says « tous les mardis »: one of the next three."""
    if len(fact.value) != 10 or not 0 <= (date.fromisoformat(fact.value) - us.published).days <= _THREE_WEEKS:
        return False
    code = CODES[date.fromisoformat(fact.value).weekday()]
    if any(
        len(o.fact.value) == 10 and code == CODES[date.fromisoformat(o.fact.value).weekday()] for o in us.of("date")
    ):
        return False  # the message names such a day itself
    return any(o.fact.value == f"FREQ=WEEKLY;BYDAY={code}" for o in us.of("recurrence"))


_THREE_WEEKS = 21
_ROUGHLY = re.compile(
    r"(?:(?P<over>plus d[e']|more than|over)|(?P<under>pres d[e']|presque|nearly|almost)|(?P<about>environ|quelque|about|around|some)) ?$"
)


def _is_rounded(theirs: Said, them: Side, us: Side) -> bool:
    """« plus de 60 entreprises » for 62, « près de 500 » for 490."""
    way = _ROUGHLY.search(them.reading.plain[max(0, theirs.spot[0] - 12) : theirs.spot[0]])
    told = _figure(theirs.fact)
    if way is None or not told or told % 10:
        return False
    low, high = {"over": (1.0, _NEARLY), "under": (2 - _NEARLY, 1.0), "about": (2 - _NEARLY, _NEARLY)}[
        way.lastgroup or ""
    ]
    return any(low * told <= _figure(o.fact) <= high * told for o in us.of(theirs.fact.kind))


_NEARLY = 1.1


def _figure(fact: Fact) -> float:
    return float(fact.value.rpartition(" ")[2])


def _is_count(fact: Fact, us: Side) -> bool:
    """« deux ateliers », « trois soirs »: what one counts in the message, unless it counts that thing itself."""
    if not 2 <= float(fact.value) <= 12 or any(o.fact.unit[:5] == fact.unit[:5] for o in us.of("number")):
        return False
    counts = {len(us.of(kind)) for kind in ("date", "time", "recurrence")}
    counts |= {len({o.fact.value for o in us.of(kind)}) for kind in ("date", "time", "recurrence")}
    counts.add(sum("/" not in o.fact.value for o in us.of("date")))
    if _COUNTED.match(fact.unit):
        counts |= {_days_of(o.fact) for o in us.of("date")}
    return float(fact.value) in counts


def _is_list_of(fact: Fact, us: Side) -> bool:
    """« dans trois rues » for « les rues des Tilleuls, de la Forge et du Lavoir »."""
    word = re.match(r"[a-z]{3,}", fact.unit)
    if word is None:
        return False
    lists = re.finditer(rf"(?<![a-z]){word[0].rstrip('s')}s?(?= )[^.;:!?()]*", us.reading.plain)
    return any(len(re.findall(r", | et | and | & ", found[0])) + 1 - float(fact.value) in (0, 1) for found in lists)


def _is_distance(theirs: Said, them: Side, us: Side) -> bool:
    """« dans deux semaines », where one of the message's dates lies about that far off."""
    start, end = theirs.spot
    before, after = them.reading.plain[max(0, start - 28) : start], them.reading.plain[end : end + 8]
    span = length(theirs.fact.value)
    is_shifted = _SHIFTED.match(them.reading.plain, end) is not None
    if span is not None and (is_shifted or _BY.search(before)):  # "two hours earlier", « décalé d'une semaine »
        own = [us.of(kind)[:_MANY_DAYS] for kind in ("time", "date")]
        if any(_are_apart(one, two, span) for same in own for one in same for two in same):
            return True
    if span is None or not (_AHEAD.search(before) or re.match(r" (?:left|to go)(?![a-z])", after)):
        return False
    ahead = float(span[1]) / 24 if span[0] == "hours" else float(span[1]) * 30.4
    if re.match(r" (?:et demie?|and a half)(?![a-z])", after + them.reading.plain[end + 8 : end + 14]):
        ahead *= 1 + 0.5 / max(1.0, float(count(theirs.fact) or 1))
    slack = max(1.0, ahead / 3 if re.search(r"(?:plus|moins|more|less) (?:de|d'|than) ?$", before) else ahead / 6)
    starts = [(ends(o.fact.value) or (o.fact.value,))[0] for o in us.of("date")]
    return any(abs((date.fromisoformat(s) - us.published).days - ahead) <= slack for s in starts if len(s) == 10)


_BY = re.compile(r"(?:report|decal|deplac|avanc|repouss|postpon|moved?|back|forward|brought)[a-z]* (?:d'|de |by )$")


_SHIFTED = re.compile(r" (?:earlier|later|sooner|before|after|plus tot|plus tard|avant|apres)(?![a-z])")


def _are_apart(one: Said, two: Said, span: tuple[str, Decimal]) -> bool:
    if one.fact.kind == "time" and span[0] == "hours" and "/" not in one.fact.value + two.fact.value:
        minutes = [int(t[:2]) * 60 + int(t[3:5]) for t in (one.fact.value, two.fact.value)]
        return Decimal(minutes[1] - minutes[0]) == span[1] * 60
    if span[0] != "hours" or not len(one.fact.value) == len(two.fact.value) == 10:
        return False
    return (date.fromisoformat(two.fact.value) - date.fromisoformat(one.fact.value)).days * 24 == span[1]


#: « dans deux semaines », « il reste plus de deux semaines », "within a month".
_AHEAD = re.compile(
    r"(?:dans|in|d'ici|sous|within|reste(?:nt)?|plus que|encore|only|just)(?: (?:plus|moins|more|less|a peine)(?: (?:de|d'|que|than))?)? $"
)
_RETURNS = frozenset(
    {"rouvre", "rouvri", "reouve", "repren", "repris", "reopen", "resume", "retour", "retabl", "restor"}
)


def _is_day_after(theirs: Said, us: Side) -> bool:
    """« réouverture le 12 » after « fermée du 6 au 11 »."""
    day_before = days.shifted(date.fromisoformat(theirs.fact.value), -1).isoformat()
    last = {(ends(o.fact.value) or ("", o.fact.value if o.direction == "until" else ""))[1] for o in us.of("date")}
    return day_before in last and bool(
        theirs.words & _RETURNS or any(w.startswith(("rouv", "ouvr", "open")) for w in theirs.words)
    )


def _is_day_off(theirs: Said, us: Side) -> bool:
    """« fermé le lundi » beside « ouvert du mardi au samedi »."""
    mine = set(theirs.fact.value.partition("BYDAY=")[2].split(","))
    own = {d for o in us.of("recurrence") for d in o.fact.value.partition("BYDAY=")[2].split(",")}
    return bool(own) and not mine & own and any(w.startswith(("ferme", "clos", "shut", "sauf")) for w in theirs.words)


def _days_of(fact: Fact) -> int:
    both = ends(fact.value)
    if both is None or len(both[0]) != 10:
        return 1
    return (date.fromisoformat(both[1]) - date.fromisoformat(both[0])).days + 1


def count(fact: Fact) -> str:
    """The figure of a duration: « P2W » → « 2 »."""
    found = re.search(r"[\d.]+", fact.value)
    return found[0] if found else ""
