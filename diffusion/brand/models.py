"""In whose voice: brands, their charters, and the levels of use."""

from __future__ import annotations

import functools

from django.db import models
from django.utils import timezone

from diffusion.brand import charter
from diffusion.brand.voice import Charter as Voice
from diffusion.ids import public_id


@functools.lru_cache(maxsize=64)
def _loaded(text: str) -> Voice:
    """A charter that was checked when it was put in force, read once a process."""
    return charter.load(text)


class Level(models.TextChoices):
    """For whom: agents, then partners, then everybody."""

    INTERNAL = "internal", "Interne"
    PARTNERS = "partners", "Partenaires"
    PUBLIC = "public", "Public"


class Brand(models.Model):
    """An identity: a name, two colours, and the charter in force."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def charter(self) -> Voice:
        """The charter in force: the newest one kept. A brand without one has typography and no words of its own."""
        newest = self.charters.order_by("-pk").first()
        return _loaded(newest.text) if newest else Voice(name=self.name)


class Charter(models.Model):
    """A charter file as it was put in force. Only files that load are kept, so the last one always does."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="charters")
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey("diffusion.Person", null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.brand_id} {self.at:%Y-%m-%d}"
