"""Rule files → rules. A rule that doesn't load names its file, line and column, and what was expected.

In `put`, `to`, `add`, `wrong` and `right`, ⍽ stands for U+00A0 and ⎵ for U+202F, so that they can be seen; `{{name}}` in a
pattern is a fragment from the file's `parts`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import regex
import yaml

from diffusion.tone import kinds, reading, vale
from diffusion.tone.agreement import Agree, Explain, Repeat
from diffusion.tone.casing import CASES, Case
from diffusion.tone.code import CODE
from diffusion.tone.inclusive import FORMS, Inclusive
from diffusion.tone.measures import MEASURES
from diffusion.tone.reading import Node, Problem, Reader, Sink
from diffusion.tone.rule import Example, Level, Rule, Scope
from diffusion.tone.scores import FIGURES, Score, evaluate
from diffusion.tone.spelling import Spell

TIMEOUT_S = 0.25  # a charter's own pattern on one text
_VISIBLE = str.maketrans({"⍽": "\u00a0", "⎵": "\u202f"})
_SPACES = regex.compile("[ \u00a0\u202f]+")
_HERE = Path(__file__).parent


class RuleError(ValueError):
    """A rule file will not load."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(p.line_in("en") for p in problems))
        self.problems = problems


def _visible(node: Node, sink: Sink) -> str | None:
    value = reading.exact(node, sink)
    return None if value is None else value.translate(_VISIBLE)


def sentence(node: Node, sink: Sink) -> Mapping[str, str] | None:
    """One sentence for all readers, or one a language."""
    if isinstance(node, yaml.MappingNode):
        value: Mapping[str, str] | None = reading.table({"fr": reading.text, "en": reading.text})(node, sink)
        return value
    sentence = reading.text(node, sink)
    return None if sentence is None else {"": sentence}


def _wrong(node: Node, sink: Sink) -> tuple[Example, ...] | None:
    """A list of texts, or a table text → as it should be."""
    if isinstance(node, yaml.MappingNode):
        found = reading.entries(node, sink) or []
        return tuple(
            Example(text.translate(_VISIBLE), after)
            for text, _, value in found
            if (after := _visible(value, sink)) is not None
        )
    texts = reading.list_of(_visible)(node, sink)
    return None if texts is None else tuple(Example(t) for t in texts)


KINDS: dict[str, type[Rule]] = {
    kind.kind: kind
    for kind in (
        *(kinds.Avoid, kinds.Replace, kinds.Space, kinds.Require, kinds.Limit, kinds.Measure, kinds.Code),
        *(Repeat, Agree, Explain, Case, Score, Spell, Inclusive),
    )
}
_PATTERNS = ("pattern", "when", "either", "other", "first", "second")
_COMMON: dict[str, Reader] = {
    "id": reading.matching(r"[a-z0-9][a-z0-9.-]*+", "identifier"),
    "kind": reading.one_of(*KINDS),
    "lang": reading.one_of("fr", "en"),
    "level": reading.one_of(*Level),
    "scope": reading.one_of(*Scope),
    "message": sentence,
    "source": reading.text,
    "needs": reading.list_of(reading.exact, alone=True),
    "wrong": _wrong,
    "right": reading.list_of(_visible, alone=True),
}
_FLAGS: dict[str, Reader] = {"ignore_case": reading.flag}


def _fields(pattern: Reader) -> dict[str, tuple[dict[str, Reader], tuple[str, ...]]]:
    """What each kind has beside the common fields, and which of it must be there."""
    to = reading.list_of(_visible, least=1, alone=True)
    words = reading.list_of(reading.text, alone=True)
    return {
        "avoid": ({"pattern": pattern, "words": words, "unless": words, **_FLAGS}, ()),
        "replace": (
            {
                "pattern": pattern,
                "words": words,
                "to": to,
                "case": reading.one_of("keep", "lower"),
                "unless": words,
                **_FLAGS,
            },
            ("to",),
        ),
        "space": ({"after": pattern, "before": pattern, "put": _visible, "at": pattern}, ("after", "before", "put")),
        "require": ({"pattern": pattern, "when": pattern, "add": _visible, **_FLAGS}, ("pattern",)),
        "limit": (
            {"pattern": pattern, "maximum": reading.whole, "minimum": reading.whole, "once": reading.flag, **_FLAGS},
            ("pattern",),
        ),
        "measure": (
            {"measure": reading.one_of(*MEASURES), "minimum": reading.number, "maximum": reading.number},
            ("measure",),
        ),
        "code": ({"function": reading.one_of(*CODE)}, ("function",)),
        "repeat": (
            {"pattern": pattern, "maximum": reading.whole, "letters": reading.flag, "unless": words, **_FLAGS},
            ("pattern",),
        ),
        "agree": ({"either": pattern, "other": pattern, **_FLAGS}, ("either", "other")),
        "explain": ({"first": pattern, "second": pattern, "unless": words, **_FLAGS}, ("first", "second")),
        "case": (
            {"case": reading.one_of(*CASES), "pattern": pattern, "unless": words, "share": reading.number},
            (),
        ),
        "score": ({"formula": reading.text, "condition": reading.text}, ("formula", "condition")),
        "spell": ({"words": words}, ()),
        "inclusive": ({"form": reading.one_of(*FORMS)}, ("form",)),
    }


def rule(node: Node, sink: Sink, *, parts: Mapping[str, str], trusted: bool = False) -> Rule | None:
    """One rule from its node. `trusted` patterns are this package's own: no look for danger, no time-out."""
    pattern = partial(_pattern, parts=parts, trusted=trusted)
    kind = reading.entry(node, "kind")
    own, required = _fields(pattern).get(kind, ({}, ()))
    if kind in KINDS or not isinstance(node, yaml.MappingNode):
        fields, before = {**_COMMON, **own}, len(sink)
        found = reading.table(fields, ("id", "kind", "message", *required))(node, sink)
    else:  # which fields it may have can't be known: say only what is wrong with the kind
        before, found = len(sink), None
        value = next((v for k, v in node.value if k.value == "kind"), None)
        if value is None:
            sink.at(node, "missing", "choice", key="kind", choices=", ".join(KINDS))
        else:
            _COMMON["kind"](value, sink)
    if found is None or len(sink) > before:
        return None
    return _build(node, found, sink, None if trusted else TIMEOUT_S)


def rules_of(node: Node, sink: Sink, *, style: str = "") -> tuple[Rule, ...]:
    """A charter's rule; with `extends`, one of Vale's, which may be several of ours. `style` names one without an `id`."""
    if isinstance(node, yaml.MappingNode) and any(key.value == "extends" for key, _ in node.value):
        id = style or reading.entry(node, "id")
        if not id:
            sink.at(node, "missing", "identifier", key="id")
        return vale.rules(node, sink, id=id)
    mine = rule(node, sink, parts={})
    return () if mine is None else (mine,)


def _pattern(node: Node, sink: Sink, *, parts: Mapping[str, str], trusted: bool) -> str | None:
    if isinstance(node, yaml.ScalarNode) and parts:
        value = regex.sub(r"\{\{(\w+)\}\}", lambda m: parts.get(m[1], m[0]), node.value)
        node = yaml.ScalarNode(node.tag, value, node.start_mark, node.end_mark, node.style)
    return reading.text(node, sink) if trusted else reading.pattern(node, sink)


def word_pattern(words: tuple[str, ...]) -> str:
    """Whole words, with either apostrophe and any run of spaces; the longest first."""
    return r"(?<![\p{L}\p{N}])(?:" + "|".join(map(_loose, sorted(words, key=len, reverse=True))) + r")(?![\p{L}\p{N}])"


_WORD = regex.compile(r"[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a name, whole, and each part of those with a hyphen or an apostrophe."""
    whole = _WORD.findall(text)
    return (*whole, *(part for word in whole for part in regex.split("['’-]", word)))


def _loose(word: str) -> str:
    escaped = regex.escape(word.strip(), special_only=True, literal_spaces=True)
    return _SPACES.sub(r"[ \\u00a0\\u202f]++", regex.sub("['’]", "['’]", escaped))


def spelling_pattern(name: str) -> str:
    """The same letters with other hyphens, spaces, apostrophes or accents."""
    out = []
    for char in name:
        base = unicodedata.normalize("NFD", char)[0]
        if char in " -‑\u00a0":
            out.append(r"[ \u00a0\u202f-]?")
        elif char in "'’":
            out.append("['’ ]?")
        else:
            out.append(f"[{base}{char}]" if base != char else regex.escape(char))
    return r"(?<![\p{L}\p{N}])" + "".join(out) + r"(?![\p{L}\p{N}])"


def _build(node: Node, found: dict[str, Any], sink: Sink, timeout_s: float | None) -> Rule | None:
    kind = KINDS[found.pop("kind")]
    flags = regex.IGNORECASE if (small := found.pop("ignore_case", False)) else 0
    words = found.pop("words", ())
    if kind is Spell:
        found["known"] = frozenset(map(kinds.plain, words))
    elif words and "pattern" not in found:
        found["pattern"], flags = word_pattern(words), regex.IGNORECASE
    if needed := _lacking(kind, found):
        sink.at(node, "missing", "", key=needed)
        return None
    if kind is not kinds.Space:
        for name in _PATTERNS:
            if name in found:
                found[name] = regex.compile(found[name], regex.MULTILINE | flags)
                found["timeout_s"] = timeout_s
    if "unless" in found:
        found["unless"] = regex.compile(word_pattern(found["unless"]), regex.IGNORECASE) if found["unless"] else None
    if kind is Repeat:
        found["ignore_case"] = small
    for name, enum in (("level", Level), ("scope", Scope)):
        if name in found:
            found[name] = enum(found[name])
    if kind is kinds.Replace and not _expands(node, found, sink):
        return None
    if kind is Score and not _computes(node, found, sink):
        return None
    return kind(**found)


def _lacking(kind: type[Rule], found: Mapping[str, Any]) -> str:
    """A key of which the kind needs one or the other."""
    if kind in (kinds.Avoid, kinds.Replace) and "pattern" not in found:
        return "pattern"
    if kind is kinds.Limit and not {"maximum", "minimum"} & set(found):
        return "maximum"
    return "case" if kind is Case and not {"case", "pattern"} & set(found) else ""


def _computes(node: Node, found: Mapping[str, Any], sink: Sink) -> bool:
    """Can formula and condition be worked out, of the figures that there are?"""
    ones = dict.fromkeys(FIGURES, 1.0)
    try:
        evaluate(f"{evaluate(found['formula'], ones)!r} {found['condition']}", ones)
    except ValueError as error:
        sink.at(node, "formula", "formula", found=found["formula"], detail=str(error), figures=", ".join(FIGURES))
        return False
    return True


def _expands(node: Node, found: dict[str, Any], sink: Sink) -> bool:
    """Do the replacement's groups exist?"""
    highest = found["pattern"].groups
    for to in found["to"]:
        if any(int(ref) > highest for ref in regex.findall(r"\\(\d+)", to)):
            sink.at(node, "group", "", found=to)
            return False
    return True


def load(text: str, file: str, *, trusted: bool = False) -> tuple[Rule, ...]:
    """A file with `parts` and `rules`. Raises RuleError with every problem."""
    sink = Sink(file)
    root = reading.compose(text, sink)
    rules: list[Rule] = []
    if root is not None:
        head = {k: v for k, _, v in reading.entries(root, sink) or []}
        parts = {k: str(v.value) for k, _, v in (reading.entries(head["parts"], sink) or [])} if "parts" in head else {}
        for name in list(parts):
            parts[name] = regex.sub(r"\{\{(\w+)\}\}", lambda m: parts.get(m[1], m[0]), parts[name])
        read = partial(rule, parts=parts, trusted=trusted)
        rules = list(reading.list_of(read)(head["rules"], sink) or ()) if "rules" in head else []
    if sink:
        raise RuleError(list(sink))
    return tuple(rules)


_DEFAULTS = {
    lang: load((_HERE / f"{lang}.yaml").read_text("utf-8"), f"{lang}.yaml", trusted=True) for lang in ("fr", "en")
}


def typography(lang: str) -> tuple[Rule, ...]:
    """The default rules of a language; none for a language that has none."""
    return _DEFAULTS.get(lang, ())
