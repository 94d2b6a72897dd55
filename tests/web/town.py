"""A town with one person a role, and one of each thing: what the pages' tests walk through."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from diffusion.accounts.models import Account
from diffusion.delivery.models import Delivery
from diffusion.directory.models import Absence, Person, Role, RoleKind
from diffusion.intake.models import Source
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
    return town
