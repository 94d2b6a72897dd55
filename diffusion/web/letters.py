"""Letters: lists and how many read them, issues with their figures, who comes on and off, and mails in doubt."""

from __future__ import annotations

import csv
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from channels import registry
from channels.contract import Kind
from diffusion import access
from diffusion.brand.models import Level
from diffusion.delivery.states import State
from diffusion.errors import BadInput, No
from diffusion.newsletter import bounces, doubts, lists, subscribe
from diffusion.newsletter.models import CORRECTED, Edition, List
from diffusion.web.answers import done, may, sentence
from diffusion.web.forms import Form, posted
from diffusion.web.spelling import ngettext

A_PAGE = 25
ORIGINS = [
    ("agent", _("Une agente, un agent de la collectivité")), ("town_hall", _("Demandé à l'accueil")),
    ("paper", _("Un bulletin papier signé")), ("other_list", _("Une liste que nous tenions déjà")),
]  # fmt: skip
LANGUAGES = [("fr", "Français"), ("en", "English")]
SENT, AGAIN = "sent", "again"
READS = Q(consents__confirmed_at__isnull=False, consents__left_at=None, consents__subscriber__suppressed_at=None)


class ListForm(Form):
    name = forms.CharField(label=_("Nom"), max_length=120)
    description = forms.CharField(
        label=_("Ce qu'on y lit"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Sur la page publique d'inscription : le sujet, et combien de fois par mois."),
    )  # fmt: skip
    consent_text = forms.CharField(
        label=_("Ce à quoi on dit oui"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Gardé avec chaque inscription, tel qu'il était. Un changement ne vaut que pour les suivantes."),
    )  # fmt: skip
    is_open = forms.BooleanField(
        label=_("Chacun peut s'inscrire"), required=False,
        help_text=_("Fermée, la lettre continue pour ceux qui la reçoivent ; vous seuls y inscrivez quelqu'un."),
    )  # fmt: skip


class AddForm(Form):
    email = forms.CharField(label=_("Adresse de courriel"), max_length=254, widget=forms.EmailInput)
    origin = forms.ChoiceField(label=_("D'où vient son accord ?"), choices=ORIGINS)
    language = forms.ChoiceField(label=_("Langue"), choices=LANGUAGES, initial="fr")
    again = forms.BooleanField(
        label=_("Elle avait quitté la lettre et a demandé à revenir"), required=False
    )  # who left is never put back without it


class ImportForm(Form):
    pasted = forms.CharField(
        label=_("Adresses"), max_length=4_000_000, strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("Une par ligne, ou séparées par des virgules. « Nom <adresse> » se lit aussi."),
    )  # fmt: skip
    origin = forms.ChoiceField(label=_("D'où vient leur accord ?"), choices=ORIGINS, initial="other_list")
    language = forms.ChoiceField(label=_("Langue"), choices=LANGUAGES, initial="fr")


class RemoveForm(Form):
    email = forms.CharField(label=_("Adresse de courriel"), max_length=254, widget=forms.EmailInput)
    how = forms.ChoiceField(
        label=_("Que faire ?"), widget=forms.RadioSelect, initial="leave",
        choices=[
            ("leave", _("Retirer de cette lettre : plus rien ne lui sera envoyé d'ici")),
            ("forget", _("Effacer l'adresse partout, de toutes les lettres. Cela ne se reprend pas")),
        ],
    )  # fmt: skip


@may("letter", "see")
@require_GET
def letters(request: HttpRequest) -> HttpResponse:
    rows = access.letters(request.user).annotate(readers=Count("consents", READS, distinct=True)).order_by("name")
    kinds = [kind.name for kind in registry.all_channels() if kind.kind is Kind.NEWSLETTER and kind.publishes]
    context = {
        "letters": [(row, _issues(row).first()) for row in rows],
        "without": access.accounts(request.user).filter(channel__in=kinds, list=None),
        "may_manage": access.may(request.user, "letter", "manage"),
    }
    return render(request, "letters/page.html", context)


@may("letter", "manage")
@require_POST
def letter_open(request: HttpRequest, account: str) -> HttpResponse:
    """An account that has no list yet gets one."""
    row = lists.open_list(access.account(request.user, account), by=request.user)
    return done(
        request, gettext("Lettre ouverte. Dites à quoi ses abonnés consentent."), "letter_change", row.public_id
    )


@may("letter", "see")
@require_GET
def letter_list(request: HttpRequest, public_id: str) -> HttpResponse:
    row = access.letter(request.user, public_id)
    page = Paginator(_issues(row), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "letters/letter.html", {**_sheet(request, row), "page": page, "form": AddForm()})


def _sheet(request: HttpRequest, row: List) -> dict[str, Any]:
    return {
        "letter": row,
        "readers": subscribe.readers(row).count(),
        "asked": row.consents.filter(confirmed_at=None, left_at=None).count(),
        "bounced": subscribe.lost(row).count(),
        "address": settings.BASE_URL + reverse("letter", args=[row.public_id]),
        "may_manage": access.may(request.user, "letter", "manage"),
        "may_export": access.may(request.user, "letter", "export"),
    }


def _issues(row: List) -> QuerySet[Edition]:
    """Newest first, each with what became of its mails: never whose they were."""

    def among(*states: State) -> Count:
        return Count("lines", Q(lines__state__in=states))

    rows = Edition.objects.filter(list=row).select_related("delivery__message")
    figures = rows.annotate(
        sent=among(State.PUBLISHED), refused=among(State.REFUSED), doubt=among(State.UNCERTAIN),
        ahead=among(State.PLANNED, State.SENDING), lost=Count("lines", ~Q(lines__bounce="")),
        stopped=Count("lines", Q(lines__code=CORRECTED)), total=Count("lines"),
    )  # fmt: skip
    return figures.order_by("-made_at", "-pk")


@may("letter", "manage")
def letter_change(request: HttpRequest, public_id: str) -> HttpResponse:
    row = access.letter(request.user, public_id, to="manage")
    first = {name: getattr(row, name) for name in ListForm.base_fields}
    form = ListForm(posted(request), initial=first)
    if row.account.level != Level.PUBLIC:  # never open: there is nothing to tick
        form.fields["is_open"].disabled, form.initial["is_open"] = True, False
        form.fields["is_open"].help_text = sentence(BadInput("letter_not_public"))
    if request.method == "POST" and form.is_valid():
        lists.change_list(row, by=request.user, **form.cleaned_data)
        return done(request, gettext("Enregistré."), "letter_list", public_id)
    return render(request, "letters/change.html", {"letter": row, "form": form})


@may("letter", "manage")
def letter_add(request: HttpRequest, public_id: str) -> HttpResponse:
    """One person, whose consent was given elsewhere."""
    row = access.letter(request.user, public_id, to="manage")
    form = AddForm(posted(request))
    if request.method == "POST" and form.is_valid() and _added(row, form, request):
        return done(request, gettext("Inscrite."), "letter_list", public_id)
    return render(request, "letters/add.html", {"letter": row, "form": form})


def _added(row: List, form: AddForm, request: HttpRequest) -> bool:
    given = dict(form.cleaned_data)
    taken = lists.take_in(row, given.pop("email"), by=request.user, **given)
    if taken.bad:
        form.says(BadInput("address_invalid", given=taken.bad[0].given), "email")
    elif taken.left:
        form.add_error("email", gettext("Cette personne a quitté la lettre. Elle y revient si elle le demande."))
    elif taken.bounced:
        form.add_error("email", _lost(taken.bounced))
    elif taken.known:
        form.add_error("email", gettext("Cette adresse y est déjà."))
    return not form.errors


@may("letter", "manage")
def letter_import(request: HttpRequest, public_id: str) -> HttpResponse:
    """Many at once. What can't be read stays in the field, to be put right and sent again."""
    row = access.letter(request.user, public_id, to="manage")
    form, taken = ImportForm(posted(request)), None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            taken = lists.take_in(row, by=request.user, **given)
        except No as no:
            form.says(no, "pasted")
        else:
            if not taken.bad and not taken.left:
                return done(request, _said(taken), "letter_list", public_id)
            form = ImportForm(initial={**given, "pasted": "\n".join(bad.given for bad in taken.bad)})
    said = _said(taken) if taken else ""
    return render(request, "letters/import.html", {"letter": row, "form": form, "taken": taken, "said": said})


def _said(taken: lists.Taken) -> str:
    added = ngettext("{n} adresse inscrite.", "{n} adresses inscrites.", taken.added).format(n=taken.added)
    known = ngettext("{n} y était déjà.", "{n} y étaient déjà.", taken.known).format(n=taken.known)
    parts = [added, known if taken.known else "", _lost(taken.bounced) if taken.bounced else ""]
    return " ".join(filter(None, parts))


def _lost(count: int) -> str:
    return ngettext(
        "{n} adresse ne prend plus de courriels : elle y revient en s'inscrivant elle-même.",
        "{n} adresses ne prennent plus de courriels : elles y reviennent en s'inscrivant elles-mêmes.",
        count,
    ).format(n=count)


@may("letter", "manage")
def letter_remove(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take somebody off, or erase them: by the address they give, so that nobody leafs through people."""
    row = access.letter(request.user, public_id, to="manage")
    form = RemoveForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            reader = lists.on_list(row, form.cleaned_data["email"])
        except BadInput as no:
            form.says(no, "email")
        else:
            return _removed(request, row, reader, form.cleaned_data["how"])
    return render(request, "letters/remove.html", {"letter": row, "form": form})


def _removed(request: HttpRequest, row: List, reader: Any, how: str) -> HttpResponse:
    if how == "forget":
        subscribe.forget(reader, by=request.user)
        return done(request, gettext("Adresse effacée partout."), "letter_list", row.public_id)
    subscribe.leave(row, reader, by=request.user)
    return done(request, gettext("Retirée de cette lettre."), "letter_list", row.public_id)


@may("letter", "export")
@require_POST
def letter_export(request: HttpRequest, public_id: str) -> HttpResponse:
    """The list as a file, for the administration alone; the journal keeps who took it."""
    row = access.letter(request.user, public_id, to="export")
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.account.slug}.csv"'
    answer.headers["Cache-Control"] = "no-store"
    answer.write("\ufeff")  # a spreadsheet takes a file without this mark for another alphabet
    csv.writer(answer).writerows([lists.COLUMNS, *lists.export(row, by=request.user)])
    return answer


@may("letter", "see")
@require_GET
def letter_issue(request: HttpRequest, public_id: str, edition: str) -> HttpResponse:
    """One issue: its figures, and the mails of which nobody knows whether they went out."""
    row = access.letter(request.user, public_id)
    issue = get_object_or_404(_issues(row), public_id=edition)
    context = {
        "letter": row, "issue": issue, "lines": doubts.lines_in_doubt(issue)[:A_PAGE],
        "may_act": access.deliveries(request.user, "act").filter(pk=issue.delivery_id).exists(),
        "is_doubtful": bounces.is_doubtful(vars(issue)["lost"], vars(issue)["total"]),
    }  # fmt: skip
    return render(request, "letters/issue.html", context)


ACTS = {SENT: doubts.confirm_line, AGAIN: doubts.deny_line}


@may("delivery", "act")
def letter_line(request: HttpRequest, public_id: str, edition: str, line: int, act: str) -> HttpResponse:
    """Sent, or to be sent again: one more question, since a mail can't be called back."""
    row = access.letter(request.user, public_id)
    issue = get_object_or_404(_issues(row), public_id=edition)
    access.delivery(request.user, issue.delivery.public_id, to="act")
    doubt = get_object_or_404(issue.lines.select_related("subscriber", "edition__list"), pk=line)
    if request.method == "POST":
        delivery = ACTS[act](doubt, by=request.user)
        said = gettext("Noté comme parti.") if act == SENT else gettext("Remis en file.")
        if delivery.state == State.PUBLISHED:
            said += " " + gettext("La lettre est publiée : chaque destinataire a sa réponse.")
        return done(request, said, "letter_issue", public_id, edition)
    return render(request, "letters/line.html", {"letter": row, "issue": issue, "line": doubt, "act": act})
