"""Deliveries: what waits for a person, lanes, what failed, all of them; and each one's own story."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from diffusion import access
from diffusion.accounts.models import Account
from diffusion.delivery import amend, brake, plan, reconcile
from diffusion.delivery.holding import SCOPES, Hold
from diffusion.delivery.models import Delivery, DeliveryQuerySet
from diffusion.delivery.sighting import Sighting
from diffusion.delivery.states import BEFORE_SENDING, OPEN, State
from diffusion.errors import NotNow
from diffusion.message.models import Campaign
from diffusion.newsletter import progress
from diffusion.web import ahead, causes, figures, places, processes, story, together
from diffusion.web.answers import done, may
from diffusion.web.forms import Form, posted
from diffusion.web.listed import Listed
from diffusion.web.spelling import ngettext

A_PAGE = 50
_ABOUT = ("delivery__account", "delivery__message__revision")


class ThereForm(Form):
    url = forms.URLField(
        label=_("Adresse de la publication"),
        required=False,
        assume_scheme="https",
        help_text=_(
            "Elle servira d'accusé, pour la corriger ou la retirer plus tard. Sans adresse, cochez ci-dessous."
        ),
    )
    seen = forms.BooleanField(label=_("Je l'ai vue, mais je n'ai pas l'adresse"), required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("url") and not given.get("seen") and "url" not in self.errors:
            self.add_error("url", gettext("Donnez l'adresse, ou cochez que vous l'avez vue."))
        return given


class AbsentForm(Form):
    looked = forms.BooleanField(
        label=_("J'ai ouvert la page et la publication n'y est pas"),
        error_messages={"required": _("Regardez d'abord sur le canal, puis cochez.")},
    )


class ByHandForm(Form):
    note = forms.CharField(
        label=_("Qu'avez-vous fait ?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Cette phrase, avec votre nom et l'heure, sert d'accusé."),
    )
    url = forms.URLField(label=_("Adresse où on le voit"), required=False, assume_scheme="https", max_length=2000)


@may("delivery", "see")
@require_GET
@vary_on_headers("HX-Request")
def deliveries(request: HttpRequest) -> HttpResponse:
    now, mine, listed = timezone.now(), access.deliveries(request.user), Listed.asked(request.GET)
    context = _glance(request, mine, now)
    rows = listed.of(mine, now)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    only = next((place.account for place in context["places"] if place.account.public_id == listed.account), None)
    campaign = Campaign.objects.filter(public_id=listed.campaign).first() if listed.campaign else None
    told = {
        "campaign": campaign,
        "listed": rows.real().count(),
        "listed_apart": rows.rehearsed().count(),
        "narrowed": listed.narrowed(only, campaign),
    }
    context = {
        **context,
        **told,
        "page": page,
        "list": listed,
        "acts": _acts(request, causes.ACTS.get(listed.show, ())),
    }
    part = "_moved" if request.htmx else "page"  # type: ignore[attr-defined]  # django-htmx's middleware
    return render(request, f"deliveries/{part}.html", context)


def _glance(request: HttpRequest, mine: DeliveryQuerySet, now: datetime) -> dict[str, Any]:
    """What refreshes: cases, lanes, accounts, what was refused or is tried again."""
    running = processes.processes()
    rows, accounts = figures.lanes(now, processes.served(running)), list(Account.objects.all())
    holds = list(Hold.objects.in_force().select_related(*SCOPES))
    around = places.places(mine, accounts, holds, now)
    groups = causes.groups(mine, accounts)
    return {
        "cases": mine.filter(state=State.UNCERTAIN, look_at=None).prefetch_related("attempts"),
        "checking": mine.verifying().real().count(),
        "checking_apart": mine.verifying().rehearsed().count(),
        "strange": Sighting.objects.unanswered().filter(delivery__in=mine).select_related(*_ABOUT).order_by("-at"),
        "lanes": rows,
        "paused": any(row.hold for row in rows),
        "slowest": figures.slowest(rows),
        "letters": progress.under_way(mine),
        "processes": running,
        "places": around,
        "careful": sum(place.needs_care for place in around),
        "hours": ahead.ahead(mine, accounts, now),
        "groups": groups,
        "failed": sum(group.count for group in groups),
        "refused": any(row.state == State.REFUSED for group in groups for row in group.rows),
        "together": _acts(request, together.ACTS),
        "may_move": access.may(request.user, "message", "schedule"),
        "may_see": access.may(request.user, "account", "see"),
        "sees_all": access.reaches_all(request.user, "delivery", "see"),
        "may_manage": access.may(request.user, "account", "manage"),
        "is_held": any(not hold.over for hold in holds),
        "now": now,
    }


def _acts(request: HttpRequest, names: Iterable[str]) -> dict[str, together.Act]:
    """Those that this person may do."""
    return {name: together.ACTS[name] for name in names} if access.may(request.user, "delivery", "act") else {}


@may("delivery", "see")
@require_GET
def delivery(request: HttpRequest, public_id: str) -> HttpResponse:
    row = access.delivery(request.user, public_id)
    context = {
        "delivery": row,
        "attempts": row.attempts.all(),
        "receipts": row.receipts.select_related("by"),
        "lines": story.timeline(row),
        "letter": next(iter(progress.told(Delivery.objects.filter(pk=row.pk))), None),
        "amendments": row.amendments.select_related("by"),
        "by_hand": row.amendments.waiting_for_a_person().first(),
        "is_kept_back": row.account.is_silent and row.state in OPEN,
        "can_stop": row.state in {*BEFORE_SENDING, State.REFUSED, State.UNCERTAIN},
        "may_act": access.deliveries(request.user, "act").filter(pk=row.pk).exists(),
    }
    return render(request, "deliveries/delivery.html", context)


@may("delivery", "act")
def delivery_there(request: HttpRequest, public_id: str) -> HttpResponse:
    """A person saw it on the channel: its address, or their word, is the receipt."""
    row = access.delivery(request.user, public_id, to="act")
    form = ThereForm(posted(request))
    if request.method == "POST" and form.is_valid():
        reconcile.confirm(row, by=request.user, url=form.cleaned_data["url"])
        return done(request, gettext("Notée comme publiée."), "delivery", public_id)
    return render(request, "deliveries/there.html", {"delivery": row, "form": form})


@may("delivery", "act")
def delivery_absent(request: HttpRequest, public_id: str) -> HttpResponse:
    """A person looked, and it is not there: it is sent again."""
    row = access.delivery(request.user, public_id, to="act")
    form = AbsentForm(posted(request))
    if request.method == "POST" and form.is_valid():
        reconcile.deny(row, by=request.user)
        return done(request, gettext("Remise en file."), "delivery", public_id)
    return render(request, "deliveries/absent.html", {"delivery": row, "form": form})


@may("delivery", "act")
def delivery_by_hand(request: HttpRequest, public_id: str) -> HttpResponse:
    """A correction or a withdrawal that the channel doesn't let us make: what to do there, then noted as done."""
    row = access.delivery(request.user, public_id, to="act")
    form = ByHandForm(posted(request))
    if request.method == "POST" and form.is_valid():
        amend.done_by_hand(row, by=request.user, **form.cleaned_data)
        return done(request, gettext("Noté, à votre nom."), "delivery", public_id)
    waiting = row.amendments.waiting_for_a_person().first()
    return render(request, "deliveries/by_hand.html", {"delivery": row, "form": form, "amendment": waiting})


@may("delivery", "act")
@require_POST
def delivery_look(request: HttpRequest, public_id: str) -> HttpResponse:
    reconcile.look_now(access.delivery(request.user, public_id, to="act"), by=request.user)
    return done(request, gettext("Diffusion regarde encore sur le canal."), "delivery", public_id)


@may("delivery", "act")
@require_POST
def delivery_retry(request: HttpRequest, public_id: str) -> HttpResponse:
    plan.retry(access.delivery(request.user, public_id, to="act"), by=request.user)
    return done(request, gettext("Remise en file. Rien n'en était parti."), "delivery", public_id)


@may("delivery", "act")
@require_POST
def deliveries_vouch(request: HttpRequest) -> HttpResponse:
    """A person's yes to those that were ticked, or to the one whose page this was."""
    chosen = access.deliveries(request.user, "act").filter(public_id__in=request.POST.getlist("delivery"))
    count = brake.vouch(chosen, by=request.user)
    said = ngettext("{n} diffusion repart.", "{n} diffusions repartent.", count).format(n=count)
    return done(request, said, "deliveries")


@may("delivery", "act")
@require_POST
def deliveries_retry(request: HttpRequest) -> HttpResponse:
    """Those that were ticked. One that moved meanwhile is left as it is."""
    chosen = access.deliveries(request.user, "act").filter(public_id__in=request.POST.getlist("delivery"))
    count = sum(_retried(row, request.user) for row in chosen)
    if not count:
        return done(
            request, gettext("Rien n'a été remis en file : cochez au moins une diffusion refusée."), "deliveries"
        )
    said = ngettext("{n} diffusion remise en file.", "{n} diffusions remises en file.", count).format(n=count)
    return done(request, said, "deliveries")


def _retried(row: Delivery, by: Any) -> bool:
    try:
        plan.retry(row, by=by)
    except NotNow:
        return False
    return True


@may("delivery", "act")
def delivery_cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Stop it before it leaves, after one question: it can't be taken back."""
    row = access.delivery(request.user, public_id, to="act")
    if request.method == "POST":
        plan.cancel(Delivery.objects.filter(pk=row.pk), by=request.user)
        return done(request, gettext("Diffusion annulée. Rien n'en est parti."), "delivery", public_id)
    return render(request, "deliveries/cancel.html", {"delivery": row})
