"""The JSON API: hand in, follow, list. The same verbs as the pages; access.py decides who gets what.

Described at /api/v1/openapi.json. A token (`diffusion person token add`) has one person's rights, within its scopes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import wraps
from math import ceil
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import URLPattern, re_path
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Query, Status
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.params.functions import Header
from ninja.security import HttpBearer

from diffusion import access, report
from diffusion.api import pace, schemas, told
from diffusion.api.problems import BODY_MAX, MEDIA_TYPE, Refusal, answer, field, problem
from diffusion.api.words import KINDS
from diffusion.directory.models import Directorate, Person, Token
from diffusion.intake.calls import submit_once
from diffusion.intake.models import SubmissionQuerySet
from diffusion.intake.submit import Handed

KEY_MAX = 200
_KEY = re.compile(rf"[\x21-\x7e]{{1,{KEY_MAX}}}")
_ID = re.compile(r"[a-z0-9]{12}")
NOS: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 405, 413, 415, 422, 429, 500, 503), schemas.Problem)
"""What any call may answer instead."""


class Call(HttpRequest):
    """A request that `Bearer` let in."""

    auth: Token


class Bearer(HttpBearer):
    """RFC 6750. `scopes`: one of them is needed."""

    def __init__(self, *scopes: str) -> None:
        super().__init__()
        self.scopes = scopes

    def authenticate(self, request: HttpRequest, token: str) -> Token:
        """The token of this secret. Raises AuthenticationError, Refusal: its scopes don't reach, or it calls too often."""
        found = Token.find(token.strip())
        if found is None:
            raise AuthenticationError
        scope = next((scope for scope in self.scopes if scope in found.scopes), None)
        if scope is None:
            raise Refusal("scope_missing", needed=" / ".join(self.scopes))
        pace.spend(found, scope)
        return found


class Api(NinjaAPI):
    """Problems have a media type of their own, which the framework's description does not know."""

    def get_openapi_schema(self, **more: Any) -> OpenAPISchema:
        """OpenAPI 3.1 as the framework makes it, its problems put right."""
        schema = super().get_openapi_schema(**more)
        for path in schema["paths"].values():
            for operation in path.values():
                for status, response in operation["responses"].items():
                    if int(status) >= 400 and "content" in response:
                        response["content"] = {MEDIA_TYPE: response["content"]["application/json"]}
        return schema


api = Api(
    title="Diffusion", version="1", urls_namespace="v1", docs_url=None,
    description="One message across all channels: hand content in, follow it, list what goes out.",
)  # fmt: skip
for _fault in (Exception, Http404, HttpError, ValidationError):
    api.add_exception_handler(_fault, answer)


@api.post("/submissions", auth=Bearer("submit"), url_name="submissions", summary="Hand content in",
          response={201: schemas.Received, 200: schemas.Received, **NOS})  # fmt: skip
def submit(
    request: Call,
    response: HttpResponse,
    given: schemas.SubmissionIn,
    idempotency_key: str | None = Header(None, alias="Idempotency-Key"),
) -> Status[schemas.Received]:
    """201 when it is new, 200 when the same content was known. With an Idempotency-Key, repeating a call whose answer was
    lost is safe: it answers as the first did."""
    if idempotency_key is not None and not _KEY.fullmatch(idempotency_key):
        raise Refusal("key_invalid", limit=KEY_MAX)
    token: Token = request.auth
    unit = _directorate(token.person, given.directorate)
    handed = Handed(**given.model_dump(exclude={"directorate"}, exclude_none=True))
    made, is_new = submit_once(handed, directorate=unit, token=token, key=idempotency_key or "")
    response["Location"] = f"/api/v1/submissions/{made.public_id}"
    return Status(201 if is_new else 200, told.received(made))


@api.get("/submissions", auth=Bearer("read", "submit"), url_name="submissions", summary="List submissions",
         response={200: schemas.Page[schemas.Submission], **NOS})  # fmt: skip
def submissions(request: Call, paging: Query[schemas.Paging]) -> dict[str, Any]:
    """Newest first. A token without the scope `read` sees what its person handed in."""
    return _page(_submissions(request.auth), paging, lambda rows: map(told.submission, report.fates(rows)))


@api.get("/submissions/{public_id}", auth=Bearer("read", "submit"), url_name="submission", summary="Follow a submission",
         response={200: schemas.Submission, **NOS})  # fmt: skip
def submission(request: Call, public_id: str) -> schemas.Submission:
    """Received, in preparation, scheduled, published where, or declined and why."""
    found = _submissions(request.auth).filter(public_id=_id(public_id)).first()
    if found is None:
        raise Http404
    return told.submission(report.fates([found])[0])


@api.get("/messages", auth=Bearer("read"), url_name="messages", summary="List messages",
         response={200: schemas.Page[schemas.Message], **NOS})  # fmt: skip
def messages(request: Call, paging: Query[schemas.Paging]) -> dict[str, Any]:
    """Newest first, each with where it stands."""
    rows = report.with_story(access.messages(request.auth.person)).distinct()
    return _page(rows, paging, lambda found: map(told.told_message, found))


@api.get("/messages/{public_id}", auth=Bearer("read"), url_name="message", summary="A message",
         response={200: schemas.WholeMessage, **NOS})  # fmt: skip
def message(request: Call, public_id: str) -> schemas.WholeMessage:
    """Its words as they stand, and its deliveries."""
    person: Person = request.auth.person
    found = report.load_story(access.message(person, _id(public_id)))
    return told.whole_message(found, access.deliveries(person).filter(message=found))


@api.get("/deliveries", auth=Bearer("read"), url_name="deliveries", summary="List deliveries",
         response={200: schemas.Page[schemas.Delivery], **NOS})  # fmt: skip
def deliveries(request: Call, wanted: Query[schemas.DeliveryFilter]) -> dict[str, Any]:
    """By planned time, latest first."""
    rows = access.deliveries(request.auth.person).order_by("-planned_at", "-pk")
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.account is not None:
        rows = rows.filter(account__slug=wanted.account.replace("\x00", ""))
    if wanted.message is not None:
        rows = rows.filter(message__public_id=wanted.message.replace("\x00", ""))
    if wanted.rehearsal is not None:
        rows = rows.rehearsed() if wanted.rehearsal else rows.real()
    return _page(rows, wanted, lambda found: map(told.told_delivery, found))


@api.get("/deliveries/{public_id}", auth=Bearer("read"), url_name="delivery", summary="A delivery",
         response={200: schemas.Delivery, **NOS})  # fmt: skip
def delivery(request: Call, public_id: str) -> schemas.Delivery:
    """Its state, and its proof once it is out."""
    return told.told_delivery(access.delivery(request.auth.person, _id(public_id)))


@api.get("/problems/{code}", url_name="problem", summary="What a problem's type means", include_in_schema=False)
def kind_of_problem(request: HttpRequest, code: str) -> dict[str, Any]:
    """What a problem's `type` leads to."""
    kind = KINDS.get(code)
    if kind is None:
        raise Http404
    pairs = {"title": kind.title, "detail": kind.detail}
    return {
        "code": code,
        "status": kind.status,
        **{name: dict(zip(("fr", "en"), pairs[name], strict=True)) for name in pairs},
    }


def _submissions(token: Token) -> SubmissionQuerySet:
    rows = access.submissions(token.person)
    return rows if "read" in token.scopes else rows.filter(by=token.person)


def _directorate(person: Person, slug: str) -> Directorate:
    """One for which they may hand in. Others look as if they were not there."""
    mine = access.directorates(person, "submission", "add")
    found = mine.filter(slug=slug).first()
    if found is None:
        known = ", ".join(mine.values_list("slug", flat=True)[:50]) or "–"
        raise Refusal("invalid", errors=[field("/directorate", "unknown_directorate", given=slug, known=known)])
    return found


def _id(given: str) -> str:
    """An id as ours are. Anything else is nowhere. Raises Http404."""
    if not _ID.fullmatch(given):
        raise Http404
    return given


def _page(
    rows: QuerySet[Any], paging: schemas.Paging, tell: Callable[[Iterable[Any]], Iterable[Any]]
) -> dict[str, Any]:
    count, first = rows.count(), (paging.page - 1) * paging.size
    items = list(tell(rows[first : first + paging.size])) if first < count else []
    return {"items": items, "count": count, "page": paging.page, "pages": ceil(count / paging.size)}


View = Callable[..., HttpResponseBase]


def _framed(view: View, *, takes_json: bool = False) -> View:
    """What the framework answers before our handlers are asked: size, media type, method."""

    @wraps(view)
    def framed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refused = _outside(request, takes_json)
        try:
            got = problem(refused) if refused else view(request, *args, **kwargs)
        except Http404 as nowhere:
            got = answer(request, nowhere)
        if got.status_code == 405:
            allowed = got.headers.get("Allow", "")
            got = problem(Refusal("method", headers={"Allow": allowed}, allowed=allowed))
        got.headers.setdefault("Cache-Control", "no-store")
        patch_vary_headers(got, ("Accept-Language", "Authorization"))
        return got

    return framed


def _outside(request: HttpRequest, takes_json: bool) -> Refusal | None:
    """What is wrong with a request before it is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length[:20]) > BODY_MAX:
        return Refusal("too_large", limit=BODY_MAX)
    if takes_json and request.method == "POST" and request.content_type != "application/json":
        return Refusal("not_json")
    return None


def _described(request: HttpRequest) -> HttpResponseBase:
    """OpenAPI 3.1, for everybody: it says nothing of this town."""
    if request.method != "GET":
        return HttpResponse(status=405, headers={"Allow": "GET"})
    return JsonResponse(api.get_openapi_schema())


@csrf_exempt
def _nowhere(request: HttpRequest) -> HttpResponseBase:
    return problem(Refusal("not_found"))


def _patterns() -> list[URLPattern]:
    """The framework's addresses in our frame, then a problem for all others."""
    found = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern) and pattern.name != "openapi-json"]
    for pattern in found:
        pattern.callback = _framed(pattern.callback, takes_json=pattern.name == "submissions")
    described = re_path(r"^openapi\.json$", csrf_exempt(_framed(_described)), name="openapi-json")
    return [described, *found, re_path(r"", _framed(_nowhere), name="nowhere")]


urls = (_patterns(), "ninja", "v1")
"""For `path("api/v1/", v1.urls)`."""
