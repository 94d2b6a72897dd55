"""What a correction or a withdrawal would do to each published delivery, before anything is done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from channels.contract import Act
from diffusion.accounts.models import Account
from diffusion.brand.models import Level
from diffusion.delivery.models import Delivery
from diffusion.delivery.states import State
from diffusion.message.models import Message
from diffusion.rendition.erratum import takes_errata


class How(StrEnum):
    """What is done with one published delivery that is now wrong."""

    EDIT = "edit"
    ERRATUM = "erratum"
    HAND = "hand"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Step:
    """What a correction does to one published delivery: `act` is edit or delete, or `person` where the channel can't.

    `ways` is what may be chosen for a correction, the best first.
    """

    delivery: Delivery
    act: str
    ways: tuple[How, ...] = ()


def preview(message: Message, act: Act) -> list[Step]:
    """The plan of a correction or a withdrawal, before anything is done. An erratum stands for what it corrects."""
    standing = message.deliveries.exclude(state__in=[State.CANCELLED, State.SUPERSEDED]).select_related("account")
    rows = sorted(standing, key=lambda d: d.pk)
    if act == Act.EDIT:
        rows = list({delivery.account_id: delivery for delivery in rows}.values())
    order = list(Level)
    live = sorted((d for d in rows if d.state == State.PUBLISHED), key=lambda d: (order.index(Level(d.level)), d.pk))
    return [
        Step(d, act if act in d.account.channel_class.can else "person", ways(d.account) if act == Act.EDIT else ())
        for d in live
    ]


def ways(account: Account) -> tuple[How, ...]:
    """How this account's wrong words can be put right, the best way first."""
    if Act.EDIT in account.channel_class.can:
        return (How.EDIT, How.NOTHING)
    return (How.ERRATUM if takes_errata(account.channel_class) else How.HAND, How.NOTHING)
