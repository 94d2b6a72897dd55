"""An authority's own places: found however they are spelt, and a slip in a street's name seen.

A name is compared by its words without articles, accents, case or hyphens, abbreviations written out (`place_key`).
Pure: the names are handed in, from a CSV (`names_in`) or from the authority's table.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache, lru_cache
from itertools import pairwise

from diffusion.facts.agree import place_key
from diffusion.facts.claim import Claim
from diffusion.facts.lexicon import lexicon
from diffusion.facts.reading import Reading, fold

#: Columns that hold a name, the first one found; `nom_voie` and `voie_nom` are the French address base's.
NAMES = ("nom_voie", "voie_nom", "nom", "name", "lieu", "place", "street")
#: Columns whose values are names of places, too.
TOWNS = ("nom_commune", "commune_nom")
KINDS = ("kind", "type", "genre")
#: Letters from which a name is long enough that one slip tells it from another.
_LONG_ENOUGH = 6
_WORD = re.compile(r"[a-z0-9]+")
_BETWEEN = re.compile(r"[ '-]*")


class Gazetteer:
    """Names of places, ready to be looked for. Built once, used for many texts."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names: dict[tuple[str, ...], str] = {}
        for name in names:
            key = tuple(place_key(name).split())
            if key and len("".join(key)) > 2:
                self.names.setdefault(key, name.strip())
        self.lengths = sorted({len(key) for key in self.names}, reverse=True)
        self.near: dict[str, list[tuple[str, ...]]] = {}
        for key in self.names:
            kind, rest = _parts(key)
            for shorter in _shorter(rest) if len(rest) >= _LONG_ENOUGH else ():
                self.near.setdefault(f"{kind} {shorter}", []).append(key)

    def __bool__(self) -> bool:
        return bool(self.names)

    def places(self, reading: Reading) -> Iterator[Claim]:
        """Every known place of a text; a name of one word needs its capital."""
        found = [(place_key(m[0]), m.span()) for m in _WORD.finditer(reading.plain)] if self.names else []
        words = [(key, span) for key, span in found if key]
        at = 0
        while at < len(words):
            length = next((n for n in self.lengths if self._stands(reading, words[at : at + n], n)), 0)
            if length:
                start, end = words[at][1][0], words[at + length - 1][1][1]
                value = re.sub(r"\s+", " ", reading.cased[start:end]).casefold()
                yield Claim("place", value, start, end, also=self._same(tuple(w for w, _ in words[at : at + length])))
            at += length or 1

    def _stands(self, reading: Reading, words: list[tuple[str, tuple[int, int]]], length: int) -> bool:
        if len(words) < length or tuple(key for key, _ in words) not in self.names:
            return False
        first = words[0][1]
        if length == 1 and not reading.cased[first[0]].isupper():
            return False
        is_whole = reading.plain[first[0] - 1 : first[0]] not in {"#", "@"}
        return is_whole and all(_joins(reading.plain, one, other) for (_, one), (_, other) in pairwise(words))

    def _same(self, key: tuple[str, ...]) -> tuple[str, ...]:
        return (self.names[key].casefold(),)

    def corrected(self, claim: Claim) -> tuple[Claim, str]:
        """A place found by its kind, and the known name from which it is one slip away; empty if it is none, or known."""
        key = tuple(place_key(claim.value).split())
        if len(key) < 2 or key in self.names:
            return claim, ""
        kind, rest = _parts(key)
        near = {
            other
            for shorter in _shorter(rest)
            for other in self.near.get(f"{kind} {shorter}", ())
            if is_slip(rest, _parts(other)[1])
        }
        if len(near) != 1:
            return claim, ""
        name = self.names[near.pop()]
        return replace(claim, also=(*claim.also, name.casefold())), name


def _joins(plain: str, one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two words are of one name: a full stop only behind a short form (« av. de la Gare »)."""
    gap, word = _WORD.sub("", plain[one[1] : other[0]]), plain[one[0] : one[1]]
    is_short = plain[one[1] : one[1] + 1] == "." and place_key(word) != word
    return _BETWEEN.fullmatch(gap[1:] if is_short else gap) is not None


@cache
def _last_kinds() -> frozenset[str]:
    return frozenset(fold(kind).split()[-1] for kind in lexicon("en")["kinds_of_place"])


def _parts(key: tuple[str, ...]) -> tuple[str, str]:
    """A name's kind, which English puts last, and the rest of it."""
    is_last = key[-1] in _last_kinds()
    return (key[-1], " ".join(key[:-1])) if is_last else (key[0], " ".join(key[1:]))


def _shorter(word: str) -> Iterator[str]:
    """The word, and the word without each of its letters."""
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


def is_slip(one: str, other: str) -> bool:
    """One letter more, less, other, or two exchanged; figures are never a slip."""
    if one == other or min(len(one), len(other)) < _LONG_ENOUGH or _FIGURES.findall(one) != _FIGURES.findall(other):
        return False
    low = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    left, right = one[low:], other[low:]
    same_end = left[1:] == right[1:] or left[1:] == right or left == right[1:]
    return same_end or (left[:2] == right[:2][::-1] and left[2:] == right[2:])


_FIGURES = re.compile(r"\d+")


@lru_cache(maxsize=4)
def gazetteer_of(names: tuple[str, ...]) -> Gazetteer:
    """The gazetteer of these names, kept for the next text."""
    return Gazetteer(names)


def names_in(text: str) -> list[str]:
    """The names of a CSV, once each: the column that is called so, else the first; « ; » or « , » between columns.

    The French national address base gives its streets and towns; `name,kind` gives « salle Condorcet » for
    « Condorcet, salle ».
    """
    mark = ";" if ";" in text.partition("\n")[0] else ","
    rows = [row for row in csv.reader(text.removeprefix("\ufeff").splitlines(), delimiter=mark) if row]
    head = [fold(cell.strip()) for cell in rows[0]] if rows else []
    column = next((head.index(name) for name in NAMES if name in head), None)
    if column is None:
        return sorted({row[0].strip() for row in rows if row[0].strip()})
    others = [head.index(name) for name in TOWNS if name in head]
    names = {row[at].strip() for row in rows[1:] for at in (column, *others) if at < len(row)}
    for at in [head.index(name) for name in KINDS if name in head][:1]:
        for row in (row for row in rows[1:] if max(at, column) < len(row)):
            kind, name = row[at].strip(), row[column].strip()
            if kind and fold(kind) not in fold(name):
                names.add(f"{kind} {name}")
    return sorted(name for name in names if name)
