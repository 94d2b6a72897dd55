"""The API as a machine meets it: hand in once, follow, list; every no a problem; nothing hostile gets further than the door."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as pace_of
from hypothesis import strategies as st
from limits import RateLimitItemPerMinute

from diffusion.api import pace, v1
from diffusion.api.words import FIELDS, KINDS
from diffusion.delivery.models import Receipt
from diffusion.delivery.states import State
from diffusion.directory import people
from diffusion.directory.models import Person
from diffusion.intake.calls import Call
from diffusion.intake.models import Submission
from diffusion.message.models import Message
from diffusion.message.write import draft_from
from tests import valclair

pytestmark = pytest.mark.django_db

CUT = {"title": "Coupure d’eau rue des Tilleuls", "text": valclair.CUT, "directorate": "eau"}
ROOT = "/api/v1"
Caller = Callable[..., Any]


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """Counts of calls live in this process; tokens of two tests can have one id."""
    pace.limiter.cache_clear()
    yield
    pace.limiter.cache_clear()


def token_of(person: Person, *scopes: str) -> str:
    return people.make_token(person, by=None, name="test", scopes=scopes or people.SCOPES)


def caller(key: str, **headers: str) -> Caller:
    """`call("post", "/submissions", {…})` with that token."""
    client = Client(raise_request_exception=False)

    def call(method: str, address: str, body: Any = b"", **more: str) -> Any:
        sent = {"Authorization": f"Bearer {key}", "Accept-Language": "en", **headers, **more}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = sent.pop("Content-Type", "application/json")
        return client.generic(method.upper(), ROOT + address, data, kind, headers=sent)

    return call


@pytest.fixture
def marc() -> Caller:
    """A contributor of the water service, whose site hands in by machine."""
    valclair.water()
    return caller(token_of(valclair.marc()))


@pytest.fixture
def ines() -> Caller:
    return caller(token_of(valclair.ines()))


def is_problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = json.loads(answer.content)
    assert set(told) - {"errors"} == {"type", "title", "status", "detail", "code"}
    assert (told["status"], told["code"]) == (status, code)
    return told


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


ADDRESSES = (
    ("post", "/submissions"),
    ("get", "/submissions"),
    ("get", "/submissions/{id}"),
    ("get", "/messages"),
    ("get", "/messages/{id}"),
    ("get", "/deliveries"),
    ("get", "/deliveries/{id}"),
)


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


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/title", "missing"),
        ({**CUT, "titel": "x"}, "/titel", "extra_forbidden"),
        ({**CUT, "title": ""}, "/title", "string_too_short"),
        ({**CUT, "title": "x" * 301}, "/title", "string_too_long"),
        ({**CUT, "title": 3}, "/title", "string_type"),
        ({**CUT, "text": "a\x00b"}, "/text", "nul"),
        ({**CUT, "title": "\ud800"}, "/title", "string_unicode"),
        ({**CUT, "level": "all"}, "/level", "literal_error"),
        ({**CUT, "directorate": "nulle-part"}, "/directorate", "unknown_directorate"),
        ({**CUT, "a/b~": 1}, "/a~1b~0", "extra_forbidden"),
        ({**CUT, "\ud800": 1}, "", "string_unicode"),
        ([], "", "model_attributes_type"),
    ],
)
def test_a_wrong_field_is_named_with_what_to_do(marc: Caller, body: Any, pointer: str, code: str) -> None:
    told = is_problem(marc("post", "/submissions", body), 422, "invalid")

    assert (pointer, code) in [(error["pointer"], error["code"]) for error in told["errors"]]
    assert all(error["detail"] for error in told["errors"])
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("url", "javascript:alert(1)", "url_invalid"),
        ("starts", "demain", "time_unreadable"),
        ("ends", "2026-02-30", "time_unreadable"),
        ("starts", "9999-12-31T23:59:59-23:59", "time_unreadable"),
    ],
)
def test_what_the_verb_refuses_is_a_problem_too(marc: Caller, field: str, value: str, code: str) -> None:
    is_problem(marc("post", "/submissions", {**CUT, field: value}), 422, code)


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"title": ' + b"[" * 100_000, b"9" * 5000, b"nul"])
def test_a_body_that_is_no_json_is_told_so(marc: Caller, body: bytes) -> None:
    answer = marc("post", "/submissions", body)

    assert answer.status_code in (400, 422)
    is_problem(answer, answer.status_code, "malformed" if answer.status_code == 400 else "invalid")


def test_a_body_too_large_is_refused_before_it_is_read(marc: Caller) -> None:
    is_problem(marc("post", "/submissions", b" " * (1024 * 1024 + 1)), 413, "too_large")


def test_nothing_and_a_form_are_no_json(marc: Caller) -> None:
    is_problem(marc("post", "/submissions"), 415, "not_json")
    answer = marc("post", "/submissions", b"title=x", **{"Content-Type": "application/x-www-form-urlencoded"})

    is_problem(answer, 415, "not_json")


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options", "head"])
def test_a_method_that_is_not_taken_says_which_are(marc: Caller, method: str) -> None:
    answer = marc(method, "/submissions")

    assert answer.status_code == 405
    assert {name.strip() for name in answer["Allow"].split(",")} == {"GET", "POST"}


@pytest.mark.parametrize("address", ["", "/", "/nothing", "/submissions/", "/messages/ABC", "/messages/%00", "/docs"])
def test_an_address_that_is_none_is_a_problem(ines: Caller, address: str) -> None:
    is_problem(ines("get", address or "/"), 404, "not_found")


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "page=1e9", "size=101", "size=" + "9" * 400, "state=lost", "account=" + "x" * 51]
)
def test_a_query_out_of_range_is_told(ines: Caller, query: str) -> None:
    told = is_problem(ines("get", f"/deliveries?{query}"), 422, "invalid")

    assert told["errors"][0]["pointer"] == "?" + query.partition("=")[0]


@pytest.mark.parametrize("query", ["account=%00", "message=%00%ff", "page=100000", "state=held&state=sent&account=é"])
def test_a_query_that_finds_nothing_is_an_empty_page_or_told(ines: Caller, query: str) -> None:
    answer = ines("get", f"/deliveries?{query}")

    assert answer.status_code == 422 or answer.json()["items"] == []


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


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec=None), max_size=10), inner, max_size=4),
    max_leaves=10,
)  # fmt: skip
NAMES = ("text", "level", "language", "url", "starts", "ends", "place", "\ud800")
ALMOST = st.fixed_dictionaries(
    {"title": ANYTHING, "directorate": st.just("eau") | ANYTHING}, optional=dict.fromkeys(NAMES, ANYTHING)
)
FEW = pace_of(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FEW
@given(body=ALMOST | ANYTHING)
def test_whatever_is_sent_is_kept_or_told(marc: Caller, body: Any) -> None:
    pace.limiter.cache_clear()

    answer = marc("post", "/submissions", body)

    assert answer.status_code in (200, 201, 400, 422), answer.content
    json.loads(answer.content)


@FEW
@given(
    body=st.binary(min_size=1, max_size=300),
    key=st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=220),
)
def test_whatever_bytes_are_sent_are_told(marc: Caller, body: bytes, key: str) -> None:
    pace.limiter.cache_clear()

    answer = marc("post", "/submissions", body, **{"Idempotency-Key": key})

    assert answer.status_code in (400, 422), answer.content


@FEW
@given(
    part=st.text(max_size=40),
    query=st.dictionaries(st.sampled_from(["page", "size", "state", "account", "message"]), st.text(max_size=20)),
)
def test_whatever_address_is_asked_for_is_an_answer(ines: Caller, part: str, query: dict[str, str]) -> None:
    from urllib.parse import quote, urlencode

    pace.limiter.cache_clear()

    for room in ("submissions", "messages", "deliveries"):
        answers = ines("get", f"/{room}/{quote(part, safe='')}"), ines("get", f"/{room}?{urlencode(query)}")
        assert all(answer.status_code in (200, 404, 422) for answer in answers)
