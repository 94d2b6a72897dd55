"""Figures for Prometheus, in its text format, read from the database when they are asked for.

All web processes tell the same, so one is asked. Labels are few by construction: lanes, states, channels, outcomes;
never an account, a message or a person. `docs/ops/metrics.md` says what each is for, and a test holds it to `FAMILIES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Count, Min
from django.db.models.functions import Now
from django.utils import timezone

from diffusion.accounts.models import Account
from diffusion.delivery import watch
from diffusion.delivery.holding import OUTWARD, Hold
from diffusion.delivery.models import Attempt, Delivery, Lane
from diffusion.delivery.states import State
from diffusion.delivery.tally import is_doubled
from diffusion.intake.models import Source
from diffusion.parts import CLOCK, UP, WEB, WORKER, Part

TYPE = "text/plain; version=0.0.4; charset=utf-8"
Sample = tuple[dict[str, str], float]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: its name after `diffusion_`, its type, what it says, and how it is counted."""

    name: str
    kind: str
    says: str
    samples: Callable[[], Iterable[Sample]]


def _counted(names: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> Iterable[Sample]:
    """Rows of labels and, last, their figure."""
    for *labels, figure in rows:
        yield dict(zip(names, map(str, labels), strict=True)), float(str(figure))


def _of_channels(rows: Iterable[tuple[str, int]]) -> Iterable[Sample]:
    """Of each channel in use, also where there is none yet: Prometheus sees no rise where a series begins."""
    counts = dict(rows)
    channels = Account.objects.order_by("channel").values_list("channel", flat=True).distinct()
    return [({"channel": channel}, float(counts.get(channel, 0))) for channel in channels]


def _deliveries() -> Iterable[Sample]:
    rows = Delivery.objects.real().order_by().values_list("lane", "state").annotate(Count("pk"))
    return _counted(("lane", "state"), rows)


def _oldest_due() -> Iterable[Sample]:
    due = Delivery.objects.real().filter(state=State.PLANNED, due_at__lte=Now()).order_by()
    since = dict(due.exclude(lane__in=list(Hold.objects.lanes())).values_list("lane").annotate(Min("due_at")))
    now = timezone.now()
    for lane in Lane.values:
        yield {"lane": lane}, max(0.0, (now - since[lane]).total_seconds()) if lane in since else 0.0


def _lanes_paused() -> Iterable[Sample]:
    paused = Hold.objects.lanes()
    return [({"lane": lane}, float(lane in paused)) for lane in OUTWARD]


def _stalled() -> Iterable[Sample]:
    still = {row.lane for row in watch.stalled()}
    return [({"lane": lane}, float(lane in still)) for lane in Lane.values]


def _waiting() -> Iterable[Sample]:
    rows = Delivery.objects.real().waiting_for_a_person().order_by().values_list("state").annotate(Count("pk"))
    return _counted(("state",), rows)


def _attempts() -> Iterable[Sample]:
    ended = Attempt.objects.filter(delivery__account__is_rehearsal=False).exclude(outcome="").order_by()
    rows = ended.values_list("delivery__account__channel", "outcome").annotate(Count("pk"))
    counts = {(str(found["channel"]), "published"): 0 for found, _none in _of_channels(())}
    counts |= {(channel, outcome): count for channel, outcome, count in rows}
    return _counted(("channel", "outcome"), ((*labels, count) for labels, count in counts.items()))


def _published() -> Iterable[Sample]:
    out = Delivery.objects.real().filter(state__in=[State.PUBLISHED, State.WITHDRAWN]).order_by()
    return _of_channels(out.values_list("account__channel").annotate(Count("pk")))


def _doubled() -> Iterable[Sample]:
    twice = Delivery.objects.real().filter(is_doubled()).order_by()
    return _of_channels(twice.values_list("account__channel").annotate(Count("pk")))


def _paused() -> Iterable[Sample]:
    return _of_channels(Account.objects.exclude(paused_at=None).order_by().values_list("channel").annotate(Count("pk")))


def _parts() -> Iterable[Sample]:
    found = dict(Part.objects.alive().order_by().values_list("kind").annotate(Count("pk")))
    return [({"kind": kind}, float(found.get(kind, 0))) for kind in (UP, WORKER, CLOCK, WEB)]


FAMILIES = (
    Family("deliveries", "gauge", "Deliveries by lane and state.", _deliveries),
    Family("oldest_due_seconds", "gauge", "How long the oldest due delivery of a lane has waited.", _oldest_due),
    Family("sending_stopped", "gauge", "1 where something is overdue and nothing moves, holds apart.", _stalled),
    Family("waiting_for_a_person", "gauge", "Deliveries that only a person can settle, by state.", _waiting),
    Family("attempts_total", "counter", "Tries that have ended, by channel and outcome.", _attempts),
    Family("published_total", "counter", "Deliveries with a receipt, by channel.", _published),
    Family("doubled_total", "counter", "Deliveries of which a second post is known, by channel.", _doubled),
    Family("accounts_paused", "gauge", "Accounts that nothing goes to, by channel.", _paused),
    Family("sources_failing", "gauge", "Sources whose last pull failed.", lambda: [({}, Source.objects.exclude(health="").count())]),
    Family("parts", "gauge", "Processes heard of in the last half minute, by kind.", _parts),
    Family("lane_paused", "gauge", "1 while a person holds this lane.", _lanes_paused),
    Family("hold", "gauge", "1 while everything is on hold.", lambda: [({}, float(Hold.current() is not None))]),
)  # fmt: skip


def page() -> str:
    """All of it, in Prometheus's text format 0.0.4. Our labels need no escaping: they are words of ours."""
    lines = []
    for family in FAMILIES:
        name = f"diffusion_{family.name}"
        lines += [f"# HELP {name} {family.says}", f"# TYPE {name} {family.kind}"]
        for labels, figure in family.samples():
            told = ",".join(f'{key}="{value}"' for key, value in labels.items())
            lines.append(f"{name}{{{told}}} {figure:.15g}" if told else f"{name} {figure:.15g}")
    return "\n".join(lines) + "\n"
