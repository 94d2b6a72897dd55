"""The grid facts × accounts: what the message states, and how each account's version carries it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from diffusion.facts import Fact, extract
from diffusion.message.models import Message
from diffusion.rendition.guard import stated
from diffusion.rendition.headline import default_essential
from diffusion.rendition.markdown import to_text
from diffusion.rendition.models import Version
from diffusion.rendition.statement import Pair, Statement

KINDS: dict[str, Any] = {
    "date": _("Date"), "recurrence": _("Jours"), "time": _("Heures"), "duration": _("Durée"), "amount": _("Prix"),
    "percent": _("Pourcentage"), "number": _("Nombre"), "phone": _("Téléphone"), "url": _("Adresse web"),
    "email": _("Courriel"), "place": _("Lieu"), "status": _("État"), "audience": _("Pour qui"), "name": _("Nom"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mark:
    """A fact where it stands in a text, for underlining it."""

    start: int
    end: int
    is_essential: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """How one version carries one fact: present, omitted, missing, contradicted, or apart (another level's own)."""

    version: Version
    how: str


@dataclass(frozen=True, slots=True)
class Row:
    """One fact of the message. `level` is set where only that level's addition states it. `key` names it in a form."""

    kind: str
    value: str
    text: str
    is_essential: bool
    level: str
    cells: tuple[Cell, ...]

    @property
    def key(self) -> str:
        return f"{self.kind}|{self.value}"

    @property
    def word(self) -> Any:
        return KINDS.get(self.kind, self.kind)


def paper(text: str, essential: Iterable[Pair], *, lang: str, published: date) -> tuple[str, tuple[Mark, ...]]:
    """A body as plain text, and where its facts stand in it."""
    plain, chosen = to_text(text), set(essential)
    facts = extract(plain, lang, published).facts
    return plain, tuple(Mark(f.start, f.end, (f.kind, f.value) in chosen) for f in facts)


def essentials(statement: Statement, levels: Iterable[str], published: date) -> set[Pair]:
    """The pairs that must reach every version: chosen by a person, else those of the headline at each level."""
    if statement.essential is not None:
        return set(statement.essential)
    texts = {statement.text_for(level) for level in levels} or {statement.text_for("")}
    return {pair for text in texts for pair in default_essential(text, lang=statement.language, published=published)}


def grid(message: Message, statement: Statement, versions: Iterable[Version], published: date) -> list[Row]:
    """A row a fact, each value once, in the order of the message; what a level adds comes last."""
    shown = list(versions)
    said = {version.pk: _said(version, statement.language, published) for version in shown}
    chosen = essentials(statement, message.levels, published)
    rows = []
    for (kind, value), (fact, level) in _facts(statement, published).items():
        cells = tuple(_cell(version, fact, level, (kind, value) in chosen, said[version.pk]) for version in shown)
        rows.append(Row(kind, value, fact.text, (kind, value) in chosen, level, cells))
    return rows


def _facts(statement: Statement, published: date) -> dict[Pair, tuple[Fact, str]]:
    texts = [(f"{statement.title_text}\n\n{to_text(statement.body)}", "")]
    texts += [(to_text(text), level) for level, text in statement.additions.items()]
    found: dict[Pair, tuple[Fact, str]] = {}
    for text, level in texts:
        for fact in extract(text, statement.language, published).facts:
            found.setdefault((fact.kind, fact.value), (fact, level))
    return found


def _said(version: Version, lang: str, published: date) -> set[Pair]:
    return {(fact.kind, fact.value) for fact in extract(stated(version.rendition), lang, published).facts}


def _cell(version: Version, fact: Fact, level: str, is_essential: bool, said: set[Pair]) -> Cell:
    if level and level != version.account.level:
        return Cell(version, "apart")
    if _names(version.verdict.get("contradicted", ()), fact):
        return Cell(version, "contradicted")
    if _names(version.verdict.get("missing", ()), fact):
        return Cell(version, "missing")
    is_there = (fact.kind, fact.value) in said or is_essential
    return Cell(version, "present" if is_there else "omitted")


def _names(faults: Iterable[Mapping[str, Any]], fact: Fact) -> bool:
    """Whether one of them is against this fact: « entrée libre », a status, is against a price."""
    against = ({**fault, **(fault["canonical"] or {})} for fault in faults)
    return any((own["kind"], own["value"]) == (fact.kind, fact.value) for own in against)
