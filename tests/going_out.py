"""What people and workers do between a message and what is out there, for tests that need it done."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.utils import timezone

from channels.rehearsal.smtp import SmtpServer
from diffusion.accounts.models import Account
from diffusion.approval import decide
from diffusion.delivery import plan
from diffusion.delivery.models import Lane
from diffusion.directory.models import Person
from diffusion.message.models import Message
from diffusion.newsletter import subscribe
from diffusion.newsletter.models import List
from diffusion.rendition import versions
from tests import valclair
from workers import tasks


def letter(relay: SmtpServer, password: str = "juste", **more: Any) -> Account:
    account = valclair.account(
        "smtp", host=relay.host, port=relay.port, security="none", sender="lettre@valclair.example", username="lettre",
        password=password, **more,
    )  # fmt: skip
    subscribe.add(List.objects.create(account=account, name="La lettre"), email="a@b.example", by=None, origin="test")
    return account


def carry_all() -> None:
    """What the workers do when their lanes are woken."""
    for lane in (Lane.URGENT, Lane.INTRANET, Lane.SOCIAL, Lane.MAIL):
        tasks.deliver(lane)


def send_out(message: Message) -> None:
    """From composed to sent, as its people do it: both at once, without a lead."""
    Message.objects.filter(pk=message.pk).update(is_urgent=True, publish_at=timezone.now())
    valclair.sophie()
    versions.compose_all(message)
    message = Message.objects.get(pk=message.pk)
    decide.approve(decide.ask(message, by=valclair.ines()), by=valclair.sophie())
    plan.plan(message, by=None)
    carry_all()


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client
