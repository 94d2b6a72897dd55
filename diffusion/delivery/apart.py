"""What went to rehearsals, told apart from what went out: figures count the one, and name the other beside it."""

from __future__ import annotations

from typing import Self, TypeVar

from django.conf import settings
from django.db import models

from diffusion.brand.models import Level

Row = TypeVar("Row", bound=models.Model)


class Apart(models.QuerySet[Row]):
    """Rows with an account and a level. Figures alone leave rehearsals out: what waits for people is always all of it."""

    def real(self) -> Self:
        """What figures count."""
        return self.filter(account__is_rehearsal=False)

    def rehearsed(self) -> Self:
        """What they name beside it: it went no further than this machine."""
        return self.filter(account__is_rehearsal=True)

    def awaited(self) -> Self:
        """The internal ones, for which the outside waits. Nobody waits for a rehearsal that is off."""
        rows = self.filter(level=Level.INTERNAL)
        return rows if settings.DIFFUSION.rehearsal else rows.real()
