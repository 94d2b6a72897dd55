"""The stop button: everything outward, or one thing of it, is held, or let go again, each with a question."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from diffusion.accounts.models import Account
from diffusion.delivery import hold as verbs
from diffusion.delivery.holding import OUTWARD, SCOPES, Hold, scope_of
from diffusion.delivery.models import Delivery, Lane
from diffusion.delivery.states import BEFORE_SENDING
from diffusion.directory.models import Directorate
from diffusion.message.models import Campaign
from diffusion.web.answers import done, may
from diffusion.web.forms import Form, posted
from diffusion.web.terms import AT, NOW, MomentForm

OVER: dict[str, tuple[Any, Any]] = {
    "account": (_("Un compte"), Account),
    "directorate": (_("Une direction"), Directorate),
    "campaign": (_("Une campagne"), Campaign),
}
DROP = "drop"


if TYPE_CHECKING:
    from diffusion.delivery.holding import Thing


class HoldForm(Form):
    """`over` is empty for everything, else a scope and its public id: `account:k7m2p9xq4wtn`."""

    over = forms.ChoiceField(label=_("Suspendre quoi ?"), required=False)
    reason = forms.CharField(
        label=_("Pourquoi ?"),
        max_length=200,
        help_text=_("Lu sur chaque page par toute l'équipe, écrit au journal. Accident grave, deuil, erreur en cours…"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["over"].choices = [("", _("Tout, partout")), *_choices()]  # type: ignore[attr-defined]


class LiftForm(MomentForm):
    when = forms.ChoiceField(
        label=_("Ce dont l'heure est passée"),
        choices=[(NOW, _("Envoyer maintenant")), (AT, _("Déplacer, l'approbation tient")), (DROP, _("Annuler"))],
        widget=forms.RadioSelect,
        initial=NOW,
    )

    @property
    def overdue(self) -> str:
        """The verb's word for what was chosen."""
        return {NOW: "send", AT: "move", DROP: "drop"}[self.cleaned_data["when"]]

    def moment(self, *, is_urgent: bool = False) -> datetime | None:
        """None for what is dropped, too: it needs none."""
        return super().moment(is_urgent=is_urgent) if self.overdue == "move" else None


def _choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Everything that a hold can be over, by kind; a kind without any is left out."""
    groups = [
        (str(label), [(f"{scope}:{row.public_id}", str(row)) for row in model.objects.all()])
        for scope, (label, model) in OVER.items()
    ]
    lanes = (gettext("Une voie"), [(f"lane:{lane}", gettext(str(lane.label))) for lane in OUTWARD])
    return [*(group for group in groups if group[1]), lanes]


def _thing(over: str) -> Thing | None:
    """What `account:k7m2p9xq4wtn` or `lane:mail` names. None where nothing is called so, and for everything."""
    scope, _colon, public_id = over.partition(":")
    if scope == "lane":
        return next((lane for lane in OUTWARD if lane == public_id), None)
    if scope not in OVER or "\x00" in public_id:
        return None
    found: Thing | None = OVER[scope][1].objects.filter(public_id=public_id).first()
    return found


@may("hold", "manage")
def hold(request: HttpRequest) -> HttpResponse:
    """One page, two questions: lift when what `?over=` names is held, else hold."""
    over = request.GET.get("over", "")
    thing = _thing(over)
    if over and thing is None:
        raise Http404
    current = Hold.objects.in_force().exactly(thing).first()
    return _lift(request, current) if current else _hold(request, thing)


def _hold(request: HttpRequest, asked: Thing | None) -> HttpResponse:
    """`asked` is what the address names: the page says what stopping it does, and another choice is open."""
    form = HoldForm(posted(request), initial={"over": request.GET.get("over", "")})
    if request.method == "POST" and form.is_valid():
        thing = _thing(form.cleaned_data["over"])
        verbs.hold(by=request.user, reason=form.cleaned_data["reason"], over=thing)
        what = spoken(Hold(**scope_of(thing)))
        said = gettext("Suspendu : {what}. Ce qui est parti reste en ligne.").format(what=what) if thing else gettext(
            "Tout est suspendu. Ce qui est parti reste en ligne.")  # fmt: skip
        return done(request, said, "hold")
    partial = Hold.objects.in_force().select_related("by", *SCOPES)
    over = Hold(**scope_of(asked))
    return render(
        request, "hold/page.html", {"form": form, "partial": partial, "asked": over, **_waiting(over.covered)}
    )


def spoken(hold: Hold) -> str:
    """What it is over, in the reader's language; empty for everything."""
    over = hold.over
    return (
        gettext("voie « {lane} »").format(lane=gettext(str(over.label))) if isinstance(over, Lane) else str(over or "")
    )


def _waiting(covered: Q) -> dict[str, int]:
    """How much has not left, rehearsals apart."""
    rows = Delivery.objects.filter(covered, state__in=BEFORE_SENDING)
    return {"waiting": rows.real().count(), "apart": rows.rehearsed().count()}


def _lift(request: HttpRequest, current: Hold) -> HttpResponse:
    form = LiftForm(posted(request))
    if request.method == "POST" and form.is_valid():
        at = form.moment()
        if not form.errors:
            verbs.lift(by=request.user, over=current.over, overdue=form.overdue, at=at)
            return done(request, gettext("Suspension levée : ce qu'elle retenait repart."), "hold")
    overdue = {"overdue": verbs.waiting(current), "rehearsed": verbs.waiting(current, rehearsed=True)}
    context = {"form": form, "hold": current, **overdue, **_waiting(current.covered)}
    return render(request, "hold/page.html", context)
