"""What a relay says of a mailbox, and when nothing goes there any more: judged by what a real relay answered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from channels.contract import Code
from channels.outcomes import Disconnected, Refused, TryLater
from channels.rehearsal.smtp import SmtpServer
from diffusion.audit import Entry
from diffusion.delivery import claim
from diffusion.delivery.states import State
from diffusion.directory import notify
from diffusion.newsletter import bounces, dispatch, subscribe
from diffusion.newsletter.models import Line, List, Subscriber
from tests import valclair

pytestmark = pytest.mark.django_db

AMINA, BRUNO = "amina@lecteurs.example", "bruno@lecteurs.example"
UNKNOWN, FULL = "550 5.1.1 Unknown", "552 5.2.2 Full"
DAY = timedelta(days=1)


@pytest.fixture
def relay(tmp_path):
    server = SmtpServer(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def letter(relay):
    account = valclair.account(
        "smtp", host=relay.host, port=relay.port, security="none", sender="lettre@valclair.example",
        drops_duplicates=True,
    )  # fmt: skip
    made = List.objects.create(account=account, name="La lettre du Val-Clair", consent_text="Oui.")
    for email in (AMINA, BRUNO):
        subscribe.add(made, email=email, by=None, origin="test")
    return made


def issue(letter, *, days_ago=0):
    """One issue, carried to its end, as if so many days ago."""
    delivery = valclair.delivery(letter.account, of=valclair.message(f"Numéro {Line.objects.count()}"))
    for row in (lease := claim.claim_due("mail")).rows():
        dispatch.carry(row, lease)
    Line.objects.filter(edition__delivery=delivery).update(intent_at=timezone.now() - days_ago * DAY)
    delivery.refresh_from_db()
    assert delivery.state == State.PUBLISHED
    return delivery.edition


def suppressed():
    return list(Subscriber.objects.exclude(suppressed_at=None).values_list("email", flat=True))


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (Refused(Code.RECIPIENT_REFUSED, smtp=550, status="5.1.1"), "hard"),
        (Refused(Code.RECIPIENT_REFUSED, smtp=550, status="5.1.10"), "hard"),
        (Refused(Code.RECIPIENT_REFUSED, smtp=550, status="5.2.1"), "hard"),
        (Refused(Code.RECIPIENT_REFUSED, smtp=552, status="5.2.2"), "soft"),
        (Refused(Code.RECIPIENT_REFUSED, smtp=550, status=""), "soft"),
        (TryLater(Code.BUSY, smtp=452, status="4.2.2"), "soft"),
        (TryLater(Code.BUSY, smtp=451, status="4.3.2"), ""),
        (Refused(Code.VENDOR, smtp=550, status="5.7.1"), ""),
        (Refused(Code.CONTENT_INVALID, smtp=554, status="5.6.0"), ""),
        (Disconnected(Code.FORBIDDEN, smtp=554, status="5.7.1"), ""),
    ],
)
def test_what_an_answer_says_of_the_address(outcome, kind):
    assert bounces.kind_of(outcome) == kind


def test_an_address_that_is_not_there_gets_no_further_letter_and_the_journal_names_nobody(relay, letter):
    relay.recipients[AMINA] = UNKNOWN

    first, second = issue(letter), issue(letter)

    assert suppressed() == [AMINA]
    assert [edition.lines.count() for edition in (first, second)] == [2, 1]
    entry = Entry.objects.get(verb="suppress")
    assert entry.facts == {"readers": 1}
    assert subscribe.lost(letter).count() == 1


def test_a_full_mailbox_is_given_up_after_several_letters_on_several_days(relay, letter):
    relay.recipients[AMINA] = FULL

    issue(letter, days_ago=20)
    today = [issue(letter).pk for _ in range(2)]
    assert suppressed() == []

    Line.objects.filter(edition__in=today).update(intent_at=timezone.now() - 10 * DAY)
    issue(letter)
    assert suppressed() == [AMINA]


def test_a_letter_that_came_through_between_forgives_what_was_before(relay, letter):
    for days_ago, answer in ((30, FULL), (20, FULL), (10, None), (5, FULL), (0, FULL)):
        relay.recipients.clear()
        relay.recipients.update({AMINA: answer} if answer else {})
        issue(letter, days_ago=days_ago)

    assert suppressed() == []


def test_what_is_long_ago_is_forgotten(relay, letter):
    relay.recipients[AMINA] = FULL

    for days_ago in (200, 150, 0):
        issue(letter, days_ago=days_ago)

    assert suppressed() == []


def test_a_relay_that_refuses_everybody_costs_nobody_their_letter(relay, letter):
    readers = [f"lecteur{n}@lecteurs.example" for n in range(bounces.DOUBT_FROM + 1)]
    for email in readers:
        subscribe.add(letter, email=email, by=None, origin="test")
    relay.recipients.update(dict.fromkeys(readers, UNKNOWN))

    issue(letter)

    assert suppressed() == []
    assert Entry.objects.get(verb="doubt_bounces").facts == {"bounced": len(readers)}


def test_who_was_lost_comes_back_by_the_link_of_a_mail_that_reached_them(relay, letter):
    relay.recipients[AMINA] = UNKNOWN
    issue(letter)
    relay.recipients.clear()
    reader = Subscriber.objects.get(email=AMINA)
    letter.consents.update(asked_at=timezone.now() - DAY)

    subscribe.subscribe(letter, email=AMINA)
    assert suppressed() == [AMINA]
    assert notify.Mail.objects.filter(to=AMINA).exists()

    subscribe.confirm(letter, reader)
    assert suppressed() == []
    issue(letter)
    assert AMINA in {row["to"] for row in relay.received.rows("smtp")}


def test_an_old_link_brings_back_nobody(relay, letter):
    relay.recipients[AMINA] = UNKNOWN
    issue(letter)

    subscribe.confirm(letter, Subscriber.objects.get(email=AMINA))

    assert suppressed() == [AMINA]
