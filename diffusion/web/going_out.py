"""Ask for a yes; stop what waits; correct or withdraw what is out, with the plan shown first; put a draft aside."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from channels.contract import Act
from diffusion import access
from diffusion.approval import decide
from diffusion.approval.models import Decision
from diffusion.delivery import amend, plan, remedy
from diffusion.delivery.erratum import erratum_of
from diffusion.delivery.models import BY_HAND, LEFT_AS_IT_IS, Amendment, Delivery
from diffusion.delivery.states import BEFORE_SENDING, State
from diffusion.directory import outbox
from diffusion.message import write
from diffusion.message.models import Message, Revision
from diffusion.newsletter import correction
from diffusion.rendition.versions import compose_all
from diffusion.report import changed, latest, load_story, standing
from diffusion.web.answers import done, may
from diffusion.web.differ import changes as differences
from diffusion.web.forms import Form
from diffusion.web.spelling import ngettext
from diffusion.web.steps import holds

HOW = "how-"
"""Opens a field's name: the delivery's id follows."""


class ReasonForm(Form):
    reason = forms.CharField(
        label=_("Pourquoi ?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Reste au journal. Rien n'en est publié."),
    )


@may("message", "edit")
@require_POST
def message_compose(request: HttpRequest, public_id: str) -> HttpResponse:
    """Versions for accounts that came or changed since the last saving."""
    row = access.message(request.user, public_id, to="edit")
    compose_all(row)
    return done(request, gettext("Versions composées."), "message", public_id)


@may("message", "edit")
@require_POST
def message_ask(request: HttpRequest, public_id: str) -> HttpResponse:
    row = access.message(request.user, public_id, to="edit")
    compose_all(row)
    approval = decide.ask(row, by=request.user)
    by_mail = gettext("Demandé à {name}, par courriel.")
    kept = gettext("Demandé à {name}. Le courriel est resté dans le dossier « outbox » : aucun relais n'est réglé.")
    said = (by_mail if outbox.has_relay() else kept).format(name=approval.asked_of)
    return done(request, said, "message", public_id)


@may("message", "edit")
@require_POST
def message_aside(request: HttpRequest, public_id: str) -> HttpResponse:
    """A draft is put away; its submissions come back to the desk."""
    write.set_aside(access.message(request.user, public_id, to="edit"), by=request.user)
    return done(request, gettext("Mis de côté. Ses propositions sont revenues au bureau."), "messages")


@may("message", "schedule")
def message_cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Stop all that has not left, after one question."""
    row = load_story(access.message(request.user, public_id, to="schedule"))
    waiting = [delivery for delivery in standing(row) if delivery.state in (*BEFORE_SENDING, State.REFUSED)]
    if request.method == "POST":
        plan.cancel(Delivery.objects.filter(pk__in=[delivery.pk for delivery in waiting]), by=request.user)
        return done(request, gettext("Annulé. Rien de cela n'est parti."), "message", public_id)
    return render(request, "composer/cancel.html", {"message": row, "waiting": waiting})


@may("message", "edit")
def message_correct(request: HttpRequest, public_id: str) -> HttpResponse:
    """What is live and now wrong, and what can be done about it on each channel, to be chosen; then done everywhere."""
    row = load_story(access.message(request.user, public_id, to="edit"))
    if request.method == "POST":
        how = {key.removeprefix(HOW): value for key, value in request.POST.items() if key.startswith(HOW)}
        made = [
            *correction.correct_half_sent(row, by=request.user, how=how),
            *amend.correct(row, by=request.user, how=how),
        ]
        plan.plan(row, by=request.user)
        return done(request, _begun(made), "message", public_id)
    return render(request, "composer/correct.html", {"message": row, **_correction(row)})


def _begun(made: Sequence[Amendment | Delivery]) -> str:
    """How many go out by themselves, and how many wait for a hand."""
    codes = [getattr(one, "code", "") for one in made]
    n = len(made) - codes.count(BY_HAND) - codes.count(LEFT_AS_IT_IS)
    said = ngettext("{n} correction lancée.", "{n} corrections lancées.", n).format(n=n)
    return _with_hands(said, codes.count(BY_HAND))


def _with_hands(said: str, hands: int) -> str:
    by_hand = ngettext("{n} à faire à la main.", "{n} à faire à la main.", hands).format(n=hands)
    return f"{said} {by_hand}" if hands else said


def _correction(row: Message) -> dict[str, object]:
    wrong = {delivery.pk for delivery in changed(row, standing(row))}
    planned = [step for step in remedy.preview(row, Act.EDIT) if step.delivery.pk in wrong]
    live = [delivery.revision for delivery in standing(row) if delivery.pk in wrong]
    before = min(live, key=lambda revision: revision.number, default=_present(row))
    said = differences(_said(before), _said(_present(row)))
    approval, letters = latest(row), correction.half_sent(row)
    begun = {letter.edition.delivery_id for letter in letters}
    return {
        "steps": planned,
        "letters": letters,
        "errata": {v.account_id: erratum_of(v) for v in _present(row).versions.all()},
        "by_hand": sum(remedy.How.HAND in step.ways for step in planned),
        "waiting": [d for d in standing(row) if d.pk in wrong - begun and d.state in BEFORE_SENDING],
        "changes": said,
        "before": before,
        "approval": approval,
        "is_approved": approval is not None and approval.decision == Decision.APPROVED and holds(approval),
    }


def _present(row: Message) -> Revision:
    """The present words: a message has them from its first moment."""
    assert row.revision is not None
    return row.revision


def _said(revision: Revision) -> str:
    return f"{revision.title}\n\n{revision.body}"


@may("message", "withdraw")
def message_withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take everything away that can be, after showing what can't."""
    row = load_story(access.message(request.user, public_id, to="withdraw"))
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = amend.withdraw(row, by=request.user, reason=form.cleaned_data["reason"])
        return done(request, _withdrawn(made), "message", public_id)
    planned = remedy.preview(row, Act.DELETE)
    waiting = [delivery for delivery in standing(row) if delivery.state in BEFORE_SENDING]
    context = {"message": row, "form": form, "steps": planned, "waiting": waiting}
    return render(request, "composer/withdraw.html", context)


def _withdrawn(made: Sequence[Amendment]) -> str:
    hands = sum(one.code == BY_HAND for one in made)
    n = len(made) - hands
    return _with_hands(ngettext("{n} retrait lancé.", "{n} retraits lancés.", n).format(n=n), hands)
