"""A charter's words → tone rules: names spelt one way, what to say instead, what not to say, what a level requires. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import regex

from diffusion.tone import load as tone
from diffusion.tone.kinds import Avoid, Replace, Require, plain
from diffusion.tone.rule import Example, Level, Rule


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
    right: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is written, always; `instead_of` are other words for the same."""

    write: str
    instead_of: tuple[str, ...] = ()
    apply: bool = False


def worded(
    names: tuple[Name, ...],
    vocabulary: tuple[Word, ...],
    forbidden: tuple[Forbidden, ...],
    lang: str,
    *,
    list_: str = "",
    source: str = "",
) -> tuple[Rule, ...]:
    """The rules of a charter's words, in its order: names, vocabulary, what is forbidden. `lang` is that of words without their own.

    In a ready list, a rule is named by the list and its first word, so that a charter can do without it.
    """
    rules: list[Rule] = [_spelling(number, name) for number, name in enumerate(names, 1)]
    rules += [_naming(number, name) for number, name in enumerate(names, 1) if name.instead_of]
    words = [(_id(list_, "vocabulary", number, word.instead_of), word) for number, word in enumerate(vocabulary, 1)]
    rules += [_saying(id, word, lang) for id, word in words]
    avoided = [(_id(list_, "forbidden", number, entry.words), entry) for number, entry in enumerate(forbidden, 1)]
    rules += [_forbidding(id, entry, lang) for id, entry in avoided]
    return tuple(replace(rule, source=source) for rule in rules) if source else tuple(rules)


def _id(list_: str, section: str, number: int, words: tuple[str, ...]) -> str:
    if not list_:
        return f"{section}.{number}"
    bare = "".join(c for c in unicodedata.normalize("NFD", words[0].lower()) if not unicodedata.combining(c))
    return f"{list_}.{regex.sub('[^a-z0-9]+', '-', bare).strip('-')}"


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
        right=(name.write,),
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
        wrong=tuple(Example(each) for each in name.instead_of),
        right=(name.write,),
        timeout_s=tone.TIMEOUT_S,
    )


def _saying(id: str, word: Word, lang: str) -> Rule:
    says = word.say * len(word.instead_of) if len(word.say) == 1 else word.say
    return Replace(
        id=id,
        wrong=tuple(Example(each) for each in word.instead_of),
        right=tuple(dict.fromkeys(says)),
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


def _forbidding(id: str, entry: Forbidden, lang: str) -> Rule:
    return Avoid(
        id=id,
        wrong=tuple(Example(each) for each in entry.words),
        right=entry.right,
        lang=entry.lang or lang,
        level=entry.level,
        message=entry.message,
        needs=tuple(plain(word) for word in entry.words),
        pattern=regex.compile(tone.word_pattern(entry.words), regex.IGNORECASE),
        timeout_s=tone.TIMEOUT_S,
    )


def mention(level: str, wanted: str) -> Rule:
    """What a level's versions must carry."""
    return Require(
        id=f"mention.{level}",
        message=_filled(_carry, wanted),
        pattern=regex.compile(tone.word_pattern((wanted,)), regex.IGNORECASE),
        add=wanted,
        wrong=(Example("…"),),
        right=(wanted,),
    )
