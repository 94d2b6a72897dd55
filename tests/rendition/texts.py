"""The municipal messages of `corpus/`, written for these tests: `=== name published`, then the text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

_CORPUS = Path(__file__).parent / "corpus"


@dataclass(frozen=True)
class Text:
    """One message as a town would hand it in."""

    name: str
    lang: str
    published: date
    text: str


def _read(lang: str, file: str) -> list[Text]:
    found = []
    for part in (_CORPUS / f"{file}.txt").read_text(encoding="utf-8").split("=== ")[1:]:
        head, _, body = part.partition("\n")
        name, day = head.split()
        found.append(Text(name, lang, date.fromisoformat(day), body.strip()))
    return found


CORPUS = [
    *_read("fr", "fr"),
    *_read("fr", "fr2"),
    *_read("fr", "fr3"),
    *_read("en", "en"),
    *_read("en", "en2"),
    *_read("en", "en3"),
]
BY_NAME = {text.name: text for text in CORPUS}
