"""A faulty TCP line between an adapter and its server: cuts, stalls, halves, drips, repeats; counts what passed.

It acts on the one request that carries `trigger`; everything before and beside it passes untouched.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading

from channels.subject import Line

BLOCK = 65536


class Proxy:
    """Listens on 127.0.0.1, forwards to `target`. Use as a context manager."""

    def __init__(self, target: tuple[str, int], trigger: bytes = b"") -> None:
        self.target = target
        self.trigger = trigger
        self.connections = 0
        self.bytes_up = 0
        self.bytes_down = 0
        self.line = Line.PASS
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._released = threading.Event()
        self._listener: socket.socket | None = None
        self.port = 0
        self._listen()

    @property
    def host_port(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host_port}"

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *exc: object) -> None:
        self._close_listener()
        self._hang_up()

    def set(self, line: Line) -> None:
        """How the line is from now on. PASS also ends every silence."""
        self.line = line
        if line is Line.PASS:
            self._released.set()
            self._hang_up()
            if self._listener is None:
                self._listen()
        else:
            self._released.clear()
        if line is Line.REFUSED:
            self._close_listener()
            self._hang_up()

    def _listen(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _close_listener(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes the thread in accept
            listener.close()

    def _hang_up(self) -> None:
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self.target, timeout=10)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        with self._lock:
            self._open |= {client, server}
        session = _Session(self, client, server)
        down = threading.Thread(target=session.down, daemon=True)
        down.start()
        session.up()
        down.join()
        with self._lock:
            self._open -= {client, server}
        client.close()
        server.close()


class _Session:
    """One connection through the line."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self.proxy = proxy
        self.client = client
        self.server = server
        self.line = Line.PASS  # until the trigger is seen
        self._request = b""

    def up(self) -> None:
        """From the adapter to the server."""
        with contextlib.suppress(OSError):
            while block := self.client.recv(BLOCK):
                self.proxy.bytes_up += len(block)
                self._request += block
                if self.line is Line.PASS and self.proxy.line is not Line.PASS and self.proxy.trigger in self._request:
                    self.line = self.proxy.line
                if self.line is Line.CUT_BEFORE:
                    break
                if self.line is not Line.SILENT_BEFORE:
                    self.server.sendall(block)
                if self.line is Line.REPEATED:
                    self._repeat()
        self._end()

    def down(self) -> None:
        """From the server to the adapter."""
        with contextlib.suppress(OSError):
            while block := self.server.recv(BLOCK):
                if self.line is Line.CUT_AFTER:
                    break
                if self.line is Line.SILENT_AFTER:
                    self.proxy._released.wait()
                    break
                if self.line is Line.HALF:
                    self.client.sendall(_half(block, self.server))
                    break
                if self.line is Line.DRIP:
                    self._drip(block)
                else:
                    self.client.sendall(block)
                    self.proxy.bytes_down += len(block)
        self._end()

    def _drip(self, block: bytes) -> None:
        for at in range(len(block)):
            if self.proxy._released.wait(0.1):
                raise OSError("released")
            self.client.sendall(block[at : at + 1])

    def _repeat(self) -> None:
        """The whole request once more, by a connection of its own, whose answer nobody reads to the adapter."""
        head, _, body = self._request.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        if length is None or len(body) < int(length.group(1)):
            return
        self.line = Line.PASS
        request, self._request = self._request, b""
        with socket.create_connection(self.proxy.target, timeout=10) as second:
            second.sendall(request)
            second.recv(BLOCK)

    def _end(self) -> None:
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _half(block: bytes, server: socket.socket) -> bytes:
    """The first half of an answer, of its body if it has one."""
    server.settimeout(0.3)
    with contextlib.suppress(OSError):
        while more := server.recv(BLOCK):
            block += more
    head, gap, body = block.partition(b"\r\n\r\n")
    return head + gap + body[: len(body) // 2] if body else block[: len(block) // 2]
