"""What a rendition may say though the message has no such fact: other spellings, words that were read otherwise there."""

from __future__ import annotations

import re
from datetime import date

from diffusion.facts import days
from diffusion.facts.agree import age_key, place_key
from diffusion.facts.fact import Fact
from diffusion.facts.following import count
from diffusion.facts.reading import fold
from diffusion.facts.roles import Said
from diffusion.facts.side import Side


def is_tolerated(theirs: Said, them: Side, us: Side, is_same_language: bool) -> bool:
    """Words that the message has too, though they were not read as a fact there."""
    fact = theirs.fact
    if fact.kind == "date" and _is_no_day_of_its_own(theirs, them, us):
        return True
    if fact.kind in {"number", "duration"} and _is_read_otherwise(theirs, them, us):
        return True
    if fact.kind == "place" and _AREA.match(fold(fact.value)) and _is_named(fact, us):
        return True
    if fact.kind in _SPELT and re.search(_SPELT[fact.kind].get(fact.value, _NEVER), us.reading.plain):
        return True
    if fact.kind in {"place", "audience", "url", "email", "phone", "recurrence", "duration"}:
        told = fold(fact.text)
        if re.search(rf"(?<!\w){re.escape(told)}(?!\w)", us.reading.plain):
            return True
    if fact.value == "FREQ=DAILY" and re.search(r"24 ?h|24/7|7 ?j|/7|every day|daily|tous les jours", us.reading.plain):
        return True
    if fact.kind == "number" and _shares_a_sign(theirs, them, us):
        return True
    if fact.kind == "number" and _is_day_alone(theirs, them, us):
        return True
    if fact.kind == "number" and _is_spelt_in_two(theirs, them, us):
        return True
    if fact.kind == "number" and any(o.fact.value == fact.value for o in us.of("phone")):
        return True
    if fact.kind == "duration" and any(o.fact.value == count(fact) and not o.fact.unit for o in us.of("number")):
        return True
    if fact.kind == "duration":
        return _is_past_figure(theirs, them) and _is_figure_elsewhere(count(fact), us)
    if fact.kind == "number":
        return any(_is_figure_elsewhere(text, us) for text in {fold(fact.text), fact.value})
    if fact.kind == "place":
        names = _names(fact)
        return _is_named(fact, us) and not any(place_key(o.fact.value).split()[1:] == names for o in us.of("place"))
    if fact.kind == "audience":
        if age_key(fact.value) is not None:
            return bool(_ADULT.search(us.reading.plain)) and age_key(fact.value) == ("from", "18")
        if fact.value == "all":
            return re.search(r"\btou(?:s|te|tes)\b|publi[cq]|everyone|\ball\b", us.reading.plain) is not None
        return not is_same_language or any(w[:5] in us.reading.plain for w in re.findall(r"[a-z]{5,}", fold(fact.text)))
    return False


def _shares_a_sign(theirs: Said, them: Side, us: Side) -> bool:
    """« 500, 300 et 200 euros »."""
    low, high = theirs.spot[1], theirs.sentence[1]
    has_sign = any(low <= t.spot[0] < high for t in them.of("amount"))
    return has_sign and any(o.fact.value.partition(" ")[2] == theirs.fact.value for o in us.of("amount"))


def _is_day_alone(theirs: Said, them: Side, us: Side) -> bool:
    """« la séance du 21 » where the message has a 21 September."""
    before = them.reading.plain[max(0, theirs.spot[0] - 8) : theirs.spot[0]]
    days_ = {day[8:].lstrip("0") for o in us.of("date") for day in o.fact.value.split("/")}
    return re.search(r"(?<![a-z])(?:du|le|au|on the|the) $", before) is not None and theirs.fact.value in days_


_ADULT = re.compile(r"(?<![a-z])(?:majeur|adult)")
_IN_TWO = re.compile(r"(?P<whole>\d{1,3}) ?(?:m|km) ?(?P<part>\d{2})(?!\d)")


def _is_spelt_in_two(theirs: Said, them: Side, us: Side) -> bool:
    """« 4 m 20 » for « 4,20 m »."""
    start, end = theirs.spot
    near = them.reading.plain[max(0, start - 6) : end + 6]
    found = _IN_TWO.search(near)
    value = f"{found['whole']}.{found['part']}".rstrip("0") if found else ""
    return bool(value) and any(o.fact.value == value for o in us.of("number"))


def _is_next(ours: Fact, told: Fact, us: Side) -> bool:
    """« mercredi » for the Wednesday of the week that follows the day of publication."""
    if len(ours.value) != 10:
        return False
    day = date.fromisoformat(ours.value)
    return 0 <= (day - us.published).days <= _WEEK and day.weekday() == date.fromisoformat(told.value).weekday()


_WEEK = 7
_UNTIL_NOW = re.compile(r" ?(?:aujourd'hui|actuellement|today|now|currently)")


def _is_past_figure(theirs: Said, them: Side) -> bool:
    """« (12 min aujourd'hui) » for « contre 12 aujourd'hui »."""
    return _UNTIL_NOW.match(them.reading.plain, theirs.spot[1]) is not None


def _is_no_day_of_its_own(theirs: Said, them: Side, us: Side) -> bool:
    """« aujourd'hui » that means until now, "Monday's bins", « le 30 novembre » for the end of the month, « ce matin »."""
    fact, plain = theirs.fact, us.reading.plain
    if fact.value == us.published.isoformat() and _NOW.search(
        them.reading.plain, max(0, theirs.spot[0] - 16), theirs.spot[1]
    ):
        return True
    if _is_weekday_alone(fact) and re.search(rf"(?<![a-z]){fold(fact.text)[:3]}", plain):
        return True
    if _is_weekday_alone(fact) and any(_is_next(o.fact, fact, us) for o in us.of("date")):
        return True
    if them.reading.plain.startswith("-la", theirs.spot[1]) or re.match(r"that (?:day|weekend|week)", fold(fact.text)):
        return True  # « ce week-end-là »: the one told
    if _is_end_of_month(fact) and _MONTH_END.search(plain):
        return True
    return _THIS_MORNING.match(fold(fact.text)) is not None and _SINCE.search(plain) is not None


_MONTH_END = re.compile(r"fin (?:du mois|[a-z]{3,9})|end of (?:the month|[a-z]{3,9})")
#: « 50 % aujourd'hui », "£3 today": until now, and no day of the message.
_NOW = re.compile(r"(?:%|€|euros?|£\d[\d.,]*)(?: ?\d{2})? ?(?:,|\(|contre)? ?(?:aujourd'hui|today|actuellement)$")
_NEVER = r"(?!)"
#: Values that the message may spell without a figure.
_SPELT = {
    "duration": {"PT30M": r"demi-? ?heure|half[- ](?:an )?hour", "PT15M": r"quart d'heure|quarter of an hour"},
    "percent": {"50": r"(?<![a-z])(?:moitie|half)(?![a-z])", "25": r"un quart|a quarter", "75": r"trois quarts|three quarters",
                "100": r"totalite|integralite|in full"},
}  # fmt: skip
_THIS_MORNING = re.compile(r"(?:ce matin|cette nuit|this morning|last night|overnight)")
_SINCE = re.compile(r"(?<![a-z])(?:depuis|since|ce matin|cette nuit|this morning)(?![a-z])")


def _is_end_of_month(fact: Fact) -> bool:
    return len(fact.value) == 10 and days.shifted(date.fromisoformat(fact.value), 1).day == 1


_AREA = re.compile(r"quartiers?(?![a-z])|secteurs?(?![a-z])|district|neighbourhood|area")


def _names(fact: Fact) -> list[str]:
    return [word for word in place_key(fact.value).split()[1:] if len(word) > 2]


def _is_named(fact: Fact, us: Side) -> bool:
    """Whether the message has all the words of a place's name."""
    names, own = _names(fact), place_key(us.reading.plain)
    return bool(names) and all(re.search(rf"\b{re.escape(name)}\b", own) for name in names)


def _is_weekday_alone(fact: Fact) -> bool:
    return len(fact.value) == 10 and _WEEKDAY.fullmatch(fold(fact.text)) is not None


_WEEKDAY = re.compile(
    r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|monday|tuesday|wednesday|thursday|friday|saturday|sunday)s?"
)
_SPANS = re.compile(r"jour|semaine|hrs?(?![a-z])|heure|mois|an(?![a-z])|ans|minute|day|week|hour|month|year")


def _is_read_otherwise(theirs: Said, them: Side, us: Side) -> bool:
    """« 2 jours/semaine » for « deux jours par semaine », « après 65 ans » for « plus de 65 ans », « un demi-million d'euros »."""
    fact = theirs.fact
    if fact.kind == "number":
        span = fact.unit and _SPANS.match(fact.unit)
        if span and any(count(o.fact) == fact.value and _unit(span[0]) in fold(o.fact.text) for o in us.of("duration")):
            return True
        after = them.reading.plain[theirs.spot[1] : theirs.spot[1] + 12]
        share = _SHARES.get(after.split()[0].rstrip(".,;:!?").rstrip("s")) if after.split() else None
        if share is not None and any(
            abs(float(o.fact.value) - float(fact.value) * share) < 1 for o in us.of("percent")
        ):
            return True
        if re.match(r" ?(?:bougies|candles|anniversaire|e? anniversaire|years|ans)", after) and any(
            o.fact.value == f"P{fact.value}Y" for o in us.of("duration")
        ):
            return True
        is_money = re.match(r" ?(?:euro|€|£|pound)", after) is not None
        return is_money and any(o.fact.value.partition(" ")[2] == fact.value for o in us.of("amount"))
    age = re.fullmatch(r"P(\d+)Y", fact.value)
    before = them.reading.plain[max(0, theirs.spot[0] - 12) : theirs.spot[0]]
    way = re.search(r"(?P<under>avant|moins de|under|before)|(?P<over>apres|plus de|des|over|after) $", before)
    if age is None or way is None:
        return False
    return any(
        key is not None and key[-1] == age[1] and _is_way(key[0], way.lastgroup)
        for key in (age_key(o.fact.value) for o in us.of("audience"))
    )


def _unit(word: str) -> str:
    return "hour" if word.startswith("hr") else word[:3]


#: « trois quarts », "two thirds", in percents each.
_SHARES = {"quart": 25.0, "tier": 33.33, "quarter": 25.0, "third": 33.33, "dixieme": 10.0, "tenth": 10.0}


def _is_way(key: str, way: str | None) -> bool:
    return (key == "under") == (way == "under")


def _is_figure_elsewhere(text: str, us: Side) -> bool:
    """Whether the message has these figures outside of any fact (a line, a room, a reference)."""
    for found in re.finditer(rf"(?<![\d.,]){re.escape(text)}(?!\d|[.,]\d)", us.reading.plain):
        start, _ = us.reading.span(*found.span())
        if not any(s.fact.start <= start < s.fact.end for s in us.said):
            return True
    return False
