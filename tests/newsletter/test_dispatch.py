"""A letter by its ledger: each recipient once, whatever the relay does; consent and leaving."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from celery.worker import state as worker_state
from django.utils import timezone

from channels.rehearsal.server import Fault
from channels.rehearsal.smtp import SmtpServer
from diffusion.delivery import claim, plan, reconcile
from diffusion.delivery.models import Delivery
from diffusion.delivery.states import State
from diffusion.directory import notify
from diffusion.errors import BadInput
from diffusion.instants import in_seconds
from diffusion.newsletter import dispatch, doubts, subscribe
from diffusion.newsletter.models import Consent, Edition, Line, List
from tests import valclair
from tests.servers import databases
from workers import tasks

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
    for row in lease.rows():
        dispatch.carry(row, lease)
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
    edition = dispatch._open_ledger(delivery, lambda: True)
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


def test_a_relay_that_is_away_costs_no_reader_a_try(relay):
    delivery = valclair.delivery(letter(relay).account)
    relay.stop()
    for _ in range(dispatch.TRIES_MOST + 1):
        delivery = carry(delivery)

    assert (delivery.state, delivery.code) == (State.PLANNED, "unreachable")
    assert set(delivery.edition.lines.values_list("state", "tries")) == {(State.PLANNED, 0)}
    assert not claim.claim_due("mail").ids  # nor is it asked for again at once


def test_a_relay_that_is_busy_all_evening_refuses_nobody(relay):
    relay.recipients[READERS[0]] = "451 4.3.2 Later"
    delivery = valclair.delivery(letter(relay, readers=READERS[:1]).account)
    for _ in range(dispatch.TRIES_MOST + 1):
        delivery = carry(delivery)
    assert delivery.state == State.PLANNED

    Delivery.objects.filter(pk=delivery.pk).update(planned_at=in_seconds(-25 * 3600))
    delivery.events.filter(now=State.CLAIMED).update(at=in_seconds(-25 * 3600))
    delivery = carry(delivery)

    assert delivery.edition.lines.get().state == State.REFUSED


def test_a_relay_that_is_away_for_a_day_asks_a_person(relay):
    delivery = valclair.delivery(letter(relay).account)
    relay.stop()
    carry(delivery)
    Delivery.objects.filter(pk=delivery.pk).update(planned_at=in_seconds(-25 * 3600))
    delivery.events.filter(now=State.CLAIMED).update(at=in_seconds(-25 * 3600))

    assert carry(delivery).state == State.REFUSED


def test_a_letter_that_cannot_be_made_asks_a_person(relay, monkeypatch):
    def broken(*_):
        raise ValueError("template")

    monkeypatch.setattr(dispatch, "assemble", broken)

    delivery = carry(valclair.delivery(letter(relay).account))

    assert (delivery.state, delivery.code) == (State.REFUSED, "internal")
    assert delivery in Delivery.objects.waiting_for_a_person()


def test_a_letter_that_is_useless_by_now_is_told(relay, mailoutbox, django_capture_on_commit_callbacks):
    valclair.paul()
    delivery = valclair.delivery(letter(relay).account, useless_after=timezone.now() - timedelta(hours=1))

    with django_capture_on_commit_callbacks(execute=True):
        carry(delivery)
    notify.post_due()

    assert any("paul@" in mail.to[0] for mail in mailoutbox)


def test_a_letter_waits_until_its_next_line_is_due(relay):
    """By the line's own time: where the clocks of a worker and the database differ, it would come back at once, for ever."""
    delivery = valclair.delivery(letter(relay, readers=READERS[:1]).account)
    edition = dispatch._open_ledger(delivery, lambda: True)
    edition.lines.update(due_at=timezone.now() + timedelta(seconds=5))
    lease = claim.claim_due("mail")

    for row in lease.rows():
        dispatch.carry(row, lease)

    delivery.refresh_from_db()
    assert delivery.due_at == edition.lines.get().due_at


def test_new_words_do_not_send_a_half_sent_letter_to_its_readers_again(relay):
    relay.recipients[READERS[0]] = "451 4.3.2 Later"
    carry(valclair.delivery(letter(relay).account))
    assert len(mails(relay)) == 2

    assert plan._supersede(Delivery.objects.all()) == 0


def test_a_receipt_that_comes_late_settles_the_line_that_was_put_in_doubt(relay):
    delivery = valclair.delivery(letter(relay, readers=READERS[:1]).account)
    edition = dispatch._open_ledger(delivery, lambda: True)
    line = edition.lines.get()
    dispatch._intend_line(line)
    dispatch._doubt_open_lines(edition)

    dispatch._end_line(line, State.PUBLISHED, receipt="<1@x.example>", sent_at=timezone.now(), code="")

    assert edition.lines.get().state == State.PUBLISHED


def test_denying_the_whole_letter_sends_its_doubtful_lines_again(relay):
    relay.faults.arm(Fault.CUT_BEFORE, path=READERS[1])
    delivery = carry(valclair.delivery(letter(relay, drops_duplicates=False).account))
    assert delivery.state == State.UNCERTAIN

    reconcile.deny(delivery, by=valclair.paul())
    delivery = carry(delivery)

    assert delivery.state == State.PUBLISHED
    assert sorted(row["to"] for row in mails(relay)) == sorted(READERS)


def test_a_long_ledger_is_written_in_parts_and_gone_on_with_where_a_worker_stopped(relay, monkeypatch):
    monkeypatch.setattr(dispatch, "LINES_AT_ONCE", 2)
    delivery = valclair.delivery(letter(relay, readers=[f"r{n}@lecteurs.example" for n in range(5)]).account)
    lease, seen = claim.claim_due("mail"), []

    def stops():
        seen.append(Line.objects.count())
        return len(seen) > 2

    dispatch.carry(*lease.rows(), lease, stops=stops)
    delivery.refresh_from_db()

    assert seen == [0, 2, 4]
    assert (delivery.state, delivery.lease, len(mails(relay))) == (State.PLANNED, "", 0)
    delivery = carry(delivery)
    assert delivery.state == State.PUBLISHED
    assert sorted(row["to"] for row in mails(relay)) == [f"r{n}@lecteurs.example" for n in range(5)]


def test_who_comes_to_the_list_once_the_ledger_is_written_gets_the_next_letter(relay):
    relay.recipients[READERS[0]] = "451 4.3.2 Later"
    made = letter(relay)
    delivery = carry(valclair.delivery(made.account))
    subscribe.add(made, email="dora@lecteurs.example", by=None, origin="test")
    del relay.recipients[READERS[0]]

    carry(delivery)

    assert sorted(row["to"] for row in mails(relay)) == sorted(READERS)


def test_a_letter_under_way_stops_between_two_mails_when_its_process_is_told_to(relay, monkeypatch):
    readers = [f"r{n}@lecteurs.example" for n in range(150)]
    delivery = valclair.delivery(letter(relay, readers=readers).account)
    monkeypatch.setattr(worker_state, "should_stop", None)

    def tell_to_stop():
        databases.wait(lambda: bool(mails(relay)), "the first mail")
        worker_state.should_stop = 0

    telling = threading.Thread(target=tell_to_stop)
    telling.start()
    tasks.deliver("mail")
    telling.join()

    delivery.refresh_from_db()
    assert (delivery.state, delivery.lease) == (State.PLANNED, "")
    assert 0 < len(mails(relay)) < len(readers)
    assert set(delivery.edition.lines.values_list("state", flat=True)) == {State.PUBLISHED, State.PLANNED}

    worker_state.should_stop = None
    tasks.deliver("mail")

    delivery.refresh_from_db()
    assert delivery.state == State.PUBLISHED
    assert sorted(row["to"] for row in mails(relay)) == sorted(readers)


def test_seeing_the_whole_letter_out_settles_its_mails_in_doubt(relay):
    relay.faults.arm(Fault.CUT_AFTER, path=READERS[1])
    delivery = carry(valclair.delivery(letter(relay, drops_duplicates=False).account))
    assert delivery.state == State.UNCERTAIN

    reconcile.confirm(delivery, by=valclair.paul())

    edition = Edition.objects.get()
    assert set(edition.lines.values_list("state", flat=True)) == {State.PUBLISHED}
    assert edition.closed_at
    assert not doubts.lines_in_doubt(edition).exists()
