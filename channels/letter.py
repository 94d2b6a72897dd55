"""One mail as bytes: pure, the same input always gives the same bytes, and nothing in it tells who opened it.

RFC 5322 (headers, lines), 2045–2047 (MIME, encoded words), 2369 and 2919 (List-*), 8058 (leaving in one click).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

from channels.contract import Code
from channels.outcomes import Refused

LINE_MAX = 990
"""Bytes of a header's line: RFC 5322, 2.1.1 allows 998."""

ALLOWED_HEADERS = frozenset(
    {
        "list-id", "list-unsubscribe", "list-unsubscribe-post", "list-help", "list-archive", "list-subscribe",
        "list-owner", "precedence", "auto-submitted", "feedback-id", "in-reply-to", "references",
    }
)  # fmt: skip
"""What a rendition may add. Those that say who sends, to whom, when and what are ours alone."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_VALUE = re.compile(r"[\x20-\x7e]*")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_BREAKS = re.compile(r"\r\n|\r|\n")
_MAILBOX = re.compile(r"[^\s\x00-\x20\x7f-\xff<>()\[\],;:\\\"@]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}")
_ATOM = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent to one recipient. `date` is aware; `headers` are those of `ALLOWED_HEADERS`."""

    sender: str
    to: str
    subject: str
    text: str
    html: str
    date: datetime
    message_id: str
    sender_name: str = ""
    reply_to: str = ""
    language: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def __bytes__(self) -> bytes:
        """The whole mail, 7-bit, lines ended by CRLF. Raises Refused where a header could not be what it says."""
        body = _body(self)
        own = [("To", self.to), ("Message-ID", self.message_id), *self.headers.items()]
        return b"".join(_plain_header(name, value) for name, value in own) + body.as_bytes()


def mailbox(address: str) -> str:
    """The address as SMTP takes it: ASCII, its domain in IDNA. Raises Refused(RECIPIENT_REFUSED) for anything else.

    A local part outside ASCII needs SMTPUTF8 (RFC 6531) on every hop: not offered.
    """
    local, _, domain = address.strip().rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        ascii_domain = ""
    plain = f"{local}@{ascii_domain}"
    if len(plain) > 254 or not _MAILBOX.fullmatch(plain) or not plain.isascii():
        raise Refused(Code.RECIPIENT_REFUSED, evidence="not an address that SMTP can carry", reason="malformed")
    return plain


def local_part(key: str) -> str:
    """The key where it may stand before an @: itself if it is a dot-atom of 50 characters at most, else its digest."""
    return key if len(key) <= 50 and _ATOM.fullmatch(key) else sha256(key.encode()).hexdigest()[:40]


def allowed(headers: Mapping[str, str]) -> dict[str, str]:
    """The rendition's own headers. Raises Refused for one that is not allowed, or whose value breaks its line."""
    for name, value in headers.items():
        known = _NAME.fullmatch(name) and (name.lower() in ALLOWED_HEADERS or name.lower().startswith("x-"))
        if not known or not _VALUE.fullmatch(value):
            raise Refused(Code.CONTENT_INVALID, header=name[:60])
    return dict(headers)


def _body(letter: Letter) -> EmailMessage:
    """Text, and HTML beside it, quoted-printable: no line is too long, no byte above 127, no bare line end."""
    message = EmailMessage(policy=SMTP)
    message["Date"] = format_datetime(letter.date.astimezone(UTC))
    message["From"] = _named(letter.sender_name, letter.sender)
    if letter.reply_to:
        message["Reply-To"] = _named("", letter.reply_to)
    message["Subject"] = _one_line(letter.subject)
    if letter.language:
        message["Content-Language"] = _one_line(letter.language)
    message.set_content(_lines(letter.text), charset="utf-8", cte="quoted-printable")
    if letter.html:
        message.add_alternative(_lines(letter.html), subtype="html", charset="utf-8", cte="quoted-printable")
        # "=_" can't occur in quoted-printable, and the same letter always has the same boundary
        message.set_boundary("=_" + sha256(letter.message_id.encode()).hexdigest()[:32])
    return message


def _named(name: str, address: str) -> Address:
    return Address(display_name=_one_line(name), addr_spec=address)


def _one_line(text: str) -> str:
    return _CONTROLS.sub(" ", text).strip()


def _lines(text: str) -> str:
    """Line ends alike, and no lone surrogate, which UTF-8 can't carry."""
    return _BREAKS.sub("\n", text).encode("utf-8", "replace").decode()


def _plain_header(name: str, value: str) -> bytes:
    """A header of one line as it stands: folding would encode a long address, which no mail program reads then."""
    line = f"{name}: {value}"
    if len(line) > LINE_MAX or not _VALUE.fullmatch(value):
        raise Refused(Code.CONTENT_INVALID, header=name[:60])
    return line.encode("ascii") + b"\r\n"
