"""The authority's places: its streets, buildings and towns, imported from a CSV, and known wherever a text is read."""

from __future__ import annotations

from functools import lru_cache

from django.db.models import Count, Max

from diffusion.audit import record
from diffusion.directory.models import Authority, Person, Place
from diffusion.errors import BadInput
from diffusion.facts import Gazetteer
from diffusion.facts.gazetteer import names_in
from diffusion.verbs import verb


@verb
def import_places(csv: str, *, by: Person | None) -> tuple[int, int]:
    """Make the list of places that of a CSV; how many came and went. Raises BadInput for a CSV that names none."""
    names = {name[: Place.LONGEST] for name in names_in(csv)}
    if not names:
        raise BadInput("no_places")
    known = set(Place.objects.values_list("name", flat=True))
    gone = sorted(known - names)
    for at in range(0, len(gone), _AT_ONCE):
        Place.objects.filter(name__in=gone[at : at + _AT_ONCE]).delete()
    new = sorted(names - known)
    Place.objects.bulk_create([Place(name=name) for name in new], batch_size=_AT_ONCE)
    if gone or new:
        record(by, "import_places", Authority.get(), added=len(new), removed=len(gone))
    return len(new), len(gone)


#: Rows in one statement: fewer than the parameters that SQLite takes.
_AT_ONCE = 500


def known_places() -> Gazetteer:
    """The authority's gazetteer, built anew only when the list has changed."""
    stamp = Place.objects.aggregate(count=Count("pk"), last=Max("pk"))
    return _gazetteer(stamp["count"], stamp["last"])


@lru_cache(maxsize=1)
def _gazetteer(count: int, last: int | None) -> Gazetteer:
    return Gazetteer(Place.objects.values_list("name", flat=True) if count else ())
