"""What stops a claimed delivery before anything leaves: here, a time when nothing but the urgent goes out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from diffusion.delivery import claim
from diffusion.delivery.send import send
from diffusion.delivery.states import State
from diffusion.schedule.models import Blackout
from tests import valclair

pytestmark = pytest.mark.django_db


def carry(delivery):
    lease = claim.claim_due(delivery.lane)
    for pk in lease.ids:
        send(pk, lease)
    delivery.refresh_from_db()
    return delivery


@pytest.fixture
def council():
    now = timezone.now()
    return Blackout.objects.create(
        reason="Conseil", starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1)
    )


def test_what_comes_due_inside_a_blackout_waits_for_its_end_and_spends_no_try(rehearsal, council):
    delivery = carry(valclair.delivery(valclair.mastodon(rehearsal)))

    assert (delivery.state, delivery.stop, delivery.tries) == (State.PLANNED, "", 0)
    assert abs(delivery.due_at - council.ends_at) < timedelta(seconds=2)
    assert not claim.claim_due(delivery.lane).ids


def test_the_urgent_goes_out_all_the_same(rehearsal, council):
    delivery = carry(valclair.delivery(valclair.mastodon(rehearsal), of=valclair.message(is_urgent=True)))

    assert delivery.state == State.PUBLISHED


def test_a_blackout_that_is_over_stops_nothing(rehearsal, council):
    Blackout.objects.update(ends_at=timezone.now() - timedelta(seconds=1))

    assert carry(valclair.delivery(valclair.mastodon(rehearsal))).state == State.PUBLISHED
