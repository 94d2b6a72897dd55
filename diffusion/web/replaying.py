"""After an outage: what becomes of each delivery of a window, shown first; then done, once."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from diffusion import access
from diffusion.accounts.models import Account
from diffusion.delivery import replay as verbs
from diffusion.delivery.replay import Fate, Step
from diffusion.web.answers import done, may
from diffusion.web.forms import Form, posted
from diffusion.web.hold import LiftForm
from diffusion.web.spelling import ngettext
from diffusion.web.terms import NOW

LOCAL = "%Y-%m-%dT%H:%M"
A_DAY = timedelta(days=1)
SHOWN = 50
"""How many rows the plan shows; its numbers are of all."""
FATES: dict[Fate, Any] = {
    Fate.AGAIN: _("Abandonnées pendant la panne : rien n'en est parti"),
    Fate.WAITS: _("Pas encore parties : elles partent d'elles-mêmes"),
    Fate.LOOK: _("Sans réponse sûre : Diffusion regarde d'abord sur le canal"),
    Fate.HELD: _("Suspendues : elles attendent la levée"),
    Fate.PERSON: _("À vous de décider, une par une"),
}


def _moment() -> forms.DateTimeField:
    return forms.DateTimeField(
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL),
        input_formats=[LOCAL, f"{LOCAL}:%S"],
    )


class WindowForm(Form):
    """What was planned between two times, of one account or all. Neither is in the future."""

    start = _moment()
    end = _moment()
    account = forms.ChoiceField(label=_("Compte"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["start"].label, self.fields["end"].label = _("Depuis"), _("Jusqu'à")
        everyone = [("", _("Tous")), *Account.objects.values_list("public_id", "name")]
        self.fields["account"].choices = everyone  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if {"start", "end"} <= given.keys() and given["end"] <= given["start"]:
            self.add_error("end", gettext("La fin vient après le début."))
        return given


class ReplayForm(LiftForm):
    """The same three ways as when a hold is lifted. `count` is how many the plan had: a yes to twelve is none to twenty."""

    count = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["when"].label = _("Ce qui n'est pas parti")


@may("delivery", "act")
def replay(request: HttpRequest) -> HttpResponse:
    """The window and its plan; then what was chosen, if the plan has not grown since it was shown."""
    now = timezone.now()
    first = {"start": timezone.localtime(now - A_DAY).strftime(LOCAL), "end": timezone.localtime(now).strftime(LOCAL)}
    window = WindowForm({**first, **request.GET.dict()})
    steps = _steps(request, window, now) if window.is_valid() else []
    form = ReplayForm(posted(request), initial={"when": NOW})
    if request.method == "POST" and form.is_valid() and 0 < len(steps) <= form.cleaned_data["count"]:
        at = form.moment()
        if not form.errors:
            count = verbs.replay(steps, by=request.user, overdue=form.overdue, at=at)
            said = ngettext("{n} diffusion reprise.", "{n} diffusions reprises.", count).format(n=count)
            return done(request, said, "deliveries")
    has_grown = request.method == "POST" and form.is_valid() and len(steps) > form.cleaned_data["count"]
    context = {"window": window, "form": form, "has_grown": has_grown, **_plan(steps)}
    return render(request, "deliveries/replay.html", context)


def _steps(request: HttpRequest, window: WindowForm, now: datetime) -> list[Step]:
    given, rows = window.cleaned_data, access.deliveries(request.user, "act")
    if given["account"]:
        rows = rows.filter(account__public_id=given["account"])
    return verbs.steps(rows, given["start"], min(given["end"], now))


def _plan(steps: list[Step]) -> dict[str, Any]:
    counts = Counter(step.fate for step in steps)
    told = [(FATES[fate], counts[fate]) for fate in FATES if counts[fate]]
    acts = counts[Fate.AGAIN] + counts[Fate.LOOK] + counts[Fate.WAITS]
    shown = [(step, FATES[step.fate]) for step in steps[:SHOWN]]
    return {"told": told, "steps": shown, "more": max(0, len(steps) - SHOWN), "count": len(steps), "acts": acts}
