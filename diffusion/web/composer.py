"""One message: its words, the tone's changes, its facts and pictures, and every account's version beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import trigger_client_event

from diffusion import access
from diffusion.approval.models import Approval, Decision
from diffusion.approval.outlook import Outlook, outlook
from diffusion.brand.models import Brand, Level
from diffusion.directory.models import Directorate, Person
from diffusion.errors import BadInput, No, NotNow
from diffusion.message import write
from diffusion.message.models import Message, Revision
from diffusion.newsletter import progress
from diffusion.rendition.versions import accounts_of, compose_all, read_on, statement_of
from diffusion.report import Stage, by_hand, changed, latest, load_story, stage, standing, with_story
from diffusion.web.answers import done, may, needs
from diffusion.web.differ import changes as differences
from diffusion.web.doubts import doubts
from diffusion.web.findings import findings, meter
from diffusion.web.forms import Form
from diffusion.web.grid import essentials, grid, paper
from diffusion.web.proofs import clock
from diffusion.web.pulse import pulse
from diffusion.web.rail import rail
from diffusion.web.spelling import typography
from diffusion.web.steps import steps
from diffusion.web.tone_list import tone_of

A_PAGE = 50
LEVELS = [(Level.INTERNAL, _("Interne")), (Level.PARTNERS, _("Partenaires")), (Level.PUBLIC, _("Public"))]
SHOWN: dict[str, tuple[Any, dict[str, Any]]] = {
    "open": (_("En cours"), {"set_aside_at": None}),
    "aside": (_("Mis de côté"), {"set_aside_at__isnull": False}),
}
MARKDOWN = _("Une ligne vide fait un paragraphe ; **gras**, *italique*, « - » pour une liste, [texte](adresse).")


def _addition(label: Any) -> forms.CharField:
    rows = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, required=False, max_length=20_000, widget=rows)


class WordsForm(Form):
    """The canonical words, what each level adds to them, their language. `based_on` is the revision that was read."""

    title = forms.CharField(label=_("Titre"), max_length=300)
    body = forms.CharField(
        label=_("Texte"),
        max_length=50_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=MARKDOWN,
    )
    internal = _addition(_("Ajouté pour les agents seuls"))
    partners = _addition(_("Ajouté pour les partenaires seuls"))
    public = _addition(_("Ajouté pour le public seul"))
    links = forms.CharField(
        label=_("Liens"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Une adresse par ligne."),
    )
    language = forms.ChoiceField(
        label=_("Langue du message"), choices=settings.LANGUAGES, required=False,
        help_text=_("Dates, heures et ton suivent cette langue. Elle ne change plus une fois l'envoi prévu."),
    )  # fmt: skip
    based_on = forms.IntegerField(widget=forms.HiddenInput)

    def clean_links(self) -> str:
        given: str = self.cleaned_data["links"]
        for link in given.split():
            if not link.lower().startswith(("https://", "http://")):
                raise forms.ValidationError(
                    gettext("« %(link)s » n'est pas une adresse web complète."), params={"link": link}
                )
        return given

    def words(self, revision: Revision) -> write.Words:
        """What was typed, over what the revision holds beside: pictures, facts, refused changes."""
        given = self.cleaned_data
        additions = {level: given[level] for level in Level.values if given[level].strip()}
        fresh = {
            "title": given["title"],
            "body": given["body"],
            "additions": additions,
            "links": given["links"].split(),
        }
        return replace(write.words_of(revision), **fresh)


class NewForm(Form):
    title = forms.CharField(label=_("Titre"), max_length=300)
    body = forms.CharField(
        label=_("Texte"),
        max_length=50_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=MARKDOWN,
    )
    directorate = forms.ModelChoiceField(
        Directorate.objects.none(), label=_("Direction"), to_field_name="public_id", empty_label=None
    )
    levels = forms.MultipleChoiceField(
        label=_("Pour qui ?"),
        choices=LEVELS,
        widget=forms.CheckboxSelectMultiple,
        initial=[Level.INTERNAL, Level.PUBLIC],
    )
    brand = forms.ModelChoiceField(
        Brand.objects.all(),
        label=_("Marque"),
        to_field_name="public_id",
        required=False,
        empty_label=_("Celle de la direction"),
    )
    language = forms.ChoiceField(
        label=_("Langue du message"), choices=[("", _("Celle du texte")), *settings.LANGUAGES], required=False
    )
    is_urgent = forms.BooleanField(
        label=_("Urgent"), required=False, help_text=_("Passe devant tout le reste, sans avance des agents.")
    )

    def __init__(self, *args: Any, directorates: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["directorate"].queryset = directorates  # type: ignore[attr-defined]


@may("message", "see")
@require_GET
def messages(request: HttpRequest) -> HttpResponse:
    show = request.GET.get("show", "open")
    label, rows = SHOWN.get(show, SHOWN["open"])
    page = Paginator(with_story(access.messages(request.user).filter(**rows)), A_PAGE).get_page(request.GET.get("page"))
    filters = [(name, word, name == show) for name, (word, _rows) in SHOWN.items()]
    told = [(message, stage(message)) for message in page]
    context = {"page": page, "messages_told": told, "filters": filters, "shown": label, "show": show}
    return render(request, "messages/page.html", {**context, "may_edit": access.may(request.user, "message", "edit")})


@may("message", "edit")
def message_new(request: HttpRequest) -> HttpResponse:
    units = access.directorates(request.user, "message", "edit")
    form = NewForm(request.POST or None, directorates=units)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        words = write.Words(title=given.pop("title"), body=given.pop("body"))
        try:
            message = write.draft(words, by=request.user, **given)
        except No as no:
            form.says(no)
        else:
            compose_all(message)
            return done(request, gettext("Message créé."), "message", message.public_id)
    return render(request, "composer/new.html", {"form": form})


@needs()
@require_GET
@vary_on_headers("HX-Request")
def message(request: HttpRequest, public_id: str) -> HttpResponse:
    """For whoever may read it, a deputy approver too; what may be changed depends on the person."""
    row = load_story(access.message(request.user, public_id))
    if request.htmx:  # type: ignore[attr-defined]  # django-htmx's middleware
        return _moved(request, row)
    return render(request, "composer/page.html", {**_sheet(row), **_around(row, request.user)})


def _moved(request: HttpRequest, row: Message) -> HttpResponse:
    """The parts that publishing moves, if one did since the page was drawn; one polite sentence tells of it."""
    deliveries, seen = standing(row), request.GET.get("seen", "")
    beat = pulse(deliveries, latest(row), progress.of_message(row, deliveries).values())
    if beat.seen == seen:
        return HttpResponse(status=204)
    context = {**_sheet(row), **_around(row, request.user)}
    answer = render(request, "composer/_moved.html", context)
    if beat.is_only_further(seen):
        return answer
    return trigger_client_event(answer, "say", typography(f"{gettext(context['stage'].label)}. {beat.said}"))


def _sheet(row: Message) -> dict[str, Any]:
    """The words, their facts, the tone, the versions."""
    revision, on = row.revision, read_on(row, row.levels[-1])
    statement, versions = statement_of(revision), _in_order(revision.versions.all())
    chosen = essentials(statement, row.levels, on)
    text, marks = paper(revision.body, chosen, lang=row.language, published=on)
    added = [
        (level, *paper(words, chosen, lang=row.language, published=on)) for level, words in statement.additions.items()
    ]
    return {
        "message": row,
        "revision": revision,
        "text": text,
        "marks": marks,
        "additions": added,
        "words": len(text.split()),
        "doubts": doubts(statement, row, on),
        "tone": tone_of(revision, row.brand, get_language() or "fr"),
        "rows": grid(row, statement, versions, on),
        "versions": [{"version": v, "findings": findings(v), "meter": meter(v)} for v in versions],
        "faulty": sum(not version.can_be_scheduled for version in versions),
        "media": revision.media.order_by("illustration__position"),
    }


def _in_order(versions: Iterable[Any]) -> list[Any]:
    order = list(Level)
    return sorted(versions, key=lambda v: (v.can_be_scheduled, order.index(v.account.level), v.account.name))


def _around(row: Message, person: Person) -> dict[str, Any]:
    """Where it goes, where it stands, and what this person may do next."""
    accounts, deliveries = accounts_of(row), standing(row)
    at, was_cancelled = stage(row), bool(row.deliveries.all()) and not deliveries
    approval, can, timer = latest(row), steps(row, at, person), clock(row)
    letters = progress.of_message(row, deliveries)
    is_asked = approval is not None and approval.decision == Decision.ASKED
    return {
        "stage": at,
        "letters": letters,
        "pulse": pulse(deliveries, approval, letters.values()),
        "rail": rail(row, accounts, deliveries, is_off=was_cancelled),
        "approval": approval,
        "outlook": _outlook(row, approval if is_asked else None) if is_asked or "ask" in can else None,
        "deliveries": deliveries,
        "changed": [delivery for delivery in changed(row, deliveries) if delivery.pk not in by_hand(row)],
        "clock": timer,
        "was_cancelled": was_cancelled,
        "under_way": timer.begun if timer and at == Stage.CHANGED else 0,
        "is_composed": {a.pk for a in accounts} == {v.account_id for v in row.revision.versions.all()},
        "no_accounts": not accounts,
        "can": can,
        "submissions": row.submissions.select_related("directorate", "by"),
        "revisions": row.revisions.select_related("by").order_by("-number")[:20],
    }


def _outlook(row: Message, asked: Approval | None) -> Outlook | None:
    """Before asking: who it goes to. After: only what keeps an answer from coming."""
    found = outlook(row, asked)
    return found if asked is None or found.away or found.is_in_vain else None


@may("message", "edit")
def message_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write. When somebody saved meanwhile: who, what differs, and a choice; nothing is overwritten."""
    row = access.message(request.user, public_id, to="edit")
    form = WordsForm(request.POST or None, initial={**_initial(row.revision), "language": row.language})
    if row.is_planned:
        del form.fields["language"]
    if request.method == "POST" and form.is_valid():
        given, words = form.cleaned_data, form.words(row.revision)
        try:
            write.revise(row, words, by=request.user, based_on=given["based_on"], language=given.get("language", ""))
        except NotNow as no:
            return _conflict(request, row, form, no)
        except BadInput as no:
            form.says(no)
        else:
            compose_all(row)
            return done(request, gettext("Enregistré. Les versions sont recomposées."), "message", public_id)
    found = doubts(statement_of(row.revision), row, read_on(row, row.levels[-1]))
    return render(request, "composer/edit.html", {"message": row, "form": form, "doubts": found})


def _initial(revision: Revision) -> dict[str, Any]:
    additions = {addition.level: addition.body for addition in revision.additions.all()}
    words = {"title": revision.title, "body": revision.body, "links": "\n".join(revision.links)}
    return {**words, **additions, "based_on": revision.number}


def _conflict(request: HttpRequest, row: Message, form: WordsForm, no: NotNow) -> HttpResponse:
    """Theirs and mine, what differs, and mine kept in the form: saved again it stands on theirs."""
    row.refresh_from_db()
    theirs, mine = row.revision, form.cleaned_data
    form.data = {**dict(form.data.items()), "based_on": str(theirs.number)}  # a QueryDict unpacked alone gives lists
    their_words, my_words = f"{theirs.title}\n\n{theirs.body}", f"{mine['title']}\n\n{mine['body']}"
    context = {"message": row, "form": form, "theirs": theirs, "no": no, "changes": differences(their_words, my_words)}
    return render(request, "composer/conflict.html", context, status=409)
