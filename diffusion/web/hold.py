"""The stop button: everything outward is held, or let go again, each with a question first."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from diffusion.delivery import hold as verbs
from diffusion.delivery.models import Delivery, Hold
from diffusion.delivery.states import BEFORE_SENDING
from diffusion.web.answers import done, may
from diffusion.web.forms import Form, posted


class HoldForm(Form):
    reason = forms.CharField(
        label=_("Pourquoi ?"),
        max_length=200,
        help_text=_("Lu sur chaque page par toute l'équipe, écrit au journal. Accident grave, deuil, erreur en cours…"),
    )


class LiftForm(Form):
    overdue = forms.ChoiceField(
        label=_("Ce dont l'heure est passée"),
        choices=[("send", _("Envoyer maintenant")), ("drop", _("Annuler"))],
        widget=forms.RadioSelect,
        initial="send",
    )


@may("hold", "manage")
def hold(request: HttpRequest) -> HttpResponse:
    """One page, two questions: hold when nothing is held, else lift."""
    current = Hold.current()
    form = (LiftForm if current else HoldForm)(posted(request))
    if request.method == "POST" and form.is_valid():
        if current:
            verbs.lift(by=request.user, overdue=form.cleaned_data["overdue"])
            return done(request, gettext("Suspension levée. Tout repart."), "hold")
        verbs.hold(by=request.user, reason=form.cleaned_data["reason"])
        return done(request, gettext("Tout est suspendu. Ce qui est parti reste en ligne."), "hold")
    waiting = Delivery.objects.filter(state__in=BEFORE_SENDING)
    context = {
        "form": form, "hold": current, "overdue": verbs.waiting(), "waiting": waiting.real().count(),
        "apart": waiting.rehearsed().count(),
    }  # fmt: skip
    return render(request, "hold/page.html", context)
