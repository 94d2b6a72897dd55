"""YAML with a line and a column for everything: what a rule file or a charter says, or why it can't be read.

A *reader* takes a node and a sink for problems and gives a value, or None where it reported one. Small readers make
larger ones; nothing stops at the first problem.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import regex
import yaml

from diffusion.tone.danger import runs_away
from diffusion.tone.words import EXPECTED, PROBLEMS

Node = yaml.Node
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster where libyaml is
Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """What will not load, and where: line and column count from 1. `message` and `expected` are in French unless said otherwise."""

    line: int
    column: int
    code: str
    params: Params = field(default_factory=dict)
    wanted: str = ""
    file: str = ""

    @property
    def message(self) -> str:
        return self.say("fr")

    @property
    def expected(self) -> str:
        return self.expects("fr")

    def say(self, lang: str) -> str:
        return PROBLEMS[self.code]["en" if lang == "en" else "fr"].format(**self.params)

    def expects(self, lang: str) -> str:
        return EXPECTED.get(self.wanted, {}).get("en" if lang == "en" else "fr", "").format(**self.params)

    def line_in(self, lang: str) -> str:
        """`file:line:column: message (expected)`, as editors and compilers write it."""
        expects = self.expects(lang)
        place = f"{self.file}:{self.line}:{self.column}" if self.file else f"{self.line}:{self.column}"
        return f"{place}: {self.say(lang)}" + (f" ({expects})" if expects else "")


class Sink(list[Problem]):
    """Problems so far."""

    def __init__(self, file: str = "") -> None:
        super().__init__()
        self.file = file

    def at(self, node: Node | None, code: str, wanted: str = "", **params: Any) -> None:
        line, column = (node.start_mark.line + 1, node.start_mark.column + 1) if node else (1, 1)
        self.append(Problem(line, column, code, params, wanted, self.file))


Reader = Callable[[Node, Sink], Any]


def compose(text: str, sink: Sink) -> Node | None:
    """The document's root; syntax errors go to the sink."""
    try:
        root: Node | None = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        source = text.splitlines()
        is_tab = bool(0 < line <= len(source) and source[line - 1][: max(column, 1)].strip(" ").startswith("\t"))
        code = "tab" if is_tab else "syntax"
        sink.append(Problem(line, column, code, {"detail": error.problem or ""}, "yaml", sink.file))
        return None
    except (yaml.reader.ReaderError, UnicodeEncodeError) as error:
        at = error.start if isinstance(error, UnicodeEncodeError) else error.position
        before = text[:at]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        sink.append(Problem(line, column, "character", {}, "utf8", sink.file))
        return None
    except RecursionError:
        sink.append(Problem(1, 1, "deep", {}, "yaml", sink.file))
        return None
    return root


_KINDS: dict[type[Node], str] = {yaml.ScalarNode: "text", yaml.SequenceNode: "list", yaml.MappingNode: "table"}


def _scalar(node: Node, sink: Sink, wanted: str) -> str | None:
    if not isinstance(node, yaml.ScalarNode):
        sink.at(node, "type", wanted, found=_kind(node))
        return None
    return str(node.value)


def _kind(node: Node) -> str:
    return next((name for kind, name in _KINDS.items() if isinstance(node, kind)), "?")


def text(node: Node, sink: Sink) -> str | None:
    value = _scalar(node, sink, "text")
    if value is not None and (not value.strip() or node.tag == "tag:yaml.org,2002:null"):
        sink.at(node, "empty", "text")
        return None
    if value is not None and node.tag in ("tag:yaml.org,2002:bool",) and not getattr(node, "style", None):
        sink.at(node, "bool_as_text", "text", value=value)
        return None
    return value


def exact(node: Node, sink: Sink) -> str | None:
    """Text that may be empty or white space."""
    return _scalar(node, sink, "text")


def flag(node: Node, sink: Sink) -> bool | None:
    value = _scalar(node, sink, "flag")
    if value is None:
        return None
    if node.tag != "tag:yaml.org,2002:bool":
        sink.at(node, "type", "flag", found=value)
        return None
    return value.lower() in ("true", "yes", "on")


def number(node: Node, sink: Sink) -> float | None:
    value = _scalar(node, sink, "number")
    if value is None:
        return None
    if node.tag not in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float"):
        sink.at(node, "type", "number", found=value)
        return None
    return float(value.replace("_", ""))


def whole(node: Node, sink: Sink) -> int | None:
    value = _scalar(node, sink, "whole")
    if value is None:
        return None
    if not (value.isascii() and value.isdigit()):
        sink.at(node, "type", "whole", found=value)
        return None
    return int(value)


def day(node: Node, sink: Sink) -> date | None:
    """A day, 2026-03-15."""
    value = _scalar(node, sink, "day")
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        sink.at(node, "day", "day", found=value)
        return None


def one_of(*choices: str) -> Reader:
    def read(node: Node, sink: Sink) -> str | None:
        value = _scalar(node, sink, "choice")
        if value is None or value in choices:
            return value
        sink.at(node, "choice", "choice", found=value, choices=", ".join(choices), **_suggestion(value, choices))
        return None

    return read


def matching(shape: str, code: str) -> Reader:
    """Text of that shape; `code` names the problem and what was expected."""
    compiled = regex.compile(shape)

    def read(node: Node, sink: Sink) -> str | None:
        value = text(node, sink)
        if value is None or compiled.fullmatch(value):
            return value
        sink.at(node, code, code, found=value)
        return None

    return read


def list_of(item: Reader, *, least: int = 0, most: int | None = None, alone: bool = False) -> Reader:
    """A list; `alone` also takes one item without its dash."""

    def read(node: Node, sink: Sink) -> tuple[Any, ...] | None:
        if alone and not isinstance(node, yaml.SequenceNode):
            value = item(node, sink)
            return None if value is None else (value,)
        if not isinstance(node, yaml.SequenceNode):
            sink.at(node, "type", "list", found=_kind(node))
            return None
        if len(node.value) < least or (most is not None and len(node.value) > most):
            sink.at(node, "length", "length", found=len(node.value), least=least, most=most or "∞")
        return tuple(v for v in (item(child, sink) for child in node.value) if v is not None)

    return read


def entry(node: Node | None, key: str) -> str:
    """What a table has at that key, as written; nothing if it has none."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((str(v.value) for k, v in pairs if k.value == key and isinstance(v, yaml.ScalarNode)), "")


def entries(node: Node, sink: Sink) -> list[tuple[str, Node, Node]] | None:
    """A table's (key, key's node, value's node); doubled keys are reported, the first kept."""
    if not isinstance(node, yaml.MappingNode):
        sink.at(node, "type", "table", found=_kind(node))
        return None
    seen: dict[str, int] = {}
    out = []
    for key, value in node.value:
        name = str(key.value)
        if name in seen:
            sink.at(key, "duplicate", "", key=name, first=seen[name])
            continue
        seen[name] = key.start_mark.line + 1
        out.append((name, key, value))
    return out


def table(fields: Mapping[str, Reader], required: tuple[str, ...] = ()) -> Reader:
    def read(node: Node, sink: Sink) -> dict[str, Any] | None:
        found = entries(node, sink)
        if found is None:
            return None
        out: dict[str, Any] = {}
        for name, key, value in found:
            if name not in fields:
                sink.at(key, "unknown", "keys", key=name, keys=", ".join(fields), **_suggestion(name, tuple(fields)))
            elif (result := fields[name](value, sink)) is not None:
                out[name] = result
        present = {name for name, _, _ in found}
        for name in required:
            if name not in present:
                sink.at(node, "missing", "", key=name)
        return out

    return read


def _suggestion(name: str, choices: tuple[str, ...]) -> dict[str, str]:
    near = difflib.get_close_matches(name, choices, 1, 0.6)
    return (
        {"hint_fr": f" Vouliez-vous dire « {near[0]} » ?", "hint_en": f" Did you mean “{near[0]}”?"}
        if near
        else {
            "hint_fr": "",
            "hint_en": "",
        }
    )


def pattern(node: Node, sink: Sink) -> str | None:
    """A regular expression (of the `regex` package) that compiles and can't backtrack for ever."""
    value = text(node, sink)
    if value is None:
        return None
    try:
        regex.compile(value)
    except regex.error as error:
        column = (
            (getattr(error, "pos", 0) or 0) + node.start_mark.column + 1 + (getattr(node, "style", None) in ("'", '"'))
        )
        line = node.start_mark.line + 1
        sink.append(Problem(line, column, "pattern", {"found": value, "detail": str(error)}, "pattern", sink.file))
        return None
    if why := runs_away(value):
        sink.at(node, "runs_away", "pattern", found=value, part=why)
        return None
    return value
