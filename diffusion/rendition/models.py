"""Each account's version of a revision, as people saw it or edited it, with its digest."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from channels.contract import Rendition


class Version(models.Model):
    """`body` is a `channels.contract.Rendition` as JSON; `digest` seals it. `report` says what was given up to fit.

    `verdict` is the guard's: {"contradicted", "missing", "added", "leaks"}; what blocks needs an `override_reason`.
    """

    revision = models.ForeignKey("diffusion.Revision", on_delete=models.CASCADE, related_name="versions")
    account = models.ForeignKey("diffusion.Account", on_delete=models.CASCADE, related_name="versions")
    body = models.JSONField()
    report = models.JSONField(default=dict)
    verdict = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    digest = models.CharField(max_length=80)
    is_edited = models.BooleanField(default=False)
    edited_by = models.ForeignKey("diffusion.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    is_stale = models.BooleanField(default=False)  # edited by hand, and the message has changed since
    override_reason = models.TextField(default="", blank=True)
    override_by = models.ForeignKey("diffusion.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    read_on = models.DateField(null=True)  # the day for which it was judged: « demain » is read from there
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["revision", "account"], name="one_version_an_account")]

    def __str__(self) -> str:
        return f"{self.account_id} of {self.revision_id}"

    @property
    def rendition(self) -> Rendition:
        return Rendition.from_json(self.body)

    @property
    def text(self) -> str:
        return str(self.body.get("text", ""))

    @property
    def blocking(self) -> list[dict[str, Any]]:
        """What stands against scheduling: lost or contradicted facts, leaks, what the charter stops, the channel's own limits."""
        faults = [
            {"fault": name, **fault}
            for name in ("contradicted", "missing", "added", "leaks", "tone")
            for fault in self.verdict.get(name, [])
            if fault["blocks"]
        ]
        return [*faults, *({"fault": "limit", **problem} for problem in self.problems)]

    @property
    def can_be_scheduled(self) -> bool:
        """No fault of facts that nobody answered for; a channel's own limit can't be overridden."""
        return not self.problems and (not self.blocking or bool(self.override_reason))
