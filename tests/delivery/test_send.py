"""One claimed delivery, carried against the rehearsal server: each outcome ends in the state that people should see."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db.models.functions import Now
from django.utils import timezone

from channels.contract import NotReady, Prepared
from channels.rehearsal.server import Fault
from diffusion.delivery import claim, plan, reconcile
from diffusion.delivery.holding import Hold
from diffusion.delivery.models import Attempt, Delivery, Stop
from diffusion.delivery.send import send
from diffusion.delivery.states import State
from tests import valclair

pytestmark = pytest.mark.django_db


def carry(delivery: Delivery) -> Delivery:
    lease = claim.claim_due(delivery.lane)
    for pk in lease.ids:
        send(pk, lease)
    delivery.refresh_from_db()
    return delivery


def look(delivery: Delivery) -> Delivery:
    Delivery.objects.filter(pk=delivery.pk).update(look_at=Now())
    lease = claim.claim_looks()
    for pk in lease.ids:
        reconcile.look(pk, lease)
    delivery.refresh_from_db()
    return delivery


def posts(server: Any) -> list[Any]:
    return list(server.state.newest())


def test_a_due_delivery_is_published_with_its_receipt(rehearsal):
    delivery = carry(valclair.delivery(valclair.mastodon(rehearsal)))

    assert delivery.state == State.PUBLISHED
    assert delivery.receipt.url.startswith("http")
    assert [status.id for status in posts(rehearsal)] == [delivery.receipt.remote_id]
    assert [event.now for event in delivery.events.all()] == ["claimed", "sending", "published"]


def test_what_is_not_due_is_left_alone(rehearsal):
    delivery = carry(valclair.delivery(valclair.mastodon(rehearsal), due_in=60))

    assert delivery.state == State.PLANNED
    assert not posts(rehearsal)


def test_a_cut_after_acceptance_is_looked_for_and_never_sent_twice(rehearsal):
    rehearsal.faults.arm(Fault.CUT_AFTER)
    delivery = carry(valclair.delivery(valclair.mastodon(rehearsal)))
    assert delivery.state == State.UNCERTAIN
    assert delivery.shown_state == "verifying"

    delivery = look(delivery)

    assert delivery.state == State.PUBLISHED
    assert delivery.receipt.proof == "found"
    assert len(posts(rehearsal)) == 1


def test_a_cut_before_acceptance_is_sent_again_only_after_two_looks_and_the_channels_delay(rehearsal):
    rehearsal.faults.arm(Fault.CUT_BEFORE)
    delivery = carry(valclair.delivery(valclair.mastodon(rehearsal)))
    assert delivery.state == State.UNCERTAIN

    assert look(delivery).state == State.UNCERTAIN  # one look is not enough
    assert look(delivery).state == State.UNCERTAIN  # nor two, too soon
    Delivery.objects.filter(pk=delivery.pk).update(doubt_at=Now() - timedelta(seconds=60))
    assert look(delivery).state == State.PLANNED
    assert carry(delivery).state == State.PUBLISHED
    assert len(posts(rehearsal)) == 1


def test_a_refused_connection_spends_a_try_and_waits(rehearsal):
    account = valclair.mastodon(rehearsal)
    rehearsal.stop()

    delivery = carry(valclair.delivery(account))

    assert delivery.state == State.PLANNED
    assert delivery.code == "unreachable"
    assert delivery.tries == 1
    assert delivery.due_at > delivery.planned_at


def test_a_revoked_token_pauses_the_account_alone_and_what_waits_goes_on_after(rehearsal):
    account = valclair.mastodon(rehearsal)
    rehearsal.revoke()
    delivery = carry(valclair.delivery(account))
    other = valclair.delivery(account, of=valclair.message(title="Autre"))

    account.refresh_from_db()
    assert account.paused_at
    assert (delivery.state, delivery.stop) == (State.PLANNED, Stop.PAUSED)
    assert carry(other).stop == Stop.PAUSED

    type(account).objects.filter(pk=account.pk).update(paused_at=None)
    assert plan.sweep() == 2


def test_a_throttled_delivery_spends_no_try(rehearsal):
    rehearsal.faults.arm(Fault.THROTTLE)

    delivery = carry(valclair.delivery(valclair.mastodon(rehearsal)))

    assert (delivery.state, delivery.tries) == (State.PLANNED, 0)
    assert delivery.code == "rate_limited"


def test_a_text_over_the_limit_never_leaves(rehearsal):
    delivery = carry(valclair.delivery(valclair.mastodon(rehearsal), text="mot " * 200))

    assert (delivery.state, delivery.code) == (State.REFUSED, "text_too_long")
    assert not posts(rehearsal)


def test_a_worker_whose_lease_ran_out_before_the_first_byte_sends_nothing(rehearsal):
    delivery = valclair.delivery(valclair.mastodon(rehearsal))
    lease = claim.claim_due(delivery.lane)
    over = claim.Lease(lease.token, lease.ids, time.monotonic() - 1)

    send(lease.ids[0], over)

    delivery.refresh_from_db()
    assert delivery.state == State.PLANNED
    assert not posts(rehearsal)


def test_a_late_worker_moves_no_state_but_its_receipt_settles_the_doubt(rehearsal):
    delivery = valclair.delivery(valclair.mastodon(rehearsal))
    lease = claim.claim_due(delivery.lane)
    original = claim.release_all

    from channels import mastodon

    publish = mastodon.Mastodon.publish

    def slow(self, rendition, prepared, key):
        proof = publish(self, rendition, prepared, key)
        original()  # somebody else decides meanwhile that this worker is dead
        return proof

    mastodon.Mastodon.publish = slow
    try:
        send(lease.ids[0], lease)
    finally:
        mastodon.Mastodon.publish = publish

    delivery.refresh_from_db()
    assert delivery.state == State.PUBLISHED
    assert delivery.receipt.proof == "late"
    assert Attempt.objects.get().was_late


def test_an_expired_claim_without_intent_goes_back_and_one_with_it_is_in_doubt(rehearsal):
    claimed = valclair.delivery(valclair.mastodon(rehearsal))
    sending = valclair.delivery(valclair.mastodon(rehearsal))
    claim.claim_due("social")
    Delivery.objects.filter(pk=sending.pk).update(state=State.SENDING, intent_at=Now())

    claim.release_all()

    claimed.refresh_from_db()
    sending.refresh_from_db()
    assert (claimed.state, sending.state) == (State.PLANNED, State.UNCERTAIN)
    assert sending.look_at is not None


@pytest.mark.parametrize(
    ("text", "days", "state"),
    [
        ("L’eau sera coupée demain, de 9 h à 12 h.", 1, State.REFUSED),
        ("L’eau sera coupée demain, de 9 h à 12 h.", 0, State.PUBLISHED),
        ("L’eau est rétablie rue des Tilleuls.", 1, State.PUBLISHED),
    ],
)
def test_a_tomorrow_that_means_another_day_is_stopped_at_the_last_gate(rehearsal, text, days, state):
    approved_for = timezone.localdate() - timedelta(days=days)

    delivery = carry(valclair.delivery(valclair.mastodon(rehearsal), text=text, read_on=approved_for))

    assert delivery.state == state
    assert delivery.code == ("facts_changed" if state == State.REFUSED else "")


LONG_AGO = timedelta(hours=25)


def began_long_ago(delivery: Delivery) -> Delivery:
    """Planned and first claimed more than a day ago."""
    Delivery.objects.filter(pk=delivery.pk).update(planned_at=Now() - LONG_AGO)
    delivery.events.create(was=State.PLANNED, now=State.CLAIMED, at=timezone.now() - LONG_AGO)
    return delivery


def test_a_channel_that_throttles_for_a_day_asks_a_person(rehearsal):
    rehearsal.faults.arm(Fault.THROTTLE)

    delivery = carry(began_long_ago(valclair.delivery(valclair.mastodon(rehearsal))))

    assert (delivery.state, delivery.code) == (State.REFUSED, "rate_limited")


def test_what_a_hold_kept_back_for_a_day_is_tried_as_long_as_anything_else(rehearsal):
    rehearsal.faults.arm(Fault.THROTTLE)
    delivery = valclair.delivery(valclair.mastodon(rehearsal))
    Delivery.objects.filter(pk=delivery.pk).update(planned_at=Now() - LONG_AGO)

    assert carry(delivery).state == State.PLANNED


@pytest.fixture
def preparing(rehearsal):
    """Replaces what the channel does before sending, until the test is over."""
    account = valclair.mastodon(rehearsal)
    kind = account.channel_class
    prepare = kind.prepare

    def by(act):
        kind.prepare = lambda self, rendition, prepared=None: act(prepared)
        return valclair.delivery(account)

    yield by
    kind.prepare = prepare


def test_a_channel_that_never_gets_ready_asks_a_person_after_a_day(preparing):
    def never(_prepared):
        raise NotReady(3, {"media": []})

    delivery = preparing(never)
    assert carry(delivery).state == State.PLANNED
    Delivery.objects.filter(pk=delivery.pk).update(due_at=Now())

    carry(began_long_ago(delivery))

    assert (delivery.state, delivery.code) == (State.REFUSED, "media_failed")


def test_uploads_that_took_longer_than_the_lease_are_kept_for_the_next(preparing):
    seen = []

    def upload(prepared):
        seen.append(dict(prepared.data))
        return Prepared({"media": [{"sha256": "x", "id": "1"}]})

    delivery = preparing(upload)
    lease = claim.claim_due(delivery.lane)
    send(lease.ids[0], claim.Lease(lease.token, lease.ids, time.monotonic() - 1))
    claim.release_all()  # also when the row is nobody's by then

    carry(delivery)

    assert seen == [{}, {"media": [{"sha256": "x", "id": "1"}]}]


def test_nothing_leaves_when_everything_was_stopped_after_the_claim(rehearsal, preparing):
    """A row that came back to *planned* while the hold was being written may be claimed by one who didn't see it yet."""

    def stopped(prepared):
        Hold.objects.create()
        return prepared

    delivery = carry(preparing(stopped))

    assert delivery.state == State.PLANNED
    assert not posts(rehearsal)
    assert not Attempt.objects.exists()


def test_a_look_that_failed_is_none_of_the_two_that_prove_absence(rehearsal):
    rehearsal.faults.arm(Fault.CUT_BEFORE)
    delivery = carry(valclair.delivery(valclair.mastodon(rehearsal)))
    Delivery.objects.filter(pk=delivery.pk).update(doubt_at=Now() - timedelta(seconds=60))
    rehearsal.faults.arm(Fault.ERROR_BEFORE, method="GET")

    assert (look(delivery).state, delivery.looks) == (State.UNCERTAIN, 0)
    assert look(delivery).state == State.UNCERTAIN
    assert look(delivery).state == State.PLANNED


def test_looks_that_fail_for_an_hour_ask_a_person(rehearsal):
    rehearsal.faults.arm(Fault.CUT_BEFORE)
    delivery = carry(valclair.delivery(valclair.mastodon(rehearsal)))
    rehearsal.faults.arm(Fault.ERROR_BEFORE, method="GET", times=20)
    for _ in range(reconcile.LOOKS_MOST + 1):
        assert look(delivery).look_at

    Delivery.objects.filter(pk=delivery.pk).update(doubt_at=Now() - timedelta(hours=2))

    assert look(delivery).look_at is None
    assert delivery in Delivery.objects.waiting_for_a_person()


@pytest.mark.parametrize("ahead_s", [10, -10])
def test_what_stands_is_found_though_the_databases_clock_and_the_workers_differ(rehearsal, ahead_s):
    rehearsal.faults.arm(Fault.CUT_AFTER)
    with time_machine.travel(timezone.now() - timedelta(seconds=ahead_s)):  # SQLite has its own clock
        delivery = carry(valclair.delivery(valclair.mastodon(rehearsal), due_in=-60))
        assert delivery.state == State.UNCERTAIN

        assert look(delivery).state == State.PUBLISHED
