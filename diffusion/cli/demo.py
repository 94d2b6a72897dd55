"""The Agglo du Val-Clair, a week of its news: who its people are, what its directorates publish, and what its people do.

`workers.demonstration` runs it: the same pull, tone, approval and delivery as in production; only the readers of the
letter and the social network are rehearsals.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from babel.dates import format_date
from django.db.models import Q
from django.utils import timezone

from channels.outcomes import Outcome
from diffusion.accounts import connect, rehearsal
from diffusion.accounts.models import Account
from diffusion.approval.decide import approve, ask
from diffusion.approval.models import Decision
from diffusion.brand.models import Brand, Charter
from diffusion.delivery.models import Delivery
from diffusion.delivery.states import State
from diffusion.directory.models import Authority, Directorate, Person, Role, RoleKind
from diffusion.intake import pull
from diffusion.intake.models import FirstPull, Source, Submission, Via
from diffusion.intake.submit import Handed, submit
from diffusion.message.models import Message
from diffusion.message.write import draft_from
from diffusion.newsletter import subscribe
from diffusion.newsletter.models import List
from diffusion.rendition import versions

COMMUNICATOR, APPROVER = RoleKind.COMMUNICATOR, RoleKind.APPROVER
CHARTERS = Path(__file__).parents[1] / "brand" / "charters"
STORY = Path(__file__).parent / "story" / "valclair.yaml"
OWN = "demonstration:"
_DAY = re.compile(r"\{j\+(\d+)(?::(\w+))?\}")
_FORMS: dict[str, Callable[[date], str]] = {
    "": lambda day: _words(day, "EEEE d MMMM y"),
    "jour": lambda day: _words(day, "EEEE d"),
    "iso": lambda day: day.strftime("%Y%m%d"),
}


def _words(day: date, form: str) -> str:
    return re.sub(r"\b1 ", "1er ", str(format_date(day, form, locale="fr_FR")))


@dataclass(frozen=True)
class Story:
    """The story as it is told in one home: its days are fixed at the first run there."""

    began: date

    @classmethod
    def in_home(cls, home: Path, today: date) -> Story:
        """The story of this home, begun today if it is new."""
        kept = home / "demonstration.json"
        if not kept.exists():
            kept.write_text(json.dumps({"began": today.isoformat()}))
        return cls(date.fromisoformat(json.loads(kept.read_text())["began"]))

    @cached_property
    def data(self) -> dict[str, Any]:
        """The whole file, its days put in."""
        told = self._dated(yaml.safe_load(STORY.read_text(encoding="utf-8")))
        assert isinstance(told, dict)  # our own file
        return told

    def _dated(self, part: Any) -> Any:
        if isinstance(part, str):
            return _DAY.sub(lambda m: _FORMS[m[2] or ""](self.began + timedelta(days=int(m[1]))), part)
        if isinstance(part, list):
            return [self._dated(each) for each in part]
        if isinstance(part, dict):
            return {key: self._dated(value) for key, value in part.items()}
        return part

    def handed_in(self) -> Q:
        """Which submissions are the story's own: those of its sources, and those that its people type."""
        return Q(source__slug__in=[row["slug"] for row in self.data["sources"]]) | Q(uid__startswith=OWN)

    @property
    def messages(self) -> int:
        """How many messages the week has."""
        return sum(len(s["entries"]) for s in self.data["sources"]) + len(self.data["submissions"])


SIGNED = {"smtp": {"sender_name": "La lettre du Val-Clair", "sender": "lettre@valclair.example"}}
"""Channel → what its accounts say of us; how they reach their rehearsals, these say themselves."""


def build(story: Story, *, feeds: str, lead: timedelta) -> None:
    """The authority as the story has it. Built again it changes nothing but where its feeds are now."""
    data = story.data
    Authority.objects.filter(pk=1).update(name=data["authority"], lead=lead, languages=["fr", "en"])
    for row in data["brands"]:
        _brand(row)
    for row in data["directorates"]:
        Directorate.objects.get_or_create(
            slug=row["slug"],
            defaults={
                "name": row["name"], "brand": Brand.objects.get(slug=row["brand"]),
                "is_internal_only": row.get("internal", False),
            },
        )  # fmt: skip
    for row in data["people"]:
        _person(row)
    for row in data["accounts"]:
        _account(row)
    for row in data["letters"]:
        _letter(row)
    for row in data["sources"]:
        _source(row, f"{feeds}/{row['slug']}")


def _brand(row: Mapping[str, Any]) -> None:
    brand, _ = Brand.objects.get_or_create(slug=row["slug"], defaults={"name": row["name"]})
    if not brand.charters.exists():
        Charter.objects.create(brand=brand, text=(CHARTERS / f"{row['slug']}.yaml").read_text(encoding="utf-8"))


def _person(row: Mapping[str, Any]) -> None:
    person = Person.objects.filter(email=row["email"]).first()
    if person is None:
        person = Person.objects.create(email=row["email"], name=row["name"])
    place = Directorate.objects.get(slug=row["directorate"]) if "directorate" in row else None
    for kind in row["roles"]:
        Role.objects.get_or_create(person=person, kind=kind, directorate=place)


def _account(row: Mapping[str, Any]) -> None:
    if Account.objects.filter(slug=row["slug"]).exists():
        return
    account = connect.connect(
        row["name"], by=None, slug=row["slug"], channel=row["channel"], level=row["level"],
        credentials=SIGNED.get(row["channel"], {}), brand=Brand.objects.get(slug=row["brand"]), is_shared=row["shared"],
        is_rehearsal=row["channel"] in rehearsal.offered(),
    )  # fmt: skip
    with suppress(Outcome):  # its page says what is wrong
        connect.probe(account)


def _letter(row: Mapping[str, Any]) -> None:
    letter, _ = List.objects.get_or_create(
        account=Account.objects.get(slug=row["account"]), defaults={"name": row["name"], "consent_text": row["consent"]}
    )
    readers = [] if letter.editions.exists() else row["readers"]  # whoever was erased since doesn't come back
    for email in readers:
        subscribe.add(letter, email=email, by=None, origin="demonstration")


def _source(row: Mapping[str, Any], url: str) -> None:
    source = Source.objects.filter(slug=row["slug"]).first()
    if source is None:
        pull.add_source(
            row["name"], by=None, slug=row["slug"], directorate=Directorate.objects.get(slug=row["directorate"]), url=url,
            first_pull=FirstPull.EVERYTHING,
        )  # fmt: skip
    elif source.url != url:
        Source.objects.filter(pk=source.pk).update(url=url, next_pull_at=timezone.now())


def hand_in(rows: list[Mapping[str, Any]]) -> None:
    """What colleagues type in the form. Handed in again it is the same submission."""
    for row in rows:
        submit(
            Handed(title=row["title"], text=row["text"].strip()), via=Via.FORM, uid=f"{OWN}{row['id']}",
            directorate=Directorate.objects.get(slug=row["directorate"]), by=Person.objects.get(email=row["by"]),
        )  # fmt: skip


def work(publish_in: timedelta, *, story: Story, leave: Mapping[str, str]) -> None:
    """What the communicator and the approver do with the story's news. What a visitor makes is the visitor's alone.

    `leave` maps the uid of what they leave waiting to how far they take it: `draft`, or `asked`.
    """
    communicator, approver = (Person.objects.filter(roles__kind=k).first() for k in (COMMUNICATOR, APPROVER))
    if communicator is None or approver is None:
        return
    for submission in Submission.objects.open().filter(story.handed_in()):
        draft_from([submission], by=communicator)
    told = Message.objects.filter(submissions__in=Submission.objects.filter(story.handed_in())).distinct()
    for message in told.filter(approvals=None, set_aside_at=None):
        versions.compose_all(message)
        if _left(message, leave) == "draft":
            continue
        if message.publish_at is None:
            later = timedelta(days=1) if _left(message, leave) else publish_in
            Message.objects.filter(pk=message.pk).update(publish_at=timezone.now() + later)
        ask(message, by=communicator)
    # once each: a visitor who corrects the story's news and asks again waits for a visitor's answer
    for message in told.filter(approvals__decision=Decision.ASKED).exclude(approvals__decision=Decision.APPROVED):
        if not _left(message, leave):
            approve(message.approvals.get(decision=Decision.ASKED), by=approver)


def _left(message: Message, leave: Mapping[str, str]) -> str:
    return next((leave[uid] for uid in message.submissions.values_list("uid", flat=True) if uid in leave), "")


def delivered(story: Story) -> bool:
    """Whether the whole week is out: as many messages as it has, each planned, each delivery at its end."""
    planned = Message.objects.filter(deliveries__isnull=False).distinct().count()
    open_rows = Delivery.objects.exclude(state__in=[State.PUBLISHED, State.WITHDRAWN])
    return planned >= story.messages and not open_rows.exists()


def rows() -> list[dict[str, Any]]:
    """Each delivery with its receipt, sorted by message and account."""
    found = Delivery.objects.select_related("message", "account", "receipt")
    listed = [
        {
            "message": d.message.public_id, "account": d.account.slug, "channel": d.account.channel, "state": d.state,
            "receipt": {"id": d.receipt.remote_id, "url": d.receipt.url or None} if d.receipt else None,
        }
        for d in found
    ]  # fmt: skip
    return sorted(listed, key=lambda row: (row["message"], row["account"]))
