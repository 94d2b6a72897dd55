"""What changed between two texts, word by word, as people read it: for the approver, two editors, and the public."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

_WORDS = re.compile(r"\s+|[^\s]+")
_NEAR = 6
"""Words kept on either side of a change."""
_MANY = 4000
"""Pieces beyond which paragraphs are compared instead of words, so that a page never waits."""


@dataclass(frozen=True, slots=True)
class Piece:
    """`how` is same, gone or new."""

    how: str
    text: str


def _pieces(text: str) -> list[str]:
    found = _WORDS.findall(text)
    return found if len(found) <= _MANY else text.splitlines(keepends=True)


def pieces(before: str, after: str) -> list[Piece]:
    """The two texts told as one: what stayed, what went, what came."""
    old, new = _pieces(before), _pieces(after)
    made: list[Piece] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            made.append(Piece("same", "".join(old[a:b])))
            continue
        gone, come = "".join(old[a:b]), "".join(new[c:d])
        made += [Piece(how, text) for how, text in (("gone", gone), ("new", come)) if text]
    return made


def changes(before: str, after: str) -> list[list[Piece]]:
    """Only what changed, each with a few words around it; changes that are near each other are told together."""
    groups: list[list[Piece]] = []
    for piece in pieces(before, after):
        if piece.how == "same":
            _around(groups, piece.text)
            continue
        if not groups or groups[-1][-1].text.endswith("…"):
            groups.append([])
        groups[-1].append(piece)
    return [group for group in groups if any(p.how != "same" and p.text.strip() for p in group)]


def _around(groups: list[list[Piece]], text: str) -> None:
    """What stays between two changes: whole when short, else an end for one and a beginning for the next."""
    words = _WORDS.findall(text)
    if not groups:
        groups.append([Piece("same", ("… " if len(words) > _NEAR * 2 else "") + "".join(words[-_NEAR * 2 :]))])
    elif len(words) <= _NEAR * 4:
        groups[-1].append(Piece("same", text))
    else:
        groups[-1].append(Piece("same", "".join(words[: _NEAR * 2]).rstrip() + "…"))
        groups.append([Piece("same", "… " + "".join(words[-_NEAR * 2 :]).lstrip())])


def lines(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Each line of either text with how it stands, for two whole texts side by side."""
    for line in difflib.ndiff(before.splitlines(), after.splitlines()):
        if not line.startswith("?"):
            yield {"-": "gone", "+": "new"}.get(line[0], "same"), line[2:]
