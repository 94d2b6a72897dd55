"""The contract of a channel: what it declares as data, and the few things it does.

A channel turns a rendition into a receipt, finds it again, edits it, deletes it. It knows no database, no
queue and no message. Its work is split: `prepare` (uploads, containers, tokens) may be repeated; `publish`
is **the one irrevocable request**. `conformance.py` holds every channel to this file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import BaseModel

from channels import counting
from channels.counting import Counting
from channels.declared import Act, Code, Idempotency, Kind, Limits, Markup, MediaRules, Per, Problem, Rate
from channels.outside import Seen

__all__ = [
    "Absent", "Act", "Channel", "Code", "Found", "Health", "Idempotency", "Kind", "Limits", "Markup", "Media", "MediaRules",
    "Metrics", "NotReady", "Per", "Posted", "Prepared", "Problem", "Rate", "Receipt", "Rendition", "Seen", "Unknowable",
]  # fmt: skip

if TYPE_CHECKING:
    from channels.http import Http


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, sound or video as it will be sent. `path` is read when it is sent; `sha256` is of those bytes."""

    sha256: str
    media_type: str
    path: str
    description: str = ""
    decorative: bool = False
    size: int = 0  # bytes
    width: int = 0  # pixels
    height: int = 0  # pixels
    url: str = ""  # where the public can see it, for channels that fetch


@dataclass(frozen=True, slots=True)
class Rendition:
    """A message revision fitted to one account, frozen when its delivery is planned.

    `text` is the whole text as people saw it, with its link and hashtags where the channel shows them inline;
    `html` is the same, clean, for channels of that markup. `at` is RFC 3339, UTC: the time it carries, not
    the time of sending. `to` is set for one recipient of a letter.
    """

    text: str
    title: str = ""
    html: str = ""
    summary: str = ""
    language: str = "fr"
    link: str = ""
    hashtags: tuple[str, ...] = ()
    media: tuple[Media, ...] = ()
    at: str = ""
    level: str = "public"
    to: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Rendition:
        known = dict(data)
        known["hashtags"] = tuple(known.get("hashtags", ()))
        known["media"] = tuple(Media(**m) for m in known.get("media", ()))
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What `prepare` obtained and `publish` needs: media ids, a container, a slug. Stored before `publish` begins."""

    data: Mapping[str, Any] = field(default_factory=dict)


class NotReady(Exception):
    """Raised by `prepare` alone: come back after `after` seconds; spends no attempt. `data` is kept until then."""

    def __init__(self, after: float, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"not ready for {after} s")
        self.after = after
        self.data = dict(data or {})


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof from the channel. `id` is its own; `url` is where people see it, or empty; `at` is its time, UTC.

    `wait` is how many seconds its headers ask for before the next: this one was the last that it takes for now.
    """

    id: str
    url: str = ""
    at: datetime | None = None
    evidence: str = ""
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Absent:
    """Looked, and it is not there. What that proves is the channel's `absence`."""

    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Unknowable:
    """The channel can't tell; a person decides."""

    evidence: str = ""


Found = Receipt | Absent | Unknowable


@dataclass(frozen=True, slots=True)
class Posted:
    """Something that stands on the account, whoever put it there. `text` is what people read, plain; `at` is UTC."""

    id: str
    url: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Metrics:
    """What the channel counts, by its own names worded as ours: views, likes, shares, replies."""

    figures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Health:
    """What `probe` saw: who the credentials are, and limits that the server itself states."""

    name: str = ""
    url: str = ""
    limits: Limits | None = None
    warnings: tuple[str, ...] = ()


class Channel:
    """One account's way to its channel. Leaves declare the data below and override what they can do.

    Raised by any of its calls: `outcomes.TryLater`, `Throttled`, `Disconnected`, `Refused`, `Uncertain`.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    kind: ClassVar[Kind]
    Credentials: ClassVar[type[BaseModel]]
    limits: ClassVar[Limits] = Limits()
    markup: ClassVar[Markup] = Markup.PLAIN
    can: ClassVar[frozenset[Act]] = frozenset()
    idempotency: ClassVar[Idempotency] = Idempotency.NONE
    rates: ClassVar[tuple[Rate, ...]] = ()
    waits_per: ClassVar[Per] = Per.ACCOUNT
    """Who waits when it says "slow down": the account alone, or all the accounts on that server."""
    host_in: ClassVar[str] = ""
    """The field of its credentials that holds the server's address; empty: nothing is shared there."""
    absence: ClassVar[float | None] = None
    """Seconds after which "not found" proves "not posted"; None: it never does."""
    deadline: ClassVar[float] = 30.0
    """Seconds, total, that `publish` may take: shorter than any lease, and nobody looks before it is over."""
    publishes: ClassVar[bool] = True
    """False for a channel whose limits are declared before its adapter exists."""
    networked: ClassVar[bool] = True

    def __init__(self, credentials: BaseModel, http: Http) -> None:
        self.credentials = credentials
        self.http = http

    @property
    def repeats_harmlessly(self) -> bool:
        """Whether the same key may be sent again at any time and makes no second copy, by this account's own word.

        Where True, doubt is settled by sending again under the same key, never by a person.
        """
        return False

    @classmethod
    def host(cls, credentials: BaseModel) -> str:
        """The server that these credentials are for, `host` or `host:port`; empty where accounts share none."""
        return urlsplit(str(getattr(credentials, cls.host_in))).netloc.lower() if cls.host_in else ""

    @classmethod
    def length(cls, text: str, limits: Limits | None = None) -> int:
        """The text's length as this channel counts it."""
        rules = limits or cls.limits
        return counting.length(text, rules.counting, url_length=rules.url_length, mention_domain=rules.mention_domain)

    @classmethod
    def check(cls, rendition: Rendition, limits: Limits | None = None) -> tuple[Problem, ...]:
        """What stands against publishing, from the declared data alone; empty if nothing does."""
        rules = limits or cls.limits
        return tuple(p for rule in _CHECKS for p in rule(cls, rendition, rules))

    def compose(self, rendition: Rendition) -> dict[str, Any]:
        """Pure: the exact body. Preview, tests and `publish` share it."""
        raise NotImplementedError(self.name)

    def prepare(self, rendition: Rendition, prepared: Prepared | None = None) -> Prepared:
        """Whatever may be repeated. `prepared` is what an earlier call left. May raise NotReady."""
        return prepared or Prepared()

    def publish(self, rendition: Rendition, prepared: Prepared, key: str) -> Receipt:
        """The one irrevocable request, and nothing else."""
        raise NotImplementedError(self.name)

    def find(self, key: str, rendition: Rendition, since: datetime, prepared: Prepared) -> Found:
        """Look whether `publish` under this key, begun at `since` by this process's clock, took effect."""
        return Unknowable()

    def recent(self, since: datetime) -> tuple[Posted, ...] | None:
        """All that was put on this account since then (UTC), by whomever, newest first; None: the channel can't tell."""
        return None

    def edit(self, receipt: Receipt, rendition: Rendition, prepared: Prepared) -> Receipt:
        """Put the rendition in the place of what the receipt names. May be repeated."""
        raise NotImplementedError(self.name)

    def delete(self, receipt: Receipt) -> None:
        """Take it away. Gone already is success. May be repeated."""
        raise NotImplementedError(self.name)

    def metrics(self, receipt: Receipt) -> Metrics:
        return Metrics()

    def seen(self, receipt: Receipt, rendition: Rendition) -> Seen | None:
        """What anybody is shown under this receipt, beside what the rendition says; None: not meant for everybody.

        Without credentials. An outcome that it raises says that nobody could look, and nothing of the post.
        """
        return None

    def close(self) -> None:
        """Let go of what is kept open between calls; nothing to do for most."""

    def probe(self) -> Health:
        """Who are we here, and may we post? Posts nothing."""
        return Health()


def _text(channel: type[Channel], rendition: Rendition, rules: Limits) -> tuple[Problem, ...]:
    if not (rendition.text.strip() or rendition.title.strip() or rendition.media):
        return (Problem(Code.TEXT_EMPTY),)
    ceiling = rules.ceiling(rendition.text)
    over = channel.length(rendition.text, rules) - ceiling if ceiling is not None else 0
    if over > 0:
        return (Problem(Code.TEXT_TOO_LONG, over, {"limit": ceiling}),)
    bytes_over = counting.length(rendition.text, Counting.BYTES) - rules.text_bytes if rules.text_bytes else 0
    facts = {"limit": rules.text_bytes, "unit": Counting.BYTES.value}
    return (Problem(Code.TEXT_TOO_LONG, bytes_over, facts),) if bytes_over > 0 else ()


def _title(channel: type[Channel], rendition: Rendition, rules: Limits) -> tuple[Problem, ...]:
    over = len(rendition.title) - rules.title if rules.title is not None else 0
    return (Problem(Code.TITLE_TOO_LONG, over, {"limit": rules.title}),) if over > 0 else ()


def _media(channel: type[Channel], rendition: Rendition, rules: Limits) -> tuple[Problem, ...]:
    allowed, problems = rules.media, []
    if not allowed.count:  # a channel without pictures drops them: the composer says so
        return ()
    if len(rendition.media) > allowed.count:
        problems.append(Problem(Code.MEDIA_TOO_MANY, len(rendition.media) - allowed.count, {"limit": allowed.count}))
    for item in rendition.media:
        if allowed.types and item.media_type not in allowed.types:
            problems.append(Problem(Code.MEDIA_TYPE, facts={"type": item.media_type}))
        if allowed.bytes_max and item.size > allowed.bytes_max:
            problems.append(Problem(Code.MEDIA_TOO_LARGE, item.size - allowed.bytes_max, {"limit": allowed.bytes_max}))
        if not item.description.strip() and not item.decorative:
            problems.append(Problem(Code.MEDIA_UNDESCRIBED))
    return tuple(problems)


_Check = Callable[[type[Channel], Rendition, Limits], tuple[Problem, ...]]
_CHECKS: tuple[_Check, ...] = (_text, _title, _media)
