"""What somebody who means harm tries at the letters' public pages and the product's mails: each was possible once."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from diffusion.config import Config
from diffusion.delivery.models import Amendment
from diffusion.directory import notify
from diffusion.directory.models import Mail
from diffusion.errors import BadInput
from diffusion.message.models import Message
from diffusion.newsletter import lists, subscribe
from diffusion.newsletter.models import Consent, List, Subscriber
from tests import valclair
from tests.web import town as things
from tests.web.town import Town


@pytest.fixture(autouse=True)
def _no_guess_yet(db: None) -> None:
    cache.clear()


def _letter_of(level: str) -> List:
    account = valclair.account("smtp", level=level, host="127.0.0.1", sender="agents@valclair.example", security="none")
    return lists.open_list(account, by=None)


@pytest.mark.parametrize("level", ["internal", "partners"])
@pytest.mark.parametrize("is_open", [True, False])
def test_nobody_asks_for_a_letter_that_is_not_public(town: Town, client: Client, level: str, is_open: bool) -> None:
    """A forwarded mail carries the letter's id in its link of leaving; a row may say *open* from a time before."""
    letter = _letter_of(level)
    List.objects.filter(pk=letter.pk).update(is_open=is_open)
    letter.refresh_from_db()
    address = reverse("letter", args=[letter.public_id])

    assert client.get(address).status_code == 404
    assert client.post(address, {"email": town.people["agent"].email}).status_code == 404
    with pytest.raises(BadInput, match="takes no subscriptions"):
        subscribe.subscribe(letter, email="journal@gazette.example")
    assert not Consent.objects.exists()
    assert not Mail.objects.exists()


@pytest.mark.parametrize("level", ["internal", "partners"])
def test_a_link_to_confirm_from_before_lets_nobody_onto_it(town: Town, client: Client, level: str) -> None:
    letter, reader = _letter_of(level), Subscriber.objects.create(email="journal@gazette.example")
    Consent.objects.create(subscriber=reader, list=letter)

    assert client.post(reverse("letter_confirm", args=[letter.public_id, reader.secret])).status_code == 404
    assert client.post(reverse("letter_leave", args=[letter.public_id, reader.secret])).status_code == 200
    assert not subscribe.readers(letter).exists()


@pytest.mark.parametrize("level", ["internal", "partners"])
def test_a_letter_that_is_not_public_is_never_opened_to_everybody(town: Town, sign_in: Any, level: str) -> None:
    letter, browser = _letter_of(level), sign_in("communicator")
    address = reverse("letter_change", args=[letter.public_id])

    browser.post(address, {"name": "Autre nom", "is_open": "on"})
    page = browser.get(address).content.decode()

    letter.refresh_from_db()
    assert (letter.name, letter.is_open) == ("Autre nom", False)
    assert "vous seuls y inscrivez" in page
    with pytest.raises(BadInput, match="Not public"):
        lists.change_list(
            letter, by=town.people["communicator"], name="x", description="", consent_text="", is_open=True
        )


def test_nobodys_mailbox_is_filled_by_somebody_elses_clicks(town: Town, client: Client) -> None:
    address = reverse("letter", args=[things.consent().list.public_id])

    for _click in range(5):
        assert client.post(address, {"email": "victim@valclair.example"}).status_code == 200

    notify.post_due()
    assert len(mail.outbox) == 1


def test_one_machine_does_not_mail_the_whole_town(town: Town, client: Client) -> None:
    address = reverse("letter", args=[things.consent().list.public_id])

    answers = [client.post(address, {"email": f"resident{n}@valclair.example"}) for n in range(40)]

    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    notify.post_due()
    assert len(mail.outbox) <= 20


def test_a_withdrawn_messages_issue_is_no_longer_read_here(town: Town, client: Client) -> None:
    """The mails can't be called back; our own page can."""
    issue = things.edition()
    address = reverse("edition", args=[issue.public_id])
    assert client.get(address).status_code == 200

    Amendment.objects.create(delivery=issue.delivery, act="delete", lane=issue.delivery.lane, code="by_hand")

    assert client.get(address).status_code == 404


def test_nobody_asks_away_that_somebody_left(town: Town, client: Client) -> None:
    """Whoever left is never put back but by their own wish: a stranger's click on the public form is not that."""
    consent = things.consent()
    subscribe.confirm(consent.list, consent.subscriber)
    subscribe.leave(consent.list, consent.subscriber)

    client.post(reverse("letter", args=[consent.list.public_id]), {"email": consent.subscriber.email})
    taken = lists.take_in(consent.list, consent.subscriber.email, by=town.people["communicator"], origin="other_list")

    assert taken.left == (consent.subscriber.email,)
    assert not subscribe.readers(consent.list).exists()


def test_who_left_comes_back_by_the_mails_button(town: Town, client: Client) -> None:
    consent = things.consent()
    address = reverse("letter", args=[consent.list.public_id])
    confirm = reverse("letter_confirm", args=[consent.list.public_id, consent.subscriber.secret])
    subscribe.leave(consent.list, consent.subscriber)
    assert client.post(confirm).status_code == 404

    for _click in range(2):
        client.post(address, {"email": consent.subscriber.email})
    notify.post_due()
    assert len(mail.outbox) == 1
    assert client.post(confirm).status_code == 200
    assert subscribe.readers(consent.list).get() == consent.subscriber

    subscribe.leave(consent.list, consent.subscriber)
    assert client.post(confirm).status_code == 404


def test_a_title_stays_on_one_line(town: Town, sign_in: Callable[[str], Client]) -> None:
    """It becomes the subject of mails to approvers: a line end would begin a header, or the mail's own words."""
    words = {"title": "Fuite\rBcc evil@evil.example\nOui\u202e", "directorate": valclair.water().public_id}

    sign_in("communicator").post(reverse("message_new"), {**words, "levels": ["internal"], "language": "fr"})

    assert Message.objects.latest("pk").current.title == "Fuite Bcc evil@evil.example Oui"


@pytest.fixture
def no_relay(settings: Any) -> None:
    """A relay's address at which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings.DIFFUSION = Config.load(env={"DIFFUSION_EMAIL_URL": f"smtp://127.0.0.1:{port}"})
    settings.EMAIL_BACKEND = "diffusion.directory.outbox.Outbox"


@pytest.mark.parametrize("name", ["account_request_login_code", "account_reset_password"])
def test_a_relay_that_is_down_tells_nobody_who_works_here(town: Town, no_relay: None, name: str) -> None:
    browser = Client(raise_request_exception=False)

    answers = [
        browser.post(reverse(name), {"email": email}).status_code
        for email in (town.people["agent"].email, "nobody@gazette.example")
    ]

    assert answers == [302, 302]


def test_no_address_stands_in_the_log(
    town: Town,
    client: Client,
    no_relay: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    address = reverse("letter", args=[things.consent().list.public_id])

    client.post(address, {"email": "zoe@valclair.example"})
    client.post(reverse("account_request_login_code"), {"email": town.people["agent"].email})
    notify.post_due()

    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        "mail_failed what=subscribe_confirm fault=ConnectionRefusedError",
        "mail_failed what=login_code fault=ConnectionRefusedError",
    ]
    assert all(record.exc_info is None for record in caplog.records)
