"""Verbs: submit, decline, erase. The same content twice is one submission; a later change is its next version."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from diffusion.audit import record
from diffusion.brand.models import Level
from diffusion.directory.models import Authority, Directorate, Person
from diffusion.errors import BadInput, NotNow
from diffusion.intake import clean, moments
from diffusion.intake.models import Source, Submission, Via
from diffusion.intake.tongue import written_in
from diffusion.verbs import verb


@dataclass(frozen=True, slots=True)
class Handed:
    """Content as handed in. `starts` and `ends` are RFC 3339. Without a `language` its words tell.

    `media` are {"url", "type", "description"} of pictures elsewhere; one that was uploaded has our "asset" id as well.
    """

    title: str
    text: str = ""
    html: str = ""
    url: str = ""
    language: str = ""
    level: str = Level.PUBLIC
    media: tuple[dict[str, Any], ...] = ()
    starts: str = ""
    ends: str = ""
    place: str = ""
    is_cancelled: bool = False
    published_at: datetime | None = None
    original: str = ""  # JSON of what a reader cleaned already, as it came

    @property
    def fingerprint(self) -> str:
        """SHA-256 over what a reader would notice: words, address, dates, place, pictures; not level, language or the day it came."""
        said = [
            self.title,
            self.text,
            self.html,
            self.url,
            self.starts,
            self.ends,
            self.place,
            self.is_cancelled,
            list(self.media),
        ]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


def submit(
    handed: Handed,
    *,
    directorate: Directorate,
    via: Via,
    by: Person | None = None,
    source: Source | None = None,
    uid: str = "",
) -> Submission:
    """Hand in one piece of content; handing it in again changes nothing.

    Raises BadInput: empty, an address that is none, a time that is none. `uid` is the source's own id of the
    entry: with it, changed content becomes the next version.
    """
    if not clean.line(handed.title) and not handed.text.strip():
        raise BadInput("title_needed")
    if handed.url and not clean.link(handed.url):
        raise BadInput("url_invalid", given=handed.url[:200])
    if handed.html and source is None:  # what comes from a source was cleaned where it was read
        handed = _without_active_parts(handed)
    if handed.starts or handed.ends:
        zone = Authority.get().zone
        handed = replace(handed, starts=moments.read(handed.starts, zone), ends=moments.read(handed.ends, zone))
    uid = f"{source.slug}:{uid}"[:500] if source else uid or handed.fingerprint
    try:
        return _submit(handed, directorate=directorate, via=via, by=by, source=source, uid=uid)
    except IntegrityError:  # another hand took this uid's next version at the same moment; its content stands
        return Submission.objects.filter(directorate=directorate, uid=uid).latest("version")


@verb
def _submit(
    handed: Handed, *, directorate: Directorate, via: Via, by: Person | None, source: Source | None, uid: str
) -> Submission:
    latest = Submission.objects.filter(directorate=directorate, uid=uid).order_by("-version").first()
    if latest and latest.fingerprint == handed.fingerprint:
        return latest
    twin = Submission.objects.filter(directorate=directorate, fingerprint=handed.fingerprint, newer=None).first()
    if twin and latest is None:
        return twin
    level = Level.INTERNAL if directorate.is_internal_only else handed.level
    made = Submission.objects.create(
        directorate=directorate, source=source, by=by, via=via, uid=uid, fingerprint=handed.fingerprint, earlier=latest,
        version=latest.version + 1 if latest else 1, title=clean.line(handed.title), text=clean.text(handed.text),
        html=clean.text(handed.html), original=handed.original or _original(handed), url=clean.link(handed.url) or "",
        language=handed.language or _language(handed), level=level, media=[_shown(item) for item in handed.media], starts=handed.starts,
        ends=handed.ends, place=clean.line(handed.place)[:300], is_cancelled=handed.is_cancelled,
        published_at=handed.published_at,
    )  # fmt: skip
    record(by, "submit", made, via=via)
    return made


def _language(handed: Handed) -> str:
    return written_in(f"{handed.title}\n{handed.text}", Authority.get().language)


def _without_active_parts(handed: Handed) -> Handed:
    """Its HTML in the small, strict set of formatting, its words with it; what it was stays beside."""
    cleaned = clean.html(handed.html)
    came = json.dumps({"html": handed.html[: clean.HTML_MAX]}) if cleaned.removed else ""
    return replace(handed, html=cleaned.html, text=handed.text or cleaned.text, original=handed.original or came)


def _original(handed: Handed) -> str:
    """What was handed in as it came, where something in it can deceive and is shown to nobody."""
    came = {name: getattr(handed, name) for name in ("title", "text", "html", "place")}
    return json.dumps(came) if any(clean.hides(value) for value in came.values()) else ""


def _shown(item: dict[str, Any]) -> dict[str, Any]:
    return {name: clean.line(value) if isinstance(value, str) else value for name, value in item.items()}


@verb
def decline(submission: Submission, *, by: Person, reason: str) -> Submission:
    """Set it aside, with the reason that its sender reads. Raises NotNow when a message was made of it."""
    submission = Submission.objects.select_for_update().get(pk=submission.pk)
    if not reason.strip():
        raise BadInput("reason_needed")
    if submission.messages.exists():
        raise NotNow("already_taken")
    submission.declined_at, submission.declined_by, submission.decline_reason = timezone.now(), by, reason.strip()
    submission.save(update_fields=["declined_at", "declined_by", "decline_reason"])
    record(by, "decline", submission)
    return submission


@verb
def take_back(submission: Submission, *, by: Person) -> Submission:
    """Undo a decline."""
    submission.declined_at, submission.declined_by, submission.decline_reason = None, None, ""
    submission.save(update_fields=["declined_at", "declined_by", "decline_reason"])
    record(by, "take_back", submission)
    return submission


_BLANK: dict[str, Any] = {
    "title": "",
    "text": "",
    "html": "",
    "original": "",
    "url": "",
    "media": [],
    "place": "",
    "by": None,
}


@verb
def erase(submission: Submission, *, by: Person | None) -> None:
    """A lawful erasure, or the end of retention: origin, dates and hash remain."""
    blank = {**_BLANK, "decline_reason": "—" if submission.declined_at else ""}  # declined_has_a_reason
    Submission.objects.filter(pk=submission.pk, erased_at=None).update(erased_at=timezone.now(), **blank)
    record(by, "erase", submission)


def erase_expired(limit: int = 100) -> int:
    """Erase what is older than the authority's retention. Returns how many."""
    until = timezone.now() - timedelta(days=Authority.get().retention_days)
    over = list(Submission.objects.filter(erased_at=None, received_at__lt=until)[:limit])
    for submission in over:
        erase(submission, by=None)
    return len(over)
