"""Submission → message: the canonical statement, with revisions, each kept."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from diffusion import ids
from diffusion.brand.models import Level
from diffusion.directory.models import Silence
from diffusion.ids import public_id


class Campaign(models.Model):
    """Messages that share an objective across directorates."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    name = models.CharField(max_length=120)
    objective = models.TextField(default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="campaign_name_is_its_own")]

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    """One truth. Its words are in its revisions; where it stands is read from its approval and its deliveries."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    directorate = models.ForeignKey("diffusion.Directorate", on_delete=models.PROTECT, related_name="messages")
    brand = models.ForeignKey("diffusion.Brand", on_delete=models.PROTECT, related_name="messages")
    campaign = models.ForeignKey(Campaign, null=True, on_delete=models.SET_NULL, related_name="messages")
    # the first submission's id, or its own: what the log calls it from the submission to the receipt
    trace = models.CharField(max_length=12, default=ids.public_id, editable=False)
    submissions = models.ManyToManyField("diffusion.Submission", related_name="messages")
    revision = models.ForeignKey("diffusion.Revision", null=True, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=5, default="fr")
    levels = models.JSONField(default=list)  # values of Level, one or more
    is_urgent = models.BooleanField(default=False)
    lead = models.DurationField(null=True)  # None: the authority's
    publish_at = models.DateTimeField(null=True)  # UTC; when the outside is to read it
    silence = models.CharField(max_length=16, choices=Silence, default=Silence.WAIT)
    useless_after = models.DateTimeField(null=True)
    is_limit_chosen = models.BooleanField(default=False)  # a person set it, or took it away; else it follows the words
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey("diffusion.Person", null=True, on_delete=models.SET_NULL, related_name="messages")
    set_aside_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.revision.title if self.revision else self.public_id

    @property
    def is_planned(self) -> bool:
        """Whether something of it is planned, or out."""
        return self.deliveries.exclude(state__in=["cancelled", "superseded"]).exists()

    @property
    def current(self) -> Revision:
        """The present revision: null only inside the transaction that makes the message."""
        if self.revision is None:
            raise Revision.DoesNotExist(f"message {self.public_id} has no words")
        return self.revision


class Revision(models.Model):
    """The message's words at one moment. `essential` holds [kind, value] pairs; None: the default rule.

    `body` is Markdown of a small, strict set. `changes` are what the tone did to each part, each with its rule, so that
    each can be undone alone; `refused` are those that a person undid.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    title = models.TextField()
    body = models.TextField()
    links = models.JSONField(default=list)
    essential = models.JSONField(null=True)
    changes = models.JSONField(default=list)
    refused = models.JSONField(default=list)
    media = models.ManyToManyField("diffusion.Asset", through="diffusion.Illustration", related_name="revisions")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey("diffusion.Person", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["message", "number"], name="revision_number_is_its_own")]

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"

    def part(self, name: str) -> str:
        """The words of one part: `title`, `body`, or a level, for what it adds."""
        if name in Level.values:
            return next((added.body for added in self.additions.all() if added.level == name), "")
        return str(getattr(self, name))


class Addition(models.Model):
    """What one level adds to the body. Found at another level it is a leak."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="additions")
    level = models.CharField(max_length=8, choices=Level)
    body = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["revision", "level"], name="level_adds_once")]

    def __str__(self) -> str:
        return f"{self.level} of {self.revision_id}"


class Illustration(models.Model):
    """A picture of a revision, in its place."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE)
    asset = models.ForeignKey("diffusion.Asset", on_delete=models.PROTECT)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["revision", "asset"], name="picture_stands_once")]

    def __str__(self) -> str:
        return f"{self.asset_id} in {self.revision_id}"
