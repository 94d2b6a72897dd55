"""Letters, as a communicator keeps them: figures without names, addresses on and off, mails in doubt, the list as a file."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from diffusion.accounts.models import Account
from diffusion.audit import Entry
from diffusion.delivery.models import Delivery
from diffusion.delivery.states import State
from diffusion.newsletter import lists, subscribe
from diffusion.newsletter.models import Consent, Edition, Line, List, Subscriber
from tests import valclair
from tests.web import town as things
from tests.web.town import Town

SignIn = Callable[[str], Client]


@pytest.fixture
def letter(town: Town) -> List:
    account = valclair.account("smtp", host="127.0.0.1", sender="lettre@valclair.example", security="none")
    return lists.open_list(account, by=valclair.ines())


def at(name: str, letter: List, *more: object) -> str:
    return reverse(name, args=[letter.public_id, *more])


def put(letter: List, *addresses: str) -> None:
    lists.take_in(letter, "\n".join(addresses), by=valclair.ines(), origin="agent")


def test_the_menu_leads_a_communicator_to_letters(sign_in: SignIn, letter: List) -> None:
    put(letter, "amina@lecteurs.example")

    page = sign_in("communicator").get(reverse("letters"))

    assert reverse("letters") in page.content.decode().partition("</nav>")[0]
    assert [row.readers for row, _issue in page.context["letters"]] == [1]
    assert "amina" not in page.content.decode()


def test_an_account_without_a_list_is_shown_and_opened(town: Town, sign_in: SignIn) -> None:
    account = valclair.account("smtp", host="127.0.0.1", sender="lettre@valclair.example", security="none")
    browser = sign_in("communicator")

    assert account.name in browser.get(reverse("letters")).content.decode()
    answer = browser.post(reverse("letter_open", args=[account.public_id]))

    assert answer["Location"] == at("letter_change", List.objects.get(account=account))


def test_connecting_a_mail_account_opens_its_list(town: Town, sign_in: SignIn) -> None:
    given = {
        "name": "Lettre aux agents", "level": "internal", "brand": valclair.brand().public_id,
        "credential-host": "127.0.0.1", "credential-port": "1", "credential-security": "none",
        "credential-sender": "lettre@valclair.example", "anyway": "",
    }  # fmt: skip
    sign_in("ops").post(reverse("account_connect", args=["smtp"]), given)

    made = Account.objects.get(name="Lettre aux agents")
    assert (made.list.name, made.list.is_open) == ("Lettre aux agents", False)
    page = sign_in("administrator").get(reverse("account", args=[made.public_id])).content.decode()
    assert at("letter_list", made.list) in page  # where the administration finds the list, which its menu lacks


def test_its_page_gives_figures_and_the_public_address_but_no_names(sign_in: SignIn, town: Town) -> None:
    line = things.line("amina@lecteurs.example")
    row = line.edition.list

    page = sign_in("communicator").get(at("letter_list", row)).content.decode()

    assert reverse("letter", args=[row.public_id]) in page
    assert line.edition.subject in page
    assert "amina" not in page


def test_what_the_list_says_is_changed(sign_in: SignIn, letter: List) -> None:
    words = {"name": "La lettre des sorties", "description": "Le vendredi.", "consent_text": "Je veux la lettre."}

    sign_in("communicator").post(at("letter_change", letter), words)

    letter.refresh_from_db()
    assert (letter.name, letter.consent_text, letter.is_open) == ("La lettre des sorties", "Je veux la lettre.", False)


def test_one_person_is_added_with_where_the_consent_comes_from(sign_in: SignIn, letter: List) -> None:
    browser = sign_in("communicator")
    given = {"email": "amina@lecteurs.example", "origin": "town_hall", "language": "fr"}

    browser.post(at("letter_add", letter), given)
    twice = browser.post(at("letter_add", letter), given)
    bad = browser.post(at("letter_add", letter), {**given, "email": "amina@"})

    assert Consent.objects.get().origin == "town_hall"
    assert "y est déjà" in twice.content.decode()
    assert bad.context["form"].errors["email"]


def test_who_left_is_not_put_back_unless_they_asked(sign_in: SignIn, letter: List) -> None:
    put(letter, "amina@lecteurs.example")
    subscribe.leave(letter, Subscriber.objects.get())
    browser, given = sign_in("communicator"), {"email": "amina@lecteurs.example", "origin": "agent", "language": "fr"}

    refused = browser.post(at("letter_add", letter), given)
    assert refused.context["form"].errors["email"]
    assert not subscribe.readers(letter).exists()

    browser.post(at("letter_add", letter), {**given, "again": "on"})
    assert subscribe.readers(letter).exists()


def test_pasted_addresses_are_checked_line_by_line_and_bad_ones_stay(sign_in: SignIn, letter: List) -> None:
    pasted = "amina@lecteurs.example\n<script>alert(1)</script>\ndupond@"

    page = sign_in("communicator").post(
        at("letter_import", letter), {"pasted": pasted, "origin": "paper", "language": "fr"}
    )

    text = page.content.decode()
    assert subscribe.readers(letter).count() == 1
    assert [bad.line for bad in page.context["taken"].bad] == [2, 3]
    assert "ligne 3" in text
    assert page.context["form"].initial["pasted"].splitlines() == ["<script>alert(1)</script>", "dupond@"]
    assert "<script>alert(1)" not in text


def test_a_clean_paste_goes_back_to_the_letter(sign_in: SignIn, letter: List) -> None:
    given = {"pasted": "a@b.example\nc@d.example", "origin": "paper", "language": "en"}

    answer = sign_in("communicator").post(at("letter_import", letter), given)

    assert answer["Location"] == at("letter_list", letter)
    assert set(Subscriber.objects.values_list("language", flat=True)) == {"en"}


def test_a_reader_is_taken_off_or_erased_by_their_address(sign_in: SignIn, letter: List) -> None:
    put(letter, "amina@lecteurs.example", "bruno@lecteurs.example")
    browser = sign_in("communicator")

    browser.post(at("letter_remove", letter), {"email": "AMINA@lecteurs.example", "how": "leave"})
    browser.post(at("letter_remove", letter), {"email": "bruno@lecteurs.example", "how": "forget"})
    unknown = browser.post(at("letter_remove", letter), {"email": "bruno@lecteurs.example", "how": "forget"})

    assert not subscribe.readers(letter).exists()
    assert list(Subscriber.objects.values_list("email", flat=True)) == ["amina@lecteurs.example"]
    assert unknown.context["form"].errors["email"]
    assert Entry.objects.filter(verb="leave", by=valclair.person("Communicator Valclair")).exists()


def test_the_list_is_a_file_for_the_administration(sign_in: SignIn, letter: List) -> None:
    put(letter, "amina@lecteurs.example")

    answer = sign_in("administrator").post(at("letter_export", letter))

    assert "amina@lecteurs.example" in answer.content.decode("utf-8-sig")
    assert answer["Cache-Control"] == "no-store"
    assert Entry.objects.filter(verb="export_list").exists()


@pytest.fixture
def doubt(town: Town) -> Line:
    """A letter that waits for one answer."""
    line = things.line()
    Delivery.objects.filter(pk=line.edition.delivery_id).update(
        state=State.UNCERTAIN, intent_at=line.intent_at, look_at=None, receipt=None
    )
    return Line.objects.get(pk=line.pk)


def line_at(line: Line, act: str) -> str:
    issue = line.edition
    return reverse("letter_line", args=[issue.list.public_id, issue.public_id, line.pk, act])


def test_a_mail_in_doubt_has_its_evidence_and_two_equal_buttons(doubt: Line, sign_in: SignIn) -> None:
    row = doubt.edition.list

    page = sign_in("communicator").get(at("letter_issue", row, doubt.edition.public_id)).content.decode()
    case = page.partition('<div class="both">')[2].partition("</div>")[0]

    assert "cut after DATA" in page
    assert doubt.key in page
    assert case.count('<a class="btn" href=') == 2
    assert line_at(doubt, "sent") in case
    assert line_at(doubt, "again") in case


def test_saying_that_it_was_sent_closes_the_letter(doubt: Line, sign_in: SignIn) -> None:
    browser = sign_in("ops")

    assert "deux fois" in browser.get(line_at(doubt, "again")).content.decode()
    browser.post(line_at(doubt, "sent"))

    doubt.refresh_from_db()
    assert doubt.state == State.PUBLISHED
    assert Delivery.objects.get(pk=doubt.edition.delivery_id).state == State.PUBLISHED


def test_saying_that_it_was_not_sends_it_again(doubt: Line, sign_in: SignIn) -> None:
    sign_in("communicator").post(line_at(doubt, "again"))

    doubt.refresh_from_db()
    assert (doubt.state, doubt.generation) == (State.PLANNED, 2)
    assert Delivery.objects.get(pk=doubt.edition.delivery_id).state == State.PLANNED


def test_the_case_of_a_letter_leads_to_its_mails(doubt: Line, sign_in: SignIn) -> None:
    page = sign_in("communicator").get(reverse("delivery", args=[doubt.edition.delivery.public_id])).content.decode()

    assert at("letter_issue", doubt.edition.list, doubt.edition.public_id) in page
    assert reverse("delivery_absent", args=[doubt.edition.delivery.public_id]) not in page


def test_addresses_that_take_no_mail_are_counted_and_said_where_somebody_puts_them_back(
    letter: List, sign_in: SignIn
) -> None:
    reader = subscribe.add(letter, email="perdue@lecteurs.example", by=None, origin="test").subscriber
    Subscriber.objects.filter(pk=reader.pk).update(suppressed_at=timezone.now())
    issue = Edition.objects.create(
        list=letter,
        delivery=valclair.delivery(letter.account),
        subject="N° 1",
        html="",
        text="",
        closed_at=timezone.now(),
    )
    Line.objects.create(edition=issue, subscriber=reader, state=State.REFUSED, bounce=Line.Bounce.HARD)
    browser = sign_in("communicator")

    page = browser.get(reverse("letter_list", args=[letter.public_id])).content.decode()
    report = browser.get(reverse("letter_issue", args=[letter.public_id, issue.public_id])).content.decode()
    again = browser.post(
        reverse("letter_add", args=[letter.public_id]),
        {"email": "perdue@lecteurs.example", "origin": "paper", "language": "fr"},
    ).content.decode()

    assert "hors 1 adresse en erreur" in page
    assert "dont 1 du fait de l’adresse" in report
    assert "Trop d’adresses refusées" not in report
    assert "ne prend plus de courriels" in again
