"""Yes or no in one minute, on a phone. Opening a question never answers it: the button does."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from diffusion import access
from diffusion.approval import decide
from diffusion.approval.models import Approval, Decision
from diffusion.delivery.states import State
from diffusion.directory.models import Absence, Person
from diffusion.errors import No
from diffusion.message.models import Message
from diffusion.rendition.versions import read_on, statement_of
from diffusion.report import load_story, standing
from diffusion.web.answers import done, needs
from diffusion.web.differ import changes as differences
from diffusion.web.doubts import doubts
from diffusion.web.findings import findings, meter
from diffusion.web.forms import Form
from diffusion.web.grid import essentials, paper
from diffusion.web.rail import rail

DECIDED = 50
OPENED = 2
"""Changed versions that are shown unfolded: with more, the change of the words above says it."""


class NoForm(Form):
    comment = forms.CharField(
        label=_("Qu'est-ce qui doit changer ?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("La personne qui l'a écrit lira cette phrase."),
    )


@needs()
@require_GET
def approvals(request: HttpRequest) -> HttpResponse:
    """Questions put to this person, or that they may answer; then what was decided."""
    mine = access.answerable(request.user)
    waiting = mine.filter(decision=Decision.ASKED).order_by(F("deadline_at").asc(nulls_last=True), "asked_at")
    decided = mine.exclude(decision__in=[Decision.ASKED, Decision.WITHDRAWN]).order_by("-decided_at")[:DECIDED]
    return render(request, "approvals/page.html", {"waiting": waiting, "decided": decided})


@needs()
@require_GET
def approval(request: HttpRequest, public_id: str) -> HttpResponse:
    row = access.approval(request.user, public_id)
    return render(request, "approvals/approval.html", _sheet(row, request.user))


def _sheet(row: Approval, person: Person) -> dict[str, Any]:
    message = load_story(row.message)
    revision, on = row.revision, read_on(message, message.levels[-1])
    statement = statement_of(revision)
    versions = list(revision.versions.select_related("account", "override_by").filter(account__public_id__in=row.seal))
    chosen = essentials(statement, message.levels, on)
    text, marks = paper(revision.body, chosen, lang=message.language, published=on)
    additions = [
        (level, *paper(words, chosen, lang=message.language, published=on))
        for level, words in statement.additions.items()
    ]
    before = _answered_before(row)
    shown = [_version(version, before) for version in versions]
    return {
        "approval": row,
        "message": message,
        "revision": revision,
        "text": text,
        "marks": marks,
        "additions": additions,
        "doubts": doubts(statement, message, on),
        "rail": rail(message, [version.account for version in versions], standing(message)),
        "versions": shown,
        "opened": sum(item["is_new"] for item in shown) <= OPENED,
        "essential": len(chosen),
        "overridden": [version for version in versions if version.override_reason],
        "before": before,
        "changes": _changes(before, row),
        "is_stale": row.decision == Decision.ASKED and bool(decide.differs(row)),
        "may_decide": row.decision == Decision.ASKED and decide.may_decide(row, person),
        "is_own": decide.wrote(message, person),
        "away": _absence(row, person),
        "senders": _senders(message),
        "is_out": message.deliveries.filter(state=State.PUBLISHED).exists(),
        "form": NoForm(),
    }


def _senders(message: Message) -> list[tuple[str, str]]:
    """Who handed in what it is made of, and from where: each once, whatever they sent."""
    rows = message.submissions.exclude(by=None).select_related("by", "directorate")
    return list(dict.fromkeys((row.by.name, row.directorate.name) for row in rows))


def _version(version: Any, before: Approval | None) -> dict[str, Any]:
    is_new = before is not None and before.seal.get(version.account.public_id) != version.digest
    return {"version": version, "findings": findings(version), "meter": meter(version), "is_new": is_new}


def _answered_before(row: Approval) -> Approval | None:
    """The last answer given about this message: what was read then is not asked again."""
    earlier = row.message.approvals.filter(pk__lt=row.pk, decision__in=[Decision.APPROVED, Decision.DECLINED])
    return earlier.select_related("revision", "decided_by").order_by("-pk").first()


def _changes(before: Approval | None, row: Approval) -> list[Any]:
    if before is None:
        return []
    old, new = before.revision, row.revision
    return differences(_all_words(old.title, old), _all_words(new.title, new))


def _all_words(title: str, revision: Any) -> str:
    return "\n\n".join([title, revision.body, *(addition.body for addition in revision.additions.order_by("level"))])


def _absence(row: Approval, person: Person) -> Absence | None:
    """The absence in which this person stands in for the one who was asked."""
    if row.asked_of is None or row.asked_of_id == person.pk:
        return None
    now = timezone.now()
    return row.asked_of.absences.filter(starts_at__lte=now, ends_at__gt=now, deputy=person).first()


@needs()
@require_POST
def approval_approve(request: HttpRequest, public_id: str) -> HttpResponse:
    row = access.approval(request.user, public_id)
    decide.approve(row, by=request.user)
    return done(request, gettext("Approuvé. La suite se fait toute seule."), "approvals")


@needs()
def approval_decline(request: HttpRequest, public_id: str) -> HttpResponse:
    """Send it back, with what must change."""
    row = access.approval(request.user, public_id)
    form = NoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            decide.decline(row, by=request.user, comment=form.cleaned_data["comment"])
        except No as no:
            form.says(no)
        else:
            return done(request, gettext("Renvoyé, avec votre phrase."), "approvals")
    return render(request, "approvals/decline.html", {"approval": row, "message": row.message, "form": form})
