"""The engine walked by Hypothesis through thousands of steps, against a lying channel and a model of what stands there."""

from __future__ import annotations

import itertools
import os

import pytest
from django.db.models.functions import Now
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from channels import registry
from channels.contract import Code
from channels.outcomes import Uncertain
from diffusion.accounts.models import Account
from diffusion.delivery import claim, hold, plan, reconcile
from diffusion.delivery.holding import Hold
from diffusion.delivery.models import Delivery
from diffusion.delivery.send import send
from diffusion.delivery.states import BEFORE_SENDING, State
from diffusion.instants import in_seconds
from tests import valclair
from tests.delivery.liar import ENDS, LOOKS, Killed, Liar, World

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "6"))
"""Walks of forty steps; `make chaos` takes more."""
NUMBERS = itertools.count(1)
AT_ONCE = 3
LONG_AGO_S = -600.0


class Engine(RuleBasedStateMachine):
    """Workers, clock and people in any order. The model is the channel's own count of posts, and who was cancelled."""

    def __init__(self) -> None:
        super().__init__()
        Liar.world = self.world = World()
        if Hold.current():
            hold.lift(by=None)
        self.account, self.mine = valclair.account("liar"), list[int]()

    @property
    def rows(self):
        return Delivery.objects.filter(pk__in=self.mine)

    @rule()
    def one_more_is_planned(self):
        if self.rows.exclude(state__in=[State.PUBLISHED, State.CANCELLED]).count() >= AT_ONCE:
            return
        text = f"avis {next(NUMBERS)}"
        self.mine.append(valclair.delivery(self.account, of=valclair.message(title=text), text=text).pk)

    @rule(end=st.sampled_from(sorted(ENDS)))
    def a_worker_sends_one(self, end):
        self.world.takes, make = ENDS[end]
        self.world.then = make()
        self._send()

    @rule(looks=st.lists(st.sampled_from(LOOKS), max_size=3), answers=st.booleans())
    def a_worker_is_frozen_once_its_post_is_taken_and_comes_back(self, looks, answers):
        def meanwhile() -> None:
            self.leases_run_out()
            for look in looks:
                self.somebody_looks(look)

        self.world.takes, self.world.then = True, None if answers else Uncertain(Code.NO_ANSWER)
        self.world.meanwhile = meanwhile
        self._send()
        self.world.meanwhile = None

    def _send(self) -> None:
        """There is always something to send, so that no step of a walk is idle."""
        if not self.rows.filter(state=State.PLANNED).exists():
            self.one_more_is_planned()
        self.rows.filter(state=State.PLANNED, stop="").update(due_at=in_seconds(-1))
        lease = claim.claim_due("social", limit=1)
        for pk in lease.ids:
            try:
                send(pk, lease)
            except Killed:
                return

    @rule()
    def a_worker_is_killed_with_what_it_claimed(self):
        self.rows.filter(state=State.PLANNED, stop="").update(due_at=in_seconds(-1))
        claim.claim_due("social", limit=2)

    @rule()
    def leases_run_out(self):
        self.rows.exclude(lease="").update(lease_until=in_seconds(-1))
        claim.release_expired()

    @rule(look=st.sampled_from(LOOKS))
    def somebody_looks(self, look):
        self.world.look = look
        since = Now() if look == "lags" else in_seconds(LONG_AGO_S)
        self.rows.filter(state=State.UNCERTAIN, look_at__isnull=False).update(look_at=Now(), doubt_at=since)
        lease = claim.claim_looks()
        for pk in lease.ids:
            reconcile.look(pk, lease)

    @rule()
    def a_person_says_what_they_see(self):
        for row in self.rows.filter(state=State.UNCERTAIN, look_at=None):
            (reconcile.confirm if self.world.posts[row.rendition.text] else reconcile.deny)(row, by=valclair.paul())

    @rule()
    def a_person_tries_again_what_was_refused(self):
        for row in self.rows.filter(state=State.REFUSED):
            plan.retry(row, by=None)

    @rule()
    def everything_is_held_and_let_go(self):
        hold.hold(by=None)
        hold.lift(by=None)

    @rule()
    def one_is_cancelled_before_it_left(self):
        first = self.rows.filter(state__in=BEFORE_SENDING).first()
        if first:
            plan.cancel(self.rows.filter(pk=first.pk), by=None)

    @invariant()
    def what_stands_there_is_what_the_rows_say(self):
        for row in self.rows:
            posts = self.world.posts[row.rendition.text]
            assert posts <= 1, f"doubled: {row}"
            if row.state == State.PUBLISHED:
                assert posts == 1, f"published on paper alone: {row}"
            if row.state in (*BEFORE_SENDING, State.REFUSED, State.CANCELLED):
                assert posts == 0, f"out, and the row doesn't know: {row}"

    def teardown(self):
        """The world is honest from now on: nothing is lost."""
        for _ in range(6):
            Account.objects.filter(pk=self.account.pk).update(rests_until=None, throttled_until=None)
            self.leases_run_out()
            self.a_person_tries_again_what_was_refused()
            for _ in range(AT_ONCE):
                self.a_worker_sends_one("answered")
            for _ in range(2):
                self.somebody_looks("truth")
            self.a_person_says_what_they_see()
        self.what_stands_there_is_what_the_rows_say()
        left = self.rows.exclude(state__in=[State.PUBLISHED, State.CANCELLED])
        assert not left, f"never out: {list(left)}"


@pytest.mark.django_db
def test_whatever_the_channel_does_nothing_is_lost_and_nothing_doubled(monkeypatch):
    monkeypatch.setitem(registry.CHANNELS, "liar", "tests.delivery.liar:Liar")

    run_state_machine_as_test(
        Engine,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
