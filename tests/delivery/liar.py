"""A channel without a key and without shame: it takes a post and says nothing, says nothing and takes none, or dies of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar

from pydantic import BaseModel

from channels.contract import Absent, Act, Channel, Code, Found, Kind, Prepared, Receipt, Rendition, Unknowable
from channels.outcomes import Refused, Throttled, TryLater, Uncertain


class Killed(BaseException):
    """The worker's end: nothing after it is run."""


@dataclass(slots=True)
class World:
    """What stands there, and what happens next. `meanwhile` runs while the worker is frozen, its post taken already."""

    posts: Counter[str] = field(default_factory=Counter)
    takes: bool = True
    then: BaseException | None = None
    look: str = "truth"
    meanwhile: Callable[[], None] | None = None


ENDS: dict[str, tuple[bool, Callable[[], BaseException | None]]] = {
    # what happens: whether the post is taken, and what the worker gets to hear
    "answered": (True, lambda: None),
    "taken, no answer": (True, lambda: Uncertain(Code.NO_ANSWER)),
    "lost, no answer": (False, lambda: Uncertain(Code.NO_ANSWER)),
    "taken, killed": (True, Killed),
    "lost, killed": (False, Killed),
    "unreachable": (False, lambda: TryLater(Code.UNREACHABLE)),
    "busy": (False, lambda: TryLater(Code.BUSY, after=1)),
    "throttled": (False, lambda: Throttled(after=1)),
    "refused": (False, lambda: Refused(Code.CONTENT_INVALID)),
    "taken, unknown fault": (True, lambda: ZeroDivisionError("of the adapter")),
}
LOOKS = ("truth", "lags", "can't tell", "fails")
"""What a look says; a list that lags shows nothing that is there, for less long than the channel declares."""


class Nothing(BaseModel):
    """It asks for no credentials."""


class Liar(Channel):
    name = "liar"
    label = "Liar"
    kind = Kind.SOCIAL
    Credentials = Nothing
    can = frozenset({Act.FIND})
    absence = 20.0
    world: ClassVar[World] = World()

    def publish(self, rendition: Rendition, prepared: Prepared, key: str) -> Receipt:
        if self.http.before_bytes:
            self.http.before_bytes()
        if self.world.takes:
            self.world.posts[rendition.text] += 1
        meanwhile, self.world.meanwhile = self.world.meanwhile, None
        if meanwhile:
            meanwhile()
        if self.world.then:
            raise self.world.then
        return Receipt(rendition.text, at=datetime.now(UTC))

    def find(self, key: str, rendition: Rendition, since: datetime, prepared: Prepared) -> Found:
        is_there = self.world.posts[rendition.text] > 0
        if self.world.look == "fails":
            raise TryLater(Code.NO_ANSWER)
        if self.world.look == "can't tell":
            return Unknowable()
        return Receipt(rendition.text) if is_there and self.world.look == "truth" else Absent()
