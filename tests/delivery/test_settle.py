"""What is learnt late, and what people asked for while nobody knew: a proof or its absence settles both."""

from __future__ import annotations

import pytest
from django.db.models.functions import Now

from channels.contract import Receipt as Proof
from channels.rehearsal.server import Fault
from diffusion.approval.models import Approval, Decision
from diffusion.delivery import amend, claim, hold, plan, reconcile, settle
from diffusion.delivery.models import Amendment, Delivery
from diffusion.delivery.send import send
from diffusion.delivery.states import State
from diffusion.instants import in_seconds
from diffusion.message.models import Revision
from tests import valclair

pytestmark = pytest.mark.django_db

NEW = "L’eau sera coupée jeudi 18 juin 2026, de 8 h 30 à 12 h 30, rue des Tilleuls."


def carry(delivery):
    Delivery.objects.filter(pk=delivery.pk, state=State.PLANNED).update(due_at=in_seconds(-1))
    lease = claim.claim_due(delivery.lane)
    for pk in lease.ids:
        send(pk, lease)
    delivery.refresh_from_db()
    return delivery


def look(delivery, times=1):
    for _ in range(times):
        Delivery.objects.filter(pk=delivery.pk).update(look_at=Now(), doubt_at=in_seconds(-600))
        lease = claim.claim_looks()
        for pk in lease.ids:
            reconcile.look(pk, lease)
    delivery.refresh_from_db()
    return delivery


def amend_all(lane="social"):
    lease = claim.claim_amendments(lane)
    for pk in lease.ids:
        amend.carry(pk, lease)
    return lease


def rewrite(message, text=NEW):
    """The message has other words, and they are approved."""
    message.revision = Revision.objects.create(
        message=message,
        number=message.revisions.count() + 1,
        title=message.revision.title,
        body=text,
        by=valclair.ines(),
    )
    message.save()
    accounts = {delivery.account for delivery in message.deliveries.all()}
    versions = [valclair.version(message, account) for account in accounts]
    Approval.objects.create(
        message=message, revision=message.revision, asked_by=valclair.ines(), decision=Decision.APPROVED,
        decided_at=Now(), seal={version.account.public_id: version.digest for version in versions},
    )  # fmt: skip
    return message


def texts(server):
    return [status.text for status in server.state.newest()]


@pytest.mark.parametrize("state", [State.PLANNED, State.CLAIMED, State.HELD])
def test_a_late_receipt_keeps_what_would_go_out_again_from_leaving(rehearsal, state):
    delivery = valclair.delivery(valclair.mastodon(rehearsal))
    lease = {"lease": "t", "lease_until": in_seconds(60)} if state == State.CLAIMED else {}
    Delivery.objects.filter(pk=delivery.pk).update(state=state, **lease)

    settle.keep_late(delivery, Proof(id="7", url="https://mastodon.example/7"))

    delivery.refresh_from_db()
    assert (delivery.state, delivery.receipt.proof) == (State.PUBLISHED, "late")
    assert not claim.claim_due(delivery.lane).ids


def test_a_withdrawal_reaches_what_turns_out_to_stand(rehearsal):
    rehearsal.faults.arm(Fault.CUT_AFTER)
    delivery = carry(valclair.delivery(valclair.mastodon(rehearsal)))
    amend.withdraw(delivery.message, by=valclair.ines(), reason="fausse alerte")
    assert look(delivery).state == State.PUBLISHED

    amend_all()

    delivery.refresh_from_db()
    assert delivery.state == State.WITHDRAWN
    assert not texts(rehearsal)


def test_what_was_withdrawn_while_in_doubt_does_not_go_out_again(rehearsal):
    rehearsal.faults.arm(Fault.CUT_BEFORE)
    delivery = carry(valclair.delivery(valclair.mastodon(rehearsal)))
    amend.withdraw(delivery.message, by=valclair.ines(), reason="fausse alerte")

    assert look(delivery, times=2).state == State.CANCELLED
    assert not delivery.amendments.filter(done_at=None).exists()


def test_a_withdrawal_of_what_is_being_sent_stops_its_next_try(rehearsal):
    account = valclair.mastodon(rehearsal)
    delivery = valclair.delivery(account)
    rehearsal.faults.arm(Fault.THROTTLE)
    publish = account.channel_class.publish

    def meanwhile(*args):
        amend.withdraw(delivery.message, by=valclair.ines(), reason="fausse alerte")
        return publish(*args)

    account.channel_class.publish = meanwhile
    try:
        carry(delivery)
    finally:
        account.channel_class.publish = publish

    delivery.refresh_from_db()
    assert delivery.state == State.CANCELLED


def test_a_correction_reaches_what_turns_out_to_stand(rehearsal):
    rehearsal.faults.arm(Fault.CUT_AFTER)
    delivery = carry(valclair.delivery(valclair.mastodon(rehearsal)))
    amend.correct(rewrite(delivery.message), by=valclair.ines())
    look(delivery)

    amend_all()

    assert texts(rehearsal) == [NEW]


def test_what_was_corrected_while_in_doubt_goes_out_with_its_new_words(rehearsal):
    rehearsal.faults.arm(Fault.CUT_BEFORE)
    delivery = carry(valclair.delivery(valclair.mastodon(rehearsal)))
    message = rewrite(delivery.message)
    amend.correct(message, by=valclair.ines())
    assert look(delivery, times=2).state == State.PLANNED

    carry(delivery)

    assert texts(rehearsal) == [NEW]
    assert delivery.revision_id == message.revision_id
    assert plan.plan_approved() == 0


def test_an_approved_correction_that_waits_for_its_button_is_not_planned_at_every_sweep(rehearsal):
    rewrite(carry(valclair.delivery(valclair.mastodon(rehearsal))).message)

    assert plan.plan_approved() == 0


def test_new_words_are_planned_for_what_had_not_left_by_then(rehearsal):
    sent, waiting = valclair.mastodon(rehearsal), valclair.mastodon(rehearsal)
    message = carry(valclair.delivery(sent)).message
    valclair.delivery(waiting, of=message, due_in=60)
    rewrite(message)

    assert plan.plan_approved() == 2

    states = dict(message.deliveries.filter(account=waiting).values_list("revision__number", "state"))
    assert states == {1: State.SUPERSEDED, 2: State.PLANNED}
    assert plan.plan_approved() == 0


def test_of_two_corrections_the_later_waits_for_the_request_of_the_earlier(rehearsal):
    delivery = carry(valclair.delivery(valclair.mastodon(rehearsal)))
    amend.correct(rewrite(delivery.message, "Un."), by=valclair.ines())
    first = claim.claim_amendments("social")
    amend.correct(rewrite(delivery.message), by=valclair.ines())

    assert first.ids
    assert not claim.claim_amendments("social").ids
    for pk in first.ids:
        amend.carry(pk, first)
    amend_all()

    assert texts(rehearsal) == [NEW]
    delivery.refresh_from_db()
    assert delivery.rendition.text == NEW


def test_a_correction_whose_lease_is_over_is_left_to_the_next(rehearsal):
    delivery = carry(valclair.delivery(valclair.mastodon(rehearsal)))
    amend.correct(rewrite(delivery.message), by=valclair.ines())
    lease = claim.claim_amendments("social")

    for pk in lease.ids:
        amend.carry(pk, claim.Lease(lease.token, lease.ids, deadline=0.0))

    assert NEW not in texts(rehearsal)
    amend_all()
    assert texts(rehearsal) == [NEW]


def test_during_a_hold_no_correction_is_claimed_and_none_waits_for_a_lease_after_it(rehearsal):
    delivery = carry(valclair.delivery(valclair.mastodon(rehearsal)))
    amend.correct(rewrite(delivery.message), by=valclair.ines())
    hold.hold(by=None)
    assert not claim.claim_amendments("social").ids
    hold.lift(by=None)

    assert amend_all().ids
    assert texts(rehearsal) == [NEW]


def test_a_withdrawal_takes_what_was_refused_off_the_list_of_things_to_do(rehearsal):
    delivery = carry(valclair.delivery(valclair.mastodon(rehearsal), text="mot " * 200))
    assert delivery.state == State.REFUSED

    amend.withdraw(delivery.message, by=valclair.ines(), reason="fausse alerte")

    delivery.refresh_from_db()
    assert delivery.state == State.CANCELLED


def test_an_answer_that_came_late_and_proved_absence_brings_a_new_key(rehearsal):
    delivery = valclair.delivery(valclair.mastodon(rehearsal))
    lease = claim.claim_due(delivery.lane)
    rehearsal.faults.arm(Fault.THROTTLE)
    channel = delivery.account.channel_class
    publish = channel.publish

    def slow(*args):
        claim.release_all()
        return publish(*args)

    channel.publish = slow
    try:
        send(lease.ids[0], lease)
    finally:
        channel.publish = publish

    delivery.refresh_from_db()
    assert (delivery.state, delivery.generation) == (State.PLANNED, 2)
    assert not Amendment.objects.exists()
