"""What can be wrong with what the product is given: it says so in the reader's words, loses nothing, and goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core import mail

from channels.rehearsal.smtp import SmtpServer
from channels.subject import Line
from diffusion.accounts import connect
from diffusion.accounts.models import Account
from diffusion.approval import decide
from diffusion.brand import adopt
from diffusion.brand.charter import CharterError
from diffusion.delivery import amend, plan
from diffusion.delivery.models import Delivery
from diffusion.directory import notify
from diffusion.errors import NotNow, word
from diffusion.newsletter import subscribe
from diffusion.newsletter.models import List
from diffusion.rendition import versions
from tests import valclair
from tests.going_out import carry_all, letter, signed_in
from tests.servers.proxy import Proxy

pytestmark = pytest.mark.django_db


@pytest.fixture
def relay(tmp_path) -> Iterator[SmtpServer]:
    server = SmtpServer(tmp_path / "mail", users={"lettre": "juste"})
    server.start()
    yield server
    server.stop()


@pytest.fixture
def nothing_listed() -> Iterator[None]:
    """An operator who listed no private host."""
    listed = settings.DIFFUSION
    settings.DIFFUSION = listed.model_copy(update={"private_hosts": ()})
    connect.http.cache_clear()
    yield
    settings.DIFFUSION = listed
    connect.http.cache_clear()


# channels at private addresses


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0x7f000001"])
@pytest.mark.parametrize("channel", ["mastodon", "wordpress", "smtp"])
def test_a_channel_at_a_private_address_is_refused_before_any_byte(nothing_listed, channel, host):
    with Proxy(("127.0.0.1", 9)) as line:
        line.set(Line.PASS)
        url = f"http://{host}:{line.port}"
        account = {
            "mastodon": lambda: valclair.account("mastodon", server=url, access_token="t"),
            "wordpress": lambda: valclair.account("wordpress", site=url, user="u", application_password="p"),
            "smtp": lambda: valclair.account(
                "smtp", host=host.strip("[]"), port=line.port, security="none", sender="a@valclair.example"
            ),
        }[channel]()
        if channel == "smtp":
            subscribe.add(List.objects.create(account=account, name="L"), email="a@b.example", by=None, origin="test")
        delivery = valclair.delivery(account)

        carry_all()

        assert line.connections == 0
    delivery.refresh_from_db()
    code = delivery.code or delivery.edition.lines.get().code
    assert (code, delivery.state in ("refused", "published")) == ("address_forbidden", True)
    assert "DIFFUSION_PRIVATE_HOSTS" in word("address_forbidden", "fr")


# too long


def test_a_version_that_can_keep_no_fact_less_is_not_scheduled_and_says_by_how_much(rehearsal):
    account = valclair.mastodon(rehearsal)
    Account.objects.filter(pk=account.pk).update(text_limit=60)
    valclair.board()
    message = valclair.message()
    versions.compose_all(message)

    with pytest.raises(NotNow) as no:
        decide.ask(message, by=valclair.ines())

    version = message.revision.versions.get(account=account)
    problem = version.problems[0]
    assert no.value.code == "has_faults"
    assert (problem["code"], problem["over"]) == ("text_too_long", version.report["length"] - 60)
    assert version.report["essential"]
    page = signed_in(valclair.ines()).get(f"/messages/{message.public_id}/").content.decode()
    assert f"{problem['over']}" in page
    assert "décochez un fait" in page
    with pytest.raises(NotNow):
        plan.plan(message, by=None)
    answered_for = versions.override(version, by=valclair.ines(), reason="Tant pis")
    assert not answered_for.can_be_scheduled, "nobody's word makes it shorter"


# accounts that aren't let in


def test_an_account_that_is_not_let_in_waits_alone_its_owner_is_told_and_it_goes_on_after(
    rehearsal, relay, tmp_path, django_capture_on_commit_callbacks
):
    anna = valclair.person("Anna Smith", "ops", language="en")
    wrong, revoked = valclair.mastodon(rehearsal), valclair.mastodon(rehearsal)
    refused_letter, board = letter(relay, "faux"), valclair.board()
    connect.reconnect(wrong, by=None, credentials={"server": rehearsal.url, "access_token": "faux"})
    Account.objects.update(owner=anna)
    rehearsal.revoke()
    rows = {a: valclair.delivery(a) for a in (wrong, revoked, refused_letter, board)}

    with django_capture_on_commit_callbacks(execute=True):
        carry_all()
    notify.post_due()

    states = {a: Delivery.objects.get(pk=row.pk) for a, row in rows.items()}
    assert states[board].state == "published"
    waiting = [wrong, revoked, refused_letter]
    assert {(states[a].state, states[a].stop, states[a].due_at) for a in waiting} == {("planned", "paused", None)}
    told = [letter for letter in mail.outbox if letter.to == [anna.email]]
    assert len(told) == 3
    assert all("reconnect" in letter.subject.lower() for letter in told)
    assert all(f"/accounts/{a.public_id}" in "".join(m.body for m in told) for a in waiting)

    rehearsal.state.note("token", token="neuf", scopes="read write")
    for account in (wrong, revoked):
        connect.reconnect(account, by=anna, credentials={"server": rehearsal.url, "access_token": "neuf"})
    right = {
        "host": relay.host, "port": relay.port, "security": "none", "sender": "lettre@valclair.example",
        "username": "lettre", "password": "juste",
    }  # fmt: skip
    connect.reconnect(refused_letter, by=anna, credentials=right)
    plan.sweep()
    carry_all()

    assert set(Delivery.objects.values_list("state", flat=True)) == {"published"}
    assert len(list(rehearsal.state.newest())) == 2
    assert [row["to"] for row in relay.received.rows("smtp")] == ["a@b.example"]


def test_a_withdrawal_from_an_account_that_is_not_let_in_waits_too_and_goes_on_after(rehearsal):
    account = valclair.mastodon(rehearsal)
    delivery = valclair.delivery(account)
    carry_all()
    rehearsal.revoke()
    amend.withdraw(delivery.message, by=valclair.ines(), reason="Erreur")
    carry_all()
    delivery.refresh_from_db()
    assert delivery.state == "published"

    rehearsal.state.note("token", token="neuf", scopes="read write")
    connect.reconnect(account, by=None, credentials={"server": rehearsal.url, "access_token": "neuf"})
    plan.sweep()
    carry_all()

    delivery.refresh_from_db()
    assert delivery.state == "withdrawn"
    assert not list(rehearsal.state.newest())


# charters


RULE = "name: Eau\nrules:\n  - id: a.b\n    kind: avoid\n    message: Non\n    pattern: '{}'\n"
CHARTERS = {
    "a wrong key": ("name: Eau\ncolors: ['#0b558c']\n", 2, 1),
    "a bad pattern": (RULE.format("(usager"), 6, 22),
    "a pattern that backtracks for ever": (RULE.format("(a+)+$"), 6, 14),
    "no YAML": ("name: [Eau\n", 2, 1),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "column"), CHARTERS.values(), ids=CHARTERS)
def test_a_wrong_charter_says_where_and_the_old_one_stays_in_force(text, line, column):
    brand = valclair.brand()
    before = adopt.adopt(brand, "name: L’eau du Val-Clair\n", by=None)

    with pytest.raises(CharterError) as wrong:
        adopt.adopt(brand, text, by=None)

    assert (line, column) in {(problem.line, problem.column) for problem in wrong.value.problems}
    assert all(problem.say(lang) for problem in wrong.value.problems for lang in ("fr", "en"))
    assert list(brand.charters.all()) == [before]


# two people, one message


def test_the_second_of_two_who_edit_one_message_sees_who_and_what_and_chooses():
    message = valclair.message()
    other = valclair.person("Paul Martin", "communicator")
    mine, theirs = signed_in(valclair.ines()), signed_in(other)
    address = f"/messages/{message.public_id}/edit/"
    words = {"title": message.revision.title, "body": message.revision.body, "based_on": 1}
    theirs.post(address, {**words, "body": words["body"].replace("mercredi 17", "jeudi 18")})

    conflict = mine.post(address, {**words, "body": words["body"] + " Prévoyez des bouteilles."})

    page = conflict.content.decode()
    assert conflict.status_code in (200, 409)
    assert "Paul Martin" in page
    assert "jeudi" in page
    assert "Prévoyez des bouteilles." in page
    message.refresh_from_db()
    assert "jeudi 18" in message.revision.body
    based_on = re.search(r'name="based_on" value="(\d+)"', page)
    assert based_on
    mine.post(address, {**words, "body": "Le mien.", "based_on": based_on[1]})
    message.refresh_from_db()
    assert (message.revision.body, message.revision.number) == ("Le mien.", 3)
