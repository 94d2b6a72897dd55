"""How long after its last look at the clock a worker could still send: `python benchmarks/window.py`, a few seconds.

From there until the kernel has the bytes, a worker that is frozen sends what by then may be somebody else's to send.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from channels import sockets
from channels.http import Http
from channels.rehearsal.mastodon import MastodonServer
from tests.chaos import names

POSTS, THREADS = 1000, 4
_looked = threading.local()


def watch(kind: type[sockets.TimedSocket | sockets.TimedTLS], name: str, took: list[float]) -> None:
    """Have each look at the clock, and the end of each `name`, noted by the thread that did it."""
    ask, send = kind._ask, getattr(kind.__mro__[1], name)

    def asked(self: sockets.TimedSocket) -> None:
        ask(self)
        _looked.at = time.perf_counter()

    def sent(self: sockets.TimedSocket, *args: object, **more: object) -> object:
        self._ask()
        result = send(self, *args, **more)
        took.append(time.perf_counter() - _looked.at)
        return result

    kind._ask, _ = asked, setattr(kind, name, sent)  # type: ignore[method-assign]


def post(url: str, http: Http) -> None:
    for number in range(POSTS // THREADS):
        text = f"{threading.get_ident()} {number}"
        http.post_once("POST", f"{url}/api/v1/statuses", form={"status": text}, deadline_s=10)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = MastodonServer(folder / "server", rates={"calls": (10**6, 60), "posts": (10**6, 60)})
        server.start()
        names.name = lambda _: "localhost"  # else the certificate's, which no resolver knows
        made = names.Certificates(folder / "tls", 1)
        front = names.Front(int(server.url.rpartition(":")[2]), made.right)
        http = Http(frozenset({"127.0.0.1", "localhost"}), ca_file=str(made.trusted))
        ways = {"plain": (server.url, sockets.TimedSocket, "sendall"),
                "TLS": (f"https://localhost:{front.port}", sockets.TimedTLS, "send")}  # fmt: skip
        for way, (url, kind, act) in ways.items():
            took: list[float] = []
            watch(kind, act, took)
            threads = [threading.Thread(target=post, args=(url, http)) for _ in range(THREADS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            ranked = sorted(us * 1e6 for us in took)
            print(f"{way:<6} {len(took):>6} sends, median {statistics.median(ranked):6.1f} µs, "
                  f"99 of 100 within {ranked[int(len(ranked) * 0.99)]:7.1f} µs, longest {ranked[-1]:8.1f} µs")  # fmt: skip
        server.stop()


if __name__ == "__main__":
    main()
