"""Other people's rules → a charter of ours: a Vale style as it was published, or a table of words to say and not to say. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

import regex
import yaml

from diffusion.tone import reading, vale
from diffusion.tone.reading import Problem, Sink
from diffusion.tone.rule import Rule

SAY = (
    "say",
    "use",
    "write",
    "prefer",
    "preferred",
    "dire",
    "à dire",
    "on dit",
    "préférer",
    "écrire",
    "plutôt",
    "recommandé",
)
NOT = (
    "not", "don't say", "dont say", "do not say", "avoid", "instead of", "word", "term", "ne pas dire", "à éviter", "éviter",
    "au lieu de", "on ne dit pas", "mot", "terme", "jargon",
)  # fmt: skip
WHY = ("why", "reason", "note", "pourquoi", "raison", "remarque", "explication")


@dataclass(frozen=True, slots=True)
class Taken:
    """`charter` is a file to put in force; `left` is what could not be taken, `remarks` what was left aside of what was."""

    charter: str
    rules: tuple[Rule, ...]
    left: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()


def style(name: str, files: Mapping[str, str], *, lang: str = "en") -> Taken:
    """A Vale style: its files' paths, and what they hold. Each rule that is taken stands in the charter word for word."""
    rules: list[Rule] = []
    left: list[Problem] = []
    remarks: list[Problem] = []
    lines = [f"name: {quoted(name)}", f"lang: {lang}", "rules:"]
    for path, text in sorted(files.items()):
        sink, aside = Sink(path), Sink(path)
        root = reading.compose(text, sink)
        id = f"{name}.{regex.sub(r'[.]ya?ml$', '', path.rpartition('/')[2])}"
        made = vale.rules(root, sink, id=id, remarks=aside) if root is not None else ()
        if root is None and not sink:
            sink.at(None, "nothing", "yaml")
        left += sink
        if made and not sink:
            rules += made
            remarks += aside
            lines += [f"  - id: {quoted(id)}", *_indented(text)]
    if len(lines) == 3:
        lines[2] = "rules: []"
    return Taken("\n".join(lines) + "\n", tuple(rules), tuple(left), tuple(remarks))


def _indented(text: str) -> list[str]:
    """A table's lines, further in; one that stands in brackets, or further in already, is written anew."""
    lines = [line.rstrip("\r") for line in text.removeprefix("\ufeff").split("\n")]
    kept = [line for line in lines if not regex.fullmatch(r"(?:---|\.\.\.|%.*)[ \t]*(?:#.*)?", line)]
    first = next((line for line in kept if line.strip() and not line.startswith("#")), "")
    if not regex.match(r"[A-Za-z]\w*\s*:", first):
        kept = yaml.safe_dump(yaml.safe_load(text), allow_unicode=True, sort_keys=False).split("\n")
    return ["    " + line if line.strip() else "" for line in kept]


def quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def vocabulary(name: str, text: str, *, file: str = "", lang: str = "fr") -> Taken:
    """A table with a line of headings: what to say, what not to, and why. « , », « ; » or a tab between columns."""
    sink = Sink(file)
    mark = max(",;\t", key=text.partition("\n")[0].count)
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=mark))
    head = [regex.sub("’", "'", cell.strip().casefold()) for cell in rows[0]] if rows else []
    say, avoid, why = (next((head.index(word) for word in words if word in head), None) for words in (SAY, NOT, WHY))
    if say is None or avoid is None:
        sink.append(Problem(1, 1, "column", {}, "columns", file))
        return Taken("", (), tuple(sink))
    entries: dict[str, tuple[list[str], str]] = {}
    line = 1
    for row in rows[1:]:
        line += 1
        cells = [cell.strip() for cell in (*row, *[""] * len(head))]
        if not any(cells):
            continue
        if not cells[say] or not cells[avoid]:
            sink.append(Problem(line, 1, "empty", {}, "text", file))
            continue
        words, _ = entries.setdefault(cells[say], ([], cells[why] if why is not None else ""))
        words += [
            word.strip() for word in regex.split(r"[|/]", cells[avoid]) if word.strip() and word.strip() not in words
        ]
        line += sum(cell.count("\n") for cell in row)
    listed = [
        {"say": said, "not": words} | ({"why": reason} if reason else {}) for said, (words, reason) in entries.items()
    ]
    made = yaml.safe_dump(
        {"name": name, "lang": lang, "vocabulary": listed}, allow_unicode=True, sort_keys=False, width=110
    )
    return Taken(made, (), tuple(sink))
