"""What a person may do about what was seen from outside: know of it, put our words back, publish anew what is gone."""

from __future__ import annotations

from django.utils import timezone

from channels.contract import Act, Kind
from diffusion.audit import record
from diffusion.delivery.amend import ask_to_edit
from diffusion.delivery.further import go_now
from diffusion.delivery.models import Amendment, Delivery
from diffusion.delivery.sighting import Sighting
from diffusion.delivery.states import State, move_one
from diffusion.directory.models import Person
from diffusion.errors import NotNow
from diffusion.verbs import verb

MARK = "again-"


def can_be_put_back(delivery: Delivery) -> bool:
    """Whether our words can take the place of those that somebody wrote there."""
    kind = delivery.account.channel_class
    return _is_undisputed(delivery) and Act.EDIT in kind.can and kind.networked


def can_go_again(delivery: Delivery) -> bool:
    """Whether it can be published anew as it is: never a letter, whose mails all arrived, nor words since revised."""
    kind = delivery.account.channel_class
    is_present = delivery.message.revision_id == delivery.revision_id
    return _is_undisputed(delivery) and kind.networked and kind.kind != Kind.NEWSLETTER and is_present


def _is_undisputed(delivery: Delivery) -> bool:
    """Out, and nobody asked to correct or withdraw it: what was asked and waits must not be undone by the way."""
    return delivery.state == State.PUBLISHED and not delivery.amendments.filter(done_at=None).exists()


@verb
def note(delivery: Delivery, *, by: Person) -> Delivery:
    """A person knows that it differs, and leaves it so. Raises NotNow when nothing is known to differ."""
    _answer(delivery, by)
    record(by, "note_sighting", delivery)
    return delivery


@verb
def put_back(delivery: Delivery, *, by: Person) -> Amendment:
    """Put the approved words in place of those that stand there. Raises NotNow: nothing differs, or it can't be done."""
    found = _answer(delivery, by)
    if found.verdict != Sighting.Verdict.CHANGED or not can_be_put_back(delivery):
        raise NotNow("cannot_be_put_back")
    amendment = ask_to_edit(delivery, by=by)
    record(by, "put_back", delivery)
    return amendment


@verb
def publish_again(delivery: Delivery, *, by: Person) -> Delivery:
    """Publish anew what is no longer there, as it was approved. Raises NotNow: it is there, or it can't go as it is."""
    found = _answer(delivery, by)
    if found.verdict != Sighting.Verdict.GONE or not can_go_again(delivery):
        raise NotNow("cannot_go_again")
    move_one(Delivery.objects.filter(pk=delivery.pk), State.WITHDRAWN, why="seen_gone", by=by, look_at=None)
    made = go_now(delivery, mark=MARK, body=delivery.body, is_vouched=True)
    record(by, "publish_again", made)
    return made


def _answer(delivery: Delivery, by: Person) -> Sighting:
    """The finding that this answers; of two people, the first does. Needs a transaction."""
    Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
    open_ones = Sighting.objects.filter(delivery=delivery).unanswered()
    found = open_ones.last()
    if found is None:
        raise NotNow("nothing_differs")
    open_ones.update(noted_at=timezone.now(), by=by)
    return found
