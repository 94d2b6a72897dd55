"""The product's own mails: written down in the request, handed over by a worker, and nothing told by how long it takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from diffusion.directory import notify
from diffusion.directory.models import Mail
from tests.web import town as things
from tests.web.town import Town

WAYS_IN = ["account_request_login_code", "account_reset_password"]


def _written(address: str, email: str) -> list[str]:
    """What is written while a page answers: a read takes microseconds, a write milliseconds. The machine's own limit aside."""
    with CaptureQueriesContext(connection) as seen:
        assert Client().post(address, {"email": email}).status_code in (200, 302)
    writes = [row["sql"] for row in seen if row["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    return [" ".join(sql.split()[:3]) for sql in writes if "diffusion_limit" not in sql]


@pytest.mark.parametrize("name", WAYS_IN)
def test_asking_for_a_way_in_costs_the_same_for_whoever_it_is(town: Town, name: str) -> None:
    known = _written(reverse(name), town.people["agent"].email)
    unknown = _written(reverse(name), "nobody@gazette.example")

    assert known == unknown
    assert [row.to for row in Mail.objects.order_by("pk")] == [town.people["agent"].email, ""]


def test_asking_for_a_letter_costs_the_same_for_whoever_reads_it(town: Town) -> None:
    consent = things.consent()
    address = reverse("letter", args=[consent.list.public_id])

    _written(address, consent.subscriber.email)
    _written(address, "zoe@valclair.example")

    assert [row.to for row in Mail.objects.order_by("pk")] == ["", "zoe@valclair.example"]


@pytest.mark.parametrize("name", [*WAYS_IN, "letter"])
def test_an_answer_comes_no_sooner_for_whom_we_do_not_know(
    town: Town, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Slept off: what the work left of the time."""
    slept: list[float] = []
    monkeypatch.setattr("diffusion.web.answers.time.sleep", slept.append)
    monkeypatch.setattr("diffusion.web.answers.AT_LEAST_S", 60.0)
    address = reverse(name, args=[things.consent().list.public_id] if name == "letter" else [])

    for email in (town.people["agent"].email, "nobody@gazette.example"):
        Client().post(address, {"email": email})

    assert [30 < pause <= 60 for pause in slept] == [True, True]


@pytest.mark.parametrize("name", WAYS_IN)
def test_no_page_waits_for_the_relay(town: Town, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("django.core.mail.EmailMessage.send", lambda *_: pytest.fail("in the request"))

    assert Client().post(reverse(name), {"email": town.people["agent"].email}).status_code == 302


def test_what_goes_to_nobody_is_handed_to_nobody(db: None) -> None:
    notify.post("", "Un code", "1234", "login_code")

    assert notify.post_due() == 0
    assert not Mail.objects.exists()
    assert mail.outbox == []


def _fails(*_args: Any, **_more: Any) -> None:
    raise OSError("away")


def test_a_mail_that_the_relay_did_not_take_goes_again_and_is_erased_after(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    notify.post("ines@valclair.example", "Un code", "1234", "login_code", lasts=timedelta(minutes=15))
    with monkeypatch.context() as away:
        away.setattr("django.core.mail.EmailMessage.send", _fails)
        assert notify.post_due() == 0
    waiting = Mail.objects.get()
    assert timezone.now() < waiting.due_at < waiting.useless_after

    assert notify.post_due() == 0, "not before its time"
    Mail.objects.update(due_at=timezone.now())
    assert notify.post_due() == 1
    assert [sent.to for sent in mail.outbox] == [["ines@valclair.example"]]
    assert not Mail.objects.exists()


def test_a_mail_that_is_of_no_more_use_is_given_up(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    notify.post("ines@valclair.example", "Un code", "1234", "login_code", lasts=timedelta(seconds=1))
    monkeypatch.setattr("django.core.mail.EmailMessage.send", _fails)

    notify.post_due()

    assert not Mail.objects.exists()
    assert "mail_failed" in caplog.text
    assert "ines" not in caplog.text
    assert "1234" not in caplog.text


def test_a_mail_in_somebodys_hands_is_nobody_elses_until_they_are_given_up(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    notify.post("ines@valclair.example", "Un code", "1234", "login_code")

    mine = notify._claim()

    assert mine
    assert notify._claim() is None
    Mail.objects.update(due_at=timezone.now())
    assert notify._claim() == mine


def test_the_mail_lane_wakes_for_a_mail_during_a_hold_too(
    town: Town, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    from diffusion.delivery import hold
    from workers import clock, tasks

    hold.hold(by=None)
    notify.post("ines@valclair.example", "Un code", "1234", "login_code")

    assert "mail" in clock.due_lanes()
    tasks.deliver("mail")
    assert len(mail.outbox) == 1


def test_a_code_that_is_over_is_sent_to_nobody(db: None) -> None:
    """No worker ran for a day: what is over by now would only puzzle."""
    notify.post("ines@valclair.example", "Un code", "1234", "login_code", lasts=timedelta(seconds=-1))

    assert notify.post_due() == 0
    assert not Mail.objects.exists()


def test_a_mail_that_can_be_no_mail_stops_no_other(db: None) -> None:
    notify.post("ines@valclair.example\nBcc: x@evil.example", "Un code", "1234", "login_code")
    notify.post("paul@valclair.example", "Un code", "1234", "login_code")

    assert notify.post_due() == 1
    assert not Mail.objects.exists()
    assert [sent.to for sent in mail.outbox] == [["paul@valclair.example"]]


def test_a_relay_that_is_away_all_day_stops_no_other_mail(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    notify.post("ines@valclair.example", "À vous", "…", "delivery_needs_you")
    Mail.objects.update(tries=60)
    monkeypatch.setattr("django.core.mail.EmailMessage.send", _fails)

    assert notify.post_due() == 0
    assert Mail.objects.get().due_at <= timezone.now() + notify.PAUSE_MOST


def test_one_thread_a_process_hands_mails_over(db: None) -> None:
    notify.post("ines@valclair.example", "À vous", "…", "delivery_needs_you")

    with notify._handing_over:
        assert notify.post_due() == 0

    assert Mail.objects.get().tries == 0


def test_a_process_told_to_stop_takes_no_other_mail(db: None) -> None:
    for _ in range(2):
        notify.post("ines@valclair.example", "À vous", "…", "delivery_needs_you")

    assert notify.post_due(stops=lambda: bool(mail.outbox)) == 1
    assert Mail.objects.count() == 1
