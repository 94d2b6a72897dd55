"""What everybody may open: the board for agents, a message's page, feeds, pictures, and a letter's links."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import feedparser
import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from diffusion.delivery.models import Amendment, Delivery, Receipt
from diffusion.directory import notify
from diffusion.directory.models import Person
from diffusion.media import keep
from diffusion.message.models import Illustration, Revision
from diffusion.newsletter.models import Consent, List
from tests import valclair
from tests.web import town as things
from tests.web.test_inbox import _picture
from tests.web.town import Town

SignIn = Callable[[str], Client]


def _page(of: Delivery) -> str:
    return reverse("public_message", args=[of.message.public_id])


def corrected(row: Delivery, body: str, number: int = 2) -> None:
    """As the engine leaves a correction that was proved."""
    first = row.message.revision
    row.message.approvals.create(revision=first, decision="approved", decided_at=timezone.now())
    second = Revision.objects.create(message=row.message, number=number, title=first.title, body=body)
    Amendment.objects.create(
        delivery=row, act="edit", was=first, revision=second, lane=row.lane, done_at=timezone.now(), due_at=None
    )
    receipt = Receipt.objects.create(delivery=row, proof=Receipt.Proof.EDITED, remote_id="1")
    row.message.revision = second
    row.message.save()
    Delivery.objects.filter(pk=row.pk).update(revision=second, receipt=receipt)


def _withdrawn(row: Delivery) -> None:
    receipt = Receipt.objects.create(delivery=row, proof=Receipt.Proof.WITHDRAWN, remote_id="1")
    Delivery.objects.filter(pk=row.pk).update(state="withdrawn", receipt=receipt)


def test_the_board_shows_what_agents_may_read_and_nothing_else(town: Town, sign_in: SignIn) -> None:
    inside, outside = things.published("internal"), things.published("public")

    page = sign_in("agent").get(reverse("board"))

    assert page.context["lead"] == inside
    assert outside.public_id not in page.content.decode()


def test_a_messages_page_tells_machines_what_it_tells_people(town: Town, client: Client) -> None:
    row = things.published("public")

    page = client.get(_page(row)).content.decode()

    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page).group(1))
    assert data["headline"] == "Parue"
    assert "rue des Tilleuls" in data["articleBody"]


def test_no_word_gets_out_of_the_data_block(town: Town, client: Client) -> None:
    row = things.published("public")
    Revision.objects.filter(message=row.message).update(title="</script><script>alert(1)</script>", body="<!--<script>")

    page = client.get(_page(row)).content.decode()

    assert "<script>alert" not in page
    assert "<!--" not in page


def test_a_correction_is_told_with_its_time(town: Town, client: Client) -> None:
    row = things.published("public")
    corrected(row, valclair.CUT.replace("12 h 30", "17 h"))

    page = client.get(_page(row))

    (correction,) = page.context["corrections"]
    assert any(piece.how == "gone" for group in correction.changes for piece in group)
    assert "<del>" in page.content.decode()


def test_a_withdrawn_message_says_so_and_its_words_are_gone(town: Town, client: Client) -> None:
    row = things.published("public")
    _withdrawn(row)

    answer = client.get(_page(row))

    assert answer.status_code == 410
    assert "Tilleuls" not in answer.content.decode()


def test_what_cannot_be_recalled_does_not_keep_the_page_up(town: Town, client: Client) -> None:
    row = things.published("public")
    row.amendments.create(act="delete", lane=row.lane, due_at=None)

    answer = client.get(_page(row))

    assert answer.status_code == 410
    assert "Tilleuls" not in answer.content.decode()


def test_before_the_publics_hour_an_agent_is_led_to_the_board(town: Town, client: Client, sign_in: SignIn) -> None:
    row = things.published("internal")

    assert client.get(_page(row)).status_code == 404
    assert sign_in("agent").get(_page(row))["Location"] == reverse("board_article", args=[row.public_id])


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_a_public_feed_is_open_and_says_when_nothing_changed(form: str, town: Town, client: Client) -> None:
    account = things.feed("public")
    row = _on(account)
    address = reverse("feed", args=[account.slug, form])

    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})

    titles = (
        [item["title"] for item in json.loads(first.content)["items"]] if form == "json" else _titles(first.content)
    )
    assert titles == ["Parue"]
    assert again.status_code == 304
    _withdrawn(row)
    assert client.get(address).content != first.content


def _titles(body: bytes) -> list[str]:
    return [entry.title for entry in feedparser.parse(body).entries]


def _on(account: object) -> Delivery:
    row = valclair.delivery(account, of=valclair.message("Parue"))
    receipt = Receipt.objects.create(delivery=row, proof=Receipt.Proof.PUBLISHED, remote_id="1")
    Delivery.objects.filter(pk=row.pk).update(state="published", receipt=receipt, intent_at=timezone.now())
    row.refresh_from_db()
    return row


def test_a_feed_that_is_not_public_needs_an_address_that_can_be_revoked(
    town: Town, client: Client, sign_in: SignIn
) -> None:
    account, agent = things.feed("internal"), sign_in("agent")
    _on(account)

    shown = agent.post(reverse("feeds"), {"level": "internal"}).content.decode()
    address = re.search(r'value="http://127\.0\.0\.1:8000(/feeds/[^"]+\.atom)"', shown).group(1)
    open_to_reader = client.get(address)
    agent.post(reverse("feeds_revoke"), {"level": "internal"})

    assert client.get(reverse("feed", args=[account.slug, "atom"])).status_code == 404
    assert open_to_reader.status_code == 200
    assert open_to_reader["X-Robots-Tag"] == "noindex"
    assert client.get(address).status_code == 404


def test_an_internal_address_opens_no_partners_feed(town: Town, client: Client) -> None:
    secret = things.feed_secret(town.people["agent"], "internal")

    assert client.get(reverse("feed_secret", args=[secret, things.feed("partners").slug, "atom"])).status_code == 404


def test_a_picture_is_public_once_something_public_shows_it(town: Town, client: Client, sign_in: SignIn) -> None:
    asset = keep(_picture().read(), description="Plan")
    address = reverse("media", args=[asset.public_id])
    before, inside = client.get(address).status_code, sign_in("agent").get(address)
    row = things.published("public")
    Illustration.objects.create(revision=row.revision, asset=asset)

    after = client.get(address)

    assert (before, inside.status_code, after.status_code) == (404, 200, 200)
    assert b"".join(after.streaming_content) == asset.path.read_bytes()
    assert "private" in inside["Cache-Control"]
    assert after["X-Content-Type-Options"] == "nosniff"
    inside.close()
    after.close()


def _letter(consent: Consent, name: str) -> str:
    return reverse(name, args=[consent.list.public_id, consent.subscriber.secret])


def test_subscribing_is_confirmed_by_the_mails_button_alone(
    town: Town, client: Client, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    letter = things.consent().list

    with django_capture_on_commit_callbacks(execute=True):
        asked = client.post(reverse("letter", args=[letter.public_id]), {"email": "zoe@valclair.example"})
    notify.post_due()
    link = re.search(r"http://127\.0\.0\.1:8000(/l/\S+)", mail.outbox[-1].body).group(1)
    opened = client.get(link)
    consent = Consent.objects.get(subscriber__email="zoe@valclair.example")
    before = consent.confirmed_at
    client.post(link)

    assert asked.status_code == opened.status_code == 200
    assert before is None
    consent.refresh_from_db()
    assert consent.confirmed_at is not None


def test_a_known_address_gets_the_same_answer(town: Town, client: Client) -> None:
    consent = things.consent()
    address = reverse("letter", args=[consent.list.public_id])

    pages = [
        client.post(address, {"email": email}).content.decode().replace(email, "…")
        for email in (consent.subscriber.email, "new@valclair.example")
    ]

    assert _without_tokens(pages[0]) == _without_tokens(pages[1])


def _without_tokens(page: str) -> str:
    return re.sub(r'nonce="[^"]*"|"X-CSRFToken": "[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"', "", page)


def test_a_program_that_fills_in_everything_subscribes_nobody(town: Town, client: Client) -> None:
    letter = things.consent().list

    client.post(reverse("letter", args=[letter.public_id]), {"email": "bot@valclair.example", "website": "http://spam"})

    assert not Consent.objects.filter(subscriber__email="bot@valclair.example").exists()


def test_a_bad_address_is_told_at_its_field(town: Town, client: Client) -> None:
    page = client.post(reverse("letter", args=[things.consent().list.public_id]), {"email": "zoe@"})

    assert "email" in page.context["form"].errors


def test_leaving_takes_one_post_without_cookie_or_token(town: Town) -> None:
    consent = things.consent()
    strict = Client(enforce_csrf_checks=True)
    address = _letter(consent, "letter_leave")

    opened = strict.get(address)
    consent.refresh_from_db()
    still = consent.left_at
    answer = strict.post(address, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")

    assert (opened.status_code, still, answer.status_code) == (200, None, 200)
    consent.refresh_from_db()
    assert consent.left_at is not None


def test_an_old_link_brings_nobody_back(town: Town, client: Client) -> None:
    consent = things.consent()
    Consent.objects.filter(pk=consent.pk).update(left_at=timezone.now())

    assert client.post(_letter(consent, "letter_confirm")).status_code == 404
    consent.refresh_from_db()
    assert consent.left_at is not None


def test_an_issue_may_be_read_by_anybody_and_runs_nothing(town: Town, client: Client) -> None:
    edition = things.edition()

    page = client.get(reverse("edition", args=[edition.public_id]))

    assert page.status_code == 200
    assert "script-src 'none'" in page["Content-Security-Policy"]


def test_an_internal_letters_issue_is_for_nobody_outside(town: Town, client: Client) -> None:
    edition = things.edition()
    edition.list.account.level = "internal"
    edition.list.account.save()

    assert client.get(reverse("edition", args=[edition.public_id])).status_code == 404


def test_a_stranger_has_no_board(town: Town, client: Client) -> None:
    assert client.get(reverse("board"))["Location"].startswith("/sign-in/")
    assert isinstance(town.people["agent"], Person)


def test_who_has_no_account_is_offered_the_letters_and_the_feeds(town: Town, client: Client) -> None:
    row = things.published("public")
    feed = valclair.account("feed", name="Flux public")
    mail_account = {"host": "127.0.0.1", "sender": "lettre@valclair.example", "security": "none"}
    letter = List.objects.create(account=valclair.account("smtp", name="Courriel", **mail_account), name="La lettre")

    for address in (_page(row), client.get(reverse("home"))["Location"]):
        page = client.get(address).content.decode()
        assert reverse("letter", args=[letter.public_id]) in page
        assert reverse("feed", args=[feed.slug, "atom"]) in page
    letter.is_open = False
    letter.save()
    assert reverse("letter", args=[letter.public_id]) not in client.get(_page(row)).content.decode()
