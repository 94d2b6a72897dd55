"""People, their roles and absences with deputies, directorates; and each person's own page."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from diffusion import access
from diffusion.directory import people as verbs
from diffusion.directory.models import Authority, Directorate, Person, RoleKind
from diffusion.errors import BadInput
from diffusion.web.answers import came_from, done, may, needs
from diffusion.web.forms import Form, posted

KINDS: dict[str, Any] = {
    RoleKind.CONTRIBUTOR: _("Propose des contenus"),
    RoleKind.COMMUNICATOR: _("Écrit et programme les messages"),
    RoleKind.APPROVER: _("Approuve"),
    RoleKind.OPS: _("Veille sur les diffusions et les canaux (partout)"),
    RoleKind.AGENT: _("Lit le tableau interne (partout)"),
    RoleKind.ADMINISTRATOR: _("Administre personnes et canaux (partout)"),
}


class PersonForm(Form):
    name = forms.CharField(label=_("Nom"), max_length=120)
    email = forms.EmailField(label=_("Adresse de courriel"))
    language = forms.ChoiceField(label=_("Langue des pages et des courriels"), choices=settings.LANGUAGES)


class LanguageForm(Form):
    language = forms.ChoiceField(label=_("Langue des pages et des courriels"), choices=settings.LANGUAGES)


class RoleForm(Form):
    kind = forms.ChoiceField(label=_("Rôle"), choices=list(KINDS.items()))
    directorate = forms.ModelChoiceField(
        Directorate.objects, label=_("Direction"), required=False, empty_label=_("Toutes les directions")
    )


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class AbsenceForm(Form):
    first = forms.DateField(label=_("Premier jour"), widget=_day())
    last = forms.DateField(label=_("Dernier jour"), widget=_day())
    deputy = forms.ModelChoiceField(
        Person.objects.filter(is_active=True),
        label=_("Suppléance"),
        required=False,
        empty_label=_("Personne"),
        to_field_name="public_id",
        help_text=_("Cette personne est sollicitée à votre place pour approuver ; elle doit en avoir le rôle."),
    )

    def span(self) -> tuple[datetime, datetime]:
        """From the first day's midnight to that after the last, in the authority's zone."""
        zone = Authority.get().zone
        ends = self.cleaned_data["last"] + timedelta(days=1)
        return tuple(datetime.combine(day, time.min, zone) for day in (self.cleaned_data["first"], ends))  # type: ignore[return-value]


class DirectorateForm(Form):
    name = forms.CharField(label=_("Nom"), max_length=120)
    brand = forms.ModelChoiceField(None, label=_("Marque"), required=False, empty_label=_("Aucune"))
    is_internal_only = forms.BooleanField(
        label=_("Interne seulement"), required=False, help_text=_("Ses messages ne sortent jamais de l'intranet.")
    )

    def __init__(self, *args: Any, brands: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["brand"].queryset = brands  # type: ignore[attr-defined]


@may("person", "see")
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    rows = access.people(request.user).prefetch_related("roles__directorate")
    now = timezone.now()
    away = Q(absences__starts_at__lte=now, absences__ends_at__gt=now)
    rows = rows.annotate(is_away=Count("absences", filter=away)).order_by("-is_active", "name")
    return render(request, "people/page.html", {"people": rows})


@may("person", "manage")
def person_add(request: HttpRequest) -> HttpResponse:
    form = PersonForm(posted(request), initial={"language": settings.LANGUAGE_CODE})
    if request.method == "POST" and form.is_valid():
        try:
            made = verbs.add_person(by=request.user, **form.cleaned_data)
        except BadInput as no:
            form.says(no, "email")
        else:
            return done(request, gettext("Personne ajoutée. Donnez-lui un rôle."), "person", made.public_id)
    return render(request, "people/add.html", {"form": form})


@may("person", "manage")
def person(request: HttpRequest, public_id: str) -> HttpResponse:
    who = access.person(request.user, public_id, to="manage")
    now = {"name": who.name, "email": who.email, "language": who.language}
    form = PersonForm(posted(request), initial=now)
    if request.method == "POST" and form.is_valid():
        try:
            verbs.change_person(who, by=request.user, **form.cleaned_data)
        except BadInput as no:
            form.says(no, "email")
        else:
            return done(request, gettext("Enregistré."), "person", public_id)
    return _person_page(request, who, form=form)


def _person_page(request: HttpRequest, who: Person, **more: Any) -> HttpResponse:
    context = {"who": who, "role_form": RoleForm(prefix="role"), "absence_form": _absence_form(who), **more}
    context["absences"] = who.absences.filter(ends_at__gt=timezone.now()).select_related("deputy").order_by("starts_at")
    context["roles"] = who.roles.select_related("directorate").order_by("kind")
    return render(request, "people/person.html", context)


def _absence_form(who: Person, data: Any = None) -> AbsenceForm:
    form = AbsenceForm(data, prefix="absence")
    others = Person.objects.filter(is_active=True).exclude(pk=who.pk)
    if who.roles.filter(kind=RoleKind.APPROVER).exists():  # whoever can't answer would be asked nothing
        others = others.filter(roles__kind=RoleKind.APPROVER).distinct()
    form.fields["deputy"].queryset = others  # type: ignore[attr-defined]
    return form


@may("person", "manage")
@require_POST
@never_cache
def person_link(request: HttpRequest, public_id: str) -> HttpResponse:
    """A single-use link, shown once on the page that answers."""
    who = access.person(request.user, public_id, to="manage")
    secret = verbs.make_link(who, by=request.user)
    link = settings.BASE_URL + reverse("sign_in_link", args=[secret])
    now = {"name": who.name, "email": who.email, "language": who.language}
    return _person_page(request, who, form=PersonForm(initial=now), link=link)


@may("person", "manage")
@require_POST
def role_give(request: HttpRequest, public_id: str) -> HttpResponse:
    who = access.person(request.user, public_id, to="manage")
    form = RoleForm(request.POST, prefix="role")
    if form.is_valid():
        verbs.give_role(who, by=request.user, **form.cleaned_data)
        return done(request, gettext("Rôle donné."), "person", public_id)
    return _person_page(request, who, form=PersonForm(initial=vars(who)), role_form=form)


@may("person", "manage")
@require_POST
def role_take(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    who = access.person(request.user, public_id, to="manage")
    verbs.take_role(get_object_or_404(who.roles.select_related("person", "directorate"), pk=pk), by=request.user)
    return done(request, gettext("Rôle retiré."), "person", public_id)


@needs()
@require_POST
def absence_set(request: HttpRequest, public_id: str) -> HttpResponse:
    who = access.person(request.user, public_id, to="absent")
    form = _absence_form(who, request.POST)
    if form.is_valid():
        starts_at, ends_at = form.span()
        try:
            verbs.set_absence(
                who, by=request.user, starts_at=starts_at, ends_at=ends_at, deputy=form.cleaned_data["deputy"]
            )
        except BadInput as no:
            form.says(no, "last")
        else:
            return done(request, gettext("Absence notée."), came_from(request) or "me")
    return render(request, "people/absence.html", {"who": who, "form": form}, status=422)


@needs()
@require_POST
def absence_end(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    who = access.person(request.user, public_id, to="absent")
    verbs.end_absence(get_object_or_404(who.absences.select_related("person"), pk=pk), by=request.user)
    return done(request, gettext("Absence retirée."), came_from(request) or "me")


@may("person", "manage")
@require_POST
def person_deactivate(request: HttpRequest, public_id: str) -> HttpResponse:
    who = access.person(request.user, public_id, to="manage")
    verbs.deactivate(who, by=request.user)
    undo = reverse("person_reactivate", args=[public_id])
    return done(request, gettext("Compte fermé."), "person", public_id, undo=undo)


@may("person", "manage")
@require_POST
def person_reactivate(request: HttpRequest, public_id: str) -> HttpResponse:
    verbs.reactivate(access.person(request.user, public_id, to="manage"), by=request.user)
    return done(request, gettext("Compte rouvert."), "person", public_id)


@may("directorate", "see")
@require_GET
def directorates(request: HttpRequest) -> HttpResponse:
    units = Directorate.objects.select_related("brand").annotate(
        people=Count("roles__person", distinct=True), feeds=Count("sources", distinct=True)
    )
    return render(request, "people/directorates.html", {"units": units})


@may("directorate", "manage")
def directorate_add(request: HttpRequest) -> HttpResponse:
    form = DirectorateForm(posted(request), brands=access.brands(request.user))
    if request.method == "POST" and form.is_valid():
        try:
            verbs.add_directorate(by=request.user, **form.cleaned_data)
        except BadInput as no:
            form.says(no, "name")
        else:
            return done(request, gettext("Direction ajoutée."), "directorates")
    return render(request, "people/directorate.html", {"form": form})


@may("directorate", "manage")
def directorate(request: HttpRequest, public_id: str) -> HttpResponse:
    unit = access.directorate(request.user, public_id, to="manage")
    now = {"name": unit.name, "brand": unit.brand, "is_internal_only": unit.is_internal_only}
    form = DirectorateForm(posted(request), brands=access.brands(request.user), initial=now)
    if request.method == "POST" and form.is_valid():
        try:
            verbs.change_directorate(unit, by=request.user, **form.cleaned_data)
        except BadInput as no:
            form.says(no, "name")
        else:
            return done(request, gettext("Enregistré."), "directorates")
    return render(request, "people/directorate.html", {"form": form, "unit": unit})


@needs()
def me(request: HttpRequest) -> HttpResponse:
    """Each person's own page: language, password, absences."""
    who = access.person(request.user, request.user.public_id, to="absent")
    form = LanguageForm(posted(request), initial={"language": who.language})
    if request.method == "POST" and form.is_valid():
        verbs.change_person(who, by=who, name=who.name, email=who.email, language=form.cleaned_data["language"])
        return redirect("me")
    absences = who.absences.filter(ends_at__gt=timezone.now()).select_related("deputy").order_by("starts_at")
    context = {"who": who, "form": form, "absences": absences, "absence_form": _absence_form(who)}
    return render(request, "people/me.html", context)
