"""One act for all that a filter shows, after a question that says in plain words how many and what will happen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from diffusion import access
from diffusion.delivery import brake, plan
from diffusion.delivery.models import Delivery, DeliveryQuerySet, Stop
from diffusion.delivery.states import BEFORE_SENDING, State
from diffusion.delivery.together import retry_all
from diffusion.web.answers import done, may
from diffusion.web.forms import Form, posted
from diffusion.web.listed import Listed

A_FEW = 10
"""How many rows the question shows."""


@dataclass(frozen=True, slots=True)
class Act:
    """`fits` are the rows that it is for. `asks`, `will` and `did` are worded by their number `n`."""

    verb: Callable[..., int]
    fits: Q
    icon: str
    short: Any
    asks: Any
    will: Any
    did: Any
    look: str = "p"


ACTS: dict[str, Act] = {
    "retry": Act(
        retry_all,
        Q(state=State.REFUSED),
        "arrow-clockwise",
        _("Tout rejouer"),
        ngettext_lazy("Rejouer {n} diffusion ?", "Rejouer {n} diffusions ?", "n"),
        ngettext_lazy(
            "Elle repart tout de suite, telle qu'elle a été approuvée. Rien n'en était parti : elle ne peut pas paraître "
            "deux fois. Si la cause tient encore, le canal la refusera de nouveau.",
            "Elles repartent tout de suite, telles qu'elles ont été approuvées, au rythme de chaque compte. Rien n'en était "
            "parti : aucune ne peut paraître deux fois. Si la cause tient encore, le canal les refusera de nouveau.",
            "n",
        ),
        ngettext_lazy("{n} diffusion remise en file.", "{n} diffusions remises en file.", "n"),
    ),
    "vouch": Act(
        brake.vouch,
        Q(state__in=[State.PLANNED, State.HELD], stop=Stop.BRAKE),
        "check-lg",
        _("Oui à toutes"),
        ngettext_lazy("Dire oui à {n} diffusion freinée ?", "Dire oui à {n} diffusions freinées ?", "n"),
        ngettext_lazy(
            "Elle part tout de suite, bien que le même texte soit déjà paru, ou que le compte ait déjà beaucoup publié.",
            "Elles partent tout de suite, au rythme de chaque compte, bien que le même texte soit déjà paru, ou que le compte "
            "ait déjà beaucoup publié. Toutes paraîtront.",
            "n",
        ),
        ngettext_lazy("{n} diffusion repart.", "{n} diffusions repartent.", "n"),
    ),
    "cancel": Act(
        plan.cancel,
        Q(state__in=[*BEFORE_SENDING, State.REFUSED]),
        "slash-circle",
        _("Tout annuler"),
        ngettext_lazy("Annuler {n} diffusion ?", "Annuler {n} diffusions ?", "n"),
        ngettext_lazy(
            "Elle ne partira pas ; les autres comptes du même message ne changent pas. On ne revient pas sur une annulation : "
            "il faudra programmer de nouveau.",
            "Aucune ne partira. Les autres comptes des mêmes messages ne changent pas. On ne revient pas sur une "
            "annulation : il faudra programmer de nouveau.",
            "n",
        ),
        ngettext_lazy("{n} diffusion annulée.", "{n} diffusions annulées.", "n"),
        "d",
    ),
}


class TogetherForm(Form):
    """`count` is how many the question named: a yes to twelve is none to twenty."""

    count = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


@may("delivery", "act")
def deliveries_together(request: HttpRequest, name: str) -> HttpResponse:
    """Only those that are there when the answer comes, and only if they are no more than the question said."""
    if name not in ACTS:
        raise Http404
    act, listed = ACTS[name], Listed.asked(request.GET)
    rows = listed.of(access.deliveries(request.user, "act"), timezone.now()).filter(act.fits)
    keys = list(rows.values_list("pk", flat=True))
    form = TogetherForm(posted(request))
    if request.method == "POST" and form.is_valid() and 0 < len(keys) <= form.cleaned_data["count"]:
        count = act.verb(Delivery.objects.filter(pk__in=keys), by=request.user)
        return done(request, act.did.format(n=count), "deliveries")
    return render(request, "deliveries/together.html", _question(request, act, listed, rows, len(keys)))


def _question(request: HttpRequest, act: Act, listed: Listed, rows: DeliveryQuerySet, count: int) -> dict[str, Any]:
    said = {"asks": act.asks.format(n=count), "will": act.will.format(n=count)} if count else {}
    where = rows.order_by().values_list("account__name", "account__channel").annotate(n=Count("pk"))
    return {
        "act": act, "listed": listed, "count": count, "rows": rows[:A_FEW], "more": max(0, count - A_FEW),
        "where": list(where.order_by("-n", "account__name")), "has_grown": request.method == "POST", **said,
    }  # fmt: skip
