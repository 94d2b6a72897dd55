"""Which campaign a message is of: chosen among those that there are, or begun by naming it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from diffusion import access
from diffusion.message.campaign import NAME_MOST, join_campaign
from diffusion.message.models import Campaign
from diffusion.web.answers import done, may
from diffusion.web.forms import Form, posted


class CampaignForm(Form):
    name = forms.CharField(
        label=_("Campagne"),
        required=False,
        max_length=NAME_MOST,
        widget=forms.TextInput(attrs={"list": "campaigns", "autocomplete": "off"}),
        help_text=_("Choisissez-en une, ou nommez-en une nouvelle. Laissez vide pour n'en avoir aucune."),
    )


@may("message", "edit")
def message_campaign(request: HttpRequest, public_id: str) -> HttpResponse:
    row = access.message(request.user, public_id, to="edit")
    form = CampaignForm(posted(request), initial={"name": row.campaign or ""})
    if request.method == "POST" and form.is_valid():
        now = join_campaign(row, form.cleaned_data["name"], by=request.user).campaign
        said: Any = gettext("Ce message est de la campagne « {name} ».") if now else gettext(
            "Ce message n'est d'aucune campagne.")  # fmt: skip
        return done(request, said.format(name=now), "message", public_id)
    names = Campaign.objects.order_by("name").values_list("name", flat=True)
    return render(request, "composer/campaign.html", {"message": row, "form": form, "names": names})
