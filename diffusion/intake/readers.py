"""The readers, by what a document is; and `read`, which runs the right one in a child process with limits.

A reader is a row of `READERS`: a pure function from a document to its name, its entries and what is wrong with it, in
that order, one by one, so that whoever reads can stop after any. Content decides which reader; the media type only
where content doesn't tell, for servers label feeds as they please. A new format is a file and a row.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from html import unescape
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from diffusion.intake import calendar, clean, feed, jsonfeed
from diffusion.intake.decode import DEFAULT_ZONE, Document, Kind, decode, sniff
from diffusion.intake.entry import Entry, settle
from diffusion.intake.item import ITEMS_MAX, Complaint, Feed, Format, Item, Reading, rfc3339
from diffusion.intake.limited import HEAVY_EXIT, MIB, End, Limits, confine, run

BODY_MAX = 16 * MIB
"""Bytes of a body that are read; of a longer one, the entries that are whole by then."""
COMPLAINTS_MAX = 200
LINKS_MAX = 10
OUTPUT_MARGIN = 2 * MIB

Read = Callable[[Document], Iterable[Feed | Entry | Complaint]]


@dataclass(frozen=True, slots=True)
class Reader:
    """`accept` is what it reads, as a request's Accept header says it; `count` is how many entries there are in all."""

    accept: str
    read: Read
    count: Callable[[Document], int]


READERS: dict[Kind, Reader] = {
    Kind.XML: Reader(
        "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8",
        feed.read,
        feed.count,
    ),
    Kind.JSON: Reader("application/feed+json, application/json;q=0.8", jsonfeed.read, jsonfeed.count),
    Kind.ICAL: Reader("text/calendar", calendar.read, calendar.count),
}
ACCEPT = ", ".join(reader.accept for reader in READERS.values()) + ", */*;q=0.1"

_FATAL = frozenset({"empty", "html_page", "not_a_feed", "entities", "too_deep", *End})
_COUNTED = frozenset({"no_id", "empty_entry"})
_LINK = re.compile(r"<link\b([^<>]{0,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-z]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_FEED_TYPES = re.compile(r"application/(?:rss|atom|rdf)\+xml|application/(?:feed\+)?json|text/calendar", re.IGNORECASE)


def read(
    body: bytes,
    media_type: str = "",
    url: str = "",
    *,
    zone: ZoneInfo = DEFAULT_ZONE,
    now: datetime | None = None,
    limits: Limits | None = None,
) -> Reading:
    """What the bytes say, read in a child process. Raises nothing for what they hold: that is a complaint.

    `url` is the base of relative links; `zone` that of times without one; `now` places recurrences without an end.
    """
    limits = limits or Limits()
    header = {"media_type": media_type, "url": url, "zone": zone.key, "now": rfc3339(now or datetime.now(UTC))}
    output = run("diffusion.intake.readers", body[:BODY_MAX], header, limits)
    found = list[Feed | Item | Complaint]()
    if len(body) > BODY_MAX:
        found.append(Complaint("too_big", facts={"limit": BODY_MAX // MIB}))
    try:
        found += [_from_line(line) for line in output.lines]
    except (ValueError, TypeError, LookupError, AttributeError):
        found.append(Complaint(End.FAILED.value, facts={"detail": "output"}))
    if output.end is not End.DONE:
        found.append(Complaint(output.end.value, facts={"detail": output.detail}))
    return gathered(found)


def stream(body: bytes, header: Mapping[str, Any], soft_s: float) -> Iterator[Feed | Item | Complaint]:
    """The same in this process, piece by piece, up to `ITEMS_MAX` items and `soft_s` of processor time."""
    if not body.strip():
        yield Complaint("empty")
        return
    text, repairs = decode(body, header["media_type"])
    del body
    sniffed = sniff(text)
    kind = sniffed.kind or _by_media_type(header["media_type"])
    if kind not in READERS:
        yield _no_feed(text, kind, header["url"])
        return
    yield from repairs
    if sniffed.junk:
        yield Complaint("junk_before", facts={"text": clean.line(sniffed.junk[:200])[:80]})
    now, zone = datetime.fromisoformat(header["now"]), ZoneInfo(header["zone"])
    document = Document(text[sniffed.start :], now, header["url"], sniffed.root, zone)
    yield from _items(READERS[kind], document, soft_s)


def main() -> None:
    """The child: a header line and a body on standard input, JSON lines on standard output."""
    header = json.loads(sys.stdin.buffer.readline())
    confine(header["limits"])
    room = int(header["limits"]["output_bytes"]) - OUTPUT_MARGIN
    try:
        for found in stream(sys.stdin.buffer.read(), header, float(header["limits"]["soft_s"])):
            line = json.dumps(_to_line(found), ensure_ascii=False).encode("utf-8", "replace")
            room -= len(line)
            if room < 0:
                line = json.dumps(_to_line(Complaint(End.HEAVY.value))).encode()
            sys.stdout.buffer.write(line + b"\n")
            sys.stdout.buffer.flush()  # what is written counts, even if the next entry is the last straw
            if room < 0:
                return
    except MemoryError:
        sys.exit(HEAVY_EXIT)


def _items(reader: Reader, document: Document, soft_s: float) -> Iterator[Feed | Item | Complaint]:
    tally: Counter[str] = Counter()
    told: set[tuple[str, str | None]] = set()
    form: Format | None = None
    for found in reader.read(document):
        settled = _settled(found)
        if isinstance(found, Feed):
            form = found.format
        if tally["items"] >= ITEMS_MAX and any(isinstance(one, Item) for one in settled):
            yield Complaint("too_many", facts={"limit": ITEMS_MAX, "count": max(reader.count(document), ITEMS_MAX + 1)})
            break
        for one in settled:
            if isinstance(one, Complaint):
                tally[one.code] += one.code in _COUNTED
                if one.code in _COUNTED or (one.code, one.item) in told or len(told) >= COMPLAINTS_MAX:
                    continue
                told.add((one.code, one.item))
            tally["items"] += isinstance(one, Item)
            yield one
        if time.process_time() > soft_s:
            yield Complaint(End.SLOW.value)
            break
    yield from (Complaint(code, facts={"count": tally[code]}) for code in sorted(_COUNTED) if tally[code])
    if form and not tally["items"]:
        yield Complaint("no_entries", facts={"format": form.value})


def _settled(found: Feed | Entry | Complaint) -> list[Feed | Item | Complaint]:
    if not isinstance(found, Entry):
        return [found]
    item, complaints = settle(found)
    return [item, *complaints] if item else [*complaints]


def _by_media_type(media_type: str) -> Kind | None:
    essence = media_type.partition(";")[0].strip().lower()
    return next((kind for kind, reader in READERS.items() if essence and essence in reader.accept), None)


def _no_feed(text: str, kind: Kind | None, url: str) -> Complaint:
    if kind is not Kind.HTML:
        return Complaint("not_a_feed")
    links = list[str]()
    for tag in islice(_LINK.findall(text[: 2 * MIB]), 500):
        has = {name.lower(): unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(tag)}
        address = clean.link(has.get("href", ""), url) or clean.line(has.get("href", ""))[:200]
        if "alternate" in has.get("rel", "").lower() and _FEED_TYPES.match(has.get("type", "")) and address:
            links.append(address)
    return Complaint("html_page", facts={"links": list(dict.fromkeys(links))[:LINKS_MAX]})


def gathered(found: Iterable[Feed | Item | Complaint]) -> Reading:
    """What a stream gave, as one reading: one item a uid, the gravest complaint first."""
    found = list(found)
    complaints = [one for one in found if isinstance(one, Complaint)]
    head = next((one for one in found if isinstance(one, Feed)), None)
    items, doubled = _told_apart([one for one in found if isinstance(one, Item)])
    complaints = [*complaints, *doubled]
    if any(complaint.code == "too_big" for complaint in complaints):  # then it was cut by us
        complaints = [complaint for complaint in complaints if complaint.code != "truncated"]
    if head is None:
        complaints.sort(key=lambda complaint: complaint.code not in _FATAL)  # the reason first
        return Reading(complaints=tuple(complaints))
    complaints.sort(key=lambda complaint: complaint.item is not None)  # the whole before its parts
    return Reading(head.format, head.title, head.language, tuple(items), tuple(complaints))


def _told_apart(items: list[Item]) -> tuple[list[Item], list[Complaint]]:
    """One item a uid. The same uid and link twice is one entry, and the newest is kept (RFC 4287, 4.1.1).

    The same uid with different links is a generator's mistake, and the link becomes part of the uid.
    """
    addresses: dict[str, set[str | None]] = {}
    for item in items:
        addresses.setdefault(item.uid, set()).add(item.url)
    kept: dict[str, Item] = {}
    for item in items:
        named = replace(item, uid=f"{item.uid} {item.url or ''}".strip()) if len(addresses[item.uid]) > 1 else item
        before = kept.get(named.uid)
        if before is None or _age(named) > _age(before):
            kept[named.uid] = named
    faults = [Complaint("same_id", facts={"id": uid[:100]}) for uid, urls in addresses.items() if len(urls) > 1]
    return list(kept.values()), faults[:COMPLAINTS_MAX]


def _age(item: Item) -> datetime:
    return item.updated or item.published or datetime.min.replace(tzinfo=UTC)


def _to_line(found: Feed | Item | Complaint) -> dict[str, Any]:
    if isinstance(found, Item):
        return {"item": found.to_json()}
    return {"feed" if isinstance(found, Feed) else "complaint": asdict(found)}


def _from_line(line: dict[str, Any]) -> Feed | Item | Complaint:
    """Raises ValueError, TypeError, LookupError or AttributeError for a line that no child of ours wrote."""
    ((kind, data),) = line.items()
    if kind == "item":
        return Item.from_json(data)
    if kind == "feed":
        return Feed(Format(data["format"]), data["title"], data["language"])
    return Complaint(str(data["code"]), data["item"], dict(data["facts"]))


if __name__ == "__main__":
    main()
