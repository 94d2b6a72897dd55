"""Who learns it, and when: what went out stays as it was told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from diffusion.accounts.models import Account
from diffusion.delivery.models import Delivery, Receipt
from diffusion.web.rail import rail
from tests import valclair
from tests.web import town as things

pytestmark = pytest.mark.django_db


def test_an_account_connected_since_learnt_nothing_of_it() -> None:
    row = things.published("public")
    valclair.account("board", level="public", name="Nouveau")
    row.message.levels = ["public"]

    stop = rail(row.message, Account.objects.all(), [row])[0]

    assert stop.accounts == (row.account,)


def test_a_correction_does_not_change_when_it_came_out() -> None:
    row = things.published("public")
    out = row.receipt.at
    edited = Receipt.objects.create(
        delivery=row, proof=Receipt.Proof.EDITED, remote_id="1", at=timezone.now() + timedelta(hours=2)
    )
    Delivery.objects.filter(pk=row.pk).update(receipt=edited)
    row.refresh_from_db()
    row.message.levels = ["public"]

    assert rail(row.message, Account.objects.all(), [row])[0].at == out


@pytest.mark.parametrize(("gap", "told"), [(7197, 7200), (75, 60), (9.6, 10), (0.2, 0)])
def test_a_lead_is_told_to_the_minute_or_under_one_to_the_second(gap: float, told: int) -> None:
    message = things.published("public").message
    message.levels, message.publish_at = ["internal", "public"], None
    message.lead = timedelta(seconds=gap)

    assert rail(message, (), ())[0].gap == timedelta(seconds=told)


def test_of_what_was_cancelled_no_hour_stands(town: things.Town, sign_in: Callable[[str], Client]) -> None:
    message = town.delivery.message
    message.publish_at = timezone.now() + timedelta(hours=3)
    message.save()
    Delivery.objects.filter(message=message).update(state="cancelled", due_at=None)

    page = sign_in("communicator").get(reverse("message", args=[message.public_id]))

    assert [stop.at for stop in page.context["rail"]] == [None for _ in message.levels]
    assert "envoi annulé" in page.content.decode()
