"""A WordPress post as words: how they become its content, and what anybody is shown of it.

developer.wordpress.org/rest-api/reference/posts/, read in November 2026, and class-wp-rest-posts-controller.php of 6.1:
without credentials a post that is a draft, private or in the trash answers 401 `rest_forbidden`, a deleted one 404
`rest_post_invalid_id`, one behind a password comes without its content, `protected`. Plugins close the whole API with a
401 or 403 of their own, so that such an answer is checked at the post's own page.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel

from channels.answers import Errors, read
from channels.contract import Code, Media, Receipt, Seen
from channels.http import Http
from channels.looking import LOOK_S, page
from channels.outcomes import TryLater
from channels.outside import Part, plain
from channels.wordpress_address import route

ERRORS: Errors = {}


class _Words(BaseModel):
    rendered: str
    protected: bool = False


class _Shown(BaseModel):
    id: int
    title: _Words
    content: _Words


def see(http: Http, api: str, receipt: Receipt, composed: dict[str, Any]) -> Seen:
    """The title must be the very one; plugins put things of theirs around the text. Raises TryLater, Throttled, Refused."""
    url = route(api, f"posts/{quote(receipt.id, safe='')}")
    answer = http.call("GET", url, deadline_s=LOOK_S)
    title, content = composed["title"], plain(composed["content"])
    if answer.status in (401, 403, 404) and not _is_deleted(answer.body):
        return page(http, receipt.url, f"{title}\n{content}")
    if answer.status == 404:
        return Seen.of(url, answer.body)
    post = read(answer, _Shown, ERRORS)
    if str(post.id) != receipt.id:
        raise TryLater(Code.UNREADABLE, evidence=f"asked for {receipt.id}, answered {post.id}")
    if post.content.protected:
        return Seen.of(url, answer.body)
    shown = Part(title, plain(post.title.rendered), is_all=True), Part(content, plain(post.content.rendered))
    return Seen.of(url, answer.body, *shown)


def _is_deleted(body: bytes) -> bool:
    try:
        said = json.loads(body)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("code") == "rest_post_invalid_id"


def paragraphs(text: str) -> str:
    return "".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in re.split(r"\n{2,}", text) if part)


def figure(item: Media, url: str) -> str:
    alt = "" if item.decorative else item.description
    return f'<figure><img src="{html.escape(url)}" alt="{html.escape(alt)}"></figure>'
