"""The kind of rule that holds a text to one way of naming women and men: none, pairs, mid-dots, or words for both. French only.

Every form is read whatever the charter chose, and turned into the chosen one: « les habitant·e·s », « les habitantes et les
habitants », « les habitants », « la population ». Always a proposal: agreement around it is a person's to see to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import regex
import yaml

from diffusion.tone.kinds import headed
from diffusion.tone.rule import Hit, Page, Rule

FORMS = ("none", "pairs", "mid-dot", "epicene")
_DATA = yaml.safe_load((Path(__file__).parent / "people.yaml").read_text("utf-8"))
_TWO: dict[str, str] = dict(each.split("/") for each in _DATA["two"])
_EPICENE: dict[str, str] = _DATA["epicene"]
_SUFFIXES: tuple[tuple[str, str, str], ...] = tuple((end, man, woman) for end, man, woman in _DATA["suffixes"])
_FIXED: dict[str, tuple[str, str]] = {dot: (woman, man) for dot, woman, man in _DATA["fixed"]}

_DOT = r"[·•‧∙.]"
_DOTTED = regex.compile(
    rf"(?<![\p{{L}}\p{{N}}@#/._-])(?P<stem>\p{{L}}+?\p{{L}})(?P<end>[·•‧∙]\p{{Ll}}{{1,6}}|\((?:e|ne|le|se|trice|euse|ère|ve)\)"
    rf"|(?<=[^eE])\.(?:e|ne|le|se|trice|euse|rice|ère|ve)(?=\.s\b|s\b|(?![\p{{L}}.])))(?P<many>{_DOT}?s|s)?(?![\p{{L}}·])"
)
_ARTICLES = frozenset(("les", "des", "aux", "nos", "vos", "leurs", "ces"))


def _many(word: str) -> str:
    if word.endswith(("s", "x", "z")):
        return word
    return word + ("x" if word.endswith(("eau", "au")) else "s")


_MANY = {_many(man): (_many(woman), _many(man)) for man, woman in _TWO.items()}
_BY_WOMEN = dict(_MANY.values())
_ARTICLE = r"(?i:les|des|aux|nos|vos|leurs|ces)"
_GENERIC = regex.compile(
    rf"(?<![\p{{L}}’'-])(?P<art>{_ARTICLE})[ \u00a0](?P<men>\p{{Ll}}{{3,}}+)(?![\p{{L}}·•.(-](?!\s|\Z)|·)"
)
_JOINT = regex.compile(
    rf"(?<=\p{{L}}{{3}})(?:[ \u00a0](?:et|ou)[ \u00a0]|[ \u00a0]?/[ \u00a0]?)(?:(?:{_ARTICLE}|de|d[’']|chers|chères)[ \u00a0]?)?"
    r"(?P<two>\p{Ll}{4,}+)(?![\p{L}-])"
)
_ONE = regex.compile(
    r"(?<![\p{L}’'-])(?:(?P<art>(?i:les|des|aux|nos|vos|leurs|ces|de|d’|d'|chères|chers))[ \u00a0]?)?(?P<one>\p{L}{4,}+)\Z"
)
_MARK = regex.compile(
    r"(?<=\p{L})(?:[·•‧∙]\p{Ll}|\((?:e|ne|le|se|trice|euse|ère|ve)\)|\.(?:e|ne|le|se|trice|euse|rice|ère|ve)(?![\p{L}]))"
)
"""Where such a word may be; the word itself is read from its beginning."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inclusive(Rule):
    """`form` is the charter's choice, one of FORMS. A plural without its article is left alone: « élus » is often an adjective."""

    kind: ClassVar[str] = "inclusive"
    form: str

    def find(self, page: Page) -> Iterator[Hit]:
        if page.lang != "fr":
            return
        text, taken = page.shadow, []
        pairs = list(_paired(text))
        for start, end, _, _, _ in pairs:
            taken.append((start, end))
        for start, end, article, women, men in pairs:
            if self.form != "pairs" and (afters := self._of(article, women, men)):
                yield Hit(start, end, tuple(headed(a, text[start:end], text, start) for a in afters), False)
        if self.form != "mid-dot":
            yield from self._dotted(text)
        if self.form != "none":
            yield from self._generic(text, taken)

    def _generic(self, text: str, taken: list[tuple[int, int]]) -> Iterator[Hit]:
        """« les habitants » alone, which stands for everybody."""
        for match in _GENERIC.finditer(text):
            plurals = _MANY.get(match["men"])
            if plurals and not any(start < match.end() and match.start() < end for start, end in taken):
                afters = self._of(match["art"].lower(), *plurals)
                if afters:
                    yield Hit(*match.span(), tuple(headed(a, match[0], text, match.start()) for a in afters), False)

    def _of(self, article: str, women: str, men: str) -> tuple[str, ...]:
        """That plural in the form of the charter's choice; nothing if it has none."""
        head = f"{article} " if article and not article.endswith(("’", "'")) else article
        if self.form == "none":
            return (head + men,)
        if self.form == "pairs":
            again = head if article in _ARTICLES else ""
            return (f"{head}{women} et {again}{men}",)
        if self.form == "mid-dot":
            return (head + _with_dots(women, men),)
        epicene = _EPICENE.get(men)
        return (_with_article(article, epicene),) if epicene and article in _ARTICLES else ()

    def _dotted(self, text: str) -> Iterator[Hit]:
        for match in _dots(text):
            many, women, men = _spread(match)
            if not many and match["end"][0] == "." and match["end"] != ".e" and match["stem"].lower() not in _TWO:
                continue
            article, written = _before(text, match.start()) if many else ("", "")
            if not women:
                afters: tuple[str, ...] = ()
            elif many:
                afters = self._of(article, women, men)
            else:
                afters = {"none": (men,), "pairs": (f"{women} ou {men}",)}.get(self.form, ())
            start = match.start() - (len(written) if afters else 0)
            yield Hit(
                start, match.end(), tuple(headed(a, text[start : match.end()], text, start) for a in afters), False
            )


def _paired(text: str) -> Iterator[tuple[int, int, str, str, str]]:
    """« les habitantes et les habitants », « usagers/usagères »: where, the article, both plurals. Only two of one word."""
    for joint in _JOINT.finditer(text):
        begin = max(0, joint.start() - 40)
        one = _ONE.search(text[begin : joint.start()])
        pair = (one["one"].lower(), joint["two"]) if one else ("", "")
        women = next((w for w, m in (pair, pair[::-1]) if _BY_WOMEN.get(w) == m), "")
        if one and women:
            article = (one["art"] or "").lower()
            article = "chers" if article == "chères" else article
            yield begin + one.start(), joint.end(), article, women, _BY_WOMEN[women]


def _dots(text: str) -> Iterator[regex.Match[str]]:
    reach = 0
    for mark in _MARK.finditer(text):
        start = mark.start()
        while start > reach and text[start - 1].isalpha():
            start -= 1
        if start >= reach and (match := _DOTTED.match(text, start)):
            yield match
            reach = match.end()


def _before(text: str, at: int) -> tuple[str, str]:
    """The article right before, in lower case and as written with its space; two empty strings if there is none."""
    match = regex.search(r"(?<![\p{L}])((?i:les|des|aux|nos|vos|leurs|ces))[ \u00a0]\Z", text[max(0, at - 8) : at])
    return (match[1].lower(), match[0]) if match else ("", "")


def _spread(match: regex.Match[str]) -> tuple[bool, str, str]:
    """Are they several, the women's word and the men's: « directeur·trice·s »; empty words if the ending is none that is known."""
    stem, end = match["stem"], regex.sub(r"[^\p{Ll}]", "", match["end"])
    many = bool(match["many"]) or end.endswith("s")
    end = end.removesuffix("s")
    if fixed := _FIXED.get(f"{stem.lower()}·{end}" + "s" * many):
        return many, *fixed
    for ending, man, woman in _SUFFIXES:
        if end == ending and stem.endswith(man):
            women, men = stem.removesuffix(man) + woman, stem
            return many, _many(women) if many else women, _many(men) if many else men
    return many, "", ""


def _with_dots(women: str, men: str) -> str:
    """« habitant·e·s », « directeur·rice·s », « agriculteur·rice·s »."""
    man, woman = men.rstrip("s"), women.rstrip("s")
    for ending, mans in (("trice", "teur"), ("euse", "eur"), ("ère", "er"), ("ve", "f")):
        if woman.endswith(ending) and man.endswith(mans):
            return f"{man}·{'rice' if ending == 'trice' else ending}·s"
    return f"{man}·{woman[len(man) :]}·s" if woman.startswith(man) else f"{women}·{men}"


_TO = {
    "les": ("la", "le", "l’", "les"), "des": ("de la", "du", "de l’", "des"), "aux": ("à la", "au", "à l’", "aux"),
    "nos": ("notre", "notre", "notre ", "nos"), "vos": ("votre", "votre", "votre ", "vos"),
    "leurs": ("leur", "leur", "leur ", "leurs"), "ces": ("cette", "ce", "cet ", "ces"),
}  # fmt: skip


def _with_article(article: str, epicene: str) -> str:
    """« aux » + « f la population » → « à la population »; `f`, `m`, `v` (a vowel) or `p` (a plural) stands before the words."""
    gender, _, words = epicene.partition(" ")
    to = _TO[article]["fmvp".index(gender)]
    return to + words if to.endswith(("’", " ")) else f"{to} {words}"
