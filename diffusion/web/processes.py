"""The workers and clocks on the board: what runs where, what it does now, since when nothing is heard of it; and draining one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from diffusion import parts
from diffusion.delivery.models import Lane
from diffusion.parts import Part
from diffusion.web.answers import done, may

KINDS: dict[str, Any] = {
    parts.WORKER: _("Ouvrier"),
    parts.CLOCK: _("Horloge"),
    parts.WEB: _("Pages"),
    parts.UP: _("Tout en un"),
}


@dataclass(frozen=True, slots=True)
class Process:
    """One process, heard of `silent_s` seconds ago."""

    part: Part
    silent_s: float

    @property
    def word(self) -> Any:
        return KINDS.get(self.part.kind, self.part.kind)

    @property
    def is_alive(self) -> bool:
        return self.silent_s <= parts.ALIVE.total_seconds()

    @property
    def serves(self) -> list[str]:
        """The words of its lanes; none where it serves all, or none."""
        return [] if len(self.part.lanes) == len(Lane) else [str(Lane(lane).label) for lane in self.part.lanes]

    @property
    def at_work(self) -> list[tuple[str, int]]:
        """The words of the lanes in which it works now, with how many threads; our own upkeep is left out."""
        busy = {lane: count for lane, count in self.part.doing.items() if lane != Lane.HOUSEKEEPING}
        return [(str(Lane(lane).label), count) for lane, count in busy.items() if lane in Lane.values]

    @property
    def can_be_drained(self) -> bool:
        return self.part.kind == parts.WORKER and self.is_alive and self.part.drain_at is None


def processes() -> list[Process]:
    """All that are not forgotten, by the database's clock. One query."""
    return [Process(part, max(0.0, vars(part)["silent"].total_seconds())) for part in Part.objects.told()]


def served(running: list[Process]) -> Counter[str]:
    """Lane → how many processes serve it."""
    lanes = (one.part.lanes for one in running if one.is_alive and one.part.drain_at is None)
    return Counter(lane for several in lanes for lane in several)


@may("account", "manage")  # who runs the machinery
def part_drain(request: HttpRequest, pk: int) -> HttpResponse:
    """One worker finishes and ends, after a question that names the lanes that nobody else serves."""
    part = get_object_or_404(Part, kind=parts.WORKER, pk=pk)
    runs = Part.objects.alive().filter(pk=pk, drain_at=None).exists()
    if request.method == "POST" and runs:
        parts.drain(part.name, by=request.user)
        said = gettext("{name} finit ce qui part, rend le reste et s'arrête.").format(name=part.name)
        return done(request, said, "deliveries")
    others = served([one for one in processes() if one.part.pk != part.pk])
    alone = [str(Lane(lane).label) for lane in part.lanes if not others[lane]]
    return render(request, "deliveries/drain.html", {"part": part, "runs": runs, "alone": alone})
