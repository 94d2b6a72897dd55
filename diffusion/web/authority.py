"""The authority's own page: its name, its zone, and what it decided once for all messages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from diffusion.directory import policy
from diffusion.directory.models import Authority, Silence
from diffusion.errors import BadInput
from diffusion.web.answers import done, may
from diffusion.web.forms import Form, posted

SILENCES = [
    (Silence.WAIT, _("Attendre une réponse")),
    (Silence.INTERNAL_ONLY, _("Publier pour les agents seulement")),
    (Silence.CANCEL, _("Annuler")),
]


class PolicyForm(Form):
    name = forms.CharField(label=_("Nom de la collectivité"), max_length=120)
    time_zone = forms.CharField(
        label=_("Fuseau horaire"), max_length=40, help_text=_("Par exemple Europe/Paris ou Indian/Reunion.")
    )
    lead = forms.DurationField(
        label=_("Avance des agents"), help_text=_("Le temps entre l'intranet et le public, par exemple 2:00:00.")
    )
    silence = forms.ChoiceField(label=_("Sans réponse dix minutes avant"), choices=SILENCES)
    may_approve_own = forms.BooleanField(
        label=_("On peut approuver seul ce qu'on a écrit"),
        required=False,
        help_text=_("Chaque fois, le journal le note."),
    )
    retention_days = forms.IntegerField(
        label=_("Garder les propositions (jours)"), min_value=1, max_value=3650,
        help_text=_("Ensuite le contenu est effacé ; l'origine, les dates et l'empreinte restent."),
    )  # fmt: skip
    hourly_posts = forms.IntegerField(
        label=_("Publications par heure et par compte avant de demander"), min_value=0, max_value=10_000,
        help_text=_("Au-delà, ou quand le même texte repart dans la journée, une personne dit oui d'abord. 0 : jamais."),
    )  # fmt: skip


@may("person", "manage")
def authority(request: HttpRequest) -> HttpResponse:
    now: dict[str, Any] = {name: getattr(Authority.get(), name) for name in policy.POLICIES}
    form = PolicyForm(posted(request), initial=now)
    if request.method == "POST" and form.is_valid():
        try:
            policy.set_policy(by=request.user, **form.cleaned_data)
        except BadInput as no:
            form.says(no, "time_zone")
        else:
            return done(request, gettext("Enregistré."), "authority")
    return render(request, "people/authority.html", {"form": form})
