"""Mastodon API (4.0 and later; the limits of others are read from the server).

What it forgives: a repeat under the same Idempotency-Key within an hour returns the first status, whatever the text.
What it forgets: the key, after that hour; and compatible servers ignore it, replay old errors under it, or answer 400
(`find` looks at the account's own statuses instead). After the first post was deleted, its key answers 404.

Pages relied on, read in November 2026:
https://docs.joinmastodon.org/methods/statuses/, …/media/, …/accounts/, …/instance/, /api/rate-limits/,
/entities/V1_Instance/ and /admin/scaling/; and the server's source: post_status_service.rb (the key, what is
validated when), api/v1/accounts/statuses_controller.rb (an account's statuses are read from the primary database),
account_statuses_filter.rb (the author's own list hides nothing), rack_attack.rb.
The tests start `channels/rehearsal/mastodon.py`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, Field, SecretStr, field_validator

from channels.addresses import AddressForbidden
from channels.answers import Errors, check, disconnected, read, refused, server_time, spent, throttled
from channels.contract import (
    Absent,
    Act,
    Channel,
    Code,
    Found,
    Health,
    Idempotency,
    Kind,
    Limits,
    Media,
    MediaRules,
    Metrics,
    NotReady,
    Per,
    Posted,
    Prepared,
    Rate,
    Receipt,
    Rendition,
    Seen,
    Unknowable,
)
from channels.counting import Counting
from channels.http import Answer, File
from channels.mastodon_answers import MEBI, Account, Attachment, Edition, Instance, Source, Status
from channels.mastodon_words import letters, resembles, see, settled, shown
from channels.outcomes import Outcome, Uncertain
from channels.wire import address

CALL_S = 20.0
UPLOAD_S = 60.0
POLL_S = 3.0
PAGE = 40
PAGES = 5
"""How far back `find` reads: more than 200 posts since the attempt, and it says that it can't tell."""
SLACK = timedelta(seconds=1)
"""Between the clocks of a server's own machines; ours is compared with theirs through the answer's `Date`."""


class Credentials(BaseModel):
    """One account on one server."""

    server: str = Field(title="Server", description="The server's address, such as https://mastodon.example")
    access_token: SecretStr = Field(
        title="Access token",
        description="Preferences › Development › New application, with the rights write:statuses, write:media, "
        "read:statuses and read:accounts",
    )
    visibility: Literal["public", "unlisted", "private"] = Field(
        default="public", title="Visibility", description="Who sees the posts; unlisted stays out of public timelines"
    )

    @field_validator("server")
    @classmethod
    def _origin(cls, value: str) -> str:
        try:
            url = address(value if "://" in value else f"https://{value}")
        except AddressForbidden as error:
            raise ValueError("this is not the address of a server") from error
        return f"{url.scheme}://{url.netloc}"

    @field_validator("access_token")
    @classmethod
    def _in_a_header(cls, value: SecretStr) -> SecretStr:
        """RFC 6750, 2.1: visible ASCII. What a paste brought around it goes."""
        token = value.get_secret_value().strip()
        if not token.isascii() or any(not 0x20 < ord(sign) < 0x7F for sign in token):
            raise ValueError("this is not a token")
        return SecretStr(token)


Given = Credentials  # the class below has an attribute of that name


def _slow_down(answer: Answer) -> Outcome:
    """Mastodon counts by account; GoToSocial, which speaks the same API and says its name, by the caller's address.

    github.com/superseriousbusiness/gotosocial: docs/api/ratelimiting.md, internal/middleware/extraheaders.go.
    """
    return throttled(answer, Per.HOST if answer.headers.get("Server", "") == "gotosocial" else None)


ERRORS: Errors = {
    (401, None): disconnected(Code.CREDENTIALS),
    (403, None): disconnected(Code.FORBIDDEN),  # outside the token's scopes, unconfirmed or disabled account
    (404, None): refused(Code.TARGET_GONE),
    (410, None): refused(Code.ACCOUNT_GONE),
    (413, None): refused(Code.MEDIA_TOO_LARGE),
    (422, None): refused(Code.CONTENT_INVALID),  # its message is localised: shown as evidence, never matched
    (429, None): _slow_down,
}
UPLOAD_ERRORS: Errors = {**ERRORS, (422, None): refused(Code.MEDIA_FAILED)}


class Mastodon(Channel):
    name = "mastodon"
    label = "Mastodon"
    kind = Kind.SOCIAL
    Credentials = Credentials
    limits = Limits(
        text=500,
        counting=Counting.GRAPHEMES,
        url_length=23,
        mention_domain=False,
        media=MediaRules(
            types=frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"}),
            count=4,
            bytes_max=16 * MEBI,
            pixels_max=33_177_600,
            description_max=1500,
        ),
    )
    can = frozenset({Act.EDIT, Act.DELETE, Act.FIND, Act.METRICS, Act.SEE})
    idempotency = Idempotency.HEADER
    rates = (Rate(300, 3 * 3600), Rate(300, 300))
    host_in = "server"
    absence = 40.0
    """An account's statuses are read from the primary database; should a later version read them from a replica, the
    scaling page says that one which lags by more than a few seconds is not asked. Half a minute is also a cache's."""
    deadline = 30.0

    credentials: Given

    def compose(self, rendition: Rendition) -> dict[str, Any]:
        body: dict[str, Any] = {"status": rendition.text, "visibility": self.credentials.visibility}
        return {**body, "language": rendition.language} if rendition.language else body

    def prepare(self, rendition: Rendition, prepared: Prepared | None = None) -> Prepared:
        """Upload what is not there yet. Attachments vanish after a day unless posted: each is asked for again."""
        known = {m["sha256"]: m["id"] for m in (prepared.data.get("media", ()) if prepared else ())}
        rows, waiting = [], False
        for media in rendition.media:
            ready = self._is_ready(known[media.sha256]) if media.sha256 in known else None
            if ready is None:
                known[media.sha256], ready = self._upload(media)
            rows.append({"sha256": media.sha256, "id": known[media.sha256]})
            waiting = waiting or not ready
        if waiting:
            raise NotReady(POLL_S, {"media": rows})
        return Prepared({"media": rows} if rows else {})

    def publish(self, rendition: Rendition, prepared: Prepared, key: str) -> Receipt:
        answer = self.http.post_once(
            "POST",
            self._url("v1/statuses"),
            headers={**self._auth(), "Idempotency-Key": key},
            json=self._body(rendition, prepared),
            deadline_s=self.deadline,
        )
        status = read(answer, Status, ERRORS, irrevocable=True)
        if status.content and not resembles(status.content, rendition.text):  # a cache's, or another's: `find` tells
            raise Uncertain(Code.UNREADABLE, evidence=answer.evidence)
        return replace(status.receipt(answer.evidence), wait=spent(answer))

    def find(self, key: str, rendition: Rendition, since: datetime, prepared: Prepared) -> Found:
        """Our own statuses since then, newest first: as many pictures, and the very text that was sent."""
        answer = self._call("GET", "v1/accounts/verify_credentials")
        account = read(answer, Account, ERRORS)
        earliest = since.astimezone(UTC) + (server_time(answer) - datetime.now(UTC)) - SLACK
        looked, doubtful, before = 0, 0, ""
        for _ in range(PAGES):
            page = self._statuses(account.id, before)
            recent = [status for status in page if status.created_at >= earliest]
            for status in recent:
                looked += 1
                is_ours = self._is_ours(status, rendition)
                if is_ours:
                    return status.receipt(f"found among {looked} posts of {account.acct}")
                doubtful += is_ours is None
            if doubtful:
                return Unknowable(f"{doubtful} of {looked} posts were edited since, and may have been ours")
            if not page and not before and account.statuses_count:
                return Unknowable("the server lists none of the account's posts, though it counts some")
            if len(recent) < PAGE:
                return Absent(f"not among {looked} posts since then")
            before = page[-1].id
        return Unknowable(f"more than {looked} posts since {earliest.isoformat()}")

    def recent(self, since: datetime) -> tuple[Posted, ...] | None:
        account = read(self._call("GET", "v1/accounts/verify_credentials"), Account, ERRORS)
        seen: list[Status] = []
        for _ in range(PAGES):
            page = self._statuses(account.id, seen[-1].id if seen else "")
            seen += page
            if len(page) < PAGE or page[-1].created_at < since:
                fresh = [status for status in seen if status.created_at >= since]
                return tuple(Posted(s.id, s.url or "", s.created_at.astimezone(UTC), shown(s.content)) for s in fresh)
        return None

    def edit(self, receipt: Receipt, rendition: Rendition, prepared: Prepared) -> Receipt:
        answer = self._call("PUT", f"v1/statuses/{receipt.id}", json=self._body(rendition, prepared))
        return read(answer, Status, ERRORS).receipt(answer.evidence)

    def delete(self, receipt: Receipt) -> None:
        answer = self._call("DELETE", f"v1/statuses/{receipt.id}")
        if answer.status != 404:  # gone already
            check(answer, ERRORS)

    def metrics(self, receipt: Receipt) -> Metrics:
        status = read(self._call("GET", f"v1/statuses/{receipt.id}"), Status, ERRORS)
        liked = {"likes": status.favourites_count, "shares": status.reblogs_count}
        return Metrics({**liked, "replies": status.replies_count, "quotes": status.quotes_count})

    def seen(self, receipt: Receipt, rendition: Rendition) -> Seen | None:
        mine = self.credentials
        return None if mine.visibility == "private" else see(self.http, mine.server, receipt, rendition)

    def probe(self) -> Health:
        """Who the token is, and what this server allows. That the token may post shows only when it posts."""
        account = read(self._call("GET", "v1/accounts/verify_credentials"), Account, ERRORS)
        instance = read(self._call("GET", "v2/instance"), Instance, ERRORS)
        media = replace(
            self.limits.media,
            types=self.limits.media.types & instance.types or self.limits.media.types,
            count=instance.count,
            bytes_max=instance.bytes_max,
            pixels_max=instance.pixels,
            description_max=instance.description,
        )
        limits = replace(self.limits, text=instance.text, url_length=instance.url, media=media)
        warnings = ("compatible_server",) if "compatible" in instance.version else ()
        return Health(account.acct, account.url, limits, warnings)

    def _url(self, path: str) -> str:
        return f"{self.credentials.server}/api/{path}"

    def _auth(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.credentials.access_token.get_secret_value()}"}

    def _call(self, method: str, path: str, **more: Any) -> Answer:
        return self.http.call(method, self._url(path), headers=self._auth(), **{"deadline_s": CALL_S, **more})

    def _body(self, rendition: Rendition, prepared: Prepared) -> dict[str, Any]:
        media = [m["id"] for m in prepared.data.get("media", ())]
        return {**self.compose(rendition), "media_ids": media} if media else self.compose(rendition)

    def _is_ready(self, media_id: str) -> bool | None:
        """None if it has vanished, or hangs on a status already."""
        answer = self._call("GET", f"v1/media/{media_id}")
        if answer.status == 404:
            return None
        return check(answer, UPLOAD_ERRORS).status != 206

    def _upload(self, media: Media) -> tuple[str, bool]:
        form = {"description": media.description} if media.description else {}
        answer = self._call("POST", "v2/media", form=form, files={"file": File.of(media)}, deadline_s=UPLOAD_S)
        return read(answer, Attachment, UPLOAD_ERRORS).id, answer.status == 200

    def _statuses(self, account: str, before: str) -> list[Status]:
        params = {"limit": PAGE, "exclude_reblogs": "true", **({"max_id": before} if before else {})}
        return read(self._call("GET", f"v1/accounts/{account}/statuses", params=params), list[Status], ERRORS)

    def _is_ours(self, status: Status, rendition: Rendition) -> bool | None:
        """Whether it was posted with this text; None where an edit hides that."""
        if len(status.media_attachments) != len(rendition.media) and not status.edited_at:
            return False
        if not (status.edited_at or resembles(status.content, rendition.text)):
            return False  # spares a call of the 300 that five minutes allow
        answer = self._call("GET", f"v1/statuses/{status.id}/source")
        if answer.status == 404:  # deleted since the list was read
            return False
        if settled(read(answer, Source, ERRORS).text) == settled(rendition.text):
            return True
        if not status.edited_at:
            return False
        first = read(self._call("GET", f"v1/statuses/{status.id}/history"), list[Edition], ERRORS)[:1]
        if first and letters(shown(first[0].content)) == letters(rendition.text):
            return True
        return None if not first or "@" in rendition.text else False  # a mention is shown without its domain
