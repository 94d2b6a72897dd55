"""Spelling by Hunspell, through a pipe, where it is installed; without it, or without the language's dictionary, no word is found.

One process a dictionary, kept; each word is asked once. `hunspell -a` speaks ispell's protocol (ispell(1), "-a").
"""

from __future__ import annotations

import atexit
import functools
import itertools
import os
import select
import shutil
import subprocess
import threading
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import regex

from diffusion.tone.kinds import plain
from diffusion.tone.rule import Hit, Page, Rule

USUAL = frozenset(
    ("déchèterie", "déchèteries", "périscolaire", "covoiturage", "végétalisation", "agglo", "piétonnisation")
)
"""Words of every town that no dictionary of 2026 has in this spelling."""
DICTIONARIES = {"fr": ("fr_FR", "fr", "fr-toutesvariantes"), "en": ("en_GB", "en_US")}
DEBIAN = {"fr": "hunspell hunspell-fr", "en": "hunspell hunspell-en-gb"}
"""What to install where there is none."""
PATIENCE_S = 3.0
"""For one answer: a dictionary takes half a second to read, a long word's suggestions a little more."""
MOST = 5
CACHE = 20_000
_WORD = regex.compile(r"[\p{L}\p{M}]++(?:['’-][\p{L}\p{M}]++)*+")
_ELIDED = {
    "fr": regex.compile(r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|presqu)['’](?=\p{L})", regex.IGNORECASE),
    "en": regex.compile(r"(?!)"),
}
_AT_HEAD = regex.compile(r"(?:\A|[.!?…\n:•«“\"(]|[-–] )[\s\u00a0\u202f]*+\Z")
_AROUND = "@#_/\\.0123456789·\ue000"


@dataclass(slots=True)
class Answer:
    """Is it a word? If not, what it could be, the likeliest first."""

    known: bool
    suggestions: tuple[str, ...] = ()


class Hunspell:
    """One dictionary's process. Any trouble with it ends it: the word under way counts as known, the next one starts it anew."""

    def __init__(self, program: str, dictionary: str) -> None:
        self.command = [program, "-a", "-i", "UTF-8", "-d", dictionary]
        self.lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None
        self.answers: dict[str, Answer] = {}

    def ask(self, word: str) -> Answer:
        if word not in self.answers:
            if len(self.answers) >= CACHE:
                self.answers.clear()
            with self.lock:
                answer = self._asked(word)
                if not answer.known and not any(_bare(each) == _bare(word) for each in answer.suggestions):
                    answer = Answer(False, (*self._accented(word), *answer.suggestions))
                self.answers[word] = answer
        return self.answers[word]

    def _accented(self, word: str) -> list[str]:
        """The same letters with other accents, those that are words: Hunspell itself changes few letters at once."""
        other = list(accented(word))
        if not other:
            return []
        try:
            command = [self.command[0], "-G", *self.command[2:]]  # prints the words that are right
            told = subprocess.run(  # noqa: S603
                command, input="\n".join(other).encode(), capture_output=True, timeout=PATIENCE_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return []
        return told.stdout.decode("utf-8", "replace").split()

    def _asked(self, word: str) -> Answer:
        try:
            process = self._running()
            assert process.stdin is not None
            process.stdin.write(f"^{word}\n".encode())
            process.stdin.flush()
            return _read(self._lines(process))
        except (OSError, TimeoutError, ValueError):
            self.end()
            return Answer(known=True)

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None or self.process.poll() is not None:
            self.end()
            self.process = subprocess.Popen(  # noqa: S603 - the program found on the path, words on its standard input
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
            )
            self._until(self.process, b"\n")  # its greeting
        return self.process

    def _lines(self, process: subprocess.Popen[bytes]) -> list[str]:
        said = self._until(process, b"\n\n")
        return said.decode("utf-8", "replace").strip().splitlines()

    def _until(self, process: subprocess.Popen[bytes], end: bytes) -> bytes:
        """Raises TimeoutError; ValueError if the process has ended."""
        assert process.stdout is not None
        said, started = b"", time.monotonic()
        while not said.endswith(end) and said != b"\n":
            left = PATIENCE_S - (time.monotonic() - started)
            if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
                raise TimeoutError
            got = os.read(process.stdout.fileno(), 65536)
            if not got:
                raise ValueError
            said += got
        return said

    def end(self) -> None:
        """Stop the process; the next word starts another."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None


def _read(lines: list[str]) -> Answer:
    """`*`, `+`, `-`: known; `& word count offset: a, b`: these instead; `# word offset`: none."""
    for line in lines:
        if line.startswith("&"):
            return Answer(False, tuple(line.partition(": ")[2].split(", ")))
        if line.startswith("#"):
            return Answer(known=False)
    return Answer(known=True)


@functools.cache
def speller(lang: str, wanted: tuple[str, ...] = ()) -> Hunspell | None:
    """The process of a language's first dictionary that is there; None without Hunspell or without any."""
    program = shutil.which("hunspell")
    names = wanted or DICTIONARIES.get(lang, ())
    found = next((Hunspell(program, name) for name in names if program and _has(program, name)), None)
    if found is not None:
        atexit.register(found.end)
    return found


def _has(program: str, dictionary: str) -> bool:
    """Does that dictionary open? Asked of Hunspell itself, which knows where to look."""
    try:
        told = subprocess.run(  # noqa: S603
            [program, "-a", "-i", "UTF-8", "-d", dictionary],
            input=b"",
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return told.returncode == 0 and told.stdout.startswith(b"@(#)")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spell(Rule):
    """Words that the language's dictionary, the charter and the gazetteer don't know. `known` is in lower case.

    A capital inside a sentence makes a name, which nobody's dictionary has; words in capitals, with digits, in addresses or
    with a mid-dot are left out too.
    """

    kind: ClassVar[str] = "spell"
    known: frozenset[str] = frozenset()
    filters: tuple[regex.Pattern[str], ...] = ()
    dictionaries: tuple[str, ...] = ()

    def find(self, page: Page) -> Iterator[Hit]:
        dictionary = speller(page.lang, self.dictionaries)
        if dictionary is None or is_foreign(page.low, page.lang):
            return
        text, elided = page.shadow, _ELIDED.get(page.lang, _ELIDED["en"])
        for match in _WORD.finditer(text):
            start = match.start() + (head.end() if (head := elided.match(match[0])) else 0)
            word = text[start : match.end()]
            if self._is_free(word, text, start, match.end()):
                continue
            afters = self._instead(dictionary, word)
            if afters is not None:
                yield Hit(start, match.end(), afters, False, (word,))

    def _is_free(self, word: str, text: str, start: int, end: int) -> bool:
        if (
            len(word) < 2
            or plain(word) in self.known
            or plain(word) in USUAL
            or any(each.search(word) for each in self.filters)
        ):
            return True
        if (start and text[start - 1] in _AROUND) or text[end : end + 1] in tuple(_AROUND.replace(".", "")):
            return True
        return any(c.isupper() for c in word[1:]) or (
            word[0].isupper() and not _AT_HEAD.search(text[max(0, start - 12) : start])
        )

    def _instead(self, dictionary: Hunspell, word: str) -> tuple[str, ...] | None:
        """None if the word is known: as it stands, in lower case, or each part of it between hyphens."""
        straight = word.replace("’", "'")
        answer = dictionary.ask(straight)
        if answer.known or (word[0].isupper() and dictionary.ask(straight.lower()).known):
            return None
        parts = straight.split("-")
        if len(parts) > 1 and all(part.lower() in self.known or dictionary.ask(part).known for part in parts if part):
            return None
        return tuple(each.replace("'", "’") for each in ranked(word, answer.suggestions))[:MOST]


_LITTLE = {
    "fr": frozenset(
        ("le", "la", "les", "des", "du", "et", "est", "dans", "pour", "une", "vous", "sur", "aux", "au", "de", "à")
    ),
    "en": frozenset(
        ("the", "and", "of", "to", "is", "in", "for", "you", "with", "are", "will", "at", "from", "be", "this", "our")
    ),
}
_TOKEN = regex.compile(r"\p{L}++")


def is_foreign(low: str, lang: str) -> bool:
    """Are the little words another language's? Then every word would be a fault."""
    mine = _LITTLE.get(lang, frozenset())
    count = {other: sum(word in words for word in _TOKEN.findall(low)) for other, words in _LITTLE.items()}
    return bool(mine) and any(n > 2 * count[lang] and n > 2 for other, n in count.items() if other != lang)


def ranked(word: str, suggestions: tuple[str, ...]) -> list[str]:
    """The same letters with other accents first, then one letter away, then as Hunspell gave them."""
    bare = _bare(word)

    def nearness(each: str) -> int:
        other = _bare(each)
        return 0 if other == bare else 1 if _is_near(bare, other) else 2

    return sorted(dict.fromkeys(suggestions), key=nearness)


_MARKED = {"e": "éèê", "a": "àâ", "i": "îï", "o": "ô", "u": "ùû", "c": "ç"}
MARKS, WAYS = 3, 400


def accented(word: str) -> Iterator[str]:
    """The word with up to MARKS of its letters marked otherwise, at most WAYS of them."""
    bare = _bare(word)
    if not bare.isalpha() or len(bare) > 24:
        return
    places = [at for at, char in enumerate(bare) if char in _MARKED]
    ways = (
        (chosen, marks)
        for count in range(MARKS + 1)
        for chosen in itertools.combinations(places, count)
        for marks in itertools.product(*(_MARKED[bare[at]] for at in chosen))
    )
    for chosen, marks in itertools.islice(ways, WAYS):
        made = list(bare)
        for at, mark in zip(chosen, marks, strict=True):
            made[at] = mark
        yield "".join(made)


def _bare(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", plain(word)) if not unicodedata.combining(c))


def _is_near(one: str, other: str) -> bool:
    """One letter put in, left out, replaced, or two neighbours swapped."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    at = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(long) == len(short):
        swapped = short[at + 1 : at + 2] + short[at : at + 1] + short[at + 2 :]
        return short[at + 1 :] == long[at + 1 :] or swapped == long[at:]
    return len(long) == len(short) + 1 and short[at:] == long[at + 1 :]
