"""The runaway brake: what it stops, what it lets by, and a person's yes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from channels.contract import Prepared
from channels.rehearsal.server import Fault
from channels.rehearsal.smtp import SmtpServer
from diffusion.accounts.connect import channel_of
from diffusion.delivery import brake, claim, pace, plan, send
from diffusion.delivery.models import Delivery, Stop
from diffusion.delivery.states import State
from diffusion.directory import policy
from diffusion.directory.models import Authority
from diffusion.errors import NotNow
from diffusion.newsletter.models import Line
from tests import valclair
from tests.going_out import carry_all, letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def feed():
    return valclair.account("feed")


@pytest.fixture
def relay(tmp_path):
    server = SmtpServer(tmp_path, users={"lettre": "juste"})
    server.start()
    yield server
    server.stop()


def said(account, title, body="Rue des Tilleuls, jeudi.", **more):
    about = valclair.message(title, body, **more)
    return valclair.delivery(account, of=about, is_vouched=False)


def stop(row):
    row.refresh_from_db()
    return (row.state, row.stop)


def test_more_in_an_hour_than_the_authority_says_asks_a_person(feed):
    policy.set_policy(by=None, hourly_posts=3)
    rows = [said(feed, f"Annonce {n}") for n in range(5)]

    carry_all()

    assert [stop(row) for row in rows] == [(State.PUBLISHED, "")] * 3 + [(State.PLANNED, Stop.BRAKE)] * 2


def test_other_accounts_and_alerts_are_not_counted(feed):
    policy.set_policy(by=None, hourly_posts=1)
    other = valclair.account("feed")
    rows = [said(feed, "Une"), said(other, "Deux")]
    carry_all()
    rows += [said(feed, "Alerte", is_urgent=True), said(feed, "Alerte", is_urgent=True)]  # an alert may be said again

    carry_all()

    assert {stop(row) for row in rows} == {(State.PUBLISHED, "")}


def test_what_went_out_more_than_an_hour_ago_counts_no_more(feed):
    policy.set_policy(by=None, hourly_posts=1)
    said(feed, "Ce matin")
    carry_all()
    Delivery.objects.update(intent_at=timezone.now() - timedelta(minutes=61))
    row = said(feed, "Ce soir")

    carry_all()

    assert stop(row) == (State.PUBLISHED, "")


def test_the_same_words_twice_in_a_day_ask_a_person(feed):
    said(feed, "Coupure d’eau")
    carry_all()
    twin, other = said(feed, "Coupure d’eau"), said(feed, "Coupure d’eau", "Rue du Port, vendredi.")

    carry_all()

    assert stop(twin) == (State.PLANNED, Stop.BRAKE)
    assert stop(other) == (State.PUBLISHED, "")


def test_the_same_words_again_the_day_after_are_a_reminder(feed):
    said(feed, "Coupure d’eau")
    carry_all()
    Delivery.objects.update(intent_at=timezone.now() - timedelta(hours=25))
    row = said(feed, "Coupure d’eau")

    carry_all()

    assert stop(row) == (State.PUBLISHED, "")


def test_nothing_is_asked_where_the_authority_wants_no_brake(feed):
    policy.set_policy(by=None, hourly_posts=0)
    rows = [said(feed, "Coupure d’eau") for _ in range(3)]

    carry_all()

    assert {stop(row) for row in rows} == {(State.PUBLISHED, "")}


def test_a_yes_lets_it_go_once_and_is_journalled(feed, mailoutbox):
    said(feed, "Coupure d’eau")
    carry_all()
    row = said(feed, "Coupure d’eau")
    carry_all()

    assert brake.vouch(Delivery.objects.filter(pk=row.pk), by=valclair.paul()) == 1
    carry_all()

    assert stop(row) == (State.PUBLISHED, "")
    with pytest.raises(NotNow):
        brake.vouch(Delivery.objects.filter(pk=row.pk), by=valclair.paul())


def test_a_yes_to_what_was_moved_meanwhile_does_not_send_it_before_its_time(feed):
    said(feed, "Coupure d’eau")
    carry_all()
    row = said(feed, "Coupure d’eau")
    carry_all()
    tomorrow = timezone.now() + timedelta(days=1)
    plan.reschedule(row.message, by=valclair.paul(), publish_at=tomorrow)

    brake.vouch(Delivery.objects.filter(pk=row.pk), by=valclair.paul())
    carry_all()

    assert stop(row) == (State.PLANNED, "")
    assert row.due_at == row.planned_at == tomorrow


def test_of_two_workers_that_looked_at_the_same_moment_the_later_one_asks(rehearsal):
    account = valclair.mastodon(rehearsal)
    first, twin = said(account, "Coupure d’eau"), said(account, "Coupure d’eau")
    lease = claim.claim_due("social")
    channel = channel_of(account)
    assert not brake.asks(first, Authority.get())
    assert not brake.asks(twin, Authority.get())

    send._intend(first, lease, channel, Prepared())
    with pytest.raises(pace.Waits) as waits:
        send._intend(twin, lease, channel, Prepared())

    assert waits.value.stop == Stop.BRAKE
    assert stop(twin) == (State.CLAIMED, "")


def test_a_heap_is_told_once(feed, mailoutbox, django_capture_on_commit_callbacks):
    policy.set_policy(by=None, hourly_posts=1)
    valclair.paul()
    for n in range(5):
        said(feed, f"Annonce {n}")

    with django_capture_on_commit_callbacks(execute=True):
        carry_all()

    assert Delivery.objects.filter(stop=Stop.BRAKE).count() == 4
    assert len({mail.to[0] for mail in mailoutbox}) == len(mailoutbox) > 0


def test_what_the_brake_stopped_waits_for_a_person_and_can_be_cancelled(feed):
    said(feed, "Coupure d’eau")
    carry_all()
    row = said(feed, "Coupure d’eau")
    carry_all()

    assert list(Delivery.objects.waiting_for_a_person()) == [row]
    plan.cancel(Delivery.objects.filter(pk=row.pk), by=valclair.ines())

    assert stop(row)[0] == State.CANCELLED


def test_the_same_letter_twice_in_a_day_asks_too(relay):
    account = letter(relay)
    said(account, "La lettre de mars")
    carry_all()
    twin = said(account, "La lettre de mars")

    carry_all()

    assert stop(twin) == (State.PLANNED, Stop.BRAKE)


def test_the_same_letter_while_the_first_is_on_its_way_asks_too(relay):
    """The first has mails out and no receipt yet; once begun, it is not asked about itself."""
    account = letter(relay)
    first = said(account, "La lettre de mars")
    relay.faults.arm(Fault.ERROR_BEFORE)
    carry_all()
    assert stop(first) == (State.PLANNED, "")
    assert first.edition.lines.filter(state=State.PLANNED).exists()
    twin = said(account, "La lettre de mars")

    carry_all()
    assert stop(twin) == (State.PLANNED, Stop.BRAKE)

    brake.vouch(Delivery.objects.filter(pk=twin.pk), by=None)
    carry_all()
    Line.objects.update(due_at=timezone.now())
    Delivery.objects.filter(pk=first.pk).update(due_at=timezone.now())
    carry_all()
    assert (stop(first), stop(twin)) == ((State.PUBLISHED, ""), (State.PUBLISHED, ""))
