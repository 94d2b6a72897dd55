"""The lexicons (`fr.yaml`, `en.yaml`), read once when the room is imported, and how a form becomes a pattern.

A form is plain words: « fermé(e)(s) » has optional letters, « (la|les) » a choice, `*` takes any ending, ` ~ ` up to
three words. Every repetition that a form can express is bounded, so that matching stays linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from diffusion.facts.reading import fold
from diffusion.facts.scan import Scanner

LANGUAGES = ("fr", "en")

#: Nothing of the word goes on before or after.
BEFORE = r"(?<![a-z0-9])"
AFTER = r"(?![a-z0-9])"

_SPECIAL = re.compile(r"\\d\+?|[()|*~ ]|[^()|*~ \\]+|\\")


class _Words(yaml.SafeLoader):
    """YAML in which « no » and « on » are words, not booleans."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":bool")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _load() -> dict[str, Mapping[str, Any]]:
    here = Path(__file__).parent
    texts = {lang: (here / f"{lang}.yaml").read_text(encoding="utf-8") for lang in LANGUAGES}
    return {lang: yaml.load(text, Loader=_Words) for lang, text in texts.items()}  # noqa: S506 (a SafeLoader)


_LEXICONS = _load()


def lexicon(lang: str) -> Mapping[str, Any]:
    """The lexicon of a language; French for one that we don't have."""
    return _LEXICONS.get(lang, _LEXICONS["fr"])


def pattern(form: str) -> str:
    """A lexicon's form as a regular expression over folded text, without word borders."""
    out: list[str] = []
    open_groups: list[int] = []
    for piece in _SPECIAL.findall(fold(form.strip())):
        if piece == "(":
            open_groups.append(len(out))
            out.append("(?:")
        elif piece == ")" and open_groups:
            is_choice = "|" in out[open_groups.pop() :]
            out.append(")" if is_choice else ")?")
        elif piece == "~":
            out.append(r"(?:[a-z']{1,20} ){0,3}?")
        elif piece == "*":
            out.append(r"[a-z]{0,12}")
        elif piece == " ":
            if not out or not out[-1].endswith("{0,3}?"):
                out.append(r"[ \n]{1,2}")
        elif piece == "|" or piece.startswith(r"\d"):
            out.append(piece.replace("+", "{1,6}"))
        else:
            out.append(re.escape(piece))
    return "".join(out)


def any_of(forms: Iterable[str]) -> str:
    """A choice among forms, the longer first so that it wins."""
    return _choice([pattern(f) for f in _spread(forms)])


_OPENING = re.compile(r"\(([^()]*\|[^()]*)\)(.*)", re.DOTALL)


def _spread(forms: Iterable[str]) -> list[str]:
    """The forms, the longer first; « (la|les) fêtes » as two, so that each has a first letter by which it is found."""
    out: list[str] = []
    for form in map(str, forms):
        opening = _OPENING.fullmatch(form)
        out += [form] if opening is None else [way + opening[2] for way in opening[1].split("|")]
    return sorted(out, key=len, reverse=True)


#: A letter, or a space as forms have it: what two alternatives may share at their beginning.
_ATOM = re.compile(r"[a-z0-9](?![?*+{])|\[ \\n\]\{1,2\}")


def _choice(patterns: list[str]) -> str:
    """Alternatives in their order, those that begin alike as one, so that the matcher leaves most of them at a letter."""
    out: list[str] = []
    groups: dict[str, list[str]] = {}
    for one in [*patterns, None]:
        atom = None if one is None or "|" in re.sub(r"\(\?:[^()]*\)", "", one) else _ATOM.match(one)
        if one is not None and atom is not None:
            groups.setdefault(atom[0], []).append(one[atom.end() :])
            continue
        out += [head + (tails[0] if len(tails) == 1 else _choice(tails)) for head, tails in groups.items()]
        out += [] if one is None else [one]
        groups = {}
    return "(?:" + "|".join(out) + ")"


def words(forms: Iterable[str]) -> str:
    """`any_of` between word borders (which a form that begins or ends in a sign doesn't need)."""
    classes: dict[tuple[str, str], list[str]] = {}
    for form in _spread(forms):
        bare = fold(form.strip())
        head = BEFORE if bare[:1].isalnum() or bare[:1] in {"(", "*"} else ""
        tail = AFTER if bare[-1:].isalnum() or bare.endswith(")") else ""
        classes.setdefault((head, tail), []).append(pattern(form))
    return "(?:" + "|".join(head + _choice(ones) + tail for (head, tail), ones in classes.items()) + ")"


@cache
def forms(lang: str, *path: str) -> re.Pattern[str]:
    """The compiled choice of a lexicon's list, found by its path of keys."""
    return re.compile(words(_at(lang, path)))


@cache
def phrases(lang: str, *path: str) -> Scanner:
    """The same, for all places of a text where one of the forms stands."""
    return Scanner(words(_at(lang, path)))


@cache
def ending(lang: str, *path: str) -> re.Pattern[str]:
    """The same, for text that ends with one of the forms (spaces after it allowed)."""
    return re.compile(words(_at(lang, path)) + r"[ \n]{0,2}$")


def _at(lang: str, path: tuple[str, ...]) -> list[str]:
    node: Any = lexicon(lang)
    for key in path:
        node = node[key]
    if isinstance(node, Mapping):
        return [form for forms_ in node.values() for form in forms_]
    return list(node)


@cache
def meanings(lang: str, key: str) -> dict[str, Any]:
    """From each folded form of a table to its key: « mardi » → 1."""
    return {fold(str(form)): value for value, forms_ in lexicon(lang)[key].items() for form in forms_}
