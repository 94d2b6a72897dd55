"""One guarded way out, for feeds, media and channels alike.

- Only to addresses that `addresses.py` allows, redirects included; nothing is read from the environment.
- `fetch` reads what others publish: capped in bytes (also after decompression), in total time, in redirects.
- `call` is for requests that may be repeated, over kept connections. `post_once` is for the one that may not:
  a connection of its own, no redirect, and it knows whether a byte can have left.
- A total deadline is total: it ends name, connection, TLS, request and answer, on the monotonic clock.
- Credentials travel in headers, never in addresses; over plain http only to hosts that the operator listed.
"""

from __future__ import annotations

import copy
import json as jsonlib
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from ssl import SSLSocket
from typing import Any, NamedTuple
from urllib.parse import urlencode, urljoin

from urllib3.filepost import encode_multipart_formdata
from urllib3.util import parse_url

from channels.addresses import AddressForbidden, Listed, ThisMachine
from channels.contract import Code, Media
from channels.outcomes import Refused, TryLater, Uncertain
from channels.sockets import Clock
from channels.wire import CREDENTIALS, Gate, NoAnswer, Request, address

__all__ = ["AddressForbidden", "Answer", "Fetched", "File", "Http", "NoAnswer", "Redirect"]

USER_AGENT = "Diffusion/0.1 (publishing for public bodies)"
ANSWER_MAX = 8 * 1024 * 1024
"""Bytes of an API's answer that are read; a longer one counts as cut."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})


class File(NamedTuple):
    """One part of a form with files."""

    name: str
    body: bytes
    media_type: str

    @classmethod
    def of(cls, media: Media, name: str = "") -> File:
        """A picture, as it was approved. Raises Refused if its file is gone, or is another one by now."""
        path = Path(media.path)
        try:
            body = path.read_bytes()
        except OSError as error:
            raise Refused(Code.MEDIA_FAILED, evidence=type(error).__name__, sha256=media.sha256).ours() from error
        if sha256(body).hexdigest() != media.sha256:
            changed = "the file is not the one that was approved"
            raise Refused(Code.MEDIA_FAILED, evidence=changed, sha256=media.sha256).ours()
        return cls(name or path.name, body, media.media_type)


@dataclass(frozen=True, slots=True)
class Redirect:
    """One hop: where it led, and whether the server said for good (301, 308)."""

    url: str
    status: int

    @property
    def is_permanent(self) -> bool:
        return self.status in PERMANENT


@dataclass(frozen=True, slots=True)
class Fetched:
    """What lay at an address. `headers` ignores case; `status` may be anything, 304 and 410 included."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    redirects: tuple[Redirect, ...] = ()

    @property
    def moved_to(self) -> str:
        """The address that replaces the one asked for, for good; empty if that one stands."""
        moved = ""
        for hop in self.redirects:
            if not hop.is_permanent:
                break
            moved = hop.url
        return moved


@dataclass(frozen=True, slots=True)
class Answer:
    """An API's answer, whole. `headers` ignores case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def evidence(self) -> str:
        """The vendor's own words."""
        return f"HTTP {self.status}: {self.body[:1500].decode('utf-8', 'replace')}"


class Http:
    """The way out. Safe to share between threads; `close` ends its kept connections.

    `private_hosts`: the operator's exceptions (`addresses.Listed`); listed hosts are reached directly, never through
    the proxy. `proxy`: an http:// address. `ca_file`: authorities trusted beside the usual ones.
    `before_bytes`: called by `post_once`, in the caller's thread, when the connection stands and before the request's
    first byte; if it raises, nothing has left, and what it raised reaches the caller as it is.
    """

    def __init__(
        self,
        private_hosts: frozenset[str] = frozenset(),
        proxy: str = "",
        ca_file: str = "",
        user_agent: str = USER_AGENT,
        before_bytes: Callable[[], None] | None = None,
    ) -> None:
        by = parse_url(proxy) if proxy else None
        if by and (by.scheme != "http" or not by.host):
            raise ValueError(f"{proxy!r} is not a proxy's address such as http://proxy.ville.example:3128")
        self._gate = Gate(Listed(private_hosts), by, ca_file)
        self.user_agent = user_agent
        self.before_bytes = before_bytes

    @classmethod
    def on_this_machine(cls) -> Http:
        """A way to the loopback alone: what a rehearsal may use."""
        made = cls()
        made._gate = Gate(ThisMachine())
        return made

    def before(self, check: Callable[[], None]) -> Http:
        """The same way out, with its connections, for one delivery whose `before_bytes` is `check`."""
        other = copy.copy(self)
        other.before_bytes = check
        return other

    def close(self) -> None:
        self._gate.idle.close()

    def dial(self, host: str, port: int, clock: Clock, *, has_credentials: bool = False) -> socket.socket:
        """A plain connection to a checked address, for what isn't HTTP; never by the proxy.

        `has_credentials`: they would travel in clear, so only to a listed host. Raises AddressForbidden, NoAnswer.
        """
        return self._gate.dial(host, port, clock, has_credentials=has_credentials)

    def secure(self, plain: socket.socket, host: str) -> SSLSocket:
        """The same connection over TLS, its certificate checked against the host. Raises OSError."""
        return self._gate.secure(plain, host)

    def fetch(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        max_bytes: int,
        total_s: float,
        max_redirects: int = 5,
    ) -> Fetched:
        """What lies at the address, whatever its status.

        Raises AddressForbidden; NoAnswer, whose `partial` holds the body as far as it came.
        """
        clock, hops = Clock(total_s), list[Redirect]()
        sent = {"User-Agent": self.user_agent, "Accept-Encoding": "gzip, deflate", **(headers or {})}
        while True:
            request = Request("GET", address(url), sent, None, clock, max_bytes)
            got = self._gate.exchange(request)
            target = got.headers.get("Location", "")
            if got.status not in REDIRECTS or not target:
                return Fetched(url, got.status, got.headers, got.body, tuple(hops))
            if len(hops) >= max_redirects:
                raise NoAnswer("too_many_redirects", sent=True, evidence=f"{len(hops)} redirects, then {target[:200]}")
            url = urljoin(url, target)
            sent = _for_next(request, url)
            hops.append(Redirect(url, got.status))

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        files: Mapping[str, File] | None = None,
        deadline_s: float,
    ) -> Answer:
        """A request that may be repeated. Raises TryLater if no whole answer came, Refused for a forbidden address."""
        target = f"{url}?{urlencode(params, doseq=True)}" if params else url
        body, kind = _encode(json, form, files)
        try:
            request = self._api_request(method, target, {**kind, **(headers or {})}, body, deadline_s)
            return Answer(*self._gate.exchange(request, keep=True))
        except AddressForbidden as error:
            raise Refused(Code.ADDRESS_FORBIDDEN, host=error.host, reason=error.reason).ours() from error
        except NoAnswer as error:
            raise TryLater(Code.NO_ANSWER if error.sent else Code.UNREACHABLE, evidence=str(error)) from error

    def post_once(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        files: Mapping[str, File] | None = None,
        deadline_s: float,
    ) -> Answer:
        """The one irrevocable request, by a connection of its own; a redirect is an answer like another.

        Raises TryLater only if no byte can have left (name, connection, certificate, proxy), Refused for a forbidden
        address, Uncertain if a byte can have left and no whole answer came. What `before_bytes` raises passes through.
        """
        body, kind = _encode(json, form, files)
        try:
            request = self._api_request(method, url, {**kind, **(headers or {})}, body, deadline_s)
            return Answer(*self._gate.exchange(request, check=self.before_bytes))
        except AddressForbidden as error:
            raise Refused(Code.ADDRESS_FORBIDDEN, host=error.host, reason=error.reason).ours() from error
        except NoAnswer as error:
            if error.sent:
                raise Uncertain(Code.NO_ANSWER, evidence=str(error)) from error
            raise TryLater(Code.UNREACHABLE, evidence=str(error)) from error

    def _api_request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, deadline_s: float
    ) -> Request:
        sent = {"User-Agent": self.user_agent, "Accept": "application/json", **headers}
        return Request(method, address(url), sent, body, Clock(deadline_s), ANSWER_MAX)


def _for_next(request: Request, url: str) -> dict[str, str]:
    """The headers for the next hop: credentials stay with their origin, and never come down to plain http."""
    target = address(url)
    if request.has_credentials and request.url.scheme == "https" and target.scheme == "http":
        raise AddressForbidden(target.host or "", "downgrade")
    after = Request("GET", target, request.headers, None, request.clock, request.limit)
    if after.origin == request.origin:
        return dict(request.headers)
    return {name: value for name, value in request.headers.items() if name.lower() not in CREDENTIALS}


def _encode(
    json: Any, form: Mapping[str, Any] | None, files: Mapping[str, File] | None
) -> tuple[bytes | None, dict[str, str]]:
    """The body and the header that says what it is."""
    if files:
        fields = {name: str(value) for name, value in (form or {}).items()}
        parts = {name: (file.name, file.body, file.media_type) for name, file in files.items()}
        body, kind = encode_multipart_formdata({**fields, **parts})
        return body, {"Content-Type": kind}
    if json is not None:
        return jsonlib.dumps(json, ensure_ascii=False).encode(), {"Content-Type": "application/json"}
    if form is not None:
        return urlencode(form, doseq=True).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    return None, {}
