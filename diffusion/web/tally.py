"""The authority's own figures, as a page, as JSON and as CSV: to the staff always, to everybody if the authority says so."""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from channels import registry
from diffusion.delivery.tally import COUNTED, Row, tally
from diffusion.directory.models import Authority
from diffusion.web.answers import may

FRESH_S = 600
"""Seconds for which the figures are kept: they may be read by anybody, and are counted for nobody in particular."""
NAMES: dict[str, tuple[Any, Any]] = {
    "published": (
        _("Publiées"),
        _("Le canal en a donné la preuve, ou une personne l'a vue en ligne ; retirées depuis comprises."),
    ),
    "lost": (
        _("Perdues"),
        _("Refusées, ou toujours pas parties, un jour après l'heure ; ou abandonnées après un refus."),
    ),
    "doubled": (
        _("Doublées"),
        _(
            "Un second accusé du canal, pour une autre publication, est arrivé. Un double que personne n'a "
            "vu ne se compte pas."
        ),
    ),
    "uncertain": (
        _("Laissées à une personne"),
        _("Ni le canal ni nous ne pouvions dire si elle était partie : quelqu'un a regardé, ou doit encore le faire."),
    ),
    "seen_right": (
        _("Vues conformes"),
        _(
            "Relue de l'extérieur, comme n'importe qui, et trouvée telle que publiée. Tous les canaux ne se "
            "laissent pas lire."
        ),
    ),
    "seen_otherwise": (
        _("Vues autrement"),
        _("Relue deux fois de l'extérieur, et changée ou disparue sans nous."),
    ),
    "late_median_s": (
        _("Retard médian"),
        _(
            "De l'heure prévue à la preuve du canal : la moitié a attendu moins. D'une lettre, jusqu'au "
            "dernier courriel."
        ),
    ),
    "late_p95_s": (
        _("Retard, 95 %"),
        _("De même : 95 sur 100 ont attendu moins."),
    ),
}
"""A figure's column → its word, and what exactly it counts."""


@dataclass(frozen=True, slots=True)
class Told:
    """The rows, and when they were counted."""

    rows: list[Row]
    at: Any

    @property
    def totals(self) -> dict[str, int]:
        return {name: sum(getattr(row, name) for row in self.rows) for name in COUNTED}


def _told() -> Told:
    found: Told | None = cache.get("figures")
    if found is None:
        found = Told(tally(), timezone.now())
        cache.set("figures", found, FRESH_S)
    return found


@require_safe
def figures(request: HttpRequest, form: str = "") -> HttpResponse:
    """Open to everybody only by the authority's own decision."""
    view = _figures if Authority.get().shows_figures else may("delivery", "see")(_figures)
    return view(request, form)


def _figures(request: HttpRequest, form: str) -> HttpResponse:
    return {"": _page, "json": _json, "csv": _csv}[form](request, _told())


def _page(request: HttpRequest, told: Told) -> HttpResponse:
    labels = {channel.name: channel.label for channel in registry.all_channels()}
    months: dict[Any, list[tuple[str, Row]]] = {}
    for row in told.rows:
        months.setdefault(row.month, []).append((labels.get(row.channel, row.channel), row))
    totals = [(NAMES[name][0], figure) for name, figure in told.totals.items()]
    context = {"months": months, "totals": totals, "names": NAMES, "told": told, "authority": Authority.get()}
    return render(request, "public/figures.html", context)


def _json(request: HttpRequest, told: Told) -> HttpResponse:
    said = {name: str(what) for name, (_word, what) in NAMES.items()}
    body = {
        "authority": Authority.get().name, "counted_at": told.at.isoformat(timespec="seconds"), "totals": told.totals,
        "language": get_language(), "definitions": said, "rows": [_flat(row) for row in told.rows],
    }  # fmt: skip
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False, "indent": 1})


def _csv(request: HttpRequest, told: Told) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="figures.csv"'
    writer = csv.DictWriter(answer, ["month", "channel", *NAMES])
    writer.writeheader()
    writer.writerows(map(_flat, told.rows))
    return answer


def _flat(row: Row) -> dict[str, Any]:
    return {**asdict(row), "month": f"{row.month:%Y-%m}"}
