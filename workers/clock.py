"""What beats: wakes each lane when something is due in it. Any number of clocks may run; the rows decide.

It sleeps until the next due row, at most `BEAT_S`: rows that another process adds are seen by then.
"""

from __future__ import annotations

import logging
import threading
import time

from django.db import DatabaseError, close_old_connections, connection
from django.db.models.functions import Now
from django.utils import timezone

from diffusion import wake
from diffusion.delivery import watch
from diffusion.delivery.models import Amendment, Delivery, Lane
from diffusion.delivery.states import State
from diffusion.directory import notify
from diffusion.directory.models import Mail
from diffusion.intake.models import Source
from diffusion.logs import Outage

log = logging.getLogger(__name__)

BEAT_S = 0.5
HOUSE_S = 1.0
WATCH_S = 30.0


def due_lanes() -> set[str]:
    """The lanes in which something can be claimed now, by the database's clock."""
    lanes = {lane for lane in Lane.values if Delivery.objects.due(lane).exists()}
    lanes |= set(Amendment.objects.filter(done_at=None, due_at__lte=Now()).order_by().values_list("lane", flat=True))
    if Source.objects.filter(next_pull_at__lte=Now()).exists():
        lanes.add(Lane.INTAKE)
    if Mail.objects.filter(due_at__lte=Now()).exists():
        lanes.add(Lane.MAIL)
    return lanes


def next_due_s() -> float:
    """Seconds until the next planned row, at most BEAT_S."""
    later = Delivery.objects.filter(state=State.PLANNED, due_at__gt=Now()).order_by("due_at")
    first = [later.filter(lane=lane).values_list("due_at", flat=True).first() for lane in Lane.values]  # by the index
    now = timezone.now()
    return min(BEAT_S, *(max(0.005, (at - now).total_seconds()) for at in first if at), BEAT_S)


def _post() -> None:
    """Our own mails, by a thread: a relay that does not answer would keep the clock from beating."""
    try:
        notify.post_due()
    finally:
        connection.close()


class Clock:
    """A loop that wakes lanes. A lane already told is told again only after a beat, so a busy worker isn't flooded."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self._house_at = 0.0
        self._watched_at = time.monotonic()  # workers that have just started get their chance
        self._told: dict[str, float] = {}

    def run(self) -> None:
        """Beat until `stop`. A database that is away is waited for, and said once."""
        database = Outage("database", log)
        while not self.stopping.is_set():
            try:
                close_old_connections()
                pause = self.beat()
                database.over()
            except DatabaseError as fault:
                database.note(fault)
                pause = 1.0
            self.stopping.wait(pause)
        close_old_connections()

    def beat(self) -> float:
        """One look at what is due. Returns the seconds to sleep."""
        now = time.monotonic()
        for lane in due_lanes():
            if now - self._told.get(lane, 0.0) >= BEAT_S / 2:
                self._told[lane] = now
                wake.call(lane)
        if now - self._house_at >= HOUSE_S:
            self._house_at = now
            wake.call(Lane.HOUSEKEEPING)
        if now - self._watched_at >= WATCH_S:
            self._watched_at = now
            if watch.tell_if_stalled():  # then no worker hands its mail over either
                threading.Thread(target=_post, name="post", daemon=True).start()
        return next_due_s()

    def stop(self) -> None:
        self.stopping.set()
