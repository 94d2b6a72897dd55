"""A channel that says "slow down" says it once for its whole account: nothing else that goes there asks before its time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from channels.rehearsal.server import Fault
from diffusion.accounts.models import Account
from diffusion.delivery import amend, claim, reconcile
from diffusion.delivery.models import Delivery
from diffusion.delivery.send import send
from diffusion.delivery.states import State
from tests import valclair
from workers import tasks

pytestmark = pytest.mark.django_db


def carry() -> None:
    Delivery.objects.filter(state=State.PLANNED).update(due_at=Now())
    lease = claim.claim_due("social")
    for pk in lease.ids:
        send(pk, lease)


def over(account: Account) -> None:
    """The time comes that the channel named."""
    Account.objects.filter(pk=account.pk).update(throttled_until=Now())


@pytest.fixture
def account(rehearsal):
    """An account of whose three deliveries one was answered "slow down"."""
    made = valclair.mastodon(rehearsal)
    for text in ("Un.", "Deux.", "Trois."):
        valclair.delivery(made, text=text)
    rehearsal.faults.arm(Fault.THROTTLE)
    carry()
    return made


def test_one_no_holds_the_accounts_other_rows_until_its_end_and_spends_none_of_their_tries(account, rehearsal):
    account.refresh_from_db()
    rows = account.deliveries.all()
    assert {(row.state, row.code, row.tries) for row in rows} == {(State.PLANNED, "rate_limited", 0)}
    assert all(abs(row.due_at - account.throttled_until) < timedelta(seconds=2) for row in rows)
    assert not list(rehearsal.state.newest())

    carry()
    assert not list(rehearsal.state.newest())
    over(account)
    carry()

    assert {row.state for row in account.deliveries.all()} == {State.PUBLISHED}


def test_those_that_wait_do_not_draw_the_wait_out(account):
    until = Account.objects.get().throttled_until

    carry()

    assert Account.objects.get().throttled_until == until


def test_another_account_goes_on(account, rehearsal):
    other = valclair.delivery(valclair.mastodon(rehearsal))

    carry()
    carry()

    other.refresh_from_db()
    assert other.state == State.PUBLISHED


def test_a_throttled_account_is_not_asked_for_a_withdrawal_nor_for_a_look(account, rehearsal):
    over(account)
    carry()
    rehearsal.faults.arm(Fault.CUT_AFTER)
    doubtful = valclair.delivery(account, text="Quatre.")
    carry()
    rehearsal.faults.arm(Fault.THROTTLE)
    valclair.delivery(account, text="Cinq.")
    carry()
    amend.withdraw(account.deliveries.filter(state=State.PUBLISHED).first().message, by=valclair.ines(), reason="faux")
    doubtful.refresh_from_db()
    Delivery.objects.filter(pk=doubtful.pk).update(look_at=Now())

    tasks.deliver("social")

    assert len(list(rehearsal.state.newest())) == 4
    assert not claim.claim_looks().ids
    over(account)
    lease = claim.claim_looks()
    assert lease.ids == (doubtful.pk,)


def test_a_look_that_was_told_to_wait_holds_what_goes_there(rehearsal):
    rehearsal.faults.arm(Fault.CUT_AFTER)
    delivery = valclair.delivery(valclair.mastodon(rehearsal))
    carry()
    Delivery.objects.filter(pk=delivery.pk).update(look_at=Now())
    rehearsal.faults.arm(Fault.THROTTLE, method="GET")
    lease = claim.claim_looks()

    reconcile.look(delivery.pk, lease)

    assert Account.objects.get().throttled_until
