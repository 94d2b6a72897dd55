"""`diffusion up` as a process: pages answer, an alert overtakes stalled deliveries, one signal ends it well."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from channels.rehearsal.mastodon import MastodonServer
from channels.rehearsal.server import Fault
from tests.servers import databases
from tests.servers.up import Up

pytestmark = pytest.mark.process

STALLED = 12
FILL = """
from workers import app
from tests import valclair
class Server: url, token = {url!r}, "rehearsal"
account = valclair.mastodon(Server)
for n in range({count}):
    valclair.delivery(account, of=valclair.message(title=f"Message {{n}}"), text=f"Message {{n}}")
"""
ALERT = """
from workers import app
from tests import valclair
valclair.delivery(valclair.board(level="public"), of=valclair.message(title="Alerte", is_urgent=True))
"""
CLAIMED = "SELECT count(*) FROM diffusion_delivery WHERE state = 'claimed'"
ALERTS_OUT = "SELECT count(*) FROM diffusion_delivery WHERE lane = 'urgent' AND state = 'published'"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where one process after the other starts: what each leaves is good enough for the next."""
    return tmp_path_factory.mktemp("home")


def test_one_interrupt_ends_it_well(home):
    up = Up(home)

    assert up.stop(signal.SIGINT) == 0


def test_an_alert_overtakes_what_is_stalled_and_stopping_gives_back_what_was_only_claimed(tmp_path):
    server = MastodonServer(tmp_path / "network")
    server.start()
    server.faults.arm(Fault.STALL_BEFORE, times=1000)
    up = Up(tmp_path / "home", DIFFUSION_PRIVATE_HOSTS="127.0.0.1")
    try:
        up.do(FILL.format(url=server.url, count=STALLED))
        databases.wait(lambda: up.number(CLAIMED) > 0, "deliveries under way", 30)

        up.do(ALERT)
        databases.wait(lambda: up.number(ALERTS_OUT) == 1, "the alert", 15)
    finally:
        server.stop()
        status = up.stop()

    assert status == 0
    assert (up.number(ALERTS_OUT), up.number(CLAIMED)) == (1, 0)


def test_a_second_process_on_the_same_home_is_told_so_and_a_terminal_that_goes_away_ends_the_first(home):
    up, told = Up(home), list[subprocess.CompletedProcess[str]]()
    try:
        for lang in ("fr_FR.UTF-8", "en_GB.UTF-8"):
            env = up.env | {"LANG": lang, "LC_ALL": lang}
            second = subprocess.run(
                [sys.executable, "-m", "workers.cli", "up"], env=env, capture_output=True, text=True, timeout=60, check=False
            )  # fmt: skip
            told.append(second)
    finally:
        status = up.stop(signal.SIGHUP)

    assert status == 0
    for second, said in zip(told, ("Un autre processus", "Another process"), strict=True):
        assert second.returncode == 1
        assert said in second.stderr
        assert "DIFFUSION_HOME" in second.stderr
        assert "Traceback" not in second.stderr


BREAKS = """
from kombu.transport.virtual import Transport
def broken(*args, **more):
    raise OSError(22, "Invalid argument")
Transport.drain_events = broken
from workers.cli import main
main()
"""


def test_a_worker_that_ends_for_a_fault_says_so_to_whoever_started_it(tmp_path):
    env = {n: v for n, v in os.environ.items() if not n.startswith(("DIFFUSION_", "DJANGO_"))}
    env |= {"DIFFUSION_HOME": str(tmp_path), "DIFFUSION_LISTEN": f"127.0.0.1:{databases.free_port()}"}

    ended = subprocess.run(
        [sys.executable, "-c", BREAKS, "up"], env=env, capture_output=True, text=True, timeout=60, check=False
    )

    assert "Unrecoverable error" in ended.stderr
    assert ended.returncode == 1
