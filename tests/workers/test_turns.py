"""A lane that is never empty leaves others their turn."""

from __future__ import annotations

import pytest

from diffusion import wake
from diffusion.delivery.models import Delivery
from diffusion.delivery.states import State
from tests import valclair
from workers import tasks
from workers.desk import FEW

pytestmark = pytest.mark.django_db


def test_a_full_lane_gives_its_thread_back_and_asks_for_another(monkeypatch):
    """Else a worker whose threads all carry it would open no gate, and find no lease that ran out, until it is empty."""
    woken: list[str] = []
    monkeypatch.setattr(wake, "call", woken.append)
    board = valclair.board()
    for _ in range(2 * FEW + 1):
        valclair.delivery(board)

    monkeypatch.setattr(tasks, "TURN_S", 0.0)
    tasks.deliver("intranet")

    assert Delivery.objects.filter(state=State.PUBLISHED).count() == FEW
    assert woken[-1] == "intranet"
    assert not Delivery.objects.filter(state=State.CLAIMED).exists()

    monkeypatch.setattr(tasks, "TURN_S", 60.0)
    tasks.deliver("intranet")

    assert not Delivery.objects.exclude(state=State.PUBLISHED).exists()
