"""The journal: who did what to what, when. Rows are added in the verb's own transaction and never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from diffusion.directory.models import Person


class Entry(models.Model):
    """One act. `facts` are values, never personal data beyond ids, never secrets."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    by = models.ForeignKey("diffusion.Person", null=True, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["subject_kind", "subject_id", "at"], name="entry_subject")]
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_kind} {self.subject_id}"


def record(by: Person | None, verb: str, subject: models.Model, **facts: Any) -> Entry:
    """Journal an act of `by` (None: Diffusion itself). Call it inside the verb's transaction."""
    return Entry.objects.create(
        by=by, verb=verb, subject_kind=str(subject._meta.model_name), subject_id=subject.pk, facts=facts
    )
