"""Who owns what, and for how long: looks that occupy one thread a lane, leases that a sleeping machine lets run out."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from celery.worker import state as worker_state
from django.db.models.functions import Now
from django.utils import timezone

from diffusion.delivery import claim, reconcile
from diffusion.delivery.models import Delivery
from diffusion.delivery.states import State
from diffusion.instants import in_seconds
from tests import valclair
from workers import tasks

pytestmark = pytest.mark.django_db

ASLEEP_S = 3600
WAKES_UP = """
import sys
from workers import app
from diffusion.delivery.claim import Lease
print(Lease("t", (1,), float(sys.argv[1])).is_over())
"""


def doubt(on, count: int) -> set[int]:
    """That many deliveries of an account, in doubt, to be looked for now."""
    rows = [valclair.delivery(on) for _ in range(count)]
    ids = {row.pk for row in rows}
    now = timezone.now()
    Delivery.objects.filter(pk__in=ids).update(state=State.UNCERTAIN, intent_at=now, doubt_at=now, look_at=Now())
    return ids


def test_a_lane_is_looked_for_by_one_at_a_time_and_the_others_meanwhile(rehearsal):
    social, intranet = doubt(valclair.mastodon(rehearsal), 6), doubt(valclair.board(), 2)

    first, second, third = claim.claim_looks(), claim.claim_looks(), claim.claim_looks()

    assert len(first.ids) == 4
    assert set(first.ids) < social
    assert set(second.ids) == intranet
    assert not third.ids


def test_the_next_ones_turn_comes_when_the_looks_are_over_or_whoever_looked_is_dead(rehearsal):
    social = doubt(valclair.mastodon(rehearsal), 6)
    first = claim.claim_looks()
    assert len(first.ids) == 4

    Delivery.objects.filter(pk__in=first.ids).update(lease_until=in_seconds(-1), look_at=in_seconds(60))

    assert set(claim.claim_looks().ids) == social - set(first.ids)


def test_a_look_whose_lease_is_over_is_left_to_the_next(rehearsal):
    ids = doubt(valclair.mastodon(rehearsal), 1)
    lease = claim.claim_looks()

    for pk in lease.ids:
        reconcile.look(pk, claim.Lease(lease.token, lease.ids, deadline=0.0))

    assert set(Delivery.objects.filter(looks=0, code="", lease=lease.token).values_list("pk", flat=True)) == ids


def test_a_process_that_stops_gives_back_what_it_did_not_look_for(rehearsal, monkeypatch):
    ids = doubt(valclair.mastodon(rehearsal), 2)
    monkeypatch.setattr(worker_state, "should_stop", 0)

    tasks.keep_house("housekeeping")

    assert set(claim.claim_looks().ids) == ids


def test_a_lease_runs_out_while_the_machine_sleeps():
    """A kernel's time namespace, as another process of a machine that slept an hour would read the clock."""
    asleep = ["unshare", "--time", "--boottime", str(ASLEEP_S), sys.executable, "-c", WAKES_UP]
    if subprocess.run([*asleep[:4], "true"], capture_output=True, check=False).returncode:
        pytest.skip("no time namespaces here")
    valclair.delivery(valclair.board())
    lease = claim.claim_due("intranet")
    assert not lease.is_over()

    told = subprocess.run(
        [*asleep, str(lease.deadline)], env=dict(os.environ), capture_output=True, text=True, check=True
    )

    assert told.stdout.strip() == "True"


def test_a_lease_is_ours_until_shortly_before_the_database_gives_it_to_another():
    valclair.delivery(valclair.board())
    lease = claim.claim_due("intranet")
    row = Delivery.objects.get()

    left = timedelta(seconds=lease.deadline - claim.uptime_s())

    assert abs(row.lease_until - timezone.now() - left - timedelta(seconds=claim.MARGIN_S)) < timedelta(seconds=2)
