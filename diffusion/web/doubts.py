"""What looks like a mistake in the words themselves, said so that a person can put it right. A hint: it stops nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.utils import dateformat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from diffusion.directory.places import known_places
from diffusion.facts import Gazetteer, Warning_, extract
from diffusion.facts.disputes import Saying
from diffusion.facts.extract import NOWHERE
from diffusion.facts.fact import Code
from diffusion.intake.models import Submission
from diffusion.message.joining import unsettled
from diffusion.message.models import Message
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
    "place-misspelt": (
        _("Ce nom de lieu a une faute."),
        _("« {text} » : le répertoire des lieux écrit « {against} »."),
    ),
    "phone-incomplete": (
        _("Il manque des chiffres à ce numéro."),
        _("« {text} » : personne ne pourrait appeler. Complétez-le."),
    ),
}
"""What is wrong, then the passage and what to do, by the warning's code."""


def doubts(statement: Statement, message: Message, published: date) -> list[Finding]:
    """Of a message: what each level reads, each doubt once; and what the submissions that it joins left unsettled."""
    texts = [statement.text_for(level) for level in message.levels] or [statement.text_for("")]
    stated = {(f.kind, f.value) for text in texts for f in extract(text, statement.language, published).facts}
    rows = list(message.submissions.select_related("directorate").order_by("pk"))
    names = names_of(rows)
    head, ask = gettext("Deux propositions se contredisent."), gettext("Gardez ce qui est juste, ou demandez-leur.")
    disputed = [Finding("warn", head, f"{who_says(said, names)}. {ask}") for said in unsettled(rows, stated)]
    return disputed + doubts_of(texts, statement.language, published, known_places())


def names_of(rows: Sequence[Submission]) -> list[str]:
    """Who said it: the directorate; with its number among them where one said several."""
    names = [row.directorate.name for row in rows]
    return [f"{name} ({at})" if names.count(name) > 1 else name for at, name in enumerate(names, 1)]


def who_says(said: Iterable[Saying], names: Sequence[str]) -> str:
    """« Eau dit « 18 h 30 », Culture dit « 19 h » »."""
    return ", ".join(gettext("{who} dit « {what} »").format(who=names[one.text], what=one.fact.text) for one in said)


def doubts_of(texts: Iterable[str], language: str, published: date, known: Gazetteer = NOWHERE) -> list[Finding]:
    """Of any words, in the reader's language; `known` are the authority's places."""
    found = (warning for text in texts for warning in extract(text, language, published, gazetteer=known).warnings)
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
