"""Verbs of a list: open it, change what it says, take in addresses whose consent was given elsewhere. And who gets an issue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.utils import parseaddr

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from channels.contract import Kind
from diffusion.accounts.models import Account
from diffusion.audit import record
from diffusion.brand.models import Level
from diffusion.delivery.erratum import is_erratum
from diffusion.delivery.states import State
from diffusion.directory.models import Person
from diffusion.errors import BadInput
from diffusion.newsletter.models import Consent, Edition, Line, List, Subscriber
from diffusion.newsletter.subscribe import readers
from diffusion.verbs import verb

LINES_MOST = 50_000
_SEPARATORS = re.compile(r"[;,\t]")
_AT_ONCE = 500


@verb
def open_list(account: Account, *, by: Person | None, name: str = "") -> List:
    """Give a letter's account the list it writes to, once: opened again it is the one that stands.

    Anybody may subscribe to a public letter; a letter to agents or partners takes those whom somebody adds.
    """
    letter, is_new = List.objects.get_or_create(
        account=account, defaults={"name": name.strip() or account.name, "is_open": account.level == Level.PUBLIC}
    )
    if is_new:
        record(by, "open_list", letter)
    return letter


def open_where_due(account: Account, *, by: Person | None) -> List | None:
    """The list of an account that was just connected, if its channel carries letters: what leaves from it reaches somebody."""
    return open_list(account, by=by) if account.channel_class.kind is Kind.NEWSLETTER else None


@verb
def change_list(letter: List, *, by: Person, name: str, description: str, consent_text: str, is_open: bool) -> List:
    """Change what a list says of itself. Consents given keep the words that were agreed to.

    Raises BadInput without a name, or when a letter to agents or partners is to be open to everybody.
    """
    if not name.strip():
        raise BadInput("title_needed")
    if is_open and letter.account.level != Level.PUBLIC:
        raise BadInput("letter_not_public")
    letter.name, letter.description = name.strip(), description.strip()
    letter.consent_text, letter.is_open = consent_text.strip(), is_open
    letter.save(update_fields=["name", "description", "consent_text", "is_open"])
    record(by, "change_list", letter, is_open=is_open)
    return letter


@dataclass(frozen=True, slots=True)
class Bad:
    """A line that is no address: its number, from 1, and what stood there."""

    line: int
    given: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a paste: how many were added, how many were there; those who left, who are not taken back; bad lines.

    `bounced` are addresses on the list that take no mail any more: only a mail that they confirm brings them back.
    """

    added: int
    known: int
    bounced: int = 0
    left: tuple[str, ...] = ()
    bad: tuple[Bad, ...] = ()


@verb
def take_in(
    letter: List, pasted: str, *, by: Person | None, origin: str, language: str = "fr", again: bool = False
) -> Taken:
    """Put addresses on a list, one a line or parted by commas. Raises BadInput for more lines than can be taken at once.

    Who left comes back by their own wish only: `again` says that they asked for it.
    """
    lines = pasted.splitlines()
    if len(lines) > LINES_MOST:
        raise BadInput("too_many_lines", limit=LINES_MOST)
    good, bad = _read(lines)
    added, bounced, left = 0, 0, []
    every = list(good.items())
    for start in range(0, len(every), _AT_ONCE):
        consents = _standing(letter, dict(every[start : start + _AT_ONCE]), language)
        now = timezone.now()
        fresh = [
            Consent(subscriber=reader, list=letter, confirmed_at=now, text=letter.consent_text, origin=origin)
            for reader, consent in consents
            if consent is None
        ]
        gone = [(reader, c) for reader, c in consents if c and c.left_at and not again]
        back = [c.pk for _reader, c in consents if c and (c.left_at or not c.confirmed_at) and (again or not c.left_at)]
        Consent.objects.bulk_create(fresh)
        Consent.objects.filter(pk__in=back).update(
            confirmed_at=now, left_at=None, text=letter.consent_text, origin=origin
        )
        added += len(fresh) + len(back)
        bounced += sum(reader.suppressed_at is not None for reader, _consent in consents)
        left += [reader.email for reader, _consent in gone]
    record(by, "take_in", letter, added=added, bad=len(bad), origin=origin)
    return Taken(added, len(good) - added - len(left), bounced, tuple(left), tuple(bad))


def _read(lines: Iterable[str]) -> tuple[dict[str, str], list[Bad]]:
    """Addresses by themselves in small letters, each once; and the lines that hold none."""
    good: dict[str, str] = {}
    bad: list[Bad] = []
    for number, line in enumerate(lines, 1):
        for given in _parts(line):
            address = parseaddr(given)[1] if "<" in given else given
            try:
                validate_email(address)
            except ValidationError:
                bad.append(Bad(number, given[:200]))
            else:
                good.setdefault(address.lower(), address)
    return good, bad


def _parts(line: str) -> Iterator[str]:
    return (part for part in (piece.strip().strip('"') for piece in _SEPARATORS.split(line)) if part)


def _standing(letter: List, addresses: dict[str, str], language: str) -> list[tuple[Subscriber, Consent | None]]:
    """Needs a transaction. Each address's subscriber, made where there was none, and where they stand on the list."""
    known = Subscriber.objects.annotate(low=Lower("email")).filter(low__in=list(addresses))
    there = {reader.email.lower() for reader in known}
    Subscriber.objects.bulk_create(
        Subscriber(email=address, language=language) for low, address in addresses.items() if low not in there
    )
    found = list(known.all())
    consents = {c.subscriber_id: c for c in Consent.objects.filter(list=letter, subscriber__in=found)}
    return [(reader, consents.get(reader.pk)) for reader in found]


def on_list(letter: List, email: str) -> Subscriber:
    """Who has this address on this list, also when they left it. Raises BadInput."""
    found = Subscriber.objects.filter(email__iexact=email.strip(), consents__list=letter).first()
    if found is None:
        raise BadInput("reader_unknown", given=email.strip())
    return found


def recipients(edition: Edition) -> QuerySet[Subscriber]:
    """Who gets this issue: the list's readers; an erratum goes to those of them who got what it corrects, or may have,
    what follows a letter that stopped half-way to those whom it had not reached."""
    everybody = readers(edition.list)
    before = Line.objects.filter(edition__list=edition.list, edition__delivery__message=edition.delivery.message_id)
    before = before.exclude(edition=edition)
    if is_erratum(edition.delivery):
        return everybody.filter(pk__in=before.filter(state__in=GOT).values("subscriber"))
    if edition.delivery.occurrence.startswith(REST):
        reached = before.filter(state__in=[*GOT, State.SENDING, State.REFUSED], subscriber__isnull=False)
        return everybody.exclude(pk__in=reached.values("subscriber"))
    return everybody


REST = "rest-"
"""Begins the occurrence of what goes to those whom a letter had not reached when its words changed."""
GOT = (State.PUBLISHED, State.UNCERTAIN)


COLUMNS: Sequence[str] = ("email", "language", "confirmed_at", "origin")


@verb
def export(letter: List, *, by: Person) -> list[tuple[str, ...]]:
    """The list's readers, for a file of the authority's own: it holds addresses of people, so the journal keeps who took it."""
    found_rows = list(_rows(letter))
    record(by, "export_list", letter, readers=len(found_rows))
    return found_rows


def _rows(letter: List) -> Iterator[tuple[str, ...]]:
    """In the order of COLUMNS. A spreadsheet takes what begins with = + - @ for a formula: such a cell is made text."""
    found = Consent.objects.filter(list=letter, subscriber__in=readers(letter)).select_related("subscriber")
    for consent in found.order_by("confirmed_at", "pk").iterator():
        reader, at = consent.subscriber, consent.confirmed_at
        cells = (reader.email, reader.language, at.isoformat(timespec="seconds") if at else "", consent.origin)
        yield tuple(f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t")) else cell for cell in cells)
