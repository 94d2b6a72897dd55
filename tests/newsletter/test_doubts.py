"""Mails in doubt: a person says sent or not, and the last answer closes the letter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from channels.rehearsal.server import Fault
from channels.rehearsal.smtp import SmtpServer
from diffusion.delivery import amend
from diffusion.delivery.models import Delivery, Receipt
from diffusion.delivery.states import State
from diffusion.errors import NotNow
from diffusion.newsletter import doubts, subscribe
from diffusion.newsletter.models import Line
from tests import going_out, valclair

pytestmark = pytest.mark.django_db

OTHER = "bruno@lecteurs.example"


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[SmtpServer]:
    server = SmtpServer(tmp_path, users={"lettre": "juste"})
    server.start()
    yield server
    server.stop()


@pytest.fixture
def delivery(relay: SmtpServer) -> Delivery:
    """A letter to two readers, one mail of which was cut after the relay had it."""
    account = going_out.letter(relay, drops_duplicates=False)
    subscribe.add(account.list, email=OTHER, by=None, origin="test")
    relay.faults.arm(Fault.CUT_AFTER, path=OTHER)
    made = valclair.delivery(account)
    going_out.carry_all()
    made.refresh_from_db()
    assert made.state == State.UNCERTAIN
    return made


def line_of(delivery: Delivery) -> Line:
    return doubts.lines_in_doubt(delivery.edition).get()


def mails_to(relay: SmtpServer, address: str) -> int:
    return sum(row["to"] == address for row in relay.received.rows("smtp"))


def test_the_last_mail_known_as_sent_publishes_the_letter(delivery: Delivery, relay: SmtpServer) -> None:
    told = doubts.confirm_line(line_of(delivery), by=valclair.ines())

    assert told.state == State.PUBLISHED
    assert told.receipt.proof == Receipt.Proof.PERSON
    delivery.edition.refresh_from_db()
    assert delivery.edition.closed_at
    assert mails_to(relay, OTHER) == 1


def test_one_of_several_known_leaves_the_letter_open(delivery: Delivery) -> None:
    first = line_of(delivery)
    edition = delivery.edition
    other = edition.lines.exclude(pk=first.pk).get()
    Line.objects.filter(pk=other.pk).update(state=State.UNCERTAIN, intent_at=timezone.now())

    assert doubts.confirm_line(first, by=valclair.ines()).state == State.UNCERTAIN
    assert doubts.confirm_line(other, by=valclair.ines()).state == State.PUBLISHED


def test_a_mail_known_as_not_sent_goes_again_under_a_new_key(delivery: Delivery, relay: SmtpServer) -> None:
    line = line_of(delivery)
    before = line.key

    assert doubts.deny_line(line, by=valclair.ines()).state == State.PLANNED
    going_out.carry_all()

    delivery.refresh_from_db()
    line.refresh_from_db()
    assert delivery.state == State.PUBLISHED
    assert line.key != before
    assert mails_to(relay, OTHER) == 2  # the person said so, knowing what it may cost
    assert mails_to(relay, "a@b.example") == 1


def test_what_was_withdrawn_meanwhile_is_sent_to_nobody_else(delivery: Delivery, relay: SmtpServer) -> None:
    amend.withdraw(delivery.message, by=valclair.ines(), reason="Fausse alerte.")

    told = doubts.deny_line(line_of(delivery), by=valclair.ines())
    going_out.carry_all()

    assert told.state == State.PUBLISHED  # to the other reader
    assert told.amendments.waiting_for_a_person().exists()
    assert mails_to(relay, OTHER) == 1


def test_what_was_decided_is_not_decided_again(delivery: Delivery) -> None:
    line = line_of(delivery)
    doubts.confirm_line(line, by=valclair.ines())

    with pytest.raises(NotNow):
        doubts.confirm_line(line, by=valclair.ines())
    with pytest.raises(NotNow):
        doubts.deny_line(line, by=valclair.ines())
