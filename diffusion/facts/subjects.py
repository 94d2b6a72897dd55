"""What two submissions speak of: their subjects, words, titles, lines, ages and posts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from diffusion.facts.agree import age_key, agree, web_key
from diffusion.facts.fact import Fact
from diffusion.facts.frames import other_subject
from diffusion.facts.lexicon import forms, lexicon
from diffusion.facts.moments import SHUT
from diffusion.facts.overlap import families, overlap
from diffusion.facts.reading import fold
from diffusion.facts.roles import stems
from diffusion.facts.side import Side

_MANY = 80


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for or against, with its weight; `is_final` ends the matter."""

    weight: float
    fr: str
    en: str
    is_final: bool = False


#: What shuts in other words than the statuses'.
_SHUTS = re.compile(
    r"(?<![a-z])(?:pas d[e']|aucune?|ne [a-z]{3,14} pas|vidange|sans(?! (?:inscri|rendez|rdv|reserv|frais))"
    r"|no(?! (?:need|booking|appointment|charge|fee))|do not|avoid|evite[zr]"
    r"|nobody|keep (?:out|away)|stay away|replaces?|remplacee?s?|pannes?|breakdown|burst)(?![a-z])"
)


#: « closes at 6pm » tells opening hours; « ruban coupé » opens.
_HOURS = re.compile(r" (?:at|a|by) (?=\d)")
_RIBBON = re.compile(r"(?:rubans?|ribbons?) $")


def _is_shut(fact: Fact, text: Side) -> bool:
    raw = text.reading.plain
    if fact.value not in SHUT or text.reading.where is not None:
        return fact.value in SHUT
    return not _HOURS.match(raw, fact.end) and not _RIBBON.search(raw[: fact.start])


def _shut(one: Side, other: Side) -> Reason | None:
    """What closes a place is not what happens in it."""
    shut = [
        any(_is_shut(s.fact, t) for s in t.of("status")) or _SHUTS.search(t.reading.plain) is not None
        for t in (one, other)
    ]
    days = [{s.fact.value for s in t.of("date")[:_MANY]} for t in (one, other)]
    if len(days[0] & days[1]) > 1:
        return None  # « avancée au 24 », « pas de ramassage le 25 »
    return (
        Reason(-2.5, "l’une seule ferme ou coupe", "only one of them closes or cuts off")
        if shut[0] != shut[1]
        else None
    )


def _quarters(one: Side, other: Side) -> Reason | None:
    """« secteur nord », « secteur sud »."""
    first, second = (set(forms(t.lang, "compass").findall(t.reading.plain)) for t in (one, other))
    return Reason(-9, "un autre secteur", "another area", True) if first and second and not first & second else None


_POST = re.compile(r"(?:recrut|poste|emploi|offre|candida|vacanc|job|apply|agglo|ville|hiring|council|mairie)")


_OFFER = re.compile(r"(?<![a-z])(?:recrut|poste|candida|offre d'emploi|vacanc|job|apply|hiring)")


def _posts(one: Side, other: Side) -> Reason | None:
    """Two job offers differ by the job."""
    if not all(_OFFER.search(t.reading.plain) for t in (one, other)):
        return None
    titles = [
        {w for w in stems(t.reading.plain.partition("\n")[0], t.lang) if not _POST.match(w)} for t in (one, other)
    ]
    told = [stems(t.reading.plain, t.lang) for t in (one, other)]
    is_other = bool(titles[0] and titles[1]) and not titles[0] & told[1] and not titles[1] & told[0]
    return Reason(-9, "un autre poste", "another job", True) if is_other else None


@cache
def _topic_names(lang: str) -> tuple[str, ...]:
    return tuple(lexicon(lang)["topics"])


def topics_of(text: Side, low: int = 0, high: int | None = None) -> set[str]:
    """The lexicon's subjects that a text, or a stretch of it, names."""
    plain = text.reading.plain[low:high]
    return {name for name in _topic_names(text.lang) if forms(text.lang, "topics", name).search(plain)}


#: Two works in one street on one day are two news if they are of two networks.
_NETWORKS = frozenset({"water", "gas", "power", "heating", "network", "trees"})


def _subject(one: Side, other: Side) -> Reason | None:
    first, second = topics_of(one), topics_of(other)
    if first & _NETWORKS and second & _NETWORKS and not first & second & _NETWORKS:
        return Reason(-9, "un autre sujet", "another subject", True)
    around = frozenset(lexicon(one.lang)["circumstances"])
    if first and second and not first & second:
        return Reason(-3, "un autre sujet", "another subject")
    if first - around and second - around and not first & second - around:
        return Reason(-3, "autre chose, dans les mêmes circonstances", "something else, in the same circumstances")
    if first & second:
        return Reason(min(2.0, 1.0 + 0.5 * len(first & second)), "même sujet", "same subject")
    return None


def _named_first(one: Side, other: Side) -> Reason | None:
    """What one of them has in its title, and the other nowhere: « Navette pour la brocante », « Brocante »."""
    around = frozenset(lexicon(one.lang)["circumstances"])
    titles = [topics_of(text, high=_title_end(text)) - around for text in (one, other)]
    texts = [topics_of(text) for text in (one, other)]
    if all(titles) and not titles[0] & texts[1] and not titles[1] & texts[0]:
        return Reason(-9, "un autre sujet", "another subject", True)
    if (texts[1] and titles[0] - texts[1]) or (texts[0] and titles[1] - texts[0]):
        return Reason(-2, "l’une porte sur autre chose", "one of them is about something else")
    return None


#: Under this share of common words two texts have none.
_FEW = 0.08
#: By so many letters words are of one family: « broyage », « broyer ».
_FAMILY = 4


def _title_end(text: Side) -> int:
    return len(text.reading.plain.partition("\n")[0])


def _families(text: str, lang: str) -> dict[str, str]:
    """The words of a stretch that carry meaning, by their beginnings."""
    return {word[:_FAMILY]: word for word in sorted(stems(text, lang)) if not word.isdigit()}


def _subjects(text: Side) -> dict[str, str]:
    """The words of a title that its text takes up, but for those of the calendar, of streets and of institutions."""
    facts = [(s.fact.start, s.fact.end) for s in text.said if s.fact.kind != "place"]
    plain, end = text.reading.blanked(facts).plain, _title_end(text)
    title, body = _families(plain[:end], text.lang), _families(plain[end:], text.lang)
    return {start: word for start, word in title.items() if start in body.keys() - _no_subjects(text.lang)}


@cache
def _no_subjects(lang: str) -> frozenset[str]:
    lex = lexicon(lang)
    kinds = {word for form in lex["kinds_of_place"] for word in str(form).split()}  # « garden waste » is a subject
    tables = (*lex["weekdays"].values(), *lex["months"].values(), lex["institutions"], lex.get("streets", ()))
    words = {word for table in tables for form in table for word in str(form).split()} - kinds
    words -= {"local", "public", "grand", "grande", "petit", "petite"}
    return frozenset(fold(word)[:_FAMILY] for word in (*words, *lex.get("streets", ())))


def _own_subjects(one: Side, other: Side) -> Reason | None:
    """The words of its title to which a text comes back: each has some, and the other has none of them."""
    if one.reading.where is not None or other.reading.where is not None:
        return None
    own = []
    for text, rest in ((one, other), (other, one)):
        known = _families(rest.reading.plain, rest.lang)
        own.append(" ".join(word for start, word in _subjects(text).items() if start not in known))
    topics = [
        {name for name in _topic_names(t.lang) if forms(t.lang, "topics", name).search(words)}
        for t, words in zip((one, other), own, strict=True)
    ]
    alike = {word[:3] for word in own[0].split()} & {word[:3] for word in own[1].split()}  # « leaf », « leaves »
    if not own[0] or not own[1] or topics[0] & topics[1] or alike:
        return None
    return Reason(-9, f"un autre sujet ({own[0]} / {own[1]})", f"another subject ({own[0]} / {own[1]})", True)


def _words(one: Side, other: Side) -> Reason | None:
    """How much of one is in the other, by words that are no facts, of the calendar or of institutions."""
    if one.reading.where is not None or other.reading.where is not None:
        return None
    no = _no_subjects(one.lang)
    bags = [{w: n for w, n in families(_told(t), t.lang).items() if w not in no} for t in (one, other)]
    common = overlap(bags[0], bags[1])
    if common is None:
        return None
    if common < _FEW:
        return None if _share_figures(one, other) else Reason(-2, "d’autres mots", "other words")
    return Reason(6 * common, "mots communs", "words in common")


def _share_figures(one: Side, other: Side) -> bool:
    """Whether both name one hour, price or address: then they may tell one thing in no common words."""
    kinds = ("time", "amount", "url", "phone", "email")
    first, second = ({(k, web_key(s.fact.value)) for k in kinds for s in t.of(k)[:_MANY]} for t in (one, other))
    return bool(first & second)


def _titles(one: Side, other: Side) -> Reason | None:
    """A word that both titles have."""
    first, second = (stems(t.reading.plain.partition("\n")[0], t.lang) for t in (one, other))
    return Reason(1, "titres proches", "titles alike") if any(len(w) > 3 for w in first & second) else None


_LINE = re.compile(r"(?:ligne|lignes|bus|tram|line|route|rer)s? (?:n° ?)?([a-z]?\d{1,3}[a-z]?)(?![a-z\d])")


def _lines(one: Side, other: Side) -> Reason | None:
    """Two lines of transport are two news."""
    first, second = (set(_LINE.findall(t.reading.plain)) for t in (one, other))
    return Reason(-9, "une autre ligne", "another line", True) if first and second and not first & second else None


def _ages(one: Side, other: Side) -> Reason | None:
    """The same course for another age is another course."""
    first, second = ([s.fact for s in t.of("audience")[:_MANY] if age_key(s.fact.value)] for t in (one, other))
    if first and second and not any(agree(f, s) for f in first for s in second):
        return Reason(-9, "un autre public", "another audience", True)
    return None


def _frames(one: Side, other: Side) -> Reason | None:
    """One frame, another subject."""
    differ = other_subject(one, other)
    if differ is None:
        return None
    return Reason(
        -9, f"un autre sujet ({differ[0]} / {differ[1]})", f"another subject ({differ[0]} / {differ[1]})", True
    )


def _told(text: Side) -> str:
    """The text without its facts, but for the statuses."""
    if text.reading.where is not None:
        return text.reading.plain
    return text.reading.blanked([(s.fact.start, s.fact.end) for s in text.said if s.fact.kind != "status"]).plain


SUBJECTS = (_subject, _named_first, _own_subjects, _words, _titles, _lines, _ages, _shut, _quarters, _posts, _frames)
