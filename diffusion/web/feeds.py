"""Open feeds: public ones for everybody; internal and partner ones under a person's own address, which they can revoke."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import conditional_page, require_POST, require_safe

from channels import feed as channel
from channels.feed import Enclosure, Entry, FeedHead, Format
from channels.view import ENTRIES
from diffusion import access
from diffusion.accounts.connect import channel_of
from diffusion.accounts.models import Account
from diffusion.brand.models import Level
from diffusion.delivery.models import Delivery
from diffusion.delivery.states import State
from diffusion.directory import feed_addresses as verbs
from diffusion.directory.models import Authority
from diffusion.rendition.versions import link_of
from diffusion.web.answers import done, needs
from diffusion.web.forms import Form

TOMBSTONES = timedelta(days=90)
"""How long a withdrawn entry is told of, for readers that look seldom."""


@require_safe
@conditional_page
@cache_control(max_age=300)
def feed(request: HttpRequest, slug: str, form: str, secret: str = "") -> HttpResponse:
    account, kind = access.feed(slug, secret), _format(form)
    rows = list(_rows(account))
    body = channel.render(kind, _head(account, request, rows), [_entry(account, row) for row in rows])
    answer = HttpResponse(body, content_type=channel.MEDIA_TYPES[kind])
    if secret:
        answer.headers["Cache-Control"] = "private, max-age=300"
        answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _format(form: str) -> Format:
    try:
        return Format(form)
    except ValueError:
        raise Http404 from None


def _rows(account: Account) -> list[Delivery]:
    out = Delivery.objects.filter(account=account, state__in=[State.PUBLISHED, State.WITHDRAWN])
    fresh = out.exclude(state=State.WITHDRAWN, receipt__at__lt=timezone.now() - TOMBSTONES)
    shown = fresh.select_related("receipt", "message__directorate", "revision").prefetch_related("receipts")
    return list(shown.order_by("-receipt__at", "-pk")[:ENTRIES])


def _head(account: Account, request: HttpRequest, rows: list[Delivery]) -> FeedHead:
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    title = getattr(channel_of(account).credentials, "title", "") or account.name
    latest = max((_updated(row) for row in rows), default=account.made_at)
    identity = channel.permanent_id(host, account.made_at.date(), f"feed-{account.public_id}")
    return FeedHead(
        id=identity, title=title, url=settings.BASE_URL + request.path, home=settings.BASE_URL + "/",
        author=account.brand.name, updated=latest, language=Authority.get().language,
    )  # fmt: skip


def _updated(row: Delivery) -> datetime:
    return row.receipt.at if row.receipt else row.planned_at


def _entry(account: Account, row: Delivery) -> Entry:
    """A delivery as an entry. Its id is of the delivery, so that a correction changes the entry and makes no second one."""
    said, host = row.rendition, urlsplit(settings.BASE_URL).hostname or "localhost"
    first = min((receipt.at for receipt in row.receipts.all()), default=_updated(row))
    return Entry(
        id=channel.permanent_id(host, account.made_at.date(), row.public_id), title=said.title or row.revision.title,
        url=said.link or link_of(row.message), published=first, updated=_updated(row), html=said.html, text=said.text,
        summary=said.summary, author=row.message.directorate.name, language=said.language, categories=said.hashtags,
        media=tuple(Enclosure(m.url, m.media_type, m.description, m.size) for m in said.media if m.url),
        withdrawn=_updated(row) if row.state == State.WITHDRAWN else None,
    )  # fmt: skip


class LevelForm(Form):
    level = forms.ChoiceField(choices=[(Level.INTERNAL, ""), (Level.PARTNERS, "")])


@needs()
@never_cache
def feeds(request: HttpRequest) -> HttpResponse:
    """The feeds that a person may follow. An address that is not public is shown once, right after it was made."""
    form = LevelForm(request.POST or None)
    made: dict[str, str] = {}
    if request.method == "POST" and form.is_valid() and access.kinds_of(request.user):
        level = form.cleaned_data["level"]
        made = {level: verbs.make(request.user, level=level)}
    open_addresses = set(request.user.feed_addresses.filter(revoked_at=None).values_list("level", flat=True))
    rows = [_row(account, made, open_addresses) for account in access.feeds(request.user)]
    return render(request, "public/feeds.html", {"rows": rows, "made": made, "open": open_addresses})


def _row(account: Account, made: dict[str, str], known: set[str]) -> dict[str, object]:
    secret = made.get(account.level, "")
    urls = []
    if account.level == Level.PUBLIC or secret:
        urls = [(form.value, settings.BASE_URL + _address(account, form, secret)) for form in Format]
    return {"account": account, "urls": urls, "has_address": account.level in known}


def _address(account: Account, form: Format, secret: str) -> str:
    if secret:
        return reverse("feed_secret", args=[secret, account.slug, form.value])
    return reverse("feed", args=[account.slug, form.value])


@needs()
@require_POST
def feeds_revoke(request: HttpRequest) -> HttpResponse:
    form = LevelForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Choisissez un niveau."))
        return redirect("feeds")
    verbs.revoke(request.user, level=form.cleaned_data["level"])
    return done(request, gettext("Cette adresse ne répond plus."), "feeds")
