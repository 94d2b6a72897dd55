"""The engine on one page: the states, the moves between them, and the only function that makes one.

Due, retrying, edited and verifying are derived from dates and receipts, never stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection, models


class State(models.TextChoices):
    PLANNED = "planned", "Planifiée"
    CLAIMED = "claimed", "En file"
    SENDING = "sending", "Envoi en cours"
    UNCERTAIN = "uncertain", "Incertaine"
    PUBLISHED = "published", "Publiée"
    REFUSED = "refused", "Refusée"
    HELD = "held", "Suspendue"
    CANCELLED = "cancelled", "Annulée"
    SUPERSEDED = "superseded", "Remplacée"
    WITHDRAWN = "withdrawn", "Retirée"


S = State
MOVES: dict[State, frozenset[State]] = {
    # straight to published: by the late receipt of an earlier attempt, and nothing is sent again
    S.PLANNED: frozenset({S.CLAIMED, S.HELD, S.CANCELLED, S.SUPERSEDED, S.REFUSED, S.PUBLISHED}),
    S.CLAIMED: frozenset({S.PLANNED, S.SENDING, S.REFUSED, S.HELD, S.CANCELLED, S.SUPERSEDED, S.PUBLISHED}),
    S.SENDING: frozenset({S.PUBLISHED, S.PLANNED, S.UNCERTAIN, S.REFUSED}),
    S.UNCERTAIN: frozenset({S.PUBLISHED, S.PLANNED, S.CANCELLED}),
    S.REFUSED: frozenset({S.PLANNED, S.CANCELLED, S.SUPERSEDED}),
    # into doubt: after a restore nobody knows what left since the backup
    S.HELD: frozenset({S.PLANNED, S.CANCELLED, S.SUPERSEDED, S.PUBLISHED, S.UNCERTAIN}),
    S.PUBLISHED: frozenset({S.WITHDRAWN}),
    S.CANCELLED: frozenset(),
    S.SUPERSEDED: frozenset(),
    S.WITHDRAWN: frozenset(),
}
BEFORE_SENDING = frozenset({S.PLANNED, S.CLAIMED, S.HELD})
NEEDS_A_PERSON = frozenset({S.UNCERTAIN, S.REFUSED})
FINAL = frozenset(state for state, onward in MOVES.items() if not onward)
OPEN = frozenset(S) - FINAL - {S.PUBLISHED}


Known = Mapping[int, State]


class Moved(Exception):
    """The row was meant to move and had moved already: another worker, another person, or a lease that ran out."""


def move(
    rows: models.QuerySet[Any], to: State, *, why: str = "", by: Any = None, known: Known | None = None, **changes: Any
) -> int:
    """Move those of `rows` whose state allows it, and write an event for each. Returns how many moved.

    Needs a transaction. `changes` are further columns set by the same UPDATE. `known` are the rows' keys and states, for a
    caller that locked them or can move them from there only: they are not asked for, and the UPDATE makes sure of all of
    them, or it raises Moved. A model without an `event_model` (a letter's ledger lines, by the hundred thousand) moves
    without events.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("move() needs a transaction")
    allowed = [state for state, onward in MOVES.items() if to in onward]
    if known is None:
        mine = rows.filter(state__in=allowed).order_by("pk").select_for_update(of=("self",))  # in the order of `lock`
        before = dict(mine.values_list("pk", "state"))
        them = rows.model._default_manager.filter(pk__in=before)
    else:
        before = {pk: was for pk, was in known.items() if was in allowed}
        them = rows.filter(pk__in=before, state__in=set(before.values()))
    if not before:
        return 0
    moved: int = them.update(state=to, **changes)
    if known is not None and moved != len(before):
        raise Moved(to)
    event_model = getattr(rows.model, "event_model", None)
    if event_model and moved:
        event_model()._default_manager.bulk_create(
            event_model()(delivery_id=pk, was=was, now=to, why=why, by=by) for pk, was in before.items()
        )
    return moved


def move_one(rows: models.QuerySet[Any], to: State, **changes: Any) -> None:
    """`move` where exactly one row is meant. Raises Moved when none did."""
    if move(rows, to, **changes) != 1:
        raise Moved(to)


def lock(rows: models.QuerySet[Any]) -> None:
    """Before several are changed one by one: locked in the one order that everybody keeps. Needs a transaction."""
    list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk"))


def free(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Those that no other transaction holds, locked: whoever holds a row already waits for no second one, so no ring forms."""
    mine = rows.order_by("pk").select_for_update(of=("self",), skip_locked=True)
    found: models.QuerySet[Any] = rows.model._default_manager.filter(pk__in=list(mine.values_list("pk", flat=True)))
    return found
