"""Yes: who was asked, by when, and what exactly was sealed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from diffusion.ids import public_id


class Decision(models.TextChoices):
    ASKED = "asked", "Demandée"
    APPROVED = "approved", "Approuvée"
    DECLINED = "declined", "Refusée"
    LAPSED = "lapsed", "Sans réponse"
    WITHDRAWN = "withdrawn", "Retirée"


class Approval(models.Model):
    """One question about one revision. `seal` is {account's public id: version's digest}; `link_hash` opens it from a mail."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    message = models.ForeignKey("diffusion.Message", on_delete=models.CASCADE, related_name="approvals")
    revision = models.ForeignKey("diffusion.Revision", on_delete=models.CASCADE, related_name="approvals")
    decision = models.CharField(max_length=10, choices=Decision, default=Decision.ASKED)
    asked_by = models.ForeignKey("diffusion.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    asked_of = models.ForeignKey("diffusion.Person", null=True, on_delete=models.SET_NULL, related_name="approvals")
    asked_at = models.DateTimeField(default=timezone.now)
    deputy = models.ForeignKey("diffusion.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    deputy_asked_at = models.DateTimeField(null=True)
    deadline_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("diffusion.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    comment = models.TextField(default="", blank=True)
    seal = models.JSONField(default=dict)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["message"], condition=Q(decision="asked"), name="one_open_question_a_message"
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["asked", "withdrawn"]) | Q(decided_at__isnull=False),
                name="decided_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision} {self.message_id}"
