"""The intranet's board: what agents read before everybody, and what they may pass on."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from diffusion import access
from diffusion.brand.models import Level
from diffusion.delivery.models import Delivery
from diffusion.delivery.states import BEFORE_SENDING, State
from diffusion.web.answers import needs

A_PAGE = 24


@needs()
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """The newest in full, the others by title."""
    rows = access.board(request.user).order_by("-receipt__at", "-pk").distinct()
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    lead, rest = (shown[0], shown[1:]) if shown and page.number == 1 else (None, shown)
    context = {"page": page, "rest": rest, "today": timezone.localtime(), **(_article(lead) if lead else {})}
    return render(request, "board/page.html", context)


@needs()
@require_GET
def board_article(request: HttpRequest, public_id: str) -> HttpResponse:
    row = get_object_or_404(access.board(request.user), public_id=public_id)
    return render(request, "board/article.html", _article(row))


def _article(row: Delivery) -> dict[str, Any]:
    """One article, and when the public reads it: until then agents keep it among themselves."""
    outside = row.message.deliveries.filter(level=Level.PUBLIC)
    is_out = outside.filter(state=State.PUBLISHED).exists()
    ahead = None if is_out else outside.filter(state__in=BEFORE_SENDING).order_by("planned_at").first()
    edited = row.receipts.filter(proof="edited").order_by("-at").first()
    return {
        "lead": row,
        "pictures": row.revision.media.order_by("illustration__position"),
        "is_out": is_out,
        "ahead": ahead,
        "edited_at": edited.at if edited else None,
        "first_at": row.receipts.order_by("at").values_list("at", flat=True).first(),
    }
