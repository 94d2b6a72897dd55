"""The desk: what waits for a communicator, the day's line, and what directorates handed in, to sort."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from diffusion import access
from diffusion.errors import No
from diffusion.intake import submit as verbs
from diffusion.intake.models import Submission, SubmissionQuerySet
from diffusion.message import write
from diffusion.message.models import Message
from diffusion.rendition.versions import compose_all
from diffusion.web.alike import alike
from diffusion.web.answers import done, may
from diffusion.web.day import day
from diffusion.web.forms import Form
from diffusion.web.waiting import todo

A_PAGE = 50
SHOWN: dict[str, Any] = {"new": _("Nouvelles"), "taken": _("Devenues un message"), "declined": _("Écartées")}


class DeclineForm(Form):
    reason = forms.CharField(
        label=_("Pourquoi ?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("La personne qui l'a envoyée lira cette phrase."),
    )


class AttachForm(Form):
    message = forms.ModelChoiceField(
        Message.objects.none(),
        label=_("À quel message ?"),
        to_field_name="public_id",
        widget=forms.RadioSelect,
        empty_label=None,
    )

    def __init__(self, *args: Any, messages: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["message"].queryset = messages  # type: ignore[attr-defined]


@may("submission", "sort")
def desk(request: HttpRequest) -> HttpResponse:
    show = request.GET.get("show", "new")
    rows = _shown(access.submissions(request.user, "sort"), show)
    page = Paginator(rows.prefetch_related("messages"), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "alike": alike(request.user, page.object_list) if show == "new" else {},
        "todo": todo(request.user, get_language() or "fr"),
        "page": page,
        "filters": [(name, word, name == show) for name, word in SHOWN.items()],
        "show": show,
        **day(request.user),
    }
    return render(request, "desk/page.html", context)


def _shown(rows: SubmissionQuerySet, show: str) -> SubmissionQuerySet:
    if show == "declined":
        return rows.exclude(declined_at=None)
    return rows.exclude(messages=None).distinct() if show == "taken" else rows.open()


@may("submission", "sort")
@require_POST
def submission_draft(request: HttpRequest, public_id: str) -> HttpResponse:
    """One message of this submission alone."""
    row = access.submission(request.user, public_id, to="sort")
    if made := next(iter(row.messages.all()), None):
        return redirect("message", made.public_id)
    message = write.draft_from([row], by=request.user)
    compose_all(message)
    return done(request, gettext("Message créé."), "message", message.public_id)


@may("submission", "sort")
def submission_attach(request: HttpRequest, public_id: str) -> HttpResponse:
    """To a message that exists, or to others in a new one; what is chosen is compared before anything is done."""
    row = access.submission(request.user, public_id, to="sort")
    open_ones = access.messages(request.user, "edit").filter(set_aside_at=None)[:100]
    messages = access.messages(request.user, "edit").filter(pk__in=[message.pk for message in open_ones])
    form = AttachForm(request.POST or None, messages=messages)
    if request.method == "POST" and form.is_valid():
        return redirect("submission_attach_to", public_id, form.cleaned_data["message"].public_id)
    others, chosen = access.submissions(request.user, "sort").open().exclude(pk=row.pk), request.GET.getlist("with")
    context = {
        "submission": row,
        "form": form,
        "others": [*others.filter(public_id__in=chosen), *others.exclude(public_id__in=chosen)[:A_PAGE]],
        "has": bool(open_ones),
        "chosen": chosen,
    }
    return render(request, "desk/attach.html", context)


@may("submission", "sort")
def submission_decline(request: HttpRequest, public_id: str) -> HttpResponse:
    row = access.submission(request.user, public_id, to="sort")
    form = DeclineForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            verbs.decline(row, by=request.user, reason=form.cleaned_data["reason"])
        except No as no:
            form.says(no)
        else:
            undo = reverse("submission_take_back", args=[public_id])
            return done(request, gettext("Écartée. La direction lira votre motif."), "desk", undo=undo)
    return render(request, "desk/decline.html", {"submission": row, "form": form})


@may("submission", "sort")
@require_POST
def submission_take_back(request: HttpRequest, public_id: str) -> HttpResponse:
    row: Submission = access.submission(request.user, public_id, to="sort")
    verbs.take_back(row, by=request.user)
    return done(request, gettext("De nouveau parmi les propositions."), "desk")
