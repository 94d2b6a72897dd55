"""Whether a value that agrees also stands in the right role, and what else follows from a message."""

from __future__ import annotations

import re
from datetime import date

from diffusion.facts import days
from diffusion.facts.agree import age_key, ends, length, place_key
from diffusion.facts.fact import Fact
from diffusion.facts.lexicon import lexicon
from diffusion.facts.reading import fold
from diffusion.facts.roles import Said, has_cue
from diffusion.facts.side import Side

_MEASURES = frozenset(
    {"km/h", "km", "m", "m2", "m3", "kg", "g", "cm", "mm", "l", "t", "kwh", "ha", "°", "°c", "litre", "mph", "kw", "mw"}
)
_LOW, _HIGH = {"at_least", "more"}, {"at_most", "less"}


def fits(theirs: Said, ours: Said, them: Side, us: Side) -> bool:
    """Whether a fact that agrees in value may stand for the message's: direction, bound, unit, house number."""
    kind = theirs.fact.kind
    if kind in {"date", "time"}:
        return _directions_fit(theirs, ours, them, us)
    if kind in {"amount", "number", "percent"}:
        return _bounds_fit(theirs, ours, them) and _units_fit(theirs, ours, them) and _old_new_fit(theirs, ours, them)
    if kind == "duration" and ours.fact.kind == "duration":
        return _old_new_fit(theirs, ours, them)
    if kind == "recurrence":
        return (
            not _EXCEPT.match(us.reading.raw, ours.fact.end) or _EXCEPTED.search(them.text(theirs.sentence)) is not None
        )
    return True


#: « tous les jours sauf le mardi »: a day off; school holidays may be left out.
_EXCEPT = re.compile(
    r",? \(?(?:sauf|hors|except|excluding)(?: on)?(?: le| les)? (?:lun|mar|mer|jeu|ven|sam|dim|week|mon|tue|wed|thu|fri|sat|sun)",
    re.IGNORECASE,
)
_EXCEPTED = re.compile(r"sauf|hors|except|exclud|ferm|clos|shut")


def _old_new_fit(theirs: Said, ours: Said, them: Side) -> bool:
    """What no longer holds may only be told as such."""
    if ours.direction == "old" and theirs.direction == "":
        return _MOVED.search(them.text(theirs.sentence)) is not None or any(
            t.direction == "new" and t.sentence == theirs.sentence for t in them.of(theirs.fact.kind)
        )
    return not (theirs.direction == "old" and ours.direction != "old") and {theirs.direction, ours.direction} != {
        "old",
        "new",
    }


def _directions_fit(theirs: Said, ours: Said, them: Side, us: Side) -> bool:
    mine, own = theirs.direction, ours.direction
    if mine == own or theirs.fact.kind != ours.fact.kind:
        return True
    if mine == "new" and own == "" and any(o.direction == "new" for o in us.of(ours.fact.kind)):
        return False
    if "old" in (mine, own):
        return own == "old" and mine == "" and _MOVED.search(them.text(theirs.sentence)) is not None
    if {mine, own} == {"from", "until"}:
        return _is_turn(theirs, ours, them, us)
    if "/" in theirs.fact.value:
        return True
    if mine == "until" and own == "":
        return has_cue(us.reading, ours.sentence, us.lang, "end_cues") or theirs.fact.kind == "time"
    if own == "until" and mine == "":
        is_bare = re.search(
            r"\b(?:le|on)(?: [a-z]+)? $", them.reading.plain[max(0, theirs.fact.start - 16) : theirs.fact.start]
        )
        return not is_bare or has_cue(them.reading, theirs.sentence, them.lang, "end_cues")
    return True


_MOVED = re.compile(
    r"report|decal|avance|annul|initialement|prevu|remplac|postpon|moved|resched|cancel|originally|instead"
)


def _is_turn(theirs: Said, ours: Said, them: Side, us: Side) -> bool:
    """« fermée jusqu'au 3 mars » = « rouvre dès le 3 mars »: the same turn seen from both sides."""
    again = r"rouv|re-?ouv|retabl|reopen|resum|reprend|reprise|retour|restor"
    return bool(re.search(again, them.text(theirs.sentence))) != bool(re.search(again, us.text(ours.sentence)))


def _bounds_fit(theirs: Said, ours: Said, them: Side) -> bool:
    mine, own = theirs.bound, ours.bound
    if (mine in _LOW and own in _HIGH) or (mine in _HIGH and own in _LOW):
        return False
    if theirs.fact.kind != "amount" or mine == own:
        return True
    if own in {"at_least", "at_most"} and mine == "":
        return re.search(r"maxi|mini|plafon|jusqu|limit|partir|up to|cap|des ", them.text(theirs.sentence)) is not None
    return not (mine in {"at_least", "at_most"} and own == "")


def _units_fit(theirs: Said, ours: Said, them: Side) -> bool:
    periods = {fold(word): period for word, period in lexicon(them.lang)["periods"].items()}
    mine, own = theirs.fact.unit, ours.fact.unit
    if theirs.fact.kind == "number":
        return not (
            mine in _MEASURES
            and own in _MEASURES
            and mine.replace("c", "") != own.replace("c", "")
            and mine.rstrip("s") != own.rstrip("s")
        )
    own_period, my_period = periods.get(own), periods.get(mine)
    if own_period and my_period:
        return bool(own_period == my_period)
    if own_period:
        low, high = theirs.sentence
        if any(low <= s.fact.start < high for s in them.of("duration")):
            return True
        said = [w for w, p in periods.items() if p == own_period]
        return (
            re.search(rf"(?<![a-z])(?:{'|'.join(map(re.escape, said))})s?(?![a-z])", them.text(theirs.sentence))
            is not None
        )
    return True


_HOUSE_BEFORE = re.compile(r"(?<!\d)(\d{1,4})(?: ?(?:bis|ter))?(?:,| )? ?$")
_HOUSES_AFTER = re.compile(
    r"[ ,(]{1,3}(?:entre |du |des |numeros |nos |n° ?)?(?:les? )?(?:numeros? |n° ?)?(\d{1,4}) (?:au"
    r"|a|et|et le|to|-) (?:le )?(?:n° ?)?(\d{1,4})(?![\d/]| (?:janv|fevr|mars|avr|mai|juin|juil"
    r"|aout|sept|oct|nov|dec|h))"
)


def houses(said: Said, side: Side) -> tuple[str, ...]:
    """House numbers tied to a place: « 12 rue des Tilleuls », « rue des Tilleuls, du 2 au 48 »."""
    place = said.fact
    before = _HOUSE_BEFORE.search(side.reading.plain[max(0, place.start - 8) : place.start])
    after = _HOUSES_AFTER.match(side.reading.plain[place.end : place.end + 40])
    if before and not any(
        s.fact.start < place.start and s.fact.end > place.start - len(before[0]) for s in side.said if s is not said
    ):
        return (before[1],)
    return (after[1], after[2]) if after else ()


def has_other_houses(theirs: Said, matches: list[Said], them: Side, us: Side) -> bool:
    """Whether a place stands with house numbers that the message gives it nowhere."""
    if theirs.fact.kind != "place":
        return False
    mine, own = houses(theirs, them), {h for o in matches if (h := houses(o, us))}
    return bool(mine and own) and mine not in own


def introduced_end(theirs: Said, ours: Said, them: Side, is_same_language: bool) -> bool:
    """Whether a single date or time is one end of the message's range, and is introduced as that end.

    The hour at which something starts may stand alone (« à 20 h » for « de 20 h à 22 h »); a day may not.
    """
    both = ends(ours.fact.value)
    mine = ends(theirs.fact.value)
    if both is None or mine is not None or theirs.fact.kind != ours.fact.kind:
        return False
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


_COUNTED = re.compile(r"date|jour|soir|seance|rendez|session|nuit|creneau|fois|day|time|slot|night|lieu|etape|horaire")


def follows(theirs: Said, them: Side, us: Side) -> bool:
    """What a reader may work out: both ends of a range said apart, « deux dates », the day after the last one."""
    fact = theirs.fact
    both = ends(fact.value)
    if both and fact.kind in {"time", "date"}:
        own = {o.fact.value: o for o in us.of(fact.kind)}
        if both[0] in own and both[1] in own:
            return own[both[1]].direction == "until" or (fact.kind == "time" and own[both[0]].direction == "from")
    if fact.kind == "number":
        return _is_count(fact, us)
    if fact.kind == "duration":
        return _is_distance(theirs, them, us)
    if fact.kind == "recurrence":
        return _is_day_off(theirs, us)
    return fact.kind == "date" and len(fact.value) == 10 and _is_day_after(theirs, us)


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


def _is_distance(theirs: Said, them: Side, us: Side) -> bool:
    """« dans deux semaines », where one of the message's dates lies about that far off."""
    before = them.reading.plain[max(0, theirs.fact.start - 10) : theirs.fact.start]
    span = length(theirs.fact.value)
    if span is None or not re.search(r"(?:dans|in|d'ici|sous|within) $", before):
        return False
    ahead = float(span[1]) / 24 if span[0] == "hours" else float(span[1]) * 30.4
    slack = max(1.0, ahead / 6)
    starts = [(ends(o.fact.value) or (o.fact.value,))[0] for o in us.of("date")]
    return any(abs((date.fromisoformat(s) - us.published).days - ahead) <= slack for s in starts if len(s) == 10)


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


def is_tolerated(theirs: Said, them: Side, us: Side, is_same_language: bool) -> bool:
    """Words that the message has too, though they were not read as a fact there."""
    fact = theirs.fact
    if fact.kind in {"place", "audience", "url", "email", "phone", "recurrence"}:
        told = fold(fact.text)
        if re.search(rf"(?<!\w){re.escape(told)}(?!\w)", us.reading.plain):
            return True
    if fact.value == "FREQ=DAILY" and re.search(r"24 ?h|24/7|7 ?j|/7|every day|daily|tous les jours", us.reading.plain):
        return True
    if fact.kind == "number":
        return any(_is_figure_elsewhere(text, us) for text in {fold(fact.text), fact.value})
    if fact.kind == "place":
        names = [w for w in place_key(fact.value).split()[1:] if len(w) > 2]
        own = place_key(us.reading.plain)
        return (
            bool(names)
            and all(re.search(rf"\b{re.escape(n)}\b", own) for n in names)
            and not any(place_key(o.fact.value).split()[1:] == names for o in us.of("place"))
        )
    if fact.kind == "audience":
        if age_key(fact.value) is not None:
            return False
        if fact.value == "all":
            return re.search(r"\btou(?:s|te|tes)\b|publi[cq]|everyone|\ball\b", us.reading.plain) is not None
        return not is_same_language or any(
            w[:5] in us.reading.plain for w in re.findall(r"[a-z]{5,}", told_words(fact))
        )
    return False


def told_words(fact: Fact) -> str:
    """An audience's own words, `residents` and `staff` as they were written."""
    return fold(fact.text)


def _is_figure_elsewhere(text: str, us: Side) -> bool:
    """Whether the message has these figures outside of any fact (a line, a room, a reference)."""
    for found in re.finditer(rf"(?<![\d.,]){re.escape(text)}(?!\d|[.,]\d)", us.reading.plain):
        start, _ = us.reading.span(*found.span())
        if not any(s.fact.start <= start < s.fact.end for s in us.said):
            return True
    return False
