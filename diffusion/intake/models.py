"""Source → submission: where content comes from, and each piece as it was handed in."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone

from diffusion.brand.models import Level
from diffusion.ids import public_id


class FirstPull(models.TextChoices):
    """What the first pull takes, so that a new source does not flood the desk."""

    EVERYTHING = "everything", "Tout"
    LAST = "last", "Les derniers"
    FROM_NOW = "from_now", "À partir de maintenant"


class Source(models.Model):
    """Somewhere that content is pulled from. `health` is a complaint's code, empty when all is well."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    directorate = models.ForeignKey("diffusion.Directorate", on_delete=models.PROTECT, related_name="sources")
    url = models.CharField(max_length=2000)
    level = models.CharField(max_length=8, choices=Level, default=Level.PUBLIC)
    every = models.DurationField(default=timedelta(minutes=15))
    first_pull = models.CharField(max_length=12, choices=FirstPull, default=FirstPull.LAST)
    first_count = models.PositiveSmallIntegerField(default=5)
    etag = models.CharField(max_length=500, default="", blank=True)
    last_modified = models.CharField(max_length=100, default="", blank=True)
    pulled_at = models.DateTimeField(null=True)
    next_pull_at = models.DateTimeField(null=True, default=timezone.now)
    lease = models.CharField(max_length=32, default="", blank=True)
    lease_until = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    health = models.CharField(max_length=32, default="", blank=True)
    complaints = models.JSONField(default=list)
    skipped = models.JSONField(
        default=dict
    )  # at the first pull: {hash of uid: hash of content}; taken once they change
    last_counts = models.JSONField(default=dict)  # {"items", "taken", "updated", "known"}

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["next_pull_at"], name="source_due")]

    def __str__(self) -> str:
        return self.name


class Via(models.TextChoices):
    FEED = "feed", "Flux"
    CALENDAR = "calendar", "Agenda"
    FORM = "form", "Formulaire"
    API = "api", "API"
    MAIL = "mail", "Courriel"
    FILE = "file", "Fichier"


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def open(self) -> SubmissionQuerySet:
        """Waiting on the desk: no message made of it, not declined, not replaced by a newer version."""
        return self.filter(messages=None, declined_at=None, newer=None, erased_at=None)


class Submission(models.Model):
    """One piece of content as a directorate handed it in, never altered. After its retention only origin, dates and hash remain."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    directorate = models.ForeignKey("diffusion.Directorate", on_delete=models.PROTECT, related_name="submissions")
    source = models.ForeignKey(Source, null=True, on_delete=models.SET_NULL, related_name="submissions")
    by = models.ForeignKey("diffusion.Person", null=True, on_delete=models.SET_NULL, related_name="submissions")
    via = models.CharField(max_length=8, choices=Via)
    uid = models.CharField(max_length=500)  # the source's own id, or the hash
    version = models.PositiveSmallIntegerField(default=1)  # a later change of a published entry is the next version
    fingerprint = models.CharField(max_length=64)  # SHA-256 of the content
    title = models.TextField(default="", blank=True)
    text = models.TextField(default="", blank=True)
    html = models.TextField(default="", blank=True)
    original = models.TextField(
        default="", blank=True
    )  # JSON in ASCII: what was cleaned before it was kept, as it came
    url = models.CharField(max_length=2000, default="", blank=True)
    language = models.CharField(max_length=5, default="fr")
    level = models.CharField(max_length=8, choices=Level, default=Level.PUBLIC)
    media = models.JSONField(default=list)
    starts = models.CharField(max_length=40, default="", blank=True)  # RFC 3339 date or date-time, as the calendar says
    ends = models.CharField(max_length=40, default="", blank=True)
    place = models.CharField(max_length=300, default="", blank=True)
    is_cancelled = models.BooleanField(default=False)  # the calendar says that the event is off
    received_at = models.DateTimeField(default=timezone.now, db_index=True)
    published_at = models.DateTimeField(null=True)  # by the source
    earlier = models.OneToOneField("self", null=True, on_delete=models.SET_NULL, related_name="newer")
    declined_at = models.DateTimeField(null=True)
    declined_by = models.ForeignKey("diffusion.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    decline_reason = models.TextField(default="", blank=True)
    erased_at = models.DateTimeField(null=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-pk"]
        indexes = [models.Index(fields=["directorate", "fingerprint"], name="submission_same")]
        constraints = [
            models.UniqueConstraint(fields=["directorate", "uid", "version"], name="submission_is_taken_once"),
            models.CheckConstraint(condition=Q(declined_at=None) | ~Q(decline_reason=""), name="declined_has_a_reason"),
        ]

    def __str__(self) -> str:
        return self.title or self.uid
