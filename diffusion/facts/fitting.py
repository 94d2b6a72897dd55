"""Whether a value that agrees also stands in the right role: direction, bound, unit, label, house number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from diffusion.facts.agree import CODES
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
        if kind == "amount" and _labels_exclude(theirs, ours):
            return False
        return (
            _bounds_fit(theirs, ours, them)
            and _units_fit(theirs, ours, them, us)
            and _old_new_fit(theirs, ours, them, us)
        )
    if kind == "place":
        return {theirs.direction, ours.direction} != {"old", "new"}
    if kind == "duration" and ours.fact.kind == "duration":
        return _old_new_fit(theirs, ours, them, us)
    if kind == "recurrence":
        return (
            not _EXCEPT.match(us.reading.raw, ours.fact.end) or _EXCEPTED.search(them.text(theirs.sentence)) is not None
        )
    return True


def has_each_day(rule: Fact, ours: Iterable[Fact]) -> bool:
    """Whether each weekday of a recurrence is the day of one of these facts; one Monday is no « lundis et jeudis »."""
    own = list(ours)
    singles = [o for o in own if o.kind == "date" and len(o.value) == 10]
    if rule.kind != "recurrence" or not singles or len(singles) < len(own) or "MONTHLY" in rule.value:
        return True
    return set(rule.value.partition("BYDAY=")[2].split(",")) <= {
        CODES[date.fromisoformat(o.value).weekday()] for o in singles
    }


#: « tous les jours sauf le mardi »: a day off; school holidays may be left out.
_EXCEPT = re.compile(
    r",? \(?(?:sauf|hors|except|excluding)(?: on)?(?: le| les)? (?:lun|mar|mer|jeu|ven|sam|dim|week|mon|tue|wed|thu|fri|sat|sun)",
    re.IGNORECASE,
)
_EXCEPTED = re.compile(r"sauf|hors|except|exclud|ferm|clos|shut")


_EXCLUSIVE = (("resident", "outside"), ("full", "reduced"), ("member", "non-member"), ("child", "adult"))


def _labels_exclude(theirs: Said, ours: Said) -> bool:
    """« 4 € pour les extérieurs » given as « 4 € pour les habitants »."""
    for pair in _EXCLUSIVE:
        mine, own = (set(pair) & s.labels for s in (theirs, ours))
        if len(mine) == len(own) == 1 and mine != own:
            return True
    return False


def _old_new_fit(theirs: Said, ours: Said, them: Side, us: Side) -> bool:
    """What no longer holds may only be told as such."""
    if ours.direction == "old" and theirs.direction == "":
        return _MOVED.search(them.text(theirs.sentence)) is not None or _is_new_told(theirs, ours, them, us)
    return not (theirs.direction == "old" and ours.direction != "old") and {theirs.direction, ours.direction} != {
        "old",
        "new",
    }


def _directions_fit(theirs: Said, ours: Said, them: Side, us: Side) -> bool:
    mine, own = theirs.direction, ours.direction
    if mine == own == "" and {_phase(theirs, them), _phase(ours, us)} == {"start", "end"}:
        return False
    if mine == own or theirs.fact.kind != ours.fact.kind:
        return True
    if mine == "new" and own == "" and any(_is_told_apart(o, ours) for o in us.of(ours.fact.kind)):
        return False
    if mine == "old" and own == "" and _MOVED.search(us.text(ours.sentence)):
        return True  # « le marché prévu le 26 juin est reporté »
    if "old" in (mine, own):
        is_told = _MOVED.search(them.text(theirs.sentence)) is not None or _is_new_told(theirs, ours, them, us)
        return own == "old" and mine == "" and is_told
    if {mine, own} == {"from", "until"}:
        return _is_turn(theirs, ours, them, us)
    if "/" in theirs.fact.value:
        return True
    if mine == "until" and own == "":
        return has_cue(us.reading, ours.sentence, us.lang, "end_cues") or theirs.fact.kind == "time"
    if own == "until" and mine == "":
        before = them.reading.plain[max(0, theirs.spot[0] - 16) : theirs.spot[0]]
        is_shut = _SHUT_ON.search(before) and _SHUT_ON.search(us.reading.plain[: ours.spot[0]][-16:])
        is_bare = not is_shut and re.search(r"\b(?:le|on)(?: [a-z]+)? $", before)
        return not is_bare or has_cue(them.reading, theirs.sentence, them.lang, "end_cues")
    return True


def _is_told_apart(new: Said, ours: Said) -> bool:
    return new.direction == "new" and new.sentence != ours.sentence


#: "will close on" and "closed on": the day is not the end of anything.
_SHUT_ON = re.compile(r"(?<![a-z])clos(?:e|es|ed|ing) on(?: the)? $")


_PHASE = re.compile(
    r"(?<![a-z])(?:(?P<start>debut|demarrage|lancement|start|beginning)|(?P<end>fin|cloture|end|completion))"
    r"(?: (?:des|du|de la|de l'|de|of|of the) ?[a-z]{3,16})? ?(?::|prevue?|en|le|pour|in|on|au|for)? ?(?:le |en |in |on |for )?$"
)


def _phase(said: Said, side: Side) -> str:
    """« début des travaux : juin », « fin des travaux en juin »."""
    if "/" in said.fact.value:
        return ""
    found = _PHASE.search(side.reading.plain[max(0, said.spot[0] - 48) : said.spot[0]])
    return (found.lastgroup or "") if found else ""


def _is_new_told(theirs: Said, ours: Said, them: Side, us: Side) -> bool:
    """« pas de collecte le 6, nous passons le 7 »: the day that no longer holds, beside the one that does."""
    kind = ours.fact.kind
    new = {o.fact.value for o in us.of(kind) if o.sentence == ours.sentence and o.direction != "old"}
    told = [t for t in them.of(kind) if t.fact.value in new]
    return any(
        t.fact.start > theirs.fact.start or (t.sentence == theirs.sentence and _is_past(theirs, them)) for t in told
    )


_UNTIL_NOW = re.compile(
    r" ?(?:aujourd'hui|actuellement|jusqu'ici|jusqu'a present|a ce jour|today|now|currently|until now|so far)"
)


def _is_past(theirs: Said, them: Side) -> bool:
    """« 75 % dès juillet (50 % aujourd'hui) »."""
    return _UNTIL_NOW.match(them.reading.plain, theirs.spot[1]) is not None


_MOVED = re.compile(
    r"report|decal|avance|annul|initialement|prevu|remplac|postpon|moved|resched|cancel|originally|instead"
)


def _is_turn(theirs: Said, ours: Said, them: Side, us: Side) -> bool:
    """« fermée jusqu'au 3 mars » = « rouvre dès le 3 mars »: the same turn seen from both sides."""
    again = r"rouv|re-?ouv|retabl|reopen|resum|reprend|reprise|retour|restor"
    return bool(re.search(again, them.text(theirs.sentence))) != bool(re.search(again, us.text(ours.sentence)))


def _bounds_fit(theirs: Said, ours: Said, them: Side) -> bool:
    mine, own = theirs.bound, ours.bound
    if theirs.direction == ours.direction == "old":
        return True  # "up from £49" is no lower bound
    if (mine in _LOW and own in _HIGH) or (mine in _HIGH and own in _LOW):
        return False
    if theirs.fact.kind != "amount" or mine == own:
        return True
    if own in {"at_least", "at_most"} and mine == "":
        return _BOUNDED.search(them.text(theirs.sentence)) is not None
    return not (mine in {"at_least", "at_most"} and own == "")


def _is_week(said: Said) -> bool:
    first, _, last = said.fact.value.partition("/")
    return len(last) == 10 and 3 <= (date.fromisoformat(last) - date.fromisoformat(first)).days <= 6


_BOUNDED = re.compile(
    r"maxi|mini|plafon|jusqu|limit|partir|up to|cap|des |as much as|peut|peuvent|pourr|could|may(?![a-z])|at (?:most|least)"
    r"|a concurrence"
)


def _units_fit(theirs: Said, ours: Said, them: Side, us: Side) -> bool:
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
    if mine in _BY_MEASURE and own and mine != own:
        return False
    if not own and (my_period or mine in _BY_MEASURE):
        said = [w for w, p in periods.items() if p == my_period] if my_period else [mine]
        return _is_said(said, us.reading.plain)
    if own_period == "year" and not my_period:
        return True  # a salary or a subscription, plainly
    if own_period == "week" and not my_period and any(_is_week(s) for s in them.of("date")):
        return True  # « 45 € » beside « du 16 au 20 février »
    if own_period:
        low, high = theirs.sentence
        if any(low <= s.spot[0] < high for kind in ("duration", "date") for s in them.of(kind)):
            return True
        return _is_said([w for w, p in periods.items() if p == own_period], them.text(theirs.sentence))
    return True


#: What a price may not be counted by unless the message says so; « 5 € par personne » only makes « 5 € » plain.
_BY_MEASURE = frozenset(
    {"metre", "metre lineaire", "km", "kilometre", "kg", "litre", "tonne", "hectare", "mile", "m3", "m2"}
)


def _is_said(words: list[str], text: str) -> bool:
    text = text.replace("³", "3").replace("²", "2")
    return re.search(rf"(?<![a-z])(?:{'|'.join(map(re.escape, words))})s?(?![a-z])", text) is not None


_HOUSE_BEFORE = re.compile(r"(?<!\d)(\d{1,4})(?: ?(?:bis|ter))?(?:,| )? ?$")
_HOUSES_AFTER = re.compile(
    r"[ ,(]{1,3}(?:entre |du |des |numeros |nos |n° ?)?(?:les? )?(?:numeros? |n° ?)?(\d{1,4}) (?:au"
    r"|a|et|et le|to|-) (?:le )?(?:n° ?)?(\d{1,4})(?![\d/]| (?:janv|fevr|mars|avr|mai|juin|juil"
    r"|aout|sept|oct|nov|dec|h))"
)


def houses(said: Said, side: Side) -> tuple[str, ...]:
    """House numbers tied to a place: « 12 rue des Tilleuls », « rue des Tilleuls, du 2 au 48 »."""
    place = said.fact
    start, end = said.spot
    before = _HOUSE_BEFORE.search(side.reading.plain[max(0, start - 8) : start])
    after = _HOUSES_AFTER.match(side.reading.plain[end : end + 40])
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
