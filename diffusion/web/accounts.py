"""Accounts: connect, try, pause, reconnect. The form of a channel's credentials is made from what it declares."""

from __future__ import annotations

from enum import Enum
from typing import Any, Literal, get_args, get_origin

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from channels import registry
from channels.contract import Channel, Health
from channels.outcomes import Outcome
from diffusion import access, vault
from diffusion.accounts import connect as verbs
from diffusion.accounts import rehearsal, trouble
from diffusion.accounts.models import Account
from diffusion.brand.models import Level
from diffusion.errors import BadInput, No
from diffusion.newsletter.lists import open_where_due
from diffusion.web.answers import came_from, done, may
from diffusion.web.channel_words import FRENCH
from diffusion.web.forms import Form, posted

CREDENTIAL, ANYWAY, REHEARSAL = "credential-", "anyway", "rehearsal"
RECENT = 10


class CredentialsForm(Form):
    """What the channel declares, which is tried before it is kept."""

    refusal: Outcome | None = None
    is_rehearsal = False

    def credentials(self) -> dict[str, Any]:
        """What was typed; an empty field leaves the channel's default."""
        given = {key.removeprefix(CREDENTIAL): v for key, v in self.cleaned_data.items() if key.startswith(CREDENTIAL)}
        return {name: value for name, value in given.items() if value not in ("", None)}

    def ask(self, channel: str) -> Health | None:
        """Who we would be there; None when the form now says what is wrong."""
        try:
            return verbs.ask(channel, self.credentials(), is_rehearsal=self.is_rehearsal)
        except Outcome as outcome:
            self.refusal = outcome
        except No as no:
            self.says(no)
        return None

    def says(self, no: No, field: str | None = None) -> None:
        """Credentials that no server needs to be asked about are told at their fields."""
        at = [CREDENTIAL + name for name in str(no.facts.get("fields", "")).split(", ")]
        if no.code != "credentials_wrong" or not set(at) <= set(self.fields):
            super().says(no, field)
            return
        for name in at:
            self.add_error(name, gettext("Cela ne convient pas ici. Suivez l'exemple ci-dessus."))

    @property
    def why_not(self) -> str:
        """What the channel answered, in words; empty when it was not asked, or lets us in."""
        return _heard(self.refusal) if self.refusal else ""

    @property
    def may_pass(self) -> bool:
        """Whether it is worth keeping, paused, until the server is up."""
        return self.refusal is not None and trouble.may_pass(self.refusal)


class AccountForm(CredentialsForm):
    """Name, level and brand; then, of the channel that was chosen, each field of its credentials. A rehearsal has none."""

    name = forms.CharField(
        label=_("Nom"), max_length=120, help_text=_("Comme l'équipe le nommera : « Mastodon de l'Agglo ».")
    )
    level = forms.ChoiceField(
        label=_("Niveau"),
        choices=[(Level.INTERNAL, _("Interne")), (Level.PARTNERS, _("Partenaires")), (Level.PUBLIC, _("Public"))],
        widget=forms.RadioSelect,
        help_text=_("À qui parle ce compte. L'interne part toujours d'abord."),
    )
    brand = forms.ModelChoiceField(None, label=_("Marque"), to_field_name="public_id", empty_label=None)

    def __init__(self, *args: Any, kind: type[Channel], brands: Any, is_rehearsal: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_rehearsal = is_rehearsal
        self.fields["brand"].queryset = brands  # type: ignore[attr-defined]
        if not is_rehearsal:
            self.fields.update(credential_fields(kind))


class ReconnectForm(CredentialsForm):
    """A channel's credentials alone. Secrets are never shown again: they are typed anew."""

    def __init__(self, data: Any, *, account: Account) -> None:
        super().__init__(data, initial=_known(account))
        self.is_rehearsal = account.is_rehearsal
        self.fields.update(credential_fields(account.channel_class))
        if self.is_rehearsal:  # how it is reached is the server's to say
            for name in rehearsal.reached_by(account.channel):
                self.fields.pop(CREDENTIAL + name, None)


def credential_fields(kind: type[Channel]) -> dict[str, forms.Field]:
    """A form field for each declared one, with its title, its description and its default."""
    return {CREDENTIAL + name: _field(row) for name, row in kind.Credentials.model_fields.items()}


def _field(row: FieldInfo) -> forms.Field:
    words = {"label": _said(row.title or ""), "help_text": _said(row.description or "")}
    initial = None if row.is_required() or isinstance(row.default, SecretStr) else row.default
    common: dict[str, Any] = {**words, "required": row.is_required() or initial not in (None, ""), "initial": initial}
    kind = row.annotation
    if kind is bool:
        return forms.BooleanField(**{**common, "required": False})
    if kind is int:
        return forms.IntegerField(**common)
    if get_origin(kind) is Literal:
        return forms.ChoiceField(**common, choices=[(value, _said(str(value))) for value in get_args(kind)])
    if isinstance(kind, type) and issubclass(kind, Enum):
        return forms.ChoiceField(**common, choices=[(one.value, _said(str(one.value))) for one in kind])
    if kind is SecretStr or SecretStr in get_args(kind):
        return forms.CharField(**common, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))
    return forms.CharField(**common)


def _said(english: str) -> str:
    return FRENCH.get(english, english) if (get_language() or "fr").startswith("fr") else english


@may("account", "see")
@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    rows = access.accounts(request.user).order_by("level", "name")
    context = {"accounts": rows, "may_manage": access.may(request.user, "account", "manage")}
    return render(request, "accounts/page.html", context)


@may("account", "manage")
@require_GET
def account_choose(request: HttpRequest) -> HttpResponse:
    """Which channel? Those that count and fit but don't publish yet are left out."""
    kinds = [_row(kind) for kind in registry.all_channels() if kind.publishes]
    rehearsed = [_row(registry.get(name)) for name in rehearsal.offered()]
    return render(request, "accounts/choose.html", {"kinds": kinds, "rehearsed": rehearsed})


def _row(kind: type[Channel]) -> dict[str, str]:
    """A template calls whatever can be called, classes too: it gets words instead."""
    return {"name": kind.name, "label": kind.label, "kind": kind.kind.value}


@may("account", "manage")
def account_connect(request: HttpRequest, channel: str) -> HttpResponse:
    """Asked first, kept after: what is wrong is said while it can still be typed right."""
    kind, rehearses = _kind(channel), REHEARSAL in request.GET
    if rehearses and channel not in rehearsal.offered():
        raise Http404
    form = AccountForm(posted(request), kind=kind, brands=access.brands(request.user), is_rehearsal=rehearses)
    if request.method == "POST" and form.is_valid():
        health = form.ask(channel)
        if health or (form.may_pass and ANYWAY in request.POST):
            try:
                return _connected(request, channel, form, health)
            except BadInput as no:
                form.says(no, "name" if no.code == "name_taken" else None)
    return render(request, "accounts/connect.html", {"form": form, "kind": _row(kind), "is_rehearsal": rehearses})


def _connected(request: HttpRequest, channel: str, form: AccountForm, health: Health | None) -> HttpResponse:
    """Kept as it was tried; paused where the server is away. Raises BadInput."""
    given = {name: form.cleaned_data[name] for name in ("name", "level", "brand")}
    made = verbs.connect(
        by=request.user, channel=channel, credentials=form.credentials(), is_rehearsal=form.is_rehearsal, **given
    )
    open_where_due(made, by=request.user)
    if health is None:
        verbs.pause(made, by=request.user)
        return done(
            request,
            gettext("Compte connecté, en pause. Essayez-le quand son serveur répond, puis remettez-le en route."),
            "account",
            made.public_id,
        )
    verbs.note_health(made, health, by=request.user)
    return done(request, gettext("Compte connecté. Le canal nous reconnaît."), "account", made.public_id)


def _kind(channel: str) -> type[Channel]:
    if channel not in registry.names() or not registry.get(channel).publishes:
        raise Http404
    return registry.get(channel)


def _heard(outcome: Outcome) -> str:
    return trouble.said(outcome.code, get_language() or "fr", **outcome.facts)


def _tried(request: HttpRequest, row: Account) -> HttpResponse:
    """Ask the channel who we are there, and say what it answered."""
    back = came_from(request) or reverse("account", args=[row.public_id])
    try:
        verbs.probe(row, by=request.user)
    except Outcome as outcome:
        messages.error(request, _heard(outcome))
        return redirect(back)
    return done(request, gettext("Le canal nous reconnaît."), back)


@may("account", "see")
@require_GET
def account(request: HttpRequest, public_id: str) -> HttpResponse:
    row = access.account(request.user, public_id)
    context = {
        "account": row,
        "recent": access.deliveries(request.user).filter(account=row).order_by("-planned_at")[:RECENT],
        "may_manage": access.may(request.user, "account", "manage"),
    }
    return render(request, "accounts/account.html", context)


@may("account", "manage")
@require_POST
def account_probe(request: HttpRequest, public_id: str) -> HttpResponse:
    return _tried(request, access.account(request.user, public_id, to="manage"))


@may("account", "manage")
@require_POST
def account_pause(request: HttpRequest, public_id: str) -> HttpResponse:
    verbs.pause(access.account(request.user, public_id, to="manage"), by=request.user)
    return done(
        request, gettext("Compte en pause. Ses diffusions attendent, les autres continuent."), "account", public_id
    )


@may("account", "manage")
@require_POST
def account_resume(request: HttpRequest, public_id: str) -> HttpResponse:
    row = verbs.resume(access.account(request.user, public_id, to="manage"), by=request.user)
    back = came_from(request) or reverse("account", args=[row.public_id])
    return done(request, gettext("Compte remis en route. Ce qui attendait repart."), back)


@may("account", "manage")
def account_reconnect(request: HttpRequest, public_id: str) -> HttpResponse:
    row = access.account(request.user, public_id, to="manage")
    form = ReconnectForm(posted(request), account=row)
    if request.method == "POST" and form.is_valid() and (health := form.ask(row.channel)):
        verbs.reconnect(row, by=request.user, credentials=form.credentials())
        verbs.note_health(row, health, by=request.user)
        return done(request, gettext("Compte reconnecté. Le canal nous reconnaît."), "account", public_id)
    return render(request, "accounts/reconnect.html", {"form": form, "account": row})


def _known(row: Account) -> dict[str, Any]:
    """What may be shown of the credentials: all but secrets, and nothing when no key of ours opens them."""
    try:
        opened = vault.unseal(row.sealed)
    except BadInput:
        return {}
    fields = credential_fields(row.channel_class)
    shown = {CREDENTIAL + name: value for name, value in opened.items()}
    return {name: value for name, value in shown.items() if not isinstance(fields[name].widget, forms.PasswordInput)}
