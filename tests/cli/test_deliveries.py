"""Deliveries and the hold from a terminal."""

from __future__ import annotations

import pytest

from diffusion.accounts.models import Account
from diffusion.audit import Entry
from diffusion.delivery.holding import Hold
from diffusion.delivery.models import Delivery, Stop
from diffusion.delivery.states import State
from tests import valclair
from tests.cli.terminal import said, say, told

pytestmark = pytest.mark.django_db


def refused() -> Delivery:
    made = valclair.delivery(valclair.board())
    Delivery.objects.filter(pk=made.pk).update(state=State.REFUSED, due_at=None, code="text_empty")
    return made


def test_deliveries_are_listed_by_state_account_and_message() -> None:
    bad, good = refused(), valclair.delivery(valclair.board(), due_in=3600)

    by_state = told("delivery", "list", "--state", "refused")
    by_account = told("delivery", "list", "--account", good.account.slug)
    by_message = told("delivery", "list", "--message", bad.message.public_id)

    assert [row["delivery"] for row in by_state] == [row["delivery"] for row in by_message] == [bad.public_id]
    assert [row["delivery"] for row in by_account] == [good.public_id]
    assert by_state[0]["code"] == "text_empty"
    assert "The text is empty." in said("delivery", "list")
    assert "Refusée" in say("delivery", "list", lang="fr_FR.UTF-8").stdout


def test_a_refused_delivery_is_sent_again_by_somebody() -> None:
    made, paul = refused(), valclair.paul()

    said("delivery", "retry", made.public_id, "--by", paul.email)

    made.refresh_from_db()
    assert made.state == State.PLANNED
    assert Entry.objects.get(verb="retry").by == paul


def test_one_that_is_not_refused_is_not_sent_again() -> None:
    made = valclair.delivery(valclair.board(), due_in=3600)

    result = say("delivery", "retry", made.public_id)

    assert result.exit_code == 1
    assert "No longer possible" in result.stderr


def test_of_several_all_must_be_there() -> None:
    made = refused()

    result = say("delivery", "retry", made.public_id, "nothere12345")

    made.refresh_from_db()
    assert result.exit_code == 1
    assert "nothere12345" in result.stderr
    assert made.state == State.REFUSED


def test_a_delivery_is_cancelled_once() -> None:
    made = valclair.delivery(valclair.board(), due_in=3600)

    assert "1 delivery(ies) cancelled" in said("delivery", "cancel", made.public_id)
    assert say("delivery", "cancel", made.public_id).exit_code == 1


def test_the_hold_stops_everything_and_lifting_lets_it_go() -> None:
    made = valclair.delivery(valclair.board(), due_in=3600)

    said("hold", "on", "--reason", "Accident")
    made.refresh_from_db()
    assert (made.state, Hold.objects.get().reason) == (State.HELD, "Accident")
    assert say("hold", "on").exit_code == 1
    assert told("status")["hold"]["reason"] == "Accident"

    said("hold", "off")
    made.refresh_from_db()
    assert made.state == State.PLANNED
    assert say("hold", "off").exit_code == 1


def test_what_came_due_meanwhile_can_be_dropped() -> None:
    made = valclair.delivery(valclair.board(), due_in=-60)
    said("hold", "on")

    said("hold", "off", "--drop")

    made.refresh_from_db()
    assert made.state == State.CANCELLED


def braked(on: Account) -> Delivery:
    made = valclair.delivery(on, of=valclair.message(f"Avis {Delivery.objects.count()}"), is_vouched=False)
    Delivery.objects.filter(pk=made.pk).update(stop=Stop.BRAKE, due_at=None)
    return made


def test_what_the_brake_stopped_is_listed_and_goes_by_somebodys_yes() -> None:
    made, other = braked(valclair.board()), refused()

    assert [row["delivery"] for row in told("delivery", "list", "--stop", "brake")] == [made.public_id]
    rows = told("delivery", "vouch", made.public_id, other.public_id, "--by", valclair.paul().email)

    made.refresh_from_db()
    assert [(row["delivery"], row["state"], row["stop"]) for row in rows] == [(made.public_id, "due", None)]
    assert (made.is_vouched, made.state) == (True, State.PLANNED)
    assert Entry.objects.get(verb="vouch").by == valclair.paul()
    assert told("delivery", "list", "--stop", "brake") == []


def test_one_yes_is_for_all_that_one_account_keeps_back() -> None:
    account = valclair.board()
    mine, elsewhere = [braked(account), braked(account)], braked(valclair.board())

    assert "2 braked" in said("delivery", "vouch", "--account", account.slug)

    assert set(Delivery.objects.filter(is_vouched=True)) == set(mine)
    assert Delivery.objects.get(pk=elsewhere.pk).stop == Stop.BRAKE


@pytest.mark.parametrize("words", [(), ("k7m2p9xq4wtn", "--account", "mastodon")])
def test_a_yes_is_to_deliveries_or_to_an_account(words: tuple[str, ...]) -> None:
    assert say("delivery", "vouch", *words).exit_code == 2


def test_a_yes_that_nothing_waits_for_is_a_no() -> None:
    result = say("delivery", "vouch", refused().public_id)

    assert result.exit_code == 1
    assert "Nothing waited for your yes" in result.stderr


def test_a_lane_is_paused_by_its_name_and_the_status_shows_it() -> None:
    made = valclair.delivery(valclair.board(), due_in=3600)

    assert "hold off --lane intranet" in said("hold", "on", "--lane", "intranet", "--reason", "Panne")
    made.refresh_from_db()
    assert made.state == State.HELD
    status = told("status")
    assert (status["hold"], [(row["over"], row["reason"]) for row in status["holds"]]) == (
        None,
        [("lane intranet", "Panne")],
    )
    assert ": lane intranet · Panne" in said("status")
    assert say("hold", "on", "--lane", "intake").exit_code == 2
    assert say("hold", "on", "--lane", "mail", "--account", "x").exit_code == 2

    said("hold", "off", "--lane", "intranet")
    made.refresh_from_db()
    assert made.state == State.PLANNED
