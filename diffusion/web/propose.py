"""A contributor hands in, in two minutes on a phone, and follows what became of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from diffusion import access
from diffusion.brand.models import Level
from diffusion.directory.models import Authority, Directorate
from diffusion.directory.places import known_places
from diffusion.intake.models import Submission, Via
from diffusion.intake.submit import Handed, submit
from diffusion.intake.tongue import written_in
from diffusion.media import Asset
from diffusion.report import fates
from diffusion.web.alike import handed_before
from diffusion.web.answers import done, may, needs
from diffusion.web.doubts import doubts_of
from diffusion.web.pictures import PictureForm

A_PAGE = 20
WHO = [
    (Level.INTERNAL, _("Les agents seulement")),
    (Level.PARTNERS, _("Les agents, puis les partenaires : mairies, associations, entreprises")),
    (Level.PUBLIC, _("Tout le monde, les agents d'abord")),
]


class ProposeForm(PictureForm):
    """What must be known, in the contributor's own words."""

    title = forms.CharField(
        label=_("En une phrase"),
        max_length=300,
        help_text=_("Ce que l'on retiendra. Par exemple : « Coupure d'eau rue des Tilleuls mercredi matin »."),
    )
    text = forms.CharField(
        label=_("Votre information"),
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=_("Avec vos mots : quoi, quand, où, pour qui, et un contact. La forme est notre affaire."),
    )
    directorate = forms.ModelChoiceField(
        Directorate.objects.none(), label=_("Pour quelle direction ?"), to_field_name="public_id", empty_label=None
    )
    level = forms.ChoiceField(
        label=_("Qui doit le savoir ?"), choices=WHO, widget=forms.RadioSelect, initial=Level.PUBLIC
    )
    url = forms.URLField(label=_("Page à citer"), required=False, assume_scheme="https", max_length=2000)

    field_order = ("title", "text", "directorate", "level", "url", "picture", "description", "is_decorative", "kept")

    def __init__(self, *args: Any, directorates: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["directorate"].queryset = directorates  # type: ignore[attr-defined]

    def handed(self, otherwise: str) -> Handed:
        """`otherwise` is its language where the words tell nothing."""
        given = self.cleaned_data
        media = (_media(asset),) if (asset := self.described()) else ()
        return Handed(
            title=given["title"],
            text=given["text"],
            url=given["url"],
            level=given["level"],
            language=written_in(f"{given['title']}\n{given['text']}", otherwise),
            media=media,
        )


def _media(asset: Asset) -> dict[str, Any]:
    """A picture of ours as a submission holds it."""
    return {
        "url": f"/media/{asset.public_id}", "type": asset.media_type, "description": asset.description,
        "decorative": asset.is_decorative, "asset": asset.public_id,
    }  # fmt: skip


@may("submission", "add")
def propose(request: HttpRequest) -> HttpResponse:
    """The form. What is wrong is said at its field, and nothing typed is lost."""
    units = access.directorates(request.user, "submission", "add")
    form = ProposeForm(
        request.POST or None, request.FILES or None, by=request.user, directorates=units,
        initial={"directorate": units.first()},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        unit = form.cleaned_data["directorate"]
        submit(form.handed(request.user.language), directorate=unit, via=Via.FORM, by=request.user)
        return done(request, gettext("Envoyé. La communication l'a reçu."), "submissions")
    recent = fates(access.followed(request.user)[:3])
    return render(request, "propose/page.html", {"form": form, "fates": recent, "one": len(units) == 1, "units": units})


@may("submission", "add")
@require_POST
def propose_read(request: HttpRequest) -> HttpResponse:
    """What is being typed, read as it will be: what looks wrong in it, and what was handed in that says the same."""
    title, text = (request.POST.get(name, "")[:50_000] for name in ("title", "text"))
    said = f"{title}\n\n{text}"
    language = written_in(said, request.user.language)
    found = doubts_of([said], language, timezone.localtime(timezone=Authority.get().zone).date(), known_places())
    same = handed_before(request.user, title, text, language) if text.strip() else []
    return render(request, "propose/_read.html", {"doubts": found, "same": same})


@needs()
def submissions(request: HttpRequest) -> HttpResponse:
    """What became of each: received, in preparation, scheduled, published where, or declined and why."""
    page = Paginator(access.followed(request.user), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "submissions/page.html", {"page": page, "fates": fates(page.object_list)})


@needs()
def submission(request: HttpRequest, public_id: str) -> HttpResponse:
    """One, as it was handed in, with what became of it."""
    row: Submission = access.submission(request.user, public_id)
    may_sort = access.submissions(request.user, "sort").filter(pk=row.pk).exists()
    on = row.received_at.astimezone(Authority.get().zone).date()
    found = doubts_of([f"{row.title}\n\n{row.text}"], row.language, on, known_places())
    context = {"submission": row, "fate": fates([row])[0], "may_sort": may_sort, "doubts": found}
    return render(request, "submissions/submission.html", context)
