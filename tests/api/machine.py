"""A machine that calls the API, for the tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.test import Client

from diffusion.directory import people
from diffusion.directory.models import Person
from tests import valclair

CUT = {"title": "Coupure d’eau rue des Tilleuls", "text": valclair.CUT, "directorate": "eau"}
ROOT = "/api/v1"
Caller = Callable[..., Any]
ADDRESSES = (
    ("post", "/submissions"),
    ("get", "/submissions"),
    ("get", "/submissions/{id}"),
    ("get", "/messages"),
    ("get", "/messages/{id}"),
    ("get", "/deliveries"),
    ("get", "/deliveries/{id}"),
)
"""Every address of the API with its method."""


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


def is_problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = json.loads(answer.content)
    assert set(told) - {"errors"} == {"type", "title", "status", "detail", "code"}
    assert (told["status"], told["code"]) == (status, code)
    return told
