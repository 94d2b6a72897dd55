"""A file as a directorate hands it in: Markdown with a YAML head, or a mail; what was read, before anything is kept."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import yaml

from diffusion.intake import clean
from diffusion.intake.models import Via
from diffusion.intake.submit import Handed

FILE_MAX = 30 * 1024 * 1024
"""Bytes of a file that are taken: a mail with a few pictures."""
TEXT_MAX = 100_000
HEAD = ("title", "directorate", "level", "language", "url", "starts", "ends", "place")
LEVELS, LANGUAGES = ("internal", "partners", "public"), ("fr", "en")
PICTURES = ("image/jpeg", "image/png", "image/webp", "image/gif")
_FENCED = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_MAIL_HEADER = re.compile(rb"\A[A-Za-z][A-Za-z0-9-]*:[ \t]")


class Unreadable(ValueError):
    """The file can't be taken. `code` is worded by the command; `facts` fill its sentence."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that came with a mail; `description` is what its sender wrote about it."""

    data: bytes
    description: str


@dataclass(frozen=True, slots=True)
class Read:
    """What a file says: its content, the directorate that it names, who sent it, and the sender's own id of it."""

    handed: Handed
    via: Via
    directorate: str = ""
    sender: str = ""
    uid: str = ""
    pictures: tuple[Picture, ...] = ()


def read(data: bytes, name: str) -> Read:
    """A file by its name's ending, else by its beginning. Raises Unreadable."""
    if len(data) > FILE_MAX:
        raise Unreadable("too_big", limit=FILE_MAX // (1024 * 1024))
    is_mail = name.lower().endswith(".eml") or (name == "-" and bool(_MAIL_HEADER.match(data)))
    return _mail(data) if is_mail else _markdown(data)


def _markdown(data: bytes) -> Read:
    text = _text(data).replace("\r\n", "\n").replace("\r", "\n")
    fenced = _FENCED.match(text)
    head = _head(fenced[1]) if fenced else {}
    body = text[fenced.end() :] if fenced else text
    if not head.get("title"):
        raise Unreadable("no_title")
    _fits(body)
    more: dict[str, Any] = {name: head[name] for name in HEAD if name in head and name != "directorate"}
    return Read(Handed(text=body.strip(), **more), Via.FILE, head.get("directorate", ""))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data[: fault.start].count(b"\n") + 1
        raise Unreadable("encoding", line=line, byte=f"0x{data[fault.start]:02x}") from fault


def _head(text: str) -> dict[str, str]:
    """The head's fields as text. Raises Unreadable with the line of what is wrong."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        raise Unreadable("head", line=mark.line + 2 if mark else 1) from fault
    except (ValueError, RecursionError) as fault:  # a date that does not exist; brackets without end
        raise Unreadable("head", line=1) from fault
    if not isinstance(found, dict):
        raise Unreadable("head", line=1)
    for name, value in found.items():
        _known(str(name), value)
    head = {name: _plain(value) for name, value in found.items() if value is not None}
    _one_of(head, "level", LEVELS)
    _one_of(head, "language", LANGUAGES)
    return head


def _known(name: str, value: object) -> None:
    if name not in HEAD:
        near = difflib.get_close_matches(name, HEAD, n=1)
        raise Unreadable("head_near" if near else "head_unknown", given=name, near="".join(near), known=", ".join(HEAD))
    if isinstance(value, dict | list):
        raise Unreadable("head_text", given=name)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _one_of(head: dict[str, str], name: str, known: Iterable[str]) -> None:
    if name in head and head[name] not in known:
        raise Unreadable("head_value", given=head[name], name=name, known=", ".join(known))


def _mail(data: bytes) -> Read:
    """RFC 5322: the subject is the title, the plain part the text; without one, the words of the HTML."""
    mail = message_from_bytes(data, policy=policy.default)
    if not isinstance(mail, EmailMessage) or not mail.keys():
        raise Unreadable("not_a_mail")
    title = clean.line(_header(mail, "subject"))
    if not title:
        raise Unreadable("no_subject")
    text = _body(mail)
    _fits(text)
    sender = parseaddr(_header(mail, "from"))[1]
    handed = Handed(title=title, text=text.strip())
    return Read(handed, Via.MAIL, "", sender, _header(mail, "message-id").strip(), tuple(_pictures(mail)))


def _header(mail: EmailMessage, name: str) -> str:
    """A header's value; one that its own sender wrote wrong is empty, not an error."""
    try:
        return str(mail.get(name, ""))
    except (ValueError, IndexError, AttributeError):  # what the standard parser raises over broken headers
        return ""


def _body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain", "html"))
    if not isinstance(part, EmailMessage):
        return ""
    words = _decoded(part)
    return clean.to_text(words) if part.get_content_type() == "text/html" else words


def _decoded(part: EmailMessage) -> str:
    """A text part, in whatever its sender declared."""
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    try:
        return raw.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:  # a character set that nobody knows
        return raw.decode("utf-8", "replace")


def _pictures(mail: EmailMessage) -> Iterable[Picture]:
    for part in mail.walk():
        raw = part.get_payload(decode=True) if part.get_content_type() in PICTURES else None
        if isinstance(raw, bytes) and raw and isinstance(part, EmailMessage):
            yield Picture(raw, clean.line(_header(part, "content-description")))


def _fits(text: str) -> None:
    if len(text) > TEXT_MAX:
        raise Unreadable("too_long", limit=TEXT_MAX, count=len(text))
