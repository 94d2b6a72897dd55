"""Every version against the one message: what it contradicts, leaves out, adds, or says to those who may not know.

What blocks: a contradicted fact, an essential one missing, a leak (another level's addition), and an added phone,
e-mail, amount or percentage, since a reader acts on those and extraction is sure of them. Other additions warn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from channels.contract import Rendition
from diffusion.facts import Fact, Fault, compare, extract
from diffusion.rendition.headline import default_essential
from diffusion.rendition.statement import Pair, Statement

CERTAIN = frozenset({"phone", "email", "amount", "percent"})
"""Kinds whose addition blocks."""

_SHINGLE = 6
"""Words in a row, said by another level's addition alone, that make a leak."""


@dataclass(frozen=True, slots=True)
class Leak:
    """Words of the version that only `level` may read; offsets are code points of the version."""

    level: str
    start: int
    end: int
    text: str
    kind: str = "words"
    value: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the guard found in one version. Nothing: it may go out."""

    contradicted: tuple[Fault, ...] = ()
    missing: tuple[Fault, ...] = ()
    added: tuple[Fault, ...] = ()
    leaks: tuple[Leak, ...] = ()

    @property
    def blocking(self) -> tuple[Fault | Leak, ...]:
        """What must be put right, or answered for by a person."""
        certain = tuple(fault for fault in self.added if fault.kind in CERTAIN)
        return (*self.contradicted, *self.missing, *certain, *self.leaks)

    @property
    def warning(self) -> tuple[Fault, ...]:
        """What a person should look at."""
        return tuple(fault for fault in self.added if fault.kind not in CERTAIN)

    @property
    def is_clear(self) -> bool:
        """Whether nothing blocks."""
        return not self.blocking

    def to_json(self) -> dict[str, list[dict[str, Any]]]:
        """The four lists; each item with `blocks`."""
        return {
            "contradicted": [_fault_json(fault, blocks=True) for fault in self.contradicted],
            "missing": [_fault_json(fault, blocks=True) for fault in self.missing],
            "added": [_fault_json(fault, blocks=fault.kind in CERTAIN) for fault in self.added],
            "leaks": [
                {"kind": leak.kind, "value": leak.value, "level": leak.level, "start": leak.start, "end": leak.end,
                 "text": leak.text, "blocks": True}
                for leak in self.leaks
            ],
        }  # fmt: skip


def stated(rendition: Rendition) -> str:
    """All that a version says: its title and its text."""
    return "\n\n".join(part for part in (rendition.title, rendition.text) if part)


def guard(
    statement: Statement,
    version: Rendition | str,
    *,
    level: str,
    published: date,
    lang_rendition: str | None = None,
    essential: Iterable[Pair] | None = None,
    furniture: str = "",
) -> Verdict:
    """Hold a version against the message as this level may read it; a rendition is read title first (`stated`).

    `essential` None: the statement's own, or those of its headline. `furniture`: what the voice and the link added
    (`Fitting.furniture`), which is no addition; a rendition's own link never is one. `published`: the day that
    « demain » is read from. The offsets found are those of the text held, `stated(version)` for a rendition.
    """
    canonical = statement.text_for(level)
    text = version if isinstance(version, str) else stated(version)
    if not isinstance(version, str):
        furniture = "\n".join(part for part in (furniture, version.link) if part)
    chosen = essential if essential is not None else statement.essential
    if chosen is None:
        chosen = default_essential(canonical, lang=statement.language, published=published)
    found = compare(
        f"{canonical}\n\n{furniture}" if furniture else canonical,
        text,
        lang=statement.language,
        lang_rendition=lang_rendition,
        published=published,
        essential=list(chosen),
    )
    leaks = tuple(_leaks(statement, text, level, published, lang_rendition or statement.language, canonical))
    leaked = {(leak.kind, leak.value) for leak in leaks}
    added = tuple(fault for fault in found.added if (fault.kind, fault.value) not in leaked)
    return Verdict(found.contradicted, found.missing, added, leaks)


def _leaks(statement: Statement, text: str, level: str, published: date, lang: str, canonical: str) -> Iterator[Leak]:
    foreign = statement.foreign(level)
    if not foreign:
        return
    own = {(fact.kind, fact.value) for fact in extract(canonical, statement.language, published).facts}
    said = extract(text, lang, published).facts
    for other, addition in foreign.items():
        secret = {(fact.kind, fact.value) for fact in extract(addition, statement.language, published).facts} - own
        for fact in said:
            if (fact.kind, fact.value) in secret:
                yield Leak(other, fact.start, fact.end, fact.text, fact.kind, fact.value)
        yield from _shared_words(other, addition, canonical, text)


_WORD = re.compile(r"\w+")


def _shared_words(level: str, addition: str, canonical: str, text: str) -> Iterator[Leak]:
    """Runs of words that the addition says and the message does not."""
    ours, theirs = _runs(canonical), _runs(addition)
    words = [(match.group().casefold(), match.span()) for match in _WORD.finditer(text)]
    start: int | None = None
    last = 0
    for at in range(len(words) - _SHINGLE + 1):
        run = tuple(word for word, _ in words[at : at + _SHINGLE])
        if run in theirs and run not in ours:
            if start is not None and words[at][1][0] > last:
                yield Leak(level, start, last, text[start:last])
                start = None
            start = words[at][1][0] if start is None else start
            last = words[at + _SHINGLE - 1][1][1]
    if start is not None:
        yield Leak(level, start, last, text[start:last])


def _runs(text: str) -> set[tuple[str, ...]]:
    words = [match.group().casefold() for match in _WORD.finditer(text)]
    return {tuple(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1)}


def _fault_json(fault: Fault, *, blocks: bool) -> dict[str, Any]:
    source = fault.canonical
    return {
        "kind": fault.kind,
        "value": fault.value,
        "start": fault.start,
        "end": fault.end,
        "text": fault.text,
        "canonical": None if source is None else _fact_json(source),
        "blocks": blocks,
    }


def _fact_json(fact: Fact) -> dict[str, Any]:
    return {"kind": fact.kind, "value": fact.value, "start": fact.start, "end": fact.end, "text": fact.text}
