"""How far a letter is: its mails counted, its pace, and when the rest will have left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from diffusion.delivery.models import Delivery
from diffusion.delivery.states import State
from diffusion.newsletter import progress
from diffusion.newsletter.models import Edition, Line, List, Subscriber
from tests import valclair

pytestmark = pytest.mark.django_db


def begun(*, states, since=timedelta(minutes=2), is_written=True, **more):
    """A letter under way, whose lines stand so; what is out left half a minute ago."""
    account = valclair.account("smtp", host="127.0.0.1", sender="lettre@valclair.example", security="none")
    row, now = valclair.delivery(account, of=valclair.message("La lettre de juin"), **more), timezone.now()
    issue = Edition.objects.create(
        list=List.objects.create(account=account, name="La lettre"), delivery=row, subject="La lettre de juin", html="",
        text="", made_at=now - since, written_at=now - since if is_written else None,
    )  # fmt: skip
    for number, state in enumerate(states):
        reader = Subscriber.objects.create(email=f"{row.pk}-{number}@lecteurs.example")
        out = {"sent_at": now - timedelta(seconds=30), "receipt": "1"} if state == State.PUBLISHED else {}
        Line.objects.create(edition=issue, subscriber=reader, state=state, intent_at=now, **out)
    return row


def test_it_says_how_many_are_out_at_what_pace_and_when_the_rest_will_be():
    begun(states=[State.PUBLISHED] * 6 + [State.REFUSED] + [State.PLANNED] * 3)

    (found,) = progress.under_way(Delivery.objects.all())

    assert (found.sent, found.total, found.ahead, found.percent) == (6, 10, 3, 70)
    assert found.rate == pytest.approx(3, rel=0.05)
    assert found.drain_s == pytest.approx(60, rel=0.05)


@pytest.mark.parametrize(
    ("how", "rate"),
    [
        ({"states": [State.PLANNED] * 2}, 0),
        ({"states": [State.PUBLISHED, State.PLANNED], "since": timedelta(seconds=3)}, 0),
        ({"states": [State.PUBLISHED, State.PLANNED], "since": timedelta(hours=1)}, 1 / 5),
    ],
    ids=["nothing left", "only just begun", "the last five minutes count"],
)
def test_a_pace_that_nothing_tells_promises_nothing(how, rate):
    begun(**how)

    (found,) = progress.under_way(Delivery.objects.all())

    assert found.rate == pytest.approx(rate, rel=0.05)
    assert (found.drain_s is None) == (not rate)


def test_while_its_list_is_written_only_that_is_told():
    begun(states=[State.PLANNED] * 2, is_written=False)

    (found,) = progress.under_way(Delivery.objects.all())

    assert (found.is_written, found.percent, found.drain_s) == (False, 0, None)


def test_what_is_out_is_under_way_no_more_and_still_told():
    row = begun(states=[State.PUBLISHED])
    Delivery.objects.filter(pk=row.pk).update(state=State.UNCERTAIN, intent_at=timezone.now(), due_at=None)

    assert progress.under_way(Delivery.objects.all()) == []
    assert [found.sent for found in progress.told(Delivery.objects.all())] == [1]


def test_a_message_without_a_letter_is_asked_nothing(django_assert_num_queries):
    row = valclair.delivery(valclair.board())

    with django_assert_num_queries(0):
        assert progress.of_message(row.message, [row]) == {}
