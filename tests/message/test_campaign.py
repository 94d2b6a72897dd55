"""A message joins a campaign by its name, leaves it, and obeys its hold while it is of it."""

from __future__ import annotations

import pytest

from diffusion.audit import Entry
from diffusion.delivery import hold
from diffusion.delivery.claim import claim_due
from diffusion.delivery.send import send
from diffusion.delivery.states import State
from diffusion.errors import BadInput
from diffusion.message.campaign import NAME_MOST, join_campaign
from diffusion.message.models import Campaign
from tests import valclair

pytestmark = pytest.mark.django_db


def test_the_first_message_begins_a_campaign_and_the_next_joins_it_whatever_its_capitals():
    first = join_campaign(valclair.message("Baignade"), "  Été au bord  du Clair ", by=valclair.ines())
    second = join_campaign(valclair.message("Guinguette"), "été au bord du clair", by=valclair.ines())

    assert first.campaign == second.campaign
    assert Campaign.objects.get().name == "Été au bord du Clair"
    assert Entry.objects.filter(verb="join_campaign").count() == 2


def test_without_a_name_it_is_of_none_and_what_changes_nothing_is_not_journalled():
    made = join_campaign(valclair.message(), "Été", by=valclair.ines())

    join_campaign(made, "Été", by=valclair.ines())
    out = join_campaign(made, "", by=valclair.ines())
    join_campaign(made, "", by=valclair.ines())

    assert out.campaign is None
    assert list(Entry.objects.order_by("pk").values_list("verb", "facts")) == [
        ("join_campaign", {"campaign": "Été"}),
        ("leave_campaign", {"campaign": "Été"}),
    ]


def test_a_name_too_long_is_none():
    with pytest.raises(BadInput):
        join_campaign(valclair.message(), "é" * (NAME_MOST + 1), by=None)

    assert not Campaign.objects.exists()


def test_what_joins_a_held_campaign_stays_and_goes_once_it_left_it():
    row = valclair.delivery(valclair.board())
    summer = Campaign.objects.create(name="Été")
    hold.hold(by=None, over=summer)

    join_campaign(row.message, "Été", by=valclair.ines())
    lease = claim_due(row.lane)
    send(row.pk, lease)
    row.refresh_from_db()
    assert row.state == State.HELD

    join_campaign(row.message, "", by=valclair.ines())
    hold.sweep()
    row.refresh_from_db()
    assert row.state == State.PLANNED
