"""After an outage, and after a restore: what is out is not sent again, what is not out is not lost, a person has the rest."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from channels.rehearsal.server import Fault
from diffusion.accounts import connect
from diffusion.delivery import claim, hold, reconcile, replay
from diffusion.delivery.holding import Hold
from diffusion.delivery.models import Delivery, Stop
from diffusion.delivery.replay import Fate
from diffusion.delivery.send import send
from diffusion.delivery.states import State
from diffusion.directory import notify
from diffusion.directory.models import Mail
from diffusion.instants import in_seconds
from diffusion.newsletter import doubts
from diffusion.newsletter.models import Edition, Line, List, Subscriber
from tests import valclair

pytestmark = pytest.mark.django_db


def deliver() -> None:
    for lane in ("social", "intranet", "mail"):
        lease = claim.claim_due(lane)
        for pk in lease.ids:
            send(pk, lease)


def look(times: int = 3) -> None:
    for _ in range(times):
        Delivery.objects.filter(state=State.UNCERTAIN, look_at__isnull=False).update(
            look_at=Now(), doubt_at=in_seconds(-600)
        )
        lease = claim.claim_looks()
        for pk in lease.ids:
            reconcile.look(pk, lease)


def forget(*deliveries: Delivery) -> None:
    """What a restore does to a row: it is again as the backup had it, whatever the channel has got since."""
    for delivery in deliveries:
        Delivery.objects.filter(pk=delivery.pk).update(
            state=State.PLANNED, receipt=None, intent_at=None, tries=0, due_at=delivery.due_at, stop=delivery.stop
        )
        delivery.receipts.all().delete()
        delivery.attempts.all().delete()


def state(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return delivery.state


def test_what_went_out_since_the_backup_is_found_and_what_did_not_goes_out_once(rehearsal):
    account = valclair.mastodon(rehearsal)
    backup = timezone.now()
    gone = valclair.delivery(account, text="Parti depuis la sauvegarde.")
    deliver()
    forget(gone)
    missing = valclair.delivery(account, of=valclair.message("Autre"), text="Jamais parti.")

    planned = replay.restored(backup, by=None)

    assert {step.fate for step in planned} == {Fate.LOOK}
    deliver()
    assert len(list(rehearsal.state.newest())) == 1
    look()
    assert state(gone) == State.PUBLISHED
    assert (state(missing), missing.code) == (State.PLANNED, "")
    deliver()
    assert len(list(rehearsal.state.newest())) == 1
    hold.lift(by=None)
    deliver()
    assert sorted(post.text for post in rehearsal.state.newest()) == ["Jamais parti.", "Parti depuis la sauvegarde."]
    assert replay.in_doubt() == []
    assert replay.last_restore() == backup


def test_what_went_out_in_other_words_is_left_to_a_person(rehearsal):
    account = valclair.mastodon(rehearsal)
    backup = timezone.now()
    corrected = valclair.delivery(account, text=valclair.CUT.replace("12 h 30", "13 h"))
    deliver()
    forget(corrected)
    body = {**corrected.body, "text": valclair.CUT}
    Delivery.objects.filter(pk=corrected.pk).update(body=body)
    by_hand = valclair.delivery(account, of=valclair.message("Marché de Noël"), text="Le marché de Noël ouvre samedi.")

    replay.restored(backup, by=None)
    look(6)

    assert state(corrected) == State.UNCERTAIN
    assert corrected.look_at is None
    assert state(by_hand) == State.PLANNED
    assert [step.fate for step in replay.in_doubt()] == [Fate.PERSON]


def test_a_restore_keeps_gates_and_later_times(rehearsal):
    account, about = valclair.mastodon(rehearsal), valclair.message()
    board = valclair.delivery(valclair.board(), of=about)
    behind = valclair.delivery(account, of=about)
    Delivery.objects.filter(pk=behind.pk).update(stop=Stop.GATE, due_at=None)
    later = valclair.delivery(account, of=valclair.message("Plus tard"), due_in=86400, text="Demain.")

    replay.restored(timezone.now(), by=None)
    look()

    assert state(board) == State.HELD
    assert (state(behind), behind.stop, behind.due_at) == (State.PLANNED, Stop.GATE, None)
    assert state(later) == State.PLANNED
    assert later.due_at == later.planned_at
    hold.lift(by=None)
    deliver()
    assert state(board) == State.PUBLISHED
    assert state(behind) == State.PUBLISHED or behind.due_at
    assert state(later) == State.PLANNED


def letter(**more: object) -> Delivery:
    account = valclair.account("smtp", host="127.0.0.1", port=9, security="none", sender="l@valclair.example", **more)
    return valclair.delivery(account, of=valclair.message(f"Lettre {account.slug}"))


def test_a_letter_without_its_ledger_waits_for_a_person_even_where_its_relay_drops_second_copies(rehearsal):
    harmless = letter(drops_duplicates=True)
    assert connect.channel_of(harmless.account).repeats_harmlessly
    harmless.message.refresh_from_db()
    future = letter()
    Delivery.objects.filter(pk=future.pk).update(planned_at=in_seconds(3600), due_at=in_seconds(3600))

    fates = {step.delivery.pk: step.fate for step in replay.restored(timezone.now(), by=None)}

    assert fates == {harmless.pk: Fate.PERSON, future.pk: Fate.HELD}
    reconcile.look_now(harmless, by=None)
    look()
    assert state(harmless) == State.UNCERTAIN
    assert state(future) == State.HELD


@pytest.mark.parametrize(("drops_duplicates", "then"), [(True, State.PLANNED), (False, State.UNCERTAIN)])
def test_a_letter_with_its_ledger_goes_on_only_where_its_relay_drops_second_copies(drops_duplicates, then):
    one = letter(drops_duplicates=drops_duplicates)
    its_list = List.objects.create(account=one.account, name="La lettre")
    edition = Edition.objects.create(list=its_list, delivery=one, subject="x", html="x", text="x")
    subscriber = Subscriber.objects.create(email="a@b.example")
    line = Line.objects.create(edition=edition, subscriber=subscriber)

    replay.restored(timezone.now(), by=None)
    assert doubts.doubt_restored(timezone.now()) == 1
    look()

    line.refresh_from_db()
    assert line.state == State.UNCERTAIN
    assert state(one) == then
    assert one.look_at is None


def test_a_restore_during_a_hold_or_twice_is_harmless(rehearsal):
    hold.hold(by=None, reason="accident")
    one = valclair.delivery(valclair.mastodon(rehearsal))
    notify.post("ines@valclair.example", "Une diffusion vous attend", "…", "delivery_needs_you")

    replay.restored(timezone.now(), by=None)
    replay.restored(timezone.now(), by=None)

    assert not Mail.objects.exists()
    assert Hold.objects.get().reason == "accident"
    assert state(one) == State.UNCERTAIN


def test_lifting_asks_about_what_came_out_of_doubt_meanwhile(rehearsal):
    one = valclair.delivery(valclair.mastodon(rehearsal))
    replay.restored(timezone.now(), by=None)
    look()

    assert hold.waiting(Hold.objects.get()) == 1
    hold.lift(by=None, overdue="drop")

    assert state(one) == State.CANCELLED
    assert list(rehearsal.state.newest()) == []


def test_posts_that_the_database_does_not_know_are_listed(rehearsal):
    account = valclair.mastodon(rehearsal)
    since = timezone.now() - timedelta(seconds=1)
    known = valclair.delivery(account, text="Connu.")
    lost = valclair.delivery(account, of=valclair.message("Autre"), text="Planifié après la sauvegarde.")
    deliver()
    forget(lost)
    unsearchable = letter().account

    found, unread = replay.strangers(since)

    assert [(where.pk, post.text) for where, post in found] == [(account.pk, "Planifié après la sauvegarde.")]
    assert unread == [unsearchable.slug]
    assert state(known) == State.PUBLISHED


def test_a_replay_says_first_then_does_what_is_safe(rehearsal):
    account = valclair.mastodon(rehearsal)
    rows = {
        "out": valclair.delivery(account, text="Publié."),
        "given_up": valclair.delivery(account, of=valclair.message("Abandonné"), text="Abandonné."),
        "faulty": valclair.delivery(account, of=valclair.message("Fautif"), text="Fautif."),
        "doubt": valclair.delivery(account, of=valclair.message("Douteux"), text="Douteux."),
        "before": valclair.delivery(account, of=valclair.message("Avant"), due_in=-7200, text="Avant."),
    }
    for name, code in {"given_up": "unreachable", "faulty": "text_empty", "before": "unreachable"}.items():
        Delivery.objects.filter(pk=rows[name].pk).update(state=State.REFUSED, code=code, due_at=None)
    now = timezone.now()
    rehearsal.faults.arm(Fault.CUT_AFTER, path="/api/v1/statuses")
    deliver()

    planned = replay.steps(Delivery.objects.all(), now - timedelta(hours=1), now)

    fates = {step.delivery.pk: step.fate for step in planned}
    assert sorted(state(rows[name]) for name in ("out", "doubt")) == [State.PUBLISHED, State.UNCERTAIN]
    doubtful = next(pk for pk in (rows["out"].pk, rows["doubt"].pk) if pk in fates)
    assert fates == {rows["given_up"].pk: Fate.AGAIN, rows["faulty"].pk: Fate.PERSON, doubtful: Fate.LOOK}
    assert replay.replay(planned, by=None) == 2
    assert state(rows["given_up"]) == State.PLANNED
    assert state(rows["faulty"]) == state(rows["before"]) == State.REFUSED
    assert replay.replay(planned, by=None) == 1  # the doubt alone: what was sent again meanwhile is left alone


def test_what_the_brake_stopped_does_not_go_by_itself():
    row = valclair.delivery(valclair.board(), due_in=-60)
    Delivery.objects.filter(pk=row.pk).update(stop=Stop.BRAKE, due_at=None)

    (step,) = replay.steps(Delivery.objects.all(), timezone.now() - timedelta(hours=1), timezone.now())

    assert step.fate is Fate.PERSON
