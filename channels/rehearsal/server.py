"""The loopback HTTP server that a rehearsal is, and the faults that can be asked of it."""

from __future__ import annotations

import json
import socket
import socketserver
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

BODY_MAX = 128 * 1024 * 1024


class Fault(StrEnum):
    """What goes wrong with one request. "After" means that it was accepted all the same."""

    CUT_BEFORE = "cut_before"  # read, not accepted, closed
    CUT_AFTER = "cut_after"
    HALF_AFTER = "half_after"  # half of the answer's bytes
    STALL_BEFORE = "stall_before"  # silence, then closed
    STALL_AFTER = "stall_after"
    ERROR_BEFORE = "error_before"  # 503
    ERROR_AFTER = "error_after"  # 500
    GARBLED_AFTER = "garbled_after"  # 200, and a page of HTML
    THROTTLE = "throttle"
    GHOST = "ghost"  # answered as accepted, and never there: an anti-spam filter does so
    PROCESSING = "processing"  # a medium that takes three looks to be ready
    MEDIA_FAILED = "media_failed"  # a medium whose processing fails


@dataclass(slots=True)
class _Armed:
    fault: Fault
    method: str
    path: str
    times: int


class Faults:
    """Switched from outside, used up one request at a time, in the order they were armed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []
        self.release = threading.Event()
        """Set to end every stall at once."""

    def arm(self, fault: Fault | str, *, times: int = 1, method: str = "POST", path: str = "") -> None:
        """The next `times` requests of this method whose path starts with `path` meet this fault."""
        with self._lock:
            self._armed.append(_Armed(Fault(fault), method, path, times))

    def clear(self) -> None:
        with self._lock:
            self._armed = []

    def take(self, method: str, path: str) -> Fault | None:
        with self._lock:
            for armed in self._armed:
                if armed.method == method and path.startswith(armed.path) and not path.startswith("/rehearsal/"):
                    armed.times -= 1
                    self._armed = [a for a in self._armed if a.times > 0]
                    return armed.fault
        return None


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a form."""

    name: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """A request, read. `fields` are those of the query, the form or the JSON object together."""

    method: str
    path: str
    headers: Message
    fields: Mapping[str, Any]
    files: Mapping[str, Upload] = field(default_factory=dict)
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """`body` is an object sent as JSON, or ready bytes of `media_type`."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json; charset=utf-8"

    def encoded(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body, ensure_ascii=False).encode()


class Loopback:
    """Serves `answer` on 127.0.0.1; keeps its port over `stop` and `start`. Subclasses say what they answer."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, faults: Faults | None = None) -> None:
        if not socket.gethostbyname(host).startswith("127."):
            raise ValueError("a rehearsal listens on the loopback only")
        self._address = (host, port)
        self._server: _Server | None = None
        self.faults = faults or Faults()

    def answer(self, call: Call) -> Reply:
        raise NotImplementedError

    def throttle(self, call: Call) -> Reply:
        """How this vendor says that it is too much."""
        return Reply(429, {"error": "Too many requests"}, {"Retry-After": "30"})

    @property
    def url(self) -> str:
        """Where it listens, or last listened."""
        return "http://{}:{}".format(*self._address)

    @property
    def port(self) -> int:
        """The port where it listens, or last listened; 0 before its first start where any would do."""
        return self._address[1]

    def start(self) -> None:
        self._server = _Server(self._address, self)
        self._address = (self._address[0], self._server.server_port)
        self.faults.release.clear()
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name=self.url, daemon=True).start()

    def stop(self) -> None:
        """As a server that dies: connections end, further ones are refused."""
        server, self._server = self._server, None
        if server is not None:
            self.faults.release.set()
            server.shutdown()
            server.server_close()
            server.hang_up()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], rehearsal: Loopback) -> None:
        self.rehearsal = rehearsal
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        for request in list(self._open):
            try:
                request.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left is no news; anything else is a fault of ours, and shows."""
        if not isinstance(sys.exception(), ConnectionError):
            socketserver.BaseServer.handle_error(self, request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    server_version = "Rehearsal"
    sys_version = ""

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: what was accepted is in the journal."""

    def do_GET(self) -> None:
        rehearsal = self.server.rehearsal
        call = self._read(rehearsal.faults)
        if call.fault in _UNANSWERED:
            if call.fault is Fault.STALL_BEFORE:
                rehearsal.faults.release.wait(120)
            self.close_connection = True
            return
        self._write(
            _BEFORE[call.fault](rehearsal, call) if call.fault in _BEFORE else rehearsal.answer(call), call.fault
        )

    do_POST = do_PUT = do_DELETE = do_GET

    def _read(self, faults: Faults) -> Call:
        parts = urlsplit(self.path)
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), BODY_MAX))
        fields, files = _fields(self.headers.get("Content-Type", ""), body)
        fields = {**_listed(parse_qsl(parts.query, keep_blank_values=True)), **fields}
        fault = faults.take(self.command, parts.path)
        return Call(self.command, parts.path, self.headers, fields, files, fault)

    def _write(self, reply: Reply, fault: Fault | None) -> None:
        if fault is Fault.STALL_AFTER:
            self.server.rehearsal.faults.release.wait(120)
        if fault in (Fault.STALL_AFTER, Fault.CUT_AFTER):
            self.close_connection = True
            return
        reply = _AFTER.get(fault, reply) if fault else reply
        body = reply.encoded()
        self.send_response(reply.status)
        for name, value in {"Content-Type": reply.media_type, **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if fault is Fault.HALF_AFTER else body)
        if fault is Fault.HALF_AFTER:
            self.close_connection = True


_UNANSWERED = frozenset({Fault.CUT_BEFORE, Fault.STALL_BEFORE})
_BEFORE: dict[Fault | None, Callable[[Loopback, Call], Reply]] = {
    Fault.ERROR_BEFORE: lambda rehearsal, call: Reply(503, {"error": "Service unavailable"}),
    Fault.THROTTLE: lambda rehearsal, call: rehearsal.throttle(call),
}
_AFTER = {
    Fault.ERROR_AFTER: Reply(500, {"error": "Internal server error"}),
    Fault.GARBLED_AFTER: Reply(200, b"<!DOCTYPE html><title>Bad gateway</title>", media_type="text/html"),
}


def _listed(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Form fields, `name[]` gathered into a list."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name.endswith("[]"):
            found.setdefault(name[:-2], []).append(value)
        else:
            found[name] = value
    return found


def _fields(kind: str, body: bytes) -> tuple[dict[str, Any], dict[str, Upload]]:
    if kind.startswith("application/json"):
        try:
            read = json.loads(body or b"{}")
        except ValueError:
            return {}, {}
        return (read if isinstance(read, dict) else {}), {}
    if kind.startswith("multipart/form-data"):
        return _parts(kind.partition("boundary=")[2].strip('"'), body)
    return _listed(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)), {}


def _parts(boundary: str, body: bytes) -> tuple[dict[str, Any], dict[str, Upload]]:
    """A form with files, RFC 7578."""
    pairs, files = list[tuple[str, str]](), dict[str, Upload]()
    for piece in body.split(b"--" + boundary.encode())[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        content = content.removesuffix(b"\r\n")
        lines = dict(line.split(": ", 1) for line in head.decode("utf-8", "replace").split("\r\n") if ": " in line)
        disposition = lines.get("Content-Disposition", "")
        named = {k: v.strip('"') for k, _, v in (p.strip().partition("=") for p in disposition.split(";")[1:])}
        if "filename" in named:
            media_type = lines.get("Content-Type", "application/octet-stream")
            files[named.get("name", "")] = Upload(named["filename"], media_type, content)
        else:
            pairs.append((named.get("name", ""), content.decode("utf-8", "replace")))
    return _listed(pairs), files
