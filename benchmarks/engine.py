"""The delivery engine's speed, beside the barest Celery task that sends the same post and stores nothing.

`python benchmarks/engine.py [--quick] [--only deliveries,claims,idle,overtakes,plans,growth] [--sizes 1000,10000] [--rows …]`.
Servers, databases and homes are its own, in a temporary folder. Both sides run in turns; what is counted is what the
receiving server got. Results are printed, and appended to `benchmarks/results.jsonl`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from scales import HERE, Answering, Scale, SmtpServer, databases, ended, part, resident_mib, started  # the path first

Row = dict[str, Any]
LONGER = 4
"""Times as many bare tasks as deliveries: a run of less than a second says little where others work too."""


def a_second(arrivals: dict[str, float]) -> float:
    times = sorted(arrivals.values())
    return (len(times) - 1) / (times[-1] - times[0])


def ours(scale: Scale, server: Answering, threads: int, count: int) -> float:
    env = scale.fresh()
    part(env, "fill", str(count), server.url)
    with scale.running(env, threads):
        speed = a_second(server.arrivals(count))
        settle(env, count)
    return speed


def settle(env: dict[str, str], count: int) -> None:
    """Each has its receipt. Raises TimeoutError."""
    databases.wait(lambda: part(env, "published") == count, f"{count} receipts", 60)


def bare(scale: Scale, server: Answering, threads: int, count: int) -> float:
    broker = scale.broker or "memory://"
    process = started([str(HERE / "bare.py"), broker, server.url, str(count), str(threads)], dict(os.environ))
    try:
        return a_second(server.arrivals(count))
    finally:
        ended([process])


def deliveries(scale: Scale, server: Answering, asked: argparse.Namespace) -> Iterator[Row]:
    """Ours and the bare task's, in turns."""
    for threads in (4, 8, 16):
        pairs = [
            (ours(scale, server, threads, asked.count), bare(scale, server, threads, LONGER * asked.count))
            for _ in range(asked.rounds)
        ]
        mine, least = ([pair[side] for pair in pairs] for side in (0, 1))
        ratio = statistics.median(mine) / statistics.median(least)
        yield {
            "what": f"deliveries, {threads} threads",
            "unit": "1/s",
            **spread(mine),
            "bare": spread(least),
            "ratio": ratio,
        }


def spread(values: list[float]) -> Row:
    return {"median": statistics.median(values), "low": min(values), "high": max(values)}


def claims(scale: Scale, _server: Answering, asked: argparse.Namespace) -> Iterator[Row]:
    for rows in asked.rows:
        got = part(scale.fresh(), "claims", str(rows), "40" if rows < 20_000 else "60")
        yield {"what": f"claim 100 due of {rows:,} rows", "unit": "ms", "median": got["ms"], "p95": got["p95"]}


def plans(scale: Scale, _server: Answering, asked: argparse.Namespace) -> Iterator[Row]:
    for accounts in (5, 25):
        got = part(scale.fresh(), "plans", str(accounts), str(asked.times))
        what = f"plan a message of {accounts} accounts, {got['queries']} queries"
        yield {"what": what, "unit": "ms", "median": got["ms"], "p95": got["p95"]}


def idle(scale: Scale, server: Answering, asked: argparse.Namespace) -> Iterator[Row]:
    """From due to the first byte at the receiving server, nothing else going on."""
    env = scale.fresh()
    with scale.running(env, 8):
        time.sleep(6)
        due = part(env, "fill", str(asked.times), server.url, "0.37", "4")
        arrived = server.arrivals(len(due))
    late = sorted((arrived[key] - at) * 1000 for key, at in due.items())
    yield {"what": "due to first byte, idle", "unit": "ms", "median": statistics.median(late), "p95": at_95(late)}


def overtakes(scale: Scale, server: Answering, asked: argparse.Namespace) -> Iterator[Row]:
    """From due to the first byte of urgent messages, one a second, while so many mails wait and every thread sends some."""
    env = scale.fresh()
    with tempfile.TemporaryDirectory() as folder, _relay(Path(folder)) as relay:
        waiting = part(env, "letters", str(asked.mails), relay.host, str(relay.port))
        with scale.running(env, 8):
            databases.wait(lambda: part(env, "mails")["ledgers"] >= 8, "eight letters on their way", 600)
            before = part(env, "mails")["sent"]
            due = part(env, "fill", str(asked.times), server.url, "1", "5", "urgent")
            arrived = server.arrivals(len(due))
            sent = part(env, "mails")["sent"]
    if sent <= before or sent > waiting / 2:
        raise RuntimeError(f"{sent} of {waiting} mails are out: nothing was overtaken")
    late = sorted((arrived[key] - at) * 1000 for key, at in due.items())
    what = f"urgent, {waiting - before:,} mails before it, {sent - before} sent"
    yield {"what": what, "unit": "ms", "median": statistics.median(late), "p95": at_95(late), "most": late[-1]}


@contextlib.contextmanager
def _relay(folder: Path) -> Iterator[SmtpServer]:
    relay = SmtpServer(folder)
    relay.start()
    try:
        yield relay
    finally:
        relay.stop()


def at_95(ordered: list[float]) -> float:
    return ordered[max(0, round(len(ordered) * 0.95) - 1)]


def growth(scale: Scale, server: Answering, asked: argparse.Namespace) -> Iterator[Row]:
    """One process that goes on: milliseconds a delivery, and its memory, as what lies behind it grows."""
    env, total, first = scale.fresh(), 0, 0.0
    with scale.running(env, 8) as pid:
        for size in (100, *asked.sizes):
            part(env, "fill", str(size - total), server.url, "0", "5" if size < 5000 else "15")
            each = 1000 / a_second(server.arrivals(size - total))
            total = size
            time.sleep(3)
            settle(env, total)
            memory = resident_mib(pid)
            first = first or memory
            yield {
                "what": f"up to {size:,} deliveries",
                "unit": "ms",
                "median": each,
                "memory": memory,
                "of_first": memory / first,
            }


MEASURED: dict[str, Callable[[Scale, Answering, argparse.Namespace], Iterator[Row]]] = {
    "deliveries": deliveries, "claims": claims, "idle": idle, "overtakes": overtakes, "plans": plans, "growth": growth,
}  # fmt: skip


def shown(row: Row) -> str:
    said = f"{row['scale']:<18} {row['what']:<46} {row['median']:8.1f} {row['unit']:<4}"
    if "bare" in row:
        beside = row["bare"]
        said += f"({row['low']:.0f}–{row['high']:.0f}) bare {beside['median']:.0f} ({beside['low']:.0f}–{beside['high']:.0f})"
        said += f" ratio {row['ratio']:.2f}"
    said += f"p95 {row['p95']:.1f}" if "p95" in row else ""
    said += f", longest {row['most']:.0f}" if "most" in row else ""
    return said + (f"{row['memory']:.0f} MiB, {row['of_first']:.2f} ×" if "memory" in row else "")


def disk_ms(folder: Path) -> float:
    """Milliseconds that the disk takes to keep a page for good: each delivery waits for two of these."""
    took = []
    with tempfile.NamedTemporaryFile(dir=folder) as page:
        for _ in range(50):
            page.write(b"x" * 4096)
            began = time.perf_counter()
            page.flush()
            os.fsync(page.fileno())
            took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def about(folder: Path) -> Row:
    """What the figures were measured on."""
    commit = subprocess.run(
        ["git", "-C", str(HERE), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"), "commit": commit.stdout.strip(), "cores": os.cpu_count(),
        "load": os.getloadavg()[0], "machine": platform.platform(), "python": platform.python_version(),
        "celery": version("celery"), "django": version("django"), "sqlite": sqlite3.sqlite_version, "disk_ms": disk_ms(folder),
    }  # fmt: skip


def asked_for() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    numbers = {"type": lambda text: [int(n) for n in text.split(",")]}
    parser.add_argument("--quick", action="store_true", help="smaller sizes, one round")
    parser.add_argument("--only", default=",".join(MEASURED))
    parser.add_argument("--scales", default="embedded,servers")
    parser.add_argument("--rows", default=[10_000, 1_000_000], **numbers)
    parser.add_argument("--sizes", default=[1000, 10_000], **numbers, help="100,000 takes long")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=1000, help="deliveries a round")
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--mails", type=int, default=100_000, help="that wait before an urgent message")
    asked = parser.parse_args()
    if asked.quick:
        asked.rows, asked.sizes, asked.rounds, asked.count, asked.times = [10_000], [400], 1, 300, 15
        asked.mails = 10_000
    return asked


def main() -> None:
    asked, rows = asked_for(), []
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="engine-")))
        print(json.dumps(begun := about(folder)))
        server = Answering()
        stack.callback(server.stop)
        for kind in asked.scales.split(","):
            (place := folder / kind).mkdir()
            cluster, broker = None, ""
            if kind == "servers":
                cluster, broker = databases.Postgres(place, durable=True), stack.enter_context(databases.redis(place))
                stack.callback(cluster.remove)
                cluster.start()
                begun["postgresql"] = cluster.version
            scale = Scale(place, cluster, broker)
            for name in asked.only.split(","):
                for row in MEASURED[name](scale, server, asked):
                    rows.append({"scale": scale.name, **row})
                    print(shown(rows[-1]), flush=True)
    with (HERE / "results.jsonl").open("a") as results:
        after = {"load_after": os.getloadavg()[0], "disk_ms_after": disk_ms(Path(tempfile.gettempdir()))}
        results.write(json.dumps({**begun, **after, "rows": rows}) + "\n")


if __name__ == "__main__":
    main()
