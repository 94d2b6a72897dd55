"""Who can say yes to a message, who is away, and what happens when nobody does: for the author, before and after asking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from diffusion.approval.decide import approvers, deadline, present
from diffusion.approval.models import Approval
from diffusion.directory.models import Absence, Person
from diffusion.message.models import Message


@dataclass(frozen=True, slots=True)
class Outlook:
    """`of` is asked, or would be; `others` are here and may answer too. `away`: the absences of now, one a person."""

    of: Person | None
    others: tuple[Person, ...]
    away: tuple[Absence, ...]
    deadline_at: datetime | None
    back_at: datetime | None
    """When the first who may answer is back; None when somebody is here, or nobody may answer at all."""

    @property
    def is_in_vain(self) -> bool:
        """Nobody can answer in time: nobody may at all, or the first is back after the last moment, or there is none."""
        if self.of is None:
            return True
        return self.back_at is not None and (self.deadline_at is None or self.back_at >= self.deadline_at)


def outlook(message: Message, approval: Approval | None = None) -> Outlook:
    """As things stand now; `approval` is the open question, if it was put already."""
    now, candidates = timezone.now(), approvers(message)
    away = _absences(candidates, now)
    here = [person for person in candidates if person.pk not in away]
    of = approval.asked_of if approval else (present(candidates) if candidates else None)
    return Outlook(
        of=of,
        others=tuple(person for person in here if person != of),
        away=tuple(away.values()),
        deadline_at=approval.deadline_at if approval else deadline(message),
        back_at=None if here or not away else min(absence.ends_at for absence in away.values()),
    )


def _absences(people: Iterable[Person], now: datetime) -> dict[int, Absence]:
    """Primary key of who is away → the absence that ends last."""
    rows = Absence.objects.filter(person__in=list(people), starts_at__lte=now, ends_at__gt=now)
    return {row.person_id: row for row in rows.select_related("person", "deputy").order_by("ends_at")}
