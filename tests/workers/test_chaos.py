"""Workers frozen beyond their lease at the two worst moments: nothing lost, nothing doubled, what was learnt kept."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from channels.rehearsal.mastodon import MastodonServer
from channels.rehearsal.server import Fault
from tests.servers import databases

pytestmark = [pytest.mark.chaos, pytest.mark.server]

KEYS = {
    "DIFFUSION_SECRET_KEY": "only-for-tests-" * 4,
    "DIFFUSION_CREDENTIAL_KEYS": "pWDBLxlCdLJ6qMQ3oX9d1n3bJZy7N4vQ0mUo6iW2x8A=",
}
FILL = """
from workers import app
from tests import valclair
class Server: url, token = {url!r}, "rehearsal"
account = valclair.mastodon(Server)
for n in range({count}):
    valclair.delivery(account, of=valclair.message(title=f"Message {{n}}"), text=f"Message {{n}}")
"""
WORKER = """
import os, signal, threading
from workers import app
from django.conf import settings
from channels import wire
from channels.contract import Act, Channel
from channels.mastodon import Mastodon
from diffusion.delivery import backoff, claim
# the same proportions as in production, in seconds that a test can wait for
settings.DIFFUSION = settings.DIFFUSION.model_copy(update={"lease_seconds": 6})
claim.MARGIN_S, Mastodon.absence, backoff.LOOKS_S = 1.0, 1.0, (0.5,) * 5
Channel.deadline = Mastodon.deadline = 2.0
"""
FREEZE = """
converse = wire._converse
def freeze():  # this very thread, so that not one instruction more is run before the stop
    signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
def frozen(connection, request):
    if request.method != "POST":
        return converse(connection, request)
    wire._converse = converse
    if {before}:
        freeze()
    reply = converse(connection, request)
    if not {before}:
        freeze()
    return reply
wire._converse = frozen
"""
BLIND = "Mastodon.can = Mastodon.can - {Act.FIND}\n"
"""Looking tells nothing: only the frozen worker knows."""
RUN = "from workers.cli import main; main()\n"


class House:
    """PostgreSQL, Redis, a clock, and workers whose leases are short."""

    def __init__(self, folder: Path, database: str, broker: str) -> None:
        clean = {n: v for n, v in os.environ.items() if not n.startswith(("DIFFUSION_", "DJANGO_"))}
        self.database = database
        self.env = {
            **clean, **KEYS, "DIFFUSION_HOME": str(folder / "home"), "DIFFUSION_PRIVATE_HOSTS": "127.0.0.1",
            "DIFFUSION_DATABASE_URL": database, "DIFFUSION_BROKER_URL": broker, "PYTHONFAULTHANDLER": "1",
        }  # fmt: skip
        self.log = folder / "processes.log"
        self.running: list[subprocess.Popen[bytes]] = []

    def fill(self, url: str, count: int) -> None:
        self.do(FILL.format(url=url, count=count))

    def do(self, script: str) -> None:
        subprocess.run([sys.executable, "-c", script], env=self.env, check=True)

    def clock(self) -> None:
        self._start([sys.executable, "-m", "workers.cli", "clock"])

    def worker(self, more: str = "") -> subprocess.Popen[bytes]:
        return self._start([sys.executable, "-c", WORKER + more + RUN, "worker", "--threads", "2"])

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            process = subprocess.Popen(command, env=self.env, stdout=log, stderr=log)
        self.running.append(process)
        return process

    def rows(self, sql: str) -> list[Any]:
        with psycopg.connect(self.database) as connection:
            return connection.execute(sql).fetchall()  # type: ignore[arg-type]

    def states(self) -> dict[str, int]:
        return dict(self.rows("SELECT state, count(*) FROM diffusion_delivery GROUP BY state"))

    def stop_workers(self) -> None:
        """All but the clock, which was started first."""
        self._stop(self.running[1:])
        del self.running[1:]

    def stop(self) -> None:
        self._stop(self.running)

    def _stop(self, processes: list[subprocess.Popen[bytes]]) -> None:
        for process in processes:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        stuck = [process.args for process in processes if not _ends(process)]
        assert not stuck, f"{stuck} did not end: {self.log.read_text()[-8000:]}"


def _ends(process: subprocess.Popen[bytes]) -> bool:
    """Whether it ends in time by itself; else each of its threads says in the log where it is."""
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
        process.wait(10)
        return False
    return True


@pytest.fixture(scope="module")
def clocked(tmp_path_factory: pytest.TempPathFactory, postgres: databases.Postgres) -> Iterator[House]:
    """Broker, database and clock, for one test after the other."""
    folder = tmp_path_factory.mktemp("house")
    with databases.redis(folder) as broker:
        made = House(folder, postgres.copy("frozen", of="tables"), broker)
        made.clock()
        try:
            yield made
        finally:
            made.stop()


@pytest.fixture
def house(clocked: House) -> Iterator[House]:
    """The same, in which nothing is planned and no worker runs."""
    yield clocked
    clocked.stop_workers()
    with psycopg.connect(clocked.database) as connection:
        connection.execute(NOTHING)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MastodonServer]:
    made = MastodonServer(tmp_path / "network", rates={"calls": (100_000, 60), "posts": (100_000, 60)})
    made.start()
    yield made
    made.stop()


def is_frozen(process: subprocess.Popen[bytes]) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    return False


ALERT = """
from workers import app
from tests import valclair
valclair.delivery(valclair.board(level="public"), of=valclair.message(title="Alerte", is_urgent=True))
"""
ATTEMPTS = "SELECT outcome, was_late FROM diffusion_attempt ORDER BY id"
SENDERS = "SELECT count(DISTINCT lease) FROM diffusion_delivery WHERE state = 'sending'"
NOTHING = "TRUNCATE diffusion_message, diffusion_account CASCADE"
PROOFS = "SELECT proof FROM diffusion_receipt"


def test_a_worker_frozen_before_its_first_byte_sends_nothing_once_another_has(house: House, server: MastodonServer):
    house.fill(server.url, 1)
    first = house.worker(FREEZE.format(before=True))
    databases.wait(lambda: is_frozen(first), "the freeze")
    house.worker()
    databases.wait(lambda: house.states() == {"published": 1}, "the other worker", 40)

    first.send_signal(signal.SIGCONT)
    databases.wait(lambda: (("uncertain", True)) in house.rows(ATTEMPTS), "the end of the frozen one")

    assert house.rows(ATTEMPTS) == [("uncertain", True), ("published", False)]
    assert house.rows(PROOFS) == [("published",)]
    assert len(list(server.state.newest())) == 1


def test_what_a_worker_frozen_after_its_answer_learnt_settles_the_doubt(house: House, server: MastodonServer):
    house.fill(server.url, 1)
    first = house.worker(FREEZE.format(before=False))
    databases.wait(lambda: is_frozen(first), "the freeze")
    house.worker(BLIND)
    sql = "SELECT count(*) FROM diffusion_delivery WHERE state = 'uncertain' AND look_at IS NULL"
    databases.wait(lambda: house.rows(sql) == [(1,)], "the doubt that a person is asked about", 40)

    first.send_signal(signal.SIGCONT)
    databases.wait(lambda: house.states() == {"published": 1}, "the late receipt")

    assert house.rows(ATTEMPTS) == [("published", True)]
    assert house.rows(PROOFS) == [("late",)]
    assert len(list(server.state.newest())) == 1


def test_an_alert_overtakes_what_stalls_a_workers_every_thread(house: House, server: MastodonServer):
    server.faults.arm(Fault.STALL_BEFORE, times=1000)
    house.fill(server.url, 60)  # a minute's work for two threads
    house.worker()
    databases.wait(lambda: house.rows(SENDERS)[0][0] == 2, "deliveries that stall", 60)

    house.do(ALERT)

    databases.wait(lambda: "published" in house.states(), "the alert", 20)
    assert house.states()["planned"] > 10
    server.faults.clear()
