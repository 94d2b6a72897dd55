"""Verbs: add a source, pull it. What went wrong is written on the source, with when it is tried again.

What we publish to a site comes back in that site's own feed. Such an entry is no news: it is left, by its address,
which `Ours` knows (`delivery.echo`, a room below this one, hands it in).
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import DatabaseError
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.text import slugify

from diffusion.accounts.connect import http
from diffusion.audit import record
from diffusion.directory.models import Directorate, Person
from diffusion.errors import BadInput, No
from diffusion.ids import digest
from diffusion.instants import in_seconds
from diffusion.intake import clean, readers
from diffusion.intake.item import Complaint, Format, Item, Reading, Status
from diffusion.intake.models import FirstPull, Source, Submission, Via
from diffusion.intake.retrieve import RetrieveError, Unchanged, Validators, retrieve
from diffusion.intake.submit import Handed, submit
from diffusion.verbs import verb

log = logging.getLogger(__name__)

LEASE_S = 120
RETRY_FIRST, RETRY_MOST = timedelta(minutes=5), timedelta(hours=12)
POSTPONED = timedelta(minutes=1)
COMPLAINTS_KEPT = 20
PARTIAL = frozenset({
    "cut", "slow", "too_big", "too_many", "truncated", "malformed", "encoding", "too_slow", "too_heavy", "unreadable"
})  # fmt: skip
"""Complaints about a whole source of which entries are taken all the same: its health says so."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a pull did with what it read."""

    items: int = 0
    taken: int = 0
    updated: int = 0
    known: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Echoes:
    """Of some addresses, those where something of ours stands, and those where it may turn out to be ours."""

    ours: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()


Ours = Callable[[Collection[str]], Echoes]


@verb
def add_source(name: str, *, by: Person | None, directorate: Directorate, url: str, **more: Any) -> Source:
    """Add a source; it is pulled soon. Raises BadInput for an address that can't be one, or a name taken."""
    slug = slugify(more.pop("slug", "") or name)[:50]
    if Source.objects.filter(slug=slug).exists():
        raise BadInput("name_taken", given=slug)
    if not clean.link(url) or not url.startswith(("http://", "https://")):
        raise BadInput("url_invalid", given=url)
    source = Source.objects.create(name=name, slug=slug, directorate=directorate, url=url, **more)
    record(by, "add_source", source)
    return source


@verb
def claim_sources(limit: int = 2) -> list[Source]:
    """Lease up to `limit` sources whose time has come."""
    token = secrets.token_hex(16)
    free = Q(lease="") | Q(lease_until__lt=Now())
    due = Source.objects.filter(free, next_pull_at__lte=Now()).select_for_update(skip_locked=True)
    ids = list(due.order_by("next_pull_at").values_list("pk", flat=True)[:limit])
    Source.objects.filter(free, pk__in=ids).update(lease=token, lease_until=in_seconds(LEASE_S))
    return list(Source.objects.filter(lease=token).select_related("directorate"))


@verb
def release_all() -> None:
    """Free what a killed process was pulling: for a process that knows itself alone."""
    Source.objects.exclude(lease="").update(lease="", lease_until=None)


def pull(source: Source, *, ours: Ours) -> Counts:
    """Fetch, read, and submit what is new, but what `ours` knows. No transaction is open while the network is used.

    Raises DatabaseError only: then the lease runs out, and it is pulled again.
    """
    try:
        return _pull(source, ours)
    except DatabaseError:
        raise
    except Exception as fault:  # the task's edge: one source never stops the others, and says what was wrong with it
        log.error("pull_failed source=%s", source.public_id, exc_info=fault)
        complaint = Complaint("unreadable", facts={"detail": type(fault).__name__})
        _note_failure(source, complaint.code, moved_to="", complaints=_kept([complaint]))
        return Counts()


def _pull(source: Source, ours: Ours) -> Counts:
    try:
        got = retrieve(source.url, http(), Validators(source.etag, source.last_modified))
    except RetrieveError as fault:
        _note_failure(
            source, fault.code, after=fault.after, moved_to=fault.moved_to, complaints=_kept([fault.complaint])
        )
        return Counts()
    if isinstance(got, Unchanged):
        _note_success(source, moved_to=got.moved_to)
        return Counts()
    reading = readers.read(got.body, got.media_type, got.url)
    complaints = [*got.complaints, *reading.complaints]
    if reading.format is None:
        code = complaints[0].code if complaints else "not_a_feed"
        _note_failure(source, code, moved_to=got.moved_to, complaints=_kept(complaints))
        return Counts()
    reading, waits = _without_echoes(reading, ours)
    if waits and source.pulled_at is None:  # what the first pull leaves must be known whole
        _postpone(source)
        return Counts()
    counts, skipped = _take_all(source, reading)
    known = Validators() if waits else got.validators  # else the server would say that nothing changed
    read = {
        "etag": known.etag[:500], "last_modified": known.last_modified[:100], "skipped": skipped,
        "complaints": _kept(complaints), "last_counts": asdict(counts),
        "health": next((c.code for c in complaints if c.item is None and c.code in PARTIAL), ""),
    }  # fmt: skip
    _note_success(source, moved_to=got.moved_to, **read)
    return counts


def _without_echoes(reading: Reading, ours: Ours) -> tuple[Reading, bool]:
    """The reading without what is ours, or may be; and whether one must wait until it is known which."""
    echoes = ours([address for item in reading.items for address in (item.url, item.uid) if address])
    left = echoes.ours | echoes.open
    fresh = tuple(item for item in reading.items if not {item.url, item.uid} & left)
    return replace(reading, items=fresh), bool(echoes.open)


def _take_all(source: Source, reading: Reading) -> tuple[Counts, dict[str, str]]:
    """Submit what is to be taken. At the first pull, `first_pull` decides; what is left is remembered."""
    items = list(reading.items)
    chosen, skipped = (items, source.skipped) if source.pulled_at else _first(source, items)
    via = Via.CALENDAR if reading.format is Format.ICAL else Via.FEED
    tally = {"items": len(items), "taken": 0, "updated": 0, "known": 0, "left": len(items) - len(chosen)}
    for item in chosen:
        handed = _handed(item, source, reading)
        if skipped.get(_short(item.uid)) == handed.fingerprint[:16]:
            tally["left"] += 1
            continue
        tally[_take(source, item, handed, via)] += 1
    return Counts(**tally), skipped


def _take(source: Source, item: Item, handed: Handed, via: Via) -> str:
    uid = f"{source.slug}:{item.uid}"[:500]
    known = Submission.objects.filter(directorate=source.directorate, uid=uid).order_by("-version").first()
    if known and known.fingerprint == handed.fingerprint:
        return "known"
    try:
        made = submit(handed, directorate=source.directorate, via=via, source=source, uid=item.uid)
    except No as fault:
        log.info("item_left source=%s code=%s", source.public_id, fault.code)
        return "left"
    if known is None:
        return "taken" if made.uid == uid else "known"
    return "known" if known.pk == made.pk else "updated"


def _first(source: Source, items: list[Item]) -> tuple[list[Item], dict[str, str]]:
    """What a first pull takes, and what it leaves: hash of uid → hash of content."""
    if source.first_pull == FirstPull.EVERYTHING:
        return items, {}
    count = source.first_count if source.first_pull == FirstPull.LAST else 0
    newest = (
        sorted(items, key=lambda item: (item.published is not None, item.published), reverse=True)[:count]
        if all(item.published for item in items)
        else items[:count]
    )  # without dates the feed's own order decides: newest first, by custom
    uids = {item.uid for item in newest}
    left = [item for item in items if item.uid not in uids]
    reading = Reading()
    return newest, {_short(i.uid): _handed(i, source, reading).fingerprint[:16] for i in left}


def _handed(item: Item, source: Source, reading: Reading) -> Handed:
    spoken = (item.language or reading.language or "")[:2].lower()
    media = tuple({"url": m.url, "type": m.type, "description": m.description} for m in item.media)
    return Handed(
        title=item.title or (item.text or "")[:120], text=item.text or "", html=item.html or "", url=item.url or "",
        language=spoken if spoken in ("fr", "en") else "", level=source.level, media=media,
        starts=item.start.isoformat() if item.start else "", ends=item.end.isoformat() if item.end else "",
        place=item.place or "", is_cancelled=item.status is Status.CANCELLED, published_at=item.published,
        original=item.original or "",
    )  # fmt: skip


def _short(uid: str) -> str:
    return digest(uid)[:16]


def _kept(complaints: Sequence[Complaint]) -> list[dict[str, Any]]:
    return [{"code": c.code, "item": c.item, "facts": dict(c.facts)} for c in complaints[:COMPLAINTS_KEPT]]


@verb
def _note_success(source: Source, *, moved_to: str, **read: Any) -> None:
    """It answered; `read` are further columns, when there was something to read: unchanged, its health stays too."""
    now = timezone.now()
    read.setdefault("health", source.health if source.health in PARTIAL else "")
    Source.objects.filter(pk=source.pk).update(
        failures=0, pulled_at=now, next_pull_at=now + source.every, lease="", lease_until=None,
        url=_address(source, moved_to), **read,
    )  # fmt: skip


@verb
def _postpone(source: Source) -> None:
    """Soon again, as if it had not been asked."""
    Source.objects.filter(pk=source.pk).update(next_pull_at=timezone.now() + POSTPONED, lease="", lease_until=None)


@verb
def _note_failure(
    source: Source, code: str, *, moved_to: str, after: float | None = None, complaints: Sequence[Any] = ()
) -> None:
    """Say why, and when it is tried again: as the server asks, else longer each time. Gone for good is not tried."""
    failures = source.failures + 1
    pause = timedelta(seconds=after) if after else min(RETRY_MOST, RETRY_FIRST * 2 ** min(failures - 1, 8))
    again = None if code == "gone" else timezone.now() + max(pause, timedelta(seconds=1))
    Source.objects.filter(pk=source.pk).update(
        health=code, failures=failures, next_pull_at=again, complaints=list(complaints), lease="", lease_until=None,
        url=_address(source, moved_to),
    )  # fmt: skip
    record(None, "pull_failed", source, code=code)


def _address(source: Source, moved_to: str) -> str:
    """Where it is asked for next: where the server said that it moved for good, if that fits the column."""
    return moved_to if 0 < len(moved_to) <= 2000 else source.url


@verb
def pull_soon(source: Source, *, by: Person | None) -> None:
    """Ask for a pull now, also of one that was given up."""
    Source.objects.filter(pk=source.pk).update(next_pull_at=timezone.now())
    record(by, "pull", source)
