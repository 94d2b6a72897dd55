"""Rendition → delivery → receipt. What can't be is forbidden here, by the database."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from channels.contract import Rendition
from diffusion.delivery.apart import Apart
from diffusion.delivery.states import BEFORE_SENDING, State
from diffusion.ids import public_id


class Lane(models.TextChoices):
    """Queues that never wait for each other. `workers.lanes` gives each its workers."""

    URGENT = "urgent", "Urgent"
    SOCIAL = "social", "Réseaux"
    INTRANET = "intranet", "Intranet et sites"
    MAIL = "mail", "Lettres"
    INTAKE = "intake", "Collecte"
    HOUSEKEEPING = "housekeeping", "Entretien"


class Stop(models.TextChoices):
    """Why a planned delivery has no due time. Written on the row, so that claiming asks for nothing else."""

    GATE = "gate", "Attend l’interne"
    PAUSED = "paused", "Compte en pause"
    LATE = "late", "Trop tard, une personne décide"
    BRAKE = "brake", "Freinée, une personne décide"
    LETTER = "letter", "Attend la fin de la lettre"


ASKS = (Stop.LATE, Stop.BRAKE)
"""The stops that only a person's word ends."""


class DeliveryQuerySet(Apart["Delivery"]):
    def due(self, lane: str) -> DeliveryQuerySet:
        """Planned, in this lane, its time come by the database's clock; oldest first."""
        return self.filter(lane=lane, state=State.PLANNED, due_at__lte=Now()).order_by("due_at", "pk")

    def verifying(self) -> DeliveryQuerySet:
        """Uncertain, with a look still to come: nobody has to act."""
        return self.filter(state=State.UNCERTAIN, look_at__isnull=False)

    def waiting_for_a_person(self) -> DeliveryQuerySet:
        return self.filter(
            Q(state=State.REFUSED) | Q(state=State.UNCERTAIN, look_at=None) | Q(state=State.PLANNED, stop__in=ASKS)
        )

    def live(self) -> DeliveryQuerySet:
        """What people can see: the board, a message's page and the feeds are views of these."""
        return self.filter(state=State.PUBLISHED)

    def seen_otherwise(self) -> DeliveryQuerySet:
        """Out, but not as published where anybody can look: a person was told, and has not answered."""
        told = Q(sightings__told_at__isnull=False, sightings__noted_at=None, sightings__receipt=F("receipt"))
        return self.filter(told).distinct()

    def unrecalled(self) -> DeliveryQuerySet:
        """Without those that somebody asked to take away, also where that can't be done: a mail stays in its mailbox."""
        asked = Amendment.objects.filter(act=Amendment.Act.DELETE).exclude(code="superseded")
        return self.exclude(pk__in=asked.values("delivery"))


class Delivery(models.Model):
    """One rendition going to one account at one time. `body` is frozen when it is planned; `key` belongs to this row.

    `planned_at` is the time that people chose; `due_at` the time when it may be claimed, empty while `stop` says why not.
    `lease` is its present owner's token. `look_at` is when to look next: while uncertain for its outcome, empty once a person must
    decide; once published at what anybody is shown.
    """

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    message = models.ForeignKey("diffusion.Message", on_delete=models.PROTECT, related_name="deliveries")
    revision = models.ForeignKey("diffusion.Revision", on_delete=models.PROTECT, related_name="deliveries")
    account = models.ForeignKey("diffusion.Account", on_delete=models.PROTECT, related_name="deliveries")
    level = models.CharField(max_length=8)
    occurrence = models.CharField(max_length=40, default="1")
    lane = models.CharField(max_length=12, choices=Lane)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    stop = models.CharField(max_length=8, choices=Stop, default="", blank=True)
    body = models.JSONField()
    digest = models.CharField(max_length=80)
    generation = models.PositiveSmallIntegerField(default=1)
    planned_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    is_vouched = models.BooleanField(default=False)  # a person said yes to it although the brake asked
    read_on = models.DateField(null=True)  # the day for which its words were approved
    useless_after = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, default="", blank=True)
    lease_until = models.DateTimeField(null=True)
    prepared = models.JSONField(null=True)
    intent_at = models.DateTimeField(null=True)
    doubt_at = models.DateTimeField(null=True)
    look_at = models.DateTimeField(null=True)
    looks = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=32, default="", blank=True)
    receipt = models.OneToOneField("diffusion.Receipt", null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["planned_at", "pk"]
        indexes = [
            models.Index(fields=["lane", "due_at"], name="delivery_due", condition=Q(state="planned")),
            models.Index(fields=["lease_until"], name="delivery_leased", condition=~Q(lease="")),
            models.Index(fields=["look_at"], name="delivery_look", condition=Q(state="uncertain")),
            models.Index(
                fields=["look_at"], name="delivery_see", condition=Q(state="published", look_at__isnull=False)
            ),
            models.Index(fields=["account", "intent_at"], name="delivery_pace"),
            models.Index(fields=["stop", "state"], name="delivery_stop"),  # what housekeeping asks for each second
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["message", "account", "occurrence"],
                condition=~Q(state__in=["cancelled", "superseded"]),
                name="nothing_is_planned_twice",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["published", "withdrawn"]) | Q(receipt__isnull=False),
                name="published_has_receipt",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["claimed", "sending"]) | (~Q(lease="") & Q(lease_until__isnull=False)),
                name="claimed_has_a_lease",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sending", "uncertain"]) | Q(intent_at__isnull=False),
                name="sending_has_an_intent",
            ),
            models.CheckConstraint(
                condition=~Q(state="planned") | Q(stop="", due_at__isnull=False) | (~Q(stop="") & Q(due_at=None)),
                name="planned_is_due_or_says_why_not",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.state}"

    @classmethod
    def event_model(cls) -> type[Event]:
        return Event

    @property
    def key(self) -> str:
        """The delivery's own, the same in every attempt of a generation."""
        return f"{self.public_id}-{self.generation}"

    @property
    def rendition(self) -> Rendition:
        return Rendition.from_json(self.body)

    @property
    def may_still_change(self) -> bool:
        return self.state in BEFORE_SENDING

    @property
    def shown_state(self) -> str:
        """The state as people read it, derived ones included."""
        now = timezone.now()
        if self.state == State.UNCERTAIN and self.look_at:
            return "verifying"
        if self.state == State.CLAIMED:
            return "due"
        if self.state == State.PLANNED and self.due_at and self.tries:
            return "retrying"
        if self.state == State.PLANNED and self.due_at and self.due_at <= now:
            return "due"
        return self.state


class Attempt(models.Model):
    """One try at a delivery. Begun with the intent, ended with what the channel said, also by a worker come back late."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    generation = models.PositiveSmallIntegerField()
    lease = models.CharField(max_length=32)
    began_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, default="", blank=True)
    code = models.CharField(max_length=32, default="", blank=True)
    facts = models.JSONField(default=dict)
    evidence = models.TextField(default="", blank=True)
    was_late = models.BooleanField(default=False)  # its lease had run out: it moved no state

    class Meta:
        ordering = ["began_at", "pk"]

    def __str__(self) -> str:
        return f"{self.outcome or 'open'} {self.delivery_id}"


class Receipt(models.Model):
    """Proof from the channel: its id there, its address, when. Several when it was edited or, by misfortune, doubled."""

    class Proof(models.TextChoices):
        PUBLISHED = "published", "Réponse du canal"
        FOUND = "found", "Retrouvée sur le canal"
        PERSON = "person", "Constatée par une personne"
        EDITED = "edited", "Modifiée"
        WITHDRAWN = "withdrawn", "Retirée"
        LATE = "late", "Réponse arrivée tard"

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="receipts")
    proof = models.CharField(max_length=10, choices=Proof)
    remote_id = models.CharField(max_length=500)
    url = models.CharField(max_length=2000, default="", blank=True)
    at = models.DateTimeField(default=timezone.now)
    evidence = models.TextField(default="", blank=True)
    by = models.ForeignKey("diffusion.Person", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.url or self.remote_id


class Event(models.Model):
    """One move of one delivery: the timeline and the ops page are read from these."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now, db_index=True)
    was = models.CharField(max_length=10, choices=State)
    now = models.CharField(max_length=10, choices=State)
    why = models.CharField(max_length=40, default="", blank=True)
    by = models.ForeignKey("diffusion.Person", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.was} → {self.now}"


class AmendmentQuerySet(models.QuerySet["Amendment"]):
    def waiting_for_a_person(self) -> AmendmentQuerySet:
        """The channel doesn't allow it, or refused it: somebody does it there and says so."""
        return self.filter(done_at=None, due_at=None).exclude(code__in=[ACCOUNT_PAUSED, HELD, UNSETTLED])


class Amendment(models.Model):
    """An edit or a withdrawal of something published: an act that may be repeated, so it needs no doubt, only a clock."""

    class Act(models.TextChoices):
        EDIT = "edit", "Corriger"
        DELETE = "delete", "Retirer"

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="amendments")
    act = models.CharField(max_length=8, choices=Act)
    revision = models.ForeignKey("diffusion.Revision", null=True, on_delete=models.PROTECT, related_name="+")
    was = models.ForeignKey("diffusion.Revision", null=True, on_delete=models.PROTECT, related_name="+")  # until then
    body = models.JSONField(default=dict)
    lane = models.CharField(max_length=12, choices=Lane)
    due_at = models.DateTimeField(null=True, default=timezone.now)  # empty: done, or a person must act
    lease = models.CharField(max_length=32, default="", blank=True)
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=32, default="", blank=True)
    evidence = models.TextField(default="", blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    by = models.ForeignKey("diffusion.Person", null=True, on_delete=models.SET_NULL, related_name="+")

    objects = AmendmentQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "pk"]
        indexes = [models.Index(fields=["lane", "due_at"], name="amendment_due", condition=Q(done_at=None))]

    def __str__(self) -> str:
        return f"{self.act} {self.delivery_id}"


ACCOUNT_PAUSED = "account_paused"
"""The code of an amendment that waits for its account, as `Stop.PAUSED` says it of a delivery."""
HELD = "held"
"""The code of an amendment that waits until a hold over its delivery is lifted."""
BY_HAND = "by_hand"
"""The code of an amendment that a person must do, and of one that a person did."""
LEFT_AS_IT_IS = "left_as_it_is"
"""The code of a correction that somebody decided not to make."""
UNSETTLED = "unsettled"
"""The code of an amendment that waits until it is known whether its delivery is out."""
LEASE_IS_OVER = Q(lease_until__lt=Now())
NO_LEASE: dict[str, Any] = {"lease": "", "lease_until": None}
