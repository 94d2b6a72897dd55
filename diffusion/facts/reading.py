"""A text made easy to match: one spelling of spaces, quotes and dashes, no case, no accents, and the way back.

Typography must never change a fact (« 9h30 » and « 9 h 30 » with U+00A0), so every pattern of this room sees only
`plain` or `cased`; `span()` gives the offsets in the text as it was given.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set
from dataclasses import dataclass, field, replace
from heapq import merge
from itertools import chain

#: What already belongs to a fact is blanked out with this, so that no other kind claims it.
TAKEN = "\x01"
#: The same for times: a date range may contain them (« du 1er juin à 9 h au 3 juin à 17 h »).
TAKEN_TIME = "\x02"
#: And for days: whether one is near decides what « le mardi » means.
TAKEN_DATE = "\x03"

Index = dict[str, list[int]]

_SPACES = "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_LINES = "\r\x0b\x0c\x85\u2028\u2029"
_APOSTROPHES = "\u2018\u2019\u201b\u02bc\u2032`\u00b4"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_DROPPED = dict.fromkeys(
    [
        0xAD,
        0x200B,
        0x200C,
        0x200D,
        0x2060,
        0xFEFF,
        0xFE0E,
        0xFE0F,
        0x20E3,
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    ]
)


def _folding() -> tuple[dict[int, str], dict[int, str]]:
    """Two tables, each one character to one character: what looks the same; then case and accents."""
    same = {ord(c): " " for c in _SPACES} | {ord(c): "\n" for c in _LINES}
    same |= {ord(c): "'" for c in _APOSTROPHES} | {ord(c): "-" for c in _DASHES}
    same |= {0xBA: "°", 0x2070: "0", ord(TAKEN): " ", ord(TAKEN_TIME): " ", ord(TAKEN_DATE): " ", 0: " "}
    compatible = (*range(0x1D400, 0x1D800), *range(0xFF01, 0xFF5F), *range(0x1D2C, 0x1D6B), 0x2B3, 0x2E2, 0x2B0, 0x207F)
    for code in compatible:  # 𝗠𝗮𝗿𝗱𝗶 and 1ᵉʳ, as posts write them
        plain = unicodedata.normalize("NFKC", chr(code))
        if len(plain) == 1:
            same[code] = plain
    bare: dict[int, str] = {}
    for code in range(0x41, 0x250):
        letter = unicodedata.normalize("NFD", chr(code))[0].lower()
        if len(letter) == 1 and letter.isalpha():
            bare[code] = letter
    return same, bare


_SAME, _BARE = _folding()
#: What may stand in these tables; the rest of a text need not be looked up.
_UNLIKE = re.compile(r"[^ -_a-~\n]")
_ACCENTED = re.compile(r"[^\x00-\x7f]")
_DROPS = re.compile("[" + "".join(map(chr, _DROPPED)) + "]")


@dataclass(frozen=True, slots=True)
class Reading:
    """`cased` and `plain` have one length; `where[i]` is the place in `raw` of their i-th character.

    `index` says where the words stand that begin so, by three characters, and each digit and sign, by itself; `odd`
    are places that are looked at in any case.
    """

    raw: str
    cased: str
    plain: str
    where: tuple[int, ...] | None = None
    index: Index = field(default_factory=dict, compare=False)
    odd: tuple[int, ...] = field(default=(), compare=False)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the text as given."""
        if self.where is None:
            return start, end
        if end <= start:
            return self.where[start], self.where[start]
        last = self.where[end - 1] + 1
        while last < len(self.raw) and unicodedata.combining(self.raw[last]):
            last += 1
        return self.where[start], last

    def blanked(self, spans: list[tuple[int, int]], with_: str = TAKEN) -> Reading:
        """The same text with these places taken, so that later patterns pass over them."""
        if not spans:
            return self
        plain, cased, last = [], [], 0
        for start, end in sorted(spans):
            if end <= last:
                continue
            start = max(start, last)
            plain += [self.plain[last:start], with_ * (end - start)]
            cased += [self.cased[last:start], with_ * (end - start)]
            last = end
        plain.append(self.plain[last:])
        cased.append(self.cased[last:])
        return replace(self, plain="".join(plain), cased="".join(cased))

    def starting(self, heads: Set[str], short: tuple[str, ...] = ()) -> list[int]:
        """Where words begin with one of these three letters, or these fewer, and where these signs stand; in order."""
        keys = self.index.keys() & heads
        if short:
            keys |= {key for key in self.index if key.startswith(short)}
        found = sorted(chain.from_iterable(map(self.index.__getitem__, keys)))
        return list(merge(found, self.odd)) if self.odd else found


#: Signs of which a text has many, and with which nothing begins that is looked for.
UNINDEXED = ".,;!?'\""
_STARTS = re.compile(rf"[a-z]+|[0-9]+|[^a-z0-9\s{UNINDEXED}]")
_ODD = re.compile(r"(?![0-9])\d")


def _indexed(raw: str, cased: str, where: tuple[int, ...] | None = None) -> Reading:
    plain = _bare(cased)
    index: Index = {}
    for found in _STARTS.finditer(plain):
        at = found.start()
        key = plain[at : at + 3]
        if not "a" <= key[0] <= "z":
            key = key[0]
        if key in index:
            index[key].append(at)
        else:
            index[key] = [at]
    odd = () if plain.isascii() else tuple(found.start() for found in _ODD.finditer(plain))
    return Reading(raw, cased, plain, where, index, odd)


def fold(text: str) -> str:
    """The text without case, accents or typographic spelling, one character for one."""
    return _bare(_alike(text))


def _alike(text: str) -> str:
    return _UNLIKE.sub(lambda m: _SAME.get(ord(m[0]), m[0]), text)


def _bare(cased: str) -> str:
    """`lower` alone would make two characters of U+0130; that one has become an « i » by then."""
    return _ACCENTED.sub(lambda m: _BARE.get(ord(m[0]), m[0]), cased).lower()


def read(text: str) -> Reading:
    """Make a text ready to be matched. Any string is accepted, lone surrogates and control characters included."""
    if unicodedata.is_normalized("NFC", text) and not _DROPS.search(text):
        return _indexed(text, _alike(text))
    letters: list[str] = []
    where: list[int] = []
    for at, letter in enumerate(text):
        if ord(letter) in _DROPPED:
            continue
        if letters and unicodedata.combining(letter):
            joined = unicodedata.normalize("NFC", letters[-1] + letter)
            letters[-1] = joined if len(joined) == 1 else letters[-1]
            continue
        letters.append(letter)
        where.append(at)
    where.append(len(text))
    return _indexed(text, _alike("".join(letters)), tuple(where))
