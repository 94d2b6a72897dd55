"""What a letter's line, a judged text and a start cost, beside the least that the same work can cost.

`python benchmarks/run.py [--json]`, under a minute. Both sides of a ratio run in one go, in turns, against the same
servers, which live in a process of their own. Nothing of the reader's is touched: everything lies in a temporary folder.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import smtplib
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

ROUNDS, LINES = 3, 200
TEXT = (
    "L’eau sera coupée mercredi {day} juin 2026, de 8 h 30 à 12 h 30, rue des Tilleuls, à Saint-Aubin. Prévoyez des "
    "réserves avant 8 h. Une citerne sera ouverte place du Marché, de 9 h à 12 h. L’abonnement reste à 12,50 € par mois. "
    "Une question : 01 99 00 12 34, ou https://valclair.example/eau. Nos équipes font au mieux. "
)


@dataclass(frozen=True, slots=True)
class Line:
    """One measured thing: ours, the least it can be, and what the number counts."""

    what: str
    unit: str
    ours: float
    bare: float | None = None
    against: str = ""

    @property
    def ratio(self) -> float | None:
        return self.ours / self.bare if self.bare else None


def serve(folder: str, told: Any) -> None:
    """The rehearsal relay, in a process of its own, until it is ended."""
    from channels.rehearsal.smtp import SmtpServer

    relay = SmtpServer(Path(folder), drops_duplicates=True)
    relay.start()
    told.put((relay.host, relay.port))
    time.sleep(600)


def prepare(home: str) -> None:
    """Django on an empty SQLite, as `diffusion up` has it."""
    os.environ.update(DIFFUSION_HOME=home, DIFFUSION_PRIVATE_HOSTS="127.0.0.1", DIFFUSION_LOG_LEVEL="error")
    from django.core.management import call_command

    from workers import app  # noqa: F401  # sets Django up

    call_command("migrate", verbosity=0, interactive=False)


def rate(count: int, act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return count / (time.perf_counter() - began)


def in_turns(ours: Callable[[], float], bare: Callable[[], float]) -> tuple[float, float]:
    """The medians of both sides, measured alternately, so that a machine that slows down slows both."""
    pairs = [(ours(), bare()) for _ in range(ROUNDS)]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)


def letter(host: str, port: int) -> Line:
    """The ledger, line by line, against the same mails by smtplib over one connection."""
    from diffusion.newsletter import subscribe
    from diffusion.newsletter.models import Edition, List
    from tests import valclair
    from workers import tasks

    def ours() -> float:
        account = valclair.account("smtp", host=host, port=port, security="none", sender="lettre@valclair.example")
        people = List.objects.create(account=account, name="La lettre")
        for number in range(LINES):
            subscribe.add(people, email=f"a{number}@b.example", by=None, origin="benchmark")
        row = valclair.delivery(account)
        speed = rate(LINES, lambda: tasks.deliver("mail"))
        if Edition.objects.get(delivery=row).lines.filter(state="published").count() != LINES:
            raise RuntimeError("the ledger is not closed")
        return speed

    def send() -> None:
        edition = Edition.objects.latest("pk")
        with smtplib.SMTP(host, port) as relay:
            for number in range(LINES):
                mail = EmailMessage()
                mail["From"], mail["To"] = "lettre@valclair.example", f"a{number}@b.example"
                mail["Date"] = formatdate()
                mail["Subject"], mail["Message-ID"] = edition.subject, f"<{time.time_ns()}.{number}@valclair.example>"
                mail.set_content(edition.text)
                mail.add_alternative(edition.html, subtype="html")
                relay.send_message(mail)

    mine, least = in_turns(ours, lambda: rate(LINES, send))
    return Line("lines of a letter to a rehearsed relay", "1/s", mine, least, "the same mails by smtplib")


def judged() -> list[Line]:
    """Comparing and fitting a text of 3,000 characters."""
    from channels.registry import get
    from diffusion.facts.compare import compare
    from diffusion.rendition.fit import fit

    text = "".join(TEXT.format(day=day) for day in range(10, 30))[:3000]
    on, mastodon, number = date(2026, 6, 1), get("mastodon"), iter(range(10**6))

    def median_ms(act: Callable[[str], object]) -> float:
        """Of texts that were never seen before: nothing remembered helps."""
        times = []
        for _ in range(16):
            fresh = f"{text[:-12]} Avis n° {next(number)}."
            began = time.perf_counter()
            act(fresh)
            times.append((time.perf_counter() - began) * 1000)
        return statistics.median(times[1:])

    def compared(fresh: str) -> object:
        return compare(fresh, fresh.replace("Nos équipes font au mieux. ", ""), lang="fr", published=on)

    def fitted(fresh: str) -> object:
        return fit(fresh, lang="fr", published=on, limit=500, measure=mastodon.length, essential=())

    return [
        Line("facts.compare, 3,000 characters", "ms", median_ms(compared)),
        Line("fit, 3,000 characters into 500", "ms", median_ms(fitted)),
    ]


STARTS = (
    ("up, empty, first start", ["up"], "up", 1),
    ("up, empty, next start", ["up"], "up", 1),
    ("up --demo, as `make run`", ["up", "--demo"], "demo", 15),
)
"""What is started, in which folder, and how many seconds after its first page its memory is read."""


def starts(folder: str) -> list[Line]:
    """Seconds to the first page, and memory: at the first start, the next, and with a week of news going out."""
    lines: list[Line] = []
    for which, command, home, pause_s in STARTS:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("DIFFUSION_", "DJANGO_"))}
        port = free_port()
        env |= {"DIFFUSION_HOME": f"{folder}/{home}", "DIFFUSION_LISTEN": f"127.0.0.1:{port}"}
        env |= {"DIFFUSION_BASE_URL": f"http://127.0.0.1:{port}"}
        began = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-m", "workers.cli", *command], env=env, stdout=subprocess.DEVNULL)
        try:
            wait_for(f"http://127.0.0.1:{port}/sign-in/", process)
            seconds = time.perf_counter() - began
            time.sleep(pause_s)
            memory = resident_mib(process.pid)
        finally:
            process.terminate()
            process.wait(20)
        lines += [Line(f"{which}: to the first page", "s", seconds), Line(f"{which}: memory", "MiB", memory)]
    return lines


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(f"{url} did not answer")


def resident_mib(pid: int) -> float:
    """All of the process's memory that is in use, its children's with it, as the kernel counts it."""
    total = 0.0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            rows = dict(row.split(":", 1) for row in status.read_text().splitlines() if ":" in row)
        except OSError:
            continue
        if str(pid) in (rows["Pid"].strip(), rows["PPid"].strip()) and "VmRSS" in rows:
            total += int(rows["VmRSS"].split()[0]) / 1024
    return total


def shown(line: Line) -> str:
    beside = f"  {line.bare:8.1f} {line.against}, ratio {line.ratio:.2f}" if line.ratio else ""
    return f"{line.what:<58} {line.ours:8.1f} {line.unit:<4}{beside}"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        context = multiprocessing.get_context("spawn")
        told = context.Queue()
        servers = context.Process(target=serve, args=(f"{folder}/servers", told), daemon=True)
        Path(folder, "servers").mkdir()
        servers.start()
        try:
            host, port = told.get(timeout=30)
            lines = starts(folder)
            prepare(f"{folder}/home")
            lines += [letter(host, port), *judged()]
        finally:
            servers.terminate()
            servers.join()
    load = os.getloadavg()[0]
    if "--json" in sys.argv:
        print(json.dumps({"load": load, "lines": [{**asdict(row), "ratio": row.ratio} for row in lines]}))
        return
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, load {load:.1f}")
    print("\n".join(map(shown, lines)))


if __name__ == "__main__":
    main()
