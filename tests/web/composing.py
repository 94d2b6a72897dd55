"""A message of Inès on its way, as builders: what the tests of a message's pages begin with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from diffusion.approval import decide
from diffusion.approval.models import Approval
from diffusion.delivery import claim
from diffusion.delivery.models import Delivery
from diffusion.directory.models import Person
from diffusion.message import write
from diffusion.message.models import Message
from diffusion.newsletter import dispatch
from diffusion.rendition.versions import compose_all
from diffusion.report import load_story
from tests import valclair

BODY = "L'eau sera coupée mercredi 18 juin 2031, de 8h30 à 12h30, rue des Tilleuls. Une question : 01 99 00 12 34."


def draft() -> Message:
    """For the agents' board, which the town has, and the public feed."""
    valclair.account("feed", name="Flux public")
    words = write.Words(title="Coupure d'eau", body=BODY)
    made = write.draft(words, by=valclair.ines(), directorate=valclair.water(), levels=["internal", "public"])
    compose_all(made)
    return made


def at(name: str, of: Message, *more: Any) -> str:
    return reverse(name, args=[of.public_id, *more])


def approved(of: Message, by: Person) -> Approval:
    return decide.approve(decide.ask(of, by=valclair.ines()), by=by)


def carry() -> None:
    """What a worker does, here and now."""
    Delivery.objects.filter(state="planned", stop="").update(due_at=timezone.now() - timedelta(seconds=1))
    lease = claim.claim_due("intranet")
    for row in lease.rows():
        dispatch.carry(row, lease)


def publish(of: Message, browser: Client, approver: Person) -> None:
    approved(of, approver)
    browser.post(at("message_plan", of), {"when": "now"})
    carry()
    carry()


def words_of(of: Message, **more: Any) -> dict[str, Any]:
    """What the form of a message holds, with what was typed over it."""
    of.refresh_from_db()
    return {"title": of.revision.title, "body": of.revision.body, "based_on": of.revision.number, **more}


def fresh(of: Message) -> Message:
    return load_story(Message.objects.select_related("revision").get(pk=of.pk))
