"""A crash before and after every write and every call of a delivery's path. `python -m tests.chaos.points JSON`.

Nobody lists the points: a first delivery goes the whole path while each `move`, each commit and each request is noted
down; then one delivery a point dies there, by SIGKILL, and another process goes on. Several walk side by side, each with
a product and a server of its own: each finds all points, and dies at its share of them. Prints what was planned, and how
many points there were.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path
from typing import Any

import requests

from tests.chaos.entry import hurry
from tests.chaos.network import ROOT

PATHS = {"plain": "", "answer lost": "cut_after", "never arrived": "cut_before", "too many": "throttle"}
"""What the server does to the first request, by the path that it leads to."""
KINDS = ("move", "commit", "post_once", "call")
IN_TIME_S = 40.0
LEASE_S, MARGIN_S, DEADLINE_S = 2.5, 0.3, 1.0

PRODUCT = tuple(f"{ROOT}/{room}/" for room in ("channels", "diffusion", "workers"))
WRAPPERS = ("run", "move_one")
"""Functions that only pass on what another asked for."""
Point = Callable[[str], None]


def instrument(point: Point) -> None:
    """Have `point` called before and after every move, commit and request of this process."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    from channels.http import Http
    from diffusion.delivery import states

    def around(kind: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def both(*args: Any, **more: Any) -> Any:
            where = _place()
            point(f"before {kind} {where}")
            result = act(*args, **more)
            point(f"after {kind} {where}")
            return result

        return both

    move, wrapped = states.move, around("move", states.move)
    for module in list(sys.modules.values()):
        if module.__name__.startswith(("diffusion.", "workers.")) and getattr(module, "move", None) is move:
            module.move = wrapped  # type: ignore[attr-defined]
    BaseDatabaseWrapper._commit = around("commit", BaseDatabaseWrapper._commit)  # type: ignore[attr-defined]
    for kind in ("post_once", "call"):
        setattr(Http, kind, around(kind, getattr(Http, kind)))


def _place() -> str:
    """The line of the product that asked for it."""
    frame = sys._getframe(2)
    while frame.f_back and not (frame.f_code.co_filename.startswith(PRODUCT) and frame.f_code.co_name not in WRAPPERS):
        frame = frame.f_back
    return f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}:{frame.f_lineno}"


class Walk:
    """Deliveries to one server, each carried by processes that may die."""

    def __init__(self, url: str, is_alone: bool, share: int) -> None:
        from tests import valclair

        class Server:
            pass

        Server.url, Server.token = url, "rehearsal"  # type: ignore[attr-defined]
        self.url, self.is_alone, self.share = url, is_alone, share
        self.account = valclair.mastodon(Server)
        self.planned: list[list[str]] = []
        self.faults: list[str] = []

    def plan(self, name: str, fault: str) -> int:
        from tests import valclair

        text = f"{name.replace(' ', '')}{self.share}n{len(self.planned):04d}"
        row = valclair.delivery(self.account, of=valclair.message(title=text), text=text)
        self.planned.append([text, row.planned_at.isoformat()])
        if fault:
            asked = {"fault": fault, "path": "/api/v1/statuses"}
            answer = requests.post(
                f"{self.url}/rehearsal/faults", json=asked, headers={"Authorization": "Bearer rehearsal"}, timeout=10
            )
            answer.raise_for_status()
        return row.pk

    def carry(self, pk: int) -> None:
        """What clock and workers do until this one is out. Raises TimeoutError."""
        from django.db.models import Q
        from django.db.models.functions import Now

        from diffusion.delivery import claim
        from diffusion.models import Delivery
        from workers import tasks

        if self.is_alone:  # as `diffusion up` begins
            claim.release_all()
        until = time.monotonic() + IN_TIME_S
        while Delivery.objects.get(pk=pk).state != "published":
            if time.monotonic() > until:
                raise TimeoutError(Delivery.objects.get(pk=pk))
            mine = Delivery.objects.filter(pk=pk)
            if mine.filter(Q(state="uncertain", look_at__lte=Now()) | Q(lease_until__lt=Now())).exists():
                tasks.keep_house("housekeeping")
            elif mine.filter(state="planned", due_at__lte=Now()).exists():
                tasks.deliver("social")
            else:
                time.sleep(0.05)

    def in_a_process(self, act: Callable[[], None]) -> int:
        """Do it in a process of its own. Returns its exit status, negative if a signal ended it."""
        from django.db import connection

        connection.close()
        if connection.vendor == "postgresql":
            connection.close_pool()  # else both would speak by the same sockets
        pid = os.fork()
        if pid == 0:
            try:
                act()
            except BaseException as fault:
                print(repr(fault), file=sys.stderr)
                os._exit(1)
            os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def points_of(self, name: str, fault: str) -> list[str]:
        pk = self.plan(name, fault)
        read, write = os.pipe()

        def noting() -> None:
            instrument(lambda what: os.write(write, f"{what}\n".encode()) and None)
            self.carry(pk)

        if self.in_a_process(noting):
            self.faults.append(f"{name}: never out")
        os.close(write)
        with os.fdopen(read) as told:
            return told.read().splitlines()

    def die_at(self, number: int, name: str, fault: str) -> None:
        pk, left = self.plan(name, fault), [number]

        def dying() -> None:
            def point(_: str) -> None:
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                left[0] -= 1

            instrument(point)
            self.carry(pk)

        if self.in_a_process(dying) not in (-signal.SIGKILL, 0):  # 0: chance made this path shorter
            self.faults.append(f"{name}: stuck before point {number}")
        if self.in_a_process(lambda: self.carry(pk)):
            self.faults.append(f"{name}: never out after a crash at point {number}")


def _known(seen: dict[str, list[str]], name: str) -> int:
    """How many points this path begins with that an earlier path began with too: the same crash."""
    known = 0
    for other in takewhile(lambda each: each != name, seen):
        same = takewhile(lambda pair: pair[0] == pair[1], zip(seen[other], seen[name], strict=False))
        known = max(known, len(list(same)))
    return known


def main() -> None:
    hurry()
    asked = json.loads(sys.argv[1])
    from django.conf import settings

    from channels.mastodon import Mastodon
    from diffusion.delivery import claim
    from workers import tasks  # noqa: F401  # all that the path imports, before it is instrumented

    settings.DIFFUSION = settings.DIFFUSION.model_copy(update={"lease_seconds": LEASE_S})
    claim.MARGIN_S, Mastodon.deadline = MARGIN_S, DEADLINE_S
    share, of = asked["share"]
    walk, seen = Walk(asked["url"], asked["is_alone"], share), dict[str, list[str]]()
    for name in asked["paths"]:
        seen[name] = walk.points_of(name, PATHS[name])
        for number in range(_known(seen, name), len(seen[name]))[share::of]:
            walk.die_at(number, name, PATHS[name])
    kinds = {what.split()[1] for points in seen.values() for what in points}
    wanted = KINDS if len(seen) == len(PATHS) else KINDS[:3]  # only a doubt is looked for, by `call`
    walk.faults += [f"no {kind} was met on any path" for kind in wanted if kind not in kinds]
    counts = {name: len(points) - _known(seen, name) for name, points in seen.items()}
    names = sorted({what for points in seen.values() for what in points})
    print(json.dumps({"planned": walk.planned, "points": counts, "names": names, "faults": walk.faults}))


if __name__ == "__main__":
    main()
