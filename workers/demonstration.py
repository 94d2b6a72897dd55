"""`up --demo` and `demo --once`: the product itself, with the demonstration's people at their desks.

Rehearsal servers, feeds and people run in the same process and keep their state in the home: killed at any moment and
started again, each delivery has gone out exactly once.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diffusion.cli import main as faces

if TYPE_CHECKING:
    from workers.rehearsal import Rehearsal

log = logging.getLogger(__name__)

ONCE_LEAD, UP_LEAD = timedelta(seconds=2), timedelta(seconds=10)
ONCE_MOST_S = 90.0
"""After this long the demonstration says what is still open, and gives up."""


def _set_up() -> None:
    """The demonstration's own settings, before anything reads them: free ports, this machine's addresses allowed."""
    from workers.rehearsal import free_port

    port = free_port(8000)
    defaults = {
        "DIFFUSION_LISTEN": f"127.0.0.1:{port}", "DIFFUSION_BASE_URL": f"http://127.0.0.1:{port}",
        "DIFFUSION_PRIVATE_HOSTS": "127.0.0.1", "DIFFUSION_LOG_LEVEL": "warning",
    }  # fmt: skip
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    os.environ["DIFFUSION_REHEARSAL"] = "true"  # it is one, whatever a .env says
    faces.ready()


class Town:
    """The town around the product: its directorates' feeds, and its people."""

    def __init__(self, home: Path, *, lead: timedelta, leave_waiting: bool) -> None:
        from django.utils import timezone

        from diffusion.cli import demo
        from diffusion.cli.demo_feeds import Feeds

        self.demo, self.lead = demo, lead
        self.story = demo.Story.in_home(home, timezone.localdate())
        self.feeds = Feeds(self.story)
        self.waiting: list[dict[str, Any]] = self.story.data["waiting"] if leave_waiting else []
        self.stopping = threading.Event()

    def start(self) -> None:
        """Open for business: feeds first, then the authority, then its people at work in a thread."""
        self.feeds.start()
        self.demo.build(self.story, feeds=self.feeds.url, lead=self.lead)
        self.demo.hand_in([*self.story.data["submissions"], *self.waiting])
        threading.Thread(target=self._work, name="people", daemon=True).start()

    def _work(self) -> None:
        from django.db import DatabaseError, close_old_connections

        from diffusion.errors import No

        left = {f"{self.demo.OWN}{row['id']}": row["until"] for row in self.waiting}
        while not self.stopping.wait(0.2):
            close_old_connections()
            try:
                self.demo.work(self.lead * 2, story=self.story, leave=left)
            except (DatabaseError, No) as fault:  # somebody at the pages was faster, or the database busy: next time
                log.warning("demonstration_waits fault=%s", fault)
        close_old_connections()

    def stop(self) -> None:
        self.stopping.set()
        self.feeds.stop()


def once(*, as_json: bool) -> int:
    """Run the whole path once. Exit status 0 only if everything is published."""
    began = time.monotonic()
    _set_up()
    from diffusion.config import config
    from workers import up as everything

    home = config().make_home()
    town: list[Town] = []

    def begin(_: Rehearsal) -> None:
        town.append(Town(home, lead=ONCE_LEAD, leave_waiting=False))
        town[0].start()

    def done() -> bool:
        from django.db import close_old_connections

        close_old_connections()
        return time.monotonic() - began > ONCE_MOST_S or (bool(town) and town[0].demo.delivered(town[0].story))

    everything.run(ready=begin, until=done)
    town[0].stop()
    return _report(town[0], time.monotonic() - began, as_json=as_json)


def _report(town: Town, seconds: float, *, as_json: bool) -> int:
    rows = town.demo.rows()
    is_whole = town.demo.delivered(town.story)
    if as_json:
        messages = len({row["message"] for row in rows})
        print(json.dumps({"messages": messages, "deliveries": rows, "seconds": round(seconds, 1)}, ensure_ascii=False))  # noqa: T201
    else:
        for row in rows:
            print(row["state"], row["channel"], (row["receipt"] or {}).get("url") or "")  # noqa: T201
    if not is_whole:
        open_rows = [row for row in rows if row["state"] not in ("published", "withdrawn")]
        print(f"not everything is out after {seconds:.0f} s: {open_rows}", file=sys.stderr)  # noqa: T201
    return 0 if is_whole else 1


def up() -> int:
    """The whole product with the demonstration authority, until stopped. Sign-in links go to a terminal only."""
    _set_up()
    from diffusion.config import config
    from workers import up as everything

    home = config().make_home()
    town: list[Town] = []

    def begin(_: Rehearsal) -> None:
        town.append(Town(home, lead=UP_LEAD, leave_waiting=True))
        town[0].start()
        _welcome(print)

    status = everything.run(ready=begin)
    if town:
        town[0].stop()
    return status


def _welcome(say: Callable[..., None]) -> None:
    """The address, and one single-use way in per role, for a quarter of an hour."""
    from diffusion.accounts import rehearsal
    from diffusion.config import config
    from diffusion.directory import people
    from diffusion.directory.models import Person

    say(f"\n  Diffusion : {config().base_url}", flush=True)
    told = ", ".join(f"{channel} {address}" for channel, address in rehearsal.addresses().items())
    say(f"  Répétition : {told}\n", flush=True)
    if not sys.stdout.isatty():
        say("  diffusion person link ADRESSE : un lien de connexion, à usage unique", flush=True)
        return
    for person in Person.objects.filter(roles__isnull=False).distinct().order_by("pk"):
        roles = ", ".join(role.get_kind_display() for role in person.roles.all())
        link = f"{config().base_url}/in/{people.make_link(person)}"
        say(f"  {person.name} ({roles})\n    {link}", flush=True)
    say("\n  Liens à usage unique, 15 minutes. Ctrl-C pour arrêter.\n", flush=True)
