"""Whether two submissions announce one thing: the same event or interruption, dates and place, in whatever words.

Facts decide first: another date of a series, another place or another year is other news however alike the words
are. Words come second, for two directorates tell one thing in different words.
"""

from __future__ import annotations

import re
from datetime import date

from diffusion.facts.agree import agree, ends, web_key
from diffusion.facts.fact import Fact
from diffusion.facts.lexicon import forms
from diffusion.facts.roles import Said
from diffusion.facts.side import Side, side
from diffusion.facts.subjects import SUBJECTS, Reason, topics_of

#: The day from which dates are read when nobody says when the texts were handed in: both the same way.
_ANY_DAY = date(2026, 1, 1)
#: The sum of the reasons from which two submissions are one.
_ENOUGH = 5.1
#: What it adds that day, hour and place are all the same.
_MET = 2.25
_MANY = 80


def same_news(a: str, b: str, *, lang: str = "fr", published: date | None = None) -> tuple[bool, str]:
    """Whether both texts (title, newline, text) announce one thing, and why, in the language of the texts."""
    on = published or _ANY_DAY
    one, other = side(a, lang, on), side(b, lang, on)
    reasons = [r for check in _CHECKS if (r := check(one, other)) is not None]
    final = next((r for r in reasons if r.is_final), None)
    if final is not None:
        return final.weight > 0, _worded([final], lang)
    is_met = not any(r.weight < 0 for r in reasons if r.en == "another subject") and all(
        (r := check(one, other)) is not None and r.weight > 0 for check in (_dates, _times, _places)
    )
    is_same = sum(r.weight for r in reasons) + _MET * is_met >= _ENOUGH
    return is_same, _worded([r for r in reasons if (r.weight > 0) == is_same], lang) or _NOTHING[lang == "en"]


_NOTHING = ("rien de commun ne suffit", "nothing in common is enough")


def _worded(reasons: list[Reason], lang: str) -> str:
    return ", ".join(r.en if lang == "en" else r.fr for r in reasons)


def _same_text(one: Side, other: Side) -> Reason | None:
    same = one.reading.plain.split() == other.reading.plain.split()
    return Reason(9, "même texte", "same text", True) if same else None


_KINDS = (
    ("correction", "une correction"),
    ("reminder", "un rappel"),
    ("report", "un compte rendu"),
    ("end", "une fin d’alerte"),
    ("call", "un appel"),
    ("results", "un résultat"),
    ("again", "une réouverture"),
)
#: What opens again is other news than what shuts it; not than another word that it opens.
_SHUTTING = frozenset({"closed", "forbidden", "interrupted", "cancelled"})


def _kinds(one: Side, other: Side) -> Reason | None:
    """A correction, a reminder, a report or a cancellation is other news than what it speaks of."""
    for kind, fr in _KINDS:
        said = [_is_said(s, kind) for s in (one, other)]
        if said[0] != said[1] and not _is_no_matter(kind, one, other, said):
            return Reason(-9, f"l’une est {fr}", f"one of them is a {kind}", True)
    prolonged = [forms(s.lang, "kinds_of_news", "extension").search(s.reading.plain) is not None for s in (one, other)]
    if prolonged[0] != prolonged[1] and _last_day(one) != _last_day(other):
        return Reason(-9, "l’une prolonge l’autre", "one of them extends the other", True)
    if _moves(one) != _moves(other) and not _has_same_days(one, other):
        return Reason(-9, "l’une annule ou reporte", "one of them cancels or postpones", True)
    return None


def _moves(text: Side) -> bool:
    """Whether a text is about something that is off: in its title, or in a text that shuts nothing else."""
    off = [s.fact for s in text.of("status") if s.fact.value in {"cancelled", "postponed", "brought-forward"}]
    in_title = any(fact.start < len(text.reading.raw.partition("\n")[0]) for fact in off)
    return bool(off) and (in_title or not any(s.fact.value in {"closed", "interrupted"} for s in text.of("status")))


def _is_said(text: Side, kind: str) -> bool:
    plain = text.reading.plain
    return (
        forms(text.lang, "kinds_of_news", kind).search(plain.partition("\n")[0] if kind == "again" else plain)
        is not None
    )


def _is_no_matter(kind: str, one: Side, other: Side, said: list[bool]) -> bool:
    """Whether two texts may differ in this and be one piece of news."""
    if kind == "call":
        return all("job" in topics_of(text) for text in (one, other))
    rest = other if said[0] else one
    return kind == "again" and not any(s.fact.value in _SHUTTING for s in rest.of("status"))


def _last_day(text: Side) -> str:
    """The latest day that a text names."""
    return max((s.fact.value.rpartition("/")[2] for s in text.of("date")[:_MANY]), default="")


def _has_same_days(one: Side, other: Side) -> bool:
    """Whether both name the old day and the new one: one says « avancée », the other « ramassés jeudi »."""
    first, second = ({s.fact.value for s in list(t.of("date"))[:_MANY]} for t in (one, other))
    return len(first & second) > 1


_YEAR = re.compile(r"(?<![\d/.])(20\d\d)(?![\d])")
_SEASON = re.compile(r"(?<![\d/.])(20\d\d ?[-/] ?(?:20)?\d\d)(?![\d/-])")
_EDITION = re.compile(r"(?<!\d)(\d{1,3})(?:e|eme|er|st|nd|rd|th) (?:edition|annual|festival|fete)")


def _years(one: Side, other: Side) -> Reason | None:
    for pattern in (_YEAR, _SEASON, _EDITION):
        first, second = (set(pattern.findall(s.reading.plain)) for s in (one, other))
        if first and second and not first & second:
            return Reason(-9, "une autre année ou édition", "another year or edition", True)
    return None


def _main_dates(text: Side) -> list[Fact]:
    """The days of the thing itself: a deadline or an opening of bookings comes after them."""
    dates = list(text.of("date"))[:_MANY]
    main = [s.fact for s in dates if _is_main(s, text)]
    return main or [s.fact for s in dates]


def _is_main(said: Said, text: Side) -> bool:
    return said.direction not in {"until", "old"} and not _is_aside(said, text)


def _is_aside(said: Said, text: Side) -> bool:
    return re.search(r"inscri|reserv|billet|candidat|book|regist|appl|ticket", text.text(said.part)) is not None


def _meet(one: Fact, other: Fact) -> bool:
    """Whether two dates are the same, or one of them an end of the other."""
    if agree(one, other) or agree(other, one):
        return True
    return one.value in (ends(other.value) or ()) or other.value in (ends(one.value) or ())


def _dates(one: Side, other: Side) -> Reason | None:
    first, second = _main_dates(one), _main_dates(other)
    if not any(_is_main(s, one) for s in one.of("date")) or not any(_is_main(s, other) for s in other.of("date")):
        first, second = ([s.fact for s in t.of("date")[:_MANY]] for t in (one, other))
    if not first or not second:
        rules = [{s.fact.value for s in t.of("recurrence")} for t in (one, other)]
        if rules[0] and rules[1]:
            same = bool(rules[0] & rules[1])
            return Reason(
                2 if same else -3, "mêmes jours" if same else "d’autres jours", "same days" if same else "other days"
            )
        return None
    shared = [f for f in first if any(_meet(f, s) for s in second)]
    if not shared:
        return Reason(-9, "d’autres dates", "other dates", True)
    if not any(_meet(first[0], s) for s in second) and not any(_meet(second[0], f) for f in first):
        return Reason(-1.5, "d’autres dates principales", "other main dates")
    is_whole = len(first) > 1 and {f.value for f in first} == {s.value for s in second}
    is_long = any(f.value == s.value and "/" in f.value for f in first for s in second)
    return Reason(3 if is_whole or is_long else 2, f"même date ({shared[0].value})", f"same date ({shared[0].value})")


def _times(one: Side, other: Side) -> Reason | None:
    first, second = ({s.fact.value for s in list(t.of("time"))[:_MANY]} for t in (one, other))
    if not first or not second:
        return None
    starts = [{v.partition("/")[0] for v in values} for values in (first, second)]
    if first & second or starts[0] & starts[1]:
        return Reason(1, "même heure", "same time")
    ways = [{s.direction for s in t.of("time")} for t in (one, other)]
    if ways[0] != ways[1]:
        return None  # « depuis 6 h » and « vers 15 h » are two ends of one cut
    is_plain = len(first) == len(second) == 1
    return Reason(-9 if is_plain else -2, "d’autres heures", "other times", is_plain)


def _places(one: Side, other: Side) -> Reason | None:
    first, second = (list({s.fact.value: s.fact for s in t.of("place")[:_MANY]}.values()) for t in (one, other))
    if not first or not second:
        return None
    shared = [f for f in first if any(agree(f, s) or agree(s, f) for s in second)]
    if shared:
        return Reason(2, f"même lieu ({shared[0].value})", f"same place ({shared[0].value})")
    kinds = [{f.value.split()[-1 if one.lang == "en" else 0] for f in facts} for facts in (first, second)]
    if kinds[0] & kinds[1]:
        return Reason(-9, "un autre lieu", "another place", True)
    is_one_each = len(first) == len(second) == 1  # one may be within the other: a park, and a club in it
    return Reason(-3 if is_one_each else -1, "d’autres lieux", "other places")


def _contacts(one: Side, other: Side) -> Reason | None:
    kinds = ("phone", "url", "email", "amount", "number", "percent")
    first, second = ({(k, web_key(s.fact.value)) for k in kinds for s in t.of(k)} for t in (one, other))
    paths = sum(kind == "url" and "/" in value for kind, value in first & second)
    shared = len(first & second) + 3 * paths
    if shared:
        return Reason(min(2.0, 0.5 * shared), "mêmes contacts ou chiffres", "same contacts or figures")
    return None


_CHECKS = (
    _same_text,
    _kinds,
    _years,
    _dates,
    _times,
    _places,
    _contacts,
    *SUBJECTS,
)
