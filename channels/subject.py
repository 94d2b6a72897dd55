"""What the conformance suite must know of a channel: how to make it, and what the other side really holds."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Protocol
from uuid import uuid4

from channels.contract import Channel, Code, NotReady, Prepared, Receipt, Rendition
from channels.http import Http
from channels.outcomes import Outcome


class Line(StrEnum):
    """What a faulty line does to the one request that carries the trigger."""

    PASS = "pass"  # noqa: S105  no password
    REFUSED = "refused"  # no connection at all
    CUT_BEFORE = "cut_before"  # the request was sent, the server never read it
    CUT_AFTER = "cut_after"  # the server acted, its answer is lost
    HALF = "half"  # the server acted, half of its answer comes
    SILENT_BEFORE = "silent_before"
    SILENT_AFTER = "silent_after"
    DRIP = "drip"  # the server acted, its answer comes a byte at a time
    REPEATED = "repeated"  # some box on the way sends the request twice


class FaultyLine(Protocol):
    """A proxy between adapter and server. `trigger`: bytes that only the irrevocable request carries."""

    trigger: bytes
    connections: int
    bytes_up: int

    def set(self, line: Line) -> None: ...


@dataclass(frozen=True, slots=True)
class ErrorCase:
    """One documented error: `arrange` provokes it, and undoes that at its end; then `act` must raise `outcome`."""

    name: str
    arrange: Callable[[], AbstractContextManager[Any]]
    outcome: type[Outcome]
    code: Code | None = None
    act: str = "publish"  # publish, prepare, edit, delete, find, probe


@dataclass(slots=True)
class Subject:
    """A channel under test.

    `make(http)` builds it as an account would be; `http()` may reach the server. `count()` is how many publications
    the server holds, `text_of(receipt)` what it holds under this receipt, None if nothing: both by other means than
    the adapter. `sample` fits; every check gives it a text of its own. `longest` just fits, `too_long` just doesn't.
    `enforces_limits`: the server itself refuses what is too long. `shown`: the receipt with the address where a page of
    our own shows it, for a channel that has none.
    """

    name: str
    make: Callable[[Http], Channel]
    http: Callable[[], Http]
    count: Callable[[], int]
    sample: Rendition
    text_of: Callable[[Receipt], str | None] | None = None
    with_media: Rendition | None = None
    longest: Rendition | None = None
    too_long: Rendition | None = None
    enforces_limits: bool = False
    errors: tuple[ErrorCase, ...] = ()
    line: FaultyLine | None = None
    consistency_s: float = 0.0
    shown: Callable[[Receipt, Rendition], Receipt] = lambda receipt, rendition: receipt

    def channel(self) -> Channel:
        return self.make(self.http())

    def fresh(self, of: Rendition | None = None) -> Rendition:
        """The sample with words that no other publication has."""
        rendition = of or self.sample
        mark = f" Réf. {uuid4().hex[:12]}."
        return replace(rendition, text=rendition.text + mark, html=rendition.html.replace("</p>", f"{mark}</p>", 1))


def new_key() -> str:
    return f"d-{uuid4().hex}-0"


def ready(channel: Channel, rendition: Rendition) -> Prepared:
    """`prepare`, until it is. Raises AssertionError after twenty looks."""
    kept: Prepared | None = None
    for _ in range(20):
        try:
            return channel.prepare(rendition, kept)
        except NotReady as wait:
            kept = Prepared(wait.data)
            time.sleep(min(wait.after, 0.05))
    raise AssertionError("prepare was never ready")


def published(subject: Subject, channel: Channel, rendition: Rendition) -> tuple[Receipt, Prepared, str]:
    prepared, key = ready(channel, rendition), new_key()
    return channel.publish(rendition, prepared, key), prepared, key


def raised(act: Callable[[], Any]) -> Outcome:
    """The outcome that this raises; AssertionError if it raises none."""
    try:
        result = act()
    except Outcome as outcome:
        return outcome
    raise AssertionError(f"no outcome was raised; it returned {result!r}")
