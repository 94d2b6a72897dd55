"""Verbs of a person's own feed addresses: make one, revoke it. The secret is shown once and kept as its hash."""

from __future__ import annotations

from django.utils import timezone

from diffusion.audit import record
from diffusion.directory.models import FeedAddress, Person
from diffusion.ids import digest, secret
from diffusion.verbs import verb


@verb
def make(person: Person, *, level: str) -> str:
    """A new address for the feeds of a level. Returns its secret; the person's earlier one for that level stops working."""
    person.feed_addresses.filter(level=level, revoked_at=None).update(revoked_at=timezone.now())
    key = secret()
    FeedAddress.objects.create(person=person, level=level, secret_hash=digest(key))
    record(person, "make_feed_address", person, level=level)
    return key


@verb
def revoke(person: Person, *, level: str) -> None:
    """Nobody reads that level's feeds under this person's address any more."""
    person.feed_addresses.filter(level=level, revoked_at=None).update(revoked_at=timezone.now())
    record(person, "revoke_feed_address", person, level=level)
