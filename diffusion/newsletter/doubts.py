"""Verbs of a line in doubt: a person knows that one mail went out, or that it did not. The last answer closes the letter."""

from __future__ import annotations

from datetime import datetime

from django.db.models import DateTimeField, F, QuerySet, Value
from django.db.models.functions import Coalesce, Now

from channels.contract import Receipt as Proof
from diffusion.audit import record
from diffusion.delivery import settle
from diffusion.delivery.models import NO_LEASE, Amendment, Delivery, Receipt
from diffusion.delivery.states import State, move_one
from diffusion.delivery.unknown import RESTORED
from diffusion.directory.models import Person
from diffusion.errors import NotNow
from diffusion.newsletter import bounces
from diffusion.newsletter.dispatch import edition_url
from diffusion.newsletter.models import CORRECTED, Edition, Line
from diffusion.verbs import verb
from diffusion.wake import wake


def lines_in_doubt(edition: Edition) -> QuerySet[Line]:
    return edition.lines.filter(state=State.UNCERTAIN).select_related("subscriber").order_by("intent_at", "pk")


@verb
def confirm_line(line: Line, *, by: Person) -> Delivery:
    """This mail went out. When no line is open any more the letter is published. Raises NotNow if it is not in doubt."""
    delivery = _locked(line)
    _settle(line, State.PUBLISHED, receipt="seen", sent_at=Now(), code="")
    record(by, "confirm_line", line.edition.list, line=line.pk)
    return _closed_if_known(delivery, line.edition, by)


@verb
def deny_line(line: Line, *, by: Person) -> Delivery:
    """This mail did not go out: it is sent again, under a new key, unless its message was withdrawn or corrected meanwhile.

    Raises NotNow if it is not in doubt, or the letter is closed.
    """
    delivery = _locked(line)
    if delivery.state not in (State.UNCERTAIN, State.PLANNED, State.CLAIMED):
        raise NotNow("not_in_this_state", state=State(delivery.state).label)
    record(by, "deny_line", line.edition.list, line=line.pk)
    is_withdrawn = delivery.amendments.filter(done_at=None, act=Amendment.Act.DELETE).exists()
    if is_withdrawn or line.edition.corrected_at:  # nothing replaces it, or an erratum does that is theirs too
        _settle(line, State.CANCELLED, code="withdraw" if is_withdrawn else CORRECTED)
        return _closed_if_known(delivery, line.edition, by)
    _settle(line, State.PLANNED, due_at=Now(), code="", generation=F("generation") + 1)
    if delivery.state == State.UNCERTAIN:
        rows = Delivery.objects.filter(pk=delivery.pk)
        move_one(rows, State.PLANNED, why="person", by=by, due_at=Now(), look_at=None, **NO_LEASE)
    wake(delivery.lane)
    delivery.refresh_from_db()
    return delivery


def _closed_if_known(delivery: Delivery, edition: Edition, by: Person) -> Delivery:
    """Needs a transaction. When no line is open any more the letter is published, by the word of whoever said the last."""
    open_lines = edition.lines.filter(state__in=[State.PLANNED, State.SENDING, State.UNCERTAIN])
    if delivery.state == State.UNCERTAIN and not open_lines.exists():
        Edition.objects.filter(pk=edition.pk).update(closed_at=Now())
        bounces.heed(edition)
        proof = Proof(id=edition.public_id, url=edition_url(edition))
        settle.published(delivery, proof, why="ledger_closed", kind=Receipt.Proof.PERSON, by=by)
    delivery.refresh_from_db()
    return delivery


def _locked(line: Line) -> Delivery:
    """Needs a transaction. The letter first, as its worker does: the last answer and the worker's closing can't cross."""
    return Delivery.objects.select_for_update(of=("self",)).select_related("message").get(edition=line.edition_id)


def _settle(line: Line, to: State, **changes: object) -> None:
    if not Line.objects.filter(pk=line.pk, state=State.UNCERTAIN).update(state=to, **changes):
        raise NotNow("line_decided")


@verb
def doubt_restored(since: datetime) -> int:
    """After a restore: the lines of letters in doubt that may have left since the backup. Returns how many."""
    rows = Line.objects.filter(
        edition__delivery__state=State.UNCERTAIN, edition__delivery__code=RESTORED,
        state__in=[State.PLANNED, State.SENDING],
    )  # fmt: skip
    began = Coalesce("intent_at", Value(since, DateTimeField()))
    return rows.update(state=State.UNCERTAIN, code=RESTORED, intent_at=began)
