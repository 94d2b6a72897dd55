"""The journal: who did what to what, when. Rows are added in the verb's own transaction and never changed."""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils import timezone

from diffusion.logs import tell

if TYPE_CHECKING:
    from diffusion.directory.models import Person


log = logging.getLogger("diffusion")


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
    note(verb, subject, by=by.public_id if by else "diffusion")
    return Entry.objects.create(
        by=by, verb=verb, subject_kind=str(subject._meta.model_name), subject_id=subject.pk, facts=facts
    )


def note(what: str, subject: models.Model, **ids: object) -> None:
    """One line in the log once this is committed, under the id that leads from a submission to its receipts."""
    key = getattr(subject, "public_id", subject.pk)
    about = subject if hasattr(subject, "trace") else getattr(subject, "message", None)
    told = {"trace": getattr(about, "trace", key), str(subject._meta.model_name): key, **ids}
    transaction.on_commit(functools.partial(tell, log, what, told), robust=True)
