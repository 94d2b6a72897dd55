"""Guests by name that a rendition invents: two or more capitalised words that the message doesn't have.

No kind of fact; only the comparison looks for them, in the rendition's own language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from diffusion.facts.lexicon import ending, lexicon
from diffusion.facts.reading import TAKEN, Reading, fold

_NAME = r"[^\W\d_a-zà-öø-ÿ](?:[a-zà-öø-ÿ]{1,20}|['.])(?:[-'’]?[^\W\d_]{1,20}){0,3}"
_NAMES = re.compile(rf"(?<![\w#@'’/-]){_NAME}(?: (?:(?:de|du|von|van|el|ben|d'|de la) ?)?{_NAME}){{1,3}}")
_WORDS = re.compile(r"[^\W\d_]+")
_FOLLOWED = re.compile(
    r",? (?:sera|seront|viendra|viendront|chante|chantera|jouera|anime|animera|presente|presentera"
    r"|dedicacera|participera|nous|will|is|joins|performs|hosts|sings|plays|parrain|marraine"
    r"|invite)(?![a-z])"
)


@cache
def _common(lang: str) -> frozenset[str]:
    lex = lexicon(lang)
    calendar = [w for key in ("weekdays", "months") for fs in lex[key].values() for w in fs]
    kinds = [w for k in lex["kinds_of_place"] for w in str(k).split()]
    groups = [w for k in lex["groups"] for w in str(k).split()]
    return frozenset(fold(str(w)) for w in [*lex["institutions"], *calendar, *kinds, *groups])


def invented_names(rendition: Reading, canonical: Reading, lang: str) -> Iterator[tuple[int, int]]:
    """Where the rendition, its facts blanked out, names somebody of whom the message says nothing."""
    known = set(_WORDS.findall(canonical.plain))
    for found in _NAMES.finditer(rendition.cased):
        words = [fold(w) for w in _WORDS.findall(found[0]) if len(w) > 1]
        named = [w for w in words if w not in {"de", "du", "la", "von", "van", "el", "ben"}]
        if TAKEN in found[0] or any(w in known for w in named) or any(w in _common(lang) for w in named):
            continue
        if len(named) < 2 or not _is_introduced(rendition, found, lang):
            continue
        yield found.span()


def _is_introduced(rendition: Reading, found: re.Match[str], lang: str) -> bool:
    """In the middle of a French sentence capitals are names; at its start, and in English, something must say so."""
    before = rendition.plain[max(0, found.start() - 24) : found.start()]
    if _FOLLOWED.match(rendition.plain, found.end()) or ending(lang, "guests").search(before):
        return True
    is_inside = re.search(r"[a-z,] ?$", before) is not None
    return lang != "en" and is_inside
