"""A delivery's life in words: its moves and its attempts, in the order in which they happened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from channels.contract import Act
from diffusion.delivery.models import Attempt, Delivery, Event
from diffusion.directory.models import Person
from diffusion.web.spelling import ngettext

WHY: dict[str, Any] = {
    "due": _("l'heure est venue, un ouvrier la prend"),
    "intent": _("intention écrite, l'envoi commence"),
    "published": _("le canal a répondu oui"),
    "found": _("retrouvée sur le canal"),
    "late_receipt": _("accusé arrivé tard"),
    "absent": _("cherchée et absente : elle repart"),
    "repeats_harmlessly": _("ce canal supporte la répétition : elle repart avec la même clé"),
    "person": _("une personne a regardé et tranché"),
    "lease_ran_out": _("l'ouvrier s'est arrêté en route"),
    "not_ready": _("le canal prépare l'image"),
    "resting": _("le compte ne répond pas : une seule diffusion à la fois l'essaie"),
    "pace": _("le rythme permis par le canal est atteint"),
    "account_paused": _("le compte est en pause"),
    "rehearsal_off": _("la répétition est éteinte"),
    "useless_now": _("l'heure utile est passée"),
    "too_many": _("trop de publications en une heure : une personne décide"),
    "said_already": _("le même texte est déjà sorti : une personne décide"),
    "hold": _("suspendue"),
    "lift": _("suspension levée"),
    "dropped_after_hold": _("annulée à la levée de la suspension"),
    "internal_only_now": _("sa direction ne parle plus qu'aux agents"),
    "retry": _("rejouée"),
    "cancel": _("annulée"),
    "reschedule": _("déplacée"),
    "withdraw": _("retirée"),
    "try_later": _("rien n'est parti, nouvel essai"),
    "late": _("réponse arrivée tard"),
    "ledger": _("la lettre part, destinataire par destinataire"),
    "ledger_open": _("des destinataires attendent encore"),
    "ledger_closed": _("chaque destinataire a sa réponse"),
    "lines_in_doubt": _("des envois de la lettre sont incertains"),
    "throttled": _("le canal demande d'attendre"),
    "disconnected": _("le canal ne reconnaît plus le compte"),
    "refused": _("le canal a refusé"),
    "uncertain": _("pas de réponse sûre"),
}
BAD = frozenset({"lease_ran_out", "refused", "uncertain", "disconnected"})


@dataclass(frozen=True, slots=True)
class Line:
    """`code` and `evidence` are a channel's answer; `to` the state after a move."""

    at: datetime
    said: Any
    is_bad: bool = False
    to: str = ""
    by: Person | None = None
    key: str = ""
    code: str = ""
    facts: Any = None
    evidence: str = ""


def timeline(delivery: Delivery) -> list[Line]:
    """All of it, for the delivery's own page."""
    answers = {(attempt.outcome, attempt.ended_at): attempt for attempt in delivery.attempts.all() if attempt.code}
    lines = []
    for event in delivery.events.select_related("by"):
        line = Line(event.at, WHY.get(event.why, event.why), event.why in BAD, to=event.now, by=event.by)
        about = next((key for key in answers if _same(key, event)), None)
        lines.append(_with_answer(line, answers.pop(about)) if about else line)
    return sorted([*lines, *map(_ended, answers.values())], key=_at)


def _same(answered: tuple[str, datetime | None], event: Event) -> bool:
    """Whether a move is what an attempt's answer led to: they are written in one transaction."""
    outcome, at = answered
    return event.why == outcome and at is not None and abs(event.at - at) < timedelta(seconds=2)


def _with_answer(line: Line, attempt: Attempt) -> Line:
    return replace(line, code=attempt.code, facts=attempt.facts, evidence=attempt.evidence)


def evidence(delivery: Delivery) -> list[Line]:
    """What is known of a doubt: the intent with its key, what the channel answered, how often was looked."""
    lines = []
    for attempt in delivery.attempts.all():
        key = f"{delivery.public_id}-{attempt.generation}"
        lines.append(Line(attempt.began_at, gettext("intention écrite, clé"), key=key))
        if attempt.ended_at:
            lines.append(_ended(attempt))
    return sorted(lines, key=_at)


def looked(delivery: Delivery) -> str:
    """What looking can tell about this doubt, in a sentence."""
    channel = delivery.account.channel_class
    if Act.FIND not in channel.can:
        return gettext("Ce canal ne permet pas de chercher : seul un regard peut trancher.")
    times = ngettext("Cherchée {n} fois, sans réponse sûre.", "Cherchée {n} fois, sans réponse sûre.", delivery.looks)
    if channel.absence is None:
        return (
            times.format(n=delivery.looks)
            + " "
            + gettext("Ce canal peut la montrer avec retard : l'absence n'est pas une preuve.")
        )
    return times.format(n=delivery.looks)


def _ended(attempt: Attempt) -> Line:
    said = WHY.get(attempt.outcome, attempt.outcome)
    return Line(
        attempt.ended_at or attempt.began_at, said, attempt.outcome in BAD, code=attempt.code, facts=attempt.facts,
        evidence=attempt.evidence,
    )  # fmt: skip


def _at(line: Line) -> datetime:
    return line.at
