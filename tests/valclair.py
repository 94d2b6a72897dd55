"""The town that every test knows: the Agglo du Val-Clair, its people, its accounts, a water cut. Plain builders."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from channels import registry
from channels.contract import Rendition
from diffusion import vault
from diffusion.accounts.models import Account
from diffusion.brand.models import Brand
from diffusion.delivery.models import Delivery, Lane
from diffusion.delivery.plan import LANE_OF_KIND
from diffusion.directory.models import Directorate, Person, Role, RoleKind
from diffusion.message.models import Message, Revision
from diffusion.rendition import seal
from diffusion.rendition.models import Version

_numbers = itertools.count(1)

CUT = (
    "L’eau sera coupée mercredi 17 juin 2026, de 8 h 30 à 12 h 30, rue des Tilleuls, à Saint-Aubin. "
    "Une question : 01 99 00 12 34, jour et nuit."
)


def brand(name: str = "L’eau du Val-Clair", slug: str = "eau") -> Brand:
    return Brand.objects.filter(slug=slug).first() or Brand.objects.create(slug=slug, name=name)


def directorate(slug: str, name: str, **more: Any) -> Directorate:
    found = Directorate.objects.select_related("brand").filter(slug=slug).first()
    return found or Directorate.objects.create(slug=slug, name=name, brand=brand(), **more)


def water() -> Directorate:
    return directorate("eau", "Eau")


def human_resources() -> Directorate:
    return directorate("rh", "Ressources humaines", is_internal_only=True)


def person(name: str, *roles: str, directorate: Directorate | None = None, **more: Any) -> Person:
    email = f"{name.split()[0].lower()}@valclair.example"
    found = Person.objects.filter(email=email).first() or Person.objects.create(email=email, name=name, **more)
    has = set(Role.objects.filter(person=found, directorate=directorate).values_list("kind", flat=True))
    Role.objects.bulk_create(
        Role(person=found, kind=kind, directorate=directorate) for kind in roles if kind not in has
    )
    return found


def ines() -> Person:
    return person("Inès Garnier", RoleKind.COMMUNICATOR)


def sophie() -> Person:
    return person("Sophie Arnaud", RoleKind.APPROVER, directorate=water())


def marc() -> Person:
    return person("Marc Leroy", RoleKind.CONTRIBUTOR, directorate=water())


def paul() -> Person:
    return person("Paul Renaud", RoleKind.OPS)


def account(channel: str, *, level: str = "public", name: str = "", **credentials: Any) -> Account:
    kind = registry.get(channel)
    number = next(_numbers)
    return Account.objects.create(
        name=name or f"{kind.label} {number}", slug=f"{channel}-{number}", channel=channel, level=level, brand=brand(),
        sealed=vault.seal(kind.Credentials(**credentials)),
    )  # fmt: skip


def board(level: str = "internal") -> Account:
    return account("board", level=level)


def mastodon(server: Any, level: str = "public") -> Account:
    return account("mastodon", level=level, server=server.url, access_token=server.token)


def message(title: str = "Coupure d’eau rue des Tilleuls", body: str = CUT, **more: Any) -> Message:
    row = {
        "directorate": (ours := water()),
        "brand": ours.brand,
        "levels": ["internal", "public"],
        "made_by": ines(),
        **more,
    }
    made = Message.objects.create(**row)
    made.revision = Revision.objects.create(message=made, number=1, title=title, body=body, by=row["made_by"])
    made.save()
    return made


def version(of: Message, on: Account, text: str = "") -> Version:
    rendition = Rendition(
        text=text or of.revision.body, title=of.revision.title, html=f"<p>{of.revision.body}</p>", level=on.level,
        link=f"https://valclair.example/m/{of.public_id}",
    )  # fmt: skip
    body = rendition.to_json()
    return Version.objects.create(
        revision=of.revision, account=on, body=body, digest=seal.digest(body, account=on.public_id)
    )


def delivery(on: Account, *, of: Message | None = None, due_in: float = -1, **more: Any) -> Delivery:
    """A planned delivery, due a second ago unless said otherwise (seconds)."""
    about = of or message()
    at: datetime = timezone.now() + timedelta(seconds=due_in)
    written = version(about, on, text=more.pop("text", ""))
    row = {
        "message": about, "revision": about.revision, "account": on, "level": on.level,
        "lane": Lane.URGENT if about.is_urgent else LANE_OF_KIND[on.channel_class.kind], "body": written.body,
        "digest": written.digest, "planned_at": at, "due_at": at, "is_vouched": True, **more,
    }  # fmt: skip
    return Delivery.objects.create(**row)
