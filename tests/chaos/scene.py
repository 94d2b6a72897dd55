"""One run: a product, its network, a fault, and what came of it."""

from __future__ import annotations

import contextlib
import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos import names
from tests.chaos.disk import Disk, disk
from tests.chaos.house import House, Scale, house, posts
from tests.chaos.judge import Post, Verdict, judge
from tests.chaos.network import MAILS, POSTS, Remote

SERVERS = 6
PACE = 20.0
"""Deliveries planned a second: slower than they go, so that a fault meets some before, within and after."""
PATIENCE_S = 150.0


@dataclass(slots=True)
class Scene:
    """What a fault may use. `wrong` gathers broken promises that aren't posts, `say` is told beside the row.

    `length` is 1 for outages of full length, such as a broker away for a minute.
    """

    house: House
    network: Remote
    chance: random.Random
    deliveries: int
    length: float = 1.0
    planned: list[Post] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    disk: Disk | None = None
    judges_mail: bool = False
    pace: float = PACE
    say: str = ""
    _next: int = 0

    def plan(self, count: int, *, in_s: float = 1.0, over_s: float | None = None) -> None:
        """Plan `count` more posts."""
        over = count / self.pace if over_s is None else over_s
        made = self.house.plan(
            "deliveries", urls=self.network.where["urls"], first=self._next, count=count, over_s=over, in_s=in_s
        )
        self._next += count
        self.planned += posts(made)

    def got(self) -> list[Post]:
        return self.network.mails() if self.judges_mail else self.network.posts()

    def count(self) -> int:
        """How much that is."""
        return self.network.count(MAILS if self.judges_mail else POSTS)

    def until(self, is_so: Callable[[], bool], seconds: float = PATIENCE_S) -> bool:
        """Wait for it, starting again what ended. False if it didn't come."""
        until = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > until:
                return False
            self.house.mend()
            time.sleep(0.1)
        return True

    def after(self, share: float) -> None:
        """Until this share of what is planned has been got, and a random moment longer."""
        self.until(lambda: self.count() >= share * len(self.planned), 60 + len(self.planned) / self.pace)
        time.sleep(self.chance.uniform(0, 0.2))

    def shares(self, times: int) -> Iterator[float]:
        """So many moments between the first delivery and the last, by the share that is out."""
        for n in range(times):
            yield (n + 0.3) / times

    def wait(self, seconds: float) -> None:
        """Seconds of an outage of full length."""
        time.sleep(max(1.0, seconds * self.length))

    def expect(self, is_so: bool, otherwise: str) -> None:
        if not is_so:
            self.wrong.append(otherwise)

    def settle(self) -> None:
        """All is well again: until nothing goes on by itself any more, and a moment longer for what is late."""
        for name in self.house.parts:
            self.house.signal(name, signal.SIGCONT)
        self.network.do("calm")
        if not self.until(lambda: self.house.still_open() == 0):
            self.wrong.append(f"{self.house.still_open()} open after {PATIENCE_S:.0f} s: {self.house.why_open()}")
        time.sleep(1.5)

    def verdict(self) -> Verdict:
        return judge(self.planned, self.got(), self.house.asked())

    def open(self) -> None:
        """Start everything, and see one delivery and all pages through it, so that starting delays none of the others."""
        if self.judges_mail:
            self.planned += posts(self.house.plan("letter", port=self.network.where["relay"], count=self.deliveries))
            self.house.start()
            return
        self.house.start()
        self.plan(1)
        self.expect(self.until(lambda: self.count() > 0, 60), "the first delivery never came")
        self.expect(self.until(lambda: set(self.house.pages().values()) == {200}, 60), "not all pages ever answered")
        self.plan(self.deliveries - 1, in_s=2.0)


@contextlib.contextmanager
def scene(
    scale: Scale, *, deliveries: int, seed: int, length: float = 1.0, disk_mib: int = 0, is_letter: bool = False,
    is_named: bool = False, env: dict[str, str] | None = None, pace: float = PACE,
    is_apart: bool = False,
) -> Iterator[Scene]:  # fmt: skip
    """An empty product and its network, in a folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="chaos-") as name, contextlib.ExitStack() as last:
        folder, more = Path(name), dict(env or {})
        network = Remote(folder / "network", SERVERS, more if "FAKETIME" in more else {})
        last.callback(network.stop)
        if is_named:
            network.where |= network.do("name")
            more["DIFFUSION_CA_FILE"] = str(folder / "network" / "tls" / "trusted.pem")
            more["DIFFUSION_PRIVATE_HOSTS"] = ",".join(("127.0.0.1", *map(names.name, range(SERVERS))))
        own = last.enter_context(disk(folder / "own", disk_mib)) if disk_mib else None
        home = own.where / "home" if own else folder / "home"
        built = last.enter_context(house(scale, folder / "product", home, is_apart=is_apart, **more))
        built.before = names.inside(folder, network.where["resolver"]) if is_named else ()
        yield Scene(built, network, random.Random(seed), deliveries, length, disk=own, judges_mail=is_letter, pace=pace)
