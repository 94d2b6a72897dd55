"""A database or a broker that is away, at start and in the middle: said in a line, waited for, nothing lost or faked."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import requests

from channels.rehearsal.mastodon import MastodonServer
from tests.servers import databases

COUNT = 20
KEYS = {
    "DIFFUSION_SECRET_KEY": "only-for-tests-" * 4,
    "DIFFUSION_CREDENTIAL_KEYS": "pWDBLxlCdLJ6qMQ3oX9d1n3bJZy7N4vQ0mUo6iW2x8A=",
}
BEGIN = """
from workers import app
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
from tests import valclair
"""
FILL = (
    BEGIN
    + """
class Server: url, token = {url!r}, "rehearsal"
account = valclair.mastodon(Server)
for n in range({count}):
    valclair.delivery(account, of=valclair.message(title=f"Message {{n}}"), text=f"Message {{n}}")
"""
)
LINK = (
    BEGIN
    + """
from diffusion.directory import people
print(people.make_link(valclair.paul()))
"""
)
PUBLISHED = "SELECT count(*) FROM diffusion_delivery WHERE state = 'published'"


def environment(home: Path, **more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DIFFUSION_", "DJANGO_"))}
    port = databases.free_port()
    own = {
        "DIFFUSION_HOME": str(home), "DIFFUSION_LISTEN": f"127.0.0.1:{port}",
        "DIFFUSION_BASE_URL": f"http://127.0.0.1:{port}", "DIFFUSION_PRIVATE_HOSTS": "127.0.0.1",
    }  # fmt: skip
    return {**clean, **own, **more}


class Parts:
    """The product's processes, each with its log."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.folder, self.env = folder, env
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *command: str) -> None:
        with (self.folder / f"{command[0]}.log").open("wb") as log:
            self.running[command[0]] = subprocess.Popen(
                [sys.executable, "-m", "workers.cli", *command], env=self.env, stdout=log, stderr=log
            )

    def log(self, part: str) -> str:
        return (self.folder / f"{part}.log").read_text()

    def stop(self) -> list[int]:
        for process in self.running.values():
            process.terminate()
        return [process.wait(30) for process in self.running.values()]

    def run(self, script: str) -> str:
        done = subprocess.run([sys.executable, "-c", script], env=self.env, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def get(self, path: str = "/sign-in/", **more: object) -> requests.Response:
        return requests.get(self.env["DIFFUSION_BASE_URL"] + path, timeout=30, **more)  # type: ignore[arg-type]

    def status(self) -> int:
        with contextlib.suppress(requests.ConnectionError):
            return self.get().status_code
        return 0


@contextlib.contextmanager
def parts(folder: Path, env: dict[str, str]) -> Iterator[Parts]:
    product = Parts(folder, env)
    try:
        yield product
    finally:
        product.stop()


def until(is_so: Callable[[], bool], what: str, seconds: float = 40) -> None:
    databases.wait(is_so, what, seconds)


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[databases.Postgres]:
    """Not started yet, and stopped by the test."""
    cluster = databases.Postgres(tmp_path)
    yield cluster
    cluster.remove()


@pytest.mark.server
def test_parts_wait_for_a_database_that_comes_late_and_for_one_that_goes_and_comes_back(tmp_path, own_postgres):
    cluster = own_postgres
    server = MastodonServer(tmp_path, rates={"calls": (100_000, 60), "posts": (100_000, 60)})
    server.start()
    with databases.redis(tmp_path) as broker:
        env = environment(tmp_path / "home", DIFFUSION_DATABASE_URL=cluster.url, DIFFUSION_BROKER_URL=broker, **KEYS)
        with parts(tmp_path, env) as product:
            for command in (["web"], ["clock"], ["worker", "--threads", "2"]):
                product.start(*command)
            until(lambda: product.status() == 503, "the page that says so")
            page = product.get(headers={"Accept-Language": "fr"})
            assert "La base de données ne répond pas" in page.text
            assert page.headers["Retry-After"]
            cluster.start()
            product.run(FILL.format(url=server.url, count=COUNT))
            until(lambda: product.status() == 200, "the page")
            until(lambda: len(list(server.state.newest())) > 3, "the first posts")

            cluster.stop()
            assert product.status() == 503
            refused = requests.post(env["DIFFUSION_BASE_URL"] + "/l/none", data={"email": "a@b.example"}, timeout=30)
            assert refused.status_code in (403, 503)  # nothing accepted
            time.sleep(2)
            cluster.start()
            until(lambda: product.status() == 200, "the page again")
            until(lambda: count(cluster.url) == COUNT, "the last posts", 60)

            assert product.stop() == [0, 0, 0]
            for part in ("web", "clock", "worker"):
                assert "Traceback" not in product.log(part), product.log(part)[-3000:]
            assert product.log("clock").count("database_unreachable") <= 3  # at start, unmigrated, in the middle
            assert product.log("clock").count("database_back") >= 1
    server.stop()
    texts = [status.text for status in server.state.newest()]
    assert len(texts) == len(set(texts)) == COUNT


def count(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(PUBLISHED).fetchone()
    return int(row[0]) if row else 0


class Silent:
    """A broker that takes connections and never says a word."""

    def __enter__(self) -> str:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        return f"redis://127.0.0.1:{self._listener.getsockname()[1]}/0"

    def __exit__(self, *exc: object) -> None:
        self._listener.close()


@pytest.mark.server
@pytest.mark.parametrize("is_silent", [False, True], ids=["refused", "silent"])
def test_a_broker_that_is_away_costs_a_person_nothing(tmp_path, is_silent):
    with contextlib.ExitStack() as stack:
        broker = stack.enter_context(Silent()) if is_silent else f"redis://127.0.0.1:{databases.free_port()}/0"
        env = environment(tmp_path / "home", DIFFUSION_BROKER_URL=broker)
        product = stack.enter_context(parts(tmp_path, env))
        link = product.run(LINK)
        product.start("web")
        until(lambda: product.status() == 200, "the page")
        browser = requests.Session()

        def post(path: str, **form: str) -> None:
            base = env["DIFFUSION_BASE_URL"]
            csrf = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', browser.get(base + path, timeout=30).text)
            assert csrf
            answer = browser.post(
                base + path, data={"csrfmiddlewaretoken": csrf[1], **form}, headers={"Referer": base}, timeout=30,
                allow_redirects=False,
            )  # fmt: skip
            assert answer.status_code == 302, answer.text[:500]

        post(f"/in/{link}/")
        post("/hold/", reason="Essai")
        post("/hold/", when="now")  # lifting wakes every lane

        assert product.log("web").count("broker_unreachable") == 1  # one time-out, whatever the number of lanes
        assert "Traceback" not in product.log("web")


LOCKED = """
import sqlite3, sys
from workers import app
from django.core.management import call_command
from django.db import connection
connection.settings_dict["OPTIONS"]["timeout"] = 0.2
call_command("migrate", verbosity=0, interactive=False)
from django.conf import settings
from django.test import Client
from diffusion.models import Submission
from tests import valclair
marc, unit = valclair.marc(), valclair.water()
page = Client(raise_request_exception=False)
page.force_login(marc)
page.defaults["HTTP_HOST"] = "127.0.0.1"
given = {"title": "Le pont", "text": "Il ferme.", "directorate": unit.public_id, "level": "public"}
other = sqlite3.connect(settings.DATABASES["default"]["NAME"], isolation_level=None)
seen = []
def look(what):
    answer = page.post("/propose/", given, headers={"Accept-Language": "fr"})
    seen.append((what, answer.status_code, "base de données" in answer.content.decode(), Submission.objects.count()))
other.execute("BEGIN IMMEDIATE")
look("locked")
other.execute("ROLLBACK")
connection.cursor().execute("PRAGMA query_only = ON")
look("read-only")
connection.cursor().execute("PRAGMA query_only = OFF")
look("back")
print(seen)
"""


def test_a_locked_or_read_only_file_is_said_on_the_page_and_nothing_is_taken(tmp_path):
    env = environment(tmp_path / "home")

    told = subprocess.run([sys.executable, "-c", LOCKED], env=env, capture_output=True, text=True, check=False)

    assert told.returncode == 0, told.stderr[-2000:]
    assert told.stdout.strip() == str([("locked", 503, True, 0), ("read-only", 503, True, 0), ("back", 302, False, 1)])
    assert "Traceback" not in told.stderr


def test_a_home_that_cannot_be_used_is_one_line(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "diffusion.sqlite3").write_bytes(
        b"no database at all, but long enough to be read as one\n" * 99
    )

    told = subprocess.run(
        [sys.executable, "-m", "workers.cli", "up"], env=environment(tmp_path / "home"), capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip

    assert told.returncode == 1
    assert len(told.stderr.strip().splitlines()) == 1
    assert "not a database" in told.stderr
