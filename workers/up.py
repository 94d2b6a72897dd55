"""Everything in one process: web server, clock and workers on SQLite and the process's own memory for a broker.

Stopping: one SIGTERM or Ctrl-C lets what is being sent finish; a second Ctrl-C leaves at once, and the leases
repair the rest. The same for a terminal that goes away (SIGHUP).
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import IO, Any

from celery.signals import worker_ready
from celery.worker import state as worker_state
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from waitress.server import create_server

from diffusion import parts
from diffusion.accounts import rehearsal
from diffusion.delivery import claim
from diffusion.directory import people
from diffusion.home import lock
from diffusion.intake import pull
from diffusion.logs import Outage
from diffusion.verbs import AWAY
from diffusion.wsgi import application
from workers import lanes
from workers.app import alerts, app
from workers.clock import Clock
from workers.presence import Presence
from workers.rehearsal import Rehearsal

log = logging.getLogger(__name__)

STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

MIGRATING = 0x646966667573696F
"""The advisory lock's number: any, but for ever the same."""
FORM_MAX = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
"""Bytes of a form beside its picture. What is longer is refused unread, before it fills the disk."""
BELIEVED = frozenset({"x-forwarded-for", "x-forwarded-proto"})
"""Of the trusted proxy: who really asks, so that one guesser's limit isn't everybody's, and whether by TLS."""


class Web:
    """The embedded web server, in a thread."""

    def __init__(self) -> None:
        config = settings.DIFFUSION
        self.server: Any = create_server(
            application, host=config.listen_host, port=config.listen_port, threads=config.web_threads,
            ident="", clear_untrusted_proxy_headers=True, max_request_body_size=config.media_max_bytes + FORM_MAX,
            **({"trusted_proxy": config.trusted_proxy, "trusted_proxy_headers": BELIEVED} if config.trusted_proxy else {}),
        )  # fmt: skip
        self.thread = threading.Thread(target=self.server.run, name="web", daemon=True)

    @property
    def port(self) -> int:
        return int(self.server.effective_port)

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.server.close()


class Workers:
    """Celery's worker on threads, serving these lanes."""

    def __init__(self, queues: tuple[str, ...], threads: int, *, has_signals: bool = True) -> None:
        kind = app.Worker if has_signals else alerts.WorkController
        self.worker: Any = kind(
            pool="threads", concurrency=threads, queues=list(queues), without_gossip=True, without_mingle=True,
            without_heartbeat=True, quiet=True, loglevel="WARNING", hostname=f"diffusion-{queues[0]}@{os.getpid()}",
            use_eventloop=False,  # a process has one event loop, and the worker that keeps alerts is its second
        )  # fmt: skip

    def start(self) -> None:
        """Blocks until stopped."""
        with contextlib.suppress(SystemExit):  # how Celery ends on SIGTERM
            self.worker.start()

    def start_beside(self) -> threading.Thread:
        """The same in a thread of its own; it stops with the one of the main thread, which has the signals."""
        beside = threading.Thread(target=self.start, name="urgent", daemon=True)
        beside.start()
        return beside


class Serving:
    """Lanes served in this process. Where alerts share it with others, they keep a thread of their own."""

    def __init__(self, queues: tuple[str, ...], threads: int) -> None:
        shares = set(lanes.KEPT_FREE) < set(queues)
        self.urgent = Workers(lanes.KEPT_FREE, 1, has_signals=False) if shares else None
        self.all = Workers(queues, threads)

    def run(self) -> int:
        """Blocks until stopped. Returns the exit status: 0 when told to stop, else whoever starts us must know."""
        beside = self.urgent.start_beside() if self.urgent else None
        self.all.start()  # in the main thread, where its signals are
        if beside:
            beside.join(timeout=5)
        return int(self.all.worker.exitcode or 0)


def prepare() -> IO[str]:
    """Make the home ours and its database current; give back what a killed run had claimed. Raises HomeBusy."""
    home = settings.DIFFUSION.make_home()
    held = lock(home)
    wait_for_database()
    migrate(verbosity=0)
    if settings.DIFFUSION.is_embedded:  # else there may be workers elsewhere: their leases say whether they live
        claim.release_all()
        pull.release_all()
    return held


def migrate(*, verbosity: int = 1, check_unapplied: bool = False) -> None:
    """Bring the database up to date. Of machines that start together on one server one does; the others wait for it."""
    is_shared = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if is_shared:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
        try:
            call_command("migrate", verbosity=verbosity, interactive=False, check_unapplied=check_unapplied)
        finally:
            if is_shared:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])


def wait_for_database() -> None:
    """Until a database server answers: parts of a machine that starts come up in any order. SQLite is there or isn't.

    Raises DatabaseError for SQLite.
    """
    database = Outage("database", log)
    while True:
        try:
            connection.ensure_connection()
        except AWAY as fault:
            if settings.DIFFUSION.is_embedded:
                raise
            database.note(fault)
            time.sleep(1)
        else:
            database.over()
            return


def run(*, ready: Callable[[Rehearsal], None] = lambda _: None, until: Callable[[], bool] | None = None) -> int:
    """Run until told to stop, or until `until` says so. `ready` is called once pages are answered. Returns the exit status."""
    held = prepare()
    web, clock, stage = Web(), Clock(), Rehearsal()
    serving = Serving(lanes.ALL, settings.DIFFUSION.worker_threads)
    stop_on_signals()
    stage.start()
    web.start()
    ready(stage)
    beating = threading.Thread(target=clock.run, name="clock", daemon=True)
    beating.start()
    if until:
        threading.Thread(target=_stop_when, args=(until,), name="until", daemon=True).start()
    try:
        with Presence(parts.UP, lanes.ALL):
            return serving.run()
    finally:
        clock.stop()
        beating.join(timeout=5)
        web.stop()
        stage.stop()
        held.close()


def _stop_when(done: Callable[[], bool]) -> None:
    """Watch from a thread, and stop the worker as SIGTERM would."""
    while not done():
        time.sleep(0.1)
    stop()


def stop() -> None:
    """What is being sent ends, what was only claimed goes back, then the worker's loop is over."""
    setattr(worker_state, "should_stop", 0)  # noqa: B010  # declared None; 0 is the exit status


def run_worker(only: tuple[str, ...], threads: int) -> int:
    """One worker process, by itself. Raises OSError for a lane that does not exist."""
    unknown = set(only) - set(lanes.ALL)
    if unknown:
        raise OSError(f"no such lane: {', '.join(sorted(unknown))}; there are: {', '.join(lanes.ALL)}")
    stop_on_signals()
    serving = Serving(only or lanes.ALL, threads or settings.DIFFUSION.worker_threads)
    with Presence(parts.WORKER, only or lanes.ALL, on_drain=stop):
        return serving.run()


def run_clock() -> int:
    """One clock, by itself."""
    clock = Clock()
    for number in STOPS:
        signal.signal(number, lambda *_: clock.stop())
    with Presence(parts.CLOCK):
        clock.run()
    return 0


def run_web() -> int:
    """The pages, by themselves."""
    web, told = Web(), threading.Event()
    for number in STOPS:
        signal.signal(number, lambda *_: told.set())
    web.start()
    with Presence(parts.WEB):
        told.wait()
    web.stop()
    return 0


def welcome(_: Rehearsal) -> None:
    """Where pages and rehearsals are; until an administrator came in, the first one's way in, on a terminal only."""
    print(settings.BASE_URL, flush=True)  # noqa: T201
    for channel, address in rehearsal.addresses().items():
        print(f"Répétition / rehearsal: {channel} {address}", flush=True)  # noqa: T201
    if sys.stdout.isatty() and not people.is_administered():
        link = f"{settings.BASE_URL}/in/{people.make_link(people.first_administrator())}"
        print(f"Première connexion (15 minutes, une fois) / First sign-in: {link}", flush=True)  # noqa: T201


def stop_on_signals() -> None:
    """Our own, installed once Celery has installed its: its second Ctrl-C can't end threads, and its SIGHUP starts anew."""

    def ours(**_: Any) -> None:
        if threading.current_thread() is not threading.main_thread():
            return  # the worker beside has no signals
        asked = threading.Event()

        def stop(number: int, _frame: FrameType | None) -> None:
            if asked.is_set() and number == signal.SIGINT:
                os._exit(130)  # threads can't be killed; what they held is leased, and comes back
            asked.set()
            if number == signal.SIGINT:
                print("\nJe termine ce qui part… (Ctrl-C encore : arrêt immédiat)", file=sys.stderr)  # noqa: T201
            setattr(worker_state, "should_stop", 0)  # noqa: B010  # declared None; 0 is the exit status

        for each in STOPS:
            signal.signal(each, stop)

    worker_ready.connect(ours, weak=False)
