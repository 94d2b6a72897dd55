"""Servers of ours for the channels' tests: a scripted HTTP server, and the way out that may reach it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from channels.http import Http

Script = Callable[[socket.socket, bytes], None]


class Scripted:
    """A bare TCP server that says exactly what a test wants: `script(connection, request)`, a thread a connection."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.script: Script = answers(b"ok")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                while request := read_request(connection):
                    self.requests.append(request)
                    self.script(connection, request)
            except OSError:
                return

    def close(self) -> None:
        with contextlib.suppress(OSError):  # closed by the test already
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        block = connection.recv(65536)
        if not block:
            return data
        data += block
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            while len(body) < int(line.partition(b":")[2]):
                body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answers(body: bytes = b"", status: str = "200 OK", **headers: str) -> Script:
    """One whole answer; `content_type` becomes Content-Type."""
    named = {"Content-Length": str(len(body)), **{k.replace("_", "-").title(): v for k, v in headers.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    whole = f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body
    return lambda connection, request: connection.sendall(whole)


@pytest.fixture
def server() -> Iterator[Scripted]:
    scripted = Scripted()
    yield scripted
    scripted.close()


@pytest.fixture
def http(server: Scripted) -> Iterator[Http]:
    """A way out whose operator listed the scripted server, and nothing else."""
    way = Http(frozenset({f"127.0.0.1:{server.port}"}))
    yield way
    way.close()
