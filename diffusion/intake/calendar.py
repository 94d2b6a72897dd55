"""iCalendar (RFC 5545, 5546, 7986): each occurrence of an event is an item.

What a calendar states is taken: single events, every date of a series that ends, every exception. Of a series without
an end, the dates from `BEFORE` ago to `AFTER` ahead, or its first if that is later. An occurrence's uid is the event's
UID, `#` and the date that the rule gave it, so that it stays the same when the occurrence is moved or cancelled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from diffusion.intake import clean
from diffusion.intake.decode import Document
from diffusion.intake.entry import Entry, utc
from diffusion.intake.item import ITEMS_MAX, Complaint, Feed, Format, ItemMedia, Moment, Status
from diffusion.intake.limited import Overtime, overtime

BEFORE = timedelta(days=31)
AFTER = timedelta(days=366)
DATES_MAX = 400
"""Occurrences of one series."""
SERIES_S = 1.0
"""Processor time for one series: some rules never match, or never move on."""

FAULTS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, AssertionError)

_FOLD = re.compile(r"\r?\n[ \t]|\r[ \t]")
_UID = re.compile(r"^UID(?:;[^:\n]*)?:(.*)$", re.IGNORECASE | re.MULTILINE)
_BEGINS = re.compile(r"^DTSTART(?:;[^:\n]*)?:(\d{8}(?:T\d{6})?)", re.IGNORECASE | re.MULTILINE)
_PROPERTY = r"^{}(?:;[^:\n]*)?:(.+)$"
_MARKUP = re.compile(r"</?(?:p|br|a|b|i|strong|em|div|span|ul|ol|li|table)\b[^<>]*>", re.IGNORECASE)
_OPEN, _CLOSE = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//diffusion//intake\n", "END:VCALENDAR\n"


@dataclass(slots=True)
class Blocks:
    """A calendar taken apart: its own lines, its zones, its events by UID (an event without one stands alone)."""

    head: list[str] = field(default_factory=list)
    zones: list[str] = field(default_factory=list)
    events: dict[str, list[str]] = field(default_factory=dict)
    is_cut: bool = False

    def stated(self, name: str) -> str:
        """A property of the calendar itself."""
        found = re.search(_PROPERTY.format(name), "\n".join(self.head), re.IGNORECASE | re.MULTILINE)
        return found[1].strip() if found else ""


def read(document: Document) -> Iterator[Feed | Entry | Complaint]:
    """What the calendar says, event by event; one that can't be read spoils no other."""
    blocks = _take_apart(document.text)
    title = blocks.stated("NAME") or blocks.stated("X-WR-CALNAME")
    yield Feed(Format.ICAL, clean.line(icalendar.vText.from_ical(title))[:1000] or None)
    if blocks.is_cut:
        yield Complaint("truncated")
    document = replace(document, zone=_zone(blocks.stated("X-WR-TIMEZONE")) or document.zone)
    _learn_zones(blocks.zones)
    is_cancelled = blocks.stated("METHOD").upper() == "CANCEL"
    groups = list(blocks.events.values())
    if len(groups) > ITEMS_MAX:  # not all can be taken: the most recent are
        groups.sort(key=_latest, reverse=True)
    for group in groups:
        try:
            for found in _occurrences(_parse(group), document):
                found.status = Status.CANCELLED if is_cancelled else found.status
                yield found
        except (*FAULTS, Overtime) as error:
            yield Complaint("bad_entry", facts={"detail": clean.line(str(error) or type(error).__name__)[:200]})


def count(document: Document) -> int:
    """How many events the calendar holds, without their repetitions."""
    return len(re.findall(r"^BEGIN:VEVENT\s*$", document.text, re.IGNORECASE | re.MULTILINE))


def _take_apart(text: str) -> Blocks:
    blocks, block, kind = Blocks(), list[str](), ""
    for line in _FOLD.sub("", text).replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        mark = line.strip().upper()
        if not kind and mark in {"BEGIN:VEVENT", "BEGIN:VTIMEZONE", "BEGIN:VTODO", "BEGIN:VJOURNAL", "BEGIN:VFREEBUSY"}:
            block, kind = [], mark.removeprefix("BEGIN:")
        if not kind:
            blocks.head.append(line)
            continue
        if mark == f"BEGIN:{kind}" and block:  # the one before was never closed
            block = []
        block.append(line)
        if mark == f"END:{kind}":
            _keep(blocks, kind, "\n".join(block) + "\n")
            block, kind = [], ""
    blocks.is_cut = bool(kind) or not any(line.strip().upper() == "END:VCALENDAR" for line in blocks.head)
    return blocks


def _keep(blocks: Blocks, kind: str, block: str) -> None:
    if kind == "VTIMEZONE":
        blocks.zones.append(block)
    elif kind == "VEVENT":
        uid = _UID.search(block)
        key = uid[1].strip() if uid and uid[1].strip() else f"\n{len(blocks.events)}"
        blocks.events.setdefault(key, []).append(block)


def _latest(group: list[str]) -> str:
    return max((found[1] for block in group for found in _BEGINS.finditer(block)), default="")


def _learn_zones(zones: list[str]) -> None:
    """icalendar remembers a zone once it has read it; one that can't be read leaves its times floating."""
    for zone in zones[:100]:
        try:
            with overtime(SERIES_S):
                icalendar.Calendar.from_ical(_OPEN + zone + _CLOSE)
        except (*FAULTS, Overtime):
            continue


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, LookupError, OSError):
        return None


def _parse(group: list[str]) -> list[Any]:
    with overtime(SERIES_S):
        return icalendar.Calendar.from_ical(_OPEN + "".join(group) + _CLOSE).walk("VEVENT")


def _occurrences(events: list[Any], document: Document) -> Iterator[Entry]:
    rule = next((e for e in events if "RRULE" in e or "RDATE" in e), None)
    stated = list(_newest(events).values())
    if rule is None:
        yield from (_entry(event, document, _identity(event, document)) for event in stated)
        return
    found = list[Entry]()
    try:
        with overtime(SERIES_S):
            for occurrence in _expand(stated, rule, document):
                found.append(occurrence)
    except (*FAULTS, Overtime) as error:
        detail = clean.line(_property(rule, "RRULE") or type(error).__name__)[:100]
        if not found:
            found = [_entry(rule, document, _identity(rule, document))]
        found[0].complaints.append(("bad_rule", {"detail": detail}))
    known = {entry.id for entry in found}
    exceptions = (e for e in stated if "RECURRENCE-ID" in e)
    found += [_entry(e, document, name) for e in exceptions if (name := _identity(e, document)) not in known]
    if len(found) > DATES_MAX:
        found[0].complaints.append(("many_dates", {"limit": DATES_MAX}))
    yield from found[:DATES_MAX]


def _newest(events: list[Any]) -> dict[str, Any]:
    """By occurrence, the version with the highest SEQUENCE (RFC 5546, 2.1.4)."""
    newest: dict[str, Any] = {}
    for event in events:
        name = _property(event, "RECURRENCE-ID")
        if name not in newest or _sequence(event) >= _sequence(newest[name]):
            newest[name] = event
    return newest


def _sequence(event: Any) -> int:
    written = _property(event, "SEQUENCE")
    return int(written) if written.isdecimal() else 0


def _expand(events: list[Any], rule: Any, document: Document) -> Iterator[Entry]:
    """At most one date more than `DATES_MAX`. Raises FAULTS for a rule that can't be followed."""
    series = icalendar.Calendar()
    for event in events:
        series.add_component(event)
    query = recurring_ical_events.of(series, keep_recurrence_attributes=True)
    is_ending = {_property(event, "RECURRENCE-ID"): "DTEND" in event or "DURATION" in event for event in events}
    until = document.now + AFTER
    is_finite = _is_finite(rule, until)
    if re.search(r"FREQ=(?:SECONDLY|MINUTELY)", _property(rule, "RRULE"), re.IGNORECASE):
        raise ValueError("a rule for machines")
    for number, component in enumerate(query.all() if is_finite else query.after(document.now - BEFORE)):
        entry = _entry(component, document, _identity(component, document))
        if not is_ending.get(_property(component, "RECURRENCE-ID"), is_ending.get("", False)):
            entry.end = None  # the library makes one up
        if not is_finite and number and entry.start and _as_time(entry.start) > until:
            return
        yield entry
        if number >= DATES_MAX:
            return


def _is_finite(rule: Any, horizon: datetime) -> bool:
    """Whether the series ends, and before the horizon if by a date."""
    for written in re.findall(r"FREQ=[^\n]*", _property(rule, "RRULE").upper()):
        until = re.search(r"UNTIL=(\d{8})", written)
        if "COUNT=" not in written and not (until and until[1] <= f"{horizon:%Y%m%d}"):
            return False
    return True


def _as_time(value: Moment) -> datetime:
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)


def _identity(event: Any, document: Document) -> str:
    uid = clean.line(_property(event, "UID"))
    rule_date = event.get("RECURRENCE-ID")
    if not uid or rule_date is None:
        return uid
    moment = utc(rule_date.dt, document.zone)
    return f"{uid}#{moment:%Y%m%dT%H%M%SZ}" if isinstance(moment, datetime) else f"{uid}#{moment:%Y%m%d}"


def _entry(event: Any, document: Document, identity: str) -> Entry:
    described = _property(event, "DESCRIPTION")
    html = next((str(v) for v in _all(event, "X-ALT-DESC") if "html" in str(v.params.get("FMTTYPE", ""))), "")
    entry = Entry(
        id=identity,
        url=_property(event, "URL"),
        title=_property(event, "SUMMARY"),
        content=html or described,
        is_html=bool(html or _MARKUP.search(described)),
        media=list(_media(event)),
        place=_property(event, "LOCATION"),
        status=_STATUSES.get(_property(event, "STATUS").upper()),
        base=document.url,
    )
    entry.start = _moment(event, "DTSTART", entry, document)
    entry.end = _moment(event, "DTEND", entry, document)
    if entry.end is None and entry.start is not None and (lasts := _duration(event)):
        entry.end = _after(entry.start, lasts, entry)
    for name, field_name in (("CREATED", "published"), ("LAST-MODIFIED", "updated")):
        moment = _moment(event, name, entry, document)
        setattr(entry, field_name, moment if isinstance(moment, datetime) else None)
    return entry


def _moment(event: Any, name: str, entry: Entry, document: Document) -> Moment | None:
    value = next(iter(_all(event, name)), None)
    if value is None:
        return None
    try:
        moment = value.dt
        if not isinstance(moment, date):
            raise TypeError(name)
        zone = value.params.get("TZID", "")
        if zone and isinstance(moment, datetime) and moment.tzinfo is None:
            entry.complaints.append(("unknown_zone", {"zone": clean.line(str(zone))[:100], "used": document.zone.key}))
        return utc(moment, document.zone)
    except FAULTS:
        entry.complaints.append(("bad_date", {"value": clean.line(str(value))[:100]}))
        return None


def _after(start: Moment, lasts: timedelta, entry: Entry) -> Moment | None:
    try:
        return start + lasts
    except OverflowError:
        entry.complaints.append(("bad_date", {"value": str(lasts)}))
        return None


def _duration(event: Any) -> timedelta | None:
    try:
        lasts = event["DURATION"].dt
    except (KeyError, *FAULTS):
        return None
    return lasts if isinstance(lasts, timedelta) else None


def _media(event: Any) -> Iterator[ItemMedia]:
    for name in ("IMAGE", "ATTACH"):
        for value in _all(event, name):
            params = getattr(value, "params", {})
            if str(value).lower().startswith(("http://", "https://")):
                yield ItemMedia(
                    str(value), str(params.get("FMTTYPE", "")) or None, str(params.get("LABEL", "")) or None
                )


def _all(event: Any, name: str) -> list[Any]:
    value = event.get(name, [])
    return value if isinstance(value, list) else [value]


def _property(event: Any, name: str) -> str:
    """A property's text; of one that is repeated, all of them on lines of their own."""
    is_raw = name in {"RRULE", "RECURRENCE-ID"}
    return "\n".join(v.to_ical().decode("utf-8", "replace") if is_raw else str(v) for v in _all(event, name))


_STATUSES = {status.value.upper(): status for status in Status}
