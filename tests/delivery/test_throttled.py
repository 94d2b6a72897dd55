"""A channel that says "slow down" says it once for its whole account: nothing else that goes there asks before its time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from channels.contract import Per
from channels.outcomes import Throttled
from channels.rehearsal.mastodon import MastodonServer
from channels.rehearsal.server import Fault
from diffusion.accounts import connect
from diffusion.accounts.models import Account
from diffusion.delivery import amend, claim, reconcile, settle
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


def site(name: str, host: str = "www.val-clair.example") -> Account:
    credentials = {"site": f"https://{host}", "user": name, "application_password": "juste"}
    return connect.connect(
        name, by=None, channel="wordpress", level="public", brand=valclair.brand(), credentials=credentials
    )


def waits(account: Account) -> bool:
    account.refresh_from_db()
    return account.throttled_until is not None


def test_what_a_server_counts_by_our_address_makes_all_its_accounts_wait(rehearsal):
    told, beside = site("agenda"), site("travaux", "WWW.val-clair.example")
    elsewhere, other_channel = site("musee", "musee.val-clair.example"), valclair.mastodon(rehearsal)

    settle.heed(told, Throttled(after=60))

    assert [waits(account) for account in (told, beside, elsewhere, other_channel)] == [True, True, False, False]


def test_accounts_that_were_connected_before_servers_were_kept_share_nothing(rehearsal):
    both = [site("agenda"), site("travaux")]
    Account.objects.update(host="")

    settle.heed(both[0], Throttled(after=60))

    assert [waits(account) for account in both] == [True, False]


def test_one_server_that_counts_by_our_address_says_so_where_its_channel_counts_by_account(rehearsal):
    credentials = {"server": rehearsal.url, "access_token": rehearsal.token}
    town = {"by": None, "channel": "mastodon", "level": "public", "brand": valclair.brand(), "credentials": credentials}
    told, beside = connect.connect("Agglo", **town), connect.connect("Musée", **town)

    settle.heed(told, Throttled(after=60))
    assert [waits(told), waits(beside)] == [True, False]
    settle.heed(told, Throttled(after=60, per=Per.HOST))
    assert [waits(told), waits(beside)] == [True, True]


def test_what_we_found_in_our_own_rows_makes_nobody_else_wait(rehearsal):
    told, beside = site("agenda"), site("travaux")

    settle.heed(told, Throttled(after=60).ours())

    assert [waits(told), waits(beside)] == [False, False]


def test_moving_an_account_moves_it_to_the_other_server(rehearsal):
    told, moved = site("agenda"), site("travaux", "musee.val-clair.example")
    credentials = {"site": "https://www.val-clair.example/", "user": "t", "application_password": "juste"}

    connect.reconnect(moved, by=None, credentials=credentials)
    settle.heed(told, Throttled(after=60))

    assert waits(moved)


def test_the_last_one_that_a_server_takes_for_now_makes_the_next_wait_without_asking(tmp_path):
    server = MastodonServer(tmp_path / "strict", rates={"posts": (1, 3600)})
    server.start()
    try:
        account = valclair.mastodon(server)
        first, second = valclair.delivery(account, text="Un."), valclair.delivery(account, text="Deux.")
        carry()
        carry()
        arrived = list(server.state.newest())
    finally:
        server.stop()

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (State.PUBLISHED, State.PLANNED)
    assert waits(account)
    assert len(arrived) == 1
    assert second.attempts.count() == 0
