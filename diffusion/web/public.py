"""What everybody may open: a message's own page, pictures, and a letter's issues."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.db.models import F
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.http import require_safe

from diffusion import access
from diffusion.accounts.models import Account
from diffusion.brand.models import Level
from diffusion.delivery.models import BY_HAND, Amendment, Delivery, Receipt
from diffusion.delivery.states import State
from diffusion.media import Asset
from diffusion.message.models import Revision
from diffusion.newsletter.edition import LEAVE
from diffusion.rendition.markdown import to_html
from diffusion.rendition.versions import statement_of
from diffusion.web.differ import Piece
from diffusion.web.differ import changes as differences

AS_MAIL, AS_PAGE = 'aria-roledescription="email" role="article"', 'role="main"'
"""How MJML names a mail to those who can't see it, and what the same text is when it is a page."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What was put right in public, and when: the first channel on which it was proved."""

    at: datetime
    changes: list[list[Piece]]


@require_safe
def public_message(request: HttpRequest, public_id: str) -> HttpResponse:
    """The present text, its corrections; or that it was withdrawn. An agent whom the public's hour has not come is led to the board."""
    try:
        rows = list(access.public_deliveries(public_id))
    except Http404:
        return _for_agents(request, public_id)
    recalled = _recalled(rows)
    live = [row for row in rows if row.state == State.PUBLISHED and row.pk not in recalled]
    context = {
        "message": rows[0].message,
        "live": live,
        "feeds": Account.objects.filter(channel="feed", level=Level.PUBLIC),
    }
    if not live:
        gone = max(row.receipt.at for row in rows if row.receipt)
        return render(request, "public/withdrawn.html", {**context, "gone_at": gone}, status=410)
    return render(request, "public/message.html", {**context, **_told(live)})


def _recalled(rows: list[Delivery]) -> set[int]:
    """Of what somebody asked to take away, also what can't be, such as a letter: it doesn't keep the page up."""
    asked = Amendment.objects.filter(delivery__in=rows, act=Amendment.Act.DELETE).exclude(code="superseded")
    return set(asked.values_list("delivery_id", flat=True))


def _for_agents(request: HttpRequest, public_id: str) -> HttpResponse:
    person: Any = request.user
    seen = access.board(person).filter(message__public_id=public_id).first() if person.is_authenticated else None
    if seen is None:
        raise Http404
    return redirect("board_article", seen.public_id)


def _told(live: list[Delivery]) -> dict[str, Any]:
    """The words that are out: the latest revision that any public channel carries."""
    revision = max((row.revision for row in live), key=lambda found: found.number)
    statement = statement_of(revision)
    receipts = list(Receipt.objects.filter(delivery__in=live).order_by("at"))
    published = min(receipt.at for receipt in receipts)
    corrections = _corrections(live)
    page = {
        "address": f"{settings.BASE_URL}{reverse('public_message', args=[revision.message.public_id])}",
        "revision": revision,
        "html": to_html(statement.body_for(Level.PUBLIC)),
        "pictures": _pictures(live, revision),
        "published_at": published,
        "corrections": corrections,
        "elsewhere": list({row.account_id: row for row in live if _is_elsewhere(row)}.values()),  # an erratum's, if any
    }
    return {**page, "data": _structured(page, live[0], corrections[0].at if corrections else published)}


def _is_elsewhere(row: Delivery) -> bool:
    return bool(row.receipt and row.receipt.url and row.account.channel not in ("feed", "board"))


def _pictures(live: list[Delivery], revision: Revision) -> list[Asset]:
    """Each as it went out: what is said of a picture now may not have had its yes yet."""
    said = {sent.sha256: sent.description for row in live if row.revision == revision for sent in row.rendition.media}
    pictures = list(revision.media.order_by("illustration__position"))
    for picture in pictures:
        picture.description = said.get(picture.sha256, picture.description)
    return pictures


def _corrections(live: list[Delivery]) -> list[Correction]:
    """Newest first. Each says what the words were that stood there, not what was approved meanwhile, and are now."""
    edits = Amendment.objects.filter(delivery__in=live, act=Amendment.Act.EDIT, code__in=("", BY_HAND))
    edits = edits.exclude(was=F("revision"))  # our own words, put back
    first: dict[int, Amendment] = {}
    for edit in edits.exclude(done_at=None).select_related("revision", "was").order_by("done_at"):
        first.setdefault(edit.revision_id or 0, edit)
    return [_correction(edit) for edit in reversed(first.values())]


def _correction(edit: Amendment) -> Correction:
    assert edit.done_at
    assert edit.was
    assert edit.revision
    return Correction(edit.done_at, differences(_words(edit.was), _words(edit.revision)))


def _words(revision: Revision) -> str:
    return f"{revision.title}\n\n{statement_of(revision).body_for(Level.PUBLIC)}"


def _structured(page: dict[str, Any], row: Delivery, modified: datetime) -> SafeString:
    """schema.org's NewsArticle as JSON-LD: a data block, which a content security policy lets stand; no `<` gets out of it."""
    revision, brand = page["revision"], row.message.brand
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": revision.title[:110],
        "articleBody": statement_of(revision).text_for(Level.PUBLIC),
        "inLanguage": row.message.language,
        "datePublished": page["published_at"].isoformat(timespec="seconds"),
        "dateModified": modified.isoformat(timespec="seconds"),
        "url": page["address"],
        "publisher": {"@type": "GovernmentOrganization", "name": brand.name},
        "image": [f"{settings.BASE_URL}{reverse('media', args=[picture.public_id])}" for picture in page["pictures"]],
    }
    if page["corrections"]:
        data["correction"] = [
            {"@type": "CorrectionComment", "dateCreated": c.at.isoformat(timespec="seconds")}
            for c in page["corrections"]
        ]
    text = json.dumps({key: value for key, value in data.items() if value}, ensure_ascii=False)
    unsafe = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}
    return mark_safe(text.translate(unsafe))  # noqa: S308  # what could end the element was escaped


@require_safe
@cache_control(max_age=3600)
def media(request: HttpRequest, public_id: str) -> FileResponse:
    """A picture's clean copy. Cached by the reader alone while it is not public."""
    asset = access.picture(request.user, public_id)
    try:
        answer = FileResponse(asset.path.open("rb"), content_type=asset.media_type)
    except FileNotFoundError:
        raise Http404 from None
    answer.headers["Content-Disposition"] = "inline"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    if request.user.is_authenticated:
        answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


@require_safe
@xframe_options_deny
@csp_replace({
    "default-src": [NONE], "img-src": [SELF], "style-src": ["'unsafe-inline'"], "style-src-attr": ["'unsafe-inline'"],
    "script-src": [NONE], "form-action": [NONE], "base-uri": [NONE], "frame-ancestors": [NONE],
})  # fmt: skip
def edition(request: HttpRequest, public_id: str) -> HttpResponse:
    """A letter's issue as it went out. A mail has its styles inside, so this page alone allows them, and nothing that acts."""
    row = access.edition(public_id)
    leave = settings.BASE_URL + reverse("letter", args=[row.list.public_id])
    return HttpResponse(row.html.replace(LEAVE, leave).replace(AS_MAIL, AS_PAGE, 1))
