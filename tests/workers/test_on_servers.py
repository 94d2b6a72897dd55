"""The other scale: PostgreSQL and Redis, several processes. The same tests, and a batch carried through a lost broker."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time

import pytest

from channels.rehearsal.mastodon import MastodonServer
from tests.servers import databases

pytestmark = pytest.mark.server

ROOMS = ["tests/delivery", "tests/approval", "tests/message", "tests/newsletter"]
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
COUNT = """
from workers import app
from diffusion.models import Delivery
print(Delivery.objects.filter(state="published").count())
"""


def environment(**more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DIFFUSION_", "DJANGO_"))}
    return {**clean, **more}


def test_the_same_tests_pass_on_postgres_and_redis(postgres_url, tmp_path):
    with databases.redis(tmp_path) as broker:
        told = subprocess.run(
            [sys.executable, "-m", "pytest", *ROOMS, "-q", "-p", "no:cacheprovider"], text=True, capture_output=True,
            env=environment(TEST_DATABASE_URL=postgres_url, TEST_BROKER_URL=broker), check=False,
        )  # fmt: skip

    assert told.returncode == 0, told.stdout[-4000:]
    passed = re.search(r"(\d+) passed", told.stdout)
    assert passed
    assert int(passed[1]) > 150


def test_two_workers_and_two_clocks_carry_a_batch_once_though_redis_restarts(postgres_url, tmp_path):
    server = MastodonServer(tmp_path, rates={"calls": (100_000, 60), "posts": (100_000, 60)})
    server.start()
    port = databases.free_port()
    env = environment(
        DIFFUSION_HOME=str(tmp_path / "home"), DIFFUSION_DATABASE_URL=postgres_url, DIFFUSION_PRIVATE_HOSTS="127.0.0.1",
        DIFFUSION_BROKER_URL=f"redis://127.0.0.1:{port}/0", **KEYS,
    )  # fmt: skip
    count = 60
    subprocess.run([sys.executable, "-c", FILL.format(url=server.url, count=count)], env=env, check=True)
    parts = [
        subprocess.Popen([sys.executable, "-m", "workers.cli", *part], env=env, stderr=subprocess.DEVNULL)
        for part in (["worker", "--threads", "2"], ["worker", "--threads", "2"], ["clock"], ["clock"])
    ]
    try:
        with databases.redis(tmp_path, port):
            databases.wait(lambda: len(list(server.state.newest())) > 5, "the first posts", 60)
        time.sleep(1)
        with databases.redis(tmp_path, port):
            databases.wait(lambda: published(env) == count, "the last posts", 90)
    finally:
        for part in parts:
            part.terminate()
        statuses = [part.wait(30) for part in parts]
        server.stop()

    assert statuses == [0, 0, 0, 0]
    texts = [status.text for status in server.state.newest()]
    assert len(texts) == len(set(texts)) == count


def published(env: dict[str, str]) -> int:
    said = subprocess.run([sys.executable, "-c", COUNT], env=env, capture_output=True, text=True, check=True)
    return int(said.stdout)
