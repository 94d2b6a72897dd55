"""Sources: add one, see how it does, pull it now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from diffusion import access
from diffusion.accounts.connect import http
from diffusion.brand.models import Level
from diffusion.errors import BadInput
from diffusion.intake import check
from diffusion.intake import pull as verbs
from diffusion.intake.item import Reading
from diffusion.intake.models import FirstPull
from diffusion.web.answers import done, may
from diffusion.web.forms import Form, posted

RECENT, SHOWN = 10, 5
LOOK_S = 10.0
"""Seconds that a site may take while somebody waits before the form."""
EVERY = [
    (5, _("toutes les 5 minutes")),
    (15, _("toutes les 15 minutes")),
    (60, _("chaque heure")),
    (1440, _("chaque jour")),
]
FAULT_OF = {"url_invalid": "url", "name_taken": "name"}


class SourceForm(Form):
    name = forms.CharField(label=_("Nom"), max_length=120)
    directorate = forms.ModelChoiceField(
        None,
        label=_("Direction"),
        to_field_name="public_id",
        empty_label=None,
        help_text=_("Celle dont viennent ces contenus."),
    )
    url = forms.CharField(
        label=_("Adresse"), max_length=2000, help_text=_("D'un flux (RSS, Atom, JSON Feed) ou d'un agenda (iCalendar).")
    )
    level = forms.ChoiceField(
        label=_("Niveau"),
        choices=[(Level.INTERNAL, _("Interne")), (Level.PARTNERS, _("Partenaires")), (Level.PUBLIC, _("Public"))],
        initial=Level.PUBLIC,
        widget=forms.RadioSelect,
    )
    every = forms.TypedChoiceField(label=_("Relever"), choices=EVERY, coerce=int, initial=15)
    first_pull = forms.ChoiceField(
        label=_("À la première relève, prendre"),
        choices=[
            (FirstPull.LAST, _("les derniers seulement")),
            (FirstPull.FROM_NOW, _("rien : à partir de maintenant")),
            (FirstPull.EVERYTHING, _("tout")),
        ],
        initial=FirstPull.LAST,
        widget=forms.RadioSelect,
        help_text=_("Pour ne pas noyer le bureau."),
    )
    first_count = forms.IntegerField(label=_("Combien de derniers"), min_value=1, max_value=500, initial=5)

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["directorate"].queryset = units  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        return {**self.cleaned_data, "every": timedelta(minutes=self.cleaned_data["every"])}


@may("source", "see")
@require_GET
def sources(request: HttpRequest) -> HttpResponse:
    return render(request, "sources/page.html", {"sources": access.sources(request.user)})


@may("source", "manage")
def source_add(request: HttpRequest) -> HttpResponse:
    """Look first: what is there, or why nothing is. The second button names the address that was looked at."""
    form = SourceForm(posted(request), units=access.directorates(request.user, "source", "manage"))
    found = None
    if request.method == "POST" and form.is_valid():
        url = form.cleaned_data["url"]
        if request.POST.get("sure") != url:
            found = check.look(url, http(), total_s=LOOK_S)
        else:
            try:
                made = verbs.add_source(by=request.user, **form.given())
            except BadInput as no:
                form.says(no, FAULT_OF.get(no.code))
            else:
                said = gettext("Source ajoutée. Elle est relevée dans un instant.")
                return done(request, said, "source", made.public_id)
    return render(request, "sources/add.html", {"form": form, "found": found and _found(found)})


def _found(reading: Reading) -> dict[str, Any]:
    """A look, as the page shows it: the first entries, and each kind of complaint once."""
    codes = {complaint.code: complaint for complaint in reversed(reading.complaints)}
    return {
        "is_understood": reading.format is not None,
        "may_pass": reading.format is None and not codes.keys() - check.MAY_PASS,
        "title": reading.title,
        "count": len(reading.items),
        "items": reading.items[:SHOWN],
        "complaints": [{"code": c.code, "facts": dict(c.facts)} for c in reversed(codes.values())],
    }


@may("source", "see")
@require_GET
def source(request: HttpRequest, public_id: str) -> HttpResponse:
    row = access.source(request.user, public_id)
    recent = access.submissions(request.user).filter(source=row)[:RECENT]
    return render(request, "sources/source.html", {"source": row, "recent": recent})


@may("source", "manage")
@require_POST
def source_pull(request: HttpRequest, public_id: str) -> HttpResponse:
    verbs.pull_soon(access.source(request.user, public_id, to="manage"), by=request.user)
    return done(request, gettext("La source est relevée dans un instant."), "source", public_id)
