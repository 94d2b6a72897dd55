"""A charter file → tone rules; or every reason why it will not load, with line and column. Pure.

The file is YAML: `name`, `lang`, two `colours`, `names` (spelt one way), `vocabulary` (say, not), `forbidden`, `levels`
(internal, partners, public: mention, signature, hashtags), and `rules` of the tone's own kinds. `charters/` has two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import regex
import yaml

from diffusion.tone import load as tone
from diffusion.tone import reading
from diffusion.tone.engine import unproved
from diffusion.tone.kinds import Avoid, Replace, Require, plain
from diffusion.tone.reading import Node, Problem, Reader, Sink
from diffusion.tone.rule import Level, Rule

LEVELS = ("internal", "partners", "public")


class CharterError(ValueError):
    """The charter will not load; the one in force stays. `problems` has all of them, by line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda p: (p.line, p.column))
        super().__init__(self.say("en"))

    def say(self, lang: str) -> str:
        """One problem a line: `file:line:column: message (what was expected)`."""
        return "\n".join(problem.line_in(lang) for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Word:
    """Say `say` (one, or one for each of `instead_of`). With `apply` it is done without asking."""

    say: tuple[str, ...]
    instead_of: tuple[str, ...]
    why: Mapping[str, str] = field(default_factory=dict)
    apply: bool = False
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Words not to publish, and what to do about it."""

    words: tuple[str, ...]
    message: Mapping[str, str]
    level: Level = Level.BLOCKS
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is written, always; `instead_of` are other words for the same."""

    write: str
    instead_of: tuple[str, ...] = ()
    apply: bool = False


@dataclass(frozen=True, slots=True)
class LevelVoice:
    """What one level's versions carry: a sentence that must be in them, how they are signed, their hashtags."""

    mention: str = ""
    signature: str = ""
    hashtags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Charter:
    """A brand's identity and the rules of its tone. Without a file: typography, and no words of its own."""

    name: str = ""
    lang: str = "fr"
    colours: tuple[str, ...] = ()
    names: tuple[Name, ...] = ()
    vocabulary: tuple[Word, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    levels: Mapping[str, LevelVoice] = field(default_factory=dict)
    own: tuple[Rule, ...] = ()
    worded: tuple[Rule, ...] = field(default=(), repr=False)

    def rules(self, lang: str, level: str = "") -> tuple[Rule, ...]:
        """The charter's rules in that language, then its typography; with a level, also what that level requires."""
        voice = self.levels.get(level, LevelVoice())
        required = (_mention(level, voice.mention),) if voice.mention else ()
        mine = tuple(rule for rule in (*self.worded, *self.own) if rule.lang in ("", lang))
        return mine + required + tone.typography(lang)


def load(text: str, *, file: str = "") -> Charter:
    """Read a charter. Raises CharterError with all that is wrong in it."""
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
    charter = Charter(**values)
    return _with_words(charter)


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
    fields = {"words": _words, "message": _sentence, "level": levels, "lang": _lang}
    found: Forbidden | None = _made(_levelled, fields, ("words", "message"))(node, sink)
    return found


def _levelled(**found: Any) -> Forbidden:
    return Forbidden(**{**found, "level": Level(found.get("level", Level.BLOCKS))})


def _rule(node: Node, sink: Sink) -> Rule | None:
    rule = tone.rule(node, sink, parts={})
    if rule is None:
        return None
    for text, got in unproved(rule):
        sink.at(node, "example", "", rule=rule.id, text=text, got=got)
    return rule


def _colours(node: Node, sink: Sink) -> tuple[str, ...] | None:
    colour = reading.matching(r"#[0-9a-fA-F]{6}", "colour")
    found: tuple[str, ...] | None = reading.list_of(colour, least=2, most=2)(node, sink)
    return found


_hashtags = reading.list_of(reading.matching(r"#[\p{L}\p{N}_]*[\p{L}_][\p{L}\p{N}_]*+", "hashtag"), alone=True)
_voice = _made(LevelVoice, {"mention": reading.text, "signature": reading.text, "hashtags": _hashtags}, ())
_FILE = reading.table(
    {
        "name": reading.text,
        "lang": _lang,
        "colours": _colours,
        "names": reading.list_of(_name),
        "vocabulary": reading.list_of(_word),
        "forbidden": reading.list_of(_forbidden),
        "levels": reading.table(dict.fromkeys(LEVELS, _voice)),
        "rules": reading.list_of(_rule),
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


# --- its rules ---


def _with_words(charter: Charter) -> Charter:
    rules: list[Rule] = [_spelling(number, name) for number, name in enumerate(charter.names, 1)]
    rules += [_naming(number, name) for number, name in enumerate(charter.names, 1) if name.instead_of]
    rules += [_saying(number, word, charter.lang) for number, word in enumerate(charter.vocabulary, 1)]
    rules += [_forbidding(number, entry, charter.lang) for number, entry in enumerate(charter.forbidden, 1)]
    values = {name: getattr(charter, name) for name in Charter.__slots__ if name != "worded"}
    return Charter(**values, worded=tuple(rules))


def _level(apply: bool) -> Level:
    return Level.FIXED if apply else Level.PROPOSED


_one_way = {"fr": "Ce nom s’écrit « {0} ».", "en": "This name is written “{0}”."}
_rather = {"fr": "La charte dit « {0} ».", "en": "The charter says “{0}”."}
_carry = {"fr": "La mention « {0} » manque.", "en": "The mention “{0}” is missing."}


def _filled(sentences: Mapping[str, str], value: str) -> dict[str, str]:
    return {lang: sentence.format(value) for lang, sentence in sentences.items()}


def _spelling(number: int, name: Name) -> Rule:
    """Other capitals, hyphens, apostrophes and accents of the same letters. Its own lower case at the head is a common noun."""
    return Replace(
        id=f"name.{number}.spelling",
        level=_level(name.apply),
        message=_filled(_one_way, name.write),
        pattern=regex.compile(tone.spelling_pattern(name.write), regex.IGNORECASE),
        words={"": name.write},
        case="name",
        timeout_s=tone.TIMEOUT_S,
    )


def _naming(number: int, name: Name) -> Rule:
    return Replace(
        id=f"name.{number}",
        level=_level(name.apply),
        message=_filled(_one_way, name.write),
        needs=tuple(plain(word) for word in name.instead_of),
        pattern=regex.compile(tone.word_pattern(name.instead_of), regex.IGNORECASE),
        words={"": name.write},
        timeout_s=tone.TIMEOUT_S,
    )


def _saying(number: int, word: Word, lang: str) -> Rule:
    says = word.say * len(word.instead_of) if len(word.say) == 1 else word.say
    return Replace(
        id=f"vocabulary.{number}",
        lang=word.lang or lang,
        level=_level(word.apply),
        message=word.why or _filled(_rather, word.say[0]),
        needs=tuple(plain(each) for each in word.instead_of),
        pattern=regex.compile(tone.word_pattern(word.instead_of), regex.IGNORECASE),
        words={plain(old): new for old, new in zip(word.instead_of, says, strict=True)},
        case="keep",
        listed=frozenset(word.instead_of),
        timeout_s=tone.TIMEOUT_S,
    )


def _forbidding(number: int, entry: Forbidden, lang: str) -> Rule:
    return Avoid(
        id=f"forbidden.{number}",
        lang=entry.lang or lang,
        level=entry.level,
        message=entry.message,
        needs=tuple(plain(word) for word in entry.words),
        pattern=regex.compile(tone.word_pattern(entry.words), regex.IGNORECASE),
        timeout_s=tone.TIMEOUT_S,
    )


def _mention(level: str, mention: str) -> Rule:
    return Require(
        id=f"mention.{level}",
        message=_filled(_carry, mention),
        pattern=regex.compile(tone.word_pattern((mention,)), regex.IGNORECASE),
        add=mention,
    )
