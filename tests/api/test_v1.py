"""The API as a machine meets it: hand in once, follow, list; every no a problem; nothing hostile gets further than the door."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from limits import RateLimitItemPerMinute

from diffusion.api import pace, v1
from diffusion.api.words import FIELDS, KINDS
from diffusion.delivery.models import Receipt
from diffusion.delivery.states import State
from diffusion.directory import people
from diffusion.intake.calls import Call
from diffusion.intake.models import Submission
from diffusion.message.models import Message
from diffusion.message.write import draft_from
from tests import valclair
from tests.api.machine import ADDRESSES, CUT, ROOT, Caller, caller, is_problem, token_of

pytestmark = pytest.mark.django_db


def test_content_handed_in_is_kept_as_received(marc: Caller) -> None:
    answer = marc("post", "/submissions", CUT)

    kept = Submission.objects.get(public_id=answer.json()["id"])
    assert answer.status_code == 201
    assert answer["Location"] == f"{ROOT}/submissions/{kept.public_id}"
    assert (kept.text, kept.via, kept.by, kept.level) == (valclair.CUT, "api", valclair.marc(), "public")


def test_the_same_content_twice_is_one_submission(marc: Caller) -> None:
    first, second = marc("post", "/submissions", CUT), marc("post", "/submissions", CUT)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


def test_a_repeated_key_has_the_same_answer(marc: Caller) -> None:
    first = marc("post", "/submissions", CUT, **{"Idempotency-Key": "k-1"})
    again = marc("post", "/submissions", dict(reversed(CUT.items())), **{"Idempotency-Key": "k-1"})

    assert (first.status_code, first.content) == (201, again.content)
    assert again.status_code == 201
    assert Submission.objects.count() == 1


def test_a_key_with_other_content_is_a_mistake(marc: Caller) -> None:
    marc("post", "/submissions", CUT, **{"Idempotency-Key": "k-1"})

    other = marc("post", "/submissions", {**CUT, "title": "Autre"}, **{"Idempotency-Key": "k-1"})

    is_problem(other, 422, "key_reused")
    assert Submission.objects.count() == 1


def test_a_call_that_died_half_way_is_finished_by_its_repetition(marc: Caller) -> None:
    first = marc("post", "/submissions", CUT, **{"Idempotency-Key": "k-1"})
    Call.objects.update(submission=None, is_new=None)  # as a kill between the two transactions leaves it

    again = marc("post", "/submissions", CUT, **{"Idempotency-Key": "k-1"})

    assert (again.status_code, again.content) == (first.status_code, first.content)


def test_two_tokens_may_use_one_key(marc: Caller, ines: Caller) -> None:
    marc("post", "/submissions", CUT, **{"Idempotency-Key": "k-1"})

    other = ines("post", "/submissions", {**CUT, "title": "Autre"}, **{"Idempotency-Key": "k-1"})

    assert other.status_code == 201


@pytest.mark.parametrize("key", ["", " ", "é", "k" * 201])
def test_a_key_must_be_one(marc: Caller, key: str) -> None:
    is_problem(marc("post", "/submissions", CUT, **{"Idempotency-Key": key}), 400, "key_invalid")


def published(call: Caller) -> tuple[str, Message]:
    """A submission, its message, and one delivery of it that is out."""
    handed = call("post", "/submissions", CUT).json()["id"]
    made = draft_from([Submission.objects.get(public_id=handed)], by=valclair.ines())
    sent = valclair.delivery(valclair.board(), of=made)
    sent.receipt = Receipt.objects.create(
        delivery=sent, proof="published", remote_id="1", url="https://valclair.example/1"
    )
    sent.state = State.PUBLISHED
    sent.save()
    return handed, made


def test_a_sender_follows_a_submission_to_its_live_links(marc: Caller) -> None:
    handed, made = published(marc)

    told = marc("get", f"/submissions/{handed}").json()

    assert (told["state"], told["message"]) == ("published", made.public_id)
    assert [place["url"] for place in told["places"]] == ["https://valclair.example/1"]


def test_messages_and_deliveries_are_told_with_their_proof(marc: Caller, ines: Caller) -> None:
    _, made = published(marc)

    listed = ines("get", "/messages").json()
    whole = ines("get", f"/messages/{made.public_id}").json()
    rows = ines("get", "/deliveries?state=published").json()

    assert [row["id"] for row in listed["items"]] == [made.public_id]
    assert whole["stage"] == "published"
    assert whole["deliveries"] == rows["items"]
    assert rows["items"][0]["receipt"]["id"] == "1"
    assert ines("get", f"/deliveries/{rows['items'][0]['id']}").json() == rows["items"][0]
    assert ines("get", "/deliveries?state=refused").json()["items"] == []


def test_a_list_comes_in_pages_newest_first(marc: Caller) -> None:
    for number in range(5):
        marc("post", "/submissions", {**CUT, "title": f"Numéro {number}"})

    pages = [marc("get", f"/submissions?size=2&page={page}").json() for page in (1, 2, 3, 4)]

    assert [row["title"][-1] for page in pages for row in page["items"]] == ["4", "3", "2", "1", "0"]
    assert {(page["count"], page["pages"]) for page in pages} == {(5, 3)}


def test_a_list_of_fifty_costs_no_more_queries_than_of_five(
    marc: Caller, ines: Caller, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        marc("post", "/submissions", {**CUT, "title": f"Numéro {number}"})
    for row in Submission.objects.all():
        draft_from([row], by=valclair.ines())

    for address in ("/submissions?size=50", "/messages?size=50", "/deliveries?size=50"):
        with django_assert_max_num_queries(16):
            assert ines("get", address).status_code == 200


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer no", "Basic bm86bm8=", "Bearer \x7f", "Bearer " + "x" * 5000])
def test_nothing_is_given_without_a_token(method: str, address: str, header: str) -> None:
    answer = caller("")(method, address.format(id="2" * 12), CUT, Authorization=header)

    is_problem(answer, 401, "unauthenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_revoked_token_and_one_of_a_closed_account_are_none() -> None:
    admin, marc = valclair.person("Ada Admin", "administrator"), valclair.marc()
    valclair.person("Bea Admin", "administrator")
    revoked, closed = token_of(marc), token_of(valclair.ines())

    people.revoke_token(marc.tokens.get(), by=admin)
    people.deactivate(valclair.ines(), by=admin)

    for key in (revoked, closed):
        is_problem(caller(key)("get", "/submissions"), 401, "unauthenticated")


def test_a_token_reaches_as_far_as_its_scopes() -> None:
    valclair.water()
    reads, submits = caller(token_of(valclair.ines(), "read")), caller(token_of(valclair.marc(), "submit"))

    is_problem(reads("post", "/submissions", CUT), 403, "scope_missing")
    for address in ("/messages", "/deliveries"):
        is_problem(submits("get", address), 403, "scope_missing")


def test_a_token_that_only_submits_sees_only_its_persons_own(marc: Caller) -> None:
    other = valclair.person("Nora Eau", "contributor", directorate=valclair.water())
    theirs = marc("post", "/submissions", CUT).json()["id"]

    submits = caller(token_of(other, "submit"))

    assert submits("get", "/submissions").json()["items"] == []
    is_problem(submits("get", f"/submissions/{theirs}"), 404, "not_found")


def test_another_directorates_things_look_as_if_they_were_not_there(marc: Caller, ines: Caller) -> None:
    handed, made = published(marc)
    delivered = ines("get", "/deliveries").json()["items"][0]["id"]
    elsewhere = valclair.person("Rose Ailleurs", "communicator", "contributor", directorate=valclair.human_resources())
    rose = caller(token_of(elsewhere))

    for address in (f"/submissions/{handed}", f"/messages/{made.public_id}", f"/deliveries/{delivered}"):
        is_problem(rose("get", address), 404, "not_found")
    for address in ("/submissions", "/messages", "/deliveries"):
        assert rose("get", address).json()["count"] == 0
    told = is_problem(rose("post", "/submissions", CUT), 422, "invalid")
    assert told["errors"][0]["pointer"] == "/directorate"
    assert "There are: rh." in told["errors"][0]["detail"]


def test_whoever_calls_too_often_is_told_how_long_to_wait(marc: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pace.RATES, "read", RateLimitItemPerMinute(2))

    answers = [marc("get", "/submissions") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    is_problem(answers[2], 429, "rate_limited")
    assert 1 <= int(answers[2]["Retry-After"]) <= 60


@pytest.mark.parametrize(
    ("fault", "status", "code"), [(OperationalError("gone"), 503, "unavailable"), (ZeroDivisionError("secret"), 500, "internal")]
)  # fmt: skip
def test_our_own_faults_are_problems_that_tell_nothing(
    marc: Caller, monkeypatch: pytest.MonkeyPatch, fault: Exception, status: int, code: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise fault

    monkeypatch.setattr(v1.told, "received", fail)
    told = is_problem(marc("post", "/submissions", CUT), status, code)

    assert "secret" not in json.dumps(told)


def test_a_problem_speaks_the_callers_language(marc: Caller) -> None:
    french = marc("get", "/messages/nothing", **{"Accept-Language": "fr-FR,fr;q=0.9"})
    english = marc("get", "/messages/nothing", **{"Accept-Language": "en-GB"})

    assert (french.json()["title"], english.json()["title"]) == ("Introuvable", "Not found")
    assert (french["Content-Language"], english["Content-Language"]) == ("fr", "en")


def test_a_problems_type_leads_somewhere(marc: Caller) -> None:
    for code, kind in KINDS.items():
        told = Client().get(f"{ROOT}/problems/{code}").json()
        assert told["status"] == kind.status
    assert all(french != english for french, english in FIELDS.values())


def test_a_browsers_session_opens_nothing(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(valclair.ines())

    is_problem(client.get(f"{ROOT}/messages"), 401, "unauthenticated")
    is_problem(client.post(f"{ROOT}/submissions", CUT, content_type="application/json"), 401, "unauthenticated")


def test_the_description_names_every_address_and_its_problems() -> None:
    described = Client().get(f"{ROOT}/openapi.json").json()

    assert described["openapi"].startswith("3.")
    served = {(method, path) for path, row in described["paths"].items() for method in row}
    assert served == {(method, ROOT + address.replace("{id}", "{public_id}")) for method, address in ADDRESSES}
    for row in described["paths"].values():
        for operation in row.values():
            assert list(operation["responses"]["422"]["content"]) == ["application/problem+json"]
            assert operation["security"]
