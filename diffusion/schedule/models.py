"""When: usual slots, and times when nothing goes out."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from diffusion.brand.models import Level


class Slot(models.Model):
    """A usual time, in the authority's zone. `weekday` 0 is Monday."""

    level = models.CharField(max_length=8, choices=Level)
    weekday = models.PositiveSmallIntegerField()
    time = models.TimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(weekday__lte=6), name="slot_weekday_exists")]

    def __str__(self) -> str:
        return f"{self.weekday} {self.time}"


class Blackout(models.Model):
    """From `starts_at` to `ends_at` (UTC) nothing but the urgent goes out."""

    reason = models.CharField(max_length=200)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="blackout_ends_after_start")
        ]

    def __str__(self) -> str:
        return self.reason
