"""Rehearsal: off unless asked, on this machine only, told apart in every figure; what people must do stays in sight."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels.http import Http
from channels.outcomes import Outcome
from channels.rehearsal.server import Fault
from diffusion import vault
from diffusion.accounts import connect, rehearsal
from diffusion.accounts.models import Account
from diffusion.delivery import amend, plan
from diffusion.delivery.claim import claim_looks
from diffusion.delivery.models import Delivery
from diffusion.delivery.reconcile import look
from diffusion.delivery.states import State
from diffusion.errors import BadInput, NotNow
from diffusion.intake.models import Via
from diffusion.intake.submit import Handed, submit
from diffusion.report import fates
from diffusion.web import figures
from tests import valclair
from tests.cli.terminal import said, say, told
from tests.web.town import Town
from workers import tasks
from workers.rehearsal import Rehearsal

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
Switch = Callable[[bool], None]


@pytest.fixture
def switch(settings: Any, tmp_path: Path) -> Iterator[Switch]:
    """Turns DIFFUSION_REHEARSAL, in a home of its own and with nothing private listed."""

    def turn(is_on: bool) -> None:
        changes = {"rehearsal": is_on, "home": tmp_path, "private_hosts": ()}
        settings.DIFFUSION = settings.DIFFUSION.model_copy(update=changes)
        connect.http.cache_clear()  # the way out is as the settings are

    turn(False)
    yield turn
    connect.http.cache_clear()


@pytest.fixture
def stage(switch: Switch) -> Iterator[Rehearsal]:
    switch(True)
    servers = Rehearsal()
    servers.start()
    yield servers
    servers.stop()


def network(**more: Any) -> Account:
    given: dict[str, Any] = {"level": "public", "brand": valclair.brand(), "credentials": {}, "is_rehearsal": True}
    return connect.connect("Mastodon", by=None, channel="mastodon", **{**given, **more})


def carried(lane: str = "social") -> None:
    tasks.deliver(lane)


def mark(row: Delivery) -> Delivery:
    row.refresh_from_db()
    return row


# on: this machine's servers, and nothing but them


def test_a_message_is_rehearsed_without_credentials_nor_a_listed_address(stage: Rehearsal) -> None:
    row = valclair.delivery(network())

    carried()

    assert mark(row).state == State.PUBLISHED
    assert [status.text for status in stage.servers["mastodon"].state.newest()] == [row.body["text"]]


def test_a_letter_finds_its_relay_and_has_a_sender(stage: Rehearsal) -> None:
    letter = connect.connect(
        "Lettre", by=None, channel="smtp", level="public", brand=valclair.brand(), credentials={}, is_rehearsal=True
    )

    connect.probe(letter)

    assert "@" in vault.unseal(letter.sealed)["sender"]
    assert stage.servers["smtp"].connections == 1


def test_servers_that_come_back_elsewhere_are_found_again(stage: Rehearsal) -> None:
    account, before = network(), stage.servers["mastodon"].port
    stage.stop()
    with socket.socket() as squatter:  # somebody else has its port by now
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind((rehearsal.HOST, before))
        squatter.listen()
        again = Rehearsal()
        again.start()
        row = valclair.delivery(account)

        carried()
        again.stop()

    assert again.servers["mastodon"].port != before
    assert mark(row).state == State.PUBLISHED


def test_servers_come_back_where_they_were_with_what_they_had(stage: Rehearsal) -> None:
    row = valclair.delivery(network())
    carried()
    stage.stop()
    again = Rehearsal()
    again.start()

    here = {name: server.port for name, server in again.servers.items()}
    found = [status.id for status in again.servers["mastodon"].state.newest()]
    again.stop()

    assert here == {name: server.port for name, server in stage.servers.items()}
    assert mark(row).receipt
    assert found == [row.receipt.remote_id]


@pytest.mark.parametrize("server", ["https://mastodon.example", "http://10.0.0.1", "http://127.0.0.1.example", "//[x"])
def test_a_rehearsal_elsewhere_is_refused(stage: Rehearsal, server: str) -> None:
    with pytest.raises(BadInput) as no:
        network(credentials={"server": server, "access_token": "x"})

    assert no.value.code == "rehearsal_elsewhere"
    assert not Account.objects.exists()


def test_an_account_that_was_made_to_point_elsewhere_reaches_nothing(stage: Rehearsal) -> None:
    account = valclair.account("mastodon", server="https://mastodon.example", access_token="x")
    Account.objects.update(is_rehearsal=True)
    row = valclair.delivery(Account.objects.get(pk=account.pk))

    carried()

    assert (mark(row).state, row.code) == (State.REFUSED, "rehearsal_elsewhere")


@pytest.mark.parametrize("url", ["http://93.184.215.14/", "http://10.0.0.1/", "http://[2606:4700::1111]/"])
def test_its_way_out_leads_to_the_loopback_alone(url: str) -> None:
    with pytest.raises(Outcome) as no:
        Http.on_this_machine().call("GET", url, deadline_s=2)

    assert no.value.code == "address_forbidden"
    assert no.value.facts["reason"] == "not_this_machine"


def test_a_channel_without_a_rehearsal_says_which_have_one(stage: Rehearsal) -> None:
    with pytest.raises(BadInput) as no:
        connect.connect(
            "Site", by=None, channel="wordpress", level="public", brand=valclair.brand(), credentials={}, is_rehearsal=True
        )  # fmt: skip

    assert no.value.facts["known"] == "mastodon, smtp"


# the faces


def test_the_page_offers_it_in_one_choice(stage: Rehearsal, town: Town, sign_in: SignIn) -> None:
    client, address = sign_in("ops"), reverse("account_connect", args=["mastodon"]) + "?rehearsal"
    assert address in client.get(reverse("account_choose")).content.decode()
    assert "credential-" not in client.get(address).content.decode()

    given = {"name": "Essai", "level": "public", "brand": valclair.brand().public_id}
    answer = client.post(address, given, follow=True).content.decode()

    made = Account.objects.get(name="Essai")
    assert made.is_rehearsal
    assert made.health["name"]
    assert '<span class="tag">répétition</span>' in answer
    assert "Le canal nous reconnaît" in answer


def test_it_is_reconnected_without_an_address(stage: Rehearsal, town: Town, sign_in: SignIn) -> None:
    made = network()
    address = reverse("account_reconnect", args=[made.public_id])
    client = sign_in("ops")

    page = client.get(address).content.decode()
    client.post(address, {"credential-visibility": "unlisted"})

    assert "credential-visibility" in page
    assert "credential-server" not in page
    assert "credential-access_token" not in page
    made.refresh_from_db()
    assert vault.unseal(made.sealed)["visibility"] == "unlisted"


def test_while_it_is_off_no_face_offers_it(switch: Switch, town: Town, sign_in: SignIn) -> None:
    client, address = sign_in("ops"), reverse("account_connect", args=["mastodon"]) + "?rehearsal"

    assert "?rehearsal" not in client.get(reverse("account_choose")).content.decode()
    assert client.get(address).status_code == 404
    result = say(
        "account", "add", "Essai", "--channel", "mastodon", "--level", "public", "--brand", "eau", "--rehearsal"
    )
    assert result.exit_code == 1
    assert "DIFFUSION_REHEARSAL=true" in result.stderr


def test_a_terminal_adds_it_by_one_word(stage: Rehearsal) -> None:
    valclair.brand()

    said("account", "add", "Essai", "--channel", "mastodon", "--level", "public", "--brand", "eau", "--rehearsal")

    assert [(row["account"], row["rehearsal"]) for row in told("account", "list")] == [("essai", True)]


# off: what goes there waits, and says why; nobody waits for it


@pytest.fixture
def silent(stage: Rehearsal, switch: Switch) -> Account:
    """An account that rehearsed until the operator turned it off."""
    account = network()
    switch(False)
    return account


def test_while_it_is_off_its_deliveries_wait_and_go_on_by_themselves(
    silent: Account, stage: Rehearsal, switch: Switch
) -> None:
    row, other = valclair.delivery(silent), valclair.delivery(valclair.board(level="public"))

    for lane in ("social", "intranet"):
        carried(lane)
    plan.sweep()
    carried()

    assert (mark(row).state, row.stop, row.attempts.count()) == (State.PLANNED, "paused", 0)
    assert row.events.count() == 2  # claimed and put back, once: the sweep doesn't offer it again
    assert mark(other).state == State.PUBLISHED
    assert not Account.objects.exclude(paused_at=None).exists()
    assert not list(stage.servers["mastodon"].state.newest())

    switch(True)
    plan.sweep()
    carried()

    assert mark(row).state == State.PUBLISHED


def test_while_it_is_off_a_withdrawal_waits_too(stage: Rehearsal, switch: Switch) -> None:
    row = valclair.delivery(network())
    carried()
    switch(False)
    amend.withdraw(row.message, by=valclair.ines(), reason="Erreur")

    carried()

    assert mark(row).state == State.PUBLISHED
    assert row.amendments.get().due_at is None
    assert list(stage.servers["mastodon"].state.newest())

    switch(True)
    plan.sweep()
    carried()

    assert mark(row).state == State.WITHDRAWN
    assert not list(stage.servers["mastodon"].state.newest())


def test_why_it_waits_is_said_on_its_page_and_on_its_deliveries(silent: Account, town: Town, sign_in: SignIn) -> None:
    row, client = valclair.delivery(silent), sign_in("ops")
    carried()

    pages = [
        client.get(address).content.decode()
        for address in (
            reverse("account", args=[silent.public_id]), reverse("delivery", args=[row.public_id]), reverse("deliveries"),
        )
    ]  # fmt: skip

    assert all("a répétition est éteinte" in page for page in pages)
    assert all("DIFFUSION_REHEARSAL=true" in page for page in pages[:2])
    assert "compte en pause" not in "".join(pages)


def test_the_public_does_not_wait_for_agents_of_a_rehearsal_that_is_off(silent: Account) -> None:
    Account.objects.filter(pk=silent.pk).update(level="internal")
    silent.refresh_from_db()
    message = valclair.message()
    inside = valclair.delivery(silent, of=message)
    outside = valclair.delivery(valclair.board(level="public"), of=message)
    Delivery.objects.filter(pk=outside.pk).update(stop="gate", due_at=None)

    plan.sweep()
    carried("intranet")

    assert mark(outside).state == State.PUBLISHED
    assert mark(inside).state == State.PLANNED


def test_a_doubt_of_it_waits_too_and_no_person_is_asked(silent: Account, mailoutbox: list[Any]) -> None:
    long_ago = timezone.now() - timedelta(days=2)
    row = valclair.delivery(silent, state="uncertain", intent_at=long_ago, doubt_at=long_ago, look_at=long_ago)
    lease = claim_looks()

    look(row.pk, lease)

    assert mark(row).state == State.UNCERTAIN
    assert row.look_at
    assert row.look_at > timezone.now()
    assert row.lease == ""
    assert row.looks == 0


def test_nothing_is_asked_of_it(silent: Account) -> None:
    with pytest.raises(NotNow) as no:
        connect.probe(silent)

    assert no.value.code == "rehearsal_off"
    assert silent.health == {}


# figures: what counts, and what is told beside it; work stays in sight


def test_figures_leave_it_out_and_name_it_beside(stage: Rehearsal, town: Town, sign_in: SignIn) -> None:
    account = network()
    real = valclair.delivery(valclair.board(level="public"))
    rows = [valclair.delivery(account) for _ in range(3)]
    for lane in ("social", "intranet"):
        carried(lane)
    assert {mark(row).state for row in [real, *rows]} == {State.PUBLISHED}
    valclair.delivery(account)  # due, and not yet carried
    by_name = {row.name: row for row in figures.lanes()}
    client = sign_in("ops")

    page = client.get(reverse("deliveries") + "?show=published").content.decode()
    desk = sign_in("communicator").get(reverse("desk")).content.decode()

    social = by_name["social"]
    assert (social.queued, social.done, social.queued_apart, social.done_apart) == (0, 0, 1, 3)
    assert by_name["intranet"].done == 1
    assert social.oldest_s is None
    assert "et 3 en répétition" in page
    assert "Et 4 en répétition." in desk
    assert "1 publiée" in desk


def test_status_tells_it_apart(stage: Rehearsal) -> None:
    account = network()
    for _ in range(2):
        valclair.delivery(account)

    assert told("status")["lanes"]["social"]["due"] == 0
    assert told("status")["rehearsals"]["social"]["due"] == 2
    assert "And in rehearsal: 2 due" in said("status")


def test_what_a_person_must_decide_stays_in_sight(stage: Rehearsal, town: Town, sign_in: SignIn) -> None:
    stage.servers["mastodon"].faults.arm(Fault.CUT_AFTER)
    row = valclair.delivery(network())
    carried()
    Delivery.objects.filter(pk=row.pk).update(look_at=None)
    assert mark(row).state == State.UNCERTAIN

    page = sign_in("ops").get(reverse("deliveries")).content.decode()
    desk = sign_in("communicator").get(reverse("desk")).content.decode()

    assert f'id="case-{row.public_id}"' in page
    assert reverse("delivery", args=[row.public_id]) in desk
    assert "1 incertaine" in desk


def test_a_message_on_its_way_counts_what_is_real(stage: Rehearsal, town: Town, sign_in: SignIn) -> None:
    message = valclair.message()
    for account in (network(), valclair.board(level="public")):
        valclair.delivery(account, of=message)

    page = sign_in("communicator").get(reverse("message", args=[message.public_id])).content.decode()

    assert "0 diffusion sortie sur 1. Et 1 en répétition." in page


def test_its_sender_sees_where_it_is_read_and_where_it_was_rehearsed(stage: Rehearsal) -> None:
    handed = submit(Handed(title="Bal", text="Samedi."), via=Via.FORM, directorate=valclair.water(), by=valclair.marc())
    message = valclair.message()
    message.submissions.add(handed)
    for account in (network(), valclair.board(level="public")):
        valclair.delivery(account, of=message)
    for lane in ("social", "intranet"):
        carried(lane)

    [fate] = fates([handed])

    assert (fate.real, fate.rehearsed) == (1, 1)
    assert told("delivery", "list")[0].keys() >= {"rehearsal"}


def test_nothing_is_told_apart_where_nothing_rehearses(town: Town, sign_in: SignIn) -> None:
    valclair.delivery(valclair.board(level="public"))
    carried("intranet")

    for page in ("deliveries", "desk"):
        assert "en répétition" not in sign_in("communicator").get(reverse(page)).content.decode()
    assert "rehearsal" not in said("status")
