"""When and to whom: levels, the hour in the authority's zone, the lead, silence; then publish, or move what waits."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from diffusion import access
from diffusion.accounts.models import Account
from diffusion.brand.models import Brand, Level
from diffusion.delivery import plan as verbs
from diffusion.delivery.forecast import Crowd, Crowded
from diffusion.directory.models import Authority, Silence
from diffusion.errors import No
from diffusion.message.limit import proposed
from diffusion.message.models import Message
from diffusion.message.write import Terms, set_terms
from diffusion.rendition.versions import accounts_of, compose_all
from diffusion.report import load_story, standing
from diffusion.schedule.clock import Window
from diffusion.schedule.models import Blackout
from diffusion.schedule.moments import Typed, Unclear, read
from diffusion.web.answers import done, may
from diffusion.web.forms import Form
from diffusion.web.rail import rail

LEADS = [("own", _("Celle de l'autorité")), ("0", _("Aucune")), ("30", _("30 minutes")), ("60", _("1 heure")),
         ("120", _("2 heures")), ("240", _("4 heures")), ("1440", _("1 jour"))]  # fmt: skip
LEVELS = [(Level.INTERNAL, _("Interne")), (Level.PARTNERS, _("Partenaires")), (Level.PUBLIC, _("Public"))]
SILENCES = [
    (Silence.WAIT, _("Attendre : rien ne part sans un oui")),
    (Silence.INTERNAL_ONLY, _("Publier en interne seulement")),
    (Silence.CANCEL, _("Annuler")),
]
NOW, AT = "now", "at"
DAYS_END = "23:59"


class MomentForm(Form):
    """Now, or a day and an hour. After a time that can't be, `offered` holds those that can, to be picked."""

    when = forms.ChoiceField(
        label=_("Quand le public doit-il l'apprendre ?"),
        choices=[(NOW, _("Maintenant")), (AT, _("À un moment choisi"))],
        widget=forms.RadioSelect,
    )
    day = forms.CharField(label=_("Jour"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    hour = forms.CharField(label=_("Heure"), required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    pick = forms.CharField(required=False, widget=forms.HiddenInput)
    anyway = forms.BooleanField(label=_("Garder cette heure quand même"), required=False)

    offered: tuple[datetime, ...] = ()
    crowded: tuple[Crowded, ...] = ()

    def moment(self, *, is_urgent: bool = False) -> datetime | None:
        """The instant, or None for now. When it can't be, the error is at `day`, and `offered` is filled."""
        given = self.cleaned_data
        if given["when"] == NOW and not given["pick"]:
            return None
        now = timezone.now()
        coming = () if is_urgent else Blackout.objects.filter(ends_at__gt=now)
        windows = [Window(row.starts_at, row.ends_at, row.reason) for row in coming]
        typed = Typed(given["day"], given["hour"], given["pick"])
        try:
            return read(typed, zone=Authority.get().zone, now=now, windows=windows)
        except Unclear as no:
            self.offered = no.choices
            self.says(no, "day")
            return None

    def has_room(self, message: Message, accounts: Sequence[Account], at: datetime | None) -> bool:
        """Whether all of it fits at that time, or whoever plans it said that it may not.

        Else `crowded` says where it doesn't, and `offered` holds the nearest time at which it does.
        """
        if self.cleaned_data["anyway"]:
            return True
        crowd = Crowd(message, accounts, at, timezone.now())
        self.crowded = tuple(crowd.at(crowd.wanted))
        if self.crowded:
            nearest = crowd.nearest()
            self.offered = (nearest,) if nearest else ()
            self.add_error("day", gettext("Tout ne tient pas à cette heure."))
        return not self.crowded


class TermsForm(MomentForm):
    levels = forms.MultipleChoiceField(label=_("Pour qui ?"), choices=LEVELS, widget=forms.CheckboxSelectMultiple)
    lead = forms.ChoiceField(
        label=_("Avance des agents sur le public"), choices=LEADS,
        help_text=_("Le public attend que l'intranet ait vraiment publié. S'il tarde, tout attend."),
    )  # fmt: skip
    silence = forms.ChoiceField(label=_("Si personne ne répond"), choices=SILENCES, widget=forms.RadioSelect)
    is_urgent = forms.BooleanField(
        label=_("Urgent"), required=False, help_text=_("Passe devant tout le reste, sans avance des agents.")
    )
    brand = forms.ModelChoiceField(Brand.objects.all(), label=_("Marque"), to_field_name="public_id", empty_label=None)
    useless_day = forms.CharField(
        label=_("Inutile après le"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    useless_hour = forms.CharField(
        label=_("Heure de cette limite"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )

    field_order = (
        "levels",
        "when",
        "day",
        "hour",
        "lead",
        "is_urgent",
        "silence",
        "useless_day",
        "useless_hour",
        "brand",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["when"].choices = [(NOW, _("Dès l'approbation, les agents d'abord")), (AT, _("À un moment choisi"))]  # type: ignore[attr-defined]

    def terms(self) -> Terms | None:
        """None when the moment can't be."""
        given = self.cleaned_data
        publish_at = self.moment(is_urgent=given["is_urgent"])
        useless_after = self._useless_after(publish_at)
        if self.errors:
            return None
        lead = timedelta(minutes=int(given["lead"])) if given["lead"] != "own" else None
        return Terms(
            levels=given["levels"],
            publish_at=publish_at,
            lead=lead,
            is_urgent=given["is_urgent"],
            silence=given["silence"],
            useless_after=useless_after,
            brand=given["brand"],
        )

    def _useless_after(self, publish_at: datetime | None) -> datetime | None:
        """None for no limit. One that comes before the public's hour would stop everything: that is an error."""
        day, hour = self.cleaned_data["useless_day"], self.cleaned_data["useless_hour"] or DAYS_END
        if not day:
            return None
        now = timezone.now()
        try:
            at = read(Typed(day, hour), zone=Authority.get().zone, now=now)
        except Unclear as no:
            self.says(no, "useless_day")
            return None
        if publish_at and at <= publish_at:
            self.add_error("useless_day", gettext("C'est avant l'heure du public : rien ne partirait."))
        return at


def terms_of(message: Message) -> Terms:
    """As they stand, to be changed in part."""
    return Terms(
        levels=message.levels, publish_at=message.publish_at, lead=message.lead, is_urgent=message.is_urgent,
        silence=message.silence, useless_after=message.useless_after, brand=message.brand,
    )  # fmt: skip


def _moment_of(message: Message) -> dict[str, str]:
    """The fields' first values: the chosen time, else the next whole hour."""
    at = timezone.localtime(message.publish_at or timezone.now() + timedelta(hours=1))
    hour = at if message.publish_at else at.replace(minute=0)
    return {"when": AT if message.publish_at else NOW, "day": f"{at:%Y-%m-%d}", "hour": f"{hour:%H:%M}"}


def _limit_of(message: Message) -> dict[str, str]:
    """The fields' first values: what the words say, or what a person chose; none for some."""
    if message.useless_after is None:
        return {}
    at = timezone.localtime(message.useless_after)
    return {"useless_day": f"{at:%Y-%m-%d}", "useless_hour": f"{at:%H:%M}"}


def _lead_of(message: Message) -> str:
    """The form's own word for it; a lead that the form doesn't offer reads as the authority's."""
    minutes = "own" if message.lead is None else str(int(message.lead.total_seconds() // 60))
    return minutes if minutes in dict(LEADS) else "own"


@may("message", "edit")
def message_terms(request: HttpRequest, public_id: str) -> HttpResponse:
    row = access.message(request.user, public_id, to="edit")
    first = {
        "levels": row.levels, "lead": _lead_of(row), "silence": row.silence, "is_urgent": row.is_urgent,
        "brand": row.brand, **_moment_of(row), **_limit_of(row),
    }  # fmt: skip
    form = TermsForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid() and (terms := form.terms()) and _fits(form, row, terms):
        try:
            set_terms(row, terms, by=request.user)
        except No as no:
            form.says(no)
        else:
            compose_all(row)
            return done(request, gettext("Horaires enregistrés."), "message", public_id)
    told = {"authority_lead": Authority.get().lead, "why": _why(row)}
    return render(request, "composer/terms.html", {"message": row, "form": form, **told})


LIMITS: dict[str, Any] = {
    "interruption": _("Proposé d'après le texte : la fin de ce qu'il annonce."),
    "deadline": _("Proposé d'après le texte : sa date limite."),
    "event": _("Proposé d'après le texte : la fin de l'événement."),
}


def _why(message: Message) -> Any:
    """Where the limit that is shown comes from; empty for a person's own."""
    limit = proposed(message)
    return LIMITS[limit.why] if limit and limit.at == message.useless_after else ""


def _fits(form: TermsForm, row: Message, terms: Terms) -> bool:
    """Asked of the message as it would be. What has no hour yet is asked about when it is published."""
    if terms.publish_at is None:
        return True
    changed = {"levels": terms.levels, "lead": terms.lead, "is_urgent": terms.is_urgent, "brand": terms.brand}
    would_be = copy(row)
    for name, value in changed.items():
        setattr(would_be, name, value)
    return form.has_room(would_be, accounts_of(would_be), terms.publish_at)


@may("message", "schedule")
def message_plan(request: HttpRequest, public_id: str) -> HttpResponse:
    """Who, where and when, said before it is done; then planned."""
    row = load_story(access.message(request.user, public_id, to="schedule"))
    form, accounts = MomentForm(request.POST or None, initial=_moment_of(row)), accounts_of(row)
    if request.method == "POST" and form.is_valid():
        at = form.moment(is_urgent=row.is_urgent)
        if at and row.useless_after and at >= row.useless_after:
            form.add_error(
                "day", gettext("C'est après la limite de ce message, que ses horaires disent : rien ne partirait.")
            )
        if not form.errors and form.has_room(row, accounts, at) and _planned(form, row, at, request):
            return done(request, gettext("C'est planifié. Les agents d'abord."), "message", public_id)
    context = {"message": row, "form": form, "rail": rail(row, accounts, ()), "accounts": accounts}
    return render(request, "composer/plan.html", context)


def _planned(form: MomentForm, row: Message, at: datetime | None, request: HttpRequest) -> bool:
    try:
        if at != row.publish_at:
            set_terms(row, replace(terms_of(row), publish_at=at), by=request.user)
        verbs.plan(row, by=request.user)
    except No as no:
        form.says(no)
        return False
    return True


@may("message", "schedule")
def message_move(request: HttpRequest, public_id: str) -> HttpResponse:
    """Another time for what has not gone out. The approval holds: time isn't sealed."""
    row = load_story(access.message(request.user, public_id, to="schedule"))
    form = MomentForm(request.POST or None, initial={**_moment_of(row), "when": AT})
    waiting = [delivery for delivery in standing(row) if delivery.may_still_change]
    if request.method == "POST" and form.is_valid():
        at = form.moment(is_urgent=row.is_urgent)
        if not form.errors and form.has_room(row, [delivery.account for delivery in waiting], at):
            verbs.reschedule(row, by=request.user, publish_at=at)
            return done(request, gettext("Déplacé. L'approbation tient."), "message", public_id)
    return render(request, "composer/move.html", {"message": row, "form": form, "waiting": waiting})
