"""One request, one answer, over a checked connection; and whether a byte can have left when there is none.

Every connection is ours from its opening to its end (urllib3's connection class, without its pool and its retries),
because only the phase in which it failed tells "nothing left" from doubt: the very same exception is raised for a
connection refused and for one cut after the request was read.
"""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ssl import SSLContext, SSLSocket
from typing import NamedTuple

from urllib3 import HTTPHeaderDict
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.exceptions import TimeoutError as TimeoutException
from urllib3.util import Url, make_headers, parse_url

from channels import sockets
from channels.addresses import AddressForbidden, Listed, is_listed, resolve
from channels.sockets import Clock, Connection

IDLE_S = 10.0
"""Seconds a kept connection may wait: servers close theirs after 5 to 75."""
CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})

_BROKEN = (OSError, http.client.HTTPException, HTTPError)


class Reply(NamedTuple):
    """What came back. `headers` ignores case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NoAnswer(Exception):
    """No whole answer came. `sent` is whether a byte of the request can have left.

    `why` is one of: unreachable, slow, cut, too_large, too_many_redirects. `partial` is what had come by then.
    """

    def __init__(self, why: str, *, sent: bool, evidence: str = "", partial: Reply | None = None) -> None:
        super().__init__(f"{why}: {evidence}")
        self.why = why
        self.sent = sent
        self.evidence = evidence
        self.partial = partial


@dataclass(frozen=True, slots=True)
class Request:
    """`limit` is how many bytes of the answer's body are read, after decompression."""

    method: str
    url: Url
    headers: Mapping[str, str]
    body: bytes | None
    clock: Clock
    limit: int

    @property
    def origin(self) -> tuple[str, str, int]:
        return (self.url.scheme or "", self.host, self.port)

    @property
    def host(self) -> str:
        return (self.url.host or "").strip("[]")

    @property
    def port(self) -> int:
        return self.url.port or (443 if self.url.scheme == "https" else 80)

    @property
    def has_credentials(self) -> bool:
        return any(name.lower() in CREDENTIALS for name in self.headers)


def address(url: str) -> Url:
    """The address, read by the same reader that the connection uses. Raises AddressForbidden unless plain http(s)."""
    try:
        parsed = parse_url(url.strip())
    except LocationParseError as error:
        raise AddressForbidden(url[:200], "bad_url") from error
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.auth is not None:
        raise AddressForbidden((parsed.host or url)[:200], "bad_url")
    return parsed


class Idle:
    """Connections kept for `call`, by origin: scheme, host, port."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[tuple[tuple[str, str, int], float, Connection]] = []

    def take(self, origin: tuple[str, str, int]) -> Connection | None:
        with self._lock:
            for at in reversed(range(len(self._kept))):
                kept, since, connection = self._kept[at]
                if kept == origin:
                    del self._kept[at]
                    if time.monotonic() - since < IDLE_S and connection.is_connected:
                        return connection
                    connection.close()
        return None

    def give(self, origin: tuple[str, str, int], connection: Connection) -> None:
        now = time.monotonic()
        with self._lock:
            for _, since, old in self._kept:
                if now - since >= IDLE_S:
                    old.close()
            self._kept = [k for k in self._kept if now - k[1] < IDLE_S]
            self._kept.append((origin, now, connection))

    def close(self) -> None:
        with self._lock:
            for _, _, connection in self._kept:
                connection.close()
            self._kept = []

    __del__ = close


@dataclass(slots=True)
class Gate:
    """How this installation reaches others: what is listed, by which proxy, trusting whom."""

    listed: Listed
    proxy: Url | None = None
    ca_file: str = ""
    idle: Idle = field(init=False)
    _trust: SSLContext = field(init=False)

    def __post_init__(self) -> None:
        self.idle = Idle()
        self._trust = sockets.tls_context(self.ca_file)

    def exchange(self, request: Request, *, keep: bool = False, check: Callable[[], None] | None = None) -> Reply:
        """Raises AddressForbidden, NoAnswer, and what `check` raises, which runs just before the first byte leaves."""
        if request.url.scheme == "http" and request.has_credentials and not self._is_listed(request):
            raise AddressForbidden(request.host, "plain_http")
        connection = self._connect(request, keep)
        is_whole = False
        try:
            if check is not None:
                check()
            reply = _converse(connection, request)
            is_whole = True
            return reply
        finally:
            is_checked = connection.forward is None  # such a proxy looks the name up anew each time: so do we
            if keep and is_whole and is_checked and not connection.is_closed:
                self.idle.give(request.origin, connection)
            else:
                connection.close()

    def dial(self, host: str, port: int, clock: Clock, *, has_credentials: bool = False) -> socket.socket:
        """A plain connection to a checked address, for what isn't HTTP; never by the proxy.

        `has_credentials`: they would travel in clear, so only to a listed host. Raises AddressForbidden, NoAnswer.
        """
        try:
            if has_credentials and not is_listed(host, port, self.listed, clock.left()):
                raise AddressForbidden(host, "plain_text")
            return sockets.dial(host, port, self.listed, clock)
        except _BROKEN as error:
            raise NoAnswer("unreachable", sent=False, evidence=f"{host}: {error}") from error

    def secure(self, plain: socket.socket, host: str) -> SSLSocket:
        """The same connection over TLS, its certificate checked against the host. Raises OSError."""
        return self._trust.wrap_socket(plain, server_hostname=host)

    def _is_listed(self, request: Request) -> bool:
        try:
            return is_listed(request.host, request.port, self.listed, request.clock.left())
        except OSError as error:
            raise NoAnswer("unreachable", sent=False, evidence=f"{request.host}: {error}") from error

    def _connect(self, request: Request, keep: bool) -> Connection:
        """An open connection: a kept one, or a fresh one, straight or by the proxy."""
        kept = self.idle.take(request.origin) if keep else None
        if kept is not None:
            kept.keep(request.clock)
            return kept
        connection = self._make(request)
        try:
            connection.timeout = request.clock.left()
            connection.connect()
        except _BROKEN as error:
            connection.close()
            raise NoAnswer("unreachable", sent=False, evidence=f"{request.host}: {error}") from error
        except BaseException:
            connection.close()
            raise
        return connection

    def _make(self, request: Request) -> Connection:
        """Not open yet. What goes by the proxy is checked here, since the proxy looks the name up by itself."""
        connection: Connection
        if self.proxy is None or self._is_listed(request):
            if request.url.scheme == "https":
                connection = sockets.Secure(request.host, request.port, ssl_context=self._trust)
            else:
                connection = sockets.Plain(request.host, request.port)
            connection.listed, connection.clock = self.listed, request.clock
            return connection
        try:
            resolve(request.host, request.port, self.listed, request.clock.left())
        except OSError as error:
            raise NoAnswer("unreachable", sent=False, evidence=f"{request.host}: {error}") from error
        host, port = (self.proxy.host or "").strip("[]"), self.proxy.port or 3128
        own = make_headers(proxy_basic_auth=self.proxy.auth) if self.proxy.auth else {}
        if request.url.scheme == "https":
            connection = sockets.Secure(host, port, ssl_context=self._trust)
            connection.set_tunnel(request.host, request.port, own)
        else:
            connection = sockets.Plain(host, port)
            connection.forward = {"Host": request.url.netloc or "", **own}
        connection.listed, connection.clock = Listed([host]), request.clock  # the operator named it: it may be private
        return connection


def _converse(connection: Connection, request: Request) -> Reply:
    """Send the request and read the whole answer. Whatever fails here fails after a byte can have left."""
    target = request.url.request_uri if connection.forward is None else request.url._replace(fragment=None).url
    status, headers, body = 0, HTTPHeaderDict(), bytearray()

    def broken(why: str, error: object) -> NoAnswer:
        got = Reply(status, headers, bytes(body[: request.limit])) if status else None
        return NoAnswer(why, sent=True, evidence=f"{request.host}: {error}", partial=got)

    try:
        sent = {**request.headers, **(connection.forward or {})}
        with suppress(BrokenPipeError):  # refused before the body was read: the answer says why
            connection.request(request.method, target, body=request.body, headers=sent, preload_content=False)
        response = connection.getresponse()
        status, headers = response.status, response.headers
        while piece := response.read1(min(65536, request.limit - len(body) + 1), decode_content=True):
            body += piece
            if len(body) > request.limit:
                raise broken("too_large", f"more than {request.limit} bytes")
    except (TimeoutError, TimeoutException) as error:
        raise broken("slow", error) from error
    except _BROKEN as error:
        raise broken("cut", error) from error
    return Reply(status, headers, bytes(body))
