"""What anybody is shown, looked at after publishing and after a day: believed when found twice, told once, never in the way."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels.rehearsal.server import Fault
from diffusion.accounts.models import Account
from diffusion.audit import Entry
from diffusion.delivery import again, amend, claim, outside
from diffusion.delivery.models import Delivery
from diffusion.delivery.send import send
from diffusion.delivery.sighting import Sighting
from diffusion.delivery.states import State
from diffusion.directory.models import Mail
from diffusion.errors import NotNow
from diffusion.instants import in_seconds
from tests import valclair
from workers import tasks

pytestmark = pytest.mark.django_db
V = Sighting.Verdict
STATUSES = "/api/v1/statuses"


def carry(delivery):
    lease = claim.claim_due(delivery.lane)
    for pk in lease.ids:
        send(pk, lease)
    delivery.refresh_from_db()
    return delivery


@pytest.fixture
def out(rehearsal):
    """A post that is out, with its server."""
    delivery = carry(valclair.delivery(valclair.mastodon(rehearsal)))
    delivery.server = rehearsal
    return delivery


def look(delivery, times=1):
    for _ in range(times):
        Delivery.objects.filter(pk=delivery.pk).update(look_at=Now())
        outside.look_outside()
    delivery.refresh_from_db()
    return [row.verdict for row in delivery.sightings.all()]


def status(delivery):
    return delivery.server.state.statuses[delivery.receipt.remote_id]


def mails():
    return list(Mail.objects.filter(what="seen_otherwise"))


def test_what_is_out_is_looked_at_a_while_later_and_after_a_day(out):
    assert timedelta(minutes=5) < out.look_at - timezone.now() < timedelta(minutes=15)
    outside.look_outside()
    assert not out.sightings.exists()  # not before its time

    assert look(out) == [V.RIGHT]
    assert out.look_at == out.receipt.at + timedelta(days=1)
    seen = out.sightings.get()
    assert (len(seen.digest), seen.url.startswith(out.server.url)) == (64, True)

    with time_machine.travel(out.look_at + timedelta(seconds=1)):
        assert look(out) == [V.RIGHT, V.RIGHT]
        assert out.look_at is None
    assert not mails()


def test_what_was_changed_there_is_told_once_and_only_when_seen_twice(out):
    status(out).text = "L’eau ne sera pas coupée."

    assert look(out) == [V.CHANGED]
    assert not mails()
    assert out.look_at < timezone.now() + timedelta(minutes=20)
    assert look(out, times=3) == [V.CHANGED] * 4

    told = out.sightings.unanswered().get()
    assert told.shown == "L’eau ne sera pas coupée."
    assert [mail.to for mail in mails()] == [valclair.ines().email]
    assert mails()[0].subject.startswith("Changé sur Mastodon")
    assert out.state == State.PUBLISHED


def test_what_was_deleted_there_is_gone(out):
    status(out).deleted = True

    assert look(out, times=2) == [V.GONE, V.GONE]
    assert len(mails()) == 1
    assert Entry.objects.filter(verb="seen_gone").count() == 1


def test_what_is_right_again_asks_nobody_any_more(out):
    text, status(out).text = status(out).text, "Autre chose."
    look(out, times=2)
    status(out).text = text

    look(out)

    assert not out.sightings.unanswered().exists()


def test_an_answer_that_lied_once_is_not_believed(out):
    status(out).deleted = True
    look(out)
    status(out).deleted = False

    assert look(out) == [V.GONE, V.RIGHT]
    assert not mails()


@pytest.mark.parametrize("fault", [Fault.ERROR_BEFORE, Fault.CUT_BEFORE, Fault.GARBLED_AFTER, Fault.THROTTLE])
def test_a_look_that_failed_says_nothing_of_the_delivery_nor_of_its_account(out, fault):
    account = Account.objects.get(pk=out.account_id)
    out.server.faults.arm(fault, method="GET", path=f"{STATUSES}/{out.receipt.remote_id}")

    assert look(out) == [V.UNSEEN]

    assert out.state == State.PUBLISHED
    assert out.look_at > timezone.now() + timedelta(minutes=50)
    for column in ("paused_at", "throttled_until", "strikes", "rests_until", "health"):
        assert getattr(Account.objects.get(pk=account.pk), column) == getattr(account, column), column
    assert not mails()


def test_a_server_that_is_away_is_asked_a_few_times_and_then_left(out):
    out.server.stop()

    assert look(out, times=3) == [V.UNSEEN] * 3
    assert out.look_at == out.receipt.at + timedelta(days=1)
    assert not mails()


def test_where_a_server_asked_to_wait_nobody_looks(out):
    Account.objects.filter(pk=out.account_id).update(throttled_until=in_seconds(60))

    assert look(out) == []


def test_no_more_than_so_many_looks_in_a_minute(out):
    rows = [Sighting(delivery=out, receipt=out.receipt, verdict=V.RIGHT) for _ in range(outside.A_MINUTE - 1)]
    Sighting.objects.bulk_create(rows)

    look(out, times=2)

    assert out.sightings.count() == outside.A_MINUTE


def test_with_nothing_to_look_at_one_query_says_so(db):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        outside.look_outside()

    assert len(queries) == 1


def test_a_worker_that_is_told_to_stop_looks_no_more(out):
    Delivery.objects.filter(pk=out.pk).update(look_at=Now())

    assert outside.look_outside(lambda: True) == 0
    assert not out.sightings.exists()


def test_while_a_correction_is_on_its_way_nothing_is_judged(out):
    amend.withdraw(out.message, by=valclair.ines(), reason="Essai")

    assert look(out) == []
    assert out.look_at > timezone.now()


def test_what_only_a_person_saw_is_not_looked_at(out):
    out.receipt.remote_id = "seen"
    out.receipt.save()

    assert look(out) == []
    assert out.look_at is None


def test_what_the_channel_shows_to_followers_alone_is_not_looked_at(rehearsal):
    account = valclair.account("mastodon", server=rehearsal.url, access_token=rehearsal.token, visibility="private")
    delivery = carry(valclair.delivery(account))

    assert look(delivery) == []
    assert delivery.look_at is None


def test_an_edit_of_ours_is_looked_at_anew_and_is_no_change(out):
    text, status(out).text = status(out).text, "Autre chose."
    look(out, times=2)

    amendment = again.put_back(out, by=valclair.ines())
    lease = claim.claim_amendments(out.lane)
    for pk in lease.ids:
        amend.carry(pk, lease)

    out.refresh_from_db()
    amendment.refresh_from_db()
    assert amendment.done_at
    assert status(out).text == text
    assert out.look_at < timezone.now() + timedelta(minutes=15)
    assert look(out)[-1] == V.RIGHT


def test_what_is_gone_is_published_again_once(out):
    status(out).deleted = True
    look(out, times=2)

    made = carry(again.publish_again(out, by=valclair.ines()))

    out.refresh_from_db()
    assert (out.state, made.state, made.occurrence) == (State.WITHDRAWN, State.PUBLISHED, "again-1")
    assert made.key != out.key
    assert [found.text for found in out.server.state.newest()] == [made.rendition.text]
    with pytest.raises(NotNow):
        again.publish_again(out, by=valclair.ines())


@pytest.mark.parametrize("answer", [again.publish_again, again.put_back])
def test_what_somebody_asked_to_withdraw_is_neither_published_again_nor_put_back(out, answer):
    if answer is again.publish_again:
        status(out).deleted = True
    else:
        status(out).text = "Autre chose."
    look(out, times=2)
    (asked,) = amend.withdraw(out.message, by=valclair.ines(), reason="Fausse alerte")

    with pytest.raises(NotNow):
        answer(out, by=valclair.ines())

    asked.refresh_from_db()
    assert asked.done_at is None


def test_what_was_withdrawn_since_asks_nobody_any_more(out):
    status(out).text = "Autre chose."
    look(out, times=2)
    assert out.message.deliveries.seen_otherwise().exists()

    amend.withdraw(out.message, by=valclair.ines(), reason="Fausse alerte")
    lease = claim.claim_amendments(out.lane)
    for pk in lease.ids:
        amend.carry(pk, lease)

    assert not out.message.deliveries.seen_otherwise().exists()
    assert not out.sightings.unanswered().exists()


def test_words_that_were_revised_since_are_not_published_again(out):
    status(out).deleted = True
    look(out, times=2)
    out.message.revision = out.message.revisions.create(number=2, title="x", body="y", by=valclair.ines())
    out.message.save()

    with pytest.raises(NotNow):
        again.publish_again(out, by=valclair.ines())
    assert out.sightings.unanswered().exists()


def test_a_person_may_leave_it_so_and_is_not_told_again(out):
    status(out).text = "Autre chose."
    look(out, times=2)

    again.note(out, by=valclair.ines())
    look(out, times=2)

    assert not out.sightings.unanswered().exists()
    assert len(mails()) == 1
    with pytest.raises(NotNow):
        again.note(out, by=valclair.ines())


def test_the_house_keeper_looks_last(out):
    Delivery.objects.filter(pk=out.pk).update(look_at=Now())

    tasks.keep_house("housekeeping")

    assert [row.verdict for row in out.sightings.all()] == [V.RIGHT]
