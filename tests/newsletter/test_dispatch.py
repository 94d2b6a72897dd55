"""A letter by its ledger: each recipient once, whatever the relay does; consent and leaving."""

from __future__ import annotations

import pytest

from channels.rehearsal.server import Fault
from channels.rehearsal.smtp import SmtpServer
from diffusion.delivery import claim
from diffusion.delivery.models import Delivery
from diffusion.delivery.states import State
from diffusion.errors import BadInput
from diffusion.instants import in_seconds
from diffusion.newsletter import dispatch, subscribe
from diffusion.newsletter.models import Consent, Line, List
from tests import valclair

pytestmark = pytest.mark.django_db

READERS = ("amina@lecteurs.example", "bruno@lecteurs.example", "chloe@lecteurs.example")


@pytest.fixture
def relay(tmp_path):
    server = SmtpServer(tmp_path)
    server.start()
    yield server
    server.stop()


def letter(relay, *, drops_duplicates=True, readers=READERS):
    account = valclair.account(
        "smtp", host=relay.host, port=relay.port, security="none", sender="lettre@valclair.example",
        drops_duplicates=drops_duplicates,
    )  # fmt: skip
    made = List.objects.create(account=account, name="La lettre du Val-Clair", consent_text="Oui.")
    for email in readers:
        subscribe.add(made, email=email, by=None, origin="test")
    return made


def carry(delivery):
    Delivery.objects.filter(pk=delivery.pk, state=State.PLANNED).update(due_at=in_seconds(-1))
    Line.objects.filter(state=State.PLANNED).update(due_at=in_seconds(-1))
    lease = claim.claim_due("mail")
    for pk in lease.ids:
        dispatch.carry(pk, lease)
    delivery.refresh_from_db()
    return delivery


def mails(relay):
    return relay.received.rows("smtp")


def test_each_reader_gets_one_mail_and_the_letter_is_published(relay):
    delivery = carry(valclair.delivery(letter(relay).account))

    assert delivery.state == State.PUBLISHED
    assert sorted(row["to"] for row in mails(relay)) == sorted(READERS)
    assert delivery.edition.closed_at
    assert {line.state for line in delivery.edition.lines.all()} == {State.PUBLISHED}


def test_a_mail_carries_both_headers_of_leaving_and_no_tracker(relay):
    delivery = carry(valclair.delivery(letter(relay).account))
    edition = delivery.edition
    line = edition.lines.first()

    mail = dispatch.mail_to(edition, line, line.subscriber, delivery.rendition)

    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert line.subscriber.secret in mail.headers["List-Unsubscribe"]
    assert line.subscriber.secret in mail.html
    assert "fonts.googleapis" not in mail.html
    assert "<img" not in mail.html


def test_a_cut_after_acceptance_makes_no_second_copy_where_the_relay_drops_it(relay):
    relay.faults.arm(Fault.CUT_AFTER, path=READERS[1])
    delivery = carry(valclair.delivery(letter(relay).account))

    delivery = carry(delivery)

    assert delivery.state == State.PUBLISHED
    assert sorted(row["to"] for row in mails(relay)) == sorted(READERS)


def test_elsewhere_a_mail_in_doubt_waits_for_a_person_and_the_rest_goes_on(relay):
    relay.faults.arm(Fault.CUT_AFTER, path=READERS[1])
    delivery = carry(valclair.delivery(letter(relay, drops_duplicates=False).account))

    assert delivery.state == State.UNCERTAIN
    assert delivery.look_at is None
    assert len(mails(relay)) == 3


def test_a_refused_mailbox_does_not_stop_the_letter(relay):
    relay.recipients[READERS[0]] = "550 5.1.1 Unknown"

    delivery = carry(valclair.delivery(letter(relay).account))

    assert delivery.state == State.PUBLISHED
    ends = sorted(delivery.edition.lines.values_list("state", "code", "evidence"))
    assert [state for state, *_ in ends] == ["published", "published", "refused"], ends


def test_a_temporary_no_is_tried_again_for_that_reader_alone(relay):
    relay.recipients[READERS[0]] = "451 4.3.2 Later"
    delivery = carry(valclair.delivery(letter(relay).account))
    assert delivery.state == State.PLANNED
    del relay.recipients[READERS[0]]

    delivery = carry(delivery)

    assert delivery.state == State.PUBLISHED
    assert len(mails(relay)) == 3


def test_lines_left_mid_way_by_a_dead_worker_are_not_sent_blindly(relay):
    delivery = valclair.delivery(letter(relay, drops_duplicates=False).account)
    edition = dispatch._open_ledger(delivery)
    Line.objects.filter(pk=edition.lines.first().pk).update(state=State.SENDING, intent_at=in_seconds(-60))

    delivery = carry(delivery)

    assert delivery.state == State.UNCERTAIN
    assert len(mails(relay)) == 2


def test_who_left_gets_nothing_more(relay):
    made = letter(relay)
    reader = subscribe.readers(made).get(email=READERS[0])
    subscribe.leave(made, reader)
    subscribe.leave(made, reader)

    carry(valclair.delivery(made.account))

    assert READERS[0] not in [row["to"] for row in mails(relay)]


def test_asking_is_not_yet_a_subscription(relay):
    made = letter(relay, readers=())
    consent = subscribe.subscribe(made, email="dora@lecteurs.example")
    assert not subscribe.readers(made).exists()

    subscribe.confirm(made, consent.subscriber)
    subscribe.confirm(made, consent.subscriber)

    assert subscribe.readers(made).get() == consent.subscriber
    assert Consent.objects.get().text == "Oui."


@pytest.mark.parametrize("address", ["", "dora", "dora@", "a@b\nBcc: c@d"])
def test_an_address_that_is_none_is_refused(relay, address):
    with pytest.raises(BadInput):
        subscribe.subscribe(letter(relay), email=address)


def test_an_empty_list_is_a_letter_to_nobody(relay):
    delivery = carry(valclair.delivery(letter(relay, readers=()).account))

    assert delivery.state == State.PUBLISHED
