"""Verbs: make a brand, put a charter in force. Only a charter that loads is kept; until then the old one stays."""

from __future__ import annotations

from django.utils.text import slugify

from diffusion.audit import record
from diffusion.brand import charter
from diffusion.brand.models import Brand, Charter
from diffusion.directory.models import Person
from diffusion.errors import BadInput
from diffusion.ids import digest
from diffusion.verbs import verb


@verb
def add_brand(name: str, *, by: Person | None, slug: str = "") -> Brand:
    """Add an identity to speak with; it has typography, and no words of its own until a charter is adopted.

    Raises BadInput("name_taken").
    """
    short = slugify(slug or name)[:50]
    if Brand.objects.filter(slug=short).exists():
        raise BadInput("name_taken", given=short)
    brand = Brand.objects.create(name=name.strip()[:120], slug=short)
    record(by, "add_brand", brand)
    return brand


def adopt(brand: Brand, text: str, *, by: Person | None) -> Charter:
    """Put a charter in force. Raises CharterError with all that is wrong in it; then nothing has changed.

    The charter that is in force already, word for word, stays as it is.
    """
    charter.load(text)  # before the transaction: a long file is read while nothing is locked
    return _keep(brand, text, by)


@verb
def _keep(brand: Brand, text: str, by: Person | None) -> Charter:
    Brand.objects.select_for_update().get(pk=brand.pk)
    newest = brand.charters.order_by("-pk").first()
    if newest and newest.text == text:
        return newest
    kept = Charter.objects.create(brand=brand, text=text, by=by)
    record(by, "adopt_charter", brand, sha256=digest(text))
    return kept
