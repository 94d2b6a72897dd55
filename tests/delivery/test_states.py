"""The engine's moves: what MOVES allows happens, what it does not can't, and every move leaves its event."""

from __future__ import annotations

import itertools

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from channels.contract import Receipt as Proof
from diffusion.delivery.models import Delivery, Receipt
from diffusion.delivery.states import FINAL, MOVES, Moved, State, move, move_one
from tests import valclair

PAIRS = list(itertools.product(State, State))


def columns(delivery: Delivery, state: State) -> dict:
    """What a row of this state must have, by the table's own constraints."""
    row: dict = {"lease": "", "lease_until": None}
    if state in (State.CLAIMED, State.SENDING):
        row = {"lease": "t", "lease_until": timezone.now()}
    if state in (State.SENDING, State.UNCERTAIN):
        row["intent_at"] = timezone.now()
    if state in (State.PUBLISHED, State.WITHDRAWN):
        row["receipt"] = Receipt.objects.create(delivery=delivery, proof="published", remote_id="1")
    return row


@pytest.mark.django_db
@pytest.mark.parametrize(("was", "to"), PAIRS, ids=lambda s: s.value)
def test_a_move_happens_exactly_where_the_table_says(was, to):
    delivery = valclair.delivery(valclair.board())
    Delivery.objects.filter(pk=delivery.pk).update(state=was, **columns(delivery, was))
    rows = Delivery.objects.filter(pk=delivery.pk)

    moved = move(rows, to, why="test", **columns(delivery, to))

    assert moved == (to in MOVES[was])
    assert rows.get().state == (to if moved else was)
    assert delivery.events.count() == moved


class Walk(TestCase):
    @settings(deadline=None)  # a busy machine is no defect
    @given(st.lists(st.sampled_from(list(State)), max_size=12))
    def test_any_walk_ends_where_a_model_of_it_ends(self, steps):
        delivery = valclair.delivery(valclair.board())
        state, made = State.PLANNED, 0
        for step in steps:
            with transaction.atomic():
                if step in MOVES[state]:
                    move_one(Delivery.objects.filter(pk=delivery.pk), step, **columns(delivery, step))
                    state, made = step, made + 1
                else:
                    with pytest.raises(Moved):
                        move_one(Delivery.objects.filter(pk=delivery.pk), step, **columns(delivery, step))
        delivery.refresh_from_db()
        assert delivery.state == state
        assert delivery.events.count() == made


def test_final_states_lead_nowhere():
    assert {State.CANCELLED, State.SUPERSEDED, State.WITHDRAWN} == FINAL


@pytest.mark.django_db
@pytest.mark.parametrize(
    "impossible",
    [
        {"state": State.PUBLISHED},
        {"state": State.CLAIMED},
        {"state": State.UNCERTAIN},
        {"due_at": None},
        {"stop": "gate"},
    ],
    ids=[
        "published without receipt",
        "claimed without lease",
        "in doubt without intent",
        "never due",
        "due and stopped",
    ],
)
def test_the_database_refuses_what_cannot_be(impossible):
    delivery = valclair.delivery(valclair.board())

    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(**impossible)


@pytest.mark.django_db
def test_nothing_is_planned_twice_for_one_account():
    first = valclair.delivery(valclair.board())
    row = {
        f: getattr(first, f)
        for f in ("message", "revision", "account", "level", "lane", "body", "digest", "planned_at")
    }

    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(**row, due_at=first.due_at)
    Delivery.objects.filter(pk=first.pk).update(state=State.CANCELLED)
    Delivery.objects.create(**row, due_at=first.due_at)


def test_proof_needs_an_id():
    assert Proof(id="x").url == ""
