"""From bytes to text, whatever the source says about its encoding; and what kind of document the text is."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from diffusion.intake.item import Complaint

# The encodings that feeds are really in; others (punycode, unicode_escape…) are codecs, not character sets.
_KNOWN = re.compile(
    r"(?:utf[-_]?(?:8|16|32)|us[-_]?ascii|ascii|iso[-_]?8859[-_]?\d|latin[-_]?\d|l\d|windows[-_]?\d|cp\d|koi8|mac|gb|big5"
    r"|euc|shift[-_]?jis|sjis|iso[-_]?2022|ebcdic|tis)[a-z0-9_-]*$",
    re.IGNORECASE,
)
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The first two characters of a document without a byte order mark (XML 1.0, appendix F).
_SHAPES = (
    (re.compile(rb"\0\0\0[\x09-\x7f]\0\0\0[\x09-\x7f]"), "utf-32-be"),
    (re.compile(rb"[\x09-\x7f]\0\0\0[\x09-\x7f]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0[\x09-\x7f]\0[\x09-\x7f]"), "utf-16-be"),
    (re.compile(rb"[\x09-\x7f]\0[\x09-\x7f]\0"), "utf-16-le"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),
)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
# Characters that XML 1.0 (2.2) forbids; U+FFFD stands where a decoder gave up.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


DEFAULT_ZONE = ZoneInfo("Europe/Paris")


class Kind(StrEnum):
    XML = "xml"
    JSON = "json"
    ICAL = "ical"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Sniffed:
    """`start`: where the document begins, in code points; `root`: an XML document's first element, as written.

    `junk` is what stands before it and doesn't belong there.
    """

    kind: Kind | None
    start: int = 0
    root: str = ""
    junk: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """What a reader is given. `url` is where it came from, the base of its links; `zone` is that of floating times.

    `now` (UTC) places the window of recurrences that have no end. `root` is an XML document's first element.
    """

    text: str
    now: datetime
    url: str = ""
    root: str = ""
    zone: ZoneInfo = DEFAULT_ZONE


def decode(body: bytes, media_type: str = "") -> tuple[str, list[Complaint]]:
    """The text, never failing: right if the encoding is declared rightly, repaired and reported if not."""
    marked = next((name for bom, name in _BOMS if body.startswith(bom)), None)
    shaped = marked or next((name for shape, name in _SHAPES if shape.match(body)), None)
    if shaped:
        return _without_controls(body.decode(shaped, "replace"), [])
    declared = _declared(body, media_type)
    text, used = _read(body, declared)
    is_as_declared = _canonical(declared) in {used, "", "ascii"} if text.isascii() else _canonical(declared) == used
    wrong = declared and not is_as_declared
    return _without_controls(text, [Complaint("encoding", facts={"declared": declared, "used": used})] if wrong else [])


def sniff(text: str) -> Sniffed:
    """What the text is by its beginning: only content tells, since servers label feeds as they please."""
    head = text[:65536]
    start = len(head) - len(head.lstrip("\ufeff \t\r\n"))
    if head[start : start + 1] in {"{", "["}:
        return Sniffed(Kind.JSON, start)
    if calendar := _CALENDAR.search(head):
        return Sniffed(Kind.ICAL, calendar.start(1), junk=head[: calendar.start(1)].strip())
    blank = _COMMENT.sub(lambda comment: " " * len(comment[0]), head)
    root = _ROOT.search(blank)
    page = _PAGE.search(blank)
    if root and not (page and page.start() < root.start()):
        prolog = _PROLOG.search(blank, 0, root.start())
        begin = prolog.start() if prolog else root.start()
        junk = _INSTRUCTION.sub("", blank[:begin]).strip()
        return Sniffed(Kind.XML, begin, root[1], junk)
    return Sniffed(Kind.HTML, start) if page or _DOCTYPE.search(blank) else Sniffed(None)


_CALENDAR = re.compile(r"^[ \t\ufeff]*(BEGIN:VCALENDAR)[ \t\r]*$", re.IGNORECASE | re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_ROOT = re.compile(r"<((?:[A-Za-z_][\w.-]*:)?(?:rss|rdf|feed|channel))(?=[\s>/])", re.IGNORECASE)
_PAGE = re.compile(r"<(?:html|head|body)[\s>]", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!doctype\s+html", re.IGNORECASE)
_INSTRUCTION = re.compile(r"<\?[^>]*\?>|\ufeff")
_PROLOG = re.compile(r"<\?xml\s|<!DOCTYPE\s", re.IGNORECASE)


def _declared(body: bytes, media_type: str) -> str:
    """What the transport says, else the document (RFC 7303, 3): a known character set, or an empty string."""
    found = _CHARSET.search(media_type)
    inside = _DECLARED.search(body[:1024])
    names = (found[1] if found else "", inside[1].decode("ascii") if inside else "")
    return next((name for name in names if name and _KNOWN.match(name)), "")


def _read(body: bytes, declared: str) -> tuple[str, str]:
    """UTF-8 wherever the bytes are UTF-8: no other encoding yields such bytes by accident in running text."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _read_other(body, declared)
    if text.isascii() and _canonical(declared) not in {"", "ascii", "utf-8"}:
        return _read_other(body, declared)
    return text, "utf-8"


def _read_other(body: bytes, declared: str) -> tuple[str, str]:
    name = _canonical(declared)
    if name in {"iso8859-1", "ascii"} and any(0x80 <= byte <= 0x9F for byte in body[:65536]):
        return body.decode("cp1252", "replace"), "cp1252"  # as browsers do: WHATWG Encoding, 4.2
    if name and name != "utf-8":
        try:
            return body.decode(name), name
        except UnicodeError:
            pass
    is_mostly_utf8 = not body[:65536].decode("utf-8", "ignore").isascii()
    return (body.decode("utf-8", "cp1252"), "utf-8") if is_mostly_utf8 else (body.decode("cp1252", "replace"), "cp1252")


def _canonical(name: str) -> str:
    try:
        return codecs.lookup(name).name if name else ""
    except LookupError:
        return ""


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """A stray byte in UTF-8 text is, nearly always, a pasted Windows character."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("cp1252", _as_cp1252)


def _without_controls(text: str, complaints: list[Complaint]) -> tuple[str, list[Complaint]]:
    clean, count = _FORBIDDEN.subn("", text)
    return clean, [*complaints, Complaint("control_characters")] if count else complaints
