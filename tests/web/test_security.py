"""What somebody who means harm tries at the pages: each was possible once, or must never become so."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from diffusion.accounts.models import Account
from diffusion.brand.models import Level
from diffusion.delivery.models import Amendment, Delivery
from diffusion.directory import people
from diffusion.directory.models import Role, RoleKind
from diffusion.intake.models import Submission, Via
from diffusion.message.models import Illustration, Message
from diffusion.newsletter import lists, subscribe
from diffusion.newsletter.models import Consent, List
from diffusion.rendition.versions import statement_of
from tests import valclair
from tests.web import town as things
from tests.web.town import Town


@pytest.fixture(autouse=True)
def _no_guess_yet() -> None:
    cache.clear()


SignIn = Callable[[str], Client]


def _proposal(town: Town, **more: Any) -> dict[str, Any]:
    return {
        "title": "Fuite",
        "text": "Une fuite.",
        "directorate": valclair.water().public_id,
        "level": "public",
        **more,
    }


@pytest.mark.parametrize("way", ["by its id", "by its bytes"])
def test_a_contributor_does_not_reword_a_picture_of_others(
    town: Town, sign_in: SignIn, client: Client, way: str
) -> None:
    row, picture = things.published("public"), things.picture()
    Illustration.objects.create(revision=row.revision, asset=picture)
    given: dict[str, Any] = {"description": "Le maire en prison"}
    if way == "by its id":
        given["kept"] = picture.public_id
    else:
        given["picture"] = SimpleUploadedFile("plan.png", picture.path.read_bytes(), "image/png")

    sign_in("contributor").post(reverse("propose"), _proposal(town, **given))

    assert "prison" not in client.get(reverse("public_message", args=[row.message.public_id])).content.decode()


def test_a_communicator_does_not_reword_a_picture_of_another_directorate(town: Town, client: Client) -> None:
    row, picture = things.published("public"), things.picture()
    Illustration.objects.create(revision=row.revision, asset=picture)
    other = valclair.person("Rémi Culture", RoleKind.COMMUNICATOR, directorate=valclair.human_resources())
    mine = valclair.message(directorate=valclair.human_resources())
    browser = Client()
    browser.force_login(other)
    address = reverse("message_picture", args=[mine.public_id])

    browser.post(address, {"kept": picture.public_id, "description": "Le maire en prison"})

    picture.refresh_from_db()
    assert picture.description == "Plan"
    assert list(Message.objects.get(pk=mine.pk).current.media.all()) == [picture]


def test_a_communicator_rewords_the_pictures_of_their_own_messages(town: Town, sign_in: SignIn) -> None:
    row, picture = valclair.message(), things.picture()
    Illustration.objects.create(revision=row.current, asset=picture)
    address = reverse("message_picture", args=[row.public_id])

    sign_in("communicator").post(address, {"kept": picture.public_id, "description": "Plan du quartier"})

    picture.refresh_from_db()
    assert picture.description == "Plan du quartier"


def _internal_letter() -> List:
    account = valclair.account(
        "smtp", level="internal", host="127.0.0.1", sender="agents@valclair.example", security="none"
    )
    return List.objects.create(account=account, name="La lettre des agents")


def test_an_outsider_does_not_get_the_agents_letter(
    town: Town, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    """A forwarded mail carries the letter's id in its link of leaving."""
    address = reverse("letter", args=[_internal_letter().public_id])

    with django_capture_on_commit_callbacks(execute=True):
        outside = client.post(address, {"email": "journal@gazette.example"})
    assert not Consent.objects.exists()
    assert mail.outbox == []

    with django_capture_on_commit_callbacks(execute=True):
        inside = client.post(address, {"email": "Agent@valclair.example"})
    assert [sent.to for sent in mail.outbox] == [["Agent@valclair.example"]]
    assert _without_address(outside.content, b"journal@gazette.example") == _without_address(
        inside.content, b"Agent@valclair.example"
    ), "the answer tells who works here"


def _without_address(page: bytes, address: bytes) -> bytes:
    return re.sub(rb'nonce="[^"]*"|(?:value=|"X-CSRFToken": )"[^"]*"', b"", page.replace(address, b""))


def test_nobodys_mailbox_is_filled_by_somebody_elses_clicks(
    town: Town, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    address = reverse("letter", args=[things.consent().list.public_id])

    for _click in range(5):
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(address, {"email": "victim@valclair.example"})
            assert answer.status_code == 200

    assert len(mail.outbox) == 1


def test_one_machine_does_not_mail_the_whole_town(
    town: Town, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    address = reverse("letter", args=[things.consent().list.public_id])

    with django_capture_on_commit_callbacks(execute=True):
        answers = [client.post(address, {"email": f"resident{n}@valclair.example"}) for n in range(40)]

    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert len(mail.outbox) <= 20


def test_a_withdrawn_messages_issue_is_no_longer_read_here(town: Town, client: Client) -> None:
    """The mails can't be called back; our own page can."""
    issue = things.edition()
    address = reverse("edition", args=[issue.public_id])
    assert client.get(address).status_code == 200

    Amendment.objects.create(delivery=issue.delivery, act="delete", lane=issue.delivery.lane, code="by_hand")

    assert client.get(address).status_code == 404


def test_an_internal_directorate_never_speaks_outside(town: Town, sign_in: SignIn) -> None:
    unit, browser = valclair.human_resources(), sign_in("communicator")
    words = {"title": "Grève", "body": "Préavis.", "directorate": unit.public_id, "language": "fr"}

    browser.post(reverse("message_new"), {**words, "levels": ["internal", "public"]})
    assert not Message.objects.filter(directorate=unit).exists()

    browser.post(reverse("message_new"), {**words, "levels": ["internal"]})
    made = Message.objects.get(directorate=unit)
    terms = {"when": "now", "lead": "own", "silence": "wait", "brand": made.brand.public_id}
    browser.post(reverse("message_terms", args=[made.public_id]), {**terms, "levels": ["internal", "public"]})
    made.refresh_from_db()
    assert made.levels == ["internal"]


def test_joined_submissions_are_for_those_whom_all_of_them_may_reach(town: Town, sign_in: SignIn) -> None:
    first = things.submission()
    inside = Submission.objects.create(
        directorate=valclair.water(),
        via=Via.FORM,
        uid="2",
        fingerprint="e" * 64,
        title="Code du local",
        level=Level.INTERNAL,
    )

    sign_in("communicator").post(reverse("submission_draft", args=[first.public_id]), {"with": [inside.public_id]})

    assert first.messages.get().levels == ["internal"]


@pytest.mark.parametrize("name", ["me", "board", "messages", "desk", "people", "feeds"])
def test_no_cache_keeps_a_private_page(town: Town, name: str) -> None:
    browser = Client()
    browser.force_login(valclair.person("Toute Valclair", *RoleKind.values))

    assert "private" in browser.get(reverse(name)).headers["Cache-Control"]


def test_a_refused_button_leaves_no_secret_in_the_log(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    from diffusion.logs import Formatter

    secret = people.make_link(town.people["agent"])
    browser = Client(enforce_csrf_checks=True)

    with caplog.at_level(logging.WARNING):
        assert browser.post(reverse("sign_in_link", args=[secret])).status_code == 403

    lines = "\n".join(Formatter().format(record) for record in caplog.records)
    assert "/in/" in lines
    assert secret not in lines


def test_who_may_no_longer_approve_does_not(town: Town) -> None:
    boss = valclair.sophie()
    row = valclair.message()
    question = row.approvals.create(revision=row.revision, asked_by=valclair.ines(), asked_of=boss, seal={})
    Role.objects.filter(person=boss).delete()
    browser = Client()
    browser.force_login(boss)

    browser.post(reverse("approval_approve", args=[question.public_id]))

    question.refresh_from_db()
    assert question.decision == "asked"


def test_sign_in_slows_down_who_guesses(town: Town) -> None:
    paul = town.people["ops"]
    paul.set_password("tilleuls lavandières canicule")
    paul.save()
    browser, address = Client(), reverse("account_login")

    for _try in range(6):
        browser.post(address, {"login": paul.email, "password": "wrong"})
    browser.post(address, {"login": paul.email, "password": "tilleuls lavandières canicule"})

    assert browser.get(reverse("me")).status_code == 302


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_signing_in_leads_nowhere_else(town: Town, where: str) -> None:
    paul = town.people["ops"]
    paul.set_password("tilleuls lavandières canicule")
    paul.save()
    given = {"login": paul.email, "password": "tilleuls lavandières canicule", "next": where}

    answer = Client().post(reverse("account_login"), given)

    assert answer.status_code == 302
    assert "evil" not in answer.headers["Location"]
    assert "javascript" not in answer.headers["Location"]


def test_a_foreign_host_gets_no_page_of_ours(town: Town, client: Client) -> None:
    assert client.get(reverse("account_login"), HTTP_HOST="evil.example").status_code == 400


@pytest.mark.parametrize(
    "body", ["[x](javascript:alert(1))", "[x](data:text/html,<script>)", "<img src=x onerror=alert(1)>"]
)
def test_no_word_of_a_message_acts_in_public(town: Town, client: Client, body: str) -> None:
    row = things.published("public")
    row.revision.body = body
    row.revision.save()
    Delivery.objects.filter(pk=row.pk).update(revision=row.revision)

    page = client.get(reverse("public_message", args=[row.message.public_id])).content.decode()

    assert not re.search(r'href="(?:javascript|data):', page)
    assert "<img src=x" not in page


def test_only_the_mail_programs_button_and_the_api_need_no_token(town: Town) -> None:
    """RFC 8058's one click has its proof in the address, the API in a header."""
    from django.urls import URLResolver, get_resolver

    exempt = {
        pattern.name
        for pattern in get_resolver().url_patterns
        if not isinstance(pattern, URLResolver) and getattr(pattern.callback, "csrf_exempt", False)
    }

    assert exempt == {"letter_leave"}
    assert Account.objects.count() == 1


def test_a_title_stays_on_one_line(town: Town, sign_in: SignIn) -> None:
    """It becomes the subject of mails to approvers: a line end would begin a header, or the mail's own words."""
    words = {"title": "Fuite\rBcc evil@evil.example\nOui\u202e", "directorate": valclair.water().public_id}

    sign_in("communicator").post(reverse("message_new"), {**words, "levels": ["internal"], "language": "fr"})

    assert Message.objects.latest("pk").current.title == "Fuite Bcc evil@evil.example Oui"


def test_the_public_reads_of_a_picture_what_got_its_yes(town: Town, sign_in: SignIn, client: Client) -> None:
    row, picture = things.published("public"), things.picture()
    Illustration.objects.create(revision=row.revision, asset=picture)
    body = {**row.body, "media": [asdict(media) for media in statement_of(row.revision).media]}
    Delivery.objects.filter(pk=row.pk).update(body=body)

    sign_in("communicator").post(
        reverse("message_picture", args=[row.message.public_id]),
        {"kept": picture.public_id, "description": "Votez Léa"},
    )

    page = client.get(reverse("public_message", args=[row.message.public_id])).content.decode()
    assert "Votez" not in page
    assert 'alt="Plan"' in page


def test_a_page_names_its_own_address_whatever_it_was_asked_by(town: Town, client: Client) -> None:
    row = things.published("public")
    address = reverse("public_message", args=[row.message.public_id])

    page = client.get(address, {"promo": "evil"}, HTTP_HOST="localhost").content.decode()

    assert f'rel="canonical" href="{settings.BASE_URL}{address}"' in page
    assert "evil" not in page


def test_nobody_asks_away_that_somebody_left(town: Town, client: Client) -> None:
    """Whoever left is never put back but by their own wish: a stranger's click on the public form is not that."""
    consent = things.consent()
    subscribe.confirm(consent.list, consent.subscriber)
    subscribe.leave(consent.list, consent.subscriber)

    client.post(reverse("letter", args=[consent.list.public_id]), {"email": consent.subscriber.email})
    taken = lists.take_in(consent.list, consent.subscriber.email, by=town.people["communicator"], origin="other_list")

    assert taken.left == (consent.subscriber.email,)
    assert not subscribe.readers(consent.list).exists()


def test_who_left_comes_back_by_the_mails_button(
    town: Town, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    consent = things.consent()
    address = reverse("letter", args=[consent.list.public_id])
    confirm = reverse("letter_confirm", args=[consent.list.public_id, consent.subscriber.secret])
    subscribe.leave(consent.list, consent.subscriber)
    assert client.post(confirm).status_code == 404

    for _click in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            client.post(address, {"email": consent.subscriber.email})
    assert len(mail.outbox) == 1
    assert client.post(confirm).status_code == 200
    assert subscribe.readers(consent.list).get() == consent.subscriber

    subscribe.leave(consent.list, consent.subscriber)
    assert client.post(confirm).status_code == 404
