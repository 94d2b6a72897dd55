"""What anybody was shown of a delivery: one row a look, kept with its time and its digest."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from diffusion.delivery.models import Delivery, Receipt


class SightingQuerySet(models.QuerySet["Sighting"]):
    def unanswered(self) -> SightingQuerySet:
        """Told to a person, who has not said yet that they know; of what stands there by our last word."""
        return self.filter(told_at__isnull=False, noted_at=None, receipt=F("delivery__receipt"))


class Sighting(models.Model):
    """One look from outside. `said` and `shown` are the first words that differ; `code` says why nobody could look.

    `receipt` is the one looked at: an edit of ours makes another, and what was seen before it counts no more.
    """

    class Verdict(models.TextChoices):
        RIGHT = "right", "Telle que publiée"
        CHANGED = "changed", "Changée"
        GONE = "gone", "Disparue"
        UNSEEN = "unseen", "Pas pu regarder"

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="sightings")
    receipt = models.ForeignKey(Receipt, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now, db_index=True)
    verdict = models.CharField(max_length=8, choices=Verdict)
    code = models.CharField(max_length=32, default="", blank=True)
    url = models.CharField(max_length=2000, default="", blank=True)
    digest = models.CharField(max_length=64, default="", blank=True)
    said = models.TextField(default="", blank=True)
    shown = models.TextField(default="", blank=True)
    told_at = models.DateTimeField(null=True)
    noted_at = models.DateTimeField(null=True)
    by = models.ForeignKey("diffusion.Person", null=True, on_delete=models.SET_NULL, related_name="+")

    objects = SightingQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        indexes = [
            models.Index(
                fields=["delivery"], name="sighting_unanswered", condition=Q(told_at__isnull=False, noted_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.verdict} {self.delivery_id}"
