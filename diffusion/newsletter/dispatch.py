"""The ledger: a letter is one delivery, carried recipient by recipient, each with an intent and an outcome of its own.

The delivery stays claimed while its ledger is open, a stretch of lines at a time, so that one worker owns it by the
delivery's own lease. Lines that a dead worker left between intent and outcome are in doubt: they are sent again only
where the relay drops a second copy; elsewhere a person decides, and the rest of the letter goes on.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable

from django.conf import settings
from django.db.models import F, Max, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from channels.contract import Channel, Code, Kind, Prepared
from channels.contract import Receipt as Proof
from channels.outcomes import Disconnected, Outcome, Refused, Throttled, TryLater, Uncertain
from diffusion.accounts.connect import channel_of
from diffusion.delivery import pace, send, settle
from diffusion.delivery.backoff import before_retry
from diffusion.delivery.claim import Lease, LeaseLost
from diffusion.delivery.models import NO_LEASE, Delivery, Stop
from diffusion.delivery.states import Moved, State, move_one
from diffusion.errors import No
from diffusion.instants import in_seconds
from diffusion.newsletter import bounces
from diffusion.newsletter.edition import assemble, mail_to
from diffusion.newsletter.lists import open_list, recipients
from diffusion.newsletter.models import CORRECTED, Edition, Line
from diffusion.verbs import AWAY, patient, verb

log = logging.getLogger(__name__)

STRETCH = 50
"""Lines taken from the ledger at a time."""
LINES_AT_ONCE = 1000
"""Lines written in one transaction: a long list keeps nobody else from writing."""
TRIES_MOST = 8


def carry(delivery: Delivery, lease: Lease, *, stops: Callable[[], bool] = lambda: False) -> None:
    """Carry one claimed delivery, as its lease gave it: a letter by its ledger, anything else at once.

    `stops` says whether this process was told to stop: a letter then waits between two recipients for another one.
    Raises only what a database that is away raises, as `send` does.
    """
    if delivery.account.channel_class.kind is not Kind.NEWSLETTER:
        send.carry(delivery, lease)
        return
    try:
        pace.check_account(delivery.account)
        channel = channel_of(delivery.account)
        pace.check(delivery, channel, lease)
        pace.check_brake(delivery, lease.orders)
        channel.http = channel.http.before(lambda: send.must_own(lease, channel))

        def goes_on() -> bool:
            return not stops() and not lease.is_over(channel.deadline) and _is_ours(delivery, lease)

        with contextlib.closing(channel):
            edition = _open_ledger(delivery, goes_on)
            _carry_lines(delivery, edition, channel, goes_on)
            _close_or_continue(delivery, edition, lease)
    except (LeaseLost, Moved):  # somebody else owns it now, and goes on where we stopped
        send.give_back(delivery, lease, seconds=0, why="given_back")
    except pace.Held:
        send.keep_held(delivery, lease)
    except pace.Waits as wait:
        send.give_back(delivery, lease, seconds=wait.seconds, why=wait.why, stop=wait.stop)
    except (Outcome, No) as fault:
        _stop(delivery, lease, fault)
    except AWAY:  # the database, not the letter: the lease runs out, and the ledger says what is in doubt
        raise
    except Exception as fault:  # the task's edge: no line is lost, each has its own state
        log.error("letter_failed delivery=%s", delivery.public_id, exc_info=fault)
        _stop(delivery, lease, Refused("internal", evidence=repr(fault)))


def _open_ledger(delivery: Delivery, goes_on: Callable[[], bool]) -> Edition:
    """Freeze the issue and write one line a recipient, once. Lines left mid-way by a dead worker are in doubt.

    An account without a list gets an empty one: the letter then goes to nobody, which its figures say, and never loops.
    """
    edition = Edition.objects.filter(delivery=delivery).first()
    edition = edition or assemble(delivery, open_list(delivery.account, by=None))
    _write_ledger(edition, goes_on)
    _doubt_open_lines(edition)
    _take_denied_back(delivery, edition)
    return edition


def _write_ledger(edition: Edition, goes_on: Callable[[], bool]) -> None:
    """Go on where a worker that stopped or died left it. Raises LeaseLost while it isn't whole: then nothing is sent."""
    while edition.written_at is None:
        if not goes_on():
            raise LeaseLost
        _write_some_lines(edition)


@verb
def _write_some_lines(edition: Edition) -> None:
    if edition._state.adding:
        edition.save()
    last = edition.lines.aggregate(last=Max("subscriber"))["last"] or 0
    missing = recipients(edition).filter(pk__gt=last).order_by("pk")
    ids = list(missing.values_list("pk", flat=True)[:LINES_AT_ONCE])
    lines = [Line(edition=edition, subscriber_id=pk, due_at=Now()) for pk in ids]
    Line.objects.bulk_create(lines, ignore_conflicts=True)  # of one whose lease ran out while it wrote
    if len(ids) < LINES_AT_ONCE:
        edition.written_at = timezone.now()
        edition.save(update_fields=["written_at"])


@verb
def _doubt_open_lines(edition: Edition) -> None:
    edition.lines.filter(state=State.SENDING).update(state=State.UNCERTAIN, code="lease_ran_out")


@verb
def _take_denied_back(delivery: Delivery, edition: Edition) -> None:
    """A person said of the whole letter that it did not go out: its lines in doubt go again, under the letter's new key."""
    doubtful = edition.lines.filter(state=State.UNCERTAIN, generation__lt=delivery.generation)
    if edition.corrected_at:  # the erratum is theirs too
        doubtful.update(state=State.CANCELLED, code=CORRECTED)
        return
    doubtful.update(state=State.PLANNED, due_at=Now(), code="", generation=delivery.generation)


def _carry_lines(delivery: Delivery, edition: Edition, channel: Channel, goes_on: Callable[[], bool]) -> None:
    """Send what is due, until nothing is or the letter has to wait between two recipients."""
    if channel.repeats_harmlessly:
        _take_doubts_back(edition)
    while lines := list(_due(edition)[:STRETCH]):
        for line in lines:
            if not goes_on():
                return
            _send_line(line, delivery, edition, channel)


def _due(edition: Edition) -> QuerySet[Line]:
    due = Line.objects.filter(edition=edition, state=State.PLANNED, due_at__lte=Now())
    return due.select_related("subscriber", "edition__list").order_by("due_at", "pk")


def _is_ours(delivery: Delivery, lease: Lease) -> bool:
    """A hold, a cancellation or a lease that ran out ends the stretch before the next mail."""
    return Delivery.objects.filter(pk=delivery.pk, lease=lease.token, state=State.CLAIMED).exists()


@verb
def _take_doubts_back(edition: Edition) -> None:
    """The relay drops a second copy of the same mail: doubt costs nothing, under the same key."""
    Line.objects.filter(edition=edition, state=State.UNCERTAIN).update(state=State.PLANNED, due_at=Now(), code="")


def _send_line(line: Line, delivery: Delivery, edition: Edition, channel: Channel) -> None:
    """Intent, one mail, outcome. Raises Disconnected and Throttled, which concern the whole letter."""
    if line.subscriber is None or line.subscriber.suppressed_at:
        _end_line(line, State.CANCELLED, code="forgotten")
        return
    mail = mail_to(edition, line, line.subscriber, delivery.rendition)
    _intend_line(line)
    try:
        proof = channel.publish(mail, channel.prepare(mail, Prepared()), line.key)
    except LeaseLost:  # before the first byte
        _end_line(line, State.PLANNED, due_at=in_seconds(0), tries=F("tries") - 1)
        raise
    except (Disconnected, Throttled, TryLater) as outcome:
        if not _concerns_all(outcome):
            _later_or_refused(line, delivery, outcome)
            return
        _end_line(line, State.PLANNED, due_at=in_seconds(0), code=outcome.code, tries=F("tries") - 1)
        raise
    except Refused as outcome:
        _refuse_line(line, outcome)
    except Outcome as outcome:
        if isinstance(outcome, Uncertain) and not channel.repeats_harmlessly:
            _end_line(line, State.UNCERTAIN, code=outcome.code, evidence=outcome.evidence)
        else:  # nothing was accepted, or a second copy is dropped: the same key again, later
            _later_or_refused(line, delivery, outcome)
    else:
        _end_line(line, State.PUBLISHED, receipt=proof.id[:200], sent_at=Now(), code="")


def _concerns_all(outcome: Outcome) -> bool:
    """Whether the next mail would meet the same: not let in, asked to wait, or no relay there at all. Spends no try."""
    return not isinstance(outcome, TryLater) or outcome.code == Code.UNREACHABLE


def _later_or_refused(line: Line, delivery: Delivery, outcome: Outcome) -> None:
    """A busy hour of the relay refuses nobody: a line is given up when many tries *and* much time were spent on it."""
    if line.tries + 1 >= TRIES_MOST and send.is_given_up(delivery):
        _refuse_line(line, outcome)
        return
    after = getattr(outcome, "after", None)
    pause = before_retry(line.tries) if after is None else after
    _end_line(line, State.PLANNED, due_at=in_seconds(pause), code=outcome.code, evidence=outcome.evidence)


def _refuse_line(line: Line, outcome: Outcome) -> None:
    said = {"code": outcome.code, "evidence": outcome.evidence, "bounce": bounces.kind_of(outcome)}
    _end_line(line, State.REFUSED, **said)


@verb
def _intend_line(line: Line) -> None:
    rows = Line.objects.filter(pk=line.pk, state=State.PLANNED)
    if not rows.update(state=State.SENDING, intent_at=Now(), tries=F("tries") + 1):
        raise Moved(State.SENDING)


@patient
@verb
def _end_line(line: Line, to: State, **changes: object) -> None:
    mine = [State.SENDING, State.PLANNED]
    if to == State.PUBLISHED:  # a receipt come late settles a doubt
        mine.append(State.UNCERTAIN)
    Line.objects.filter(pk=line.pk, state__in=mine).update(state=to, **changes)


@verb
def _close_or_continue(delivery: Delivery, edition: Edition, lease: Lease) -> None:
    """No open line: the letter is published, or in doubt for a person where lines are. Else it is due again."""
    mine = Delivery.objects.select_for_update().filter(pk=delivery.pk, lease=lease.token, state=State.CLAIMED).first()
    if mine is None:
        return
    open_lines = edition.lines.filter(state__in=[State.PLANNED, State.SENDING])
    if open_lines.exists():
        first = open_lines.order_by("due_at").values_list("due_at", flat=True).first()
        due = first or in_seconds(1)  # no sum of clocks that may differ: it would be due again and again
        move_one(Delivery.objects.filter(pk=mine.pk), State.PLANNED, why="ledger_open", due_at=due, **NO_LEASE)
        return
    move_one(
        Delivery.objects.filter(pk=mine.pk), State.SENDING, why="ledger", intent_at=Now(), lease_until=in_seconds(60)
    )
    if edition.lines.filter(state=State.UNCERTAIN).exists():
        move_one(
            Delivery.objects.filter(pk=mine.pk), State.UNCERTAIN, why="lines_in_doubt", doubt_at=Now(), look_at=None,
            code=Code.NO_ANSWER, **NO_LEASE,
        )  # fmt: skip
        settle.needs_a_person(mine, "uncertain")
        return
    Edition.objects.filter(pk=edition.pk).update(closed_at=timezone.now())
    bounces.heed(edition)
    settle.published(mine, Proof(id=edition.public_id, url=edition_url(edition)), why="ledger_closed")


def edition_url(edition: Edition) -> str:
    """The issue's own page, for those whose mail shows it badly; a letter to agents has none in public."""
    return f"{settings.BASE_URL}/e/{edition.public_id}"


@verb
def _stop(delivery: Delivery, lease: Lease, fault: Outcome | No) -> None:
    """What concerns the whole letter: the account is not let in, the relay asks to wait, or it will never take it."""
    rows = Delivery.objects.filter(pk=delivery.pk, lease=lease.token, state=State.CLAIMED)
    if not rows.exists():
        return
    if isinstance(fault, No | Disconnected):
        outcome = fault if isinstance(fault, Disconnected) else Disconnected(fault.code)
        settle.pause(delivery.account, outcome)
        move_one(rows, State.PLANNED, why=outcome.name, code=outcome.code, stop=Stop.PAUSED, due_at=None, **NO_LEASE)
    elif isinstance(fault, Refused) or send.is_given_up(delivery):
        move_one(rows, State.REFUSED, why=fault.name, code=fault.code, **NO_LEASE)
        settle.needs_a_person(delivery, fault.code)
    else:
        settle.heed(delivery.account, fault)
        after = getattr(fault, "after", None) or 30.0
        move_one(rows, State.PLANNED, why=fault.name, code=fault.code, due_at=in_seconds(after), **NO_LEASE)
