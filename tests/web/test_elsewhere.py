"""Each role of one directorate × each thing of another, by each address and method; and what a form may name of theirs."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from diffusion.directory.models import Person, RoleKind
from diffusion.intake.models import Submission, Via
from diffusion.message.models import Message
from tests import valclair
from tests.web import test_access as table
from tests.web import town as things
from tests.web.town import Town

WORKS = (RoleKind.CONTRIBUTOR, RoleKind.COMMUNICATOR, RoleKind.APPROVER)
"""The roles that are given for one directorate."""
PARTS = (
    table._submission, table._message, table._change, table._picture, table._version, table._approval,
    table._delivery, table._source,
)  # fmt: skip
THEIRS = sorted(name for name, row in table.TABLE.items() if row.parts in PARTS and not name.startswith("v1:"))


def _elsewhere(*kinds: str) -> tuple[Person, Client]:
    """Somebody with these roles in the human resources, and their browser."""
    person = valclair.person("Rose Ailleurs", *kinds, directorate=valclair.human_resources())
    browser = Client()
    browser.force_login(person)
    return person, browser


def test_all_that_has_a_directorate_is_looked_at() -> None:
    assert len(THEIRS) > 30


@pytest.mark.parametrize("name", THEIRS)
def test_nothing_of_another_directorate_is_reached(town: Town, name: str) -> None:
    address = reverse(name, kwargs=table.TABLE[name].parts(town))
    _person, browser = _elsewhere(*WORKS)

    answers = {method: getattr(browser, method)(address).status_code for method in ("get", "post")}

    assert set(answers.values()) <= {404, 405}, answers
    assert 404 in answers.values()


def test_no_form_takes_a_thing_of_another_directorate(town: Town) -> None:
    person, browser = _elsewhere(*WORKS)
    mine = Submission.objects.create(
        directorate=valclair.human_resources(), via=Via.FORM, uid="9", fingerprint="9" * 64, title="Grève", by=person
    )
    theirs, message, water = things.submission(), town.delivery.message, valclair.water()
    words: dict[str, Any] = {"title": "x", "text": "x", "body": "x", "level": "internal", "levels": ["internal"]}

    browser.post(reverse("submission_attach_to", args=[mine.public_id, message.public_id]))
    browser.post(reverse("propose"), {**words, "directorate": water.public_id})
    browser.post(reverse("message_new"), {**words, "language": "fr", "directorate": water.public_id})
    browser.post(
        reverse("source_add"),
        {"name": "x", "url": "https://x.example/", "level": "internal", "every": "15", "first_pull": "last",
         "first_count": "5", "directorate": water.public_id},
    )  # fmt: skip
    browser.post(
        reverse("submission_join", args=[mine.public_id]), {"with": [theirs.public_id], "base": "0", "rest": "all"}
    )
    browser.post(reverse("deliveries_retry"), {"delivery": [town.delivery.public_id]})

    assert list(message.submissions.all()) == []
    assert list(theirs.messages.all()) == []
    assert list(water.submissions.all()) == [theirs]
    assert list(water.sources.all()) == [town.source]
    assert list(Message.objects.filter(directorate=water)) == [message]
    town.delivery.refresh_from_db()
    assert town.delivery.state == "planned"


@pytest.mark.parametrize("name", ["desk", "messages", "deliveries", "sources", "approvals", "submissions"])
def test_no_list_names_a_thing_of_another_directorate(town: Town, name: str) -> None:
    theirs = things.submission()
    _person, browser = _elsewhere(*WORKS)

    page = browser.get(reverse(name), {"show": "all"}).content.decode()

    for secret in (theirs.public_id, theirs.title, town.delivery.message.public_id, town.delivery.public_id):
        assert secret not in page


@pytest.mark.parametrize(
    "pick", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59+00:00"]
)
def test_a_moment_at_the_calendars_end_is_no_moment(town: Town, sign_in: Any, pick: str) -> None:
    row = valclair.message()
    address = reverse("message_plan", args=[row.public_id])

    assert sign_in("communicator").post(address, {"when": "at", "pick": pick}).status_code == 200


def test_a_number_without_end_is_no_number(town: Town, sign_in: Any) -> None:
    row = valclair.message()
    address = reverse("message_facts", args=[row.public_id])

    assert sign_in("communicator").post(address, {"based_on": "9" * 5000}).status_code < 500


def test_a_zone_without_end_is_told_at_its_field(town: Town, sign_in: Any) -> None:
    """Zones are files: a name that no file can have was an error of ours."""
    given = {"name": "Agglo", "time_zone": "x" * 6000, "lead": "2:00:00", "silence": "wait", "retention_days": "365"}

    page = sign_in("administrator").post(reverse("authority"), given)

    assert "time_zone" in page.context["form"].errors
