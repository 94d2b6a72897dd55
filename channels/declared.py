"""What a channel declares as data: its kind, its limits, its rates, and the closed list of why something fails.

The help texts, the counters, the connect form, the documentation and `Channel.check` all come from these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from channels import counting
from channels.counting import Counting


class Kind(StrEnum):
    """The kind of place; a delivery's lane follows from it."""

    INTRANET = "intranet"
    SITE = "site"
    SOCIAL = "social"
    NEWSLETTER = "newsletter"
    OPEN = "open"
    HAND = "hand"


class Markup(StrEnum):
    PLAIN = "plain"
    HTML = "html"


class Act(StrEnum):
    """What can be done with something already published."""

    EDIT = "edit"
    DELETE = "delete"
    FIND = "find"
    METRICS = "metrics"
    SEE = "see"  # looked at as anybody would, without credentials


class Code(StrEnum):
    """Why something did not go through: a closed list, worded in `diffusion.errors`."""

    CREDENTIALS = "credentials"  # wrong, expired or revoked
    FORBIDDEN = "forbidden"  # let in, but without the right to do this
    ACCOUNT_GONE = "account_gone"
    TARGET_GONE = "target_gone"  # the list, the room, the post to edit
    TEXT_TOO_LONG = "text_too_long"
    TITLE_TOO_LONG = "title_too_long"
    TEXT_EMPTY = "text_empty"
    CONTENT_INVALID = "content_invalid"
    DUPLICATE = "duplicate"
    MEDIA_TYPE = "media_type"
    MEDIA_TOO_LARGE = "media_too_large"
    MEDIA_TOO_MANY = "media_too_many"
    MEDIA_FAILED = "media_failed"
    MEDIA_UNDESCRIBED = "media_undescribed"
    RECIPIENT_REFUSED = "recipient_refused"
    ADDRESS_FORBIDDEN = "address_forbidden"  # a private address that the operator did not list
    REDIRECTED = "redirected"
    NOT_SUPPORTED = "not_supported"
    RATE_LIMITED = "rate_limited"
    UNREACHABLE = "unreachable"  # no byte left
    BUSY = "busy"
    NO_ANSWER = "no_answer"  # bytes left, nothing readable came back
    SERVER_ERROR = "server_error"
    UNREADABLE = "unreadable"
    VENDOR = "vendor"  # the vendor's own words are the evidence


@dataclass(frozen=True, slots=True)
class MediaRules:
    """`types` are media types; `bytes_max` bytes a file; `pixels_max` width × height; `description_max` code points."""

    types: frozenset[str] = frozenset()
    count: int = 0
    bytes_max: int | None = None
    pixels_max: int | None = None
    description_max: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a text may be, in what the channel counts. None: no limit that a message could reach."""

    text: int | None = None
    counting: Counting = Counting.CODEPOINTS
    url_length: int | None = None  # what any URL counts, where it is fixed
    title: int | None = None  # code points
    media: MediaRules = MediaRules()
    mention_domain: bool = True  # False: of a remote mention, @user@host, only @user counts
    text_ucs2: int | None = None  # the limit once a character outside GSM-7 turns the whole text to UCS-2
    text_bytes: int | None = None  # a ceiling beside `text`, in UTF-8 bytes

    def ceiling(self, text: str) -> int | None:
        """The limit of this very text: `text`, or `text_ucs2` where its characters force it."""
        if self.text_ucs2 is not None and not counting.is_gsm7(text):
            return self.text_ucs2
        return self.text


class Per(StrEnum):
    """Whom a channel counts for: one account, or one server's callers from one address, whatever their accounts."""

    ACCOUNT = "account"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` publications in `seconds`, for one account."""

    count: int
    seconds: float


class Idempotency(StrEnum):
    """What the channel's own facility does with a repeated key. It is used, and not trusted alone."""

    NONE = "none"
    HEADER = "header"  # a header or field, forgotten after a while
    CHOSEN_ID = "chosen_id"  # we choose the id: a repeat finds or overwrites


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a rendition can't be published as it is. `over` is by how much, in what the channel counts."""

    code: Code
    over: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)
