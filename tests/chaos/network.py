"""The other side: rehearsal servers behind faulty lines, in a process of their own, told what to do line by line.

`python -m tests.chaos.network FOLDER COUNT`: JSON commands on its input, an answer to each on its output. Every second
server ignores the key that it is given, so that a blind repeat shows as what it is: a second post.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from channels.rehearsal import Journal
from channels.rehearsal.mastodon import MastodonServer
from channels.rehearsal.server import Call, Fault, Reply
from channels.rehearsal.smtp import SmtpServer
from channels.subject import Line
from tests.chaos.entry import sleep_truly
from tests.chaos.judge import Post
from tests.chaos.names import Certificates, Front, Names, name
from tests.servers.proxy import Proxy

ROOT = Path(__file__).resolve().parents[2]
MANY = (10**6, 60)
POSTS, MAILS = "[0-9]*/received.jsonl", "mail/received.jsonl"
"""Where the servers write what they accepted, one line each."""
POST = b"POST /api/v1/statuses HTTP"


class Server(MastodonServer):
    """A network that can lie: its lists lag, it answers for another post, it lets nobody in."""

    lag_s = 0.0
    slow_s = 0.0
    """Seconds at most that it takes before it accepts a post, and again before it says so."""
    answers_for_another = False
    is_shut = False

    def answer(self, call: Call) -> Reply:
        if self.is_shut and call.path.startswith("/api/"):
            return Reply(401, {"error": "The access token was revoked"})
        if (call.method, call.path) != ("POST", "/api/v1/statuses"):
            return self._lagging(super().answer(call))
        if self.answers_for_another:
            with self.state.lock:
                other = next(self.state.newest(), None)
            if other is not None:  # as a cache in front of it would: ours never reached it
                return Reply(200, self.shown(other))
        time.sleep(random.uniform(0, self.slow_s))
        reply = super().answer(call)
        time.sleep(random.uniform(0, self.slow_s))
        return reply

    def _lagging(self, reply: Reply) -> Reply:
        """Of a list, what is older than the lag."""
        if not (self.lag_s and isinstance(reply.body, list)):
            return reply
        return Reply(
            reply.status, [row for row in reply.body if self._age_s(row["created_at"]) > self.lag_s], reply.headers
        )

    def throttle(self, call: Call) -> Reply:
        """Half of the servers say when to come back, half don't."""
        return Reply(429, {"error": "Trop de requêtes"}, {} if self.honours_key else {"Retry-After": "2"})

    def _age_s(self, at: str) -> float:
        return (self.now() - datetime.fromisoformat(at)).total_seconds()


class Network:
    """Servers, their lines, and a relay. What a command means is a method's name."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        self.servers = [
            Server(
                folder / str(n),
                rates={"calls": MANY, "posts": MANY},
                honours_key=n % 2 == 0,
                account=f"a{n}",
            )
            for n in range(count)
        ]
        self.relay = SmtpServer(folder / "mail", drops_duplicates=False)
        self.relay.start()
        for server in self.servers:
            server.start()
        self.lines = [Proxy(("127.0.0.1", int(server.url.rpartition(":")[2])), POST) for server in self.servers]

    def name(self) -> dict[str, Any]:
        """From now on each server has a name too, and TLS. Where they are then, and the resolver that knows them."""
        self.names, self.certificates = Names(), Certificates(self.folder / "tls", len(self.servers))
        self.fronts = [Front(line.port, self.certificates.right) for line in self.lines]
        urls = [f"https://{name(number)}:{front.port}" for number, front in enumerate(self.fronts)]
        return {"urls": urls, "resolver": self.names.address}

    def resolve(self, *, is_silent: bool) -> None:
        self.names.is_silent = is_silent

    def reach(self, which: list[int], *, is_named: bool = True, is_valid: bool = True) -> None:
        """Whether these servers' names are known, and their certificates right."""
        self.names.lost = frozenset() if is_named else frozenset(which)
        for number in which:
            self.fronts[number].show(self.certificates.right if is_valid else self.certificates.expired)

    def where(self) -> dict[str, Any]:
        return {"urls": [line.url for line in self.lines], "relay": self.relay.port}

    def arm(self, fault: str, times: int, method: str = "POST", path: str = "/api/v1/statuses") -> None:
        for server in self.servers:
            server.faults.arm(Fault(fault), times=times, method=method, path=path)

    def line(self, line: str, trigger: str = "") -> None:
        for proxy in self.lines:
            proxy.trigger = trigger.encode() or POST
            proxy.set(Line(line))

    def lie(self, which: list[int] | None = None, **how: Any) -> None:
        """Set these on the servers, on some of them by their numbers."""
        for number, server in enumerate(self.servers):
            if which is None or number in which:
                for name, value in how.items():
                    setattr(server, name, value)

    def calm(self) -> None:
        """Everything works again."""
        for server in self.servers:
            server.faults.clear()
            server.faults.release.set()  # ends what is stalled
            server.lag_s, server.slow_s, server.answers_for_another, server.is_shut = 0.0, 0.0, False, False
        time.sleep(0.1)
        for server in self.servers:
            server.faults.release.clear()
        self.relay.faults.clear()
        for proxy in self.lines:
            proxy.set(Line.PASS)


class Remote:
    """That process, from here. What it accepted is read from its servers' own files."""

    def __init__(self, folder: Path, count: int, env: dict[str, str] | None = None) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lock, self._counted = threading.Lock(), dict[Path, tuple[int, int]]()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.network", str(folder), str(count)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        )  # fmt: skip
        self.where: dict[str, Any] = self.do("where")

    def do(self, act: str, *args: Any, **more: Any) -> Any:
        """Have it done. Raises RuntimeError with what went wrong over there."""
        with self._lock:
            assert self._process.stdin
            assert self._process.stdout
            print(json.dumps([act, args, more]), file=self._process.stdin, flush=True)
            told = json.loads(self._process.stdout.readline() or '{"fault": "it has ended"}')
        if "fault" in told:
            raise RuntimeError(f"{act}: {told['fault']}")
        return told["answer"]

    def posts(self) -> list[Post]:
        """Every post that was accepted, each copy of it."""
        return [
            Post(row["text"], datetime.fromisoformat(row["at"])) for f in self._of(POSTS) for row in Journal(f).rows()
        ]

    def mails(self) -> list[Post]:
        """Every mail that was accepted, by its recipient."""
        return [
            Post(row["to"], datetime.fromisoformat(row["at"])) for f in self._of(MAILS) for row in Journal(f).rows()
        ]

    def count(self, files: str) -> int:
        """How many were accepted, of POSTS or of MAILS: only what is new is read."""
        for file in self._of(files):
            count, size = self._counted.get(file, (0, 0))
            with file.open("rb") as journal:
                journal.seek(size)
                more = journal.read()
            self._counted[file] = (count + more.count(b"\n"), size + len(more))
        return sum(count for file, (count, _) in self._counted.items() if file.match(files))

    def _of(self, files: str) -> list[Path]:
        return sorted(self.folder.glob(files))

    def stop(self) -> None:
        with self._process:  # closes its pipes
            self._process.terminate()


def main() -> None:
    sleep_truly()
    network = Network(Path(sys.argv[1]), int(sys.argv[2]))
    for line in sys.stdin:
        act, args, more = json.loads(line)
        try:
            told = {"answer": getattr(network, act)(*args, **more)}
        except Exception as fault:
            told = {"fault": repr(fault)}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
