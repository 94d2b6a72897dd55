"""One act for a whole cause: asked first, by its number, and never twice."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from diffusion.accounts.models import Account
from diffusion.audit import Entry
from diffusion.delivery.models import Delivery, Event
from tests import valclair
from tests.web.town import Town

SignIn = Callable[[str], Client]


def _failed(account: Account, count: int, **changes: Any) -> list[Delivery]:
    rows = [valclair.delivery(account, of=valclair.message(f"Message {number}")) for number in range(count)]
    row = {"state": "refused", "code": "forbidden", "due_at": None, **changes}
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(**row)
    return rows


def _states() -> list[str]:
    return sorted(
        Delivery.objects.exclude(message__revision__title__startswith="Coupure").values_list("state", flat=True)
    )


def _address(act: str, **query: str) -> str:
    return reverse("deliveries_together", args=[act], query=query)


def test_the_board_leads_to_one_act_for_a_cause_and_to_its_rows(town: Town, sign_in: SignIn) -> None:
    account = valclair.board()
    _failed(account, 5)
    _failed(account, 2, code="too_long")

    page = html.unescape(sign_in("ops").get(reverse("deliveries")).content.decode())

    query = f"show=refused&account={account.public_id}&code=forbidden"
    assert f'href="{reverse("deliveries_together", args=["retry"])}?{query}"' in page
    assert f'href="{reverse("deliveries")}?{query}#list"' in page
    assert "et 2 autres" in page  # of five, three stand there


def test_it_is_not_all_clear_while_something_waits_for_somebody(town: Town, sign_in: SignIn) -> None:
    client = sign_in("ops")
    before = client.get(reverse("deliveries")).content.decode()

    _failed(valclair.board(), 1, state="planned", code="", stop="brake")
    after = client.get(reverse("deliveries")).content.decode()

    assert ("Tout part." in before, "Tout part." in after) == (True, False)
    assert "Tout ne part pas." in after
    assert "Rejouer les cochées" not in after  # nothing there can be ticked


def test_all_of_a_cause_are_retried_after_a_question_and_nothing_else(town: Town, sign_in: SignIn) -> None:
    account, client = valclair.board(), sign_in("ops")
    mine, others = _failed(account, 4), _failed(account, 1, code="too_long") + _failed(valclair.board(), 1)
    address = _address("retry", show="refused", account=account.public_id, code="forbidden")

    question = client.get(address).content.decode()
    assert "Rejouer 4 diffusions" in question
    assert {row.state for row in Delivery.objects.filter(pk__in=[row.pk for row in mine])} == {"refused"}
    answer = client.post(address, {"count": 4}, follow=True).content.decode()

    assert "4 diffusions remises en file" in answer
    assert {row.state for row in Delivery.objects.filter(pk__in=[row.pk for row in mine])} == {"planned"}
    assert {row.state for row in Delivery.objects.filter(pk__in=[row.pk for row in others])} == {"refused"}
    entry = Entry.objects.get(verb="retry")
    assert (entry.subject_kind, entry.subject_id, entry.facts) == ("account", account.pk, {"deliveries": 4})
    assert entry.by == town.people["ops"]


def test_a_second_click_does_nothing(town: Town, sign_in: SignIn) -> None:
    account, client = valclair.board(), sign_in("ops")
    _failed(account, 3)
    address = _address("retry", show="refused", account=account.public_id)

    client.post(address, {"count": 3})
    again = client.post(address, {"count": 3})

    assert "ne correspond plus" in again.content.decode()
    assert Event.objects.filter(why="retry").count() == 3
    assert Entry.objects.filter(verb="retry").count() == 1


def test_a_yes_to_three_is_none_to_five(town: Town, sign_in: SignIn) -> None:
    account, client = valclair.board(), sign_in("ops")
    _failed(account, 5)

    answer = client.post(_address("retry", show="refused", account=account.public_id), {"count": 3}).content.decode()

    assert _states() == ["refused"] * 5
    assert "Rejouer 5 diffusions" in answer
    assert re.search('name="count" value="5"', answer)


@pytest.mark.parametrize(
    ("act", "show", "was", "becomes"),
    [
        ("cancel", "refused", {}, "cancelled"),
        ("cancel", "late", {"state": "planned", "stop": "late"}, "cancelled"),
        ("vouch", "brake", {"state": "planned", "stop": "brake", "is_vouched": False}, "planned"),
        ("retry", "brake", {"state": "planned", "stop": "brake", "is_vouched": False}, "stopped"),
    ],
)
def test_each_act_is_for_its_own_rows(
    town: Town, sign_in: SignIn, act: str, show: str, was: dict[str, Any], becomes: str
) -> None:
    account = valclair.board()
    rows = _failed(account, 2, **was)

    sign_in("ops").post(_address(act, show=show, account=account.public_id), {"count": 2})

    told = Delivery.objects.filter(pk__in=[row.pk for row in rows]).values_list("state", "stop", "is_vouched")
    assert ["stopped" if stop else state for state, stop, _is_vouched in told] == [becomes] * 2
    assert all(is_vouched for _state, _stop, is_vouched in told) == (act != "retry")


def test_a_communicator_acts_on_their_own_directorate_only(town: Town) -> None:
    account = valclair.board()
    _failed(account, 2)
    client = Client()
    client.force_login(valclair.person("Rose Petit", "communicator", directorate=valclair.human_resources()))

    client.post(_address("cancel", show="refused", account=account.public_id), {"count": 2})

    assert _states() == ["refused"] * 2
