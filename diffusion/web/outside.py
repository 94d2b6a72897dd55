"""What anybody is shown and should not be: what differs, and what a person may do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from diffusion import access
from diffusion.delivery import again
from diffusion.delivery.models import Delivery
from diffusion.delivery.sighting import Sighting
from diffusion.web.answers import done, may

Verdict = Sighting.Verdict
ACTS: dict[str, tuple[Callable[..., Any], Any]] = {
    "note": (again.note, _("Noté. La diffusion reste comme elle est.")),
    "back": (again.put_back, _("Le texte approuvé va être remis ; une nouvelle vérification suivra.")),
    "again": (again.publish_again, _("Elle repart maintenant, telle qu'approuvée.")),
}
"""What the address calls it → the verb, and what is said once it is done."""


@may("delivery", "see")
@require_GET
def delivery_differs(request: HttpRequest, public_id: str) -> HttpResponse:
    row = access.delivery(request.user, public_id)
    found = row.sightings.unanswered().last()
    context = {
        "delivery": row,
        "found": found,
        "may_act": access.deliveries(request.user, "act").filter(pk=row.pk).exists(),
        "back": bool(found) and found.verdict == Verdict.CHANGED and again.can_be_put_back(row),
        "again": bool(found) and found.verdict == Verdict.GONE and again.can_go_again(row),
    }
    return render(request, "deliveries/differs.html", context)


@may("delivery", "act")
@require_POST
def delivery_answer(request: HttpRequest, public_id: str, act: str) -> HttpResponse:
    row: Delivery = access.delivery(request.user, public_id, to="act")
    verb, said = ACTS[act]
    made = verb(row, by=request.user)
    shown = made if isinstance(made, Delivery) else row
    return done(request, str(said), "delivery", shown.public_id)
