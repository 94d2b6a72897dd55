"""Verbs of the directory: people, their roles, their absences, their way in; directorates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify

from diffusion.audit import record
from diffusion.directory.models import Absence, Directorate, Person, Role, RoleKind, SignInLink, Token
from diffusion.errors import BadInput, NotNow
from diffusion.ids import digest, secret
from diffusion.verbs import verb

EVERYWHERE = frozenset({RoleKind.OPS, RoleKind.AGENT, RoleKind.ADMINISTRATOR})
"""Roles that make no sense for one directorate alone: they are given for the whole authority."""
SCOPES = ("submit", "read")
"""What a token can be limited to: hand content in and follow it, or read what its person may see."""


@verb
def add_person(name: str, *, by: Person | None, email: str, language: str = "fr") -> Person:
    """Add somebody, without a password: they come in by a link or a code. Raises BadInput: address invalid or taken."""
    person = Person(name=name.strip(), email=_free_address(email), language=language)
    person.set_unusable_password()
    person.save()
    record(by, "add_person", person)
    return person


@verb
def change_person(person: Person, *, by: Person, name: str, email: str, language: str) -> Person:
    """Put a name, an address or a language right. Raises BadInput as `add_person` does."""
    person.name, person.language = name.strip(), language
    person.email = _free_address(email, but=person)
    person.save(update_fields=["name", "email", "language"])
    record(by, "change_person", person)
    return person


def _free_address(given: str, but: Person | None = None) -> str:
    address = given.strip()
    try:
        validate_email(address)
    except ValidationError as fault:
        raise BadInput("address_invalid", given=address) from fault
    others = Person.objects.filter(email__iexact=address)
    if (others.exclude(pk=but.pk) if but else others).exists():
        raise BadInput("address_taken", given=address)
    return address


@verb
def make_link(person: Person, *, by: Person | None = None, minutes: int = 15) -> str:
    """A single-use way in, good for `minutes`. Returns the secret, shown once; earlier links stop working."""
    now = timezone.now()
    person.sign_in_links.filter(used_at=None).update(used_at=now)
    key = secret()
    SignInLink.objects.create(person=person, secret_hash=digest(key), expires_at=now + timedelta(minutes=minutes))
    record(by, "make_link", person, minutes=minutes)
    return key


def open_link(key: str) -> SignInLink | None:
    """The link of this secret while it can still be spent. Looking at it spends nothing: mail scanners open every link."""
    links = SignInLink.objects.filter(secret_hash=digest(key), used_at=None, expires_at__gt=timezone.now())
    return links.filter(person__is_active=True).select_related("person").first()


@verb
def spend_link(key: str) -> Person:
    """Use a link up and say whose it is. Raises NotNow("link_spent"); of two who click at once, one gets in."""
    link = open_link(key)
    if link is None or not SignInLink.objects.filter(pk=link.pk, used_at=None).update(used_at=timezone.now()):
        raise NotNow("link_spent")
    record(link.person, "sign_in", link.person, way="link")
    return link.person


@verb
def make_token(person: Person, *, by: Person | None, name: str, scopes: Iterable[str]) -> str:
    """A machine's key to the API, with this person's rights and no more than `scopes`. Returns the secret, shown once.

    Raises BadInput: a scope that does not exist, or the name of a live token of theirs.
    """
    chosen, short = [scope for scope in SCOPES if scope in set(scopes)], name.strip()[:80]
    if not chosen or set(scopes) - set(SCOPES):
        raise BadInput("unknown_thing", given=", ".join(scopes), known=", ".join(SCOPES))
    if person.tokens.filter(name=short, revoked_at=None).exists():
        raise BadInput("name_taken", given=short)
    key = secret()
    Token.objects.create(person=person, name=short, secret_hash=digest(key), scopes=chosen)
    record(by, "make_token", person, name=short, scopes=chosen)
    return key


@verb
def revoke_token(token: Token, *, by: Person | None) -> None:
    """End it at once. Twice is once."""
    if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        record(by, "revoke_token", token.person, name=token.name)


@verb
def give_role(person: Person, *, by: Person | None, kind: str, directorate: Directorate | None = None) -> Role:
    """Let somebody do a kind of work, for one directorate or for all. Given twice it is one. Raises BadInput."""
    if kind not in RoleKind.values:
        raise BadInput("unknown_thing", given=kind, known=", ".join(RoleKind.values))
    where = None if kind in EVERYWHERE else directorate
    role, is_new = Role.objects.get_or_create(person=person, kind=kind, directorate=where)
    if is_new:
        record(by, "give_role", person, kind=kind, directorate=where.slug if where else "")
    return role


@verb
def take_role(role: Role, *, by: Person) -> None:
    """Take a role back. Raises NotNow("last_administrator")."""
    if role.kind == RoleKind.ADMINISTRATOR:
        _leave_an_administrator(role.person)
    where = role.directorate.slug if role.directorate else ""
    Role.objects.filter(pk=role.pk).delete()
    record(by, "take_role", role.person, kind=role.kind, directorate=where)


def _leave_an_administrator(person: Person) -> None:
    """Needs a transaction. Somebody else must be able to let people in."""
    roles = Role.objects.select_for_update().filter(kind=RoleKind.ADMINISTRATOR, person__is_active=True)
    if all(role.person_id == person.pk for role in roles):
        raise NotNow("last_administrator")


@verb
def set_absence(
    person: Person, *, by: Person, starts_at: datetime, ends_at: datetime, deputy: Person | None = None
) -> Absence:
    """Say that somebody is away (UTC), and who stands in. Raises BadInput: backwards, or deputy for oneself."""
    if ends_at <= starts_at:
        raise BadInput("absence_backwards")
    if deputy is not None and deputy.pk == person.pk:
        raise BadInput("deputy_is_oneself")
    absence = Absence.objects.create(person=person, starts_at=starts_at, ends_at=ends_at, deputy=deputy)
    record(by, "set_absence", person, until=ends_at.isoformat(), deputy=deputy.pk if deputy else None)
    return absence


@verb
def end_absence(absence: Absence, *, by: Person) -> None:
    """They are back, or don't leave after all."""
    Absence.objects.filter(pk=absence.pk).delete()
    record(by, "end_absence", absence.person)


@verb
def deactivate(person: Person, *, by: Person) -> Person:
    """Nobody comes in under this name any more: sessions, links, tokens and feed addresses end. What they did remains."""
    _leave_an_administrator(person)
    now = timezone.now()
    Person.objects.filter(pk=person.pk).update(is_active=False)
    person.sign_in_links.filter(used_at=None).update(used_at=now)
    person.tokens.filter(revoked_at=None).update(revoked_at=now)
    person.feed_addresses.filter(revoked_at=None).update(revoked_at=now)
    _end_sessions(person)
    record(by, "deactivate", person)
    person.refresh_from_db()
    return person


def _end_sessions(person: Person) -> None:
    """Or a browser that was lost would be signed in again on the day the account is opened again."""
    open_ones = Session.objects.filter(expire_date__gt=timezone.now()).iterator()
    theirs = [row.pk for row in open_ones if row.get_decoded().get(SESSION_KEY) == str(person.pk)]
    Session.objects.filter(pk__in=theirs).delete()


@verb
def reactivate(person: Person, *, by: Person) -> Person:
    """Let them in again, with the roles that they had."""
    Person.objects.filter(pk=person.pk).update(is_active=True)
    record(by, "reactivate", person)
    person.refresh_from_db()
    return person


@verb
def add_directorate(
    name: str, *, by: Person | None, brand: Any = None, is_internal_only: bool = False, slug: str = ""
) -> Directorate:
    """Add a unit that submits content. Raises BadInput("name_taken") when its short name exists."""
    short = slugify(slug or name)
    if Directorate.objects.filter(Q(slug=short) | Q(name__iexact=name.strip())).exists():
        raise BadInput("name_taken", given=name)
    unit = Directorate.objects.create(name=name.strip(), slug=short, brand=brand, is_internal_only=is_internal_only)
    record(by, "add_directorate", unit)
    return unit


@verb
def change_directorate(
    unit: Directorate, *, by: Person, name: str, brand: Any = None, is_internal_only: bool = False
) -> Directorate:
    """Put its name, its brand or its reach right; its short name stays, since sources and files use it."""
    if Directorate.objects.filter(name__iexact=name.strip()).exclude(pk=unit.pk).exists():
        raise BadInput("name_taken", given=name)
    unit.name, unit.brand, unit.is_internal_only = name.strip(), brand, is_internal_only
    unit.save(update_fields=["name", "brand", "is_internal_only"])
    record(by, "change_directorate", unit)
    return unit


@verb
def is_administered() -> bool:
    """Whether somebody who administers came in once. Until then a start gives the way in again: a link lasts minutes."""
    return Person.objects.filter(is_active=True, roles__kind=RoleKind.ADMINISTRATOR, last_login__isnull=False).exists()


def first_administrator() -> Person:
    """Who opens a new authority: who administers it already, or somebody made for that, who gives the others their roles."""
    known = Person.objects.filter(is_active=True, roles__kind=RoleKind.ADMINISTRATOR).order_by("pk").first()
    if known is not None:
        return known
    person = Person.objects.create(name="Administration", email="administration@localhost.invalid")
    Role.objects.create(person=person, kind=RoleKind.ADMINISTRATOR)
    record(None, "first_administrator", person)
    return person
