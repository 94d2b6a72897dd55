"""Plan once, internal first, move and cancel until the last moment, hold everything."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels.contract import Receipt as Proof
from diffusion.approval import decide
from diffusion.delivery import amend, claim, hold, plan, settle
from diffusion.delivery.models import Delivery, Stop
from diffusion.delivery.send import send
from diffusion.delivery.states import State, move_one
from diffusion.directory import notify
from diffusion.errors import NotNow
from diffusion.schedule.models import Blackout
from tests import valclair

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    """A message for agents and the public, approved, its versions on the board and on an open feed."""
    board, feed = valclair.board(), valclair.account("feed")
    message = valclair.message(publish_at=timezone.now() + timedelta(hours=6))
    for account in (board, feed):
        valclair.version(message, account)
    approval = decide.ask(message, by=valclair.ines(), of=valclair.sophie())
    decide.approve(approval, by=valclair.sophie())
    return message


def by_level(message):
    return {d.level: d for d in message.deliveries.all()}


def publish(delivery):
    Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    lease = claim.claim_due(delivery.lane)
    for pk in lease.ids:
        send(pk, lease)
    delivery.refresh_from_db()


def test_the_outside_waits_until_every_internal_delivery_is_published(town):
    plan.plan(town, by=valclair.ines())
    rows = by_level(town)
    assert rows["public"].stop == Stop.GATE
    assert rows["public"].due_at is None
    assert rows["internal"].due_at < rows["public"].planned_at

    publish(rows["internal"])

    rows = by_level(town)
    assert rows["internal"].state == State.PUBLISHED
    assert (rows["public"].stop, rows["public"].due_at) == ("", rows["public"].planned_at)


def test_planning_twice_plans_once(town):
    plan.plan(town, by=valclair.ines())
    plan.plan(town, by=valclair.ines())

    assert town.deliveries.count() == 2


def test_many_accounts_cost_no_more_questions_than_a_few():
    def asked(accounts):
        message = valclair.message(publish_at=timezone.now() + timedelta(hours=6))
        for account in (valclair.board(), *(valclair.account("feed") for _ in range(accounts - 1))):
            valclair.version(message, account)
        decide.approve(decide.ask(message, by=valclair.ines(), of=valclair.sophie()), by=valclair.sophie())
        with CaptureQueriesContext(connection) as queries:
            assert len(plan.plan(message, by=None)) == accounts
        return len(queries)

    assert asked(12) == asked(2)


def test_what_is_not_approved_is_not_planned():
    message = valclair.message()
    with pytest.raises(NotNow, match="approval"):
        plan.plan(message, by=None)


def test_a_version_that_changed_after_the_yes_is_not_planned(town):
    version = town.revision.versions.first()
    version.digest = "1:other"
    version.save()

    with pytest.raises(NotNow, match="changed"):
        plan.plan(town, by=None)


def test_approved_messages_are_planned_by_the_sweep_though_nobody_called(town):
    assert plan.plan_approved() == 2
    assert plan.plan_approved() == 0


def test_an_internal_time_inside_a_blackout_moves_before_it(town):
    when = plan.times_of(town)
    council = Blackout.objects.create(
        reason="Conseil", starts_at=when.internal - timedelta(minutes=10), ends_at=when.internal + timedelta(minutes=10)
    )

    moved = plan.times_of(town)

    assert moved.internal < council.starts_at
    assert moved.outside == when.outside


def test_rescheduling_moves_what_has_not_left_and_keeps_the_yes(town):
    plan.plan(town, by=None)
    later = timezone.now() + timedelta(days=2)

    plan.reschedule(town, by=valclair.ines(), publish_at=later)

    rows = by_level(town)
    assert rows["public"].planned_at == later
    assert rows["internal"].due_at == rows["internal"].planned_at == later - timedelta(hours=2)
    assert town.approvals.get().decision == "approved"


def test_cancelling_stops_what_waits_and_says_no_to_what_is_out(town):
    plan.plan(town, by=None)
    publish(by_level(town)["internal"])

    plan.cancel(town.deliveries.filter(level="public"), by=valclair.ines())
    with pytest.raises(NotNow):
        plan.cancel(town.deliveries.filter(level="internal"), by=valclair.ines())

    assert by_level(town)["public"].state == State.CANCELLED


def test_a_hold_takes_the_lease_from_a_claimed_row_and_lifting_lets_it_go(town):
    plan.plan(town, by=None)
    row = by_level(town)["internal"]
    Delivery.objects.filter(pk=row.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    lease = claim.claim_due(row.lane)

    hold.hold(by=valclair.paul(), reason="accident")
    for pk in lease.ids:
        send(pk, lease)
    assert by_level(town)["internal"].state == State.HELD
    assert not claim.claim_due(row.lane).ids

    hold.lift(by=valclair.paul())
    rows = by_level(town)
    assert rows["internal"].state == State.PLANNED
    assert rows["public"].stop == Stop.GATE


def test_what_is_planned_during_a_hold_is_held(town):
    hold.hold(by=valclair.paul())

    plan.plan(town, by=None)

    assert set(town.deliveries.values_list("state", flat=True)) == {State.HELD}


def test_only_one_hold_at_a_time():
    hold.hold(by=None)
    with pytest.raises(NotNow):
        hold.hold(by=None)
    hold.lift(by=None)
    with pytest.raises(NotNow):
        hold.lift(by=None)


def test_lifting_can_drop_what_came_due_meanwhile(town):
    plan.plan(town, by=None)
    hold.hold(by=None)
    town.deliveries.filter(level="internal").update(planned_at=timezone.now() - timedelta(minutes=1))

    hold.lift(by=valclair.paul(), overdue="drop")

    assert by_level(town)["internal"].state == State.CANCELLED


def test_a_refused_delivery_can_be_sent_again(rehearsal):
    row = valclair.delivery(valclair.mastodon(rehearsal), text="mot " * 200)
    publish(row)
    assert row.state == State.REFUSED

    plan.retry(row, by=valclair.paul())

    row.refresh_from_db()
    assert row.state == State.PLANNED


def test_a_receipt_is_what_published_means(town):
    plan.plan(town, by=None)
    row = by_level(town)["internal"]
    lease = "t"
    Delivery.objects.filter(pk=row.pk).update(state=State.CLAIMED, lease=lease, lease_until=timezone.now())
    move_one(Delivery.objects.filter(pk=row.pk), State.SENDING, intent_at=timezone.now())

    settle.published(row, Proof(id="42", url="https://x.example/42"), why="test")

    row.refresh_from_db()
    assert (row.state, row.receipt.remote_id) == (State.PUBLISHED, "42")


def test_what_comes_back_to_planned_during_a_hold_is_not_claimed(rehearsal):
    row = valclair.delivery(valclair.mastodon(rehearsal))
    hold.hold(by=None)
    Delivery.objects.filter(pk=row.pk).update(state=State.PLANNED)

    assert not claim.claim_due(row.lane).ids


def test_a_message_without_a_time_goes_as_soon_as_approved(town):
    type(town).objects.filter(pk=town.pk).update(publish_at=None)

    assert plan.plan_approved() == 2


def test_what_is_useless_by_now_waits_for_a_person_and_is_told(
    rehearsal, mailoutbox, django_capture_on_commit_callbacks
):
    row = valclair.delivery(valclair.mastodon(rehearsal), useless_after=timezone.now() - timedelta(hours=1))
    valclair.paul()

    with django_capture_on_commit_callbacks(execute=True):
        publish(row)
    notify.post_due()

    assert (row.state, row.stop) == (State.PLANNED, Stop.LATE)
    assert row in Delivery.objects.waiting_for_a_person()
    assert any("paul@" in mail.to[0] for mail in mailoutbox)


def late_internal(town, mails, capture):
    with capture(execute=True):
        plan.ask_about_late()
    notify.post_due()
    return [mail for mail in mails if "/deliveries/" in mail.body]


def test_an_internal_delivery_that_is_late_is_told_once_and_again_for_another_time(
    town, mailoutbox, django_capture_on_commit_callbacks
):
    valclair.paul()
    plan.plan(town, by=None)
    internal = town.deliveries.filter(level="internal")
    internal.update(planned_at=timezone.now() - timedelta(minutes=14))
    assert not late_internal(town, mailoutbox, django_capture_on_commit_callbacks)

    internal.update(planned_at=timezone.now() - timedelta(minutes=16))
    told = late_internal(town, mailoutbox, django_capture_on_commit_callbacks)
    again = late_internal(town, mailoutbox, django_capture_on_commit_callbacks)

    assert {mail.to[0] for mail in told} == {"paul@valclair.example", "inès@valclair.example"}
    assert internal.get().public_id in told[0].body
    assert len(again) == len(told) == 2


@pytest.mark.parametrize(
    "change",
    [{"state": State.HELD}, {"state": State.REFUSED}, {"stop": Stop.LATE, "due_at": None}],
    ids=["held", "refused", "useless"],
)
def test_what_waits_by_a_persons_will_or_was_told_already_is_not_told_as_late(town, change):
    plan.plan(town, by=None)
    town.deliveries.filter(level="internal").update(planned_at=timezone.now() - timedelta(hours=1), **change)

    assert plan.ask_about_late() == 0


def test_the_public_is_not_let_out_by_dropping_the_internal_after_a_hold(town):
    plan.plan(town, by=None)
    hold.hold(by=None)
    town.deliveries.filter(level="internal").update(planned_at=timezone.now() - timedelta(minutes=1))

    hold.lift(by=valclair.paul(), overdue="drop")
    plan.sweep()

    assert by_level(town)["public"].state == State.CANCELLED


def test_cancelling_the_internal_is_a_persons_way_to_let_the_public_go(town):
    plan.plan(town, by=None)

    plan.cancel(town.deliveries.filter(level="internal"), by=valclair.paul())

    public = by_level(town)["public"]
    assert (public.state, public.stop, public.due_at) == (State.PLANNED, "", public.planned_at)


def test_a_message_withdrawn_before_the_sweep_came_is_not_planned(town):
    amend.withdraw(town, by=valclair.ines(), reason="erreur")

    assert plan.plan_approved() == 0


def test_moving_to_now_keeps_the_lead(town):
    plan.plan(town, by=None)
    type(town).objects.filter(pk=town.pk).update(lead=timedelta(hours=1))

    plan.reschedule(town, by=valclair.ines(), publish_at=None)

    rows = by_level(town)
    ahead = rows["public"].planned_at - rows["internal"].planned_at
    assert timedelta(minutes=59) < ahead <= timedelta(hours=1)


@pytest.mark.parametrize("terms", [{"is_urgent": True}, {"lead": timedelta()}], ids=["urgent", "no lead"])
def test_moving_to_now_is_now_for_what_has_no_lead(town, terms):
    plan.plan(town, by=None)
    type(town).objects.filter(pk=town.pk).update(**terms)

    plan.reschedule(town, by=valclair.ines(), publish_at=None)

    rows = by_level(town)
    assert abs(rows["public"].planned_at - timezone.now()) < timedelta(seconds=30)
    assert abs(rows["public"].planned_at - rows["internal"].planned_at) < timedelta(seconds=30)
