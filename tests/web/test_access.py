"""Every address × every role. An address without a row fails; "not yours" and "not there" look alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import Http404
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from diffusion import access
from diffusion.directory.models import Person, RoleKind
from tests import valclair
from tests.web import town as things
from tests.web.town import ROLES, Town

NOBODY = "nobody"
EVERYBODY = (NOBODY, *ROLES)
SIGNED_IN = ROLES
RUN = ("ops", "administrator")
WRITE_AND_RUN = ("communicator", *RUN)
READ = ("communicator", "approver", "ops")
ACT = ("communicator", "ops")
ADMIN = ("administrator",)
WRITE = ("communicator",)
APPROVE = ("approver",)

Parts = Callable[[Town], dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """Who is let in by `method`; everybody else is sent to sign in, or told that there is no such page."""

    who: tuple[str, ...]
    method: str = "get"
    parts: Parts = lambda town: {}


def _delivery(town: Town) -> dict[str, Any]:
    return {"public_id": town.delivery.public_id}


def _account(town: Town) -> dict[str, Any]:
    return {"public_id": town.account.public_id}


def _source(town: Town) -> dict[str, Any]:
    return {"public_id": town.source.public_id}


def _guest(town: Town) -> dict[str, Any]:
    return {"public_id": town.guest.public_id}


def _role(town: Town) -> dict[str, Any]:
    return {**_guest(town), "pk": town.role.pk}


def _absence(town: Town) -> dict[str, Any]:
    return {**_guest(town), "pk": town.absence.pk}


def _submission(town: Town) -> dict[str, Any]:
    return {"public_id": things.submission().public_id}


def _message(town: Town) -> dict[str, Any]:
    return {"public_id": town.delivery.message.public_id}


def _change(town: Town) -> dict[str, Any]:
    return {**_message(town), "index": 0, "act": "undo"}


def _picture(town: Town) -> dict[str, Any]:
    return {**_message(town), "asset": things.picture().public_id}


def _version(town: Town) -> dict[str, Any]:
    return {**_message(town), "account": town.account.public_id}


def _approval(town: Town) -> dict[str, Any]:
    message = town.delivery.message
    return {"public_id": message.approvals.create(revision=message.revision, asked_of=town.guest).public_id}


def _feed(town: Town) -> dict[str, Any]:
    return {"slug": things.feed("public").slug, "form": "atom"}


def _secret_feed(town: Town) -> dict[str, Any]:
    return {"slug": things.feed("internal").slug, "form": "atom", "secret": things.feed_secret(town.guest, "internal")}


def _letter(town: Town) -> dict[str, Any]:
    return {"public_id": things.consent().list.public_id}


def _account_without_a_list(town: Town) -> dict[str, Any]:
    account = valclair.account("smtp", host="127.0.0.1", sender="lettre@valclair.example", security="none")
    return {"account": account.public_id}


def _issue(town: Town) -> dict[str, Any]:
    issue = things.line("clara@valclair.example").edition
    return {"public_id": issue.list.public_id, "edition": issue.public_id}


def _line(town: Town) -> dict[str, Any]:
    line = things.line("b@valclair.example")
    issue = line.edition
    return {"public_id": issue.list.public_id, "edition": issue.public_id, "line": line.pk, "act": "sent"}


def _reader(town: Town) -> dict[str, Any]:
    consent = things.consent()
    return {"public_id": consent.list.public_id, "secret": consent.subscriber.secret}


TABLE: dict[str, Row] = {
    "home": Row(SIGNED_IN),
    "me": Row(SIGNED_IN),
    "theme": Row(EVERYBODY, "post"),
    "sign_in_link": Row(EVERYBODY, parts=lambda town: {"secret": "spent"}),
    "account_login": Row(EVERYBODY),
    "account_request_login_code": Row(EVERYBODY),
    "account_confirm_login_code": Row(EVERYBODY),
    "account_inactive": Row(EVERYBODY),
    "account_logout": Row(EVERYBODY),
    "account_change_password": Row(SIGNED_IN),
    "account_set_password": Row(SIGNED_IN),
    "account_reset_password": Row(EVERYBODY),
    "account_reset_password_done": Row(EVERYBODY),
    "account_reset_password_from_key": Row(EVERYBODY, parts=lambda town: {"uidb36": "1", "key": "x-y"}),
    "account_reset_password_from_key_done": Row(EVERYBODY),
    "desk": Row(WRITE),
    "propose": Row(("contributor", "communicator")),
    "propose_read": Row(("contributor", "communicator"), "post"),
    "submissions": Row(SIGNED_IN),
    "submission": Row(("contributor", "communicator", "approver"), parts=_submission),
    "submission_draft": Row(WRITE, "post", _submission),
    "submission_join": Row(WRITE, parts=_submission),
    "submission_attach": Row(WRITE, parts=_submission),
    "submission_attach_to": Row(
        WRITE, parts=lambda town: {**_submission(town), "message": _message(town)["public_id"]}
    ),
    "submission_decline": Row(WRITE, parts=_submission),
    "submission_take_back": Row(WRITE, "post", _submission),
    "messages": Row(READ),
    "message_new": Row(WRITE),
    "message": Row(READ, parts=_message),
    "message_edit": Row(WRITE, parts=_message),
    "message_change": Row(WRITE, "post", _change),
    "message_facts": Row(WRITE, "post", _message),
    "message_picture": Row(WRITE, parts=_message),
    "message_picture_out": Row(WRITE, "post", _picture),
    "version_edit": Row(WRITE, parts=_version),
    "version_count": Row(WRITE, "post", _version),
    "version_reset": Row(WRITE, "post", _version),
    "version_override": Row(WRITE, parts=_version),
    "message_compose": Row(WRITE, "post", _message),
    "message_terms": Row(WRITE, parts=_message),
    "message_campaign": Row(WRITE, parts=_message),
    "message_ask": Row(WRITE, "post", _message),
    "message_plan": Row(WRITE, parts=_message),
    "message_move": Row(WRITE, parts=_message),
    "message_cancel": Row(WRITE, parts=_message),
    "message_correct": Row(WRITE, parts=_message),
    "message_withdraw": Row(WRITE, parts=_message),
    "message_aside": Row(WRITE, "post", _message),
    "approvals": Row(SIGNED_IN),
    "approval": Row(APPROVE, parts=_approval),
    "approval_approve": Row(APPROVE, "post", _approval),
    "approval_decline": Row(APPROVE, parts=_approval),
    "board": Row(SIGNED_IN),
    "board_article": Row(SIGNED_IN, parts=lambda town: {"public_id": things.published("internal").public_id}),
    "public_message": Row(EVERYBODY, parts=lambda town: {"public_id": things.published("public").message.public_id}),
    "media": Row(SIGNED_IN, parts=lambda town: {"public_id": things.picture().public_id}),
    "edition": Row(EVERYBODY, parts=lambda town: {"public_id": things.edition().public_id}),
    "feeds": Row(SIGNED_IN),
    "figures": Row(READ),
    "figures_as": Row(READ, parts=lambda town: {"form": "csv"}),
    "feeds_revoke": Row(SIGNED_IN, "post"),
    "feed": Row(EVERYBODY, parts=_feed),
    "feed_secret": Row(EVERYBODY, parts=_secret_feed),
    "letter": Row(EVERYBODY, parts=_letter),
    "letter_confirm": Row(EVERYBODY, parts=_reader),
    "letter_leave": Row(EVERYBODY, parts=_reader),
    "letters": Row(WRITE_AND_RUN),
    "letter_open": Row(WRITE, "post", _account_without_a_list),
    "letter_list": Row(WRITE_AND_RUN, parts=_letter),
    "letter_change": Row(WRITE, parts=_letter),
    "letter_add": Row(WRITE, parts=_letter),
    "letter_import": Row(WRITE, parts=_letter),
    "letter_remove": Row(WRITE, parts=_letter),
    "letter_export": Row(ADMIN, "post", _letter),
    "letter_issue": Row(WRITE_AND_RUN, parts=_issue),
    "letter_line": Row(ACT, parts=_line),
    "deliveries": Row(READ),
    "deliveries_retry": Row(ACT, "post"),
    "replay": Row(ACT),
    "part_drain": Row(RUN, parts=lambda town: {"pk": town.worker.pk}),
    "deliveries_together": Row(ACT, parts=lambda town: {"name": "retry"}),
    "deliveries_vouch": Row(ACT, "post"),
    "delivery": Row(READ, parts=_delivery),
    "delivery_there": Row(ACT, parts=_delivery),
    "delivery_absent": Row(ACT, parts=_delivery),
    "delivery_by_hand": Row(ACT, parts=_delivery),
    "delivery_look": Row(ACT, "post", _delivery),
    "delivery_differs": Row(READ, parts=_delivery),
    "delivery_answer": Row(ACT, "post", lambda town: {**_delivery(town), "act": "note"}),
    "delivery_retry": Row(ACT, "post", _delivery),
    "delivery_cancel": Row(ACT, parts=_delivery),
    "hold": Row(WRITE_AND_RUN),
    "journal": Row(RUN),
    "accounts": Row(WRITE_AND_RUN),
    "account_choose": Row(RUN),
    "account_connect": Row(RUN, parts=lambda town: {"channel": "mastodon"}),
    "account": Row(WRITE_AND_RUN, parts=_account),
    "account_probe": Row(RUN, "post", _account),
    "account_pause": Row(RUN, "post", _account),
    "account_resume": Row(RUN, "post", _account),
    "account_reconnect": Row(RUN, parts=_account),
    "sources": Row(WRITE_AND_RUN),
    "source_add": Row(WRITE_AND_RUN),
    "source": Row(WRITE_AND_RUN, parts=_source),
    "source_pull": Row(WRITE_AND_RUN, "post", _source),
    "authority": Row(ADMIN),
    "people": Row(ADMIN),
    "person_add": Row(ADMIN),
    "person": Row(ADMIN, parts=_guest),
    "person_link": Row(ADMIN, "post", _guest),
    "role_give": Row(ADMIN, "post", _guest),
    "role_take": Row(ADMIN, "post", _role),
    "absence_set": Row(ADMIN, "post", _guest),
    "absence_end": Row(ADMIN, "post", _absence),
    "person_deactivate": Row(ADMIN, "post", _guest),
    "person_reactivate": Row(ADMIN, "post", _guest),
    "directorates": Row(ADMIN),
    "directorate_add": Row(ADMIN),
    "directorate": Row(ADMIN, parts=lambda town: {"public_id": valclair.water().public_id}),
    "v1:openapi-json": Row(EVERYBODY),
    "v1:problem": Row(EVERYBODY, parts=lambda town: {"code": "not_found"}),
    # machines come in by a token, whatever a browser's session says: tests/api
    "v1:submissions": Row(()),
    "v1:submission": Row((), parts=lambda town: {"public_id": "2" * 12}),
    "v1:messages": Row(()),
    "v1:message": Row((), parts=_message),
    "v1:deliveries": Row(()),
    "v1:delivery": Row((), parts=_delivery),
    "v1:api-root": Row(()),
    "v1:nowhere": Row(()),
}


def addresses(patterns: Any = None, space: str = "") -> Iterator[str]:
    """The name of every address that is served."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from addresses(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}" if pattern.name else f"without a name: {pattern.pattern}"


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert sorted(set(addresses())) == sorted(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_who_is_let_in(name: str, town: Town) -> None:
    row = TABLE[name]
    address = reverse(name, kwargs=row.parts(town))

    let_in = {kind for kind in EVERYBODY if _is_let_in(_browser(town, kind), row.method, address)}

    assert let_in == set(row.who)


def _browser(town: Town, kind: str) -> Client:
    client = Client()
    if kind != NOBODY:
        client.force_login(town.people[kind])
    return client


def _is_let_in(client: Client, method: str, address: str) -> bool:
    """Whatever the page then says: a form's errors or a verb's no come from behind the door."""
    answer = getattr(client, method)(address)
    answer.close()
    assert answer.status_code < 500
    is_sent_away = answer.status_code == 302 and answer["Location"].startswith("/sign-in/?next=")
    return answer.status_code not in (401, 403, 404) and not is_sent_away


def _one_of_each(town: Town) -> list[tuple[Callable[..., Any], str]]:
    message = town.delivery.message
    return [
        (access.message, message.public_id),
        (access.delivery, town.delivery.public_id),
        (access.source, town.source.public_id),
    ]


def test_a_role_for_another_directorate_reaches_nothing_here(town: Town) -> None:
    elsewhere = valclair.person("Rose Ailleurs", RoleKind.COMMUNICATOR, directorate=valclair.human_resources())

    for get, public_id in _one_of_each(town):
        with pytest.raises(Http404):
            get(elsewhere, public_id)


def test_a_role_for_this_directorate_reaches_its_things(town: Town) -> None:
    here = valclair.person("Lise Ici", RoleKind.COMMUNICATOR, directorate=valclair.water())

    for get, public_id in _one_of_each(town):
        assert get(here, public_id).public_id == public_id


def test_not_yours_and_not_there_look_alike(town: Town) -> None:
    agent = town.people["agent"]

    for get, public_id in _one_of_each(town):
        raised = []
        for asked in (public_id, "nothere12345"):
            with pytest.raises(Http404) as fault:
                get(agent, asked)
            raised.append(str(fault.value))
        assert raised[0] == raised[1]


def test_who_was_asked_may_read_and_approve_without_the_role(town: Town) -> None:
    deputy: Person = town.guest
    message = town.delivery.message
    message.approvals.create(revision=message.revision, asked_of=town.people["approver"], deputy=deputy)

    assert access.message(deputy, message.public_id, to="approve") == message
    with pytest.raises(Http404):
        access.message(deputy, message.public_id, to="edit")


def test_a_closed_account_reaches_nothing(town: Town) -> None:
    paul = town.people["ops"]
    paul.is_active = False

    assert access.kinds_of(paul) == frozenset()
    with pytest.raises(Http404):
        access.delivery(paul, town.delivery.public_id)


def test_what_is_not_public_is_not_shown_to_strangers(town: Town) -> None:
    stranger = Client()
    internal = things.published("internal").message.public_id
    addresses_of_it = [
        reverse("public_message", args=[internal]),
        reverse("feed", args=[things.feed("internal").slug, "atom"]),
        reverse("feed_secret", args=["wrong", things.feed("partners").slug, "atom"]),
    ]

    assert [stranger.get(address).status_code for address in addresses_of_it] == [404, 404, 404]
