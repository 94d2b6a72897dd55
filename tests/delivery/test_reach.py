"""A directorate that speaks to agents only from now on: what was planned for the outside does not go out any more."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from diffusion.approval.models import Approval, Decision
from diffusion.audit import Entry
from diffusion.delivery import claim, hold, plan, reach, send
from diffusion.delivery.models import Delivery, Stop
from diffusion.delivery.states import State
from diffusion.directory import notify, people
from diffusion.directory.models import Role
from diffusion.errors import NotNow
from diffusion.message.models import Message
from tests import valclair


def narrow(message: Message) -> None:
    people.change_directorate(
        message.directorate, by=valclair.ines(), name=message.directorate.name, is_internal_only=True
    )


def send_now(row: Delivery) -> Delivery:
    lease = claim.claim_due(row.lane)
    for pk in lease.ids:
        send.send(pk, lease)
    row.refresh_from_db()
    return row


@pytest.mark.django_db
@pytest.mark.parametrize("level", ["partners", "public"])
def test_what_was_claimed_before_is_not_sent_after(rehearsal: Any, level: str) -> None:
    """The change lands between the claim and the first byte, and no sweep has come by."""
    row = valclair.delivery(valclair.mastodon(rehearsal, level))
    lease = claim.claim_due(row.lane)
    narrow(row.message)

    send.send(row.pk, lease)

    row.refresh_from_db()
    assert (row.state, row.code) == (State.REFUSED, reach.CODE)
    assert not list(rehearsal.state.newest())


@pytest.mark.django_db
def test_the_agents_go_on_reading(rehearsal: Any) -> None:
    row = valclair.delivery(valclair.mastodon(rehearsal, "internal"))
    narrow(row.message)

    assert reach.stop() == 0
    assert send_now(row).state == State.PUBLISHED


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.PLANNED, State.CLAIMED, State.HELD, State.REFUSED])
def test_what_has_not_left_is_stopped_told_and_kept_in_the_journal(state: State) -> None:
    row = valclair.delivery(valclair.board("public"), due_in=3600)
    lease = {"lease": "x", "lease_until": row.planned_at} if state == State.CLAIMED else {}
    Delivery.objects.filter(pk=row.pk).update(state=state, **lease)
    narrow(row.message)

    assert reach.stop() == 1
    assert reach.stop() == 0, "once"

    row.refresh_from_db()
    assert (row.state, row.code, row.lease) == (State.CANCELLED, reach.CODE, "")
    assert Entry.objects.filter(verb="stop_outside", subject_id=row.message_id).count() == 1
    notify.post_due()
    assert [sent.to for sent in mail.outbox] == [[valclair.ines().email]]
    assert "speaks to agents only" in mail.outbox[0].body or "ne parle plus" in mail.outbox[0].body
    browser = Client()
    browser.force_login(valclair.ines())
    page = browser.get(reverse("delivery", args=[row.public_id])).content.decode()
    assert "ne parle plus" in page


@pytest.mark.django_db
def test_what_was_approved_before_is_planned_no_more() -> None:
    message = valclair.message()
    version = valclair.version(message, valclair.board("public"))
    Approval.objects.create(
        message=message, revision=message.revision, decision=Decision.APPROVED, decided_at=timezone.now(),
        seal={version.account.public_id: version.digest},
    )  # fmt: skip
    narrow(message)

    with pytest.raises(NotNow, match="agents only"):
        plan.plan(message, by=valclair.ines())
    assert plan.plan_approved() == 0


@pytest.mark.django_db
def test_what_comes_back_from_doubt_is_stopped_then(rehearsal: Any) -> None:
    row = valclair.delivery(valclair.mastodon(rehearsal))
    Delivery.objects.filter(pk=row.pk).update(state=State.UNCERTAIN, intent_at=row.planned_at, look_at=None)
    narrow(row.message)
    assert reach.stop() == 0, "it may be out: a person looks first"

    Delivery.objects.filter(pk=row.pk).update(state=State.PLANNED)

    assert reach.stop() == 1


@pytest.mark.django_db
def test_lifting_a_hold_lets_nothing_out_that_may_not() -> None:
    row = valclair.delivery(valclair.board("public"))
    hold.hold(by=None)
    narrow(row.message)
    hold.lift(by=None)

    assert send_now(row).state == State.REFUSED


@pytest.mark.django_db
def test_a_yes_given_while_in_office_stands(rehearsal: Any) -> None:
    """The approval was the authority's word, not the person's: who left since, or was closed, takes nothing back by it."""
    row, boss = valclair.delivery(valclair.mastodon(rehearsal)), valclair.sophie()
    row.message.approvals.create(
        revision=row.revision,
        asked_of=boss,
        decided_by=boss,
        decision=Decision.APPROVED,
        decided_at=timezone.now(),
        seal={},
    )
    Role.objects.filter(person=boss).delete()
    people.deactivate(boss, by=valclair.person("Adjointe", "administrator"))

    assert send_now(row).state == State.PUBLISHED


@pytest.mark.django_db
def test_an_account_that_was_paused_after_planning_sends_nothing(rehearsal: Any) -> None:
    from diffusion.accounts import connect

    row = valclair.delivery(valclair.mastodon(rehearsal))
    connect.pause(row.account, by=valclair.paul())

    send_now(row)

    assert (row.state, row.stop) == (State.PLANNED, Stop.PAUSED)
    assert not list(rehearsal.state.newest())


@pytest.mark.django_db
def test_housekeeping_stops_it_without_anybody() -> None:
    from workers import tasks

    row = valclair.delivery(valclair.board("public"), due_in=3600)
    narrow(row.message)

    tasks.keep_house("housekeeping")

    row.refresh_from_db()
    assert row.state == State.CANCELLED
