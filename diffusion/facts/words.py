"""Statuses and audiences, from the lexicons: who may come, and how things stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from diffusion.facts.claim import Claim
from diffusion.facts.lexicon import any_of, forms, lexicon, phrases, words
from diffusion.facts.numerals import word_pattern
from diffusion.facts.reading import Reading, fold
from diffusion.facts.scan import Scanner

OPPOSITES = {
    "open": "closed",
    "closed": "open",
    "cancelled": "maintained",
    "maintained": "cancelled",
    "postponed": "maintained",
    "brought-forward": "maintained",
    "forbidden": "allowed",
    "allowed": "forbidden",
    "free": "paid",
    "paid": "free",
    "mandatory": "optional",
    "optional": "mandatory",
    "full": "available",
    "available": "full",
    "drinkable": "not-drinkable",
    "not-drinkable": "drinkable",
    "by-appointment": "walk-in",
    "walk-in": "by-appointment",
    "restored": "interrupted",
    "interrupted": "restored",
    "day": "night",
    "night": "day",
}
#: A negated trend is no fact; nor are the others here, whose negation says nothing by itself.
_NO_OPPOSITE = {"increase", "decrease"}


@cache
def _status(lang: str) -> Scanner:
    """All forms of all statuses at once."""
    return Scanner(words(f for table in lexicon(lang)["statuses"].values() for f in table["forms"]))


@lru_cache(maxsize=4096)
def _status_of(lang: str, found: str) -> str:
    """Which status a matched form is."""
    return next(
        str(name) for name in lexicon(lang)["statuses"] if forms(lang, "statuses", name, "forms").fullmatch(found)
    )


@cache
def _not_status(lang: str) -> Scanner:
    return Scanner(words(f for table in lexicon(lang)["statuses"].values() for f in table.get("not", [])))


#: A day, and « 12 € la journée »: no status either.
_TAKEN_STATUS = re.compile(r"\x03|\x01 ?(?:la |par |/ ?)(?:journee|nuit)(?![a-z])")


def statuses(reading: Reading, lang: str) -> Iterator[Claim]:
    """How a service, a place or an event stands; a negation turns a status into its opposite."""
    lang = lang if lang == "en" else "fr"
    excluded = sorted(
        m.span() for found in (_not_status(lang).over(reading), _TAKEN_STATUS.finditer(reading.plain)) for m in found
    )
    at = 0
    for found in _status(lang).over(reading):
        while at < len(excluded) and excluded[at][1] <= found.start():
            at += 1
        if any(_spoils(found, start, end) for start, end in excluded[at : at + 3]):
            continue
        if not _is_accented(reading, found, lang):
            continue
        name = _status_of(lang, found[0])
        start = found.start()
        negation = _negation(reading, found.start(), found.end(), lang)
        if negation is not None:
            if name in _NO_OPPOSITE or name not in OPPOSITES:
                continue
            name, start = OPPOSITES[name], negation
        end = found.start() + 5 if _SHUTS.match(found[0]) else found.end()
        yield Claim("status", name, start, end)


def _is_accented(reading: Reading, found: re.Match[str], lang: str) -> bool:
    """« le chantier avance » is not « avancé »; capitals may go without their accents."""
    word = next((w for w in lexicon(lang).get("accented", ()) if found[0].startswith(fold(w))), "")
    written = reading.cased[found.start() : found.start() + len(word)]
    return not word or written.isupper() or written.lower() == word or found[0] != fold(word)


def _spoils(found: re.Match[str], start: int, end: int) -> bool:
    """Whether a phrase that is no status overlaps the found form; one that lies inside it was meant for another status."""
    return start < found.end() and found.start() < end and not found.start() <= start <= end <= found.end()


#: « ferme à », « ferme le »: only the verb is the status.
_SHUTS = re.compile(r"ferme (?!ses portes)")


@cache
def _negated_before(lang: str) -> re.Pattern[str]:
    lex = lexicon(lang)
    fill = any_of(lex["negation_fillers"])
    single = any_of(lex["single_negations"])
    if lang == "en":
        return re.compile(
            rf"(?:(?<![a-z])(?:{single}|[a-z]{{2,6}}n't|cannot)(?: {fill})?(?: {fill})? |non-)(?:be |been )?$"
        )
    return re.compile(
        rf"(?:(?<![a-z])(?:n'|ne )(?:[a-z']{{1,12}} ){{1,3}}?(?:pas|plus|jamais)(?: {fill}){{0,2}} "
        rf"|(?<![a-z])(?:non|pas|ni)(?: {fill})?[ -])(?:(?:plus|moins|aussi|tres) )?$"
    )


_VERB_NEGATED = re.compile(r"(?<![a-z])(?:n'|ne |n'y )(?:se |s'|les |le |la |en |y )?$")
_VERB_AFTER = re.compile(
    r" (?:donc |toutefois |finalement |exceptionnellement )?(?:pas|plus|jamais)(?![a-z])(?! (?:que|seulement))"
)


def _negation(reading: Reading, start: int, end: int, lang: str) -> int | None:
    """Where the negation of a status begins, None if it isn't negated."""
    low = max(0, start - 44)
    before = reading.plain[low:start]
    found = _negated_before(lang).search(before)
    if found and not re.search(r"(?:pas|not) (?:seulement|only)", found[0]):
        return low + found.start() + (not found[0][:1].isalpha())
    if lang != "en":
        verb = _VERB_NEGATED.search(before)
        if verb and _VERB_AFTER.match(reading.plain, end):
            return low + verb.start()
    return None


@cache
def _group(lang: str) -> str:
    lex = lexicon(lang)
    heads = any_of([*lex["groups"], *lex["residents"], *lex["staff"]])
    tails = any_of(lex["group_tails"])
    return rf"(?:(?:jeunes |nouveaux |young |local )?{heads})(?![a-z])(?: {tails}(?![a-z]))?"


@cache
def _ages(lang: str) -> Scanner:
    """Groups by age: « habitants de plus de 75 ans », « 6-12 ans », « dès 3 ans », "under 12s"."""
    lexicon(lang)
    n = rf"(?:\d{{1,3}}(?!\d)|{word_pattern(lang)})"
    group = _group(lang)
    if lang == "en":
        return Scanner(
            rf"(?<![\w-])(?:(?P<g>{group}) (?:aged? )?)?(?:(?:aged )?(?:under|over)[- ]?{n}(?!\d)(?:'?s)?(?! (?:people"
            rf"|places|minutes|hours|days|weeks|months|residents|homes|metres|miles|mph|%|percent|per"
            rf"|[a-z]{{3,}}s))(?![\d%,.:/]\d)"
            rf"|(?:aged?|ages) {n}(?: ?(?:to|-|and) ?(?:{n}|over|under|above|up))?|{n}(?: to |-){n}[- ]year[- ]olds?"
            rf"|{n}(?: ?(?:to|-) ?{n})? years (?:old )?and (?:over|under|above)|{n}[- ]year[- ]olds?|from (?:age"
            rf"|the age of) {n})"
        )
    return Scanner(
        rf"(?<![\w-])(?:entre {n} et {n} ans|{group} (?:ages?e?s? )?de (?:plus|moins) de {n} mois"
        rf"|{group} (?:ages?e?s? )?de {n} ans(?! et| ou)|(?P<g>{group}(?:,? ages?e?s?)? (?:de |entre )?)?(?:"
        rf"(?:(?:plus|moins|\+|-) ?de ?|\+ ?)?(?:de )?{n}(?: (?:a|et) |-){n} ans(?: et (?:plus|demi))?"
        rf"|(?:(?:plus|moins|\+|-) de |\+ ?){n} ans"
        rf"|{n} ans (?:et|ou) (?:plus|moins|\+)(?![a-z])|(?:des|a partir de|jusqu'a|des l'age de) {n} ans(?: et (?:plus"
        rf"|\+))?|{n} ans ?\+)|(?<!\d )(?:-|\+) ?{n} ans)(?![a-z])(?! (?:d'exp|d'exi|de serv|d'act"
        rf"|de mand|d'hist|plus tard|apres|apart))|(?<=[a-z])-{n} ans(?![a-z])"
    )


_AN_AGE = re.compile(r" ans| mois")
_NOT_AGE = re.compile(
    r"\b(?:depuis|pendant|il y a|en|durant|voila|d'ici|dans|after|apres|sous|within|last)(?: (?:plus|moins|pres|environ) (?:de )?)? ?$"
)


def audiences(reading: Reading, lang: str) -> Iterator[Claim]:
    """For whom: everyone, residents, staff, or the group as written, without article or *pour*."""
    lang = lang if lang == "en" else "fr"
    for found in phrases(lang, "audience_all").over(reading):
        if _SOME.match(reading.plain, found.end()) and found[0].endswith(("all", "tous", "toutes")):
            continue
        yield Claim("audience", "all", *found.span())
    aged: list[tuple[int, int]] = []
    for found in _ages(lang).over(reading) if lang == "en" or _AN_AGE.search(reading.plain) else ():
        if not _NOT_AGE.search(reading.plain[max(0, found.start() - 22) : found.start()]):
            aged.append(found.span())
            yield Claim("audience", _as_written(reading, *found.span()), *found.span())
    for start, end in _groups(reading, lang, aged):
        if not any(a < end and start < b for a, b in aged):
            yield Claim("audience", _kind_of_group(reading, start, end, lang), start, end)


#: « pour tous les agents », "for all residents": not everyone.
_SOME = re.compile(r" (?:les |nos |vos |ces |ceux )|(?<=all) (?:the )?[a-z]{3}")


@cache
def _triggered(lang: str) -> Scanner:
    trigger = words(lexicon(lang)["audience_triggers"])
    return Scanner(rf"{trigger} ?(?:tous les |toutes les |les |des |seuls |seules )?(?P<group>{_group(lang)})")


@cache
def _in_brackets(lang: str) -> Scanner:
    """« tarif réduit (étudiants, demandeurs d'emploi) »."""
    return Scanner(rf"(?:reduit|tarif|€|euros|concessions?|£\d{{1,3}}) ?[(:] ?(?P<group>{_group(lang)})")


@cache
def _only(lang: str) -> Scanner:
    """« Adultes uniquement », "adults only"."""
    lex = lexicon(lang)
    heads = any_of([*lex["groups"], *lex["residents"], *lex["staff"]])
    only = "only" if lang == "en" else "(?:uniquement|seulement|exclusivement)"
    return Scanner(rf"(?<![\w'-])(?P<group>{heads}) {only}(?! (?:pour|les|le|sur|on|from|at|in)\b)(?![a-z])")


@cache
def _addressed(lang: str) -> Scanner:
    """« À tous les agents : », "All staff: "."""
    return Scanner(rf"{words(lexicon(lang)['addressed'])} (?P<group>{_group(lang)}) ?[:,!]")


@cache
def _joined(lang: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?:,| et| ou| and| or|, et) (?:aux |les |des |le |la |l'|pour les |for )?(?P<group>{_group(lang)})"
    )


@cache
def _reserved(lang: str) -> Scanner:
    if lang == "en":
        return Scanner(
            r"(?:reserved for|restricted to|only for|open only to) (?:the )?(?P<group>[a-z]{4,20}(?: [a-z]{4,12})?)(?= ?(?:[.,;)\n]|$))"
        )
    return Scanner(
        r"reserve(?:e)?(?:s)? (?:aux |a la |a l'|au |exclusivement aux )(?P<group>[a-z'-]{4,24}(?: (?:du"
        r"|de la|de l'|des|de|d') ?[a-z'-]{3,20})?)(?= ?(?:[.,;)\n:]|$| (?:et|du|le|de|jusqu|pendant"
        r"|entre)))"
    )


def _groups(reading: Reading, lang: str, aged: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    seen: list[tuple[int, int]] = []
    opened = [m.span("group") for m in _triggered(lang).over(reading)]
    opened += [m.span("group") for p in (_in_brackets(lang), _only(lang), _addressed(lang)) for m in p.over(reading)]
    joined = [m.span("group") for _, end in aged if (m := _joined(lang).match(reading.plain, end))]
    for span in [*opened, *joined]:
        for _ in range(5):
            seen.append(span)
            more = _joined(lang).match(reading.plain, span[1])
            if not more:
                break
            span = more.span("group")
    for found in _reserved(lang).over(reading):
        span = found.span("group")
        if not any(a < span[1] and span[0] < b for a, b in seen):
            seen.append(span)
    yield from seen


@cache
def _heads(lang: str, kind: str) -> re.Pattern[str]:
    return re.compile(rf"{any_of(lexicon(lang)[kind])}(?![a-z])")


def _kind_of_group(reading: Reading, start: int, end: int, lang: str) -> str:
    text = reading.plain[start:end]
    for kind in ("residents", "staff"):
        if _heads(lang, kind).match(text):
            return kind
    return _as_written(reading, start, end)


def _as_written(reading: Reading, start: int, end: int) -> str:
    return re.sub(r"\s+", " ", reading.cased[start:end]).strip().casefold()
