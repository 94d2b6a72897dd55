"""Tell a person: asked, decided, late, needs you. By mail, which a worker hands over: no page waits for a relay.

The mail is a row of the same transaction as what it tells of, so a relay, a broker or a process that is down loses none.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils import timezone, translation

from diffusion.directory.models import Mail, Person, RoleKind
from diffusion.verbs import verb
from diffusion.wake import wake

if TYPE_CHECKING:
    from diffusion.accounts.models import Account
    from diffusion.message.models import Message

log = logging.getLogger(__name__)

LANE = "mail"
LASTS = timedelta(days=1)
"""How long a mail is worth another try."""
LASTS_A_WAY_IN = timedelta(minutes=15)
"""The same of a code or a link: whoever waited longer asked again."""
PAUSE, PAUSE_MOST = timedelta(seconds=15), timedelta(minutes=15)
LEASE_S = 300.0
"""Longer than a relay may take over one mail: each of its answers has twenty seconds."""
_handing_over = threading.Lock()


def tell(people: Iterable[Person], what: str, **facts: Any) -> None:
    """One mail each, of template `mail/<what>.txt`: its first line is the subject."""
    for person in people:
        subject, _, body = _words(person, what, facts).partition("\n")
        post(person.email, subject, body, what)


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


def tell_operators(what: str, **facts: Any) -> None:
    """Whoever keeps it running: ops, else the administrators."""
    tell(_with_role(RoleKind.OPS) or _with_role(RoleKind.ADMINISTRATOR), what, **facts)


def _with_role(kind: str) -> list[Person]:
    return list(Person.objects.filter(Q(roles__kind=kind), is_active=True).distinct())


def _words(person: Person, what: str, facts: dict[str, Any]) -> str:
    with translation.override(person.language):
        return render_to_string(f"mail/{what}.txt", {"person": person, "base_url": settings.BASE_URL, **facts})


def post(to: str, subject: str, body: str, what: str, *, lasts: timedelta = LASTS) -> Mail:
    """Write a mail down, for a worker to hand over until it is of no more use. `to` may be empty: see `Mail`."""
    due = timezone.now()
    mail = Mail.objects.create(
        to=to, what=what, subject=subject.strip(), body=body.strip() + "\n", due_at=due, useless_after=due + lasts
    )
    wake(LANE)
    return mail


def post_due(*, stops: Callable[[], bool] = lambda: False) -> int:
    """Hand over what is due, one after another; returns how many the relay took. One thread a process does so.

    A relay that does not answer would else hold all the threads that deliver. `stops` says whether this process was
    told to stop: the others then wait for another one.
    """
    if not _handing_over.acquire(blocking=False):
        return 0
    taken = 0
    try:
        while not stops() and (mail := _claim()):
            taken += _hand_over(mail)
    finally:
        _handing_over.release()
    return taken


@verb
def _claim() -> Mail | None:
    """The first that is due, ours until `LEASE_S` are over: a worker that died meanwhile leaves it to the next."""
    due = Mail.objects.filter(due_at__lte=timezone.now()).order_by("due_at", "pk")
    mail = due.select_for_update(skip_locked=True).first()
    if mail:
        Mail.objects.filter(pk=mail.pk).update(due_at=timezone.now() + timedelta(seconds=LEASE_S), tries=F("tries") + 1)
    return mail


def _hand_over(mail: Mail) -> bool:
    """Erased once it is over: it may carry a way in. What the relay does not take is told without whose mail it was."""
    now, is_taken = timezone.now(), False
    try:
        if mail.useless_after < now:
            raise TimeoutError  # an OSError, as the relay's are
        if mail.to:
            EmailMessage(mail.subject, mail.body, settings.DEFAULT_FROM_EMAIL, [mail.to]).send()
            is_taken = True
    except (OSError, ValueError) as fault:
        log.error("mail_failed what=%s fault=%s", mail.what, type(fault).__name__)
        again = now + min(PAUSE_MOST, PAUSE * 2 ** min(mail.tries, 10))
        if isinstance(fault, OSError) and again < mail.useless_after:
            Mail.objects.filter(pk=mail.pk).update(due_at=again)
            return False
    Mail.objects.filter(pk=mail.pk).delete()
    return is_taken
