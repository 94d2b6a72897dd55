"""The limit after which a message is useless follows its words, until a person says otherwise."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from diffusion.delivery import plan
from diffusion.delivery.models import Delivery, Stop
from diffusion.message import write
from diffusion.message.limit import proposed
from diffusion.message.models import Message
from diffusion.message.write import Terms, Words
from tests import valclair
from tests.going_out import carry_all

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
CUT = "L'eau sera coupée le 17 juin 2031, de 8 h 30 à 12 h 30, rue des Tilleuls."


def draft(body: str = CUT) -> Message:
    return write.draft(
        Words("Coupure d'eau", body), by=valclair.ines(), directorate=valclair.water(), levels=["public"]
    )


def fresh(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def terms(**more: Any) -> Terms:
    return Terms(levels=["public"], **more)


def test_a_cut_is_of_no_use_after_its_end_without_anybody_saying_so() -> None:
    message = fresh(draft())

    assert message.useless_after == datetime(2031, 6, 17, 12, 30, tzinfo=PARIS)
    assert not message.is_limit_chosen


def test_what_names_no_end_has_no_limit() -> None:
    assert fresh(draft("La ligne 3 passe plus souvent.")).useless_after is None


def test_it_follows_the_words_when_they_change() -> None:
    message = draft()

    write.revise(message, Words("Coupure d'eau", CUT.replace("12 h 30", "14 h")), by=valclair.ines(), based_on=1)

    assert fresh(message).useless_after == datetime(2031, 6, 17, 14, 0, tzinfo=PARIS)


def test_a_persons_word_stays_also_when_it_is_that_there_is_none() -> None:
    chosen = datetime(2031, 6, 16, 9, 0, tzinfo=PARIS)
    for limit in (chosen, None):
        message = draft()
        write.set_terms(message, terms(useless_after=limit), by=valclair.ines())
        write.revise(message, Words("Coupure d'eau", CUT.replace("12 h 30", "14 h")), by=valclair.ines(), based_on=1)

        assert (fresh(message).useless_after, fresh(message).is_limit_chosen) == (limit, True)


def test_the_limit_as_proposed_goes_on_following_the_words() -> None:
    message = draft()
    limit = proposed(message)
    assert limit is not None

    write.set_terms(message, terms(useless_after=limit.at), by=valclair.ines())

    assert not fresh(message).is_limit_chosen


def test_tomorrow_is_read_from_the_public_hour() -> None:
    message = draft("Eau coupée demain, de 9 h à midi.")
    goes_out = datetime(2031, 3, 3, 8, 0, tzinfo=PARIS)
    message.publish_at = goes_out

    limit = proposed(message)

    assert limit is not None
    assert limit.at == datetime(2031, 3, 4, 12, 0, tzinfo=PARIS)


def test_an_end_that_the_public_hour_leaves_behind_is_none() -> None:
    message = draft()
    message.publish_at = datetime(2031, 6, 17, 15, 0, tzinfo=PARIS)

    assert proposed(message) is None


def test_a_closure_that_is_over_is_not_posted_in_the_evening() -> None:
    over = timezone.now() - timedelta(minutes=5)
    row = valclair.delivery(valclair.account("feed"), due_in=-36_000, useless_after=over)

    carry_all()

    row.refresh_from_db()
    assert (row.state, row.stop) == ("planned", Stop.LATE)


def test_who_moves_it_beyond_the_limit_wants_it_there() -> None:
    message = draft()
    row = valclair.delivery(valclair.account("feed"), of=message, due_in=60, useless_after=message.useless_after)

    plan.reschedule(message, by=valclair.ines(), publish_at=datetime(2031, 6, 17, 15, 0, tzinfo=PARIS))

    assert fresh(message).useless_after is None
    assert Delivery.objects.get(pk=row.pk).useless_after is None
