"""What somebody who means harm tries at the pages: each was possible once, or must never become so."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from diffusion.accounts.models import Account
from diffusion.brand.models import Level
from diffusion.delivery.models import Delivery
from diffusion.directory import people
from diffusion.directory.models import Role, RoleKind
from diffusion.intake.models import Submission, Via
from diffusion.message.models import Illustration, Message
from diffusion.rendition.versions import statement_of
from tests import valclair
from tests.web import town as things
from tests.web.town import Town


@pytest.fixture(autouse=True)
def _no_guess_yet(db: None) -> None:
    cache.clear()


SignIn = Callable[[str], Client]


def _proposal(**more: Any) -> dict[str, Any]:
    unit = valclair.water().public_id
    return {"title": "Fuite", "text": "Une fuite.", "directorate": unit, "level": "public", **more}


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

    sign_in("contributor").post(reverse("propose"), _proposal(**given))

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

    choice = {"with": [inside.public_id], "base": "0", "rest": "all"}
    sign_in("communicator").post(reverse("submission_join", args=[first.public_id]), choice)

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


def test_a_closed_accounts_sessions_end_for_good(town: Town, sign_in: SignIn) -> None:
    agent, lost = town.people["agent"], sign_in("agent")
    other = sign_in("ops")

    people.deactivate(agent, by=town.people["administrator"])
    people.reactivate(agent, by=town.people["administrator"])

    assert lost.get(reverse("me")).status_code == 302
    assert other.get(reverse("me")).status_code == 200


def test_signing_in_begins_a_new_session(town: Town) -> None:
    """Whoever planted a session in somebody's browser does not share what they sign in to."""
    browser = Client()
    planted = browser.session
    planted["mark"] = "x"
    planted.save()
    browser.cookies["sessionid"] = planted.session_key

    browser.post(reverse("sign_in_link", args=[people.make_link(town.people["agent"])]))

    assert browser.get(reverse("me")).status_code == 200
    assert browser.cookies["sessionid"].value != planted.session_key


@pytest.mark.parametrize(
    ("name", "field"), [("account_request_login_code", "email"), ("account_reset_password", "email")]
)
def test_asking_for_a_way_in_tells_nobody_who_works_here(town: Town, name: str, field: str) -> None:
    answers = []
    for email in (town.people["agent"].email, "nobody@gazette.example"):
        answer = Client().post(reverse(name), {field: email})
        answers.append((answer.status_code, answer.headers.get("Location")))

    assert answers[0] == answers[1]
    assert answers[0][0] == 302


@pytest.mark.parametrize("path", ["/m/%00", "/media/%00", "/feeds/%00.atom", "/in/%00/", "/static/..%2fsettings.py"])
def test_an_address_that_no_name_has_is_nowhere(town: Town, client: Client, path: str) -> None:
    assert client.get(path).status_code in (404, 410)


def test_behind_tls_cookies_go_by_tls_alone(tmp_path: Path) -> None:
    env = {"PATH": "", "DIFFUSION_HOME": str(tmp_path), "DIFFUSION_BASE_URL": "https://diffusion.valclair.example"}
    ask = (
        "from diffusion import settings as s; import os; print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
        " s.SECURE_HSTS_SECONDS > 0, s.DEBUG, oct(os.stat(s.DIFFUSION.home).st_mode & 0o777))"
    )

    said = subprocess.run([sys.executable, "-c", ask], env=env, capture_output=True, text=True, check=True)

    assert said.stdout.split() == ["True", "True", "True", "False", "0o700"]
