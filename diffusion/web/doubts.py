"""What looks like a mistake in the words themselves, said so that a person can put it right. A hint: it stops nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils import dateformat
from django.utils.translation import gettext_lazy as _

from diffusion.facts import Warning_, extract
from diffusion.facts.fact import Code
from diffusion.rendition.statement import Statement
from diffusion.web.findings import Finding
from diffusion.web.spelling import WIDE, is_french

WORDS: dict[Code, tuple[Any, Any]] = {
    "weekday-mismatch": (
        _("Le jour et la date ne vont pas ensemble."),
        _("« {text} » : le {day} tombe un {weekday}. Corrigez l'un ou l'autre."),
    ),
    "impossible-date": (
        _("Cette date n'existe pas."),
        _("« {text} » n'est pas au calendrier. Corrigez le jour ou le mois."),
    ),
    "end-before-start": (
        _("La fin vient avant le début."),
        _("« {text} » : échangez les deux dates, ou corrigez celle qui est fausse."),
    ),
    "date-past": (
        _("Cette date est passée."),
        _("« {text} » : le {day} est annoncé comme à venir. Corrigez la date, ou dites-le au passé."),
    ),
    "two-prices": (
        _("Deux prix pour la même chose."),
        _("« {against} », puis « {text} ». Gardez le bon, ou dites pour qui est chacun."),
    ),
    "phone-incomplete": (
        _("Il manque des chiffres à ce numéro."),
        _("« {text} » : personne ne pourrait appeler. Complétez-le."),
    ),
}
"""What is wrong, then the passage and what to do, by the warning's code."""


def doubts(statement: Statement, levels: Iterable[str], published: date) -> list[Finding]:
    """Of a message: what each level reads, each doubt once."""
    texts = [statement.text_for(level) for level in levels] or [statement.text_for("")]
    return doubts_of(texts, statement.language, published)


def doubts_of(texts: Iterable[str], language: str, published: date) -> list[Finding]:
    """Of any words, in the reader's language."""
    found = (warning for text in texts for warning in extract(text, language, published).warnings)
    return list(dict.fromkeys(map(told, found)))


def told(warning: Warning_) -> Finding:
    """One warning in words."""
    head, said = WORDS[warning.code]
    facts = {"text": warning.text, "against": warning.against}
    if "{day}" in str(said):
        day = date.fromisoformat(warning.against)
        facts |= {"day": _spelt(day), "weekday": dateformat.format(day, "l")}
    return Finding("warn", str(head), str(said).format(**facts))


def _spelt(day: date) -> str:
    number = f"1er{WIDE}" if is_french() and day.day == 1 else f"{day.day}{WIDE}"
    return number + dateformat.format(day, "F Y")
