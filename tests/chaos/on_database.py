"""PostgreSQL stopped, cut off, read-only, stalled; SQLite fought over, its disk full or read-only."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from tests.chaos.fault import EMBEDDED, SHARED, Fault
from tests.chaos.scene import Scene

TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND random() < 0.3"


def stop(scene: Scene) -> None:
    """At once, as by a power cut, and started again; twice."""
    assert scene.house.postgres
    for share in scene.shares(2):
        scene.after(share)
        scene.house.postgres.stop(signal.SIGQUIT)
        scene.wait(5)
        scene.house.postgres.start()


def cut(scene: Scene) -> None:
    """Connections ended at random, while there is something to send."""
    for share in scene.shares(20):
        scene.after(share)
        with contextlib.suppress(psycopg.Error):
            scene.house.rows(TERMINATE)


@contextlib.contextmanager
def setting(scene: Scene, name: str, value: str) -> Iterator[None]:
    """A setting of the whole server, for a while."""
    assert scene.house.postgres

    def tell(*statements: str) -> None:
        assert scene.house.postgres
        with psycopg.connect(scene.house.postgres.url, autocommit=True) as server:
            server.execute("SET default_transaction_read_only = off")
            for statement in statements:
                server.execute(statement)  # type: ignore[arg-type]

    tell(f"ALTER SYSTEM SET {name} = {value}", "SELECT pg_reload_conf()")
    try:
        yield
    finally:
        tell(f"ALTER SYSTEM RESET {name}", "SELECT pg_reload_conf()")


def read_only(scene: Scene) -> None:
    """For 20 s, as a primary that was made a replica."""
    scene.after(0.2)
    with setting(scene, "default_transaction_read_only", "on"):
        scene.wait(20)
        pages = scene.house.pages()
        scene.expect(set(pages.values()) <= {200, 503}, f"pages of a read-only database: {pages}")


def serialize(scene: Scene) -> None:
    """Every transaction serializable, so that what happens at the same time fails."""
    scene.after(0.1)
    with setting(scene, "default_transaction_isolation", "serializable"):
        scene.until(lambda: scene.count() >= len(scene.planned), 60)


def stall(scene: Scene) -> None:
    """A disk that takes its time: every backend stands still for up to two seconds, again and again."""
    assert scene.house.postgres
    for share in scene.shares(6):
        scene.after(share)
        backends = _children(scene.house.postgres.pid)
        _tell_all(backends, signal.SIGSTOP)
        time.sleep(scene.chance.uniform(0.5, 2))
        _tell_all(backends, signal.SIGCONT)


def _children(pid: int) -> list[int]:
    return [int(name) for name in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _tell_all(pids: list[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def contend(scene: Scene) -> None:
    """Another program writes to the file, for seconds; once for longer than anybody waits (20 s)."""
    for number, share in enumerate(scene.shares(5)):
        scene.after(share)
        with contextlib.closing(sqlite3.connect(scene.house.home / "diffusion.sqlite3", isolation_level=None)) as other:
            other.execute("PRAGMA busy_timeout = 10000")
            with contextlib.suppress(sqlite3.OperationalError):
                other.execute("BEGIN IMMEDIATE")
                time.sleep(24 if number == 2 else scene.chance.uniform(0.5, 3))
                other.execute("ROLLBACK")


def fill_disk(scene: Scene) -> None:
    """Not a byte is left on the home's disk, for ten seconds; twice."""
    for share in scene.shares(2):
        scene.after(share)
        ballast = scene.house.home / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 65536)
        scene.wait(10)
        pages = scene.house.pages()
        scene.expect(set(pages.values()) <= {200, 503}, f"pages on a full disk: {pages}")
        ballast.unlink()


def freeze_disk(scene: Scene) -> None:
    """The file system finds itself broken, and is read-only from then on; repaired, the product is started again."""
    assert scene.disk
    scene.after(0.3)
    scene.disk.make_read_only()
    scene.wait(5)
    pages = scene.house.pages()
    scene.expect(set(pages.values()) <= {200, 503}, f"pages on a read-only disk: {pages}")
    scene.house.end()
    scene.disk.repair()
    scene.house.start()


FAULTS = (
    Fault("postgres-immediate-stop", stop, SHARED),
    Fault("postgres-connections-ended", cut, SHARED),
    Fault("postgres-read-only", read_only, SHARED),
    Fault("postgres-serialization", serialize, SHARED),
    Fault("postgres-stalls", stall, SHARED),
    Fault("sqlite-contention", contend, EMBEDDED),
    Fault("sqlite-disk-full", fill_disk, EMBEDDED, disk_mib=64),
    Fault("sqlite-read-only-disk", freeze_disk, EMBEDDED, disk_mib=64),
)
