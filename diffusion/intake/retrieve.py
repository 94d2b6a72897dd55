"""Intake's only fetch: conditional, capped, by the guarded way out; what can go wrong is a code that people read.

Conditional requests and validators: RFC 9110, 13 (an entity tag is sent back as it came, weak or strong). Retry-After:
RFC 9110, 10.2.3. An address that moved for good (301, 308) is told as `moved_to`, for the source to remember.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from channels.http import AddressForbidden, Fetched, Http, NoAnswer
from diffusion.intake.item import Complaint
from diffusion.intake.limited import MIB
from diffusion.intake.readers import ACCEPT, BODY_MAX

FETCH_MAX = BODY_MAX
"""Bytes of a body that are fetched, after decompression: as many as are read."""
TOTAL_S = 20.0
REDIRECTS_MAX = 5
AFTER_MAX = timedelta(days=7)
"""The longest wait that a server can ask for: more is a mistake, and nobody would notice the silence."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask again by; empty where it gave none."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A body, or as much of it as came: then `complaints` says why it stops, and there are no validators.

    `url` is where it was found after redirects; `moved_to` replaces the address asked for, empty if that one stands.
    """

    body: bytes
    media_type: str
    validators: Validators
    url: str
    moved_to: str = ""
    complaints: tuple[Complaint, ...] = ()


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The server says that nothing changed since the validators."""

    moved_to: str = ""


class RetrieveError(Exception):
    """Nothing was retrieved.

    `code` is one of `complaints.WORDS`, `facts` its values; `after` is in seconds, where the server said when to come
    back; `evidence` is what was seen, for operators; `moved_to` as in Retrieved.
    """

    def __init__(
        self,
        code: str,
        *,
        facts: Mapping[str, object] | None = None,
        after: float | None = None,
        evidence: str = "",
        moved_to: str = "",
    ) -> None:
        super().__init__(f"{code}: {evidence}" if evidence else code)
        self.code = code
        self.facts = dict(facts or {})
        self.after = after
        self.evidence = evidence[:500]
        self.moved_to = moved_to

    @property
    def complaint(self) -> Complaint:
        return Complaint(self.code, facts=self.facts)


STATUSES: dict[int, str] = {
    401: "sign_in",
    403: "sign_in",
    404: "not_found",
    407: "sign_in",
    408: "slow",
    410: "gone",
    425: "rate_limited",
    429: "rate_limited",
    451: "sign_in",
    500: "server_error",
    502: "server_error",
    503: "rate_limited",
    504: "server_error",
}
"""What a status other than 200 and 304 means for a source; others by their class, in `_refusal`."""

NO_ANSWERS: dict[str, str] = {
    "unreachable": "unreachable",
    "slow": "slow",
    "cut": "cut",
    "too_large": "too_big",
    "too_many_redirects": "too_many_redirects",
}
WRONG_TYPES = ("image/", "audio/", "video/", "font/", "application/pdf", "application/zip", "application/msword")
"""Media types that no server gives a feed by mistake. Others are looked at: content decides."""


def retrieve(
    url: str,
    http: Http,
    validators: Validators | None = None,
    *,
    total_s: float = TOTAL_S,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Retrieved | Unchanged:
    """What lies at the address now. Raises RetrieveError, and nothing else for what an address can do."""
    known = validators or Validators()
    headers = {"Accept": ACCEPT, "Accept-Language": "fr, en;q=0.8, *;q=0.5"}
    headers |= {"If-None-Match": known.etag} if known.etag else {}
    headers |= {"If-Modified-Since": known.last_modified} if known.last_modified else {}
    try:
        got = http.fetch(url, headers=headers, max_bytes=FETCH_MAX, total_s=total_s, max_redirects=REDIRECTS_MAX)
    except AddressForbidden as error:
        raise _forbidden(url, error) from error
    except NoAnswer as error:
        return _partial(url, error)
    if got.status == 304 and known != Validators():
        return Unchanged(got.moved_to)
    if got.status != 200:
        raise _refusal(got, now())
    return _retrieved(got)


def _retrieved(got: Fetched) -> Retrieved:
    media_type = got.headers.get("Content-Type", "")
    if media_type.strip().lower().startswith(WRONG_TYPES):
        raise RetrieveError("wrong_type", facts={"type": media_type[:100]}, moved_to=got.moved_to)
    validators = Validators(got.headers.get("ETag", "")[:500], got.headers.get("Last-Modified", "")[:100])
    return Retrieved(got.body, media_type, validators, got.url, got.moved_to)


def _forbidden(url: str, error: AddressForbidden) -> RetrieveError:
    if error.reason == "bad_url":
        return RetrieveError("bad_address", facts={"url": url[:200]}, evidence=str(error))
    return RetrieveError("address_forbidden", facts={"host": error.host, "reason": error.reason}, evidence=str(error))


def _partial(url: str, error: NoAnswer) -> Retrieved:
    """What had come of a good answer is worth reading: its whole entries are taken."""
    code = NO_ANSWERS.get(error.why, "unreachable")
    facts = {"limit": FETCH_MAX // MIB} if code == "too_big" else {}
    reply = error.partial
    if reply is None or reply.status != 200 or not reply.body.strip():
        raise RetrieveError(code, facts=facts, evidence=error.evidence) from error
    return Retrieved(
        reply.body, reply.headers.get("Content-Type", ""), Validators(), url, complaints=(Complaint(code, facts=facts),)
    )


def _refusal(got: Fetched, now: datetime) -> RetrieveError:
    by_class = {4: "not_found", 5: "server_error"}.get(got.status // 100, "unexpected")
    return RetrieveError(
        STATUSES.get(got.status, by_class),
        facts={"status": got.status},
        after=retry_after(got.headers.get("Retry-After", ""), now),
        evidence=f"HTTP {got.status} {got.url}",
        moved_to=got.moved_to,
    )


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds to wait, from a number of seconds or a date; None if it is neither; never over `AFTER_MAX`."""
    value = value.strip()
    if value.isdecimal():
        seconds = float(value[:12])
    else:
        try:
            at = parsedate_to_datetime(value)
        except (TypeError, ValueError, IndexError, OverflowError):
            return None
        seconds = ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(seconds, 0.0), AFTER_MAX.total_seconds())
