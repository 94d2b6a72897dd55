"""Mastodon's statuses as words: the same text sent, kept and shown; and what anybody is shown of one.

docs.joinmastodon.org/methods/statuses/#get, read in November 2026: a public status needs no token; a server whose
operator set DISALLOW_UNAUTHENTICATED_API_ACCESS (/admin/config/) asks for one all the same, and shows its pages.
"""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from urllib.parse import quote

from channels.answers import Errors, read
from channels.contract import Code, Receipt, Rendition, Seen
from channels.http import Http
from channels.looking import GONE, LOOK_S, page
from channels.mastodon_answers import Status
from channels.outcomes import TryLater
from channels.outside import Part, plain

ERRORS: Errors = {}
_TAG = re.compile(r"<[^>]*>")


def see(http: Http, server: str, receipt: Receipt, rendition: Rendition) -> Seen:
    """Raises TryLater, Throttled, Refused where nobody can look."""
    url = f"{server}/api/v1/statuses/{quote(receipt.id, safe='')}"
    answer = http.call("GET", url, deadline_s=LOOK_S)
    if answer.status in (401, 403):
        return page(http, receipt.url, rendition.text)
    if answer.status in GONE:
        return Seen.of(url, answer.body)
    status = read(answer, Status, ERRORS)
    if status.id != receipt.id:
        raise TryLater(Code.UNREADABLE, evidence=f"asked for {receipt.id}, answered {status.id}")
    return Seen.of(url, answer.body, Part(rendition.text, plain(status.content), is_all=True))


def settled(text: str) -> str:
    """A text as the server keeps it: trimmed, with line feeds."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").strip())


def shown(content: str) -> str:
    return unescape(_TAG.sub("", content))


def resembles(content: str, text: str) -> bool:
    """Whether half of the text's words are shown; servers differ in how they shorten links and mentions."""
    words = {word for word in map(letters, text.split()) if word}
    there = letters(shown(content))
    return 2 * sum(word in there for word in words) >= len(words)


def letters(text: str) -> str:
    """What is left of a text when it has been to HTML and back."""
    return "".join(char for char in unicodedata.normalize("NFC", text).casefold() if char.isalnum())
