"""Who: the authority, its people, its directorates, who may do what, and who stands in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone

from diffusion.ids import digest, public_id


class Silence(models.TextChoices):
    """What happens when nobody answered ten minutes before publication. The author chooses."""

    WAIT = "wait", "Attendre"
    INTERNAL_ONLY = "internal_only", "Interne seulement"
    CANCEL = "cancel", "Annuler"


class Authority(models.Model):
    """The public body. One row; its policies are decisions of people, so they are not settings."""

    name = models.CharField(max_length=120, default="Diffusion")
    time_zone = models.CharField(max_length=40, default="Europe/Paris")
    languages = models.JSONField(default=list)
    lead = models.DurationField(default=timedelta(hours=2))
    silence = models.CharField(max_length=16, choices=Silence, default=Silence.WAIT)
    may_approve_own = models.BooleanField(default=False)
    retention_days = models.PositiveIntegerField(default=365)
    hourly_posts = models.PositiveIntegerField(default=30)  # on one account, before a person is asked; 0 never asks
    shows_figures = models.BooleanField(default=False)  # to everybody, without signing in
    calling_code_region = models.CharField(max_length=2, default="FR")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="authority_has_one_row")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def get(cls) -> Authority:
        """The one row, made by the first migration."""
        return cls.objects.get(pk=1)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def language(self) -> str:
        """The first of its languages: that of words which don't tell theirs."""
        return str(next(iter(self.languages), "fr"))


class PersonManager(BaseUserManager["Person"]):
    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """Somebody who signs in. What they may do is in their roles, nowhere else."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=5, default="fr")
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(models.functions.Lower("email"), name="person_email_is_unique")]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.name.split()[:2]).upper()

    def has_role(self, *kinds: str, directorate: Directorate | None = None) -> bool:
        """Whether one of `kinds` is theirs, for the whole authority or for this directorate."""
        roles = self.roles.filter(kind__in=kinds)
        if directorate is not None:
            roles = roles.filter(Q(directorate=None) | Q(directorate=directorate))
        return self.is_active and roles.exists()

    def stand_in(self, at: datetime) -> Person | None:
        """The deputy named for an absence that covers `at` (UTC); None when present or nobody was named."""
        absence = self.absences.filter(starts_at__lte=at, ends_at__gt=at).exclude(deputy=None).first()
        return absence.deputy if absence else None


class Directorate(models.Model):
    """A unit that submits content."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    brand = models.ForeignKey("diffusion.Brand", null=True, on_delete=models.PROTECT, related_name="directorates")
    is_internal_only = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class RoleKind(models.TextChoices):
    CONTRIBUTOR = "contributor", "Contributrice ou contributeur"
    COMMUNICATOR = "communicator", "Communication"
    APPROVER = "approver", "Approbation"
    OPS = "ops", "Exploitation"
    AGENT = "agent", "Agent"
    ADMINISTRATOR = "administrator", "Administration"


class Role(models.Model):
    """One kind of work, for one directorate, or for the whole authority when `directorate` is empty."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="roles")
    kind = models.CharField(max_length=16, choices=RoleKind)
    directorate = models.ForeignKey(Directorate, null=True, blank=True, on_delete=models.CASCADE, related_name="roles")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "directorate"], nulls_distinct=False, name="role_is_given_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.kind}"


class Absence(models.Model):
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    deputy = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="deputises")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="absence_ends_after_start"),
            models.CheckConstraint(condition=~Q(deputy=models.F("person")), name="absence_deputy_is_another"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.starts_at:%Y-%m-%d}"


class SignInLink(models.Model):
    """A single-use way in, printed to a terminal or mailed. The secret is kept only as its hash."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sign_in_links")
    secret_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"link for {self.person_id}"


class Token(models.Model):
    """A machine's key to the API, for one person, limited to scopes (`submit`, `read`)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    secret_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def find(cls, secret: str) -> Token | None:
        return (
            cls.objects.filter(secret_hash=digest(secret), revoked_at=None, person__is_active=True)
            .select_related("person")
            .first()
        )


class Place(models.Model):
    """A street, a building or a town of the authority, as its own list has it (`directory/places.py` imports one)."""

    LONGEST = 200
    name = models.CharField(max_length=LONGEST, unique=True)

    def __str__(self) -> str:
        return self.name


class FeedAddress(models.Model):
    """A person's own, revocable address of a feed that is not public."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="feed_addresses")
    level = models.CharField(max_length=8)
    secret_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.level} feed of {self.person_id}"

    @classmethod
    def find(cls, secret: str) -> FeedAddress | None:
        """While whose it is works here: without a role they read no more than the public does."""
        mine = cls.objects.filter(secret_hash=digest(secret), revoked_at=None, person__is_active=True)
        return mine.filter(person__roles__isnull=False).select_related("person").first()


class Mail(models.Model):
    """One of the product's own mails, until the relay took it: what is kept here outlives a relay or a process that is down.

    `to` is empty where the address that was typed is nobody's: written down all the same, so that asking takes as long.
    """

    to = models.CharField(max_length=254, blank=True)
    what = models.CharField(max_length=40)
    subject = models.TextField()
    body = models.TextField()
    made_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    useless_after = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="mail_due")]

    def __str__(self) -> str:
        return f"{self.what} {self.pk}"
