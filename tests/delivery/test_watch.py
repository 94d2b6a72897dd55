"""That nothing goes out though something is due is noticed, and told once; a long queue that moves is nothing to tell."""

from __future__ import annotations

import pytest

from diffusion.audit import Entry
from diffusion.delivery import claim, hold, watch
from diffusion.delivery.models import Delivery, Event
from diffusion.delivery.send import send
from diffusion.delivery.states import State
from diffusion.directory.models import Mail
from diffusion.instants import in_seconds
from tests import valclair

pytestmark = pytest.mark.django_db


def overdue(seconds: float = 300, title: str = "Coupure") -> Delivery:
    return valclair.delivery(valclair.board(), of=valclair.message(title), due_in=-seconds)


def test_what_is_overdue_while_nothing_moves_is_a_standstill():
    overdue()
    valclair.delivery(valclair.account("feed"), of=valclair.message("À l’heure"), due_in=-60)

    (row,) = watch.stalled()

    assert (row.lane, row.count) == ("intranet", 1)


def test_a_queue_that_moves_or_is_being_carried_is_none():
    first, second = overdue(), overdue(title="Autre")
    Delivery.objects.filter(pk=first.pk).update(state=State.CLAIMED, lease="x", lease_until=in_seconds(60))
    assert watch.stalled() == []
    Delivery.objects.filter(pk=first.pk).update(lease_until=in_seconds(-1))
    assert [row.count for row in watch.stalled()] == [1]

    Delivery.objects.filter(pk=first.pk).update(state=State.PLANNED, lease="", lease_until=None)
    lease = claim.claim_due("intranet", limit=1)
    send(lease.ids[0], lease)

    assert watch.stalled() == []
    Event.objects.update(at=in_seconds(-600))
    assert [row.count for row in watch.stalled()] == [1]
    assert second.pk != first.pk


def test_a_hold_is_no_standstill():
    hold.hold(by=None)
    overdue()

    assert watch.stalled() == []


def test_ops_are_told_once_until_it_goes_on_again():
    valclair.paul()
    late = overdue()

    for _ in range(3):
        watch.tell_if_stalled()

    (mail,) = Mail.objects.filter(what=watch.STOPPED)
    assert mail.to == "paul@valclair.example"
    assert "- Intranet et sites : 1" in mail.body
    Delivery.objects.filter(pk=late.pk).update(due_at=in_seconds(3600))
    watch.tell_if_stalled()
    watch.tell_if_stalled()
    Delivery.objects.filter(pk=late.pk).update(due_at=in_seconds(-3600))
    watch.tell_if_stalled()
    verbs = Entry.objects.filter(verb__in=[watch.STOPPED, watch.AGAIN]).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == [watch.STOPPED, watch.AGAIN, watch.STOPPED]


def test_the_administrator_is_told_where_there_is_no_ops():
    valclair.person("Ada Admin", "administrator")
    overdue()

    watch.tell_if_stalled()

    assert Mail.objects.get().to == "ada@valclair.example"
