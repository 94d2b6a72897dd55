"""Wrong and hostile input: whatever is sent is kept or told, as a problem that says what to do; nothing breaks."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as pace_of
from hypothesis import strategies as st

from diffusion.api import pace
from diffusion.intake.models import Submission
from tests.api.machine import CUT, Caller, is_problem

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize(("address", "status"), [("/nothing", 404), ("/openapi.json", 405), ("/messages", 405)])
def test_a_form_posted_elsewhere_is_told_that_it_is_elsewhere(ines: Caller, address: str, status: int) -> None:
    answer = ines("post", address, b"title=x", **{"Content-Type": "application/x-www-form-urlencoded"})

    is_problem(answer, status, {404: "not_found", 405: "method"}[status])


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
    pace.limiter.cache_clear()

    for room in ("submissions", "messages", "deliveries"):
        answers = ines("get", f"/{room}/{quote(part, safe='')}"), ines("get", f"/{room}?{urlencode(query)}")
        assert all(answer.status_code in (200, 404, 422) for answer in answers)
