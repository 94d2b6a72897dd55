"""WordPress REST API (5.6 and later, for its application passwords).

What it forgives: nothing is refused as a repeat. A slug that is taken becomes `slug-2`, so the slug chosen from the key
finds a post again but does not prevent a second one; in the trash it becomes `slug__trashed`.
What it forgets: nothing. What it hides: creating is not atomic. The post is inserted first, then its terms, meta and
fields; an error there is answered with 4xx or 5xx although the post exists. So only the errors of `ERRORS_AT_PUBLISH`,
which come before the insertion, prove that nothing was posted. A `featured_media` that doesn't exist is ignored.

Pages relied on, read in November 2026: developer.wordpress.org/rest-api/ (using-the-rest-api/authentication, …/discovery,
reference/posts, reference/media, reference/users), and the source of 6.1: class-wp-rest-posts-controller.php,
class-wp-rest-attachments-controller.php, post.php (`wp_unique_post_slug`). The tests start `tests/servers/wordpress.py`.
"""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, Field, SecretStr, field_validator

from channels import wordpress_address
from channels.addresses import AddressForbidden
from channels.answers import Errors, check, disconnected, read, refused, throttled, uncertain
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
    Markup,
    Media,
    MediaRules,
    Per,
    Posted,
    Prepared,
    Receipt,
    Rendition,
    Seen,
)
from channels.http import Answer, File
from channels.wire import address
from channels.wordpress_address import route
from channels.wordpress_words import figure, paragraphs, see

CALL_S = 20.0
UPLOAD_S = 60.0
SLUG_MAX = 190
"""Characters of a slug: the column takes 200, a suffix included."""
LISTED = 100
STATUSES = "publish,future,draft,pending,private,trash"


class Credentials(BaseModel):
    """One user of one site."""

    site: str = Field(title="Site", description="The site's address, such as https://www.val-clair.example")
    user: str = Field(title="User name", description="The login of a user who may publish, not the password's label")
    application_password: SecretStr = Field(
        title="Application password", description="In WordPress: Users › Profile › Application Passwords"
    )

    @field_validator("site")
    @classmethod
    def _address(cls, value: str) -> str:
        try:
            url = address(value if "://" in value else f"https://{value}")
        except AddressForbidden as error:
            raise ValueError("this is not the address of a site") from error
        return f"{url.scheme}://{url.netloc}{(url.path or '').rstrip('/')}"


Given = Credentials  # the class below has an attribute of that name

_CREDENTIALS = disconnected(Code.CREDENTIALS)
_FORBIDDEN = disconnected(Code.FORBIDDEN)

ERRORS: Errors = {
    (400, "rest_cannot_create"): _FORBIDDEN,  # an upload without the right to
    (400, "rest_invalid_param"): refused(Code.CONTENT_INVALID),
    (400, "empty_content"): refused(Code.TEXT_EMPTY),
    (400, "rest_upload_file_too_big"): refused(Code.MEDIA_TOO_LARGE),
    (400, "rest_upload_limited_space"): refused(Code.MEDIA_TOO_LARGE),
    (400, "rest_upload_user_quota_exceeded"): refused(Code.MEDIA_TOO_LARGE),
    (401, None): _CREDENTIALS,  # also where a host strips the header: the password is right then
    (403, "rest_cannot_create"): _FORBIDDEN,
    (403, "rest_cannot_publish"): _FORBIDDEN,
    (403, "rest_cannot_edit"): _FORBIDDEN,
    (403, "rest_cannot_delete"): _FORBIDDEN,
    (403, "rest_forbidden_context"): _FORBIDDEN,
    (403, None): refused(Code.FORBIDDEN),  # a firewall before the site, in HTML
    (404, "rest_post_invalid_id"): refused(Code.TARGET_GONE),
    (404, "rest_no_route"): disconnected(Code.NOT_SUPPORTED),  # the REST API is switched off
    (413, None): refused(Code.MEDIA_TOO_LARGE),
    (429, None): throttled,
    (500, "rest_upload_sideload_error"): refused(Code.MEDIA_TYPE),
    (500, "rest_upload_unknown_error"): refused(Code.MEDIA_FAILED),
}
ERRORS_AT_PUBLISH: Errors = {
    **ERRORS,
    (400, None): uncertain(Code.VENDOR),
    (404, None): uncertain(Code.VENDOR),
    (409, None): uncertain(Code.VENDOR),
}


class _Post(BaseModel):
    id: int
    link: str = ""
    slug: str = ""
    status: str = ""
    date_gmt: datetime | None = None  # a draft has none
    modified_gmt: datetime | None = None
    featured_media: int = 0

    def receipt(self, at: datetime | None, evidence: str = "") -> Receipt:
        return Receipt(str(self.id), self.link, at and at.replace(tzinfo=UTC), evidence)


class _Listed(_Post):
    title: dict[str, Any]
    content: dict[str, Any]

    def posted(self, at: datetime) -> Posted:
        text = f"{self.title['raw']}\n{self.content['raw']}"
        return Posted(str(self.id), self.link, at.replace(tzinfo=UTC), html.unescape(re.sub(r"<[^>]*>", "", text)))


class _Medium(BaseModel):
    id: int
    source_url: str


class _Me(BaseModel):
    name: str
    link: str = ""
    capabilities: dict[str, Any] = {}


class WordPress(Channel):
    name = "wordpress"
    label = "WordPress"
    kind = Kind.SITE
    Credentials = Credentials
    limits = Limits(
        media=MediaRules(
            types=frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"}), count=10, bytes_max=8 * 1024 * 1024
        )
    )
    markup = Markup.HTML
    can = frozenset({Act.EDIT, Act.DELETE, Act.FIND, Act.SEE})
    idempotency = Idempotency.NONE
    absence = 120.0
    deadline = 45.0
    waits_per = Per.HOST  # WordPress itself counts nothing: a firewall before it does, by the caller's address
    host_in = "site"
    credentials: Given

    _api: str = ""

    def compose(self, rendition: Rendition) -> dict[str, Any]:
        """The post but for what the key and the uploads decide: its slug and its pictures."""
        text = rendition.text.strip()
        return {
            "title": rendition.title or text.partition("\n")[0][:120],
            "content": rendition.html or paragraphs(text),
            "excerpt": rendition.summary,
        }

    def prepare(self, rendition: Rendition, prepared: Prepared | None = None) -> Prepared:
        """Finds the API and uploads the pictures, each with its description. What was uploaded is not uploaded again."""
        known = dict(prepared.data) if prepared else {}
        media: dict[str, Any] = dict(known.get("media", {}))
        for item in rendition.media:
            if item.sha256 not in media:
                media[item.sha256] = self._upload(item)
        return Prepared({"api": known.get("api") or self._root(), "media": media})

    def _upload(self, item: Media) -> dict[str, Any]:
        name = f"d-{item.sha256[:20]}{Path(item.path).suffix.lower()}"
        answer = self._call(
            "POST",
            "media",
            files={"file": File.of(item, name)},
            form={"alt_text": "" if item.decorative else item.description},
            deadline_s=UPLOAD_S,
        )
        medium = read(answer, _Medium, ERRORS, code=_code(answer))
        return {"id": medium.id, "url": medium.source_url}

    def publish(self, rendition: Rendition, prepared: Prepared, key: str) -> Receipt:
        body = {**self._body(rendition, prepared), "status": "publish", "slug": slug_of(key)}
        url = route(prepared.data.get("api") or self._root(), "posts")
        answer = self.http.post_once("POST", url, headers=self._headers(), json=body, deadline_s=self.deadline)
        post = read(answer, _Post, ERRORS_AT_PUBLISH, code=_code(answer), irrevocable=True)
        wanted = body.get("featured_media", post.featured_media)
        return post.receipt(post.date_gmt, "" if post.featured_media == wanted else "the picture was ignored")

    def _body(self, rendition: Rendition, prepared: Prepared) -> dict[str, Any]:
        """The first picture stands for the post, the others at its end."""
        body, uploads = self.compose(rendition), prepared.data.get("media", {})
        pictures = [(item, uploads[item.sha256]) for item in rendition.media if item.sha256 in uploads]
        if pictures:
            body["featured_media"] = pictures[0][1]["id"]
        body["content"] += "".join(figure(item, upload["url"]) for item, upload in pictures[1:])
        return body

    def find(self, key: str, rendition: Rendition, since: datetime, prepared: Prepared) -> Found:
        """By the slug, with the suffixes that a second post or the trash gives it. One in the trash went out, too."""
        slug = slug_of(key)
        names = [slug, *(f"{slug}-{n}" for n in range(2, 5))]
        query = {"slug": ",".join([*names, *(f"{name}__trashed" for name in names)]), "status": STATUSES}
        answer = self._call("GET", "posts", query={**query, "context": "edit", "per_page": "20"})
        posts = read(answer, list[_Post], ERRORS, code=_code(answer))
        if not posts:
            return Absent(f"no post is called {slug}")
        first = min(posts, key=lambda post: post.id)
        return first.receipt(first.date_gmt, ", ".join(f"{post.id} {post.slug} {post.status}" for post in posts))

    def recent(self, since: datetime) -> tuple[Posted, ...] | None:
        """The site's own zone decides what `after` means to it, hence the day more that is asked for."""
        after = (since - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S")
        query = {"after": after, "per_page": str(LISTED), "status": STATUSES, "context": "edit"}
        answer = self._call("GET", "posts", query=query)
        posts = read(answer, list[_Listed], ERRORS, code=_code(answer))
        seen = (post.posted(post.date_gmt) for post in posts if post.date_gmt)
        return None if len(posts) == LISTED else tuple(post for post in seen if post.at >= since)

    def edit(self, receipt: Receipt, rendition: Rendition, prepared: Prepared) -> Receipt:
        answer = self._call("POST", f"posts/{quote(receipt.id)}", json=self._body(rendition, prepared))
        post = read(answer, _Post, ERRORS, code=_code(answer))
        return post.receipt(post.modified_gmt)

    def delete(self, receipt: Receipt) -> None:
        """Into the trash, or for good where the site has none."""
        answer = self._call("DELETE", f"posts/{quote(receipt.id)}")
        if (answer.status, _code(answer)) == (501, "rest_trash_not_supported"):
            answer = self._call("DELETE", f"posts/{quote(receipt.id)}", query={"force": "true"})
        if (answer.status, _code(answer)) in GONE:
            return
        check(answer, ERRORS, code=_code(answer))

    def seen(self, receipt: Receipt, rendition: Rendition) -> Seen | None:
        return see(self.http, self._root(), receipt, self.compose(rendition))

    def probe(self) -> Health:
        answer = self._call("GET", "users/me", query={"context": "edit"})
        me = read(answer, _Me, ERRORS, code=_code(answer))
        lacking = tuple(
            f"lacks {right}" for right in ("publish_posts", "upload_files") if not me.capabilities.get(right)
        )
        return Health(name=me.name, url=self.credentials.site, warnings=lacking)

    # the wire

    def _headers(self) -> dict[str, str]:
        me = self.credentials
        pair = f"{me.user}:{me.application_password.get_secret_value()}".encode()
        return {"Authorization": f"Basic {b64encode(pair).decode('ascii')}"}

    def _call(self, method: str, path: str, query: Mapping[str, str] | None = None, **body: Any) -> Answer:
        url = route(self._root(), path, query)
        return self.http.call(method, url, headers=self._headers(), **({"deadline_s": CALL_S} | body))

    def _root(self) -> str:
        """Asked once for each instance."""
        self._api = self._api or wordpress_address.root(self.http, self.credentials.site)
        return self._api


GONE = frozenset({(404, "rest_post_invalid_id"), (410, "rest_already_trashed")})


def slug_of(key: str) -> str:
    """The slug that names this delivery: `d-` and the key, as WordPress would leave it."""
    return "d-" + re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")[:SLUG_MAX]


def _code(answer: Answer) -> str | None:
    """WordPress's own word for an error."""
    try:
        body = json.loads(answer.body)
    except ValueError:
        return None
    return str(body.get("code")) if isinstance(body, dict) and "code" in body else None
