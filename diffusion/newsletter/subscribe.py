"""Verbs: subscribe, confirm, leave in one click, forget. Double opt-in, with the proof of each consent."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation

from diffusion.audit import record
from diffusion.directory import notify
from diffusion.directory.models import Person
from diffusion.errors import BadInput
from diffusion.newsletter.models import Consent, List, Subscriber
from diffusion.verbs import verb

PAUSE = timedelta(minutes=10)
"""Between two mails to confirm: nobody fills a mailbox by asking in its name."""


@verb
def subscribe(letter: List, *, email: str, language: str = "fr", origin: str = "form") -> Consent:
    """Ask for a letter. Nothing is sent but one mail to confirm; asking again after `PAUSE` sends it again. Raises BadInput.

    The answer is the same, and takes as long, whether the address was known or not: nobody learns who reads what.
    """
    if not letter.takes_anybody:
        raise BadInput("list_closed")
    address = email.strip()
    try:
        validate_email(address)
    except ValidationError:
        raise BadInput("address_invalid", given=address) from None
    reader = Subscriber.objects.filter(email__iexact=address).first() or Subscriber.objects.create(
        email=address, language=language
    )
    consent, is_new = Consent.objects.get_or_create(subscriber=reader, list=letter, defaults={"origin": origin})
    now, mine = timezone.now(), Consent.objects.filter(pk=consent.pk)
    lost = Q(subscriber__suppressed_at__isnull=False)  # they get nothing any more, and wish to
    waiting = mine.filter(Q(confirmed_at=None) | Q(left_at__isnull=False) | lost)
    due = waiting if is_new else waiting.filter(Q(left_at__gt=F("asked_at")) | Q(asked_at__lte=now - PAUSE))
    # that they left stands until they confirm: anybody can ask in somebody's name
    is_asked = bool(due.update(asked_at=now, confirmed_at=None, text=letter.consent_text, origin=origin))
    _mail_to_confirm(letter, reader, to=reader.email if is_asked else "")
    if is_asked:
        record(None, "subscribe", consent)
    return consent


def _mail_to_confirm(letter: List, reader: Subscriber, *, to: str) -> None:
    link = f"{settings.BASE_URL}/l/{letter.public_id}/confirm/{reader.secret}"
    with translation.override(reader.language):
        words = render_to_string("mail/subscribe_confirm.txt", {"list": letter, "link": link})
    subject, _, body = words.partition("\n")
    notify.post(to, subject, body, "subscribe_confirm")


def reader_of(secret: str) -> Subscriber | None:
    """Whose mail carried this link."""
    return Subscriber.objects.filter(secret=secret).first()


@verb
def confirm(letter: List, reader: Subscriber) -> Consent:
    """The button behind the mail's link. Confirming twice changes nothing."""
    consent = Consent.objects.select_for_update().get(subscriber=reader, list=letter)
    if consent.confirmed_at is None:
        consent.confirmed_at, consent.left_at, consent.text = timezone.now(), None, letter.consent_text
        consent.save()
        # the mail with this link came through
        Subscriber.objects.filter(pk=reader.pk).update(suppressed_at=None)
        record(None, "confirm_subscription", consent)
    return consent


@verb
def add(letter: List, *, email: str, by: Person | None, origin: str, language: str = "fr") -> Consent:
    """Put somebody on a list whose consent was taken elsewhere, with its origin: an agent, a town hall, an import."""
    reader = Subscriber.objects.filter(email__iexact=email).first() or Subscriber.objects.create(
        email=email, language=language
    )
    consent, _ = Consent.objects.get_or_create(
        subscriber=reader, list=letter,
        defaults={"confirmed_at": timezone.now(), "text": letter.consent_text, "origin": origin},
    )  # fmt: skip
    record(by, "add_subscriber", consent, origin=origin)
    return consent


@verb
def leave(letter: List, reader: Subscriber, *, by: Person | None = None) -> None:
    """One click, at once, without a question (RFC 8058). Leaving twice is leaving. `by` takes them off at their word."""
    mine = Consent.objects.filter(subscriber=reader, list=letter)
    gone = mine.filter(Q(left_at=None) | Q(left_at__lt=F("asked_at")))
    for consent in gone:
        record(by, "leave", consent)
    gone.update(left_at=timezone.now())


@verb
def forget(reader: Subscriber, *, by: Person | None = None) -> None:
    """Erase an address and its consents; the ledger keeps that a letter went out, not to whom."""
    record(by, "forget", reader)
    reader.delete()


def readers(letter: List) -> QuerySet[Subscriber]:
    """Who gets the letter now: confirmed, not left, not suppressed."""
    return Subscriber.objects.filter(
        consents__list=letter, consents__confirmed_at__isnull=False, consents__left_at=None, suppressed_at=None
    )


def lost(letter: List) -> QuerySet[Consent]:
    """Who would get the letter, had their address not ceased to take mail."""
    return letter.consents.filter(confirmed_at__isnull=False, left_at=None, subscriber__suppressed_at__isnull=False)
