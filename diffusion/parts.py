"""What runs: each process that works on this database says so every few seconds. Nothing depends on it but what ops see."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from django.db import models
from django.db.models.functions import Now

from diffusion.audit import record
from diffusion.errors import BadInput
from diffusion.verbs import verb

if TYPE_CHECKING:
    from diffusion.directory.models import Person

WORKER, CLOCK, WEB, UP = "worker", "clock", "web", "up"
ALIVE = timedelta(seconds=30)
FORGOTTEN = timedelta(days=1)
NOTHING: Mapping[str, int] = MappingProxyType({})


class PartQuerySet(models.QuerySet["Part"]):
    def alive(self) -> PartQuerySet:
        """Those heard of lately, by the database's clock."""
        return self.filter(beat_at__gte=Now() - ALIVE)

    def told(self) -> PartQuerySet:
        """All that are not forgotten, each with how long ago it was heard of (`silent`), by the database's clock."""
        silent = models.ExpressionWrapper(Now() - models.F("beat_at"), output_field=models.DurationField())
        return self.filter(beat_at__gte=Now() - FORGOTTEN).annotate(silent=silent)


class Part(models.Model):
    """A process: `name` is its kind, machine and process id; `drain_at` is when somebody asked it to finish and end.

    `doing` is lane → how many of its threads were at work there when it was last heard of.
    """

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=8)
    version = models.CharField(max_length=40, default="")
    lanes = models.JSONField(default=list)
    doing = models.JSONField(default=dict)
    began_at = models.DateTimeField(db_default=Now())
    beat_at = models.DateTimeField(db_default=Now())
    drain_at = models.DateTimeField(null=True)

    objects = PartQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def machine(self) -> str:
        return self.name.removeprefix(f"{self.kind}-").rpartition("-")[0]


@functools.cache
def version() -> str:
    """As installed; of a checkout, as its project file says."""
    try:
        return metadata.version("diffusion")
    except metadata.PackageNotFoundError:
        project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
        return str(project["project"]["version"])


@verb
def beat(
    name: str, *, kind: str, lanes: tuple[str, ...], doing: Mapping[str, int] = NOTHING, is_first: bool = False
) -> bool:
    """This process lives, and does this. Returns whether it was asked to finish and end.

    `is_first`: it has just begun. In a container the one before it, killed, had the same name.
    """
    if is_first:
        Part.objects.filter(name=name).delete()
    if not Part.objects.filter(name=name).update(beat_at=Now(), doing=dict(doing)):
        Part.objects.create(name=name, kind=kind, lanes=list(lanes), version=version(), doing=dict(doing))
        Part.objects.filter(beat_at__lt=Now() - FORGOTTEN).delete()
    return is_drained(name)


def is_drained(name: str) -> bool:
    """Whether it was asked to finish and end: asked oftener than it beats, since a read costs others nothing."""
    return Part.objects.filter(name=name).exclude(drain_at=None).exists()


@verb
def end(name: str) -> None:
    """This process is over."""
    Part.objects.filter(name=name).delete()


@verb
def drain(name: str, *, by: Person | None) -> Part:
    """Ask a worker to finish what it sends, give back the rest, and end. Raises BadInput: no such worker runs."""
    workers = Part.objects.alive().filter(kind=WORKER)
    part = workers.filter(name=name).first()
    if part is None:
        raise BadInput("unknown_thing", given=name, known=", ".join(workers.values_list("name", flat=True)) or "–")
    Part.objects.filter(pk=part.pk).update(drain_at=Now())
    record(by, "drain", part, name=name)
    return part
