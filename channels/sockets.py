"""One connection: to checked addresses only, and with an end to how long it may take.

A socket's own time-out starts again with each read, so a peer that sends a byte a second never ends. Here every
read and write first asks a clock how much of the whole exchange is left. urllib3's connection does the rest.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from typing import Any

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from channels.addresses import Listed, resolve

CONNECT_S = 10.0
"""Seconds that one address may take to answer the connection itself."""


class Clock:
    """When an exchange must be over, on the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left. Raises TimeoutError once there are none."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the total time for this exchange is over")
        return left


class TimedSocket(socket.socket):
    """A socket that asks the clock before it blocks."""

    clock: Clock | None = None

    def _ask(self) -> None:
        if self.clock is not None:
            self.settimeout(self.clock.left())

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self._ask()
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self._ask()  # the time-out of `sendall` is for the whole of it
        super().sendall(*args, **kwargs)


class TimedTLS(ssl.SSLSocket):
    """The same over TLS, whose `sendall` is a loop of `send`."""

    clock: Clock | None = None

    def _ask(self) -> None:
        if self.clock is not None:
            self.settimeout(self.clock.left())

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self._ask()
        return super().recv_into(*args, **kwargs)

    def send(self, *args: Any, **kwargs: Any) -> int:
        self._ask()
        return super().send(*args, **kwargs)


class TimedContext(ssl.SSLContext):
    """Makes TLS sockets that keep the clock of the socket they wrap."""

    sslsocket_class = TimedTLS

    def wrap_socket(self, sock: socket.socket, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        wrapped = super().wrap_socket(sock, *args, **kwargs)
        if isinstance(wrapped, TimedTLS):
            wrapped.clock = getattr(sock, "clock", None)
        return wrapped


def tls_context(ca_file: str = "") -> ssl.SSLContext:
    """Trusts the system's authorities, those that Python's HTTP client brings, and the operator's own beside them."""
    context = TimedContext(ssl.PROTOCOL_TLS_CLIENT)  # checks certificate and name
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs()
    context.load_verify_locations(cafile=DEFAULT_CA_BUNDLE_PATH)
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context


class _Guarded:
    """What plain and TLS connections share: how the socket is opened. Mixed in before urllib3's class."""

    listed: Listed
    clock: Clock
    forward: Mapping[str, str] | None = None
    """Headers for a proxy that passes plain http on; None on any other connection."""

    def _new_conn(self) -> socket.socket:
        """A socket to the first of the checked addresses that answers."""
        conn: Any = self
        try:
            ways = resolve(conn.host, conn.port, self.listed, self.clock.left())
        except socket.gaierror as error:
            raise NameResolutionError(conn.host, conn, error) from error
        last: OSError = OSError("no address")
        for way in ways:
            sock = TimedSocket(way.family, socket.SOCK_STREAM)
            try:
                sock.settimeout(min(CONNECT_S, self.clock.left()))
                sock.connect(way.sockaddr)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.clock = self.clock
                sock.settimeout(self.clock.left())
                return sock
            except OSError as error:
                sock.close()
                last = error
        if isinstance(last, TimeoutError):
            raise ConnectTimeoutError(conn, f"{conn.host} did not answer the connection") from last
        raise NewConnectionError(conn, f"no connection to {conn.host}: {last}") from last

    def keep(self, clock: Clock) -> None:
        """Count the next exchange by this clock."""
        self.clock = clock
        sock = getattr(self, "sock", None)
        if sock is not None:
            sock.clock = clock


def dial(host: str, port: int, listed: Listed, clock: Clock) -> socket.socket:
    """A socket to the first of the checked addresses that answers, for protocols other than HTTP."""
    opener = Plain(host, port)
    opener.listed, opener.clock = listed, clock
    return opener._new_conn()


class Plain(_Guarded, HTTPConnection):
    """http://"""


class Secure(_Guarded, HTTPSConnection):
    """https://"""


Connection = Plain | Secure
