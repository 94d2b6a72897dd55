"""Every no of the API is a problem in the sense of RFC 9457, in the caller's language, with a code for its program."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils.translation import get_language
from ninja.errors import AuthenticationError, HttpError, ValidationError

from diffusion.api.words import FIELDS, KINDS, OTHER
from diffusion.errors import BadInput, No, NotAllowed, NotNow, word
from diffusion.ids import public_id

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
BODY_MAX = 1024 * 1024
"""Bytes of a request's body: the longest text in any encoding, many times over."""
RETRY_S = 10


class Refusal(Exception):
    """The API itself says no. `code` is one of `words.KINDS`; `errors` name fields by JSON pointer (RFC 6901)."""

    def __init__(
        self,
        code: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Mapping[str, str]] = (),
        **facts: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.headers = dict(headers or {})
        self.errors = list(errors)
        self.facts = facts


def place() -> int:
    """The caller's language as a place in a pair of sentences."""
    return 0 if (get_language() or "fr").startswith("fr") else 1


def problem(refusal: Refusal, *, code: str = "", detail: str = "") -> HttpResponse:
    """The answer. `code` and `detail` say more than the kind, where a verb refused."""
    kind = KINDS[refusal.code]
    body: dict[str, Any] = {
        "type": f"{settings.BASE_URL}/api/v1/problems/{refusal.code}",
        "title": kind.title[place()],
        "status": kind.status,
        "detail": detail or kind.detail[place()].format(**refusal.facts),
        "code": code or refusal.code,
    }
    if refusal.errors:
        body["errors"] = refusal.errors
    # ASCII with escapes: what a caller sent, half characters too, can be told back
    answer = HttpResponse(json.dumps(body), status=kind.status, content_type=MEDIA_TYPE, headers=refusal.headers)
    answer["Content-Language"] = ("fr", "en")[place()]
    return answer


def field(pointer: str, code: str, **facts: Any) -> dict[str, str]:
    """What is wrong with one field."""
    return {"pointer": pointer, "detail": FIELDS.get(code, OTHER)[place()].format(**facts), "code": code}


BY_VERB: tuple[tuple[type[No], str], ...] = ((NotAllowed, "forbidden"), (NotNow, "conflict"), (BadInput, "invalid"))
BY_FAULT: tuple[tuple[type[Exception], Callable[[], Refusal]], ...] = (
    (AuthenticationError, lambda: Refusal("unauthenticated", headers={"WWW-Authenticate": 'Bearer realm="Diffusion"'})),
    (Http404, lambda: Refusal("not_found")),
    (RequestDataTooBig, lambda: Refusal("too_large", limit=BODY_MAX)),
    (UnreadablePostError, lambda: Refusal("malformed")),
    (HttpError, lambda: Refusal("malformed")),  # what is left of the framework's own: a body that is no JSON
    (OperationalError, lambda: Refusal("unavailable", headers={"Retry-After": str(RETRY_S)})),
    (InterfaceError, lambda: Refusal("unavailable", headers={"Retry-After": str(RETRY_S)})),
)


def answer(request: HttpRequest, fault: Exception) -> HttpResponse:
    """Whatever was raised on the way, as a problem."""
    if isinstance(fault, Refusal):
        return problem(fault)
    if isinstance(fault, ValidationError):
        return problem(Refusal("invalid", errors=[_field(row) for row in fault.errors]))
    if isinstance(fault, No):
        kind = next(kind for verb, kind in BY_VERB if isinstance(fault, verb))
        said = word(fault.code, ("fr", "en")[place()], **fault.facts)
        return problem(Refusal(kind), code=fault.code, detail=said)
    for kind_of_fault, refusal in BY_FAULT:
        if isinstance(fault, kind_of_fault):
            return problem(refusal())
    reference = public_id()
    log.error("api_failed reference=%s path=%s", reference, quote(request.path), exc_info=fault)
    return problem(Refusal("internal", reference=reference))


def _field(row: Mapping[str, Any]) -> dict[str, str]:
    """A validator's complaint. Its place: `/title` in the body, `?page` in the query, a header's name."""
    origin, *parts = [str(part) for part in row["loc"]]
    if origin == "body":
        parts = parts[1:]  # the parameter's own name
    path = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)
    pointer = path if origin == "body" else f"?{'.'.join(parts)}" if origin == "query" else ".".join(parts)
    return field(pointer, row["type"], **row.get("ctx", {}))
