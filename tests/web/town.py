"""A town with one person a role, and one of each thing: what the pages' tests walk through."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone
from PIL import Image

from diffusion import parts
from diffusion.accounts.models import Account
from diffusion.delivery.models import Delivery, Receipt
from diffusion.delivery.states import State
from diffusion.directory.models import Absence, FeedAddress, Person, Role, RoleKind
from diffusion.ids import digest, secret
from diffusion.intake.models import Source, Submission, Via
from diffusion.media import Asset, keep
from diffusion.newsletter.models import Consent, Edition, Line, List, Subscriber
from diffusion.parts import Part
from tests import valclair

ROLES = tuple(RoleKind.values)


@dataclass
class Town:
    """One person a role, each for the whole authority, and one of each thing."""

    people: dict[str, Person] = field(default_factory=dict)
    guest: Person | None = None
    account: Account | None = None
    delivery: Delivery | None = None
    source: Source | None = None
    role: Role | None = None
    absence: Absence | None = None
    worker: Part | None = None


def build() -> Town:
    town = Town({kind: valclair.person(f"{kind.title()} Valclair", kind) for kind in ROLES})
    valclair.person("Adjointe Valclair", RoleKind.ADMINISTRATOR)  # so that nobody is the last
    town.guest = valclair.person("Guest Valclair")
    town.role = Role.objects.create(person=town.guest, kind=RoleKind.AGENT)
    now = timezone.now()
    town.absence = Absence.objects.create(person=town.guest, starts_at=now, ends_at=now + timedelta(days=2))
    town.account = valclair.board()
    town.delivery = valclair.delivery(town.account, due_in=3600)
    town.source = Source.objects.create(
        name="Eau", slug="eau", directorate=valclair.water(), url="https://eau.valclair.example/feed.xml"
    )
    parts.beat("worker-mail1-7", kind=parts.WORKER, lanes=("mail",))
    town.worker = Part.objects.get()
    return town


def submission() -> Submission:
    return Submission.objects.create(
        directorate=valclair.water(), via=Via.FORM, uid="1", fingerprint="f" * 64, title="Fuite avenue de la Gare"
    )


def published(level: str) -> Delivery:
    """Something live on a board of that level, with its receipt."""
    row = valclair.delivery(valclair.board(level), of=valclair.message("Parue"))
    receipt = Receipt.objects.create(delivery=row, proof=Receipt.Proof.PUBLISHED, remote_id="1")
    Delivery.objects.filter(pk=row.pk).update(state=State.PUBLISHED, receipt=receipt, intent_at=timezone.now())
    row.refresh_from_db()
    return row


def feed(level: str) -> Account:
    return valclair.account("feed", level=level, name=f"Flux {level}")


def feed_secret(person: Person, level: str) -> str:
    key = secret()
    FeedAddress.objects.create(person=person, level=level, secret_hash=digest(key))
    return key


def picture() -> Asset:
    """One that stands in nothing yet."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "#0b558c").save(out, "PNG")
    return keep(out.getvalue(), description="Plan")


def consent() -> Consent:
    account = valclair.account("smtp", host="127.0.0.1", sender="lettre@valclair.example", security="none")
    letter = List.objects.create(account=account, name="La lettre des sorties")
    return Consent.objects.create(
        list=letter, subscriber=Subscriber.objects.get_or_create(email="a@valclair.example")[0]
    )


def edition() -> Edition:
    """An issue that is out."""
    row = published("public")
    return Edition.objects.create(
        list=_public_list(), delivery=row, subject="N° 31", html="<p>Sorties</p>", text="Sorties"
    )


def line(email: str = "a@valclair.example") -> Line:
    """A mail of which nobody knows whether it went out."""
    issue, now = edition(), timezone.now()
    reader = Subscriber.objects.get_or_create(email=email)[0]
    return Line.objects.create(
        edition=issue,
        subscriber=reader,
        state=State.UNCERTAIN,
        intent_at=now,
        code="no_answer",
        evidence="cut after DATA",
    )


def _public_list() -> List:
    return List.objects.create(account=valclair.board("public"), name="Les sorties")
