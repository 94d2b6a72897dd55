"""A text as the sentences and lines that are kept or dropped whole, and what each leans on."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from diffusion.rendition.phrases import Phrases

Span = tuple[int, int]


class Part(StrEnum):
    """What a unit is in its text."""

    TITLE = "title"  # the first line, when it is no sentence
    HEADING = "heading"  # announces the lines below it
    ITEM = "item"  # a line of a list
    LINE = "line"  # a line that is no sentence: « Tarif : 5 € »
    SENTENCE = "sentence"
    COURTESY = "courtesy"
    TAGS = "tags"  # hashtags alone


@dataclass(frozen=True, slots=True)
class Unit:
    """One sentence or line. `start` and `end` are code points of the text, spaces around it left out.

    `needs`: indexes of the units without which it can't be understood: its heading, or what a pronoun means.
    """

    start: int
    end: int
    text: str
    line: int
    paragraph: int
    part: Part
    needs: tuple[int, ...] = ()


def units(text: str, words: Phrases, whole: Sequence[Span] = ()) -> tuple[Unit, ...]:
    """Split a text. No boundary falls inside a span of `whole` (facts, links; in order), a bracket or a quotation."""
    found: list[Unit] = []
    paragraph = 0
    for number, (start, line) in enumerate(_lines(text)):
        if not line.strip():
            paragraph += 1
            continue
        for at, end in _sentences(line, start, words, whole):
            body = text[at:end]
            found.append(Unit(at, end, body, number, paragraph, _part(body, words)))
    return _with_needs(_titled(_with_headings(found)), words)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.splitlines(keepends=True):
        yield start, line
        start += len(line)


_STOP = re.compile(r"[.!?…]+(?:[ \u00a0\u202f]?[»”\"’)\]])*(?=\s|$)")
_NEXT = re.compile(r"\s+[\"«“(‘\[\s]*[^\W_a-zà-öø-ÿœ]|\s+[^\w\s,;:.!?)\]»”’'/&%€+=-]|\s*$")
_LAST_WORD = re.compile(r"([\w.]+)[.…]*$")
_OPENING, _CLOSING = "([«“", ")]»”"


def _sentences(line: str, offset: int, words: Phrases, whole: Sequence[Span]) -> Iterator[Span]:
    """Where the sentences of one line stand, in the whole text's offsets."""
    begin = 0
    for stop in _STOP.finditer(line):
        end = stop.end()
        if not _NEXT.match(line, end) or _is_abbreviation(line, stop, words) or _is_open(line[begin:end]):
            continue
        if not re.search(r"\w", line[end:]) or _is_label(line, begin, stop):
            continue
        if _is_inside(offset + end, whole):
            continue
        yield from _stripped(line, begin, end, offset)
        begin = end
    yield from _stripped(line, begin, len(line), offset)


def _is_inside(place: int, whole: Sequence[Span]) -> bool:
    """Whether a place lies within one of these spans, which are in order and do not nest deeply."""
    at = bisect_left(whole, (place, 0))
    return any(first < place < last for first, last in whole[max(0, at - _NESTED) : at])


_NESTED = 8
"""Facts that may begin within a longer one that reaches over a boundary."""


def _is_label(line: str, begin: int, stop: re.Match[str]) -> bool:
    """« Où ? Parc des Berges »: a short question that its own line answers."""
    asked = line[begin : stop.start()].strip()
    return "?" in stop.group() and not line[:begin].strip() and len(asked.split()) < _LABEL_WORDS


_LABEL_WORDS = 4


def _stripped(line: str, begin: int, end: int, offset: int) -> Iterator[Span]:
    body = line[begin:end]
    if not body.strip():
        return
    lead = len(body) - len(body.lstrip())
    yield offset + begin + lead, offset + begin + len(body.rstrip())


def _is_abbreviation(line: str, stop: re.Match[str], words: Phrases) -> bool:
    if stop.group() != ".":
        return False
    last = _LAST_WORD.search(line[max(0, stop.start() - 24) : stop.start()])
    if last is None:
        return False
    word = last.group(1)
    rest = line[stop.end() :].strip()
    if word.casefold() in words.abbreviations:
        return bool(rest)
    if len(word) == 1 and word.isalpha() and word.isupper():
        return bool(rest) and not words.begins.match(rest)  # « J. Dupont », not « catégorie C. Elle »
    return word.isdigit() and not line[: last.start()].strip() and len(word) < 3  # « 1. » opens a list


def _is_open(passage: str) -> bool:
    return any(passage.count(a) > passage.count(b) for a, b in zip(_OPENING, _CLOSING, strict=True))


BULLET = re.compile(r"\s*(?:[-–—•*·▪◦‣→➡►✔✅☑]\ufe0f?|\d{1,2}[.)])\s+")
_TAGS = re.compile(r"(?:\s*#\w+)+\s*$")
_ENDED = re.compile(r"[.!?…][»”\"’)\]]*\s*$")


def _part(body: str, words: Phrases) -> Part:
    if _TAGS.match(body):
        return Part.TAGS
    bare = body.strip(" \u00a0\u202f\ufe0f")
    if len(bare) <= 200 and words.courtesies.match(bare):
        return Part.COURTESY
    if body.rstrip().endswith(":"):
        return Part.HEADING
    if BULLET.match(body):
        return Part.ITEM
    return Part.SENTENCE if _ENDED.search(body) else Part.LINE


def _titled(found: list[Unit]) -> list[Unit]:
    """The first line that says something is a title if it is no sentence and stands alone on its line."""
    for at, unit in enumerate(found):
        if unit.part in (Part.COURTESY, Part.TAGS):
            continue
        alone = all(other is unit or other.line != unit.line for other in found[at : at + 2])
        question = unit.text.rstrip().endswith("?") or unit.text.rstrip().endswith("!")
        if alone and len(found) > at + 1 and (unit.part is Part.LINE or (question and len(unit.text) < 90)):
            found[at] = replace(unit, part=Part.TITLE)
        break
    return found


def _with_headings(found: list[Unit]) -> list[Unit]:
    """A short line that asks or has no end, above other lines and after a gap, announces them."""
    for at, unit in enumerate(found[:-1]):
        below, above = found[at + 1], found[at - 1] if at else None
        opens = above is not None and above.paragraph != unit.paragraph and below.line == unit.line + 1
        asks = unit.text.rstrip().endswith("?") and len(unit.text) < 70 and below.line > unit.line
        bare = unit.part is Part.LINE and opens and len(unit.text) < 60 and not re.search(r"\d|:|@", unit.text)
        if at and (bare or (asks and (above is None or above.line != unit.line))):
            found[at] = replace(unit, part=Part.HEADING)
    return found


def _with_needs(found: list[Unit], words: Phrases) -> tuple[Unit, ...]:
    heading: int | None = None
    under: Unit | None = None
    has_items = False
    first = next((unit.paragraph for unit in found if unit.part is Part.SENTENCE), 0)
    done: list[Unit] = []
    for at, unit in enumerate(found):
        if unit.part is Part.HEADING:
            heading, under, has_items = at, unit, False
        elif under is not None and (_left(under, unit) or (has_items and unit.part is not Part.ITEM)):
            heading, under = None, None
        has_items |= unit.part is Part.ITEM
        needs = [] if heading is None or heading == at else [heading]
        if unit.part not in (Part.ITEM, Part.HEADING, Part.TITLE, Part.COURTESY) and leans(unit.text, words):
            before = [i for i, other in enumerate(found[:at]) if other.part not in (Part.COURTESY, Part.TAGS)]
            needs += before[-1:]
        elif at and unit.part is Part.SENTENCE and not _LETTERS.search(unit.text) and found[at - 1].line == unit.line:
            needs.append(at - 1)  # « Besoin d’aide ? 01 69 00 12 34. »
        elif at and found[at - 1].paragraph == unit.paragraph > first and words.refers.match(unit.text):
            needs.append(at - 1)
        done.append(replace(unit, needs=tuple(needs)))
    return tuple(_with_siblings(done, words))


def _with_siblings(found: list[Unit], words: Phrases) -> list[Unit]:
    """Under « Rues concernées : » each line needs the others: half of such a list says something else."""
    for at, unit in enumerate(found):
        if unit.part is Part.HEADING and words.complete.search(unit.text):
            under = [i for i, other in enumerate(found) if other.needs[:1] == (at,)]
            for i in under[:_LIST]:
                found[i] = replace(found[i], needs=(at, *(j for j in under if j != i)))
    return found


_LETTERS = re.compile(r"[^\W\d_]{3}")

_LIST = 40
"""A longer list can't be kept whole anywhere that needs fitting."""


def _left(heading: Unit, unit: Unit) -> bool:
    """A list ends where another paragraph begins; one after an empty line may still begin its list."""
    if heading.text.rstrip().endswith(":") and heading.line == unit.line:
        return False
    return unit.paragraph > heading.paragraph + 1 or (unit.paragraph > heading.paragraph and unit.part is not Part.ITEM)


def leans(sentence: str, words: Phrases) -> bool:
    """Whether a sentence begins with what only the one before explains."""
    start = sentence.lstrip("-–—•*«“\"'( \u00a0\u202f")
    opener = words.openers.match(start)
    if opener:
        start = start[opener.end() :]
    return bool(words.leans.match(start)) and not words.stands.match(start)
