"""Many receipts at once: lists, consent, editions, and the ledger with a line for each recipient."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from diffusion.brand.models import Level
from diffusion.delivery.states import State
from diffusion.ids import public_id, secret

CORRECTED = "corrected"
"""The code of a line that stays, since its letter was corrected before its turn."""


class List(models.Model):
    """People who asked for a letter, behind one account (SMTP). A delivery to that account is one letter to this list."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    account = models.OneToOneField("diffusion.Account", on_delete=models.PROTECT, related_name="list")
    name = models.CharField(max_length=120)
    description = models.TextField(default="", blank=True)
    consent_text = models.TextField(default="", blank=True)  # what a subscriber says yes to, kept with each consent
    is_open = models.BooleanField(default=True)  # anybody may subscribe

    def __str__(self) -> str:
        return self.name

    @property
    def takes_anybody(self) -> bool:
        """Whether there is an open way in. What is for agents or partners goes to whom somebody put on its list, alone."""
        return self.is_open and self.account.level == Level.PUBLIC


class Subscriber(models.Model):
    """An address. `secret` makes the links that only this person's mail carries."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    email = models.EmailField()
    language = models.CharField(max_length=5, default="fr")
    secret = models.CharField(max_length=64, unique=True, default=secret)
    suppressed_at = models.DateTimeField(null=True)  # bounced for good or complained: nothing goes there any more
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="subscriber_email_is_unique")]

    def __str__(self) -> str:
        return self.public_id


class Consent(models.Model):
    """A subscriber's standing on a list: asked, confirmed (double opt-in), or left. With its proof."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="consents")
    list = models.ForeignKey(List, on_delete=models.CASCADE, related_name="consents")
    asked_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    text = models.TextField(default="", blank=True)
    origin = models.CharField(max_length=40, default="form")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscriber", "list"], name="one_consent_a_list")]

    def __str__(self) -> str:
        return f"{self.subscriber_id} on {self.list_id}"

    @property
    def has_left(self) -> bool:
        """Whether they left, and nobody asked in their name since: mails to confirm from before lead nowhere."""
        return self.left_at is not None and self.left_at >= self.asked_at


class Edition(models.Model):
    """One issue as it went out, frozen: the same for all but the links of leaving."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    list = models.ForeignKey(List, on_delete=models.PROTECT, related_name="editions")
    delivery = models.OneToOneField("diffusion.Delivery", on_delete=models.CASCADE, related_name="edition")
    subject = models.CharField(max_length=300)
    html = models.TextField()
    text = models.TextField()
    made_at = models.DateTimeField(default=timezone.now)
    written_at = models.DateTimeField(null=True)  # each recipient has a line: before that nothing is sent
    closed_at = models.DateTimeField(null=True)
    corrected_at = models.DateTimeField(null=True)  # other words follow: what has not left of it stays

    def __str__(self) -> str:
        return self.subject


class Line(models.Model):
    """One recipient of one edition, under the same moves, leases and intents as a delivery."""

    class Bounce(StrEnum):
        HARD = "hard"  # there is no such address
        SOFT = "soft"  # it takes nothing, for now

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="lines")
    subscriber = models.ForeignKey(Subscriber, null=True, on_delete=models.SET_NULL, related_name="lines")
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    due_at = models.DateTimeField(null=True, default=timezone.now)
    lease = models.CharField(max_length=32, default="", blank=True)
    lease_until = models.DateTimeField(null=True)
    intent_at = models.DateTimeField(null=True)
    look_at = models.DateTimeField(null=True)
    generation = models.PositiveSmallIntegerField(default=1)
    tries = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=32, default="", blank=True)
    bounce = models.CharField(max_length=4, default="", blank=True)  # what its no says of the address
    evidence = models.TextField(default="", blank=True)
    sent_at = models.DateTimeField(null=True)
    receipt = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["edition", "due_at"], name="line_due", condition=Q(state="planned")),
            models.Index(fields=["lease_until"], name="line_leased", condition=~Q(lease="")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["edition", "subscriber"], name="one_line_a_recipient"),
            models.CheckConstraint(condition=~Q(state="published") | ~Q(receipt=""), name="sent_line_has_receipt"),
            models.CheckConstraint(
                condition=~Q(state__in=["sending", "uncertain"]) | Q(intent_at__isnull=False),
                name="sending_line_has_an_intent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id}:{self.pk} {self.state}"

    @property
    def key(self) -> str:
        return f"{self.edition.public_id}.{self.pk}-{self.generation}"
