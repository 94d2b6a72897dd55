"""`diffusion up` on a database and a broker that several machines share: two of them, beside a worker and a clock."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
import requests

from channels.rehearsal.mastodon import MastodonServer
from tests.servers import databases
from tests.workers.test_on_servers import KEYS, environment

pytestmark = [pytest.mark.server, pytest.mark.process]

DELIVERIES = 24
FILL = """
from workers import app
from tests import valclair
class Server: url, token = {url!r}, "rehearsal"
account = valclair.mastodon(Server)
for n in range({count}):
    valclair.delivery(account, of=valclair.message(title=f"Message {{n}}"), text=f"Message {{n}}")
"""
CLAIM = """
from workers import app
from diffusion.models import Delivery
from diffusion.delivery.states import State
from diffusion.instants import in_seconds
from tests import valclair
row = valclair.delivery(valclair.board(), due_in=600)
lease = {"lease": "another machine's", "lease_until": in_seconds(3600)}
Delivery.objects.filter(pk=row.pk).update(state=State.CLAIMED, **lease)
"""
PUBLISHED = "SELECT count(*) FROM diffusion_delivery WHERE state = 'published'"
HELD = "SELECT count(*) FROM diffusion_delivery WHERE lease <> ''"


class Machines:
    """Processes with homes of their own, on one database and one broker."""

    def __init__(self, folder: Path, database: str, broker: str) -> None:
        self.folder = folder
        self.env = environment(
            DIFFUSION_DATABASE_URL=database, DIFFUSION_BROKER_URL=broker, DIFFUSION_PRIVATE_HOSTS="127.0.0.1",
            DIFFUSION_WORKER_THREADS="2", DIFFUSION_HOME=str(folder / "console"), **KEYS,
        )  # fmt: skip
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.urls: dict[str, str] = {}

    def start(self, name: str, *command: str) -> None:
        port = databases.free_port()
        self.urls[name] = f"http://127.0.0.1:{port}"
        own = {
            "DIFFUSION_HOME": str(self.folder / name), "DIFFUSION_LISTEN": f"127.0.0.1:{port}",
            "DIFFUSION_BASE_URL": self.urls[name],
        }  # fmt: skip
        with (self.folder / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", "workers.cli", *command], env={**self.env, **own}, stdout=log, stderr=log
            )

    def answers(self, name: str) -> bool:
        assert self.running[name].poll() is None, self.said(name)
        try:
            return requests.get(self.urls[name], timeout=5).status_code == 200
        except (requests.ConnectionError, requests.Timeout):
            return False

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def do(self, script: str) -> None:
        subprocess.run([sys.executable, "-c", script], env=self.env, check=True)

    def number(self, sql: LiteralString) -> int:
        with psycopg.connect(self.env["DIFFUSION_DATABASE_URL"]) as connection:
            row = connection.execute(sql).fetchone()
            assert row
            return int(row[0])

    def stop(self) -> dict[str, int]:
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        return {name: process.wait(60) for name, process in self.running.items()}


@pytest.fixture
def machines(tmp_path: Path, postgres: databases.Postgres) -> Iterator[Machines]:
    with databases.redis(tmp_path) as broker:
        made = Machines(tmp_path, postgres.copy("machines"), broker)
        yield made
        for process in made.running.values():
            process.kill()
            process.wait(20)


@pytest.fixture
def network(tmp_path: Path) -> Iterator[MastodonServer]:
    server = MastodonServer(tmp_path / "network", rates={"calls": (100_000, 60), "posts": (100_000, 60)})
    server.start()
    yield server
    server.stop()


def test_two_that_start_at_once_on_an_empty_database_share_the_work_with_all_that_join_them(machines, network):
    for name in ("one", "two"):
        machines.start(name, "up")
    for name in ("one", "two"):
        databases.wait(lambda name=name: machines.answers(name), f"the pages of {name}", 90)
    machines.do(CLAIM)

    machines.start("joins", "up")  # alone in its home, not on the database: what others hold stays theirs
    machines.start("worker", "worker", "--threads", "2")
    machines.start("clock", "clock")
    databases.wait(lambda: machines.answers("joins"), "the pages of the third", 90)
    machines.do(FILL.format(url=network.url, count=DELIVERIES))
    databases.wait(lambda: len(list(network.state.newest())) == DELIVERIES, "the last post", 90)

    assert machines.stop() == dict.fromkeys(machines.running, 0)
    texts = [status.text for status in network.state.newest()]
    assert len(texts) == len(set(texts)) == DELIVERIES
    assert (machines.number(PUBLISHED), machines.number(HELD)) == (DELIVERIES, 1)
    assert not [name for name in machines.running if "Traceback" in machines.said(name)]
