"""One account's version: written by hand, counted as its channel counts, recomposed, or answered for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from diffusion import access
from diffusion.errors import No
from diffusion.rendition import versions as verbs
from diffusion.rendition.compose import is_titled
from diffusion.rendition.models import Version
from diffusion.web.answers import done, may
from diffusion.web.findings import findings, meter
from diffusion.web.forms import Form


class VersionForm(Form):
    title = forms.CharField(label=_("Titre"), max_length=300)
    text = forms.CharField(label=_("Texte"), max_length=50_000, widget=forms.Textarea(attrs={"rows": 10}))

    def __init__(self, *args: Any, version: Version, **kwargs: Any) -> None:
        kwargs["initial"] = {"title": version.body.get("title", ""), "text": version.text}
        super().__init__(*args, **kwargs)
        if not is_titled(version.account.channel_class):
            del self.fields["title"]


class OverrideForm(Form):
    reason = forms.CharField(
        label=_("Pourquoi est-ce juste ainsi ?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Votre nom et cette phrase restent au journal, et l'approbation les montre."),
    )


@may("message", "edit")
def version_edit(request: HttpRequest, public_id: str, account: str) -> HttpResponse:
    row = access.version(request.user, public_id, account, to="edit")
    form = VersionForm(request.POST or None, version=row)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if (
            not row.is_edited and given.items() <= form.initial.items()
        ):  # the rules' own words go on following the message
            return redirect("message", public_id)
        try:
            verbs.edit(row, by=request.user, text=given["text"], title=given.get("title"))
        except No as no:
            form.says(no)
        else:
            return done(request, gettext("Version enregistrée."), "message", public_id)
    context = {"version": row, "form": form, "findings": findings(row), "meter": meter(row)}
    return render(request, "composer/version.html", {**context, "message": row.revision.message})


@may("message", "edit")
@require_POST
def version_count(request: HttpRequest, public_id: str, account: str) -> HttpResponse:
    """How long the text being written is, as the channel counts."""
    row = access.version(request.user, public_id, account, to="edit")
    return render(request, "composer/_meter.html", {"meter": meter(row, request.POST.get("text", "")), "version": row})


@may("message", "edit")
@require_POST
def version_reset(request: HttpRequest, public_id: str, account: str) -> HttpResponse:
    verbs.reset(access.version(request.user, public_id, account, to="edit"), by=request.user)
    return done(request, gettext("Version recomposée d'après le message."), "message", public_id)


@may("message", "edit")
def version_override(request: HttpRequest, public_id: str, account: str) -> HttpResponse:
    """Answer for what the guard found, with a reason."""
    row = access.version(request.user, public_id, account, to="edit")
    form = OverrideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            verbs.override(row, by=request.user, reason=form.cleaned_data["reason"])
        except No as no:
            form.says(no)
        else:
            return done(request, gettext("Noté. Cette version peut partir ainsi."), "message", public_id)
    context = {"version": row, "form": form, "findings": findings(row), "message": row.revision.message}
    return render(request, "composer/override.html", context)
