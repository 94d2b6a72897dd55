"""A charter file → tone rules; or every reason why it will not load, with line and column. Pure.

The file is YAML: `name`, `lang`, two `colours`, `names` (spelt one way), `vocabulary` (say, not), `forbidden`, `levels`
(internal, partners, public: mention, signature, hashtags, address), `rules` of the tone's own kinds or of Vale's, ready
lists to `take` and rules of them to do `without`, `severity` by rule, and the charter's choices: `address`, `inclusive`,
`spelling`, `words` that are known, `elections`, `elected`. `charters/` has five, `lists/` the ready lists.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import regex
import yaml

from diffusion.brand.reserve import Election
from diffusion.brand.voice import Charter, LevelVoice
from diffusion.brand.wording import Forbidden, Name, Word, worded
from diffusion.tone import load as tone
from diffusion.tone import reading
from diffusion.tone.engine import unproved
from diffusion.tone.inclusive import FORMS
from diffusion.tone.kinds import plain
from diffusion.tone.reading import Node, Problem, Reader, Sink
from diffusion.tone.rule import Level, Rule

__all__ = ["Charter", "CharterError", "LevelVoice", "load", "read", "ready"]
LEVELS = ("internal", "partners", "public")


class CharterError(ValueError):
    """The charter will not load; the one in force stays. `problems` has all of them, by line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda p: (p.line, p.column))
        super().__init__(self.say("en"))

    def say(self, lang: str) -> str:
        """One problem a line: `file:line:column: message (what was expected)`."""
        return "\n".join(problem.line_in(lang) for problem in self.problems)


def load(text: str, *, file: str = "", list_: str = "") -> Charter:
    """Read a charter, or a ready list of that name. Raises CharterError with all that is wrong in it."""
    sink = Sink(file)
    root = reading.compose(text, sink)
    found: Mapping[str, Any] = {}
    if root is not None:
        found = _FILE(root, sink) or {}
        _consistent(root, found.get("vocabulary", ()), sink)
    elif not sink:
        sink.at(None, "nothing", "yaml")
    if sink:
        raise CharterError(list(sink))
    values = dict(found)
    values["own"] = values.pop("rules", ())
    bare = Charter(**values)
    rules = worded(bare.names, bare.vocabulary, bare.forbidden, bare.lang, list_=list_, source=bare.source)
    return replace(bare, worded=rules, lists={name: ready(name) for name in READY if name in _needed(bare)})


def _needed(bare: Charter) -> frozenset[str]:
    addressed = {bare.address, *(voice.address for voice in bare.levels.values())} - {""}
    reserve = {"fr.reserve", "en.reserve"} if bare.elections else set()
    return frozenset({*bare.take, *reserve, *(f"fr.{address}" for address in addressed)})


_HERE = Path(__file__).parent / "lists"
READY = tuple(sorted(path.stem for path in _HERE.glob("*.yaml")))
"""The ready lists, each a charter file of words and rules: `fr.plain`."""
_BY_CHOICE = frozenset(("fr.vous", "fr.tu", "fr.reserve", "en.reserve"))
"""Those that a charter's `address` and `elections` take."""


@functools.cache
def ready(name: str) -> tuple[Rule, ...]:
    """A ready list's rules."""
    loaded = load((_HERE / f"{name}.yaml").read_text("utf-8"), file=f"{name}.yaml", list_=name)
    return tuple(replace(rule, lang=rule.lang or name[:2]) for rule in (*loaded.worded, *loaded.own))


def read(data: bytes, *, file: str = "") -> Charter:
    """Read a charter from a file's bytes, UTF-8 with or without a byte order mark."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        byte = {"byte": f"0x{data[error.start]:02x}"}
        raise CharterError([Problem(line, column, "encoding", byte, "utf8", file)]) from error
    return load(text, file=file)


# --- the file ---

_sentence = tone.sentence
_words = reading.list_of(reading.text, least=1, alone=True)
_lang = reading.one_of("fr", "en")


def _made(make: Callable[..., Any], fields: Mapping[str, Reader], required: tuple[str, ...]) -> Reader:
    """A table's fields, made into a value; nothing if one of them was wrong."""
    table = reading.table(fields, required)

    def read(node: Node, sink: Sink) -> Any:
        before = len(sink)
        found = table(node, sink)
        return make(**found) if found is not None and len(sink) == before else None

    return read


def _typeset(node: Node, sink: Sink) -> str | None:
    """Text to be written out: its apostrophes as typography wants them."""
    value = reading.text(node, sink)
    return None if value is None else regex.sub(r"(?<=\p{L})'(?=\p{L})", "’", value)


def _name(node: Node, sink: Sink) -> Name | None:
    if isinstance(node, yaml.ScalarNode):
        written = _typeset(node, sink)
        return None if written is None else Name(written)
    entry: Name | None = _made(_renamed(Name), {"write": _typeset, "not": _words, "apply": reading.flag}, ("write",))(
        node, sink
    )
    return entry


def _renamed(make: Callable[..., Any]) -> Callable[..., Any]:
    """`not`, the file's word, can't be a parameter's name."""

    def build(**found: Any) -> Any:
        if "not" in found:
            found["instead_of"] = found.pop("not")
        return make(**found)

    return build


def _word(node: Node, sink: Sink) -> Word | None:
    fields = {
        "say": reading.list_of(_typeset, least=1, alone=True),
        "not": _words,
        "why": _sentence,
        "apply": reading.flag,
        "lang": _lang,
    }
    word: Word | None = _made(_renamed(Word), fields, ("say", "not"))(node, sink)
    if word and len(word.say) not in (1, len(word.instead_of)):
        sink.at(node, "parallel", "", say=len(word.say), instead=len(word.instead_of))
        return None
    return word


def _forbidden(node: Node, sink: Sink) -> Forbidden | None:
    levels = reading.one_of(Level.PROPOSED, Level.BLOCKS)
    fields = {"words": _words, "message": _sentence, "level": levels, "lang": _lang, "right": _words}
    found: Forbidden | None = _made(_levelled, fields, ("words", "message"))(node, sink)
    return found


def _levelled(**found: Any) -> Forbidden:
    return Forbidden(**{**found, "level": Level(found.get("level", Level.BLOCKS))})


def _rules(node: Node, sink: Sink) -> tuple[Rule, ...] | None:
    found = reading.list_of(tone.rules_of)(node, sink)
    rules = tuple(rule for each in found or () for rule in each)
    places = {reading.entry(child, "id"): child for child in _children(node)}
    for rule in rules:
        for text, got in unproved(rule):
            sink.at(places.get(rule.id, node), "example", "", rule=rule.id, text=text, got=got)
    return rules


def _colours(node: Node, sink: Sink) -> tuple[str, ...] | None:
    colour = reading.matching(r"#[0-9a-fA-F]{6}", "colour")
    found: tuple[str, ...] | None = reading.list_of(colour, least=2, most=2)(node, sink)
    return found


def _listed(node: Node, sink: Sink) -> str | None:
    name: str | None = reading.one_of(*(name for name in READY if name not in _BY_CHOICE))(node, sink)
    return name


def _ids(node: Node, sink: Sink) -> frozenset[str] | None:
    found = reading.list_of(reading.text, alone=True)(node, sink)
    return None if found is None else frozenset(found)


def _severity(node: Node, sink: Sink) -> Mapping[str, Level] | None:
    """A table: a rule's id → what it asks for."""
    read = reading.one_of(Level.PROPOSED, Level.BLOCKS)
    pairs = [(key, read(value, sink)) for key, _, value in reading.entries(node, sink) or []]
    return {key: Level(value) for key, value in pairs if value}


def _election(node: Node, sink: Sink) -> Election | None:
    fields = {"name": reading.text, "day": reading.day, "until": reading.day, "since": reading.day}
    found: Election | None = _made(Election, fields, ("name", "day"))(node, sink)
    return found


_hashtags = reading.list_of(reading.matching(r"#[\p{L}\p{N}_]*[\p{L}_][\p{L}\p{N}_]*+", "hashtag"), alone=True)
_address = reading.one_of("vous", "tu")
_voice = _made(
    LevelVoice,
    {"mention": reading.text, "signature": reading.text, "hashtags": _hashtags, "address": _address},
    (),
)
_FILE = reading.table(
    {
        "name": reading.text,
        "lang": _lang,
        "source": reading.text,
        "colours": _colours,
        "names": reading.list_of(_name),
        "vocabulary": reading.list_of(_word),
        "forbidden": reading.list_of(_forbidden),
        "levels": reading.table(dict.fromkeys(LEVELS, _voice)),
        "rules": _rules,
        "take": reading.list_of(_listed, alone=True),
        "without": _ids,
        "severity": _severity,
        "address": _address,
        "inclusive": reading.one_of(*FORMS),
        "spelling": reading.flag,
        "words": _words,
        "elections": reading.list_of(_election),
        "elected": _words,
    },
    ("name",),
)


def _consistent(root: Node, words: tuple[Word, ...], sink: Sink) -> None:
    """No word has two instructions, and none is both said and not said: applying would never come to rest."""
    places = dict(_not_nodes(root))
    first: dict[str, int] = {}
    for node, word in places.items():
        if plain(word) in first:
            sink.at(node, "repeated", "", found=word, first=first[plain(word)])
        first.setdefault(plain(word), node.start_mark.line + 1)
    for entry in words:
        for said in entry.say:
            for node, word in places.items():
                mine = word in entry.instead_of
                if not mine and regex.search(tone.word_pattern((word,)), said, regex.IGNORECASE):
                    sink.at(node, "circular", "", found=word, said=said)


def _not_nodes(root: Node) -> list[tuple[Node, str]]:
    """Every word under `vocabulary` that is not to be said, with its node."""
    out: list[tuple[Node, str]] = []
    for entry in _children(_value(root, "vocabulary")):
        listed = _value(entry, "not")
        for node in _children(listed) or ([listed] if listed else []):
            if isinstance(node, yaml.ScalarNode):
                out.append((node, str(node.value)))
    return out


def _value(node: Node | None, key: str) -> Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for k, value in pairs if k.value == key), None)


def _children(node: Node | None) -> list[Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []
