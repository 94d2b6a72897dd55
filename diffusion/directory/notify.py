"""Tell a person: asked, decided, late, needs you. By mail, after commit; a relay that is down loses nothing."""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation

from diffusion.directory.models import Person, RoleKind

if TYPE_CHECKING:
    from diffusion.accounts.models import Account
    from diffusion.message.models import Message

log = logging.getLogger(__name__)


def tell(people: Iterable[Person], what: str, **facts: Any) -> None:
    """One mail each, of template `mail/<what>.txt`: its first line is the subject. Leaves after commit."""
    for person in people:
        subject, _, body = _words(person, what, facts).partition("\n")
        mail = EmailMessage(subject.strip(), body.strip() + "\n", settings.DEFAULT_FROM_EMAIL, [person.email])
        transaction.on_commit(functools.partial(post, mail, what), robust=True)


def tell_owner(account: Account, what: str, **facts: Any) -> None:
    """Whoever connected the account, else the administrators."""
    owner = [account.owner] if account.owner and account.owner.is_active else _with_role(RoleKind.ADMINISTRATOR)
    tell(owner, what, account=account, **facts)


def tell_ops(message: Message, what: str, **facts: Any) -> None:
    """Who made the message, and ops."""
    people = {person.pk: person for person in _with_role(RoleKind.OPS)}
    if message.made_by and message.made_by.is_active:
        people[message.made_by.pk] = message.made_by
    tell(people.values(), what, message=message, **facts)


def _with_role(kind: str) -> list[Person]:
    return list(Person.objects.filter(Q(roles__kind=kind), is_active=True).distinct())


def _words(person: Person, what: str, facts: dict[str, Any]) -> str:
    with translation.override(person.language):
        return render_to_string(f"mail/{what}.txt", {"person": person, "base_url": settings.BASE_URL, **facts})


def post(mail: EmailMessage, what: str) -> None:
    """Hand a mail to the relay. One that does not take it is told in the log, without whose mail it was."""
    try:
        mail.send()
    except OSError as fault:
        log.error("mail_failed what=%s fault=%s", what, type(fault).__name__)
