"""A negation lost or put in: « patins non compris » for « patins compris », "no access" for "access is kept".

Statuses know their opposites; any other word may be denied, too. A word that one text only affirms and the other only
denies is a fault. Where either text says both, or where another word may carry the negation, nothing is said of it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from diffusion.facts.barred import sentence, shut_out
from diffusion.facts.fact import Fact
from diffusion.facts.roles import stems
from diffusion.facts.side import Side, side

Pair = tuple[Fact, Fact]
_CLAUSE = re.compile(r"[^.!?;:,\n()•|]+(?:[.,:](?=\S)[^.!?;:,\n()•|]+)*[?]?")
_WORD = re.compile(r"[a-z][a-z-]*")

_NOT = {
    "fr": re.compile(
        r"(?<![a-z'])(?:(?:ne |n')(?:[lmst]'|[a-z]{1,3} )?(?P<verb>[a-z]{3,})(?:-vous)? (?:pas|plus|jamais)"
        r"(?: (?:de |d'|a |besoin d[e']))? ?"
        r"|pas (?:de |d'|les? |la |l'|aux? )|aucune? |non[ -]|sans |ni (?:de |d')?)"
    ),
    "en": re.compile(
        r"(?<![a-z'])(?:(?:do|does|did|is|are|was|were|will|can|could|may|must|has|have|need)(?: ?n't|n't| not|not) "
        r"|won't |can't |no |not |never |without |nor )"
    ),
}
#: What stands between a negation and the word that it denies.
_LINKS = {
    "fr": re.compile(r"(?:(?:etre|ete|est|plus|de|d'|besoin|un|une|du|bien)(?![a-z]))[ ']?"),
    "en": re.compile(r"(?:(?:be|been|a|an|any|longer|need|require|to|your|have)(?![a-z])) ?"),
}
#: A denied stretch ends with the first of these.
_ENDS = {
    "fr": re.compile(
        r"(?:a|au|aux|avec|ces?|chez|dans|des?|du|en|entre|est|et|l[ae]s?|leur|lors|mais|no(?:tre|s)|ou|par|pendant|pour|que|qui"
        r"|sauf|sera|seront|si|son|sont|sous|sur|vers|vo(?:tre|s)|une?|il|elle)$"
    ),
    "en": re.compile(
        r"(?:an?|after|all|and|are|as|at|be|because|before|but|by|during|except|for|from|if|in|into|is|of|on|or|our|that|the|their"
        r"|this|through|to|until|when|where|which|while|will|with|your)$"
    ),
}
#: Clauses whose negation states nothing, or only until a moment.
_OPEN = {
    "fr": re.compile(
        r"\?$|(?<![a-z])(?:si|s'il|s'ils|qui|lorsque|quand|avant|jusqu|encore|seulement|sauf|hors|excepte|afin|pour ne|autre)(?![a-z])"
    ),
    "en": re.compile(
        r"\?$|(?<![a-z])(?:if|who|when|unless|before|until|yet|only|even|except|so that|just|other|more than)(?![a-z])"
    ),
}
#: « sans carte, on ne peut pas voter »: what both negations together say, nobody can tell from one.
_DOUBLE = {
    "fr": re.compile(r"(?<![a-z])sans [^.!?;]*(?<![a-z])(?:ne |n')|(?:ne |n')[^.!?;]*(?<![a-z])sans "),
    "en": re.compile(r"(?<![a-z])without [^.!?;]*(?:not |n't|cannot)|(?:not |n't|cannot)[^.!?;]*(?<![a-z])without "),
}
#: « pas de collecte le 25 : elle est avancée »: no denial of the collection.
_MOVED = {
    "fr": re.compile(r"(?<![a-z])(?:pas d|aucun)[^.!?;]*(?<![a-z])(?:avancee?s?|report|decal|deplac)"),
    "en": re.compile(r"(?<![a-z])no [^.!?;]*(?<![a-z])(?:postpon|moved?(?![a-z])|resched|brought forward)"),
}
#: Words by which a clause stops something without a negation.
_STOPS = {
    "fr": re.compile(
        r"interdi|interrom|ferm|annul|suppri|suspen|evit|impossib|coup|barr|neutrali|dispen|inutil|refus|exclu|defen|prive"
        r"|cess|(?<!l')arret|report|impropre|indispon|(?<![a-z])(?:ne|n'|pas|non|sans|ni|rien|aucune?|plus|jamais|moins)(?![a-z])"
    ),
    "en": re.compile(
        r"bann|(?<![a-z])bans?(?![a-z])|closed|closure|cancel|suspend|avoid|prohib|forbid|unable|stop|unsafe|exclu|refus|exempt|postpon|impossib|unless"
        r"|n't|(?<![a-z])(?:no|not|non|cannot|never|without|nor|neither|nothing|none|off|out|less|instead|rather)(?![a-z])"
    ),
}
#: Denied by habit: « n'hésitez pas », « sans interruption », "no doubt".
_IDLE = re.compile(
    r"ser[ao](?:i?t|nt)?$|sera$|sont$|etai|aura|auro|avez$|avons$|dans$|avec$|pour$|tout|elle|vous$|nous$|deja|sans$|leur|cette|cela|bien"
    r"|will$|does$|been$|were$|that$|this$|with$|from$|they|their|your|there|then|when|also|very|much|only|such"
    r"|oubli|hesit|manqu|attend|tard|interr|doute|cess|rendez|frais|preced|faute|problem|soucis|risqu|gene|pouv|peut|peuv|doit"
    r"|devr|faut|faire|fait|avoir|aller|vouloi|veut|savoir|jours?$|heures?$|semain|miss|forget|hesit|wait|worr|delay|doubt|longer"
    r"|later|need|want|have|able|take|more|less|than|matter|number|day|week|hour|time|moin|plus|date|chose|thing|autre|possib"
)


@dataclass(frozen=True, slots=True)
class _Use:
    """A word where it stands; `is_denied` None: nobody can tell.

    `when` are the days of its sentence. `is_bare`: denied by « pas de … » alone; `goes_on`: its clause says that it goes on.
    """

    stem: str
    start: int
    end: int
    is_denied: bool | None
    dates: frozenset[str]
    beside: frozenset[str]
    clause: frozenset[str]
    when: frozenset[str] = frozenset()
    is_bare: bool = False
    goes_on: bool = False


def denied_otherwise(them: Side, us: Side) -> list[Pair]:
    """Each word that one text affirms and the other denies: the rendition's use of it, and the message's."""
    told, own = (list(_uses(s.reading.raw, s.lang, s.published)) for s in (them, us))
    found = [(mine, ours) for mine, ours in _flipped(told, own) if _is_sure(mine, ours)]
    return [*((_fact(them, told), _fact(us, own)) for told, own in found), *shut_out(them, us)]


def _is_sure(mine: _Use, own: _Use) -> bool:
    """« pas de match à Gagarine » may tell of a move: it denies only what is said to go on. Other days deny nothing."""
    if mine.is_bare and not own.goes_on:
        return False
    return not (own.is_denied and own.when) or bool(own.when & mine.when)


def _flipped(told: list[_Use], own: list[_Use]) -> Iterator[tuple[_Use, _Use]]:
    done: set[str] = set()
    denied = frozenset[str]().union(*(use.clause for use in own if use.is_denied))
    ours, theirs = _by_stem(own), _by_stem(told)
    for stem, mine in theirs.items():
        if stem in ours and (pair := _opposed(mine, ours[stem], denied)):
            done.add(stem)
            yield pair
    for stem, mine in theirs.items():
        for day in {d for use in mine for d in use.dates} if stem in ours and stem not in done else ():
            there = [[use for use in uses if day in use.dates] for uses in (mine, ours[stem])]
            if pair := _opposed(there[0], there[1], denied):
                done.add(stem)
                yield pair
    for stem, mine in theirs.items():
        if stem in ours and stem not in done:
            yield from _against_the_likest(mine, ours[stem], own, denied)


def _against_the_likest(
    mine: list[_Use], own: list[_Use], all_own: list[_Use], denied_stems: frozenset[str]
) -> Iterator[tuple[_Use, _Use]]:
    """Where the message both affirms and denies a word: what it says of the same thing decides."""
    for use in mine:
        if use.is_denied and use.beside & denied_stems - {use.stem}:
            continue
        likest = max(own, key=lambda o: _likeness(use, o))
        same = [o for o in own if o.is_denied is use.is_denied]
        nearness = _likeness(use, likest)
        is_opposed = {use.is_denied, likest.is_denied} == {True, False} and nearness >= _ALIKE
        if is_opposed and all(_likeness(use, o) < _ALIKE * nearness for o in same):
            yield use, likest
            return
        denied = next((o for o in own if o.is_denied and use.clause & _own_words(o, all_own)), None)
        if use.is_denied is False and denied is not None and _likeness(use, denied):
            yield use, denied
            return


_DUTIES = frozenset(
    {"must", "requir", "oblig", "obliga", "necess", "exige", "devez", "devont", "doiven", "apport", "bring"}
)
_ALIKE = 0.6


def _likeness(one: _Use, other: _Use) -> float:
    return len(one.clause & other.clause) / max(1, min(len(one.clause), len(other.clause)))


def _own_words(use: _Use, all_own: list[_Use]) -> frozenset[str]:
    """The words that only this clause of the message has."""
    others = frozenset[str]().union(*(o.clause for o in all_own if o.clause != use.clause))
    return use.clause - others - {use.stem}


def _opposed(mine: list[_Use], own: list[_Use], denied: frozenset[str]) -> tuple[_Use, _Use] | None:
    """A use of each about one thing, if all of one side deny and all of the other affirm."""
    said, meant = {use.is_denied for use in mine}, {use.is_denied for use in own}
    if (said, meant) not in (({True}, {False}), ({False}, {True})):
        return None
    if said == {True} and any(m.beside & denied - {m.stem} for m in mine):
        return None  # « jours fériés : pas de navette » for « elle ne circule pas les jours fériés »
    pairs = ((m, o) for m in mine for o in own if m.beside & o.beside - {m.stem} or (m.clause | o.clause) & _DUTIES)
    return next(pairs, None)


def _by_stem(uses: list[_Use]) -> dict[str, list[_Use]]:
    found: dict[str, list[_Use]] = defaultdict(list)
    for use in uses:
        found[use.stem].append(use)
    return found


@lru_cache(maxsize=8)
def _uses(text: str, lang: str, published: date) -> tuple[_Use, ...]:
    """Every use of a word that may be denied; kept for a while, as the reading of the same text is."""
    one = side(text, lang, published)
    if len(one.reading.plain) > _LONGEST:
        return ()
    return tuple(use for found in _SENTENCE.finditer(one.reading.plain) for use in _of_sentence(one, *found.span()))


_SENTENCE = re.compile(r"[^.!?;\n]+(?:[.](?=\S)[^.!?;\n]+)*[?]?")
_LONGEST = 20_000
"""Code points; a longer text is looked at for its values alone."""


def _of_sentence(side: Side, low: int, high: int) -> Iterator[_Use]:
    """The uses of all its clauses; a clause may be stopped by a word of another one (« gravats, pneus interdits »)."""
    is_stopped = _STOPS[side.lang].search(side.reading.plain, low, high) is not None
    beside = stems(side.reading.plain[low:high], side.lang)
    if _DOUBLE[side.lang].search(side.reading.plain, low, high) or _MOVED[side.lang].search(
        side.reading.plain, low, high
    ):
        return
    for clause in _CLAUSE.finditer(side.reading.plain, low, high):
        yield from _of_clause(side, clause.span(), beside, is_stopped)


def _of_clause(side: Side, span: tuple[int, int], beside: frozenset[str], is_stopped: bool) -> Iterator[_Use]:
    plain, lang, (low, high) = side.reading.plain, side.lang, span
    is_open = _OPEN[lang].search(plain[low:high]) is not None
    denied = list(_denied(plain, low, high, lang))
    is_bare = _BARE[lang].search(plain, low, high) is not None
    goes_on = _GOES_ON.search(plain, low, high) is not None
    sentence_ = sentence(plain, low, high)
    when = frozenset(
        s.fact.value for k in ("date", "recurrence") for s in side.of(k) if sentence_[0] <= s.spot[0] < sentence_[1]
    )
    dates = frozenset(s.fact.value for s in side.of("date") if low <= s.spot[0] < high)
    clause = stems(plain[low:high], lang)
    for word in _WORD.finditer(plain, low, high):
        if len(word[0]) < _SHORTEST or _IDLE.match(word[0]):
            continue
        stem = word[0][:6].rstrip("s")
        is_denied: bool | None = any(a <= word.start() < b for a, b in denied)
        if is_open or (denied and not is_denied) or (is_stopped and not denied):
            is_denied = None
        yield _Use(stem, *word.span(), is_denied, dates, beside, clause, when, bool(is_denied) and is_bare, goes_on)


_BARE = {
    "fr": re.compile(r"(?<!ne )(?<![a-z])(?:pas d[e'] ?|aucune? )"),
    "en": re.compile(r"(?<![a-z])no "),
}
_GOES_ON = re.compile(
    r"normal|maint|assur|inchang|reste|toujours|continu|usual|kept|remain|available|still|everyone|chaque|compris|inclus"
    r"|must|requir|oblig|devez|doi(?:t|vent)"
)
_SHORTEST = 4
"""Letters; shorter words are seldom denied, and often mean two things."""


def _denied(plain: str, low: int, high: int, lang: str) -> Iterator[tuple[int, int]]:
    """Where words stand that the negations of one clause deny."""
    for found in _NOT[lang].finditer(plain, low, high):
        if found.groupdict().get("verb"):
            yield found.span("verb")
        at = found.end()
        while link := _LINKS[lang].match(plain, at, high):
            at = link.end()
        end = at
        for count, word in enumerate(_WORD.finditer(plain, at, high)):
            if count == _REACH or _ENDS[lang].match(word[0]):
                break
            end = word.end()
        if end > at:
            yield at, end


_REACH = 3
"""Words that one negation denies: « aucune collecte »; "no garden waste collections"."""


def _fact(side: Side, use: _Use) -> Fact:
    start, end = side.reading.span(use.start, use.end)
    text = side.reading.raw[start:end]
    return Fact("status", f"not {text.lower()}" if use.is_denied else text.lower(), start, end, text)
