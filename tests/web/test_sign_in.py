"""Ways in: a link that only its button spends, a password, a code by mail; and nothing else of allauth."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from diffusion.directory import notify, people
from diffusion.directory.models import SignInLink
from tests.web.town import Town


def _is_in(client: Client) -> bool:
    return client.get(reverse("me")).status_code == 200


def test_opening_a_link_shows_a_button_and_spends_nothing(town: Town) -> None:
    address = reverse("sign_in_link", args=[people.make_link(town.people["agent"])])
    scanner = Client()

    for _visit in range(3):
        assert b"Agent Valclair" in scanner.get(address).content

    assert not _is_in(scanner)
    assert SignInLink.objects.get().used_at is None


def test_the_button_signs_in_once(town: Town) -> None:
    address = reverse("sign_in_link", args=[people.make_link(town.people["agent"])])
    first, second = Client(), Client()

    assert first.post(address).status_code == 302
    answer = second.post(address)

    assert _is_in(first)
    assert answer.status_code == 410
    assert "déjà servi" in answer.content.decode()
    assert not _is_in(second)


@pytest.mark.parametrize("spoil", ["expired", "newer", "closed"])
def test_a_link_that_is_over_says_so(town: Town, spoil: str) -> None:
    person = town.people["agent"]
    address = reverse("sign_in_link", args=[people.make_link(person)])
    if spoil == "expired":
        SignInLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif spoil == "newer":
        people.make_link(person)
    else:
        people.deactivate(person, by=town.people["administrator"])

    assert Client().get(address).status_code == 410
    assert Client().post(address).status_code == 410


def test_a_link_keeps_only_the_hash_of_its_secret(town: Town) -> None:
    secret = people.make_link(town.people["agent"])

    assert secret not in str(SignInLink.objects.values().get())


def test_a_password_signs_in(town: Town) -> None:
    paul = town.people["ops"]
    paul.set_password("tilleuls lavandières canicule")
    paul.save()
    client = Client()

    wrong = client.post(reverse("account_login"), {"login": paul.email, "password": "wrong"})
    right = client.post(
        reverse("account_login"), {"login": paul.email.upper(), "password": "tilleuls lavandières canicule"}
    )

    assert wrong.status_code == 200
    assert 'aria-invalid="true"' in wrong.content.decode() or 'role="alert"' in wrong.content.decode()
    assert right.status_code == 302
    assert _is_in(client)


def test_a_code_by_mail_signs_in(town: Town) -> None:
    client = Client()
    client.post(reverse("account_request_login_code"), {"email": town.people["ops"].email})
    notify.post_due()
    code = re.search(r"^[A-Z0-9-]{6,9}$", mail.outbox[0].body, re.MULTILINE)
    assert code

    client.post(reverse("account_confirm_login_code"), {"code": code[0]})

    assert _is_in(client)


def test_an_unknown_address_gets_the_same_page_and_no_mail(db: None) -> None:
    client = Client()

    answer = client.post(reverse("account_request_login_code"), {"email": "nobody@valclair.example"}, follow=True)

    assert answer.status_code == 200
    assert "Saisir le code" in answer.content.decode()
    notify.post_due()
    assert mail.outbox == []


def test_mails_are_in_their_readers_language_and_lead_to_the_public_address(town: Town) -> None:
    paul = town.people["ops"]
    paul.language = "en"
    paul.set_password("tilleuls lavandières canicule")
    paul.save()

    Client(HTTP_ACCEPT_LANGUAGE="fr").post(reverse("account_reset_password"), {"email": paul.email})

    notify.post_due()
    sent = mail.outbox[0]
    assert sent.subject == "Choose another password for Diffusion"
    assert "http://127.0.0.1:8000/password/reset/" in sent.body


@pytest.mark.parametrize("name", ["account_signup", "account_email", "account_reauthenticate", "account_confirm_email"])
def test_nothing_else_of_allauth_is_served(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_pages_are_in_the_persons_language(town: Town) -> None:
    paul = town.people["ops"]
    paul.language = "en"
    paul.save()
    client = Client(HTTP_ACCEPT_LANGUAGE="fr")
    client.force_login(paul)

    page = client.get(reverse("deliveries")).content.decode()

    assert '<html lang="en"' in page
    assert "Hold everything" in page
    assert "Tout suspendre" not in page


@pytest.mark.parametrize("way", ["account_request_login_code", "account_reset_password"])
def test_an_address_that_was_changed_is_no_way_in_any_more(town: Town, way: str) -> None:
    """Whoever has the old mailbox by now is somebody else."""
    paul, old = town.people["ops"], town.people["ops"].email
    first = Client()
    first.post(reverse("account_request_login_code"), {"email": old})
    notify.post_due()
    code = re.search(r"^[A-Z0-9-]{6,9}$", mail.outbox.pop().body, re.MULTILINE)
    assert code
    first.post(reverse("account_confirm_login_code"), {"code": code[0]})
    assert _is_in(first)
    paul.refresh_from_db()

    people.change_person(
        paul, by=town.people["administrator"], name=paul.name, email="paul@neuf.example", language="fr"
    )
    for email in (old, "paul@neuf.example"):
        Client().post(reverse(way), {"email": email})
    notify.post_due()

    assert [sent.to for sent in mail.outbox] == [["paul@neuf.example"]]
