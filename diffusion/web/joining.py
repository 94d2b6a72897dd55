"""Before several submissions become one message, or one is told by a message that exists: what each says, side by side,
and what they say differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from diffusion import access
from diffusion.facts import Fact, extract, same_news
from diffusion.facts.disputes import Dispute, Held
from diffusion.intake.models import Submission
from diffusion.message import joining, write
from diffusion.rendition.versions import compose_all
from diffusion.web.alike import reason
from diffusion.web.answers import done, may
from diffusion.web.doubts import names_of, who_says
from diffusion.web.forms import Form, posted
from diffusion.web.grid import KINDS
from diffusion.web.spelling import typography

ALL, NEW = "all", "new"
_ = gettext_lazy


class JoinForm(Form):
    """A question for each dispute that one's words can settle; unanswered, both stay, with a warning."""

    def __init__(self, *args: Any, rows: Sequence[Submission], held: Held, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.held, names = held, names_of(rows)
        for number, dispute in enumerate(held.disputes):
            if dispute.can_be_settled:
                self.fields[f"dispute_{number}"] = forms.ChoiceField(
                    label=f"{KINDS[dispute.kind]} : {who_says(dispute.sayings, names)}",
                    choices=[*_values(dispute, names), ("", _("Je ne sais pas encore : garder les deux, avec un avertissement"))],
                    widget=forms.RadioSelect, required=False, initial="",
                )  # fmt: skip
        self.fields["base"] = forms.ChoiceField(
            label=_("Laquelle donne le titre et le début ?"), widget=forms.RadioSelect, initial="0",
            choices=[(str(at), f"{row.title or row.text[:120]}, {name}") for at, (row, name) in enumerate(zip(rows, names, strict=True))],
        )  # fmt: skip
        self.fields["rest"] = forms.ChoiceField(
            label=_("Et des autres ?"), widget=forms.RadioSelect, initial=ALL,
            choices=[(ALL, _("Tout leur texte")), (NEW, _("Seulement les paragraphes qui disent un fait de plus"))],
        )  # fmt: skip

    def choice(self) -> joining.Choice:
        given = self.cleaned_data
        settled = {n: given[name] for n in range(len(self.held.disputes)) if given.get(name := f"dispute_{n}")}
        return joining.Choice(int(given["base"]), settled, given["rest"] == NEW)


def _values(dispute: Dispute, names: Sequence[str]) -> list[tuple[str, str]]:
    """« 18 h 30, Eau, Voirie »."""
    return [
        (value, f"{said[0].fact.text}, {', '.join(names[one.text] for one in said)}")
        for value, said in dispute.values.items()
    ]


@dataclass(frozen=True, slots=True)
class Said:
    """One fact of one side. `how` is shared, alone or disputed."""

    kind: str
    text: str
    how: str


@dataclass(frozen=True, slots=True)
class Side:
    """A submission, or the message that one is attached to (it came by no way), with its facts."""

    name: str
    title: str
    url: str
    via: str
    at: datetime
    facts: list[Said]


@may("submission", "sort")
def submission_join(request: HttpRequest, public_id: str) -> HttpResponse:
    """Compare this submission with those named by `with`, then make one message of them."""
    first = access.submission(request.user, public_id, to="sort")
    if made := next(iter(first.messages.all()), None):
        return redirect("message", made.public_id)
    chosen = (request.POST if request.method == "POST" else request.GET).getlist("with")
    others = access.submissions(request.user, "sort").open().filter(public_id__in=chosen).exclude(pk=first.pk)
    rows = sorted([first, *others.select_related("directorate")], key=lambda row: row.pk)
    if len(rows) == 1:
        return redirect("submission_attach", public_id)
    held, has_shrunk = joining.held(rows), len(rows) <= len({*chosen} - {public_id})  # then a place names another row
    form = JoinForm(
        None if has_shrunk else posted(request), rows=rows, held=held, initial={"base": str(rows.index(first))}
    )
    if request.method == "POST" and form.is_valid():
        message = write.draft_from(rows, by=request.user, choice=form.choice())
        compose_all(message)
        return done(request, gettext("Message créé."), "message", message.public_id)
    return render(
        request, "desk/join.html", {"submission": first, "form": form, "has_shrunk": has_shrunk, **_sheet(rows, held)}
    )


@may("submission", "sort")
def submission_attach_to(request: HttpRequest, public_id: str, message: str) -> HttpResponse:
    """Compare this submission with a message, then say that the message tells it."""
    row = access.submission(request.user, public_id, to="sort")
    told = access.message(request.user, message, to="edit")
    if request.method == "POST":
        write.attach(told, [row], by=request.user)
        said = gettext("Rattachée. Complétez le message si elle apporte du neuf.")
        return done(request, said, "message", message)
    text, names = write.words_of(told.current).text, [gettext("Le message"), row.directorate.name]
    held, on = joining.held_with(text, row, told.language), joining.read_on(row)
    mine = Side(
        names[0],
        str(told),
        reverse("message", args=[message]),
        "",
        told.made_at,
        _said(0, text, told.language, on, held),
    )
    is_same, why = same_news(text, str(joining.text_of(row)), lang=told.language, published=on)
    context = {
        "submission": row,
        "message": told,
        "sides": [mine, _side(1, row, names[1], told.language, on, held)],
        "differs": [who_says(dispute.sayings, names) for dispute in held.disputes],
        "apart": [] if is_same else [typography(reason(why))],
    }
    return render(request, "desk/attach_to.html", context)


def _side(at: int, row: Submission, name: str, lang: str, on: date, held: Held) -> Side:
    url, title = reverse("submission", args=[row.public_id]), row.title or row.text[:160]
    return Side(name, title, url, row.via, row.received_at, _said(at, str(joining.text_of(row)), lang, on, held))


def _sheet(rows: Sequence[Submission], held: Held) -> dict[str, Any]:
    names, lang, on = names_of(rows), rows[0].language, joining.read_on(rows[0])
    open_ones = [who_says(dispute.sayings, names) for dispute in held.disputes if not dispute.can_be_settled]
    return {
        "rows": rows,
        "sides": [_side(at, row, name, lang, on, held) for at, (row, name) in enumerate(zip(rows, names, strict=True))],
        "apart": [f"{names[0]}, {names[at]} : {why}" for at, row in enumerate(rows) if at and (why := _other(rows[0], row))],
        "by_hand": open_ones,
        "beyond": names[joining.COMPARED :],
    }  # fmt: skip


def _said(at: int, text: str, lang: str, on: date, held: Held) -> list[Said]:
    """What one side states, each value once, in the order of its text."""
    facts = extract(text, lang, on).facts
    marks = {(one.fact.kind, one.fact.value): "alone" for one in held.alone if one.text == at}
    marks |= {
        (one.fact.kind, one.fact.value): "disputed"
        for dispute in held.disputes
        for one in dispute.sayings
        if one.text == at
    }
    once: dict[tuple[str, str], Fact] = {}
    for fact in facts:
        once.setdefault((fact.kind, fact.value), fact)
    return [
        Said(str(KINDS[kind]), fact.text, marks.get((kind, value), "shared")) for (kind, value), fact in once.items()
    ]


def _other(one: Submission, other: Submission) -> str:
    """Why it seems to be other news; empty where it seems the same."""
    texts = [str(joining.text_of(row)) for row in (one, other)]
    is_same, why = same_news(*texts, lang=one.language, published=joining.read_on(one))
    return "" if is_same else typography(reason(why))
