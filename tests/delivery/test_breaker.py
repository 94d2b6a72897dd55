"""An account whose server does not answer rests alone; one delivery asks for all, and the first answer lets them go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from channels.outcomes import Refused, Throttled, TryLater, Uncertain
from channels.rehearsal.server import Fault
from channels.rehearsal.smtp import SmtpServer
from diffusion.accounts import connect
from diffusion.accounts.models import Account
from diffusion.delivery import amend, breaker, claim
from diffusion.delivery.models import Amendment, Attempt, Delivery, Receipt
from diffusion.delivery.send import carry, send
from diffusion.delivery.states import State
from tests import valclair
from tests.going_out import letter
from workers import tasks

pytestmark = pytest.mark.django_db


def carry_due():
    """Everything that is due, once."""
    Delivery.objects.filter(state=State.PLANNED).update(due_at=timezone.now() - timedelta(seconds=1))
    while (lease := claim.claim_due("social", limit=20)).ids:
        for pk in lease.ids:
            send(pk, lease)


def accounts_now(account):
    account.refresh_from_db()
    return account


@pytest.fixture
def dead(rehearsal):
    """An account whose server is gone: nobody listens at its address."""
    account = valclair.mastodon(rehearsal)
    rehearsal.stop()
    return account


def tries_of(account):
    return Delivery.objects.filter(account=account, tries__gt=0).count()


def test_after_three_silences_the_others_do_not_ask(dead):
    for _ in range(10):
        valclair.delivery(dead)

    carry_due()

    assert accounts_now(dead).strikes == breaker.STRIKES
    assert tries_of(dead) == breaker.STRIKES
    assert dead.health["code"] == "unreachable"
    assert Delivery.objects.filter(state=State.PLANNED).count() == 10


def test_when_the_rest_is_over_one_asks_for_all(dead):
    for _ in range(5):
        valclair.delivery(dead)
    carry_due()
    Account.objects.update(rests_until=timezone.now() - timedelta(seconds=1))

    carry_due()

    assert accounts_now(dead).strikes == breaker.STRIKES + 1
    assert dead.rests_until > timezone.now() + timedelta(seconds=4 * breaker.REST_FIRST_S), (
        "longer than after the first"
    )


def test_a_letter_whose_relay_is_away_counts_as_silence(tmp_path):
    relay = SmtpServer(tmp_path, users={"lettre": "juste"})
    relay.start()
    account = letter(relay)
    relay.stop()
    valclair.delivery(account)

    tasks.deliver("mail")

    assert accounts_now(account).strikes == 1


def test_of_two_whose_rest_is_over_at_once_one_asks(dead):
    Account.objects.update(strikes=3, rests_until=timezone.now() - timedelta(seconds=1))
    account, channel = accounts_now(dead), connect.channel_of(dead)

    assert breaker.seconds_to_rest(account, channel) == 0
    assert breaker.seconds_to_rest(account, channel) > 1


def test_the_first_answer_lets_all_of_them_go(rehearsal):
    account = valclair.mastodon(rehearsal)
    Account.objects.update(strikes=7, rests_until=timezone.now() - timedelta(seconds=1), health={"code": "unreachable"})
    for _ in range(3):
        valclair.delivery(account)

    carry_due()
    carry_due()

    assert (accounts_now(account).strikes, account.rests_until, account.health) == (0, None, {})
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.PUBLISHED}


def test_a_probe_that_is_answered_ends_the_rest(rehearsal):
    account = valclair.mastodon(rehearsal)
    Account.objects.update(strikes=7, rests_until=timezone.now() + timedelta(minutes=9))
    row = valclair.delivery(account)

    connect.probe(account)
    carry_due()

    row.refresh_from_db()
    assert (accounts_now(account).strikes, row.state) == (0, State.PUBLISHED)


def test_a_rest_takes_no_try_and_opens_no_attempt(dead):
    account = dead
    Account.objects.update(strikes=3, rests_until=timezone.now() + timedelta(minutes=5))
    row = valclair.delivery(account)

    carry_due()

    row.refresh_from_db()
    assert (row.state, row.tries, Attempt.objects.count()) == (State.PLANNED, 0, 0)
    assert row.due_at > timezone.now() + timedelta(minutes=4)


def test_withdrawals_rest_too_and_ask_for_all(dead):
    rows = [valclair.delivery(dead) for _ in range(5)]
    for row in rows:
        receipt = Receipt.objects.create(delivery=row, remote_id="1", at=timezone.now())
        Delivery.objects.filter(pk=row.pk).update(state=State.PUBLISHED, receipt=receipt)
        Amendment.objects.create(delivery=row, act=Amendment.Act.DELETE, lane=row.lane)

    for pk in (lease := claim.claim_amendments("social", limit=20)).ids:
        amend.carry(pk, lease)

    assert accounts_now(dead).strikes == breaker.STRIKES
    assert Amendment.objects.filter(tries=1).count() == breaker.STRIKES
    assert Amendment.objects.filter(tries=0, due_at__gt=timezone.now() + timedelta(seconds=5)).count() == 2


def test_another_account_of_the_same_lane_goes_on(dead, tmp_path):
    from channels.rehearsal.mastodon import MastodonServer

    Account.objects.update(strikes=3, rests_until=timezone.now() + timedelta(minutes=5))
    alive = MastodonServer(tmp_path / "alive")
    alive.start()
    try:
        row, silent = valclair.delivery(valclair.mastodon(alive)), valclair.delivery(dead)
        carry_due()
    finally:
        alive.stop()
    row.refresh_from_db()
    silent.refresh_from_db()
    assert (row.state, silent.state) == (State.PUBLISHED, State.PLANNED)


@pytest.mark.parametrize(
    ("outcome", "counts"),
    [
        (TryLater("unreachable"), True),
        (Uncertain("no_answer", evidence="timeout"), True),
        (TryLater("unreachable", after=0), False),  # our own lease was too short
        (TryLater("busy", after=30), False),
        (Uncertain("server_error", evidence="500"), False),
        (Refused("content_invalid"), False),
        (Throttled(after=60), False),
    ],
)
def test_only_silence_counts(outcome, counts):
    assert breaker.is_silence(outcome) is counts


def test_a_server_that_answers_with_errors_does_not_rest(rehearsal):
    account = valclair.mastodon(rehearsal)
    Account.objects.update(strikes=2)
    rehearsal.faults.arm(Fault.ERROR_BEFORE, method="POST")
    valclair.delivery(account)

    carry_due()

    assert accounts_now(account).strikes == 0


def test_requests_under_way_together_that_fail_together_count_once(dead):
    for _ in range(4):
        valclair.delivery(dead)
    lease = claim.claim_due("social", limit=4)

    for row in lease.rows():  # each by a thread of its own, at the same moment
        carry(row, lease)

    assert accounts_now(dead).strikes == 1
    assert tries_of(dead) == 4


@pytest.mark.parametrize("strikes", [1, breaker.STRIKES])
def test_what_we_refuse_ourselves_neither_strikes_nor_lets_anybody_go(dead, strikes):
    Account.objects.update(strikes=strikes, rests_until=timezone.now() - timedelta(seconds=1))
    too_long = valclair.delivery(dead, text="Trop long. " * 100)

    carry_due()

    too_long.refresh_from_db()
    assert (too_long.state, too_long.code) == (State.REFUSED, "text_too_long")
    assert accounts_now(dead).strikes == strikes


def test_a_picture_that_is_gone_from_our_disk_says_nothing_of_the_server(dead, tmp_path):
    Account.objects.update(strikes=2)
    row = valclair.delivery(dead)
    gone = {
        "sha256": "0" * 64,
        "media_type": "image/png",
        "path": str(tmp_path / "gone.png"),
        "description": "Un puits",
    }
    Delivery.objects.filter(pk=row.pk).update(body={**row.body, "media": [gone]})

    carry_due()

    row.refresh_from_db()
    assert (row.state, row.code, accounts_now(dead).strikes) == (State.REFUSED, "media_failed", 2)
