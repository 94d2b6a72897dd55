"""What waits for a communicator, the gravest first: the left column of the desk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from diffusion import access
from diffusion.accounts.models import Account
from diffusion.delivery.models import Amendment, Delivery
from diffusion.directory.models import Person
from diffusion.errors import word
from diffusion.message.models import Message
from diffusion.report import Stage, latest, stage, with_story
from diffusion.web.spelling import ngettext

LOOKED_AT = 200
"""Messages that are looked at: older ones that still wait are found in the list."""


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do. `mark` is a tag's or a state's class, `code` an outcome's code."""

    icon: str
    mark: str
    kind: Any
    title: str
    said: Any
    url: str


STAGES: dict[str, tuple[str, str, Any]] = {
    Stage.CHANGED: ("exclamation-triangle-fill", "tag bad", _("À corriger en ligne")),
    Stage.FAULTY: ("exclamation-triangle-fill", "tag bad", _("Versions à corriger")),
    Stage.DECLINED: ("reply-fill", "tag warn", _("Renvoyé")),
    Stage.LAPSED: ("hourglass-split", "tag warn", _("Sans réponse")),
    Stage.APPROVED: ("check-circle-fill", "tag ok", _("Approuvé, à publier")),
    Stage.ASKED: ("hourglass-split", "tag", _("Attend une décision")),
    Stage.DRAFT: ("pencil-square", "tag", _("En préparation")),
}


CASES: dict[str, Any] = {
    "uncertain": _("Publié ou non ? Le canal n'a pas répondu."),
    "refused": _("Le canal a refusé. Rien n'est parti."),
    "brake": _("Freinée : le même texte, ou déjà beaucoup en une heure. Dites oui, ou annulez."),
}
"""What a delivery that waits for a person asks, by its state or by what stops it."""


def todo(person: Person, language: str) -> list[Todo]:
    """Deliveries that a person must decide, accounts to reconnect, then messages by how urgent their stage is."""
    cases = access.deliveries(person, "act").waiting_for_a_person()[:50]
    paused = access.accounts(person).exclude(paused_at=None)
    return [
        *(_case(delivery) for delivery in cases),
        *(_by_hand(amendment) for amendment in _hands(person)),
        *(_account(account, language) for account in paused),
        *_messages(person),
    ]


def _case(delivery: Delivery) -> Todo:
    title = gettext("{message}, sur {account}").format(message=delivery.message, account=delivery.account)
    said = CASES.get(delivery.state) or CASES.get(delivery.stop, _("L'heure est passée. Rien n'est parti."))
    return Todo("", delivery.shown_state, "", title, said, reverse("delivery", args=[delivery.public_id]))


def _hands(person: Person) -> QuerySet[Amendment]:
    """Corrections and withdrawals that a person must make on the channel: it can't, or it refused."""
    rows = Amendment.objects.waiting_for_a_person().filter(delivery__in=access.deliveries(person, "act").order_by())
    return rows.select_related("delivery__message__revision", "delivery__account")[:50]


def _by_hand(amendment: Amendment) -> Todo:
    delivery = amendment.delivery
    title = gettext("{message}, sur {account}").format(message=delivery.message, account=delivery.account)
    is_delete = amendment.act == Amendment.Act.DELETE
    said = _("À retirer à la main, puis à noter.") if is_delete else _("À corriger à la main, puis à noter.")
    url = reverse("delivery_by_hand", args=[delivery.public_id])
    return Todo("pencil-square", "tag warn", _("À la main"), title, said, url)


def _account(account: Account, language: str) -> Todo:
    title = gettext("{account} est en pause").format(account=account)
    said = word(account.pause_code, language) if account.pause_code != "person" else gettext("Mis en pause à la main.")
    return Todo("key", "tag", _("Compte"), title, said, reverse("account", args=[account.public_id]))


def _messages(person: Person) -> Iterator[Todo]:
    rows = with_story(access.messages(person, "edit").filter(set_aside_at=None))[:LOOKED_AT]
    order = list(STAGES)
    found = [(stage(message), message) for message in rows]
    for at, message in sorted((pair for pair in found if pair[0] in STAGES), key=lambda pair: order.index(pair[0])):
        icon, mark, kind = STAGES[at]
        yield Todo(icon, mark, kind, str(message), _said(at, message), reverse("message", args=[message.public_id]))


def _said(at: Stage, message: Message) -> str:
    approval = latest(message)
    if at == Stage.FAULTY:
        count = sum(not version.can_be_scheduled for version in message.revision.versions.all())
        return ngettext(
            "{n} version ne peut pas partir ainsi.", "{n} versions ne peuvent pas partir ainsi.", count
        ).format(n=count)
    if at == Stage.DECLINED and approval:
        return gettext("{name} : « {comment} »").format(name=approval.decided_by, comment=approval.comment)
    if at == Stage.ASKED and approval:
        return gettext("Chez {name}.").format(name=approval.asked_of)
    if at == Stage.APPROVED and approval:
        return gettext("{name} a dit oui. Choisissez l'heure, ou publiez.").format(
            name=approval.decided_by or "Diffusion"
        )
    if at == Stage.CHANGED:
        return gettext("Ce qui est en ligne n'est plus ce que dit le message.")
    return str(message.directorate)
