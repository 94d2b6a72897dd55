"""Which deliveries the list shows. Every number of the board is an address that shows its rows, made here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from diffusion.accounts.models import Account
from diffusion.delivery.models import Amendment, DeliveryQuerySet, Event, Lane, Stop
from diffusion.delivery.states import BEFORE_SENDING, OPEN, State
from diffusion.errors import word
from diffusion.message.models import Campaign

HOUR = timedelta(hours=1)
_TO_CLAIM = [State.PLANNED, State.CLAIMED]


@dataclass(frozen=True, slots=True)
class Shown:
    """One choice of rows: its word, what it means now, and the order of its list."""

    word: Any
    rows: Callable[[datetime, str], Q]
    order: tuple[str, ...] = ("-planned_at", "-pk")


def _due(now: datetime, lane: str) -> Q:
    """Due, or with an amendment that is; of this lane, where one is given: an amendment may have another than its delivery."""
    acts = Amendment.objects.filter(done_at=None, due_at__lte=now)
    rows = Q(state__in=_TO_CLAIM, due_at__lte=now)
    if lane:
        acts, rows = acts.filter(lane=lane), rows & Q(lane=lane)
    return rows | Q(pk__in=acts.values("delivery"))


def _stands(rows: Q) -> Callable[[datetime, str], Q]:
    return lambda now, lane: rows & (Q(lane=lane) if lane else Q())


def _out(now: datetime, lane: str) -> Q:
    gone = Event.objects.filter(now=State.PUBLISHED, at__gt=now - HOUR)
    return _stands(Q(pk__in=gone.values("delivery")))(now, lane)


SOONEST = ("due_at", "pk")
SHOWN: dict[str, Shown] = {
    "open": Shown(_("En cours et à venir"), _stands(Q(state__in=OPEN)), ("planned_at", "pk")),
    "published": Shown(_("Publiées"), _stands(Q(state=State.PUBLISHED))),
    "all": Shown(_("Toutes"), _stands(Q())),
    "due": Shown(_("En file"), _due, SOONEST),
    "hour": Shown(_("Publiées depuis une heure"), _out),
    "soon": Shown(
        _("Dans l'heure"),
        lambda now, lane: _stands(
            Q(state__in=_TO_CLAIM, due_at__lte=now + HOUR)
            | Q(state=State.PLANNED, stop=Stop.GATE, planned_at__lte=now + HOUR)
        )(now, lane),
        ("planned_at", "pk"),
    ),
    "overdue": Shown(
        _("Pas encore parties à leur heure"),
        lambda now, lane: _stands(Q(state__in=BEFORE_SENDING, planned_at__lte=now) & ~Q(stop=Stop.GATE))(now, lane),
        ("planned_at", "pk"),
    ),
    "refused": Shown(_("Refusées"), _stands(Q(state=State.REFUSED))),
    "retrying": Shown(_("En reprise"), _stands(Q(state=State.PLANNED, tries__gt=0, stop="")), SOONEST),
    "late": Shown(_("Trop tard : à décider"), _stands(Q(state=State.PLANNED, stop=Stop.LATE))),
    "brake": Shown(_("Freinées : à décider"), _stands(Q(state=State.PLANNED, stop=Stop.BRAKE))),
    "verifying": Shown(_("En vérification"), _stands(Q(state=State.UNCERTAIN, look_at__isnull=False))),
    "held": Shown(_("Suspendues"), _stands(Q(state=State.HELD))),
}
"""The filter's choices; the first three stand above the list, the others are where numbers lead."""
ALWAYS = 3


@dataclass(frozen=True, slots=True)
class Listed:
    """What is shown: a choice of SHOWN, and of these only a lane's, an account's or a campaign's (public ids), or one code's."""

    show: str = "open"
    lane: str = ""
    account: str = ""
    campaign: str = ""
    code: str = ""

    @classmethod
    def asked(cls, given: QueryDict) -> Listed:
        """What an address asks for. A choice or a lane that there isn't is left out."""
        show, lane = given.get("show", "open"), given.get("lane", "")
        named = {key: given.get(key, "").replace("\x00", "") for key in ("account", "campaign", "code")}
        return cls(show if show in SHOWN else "open", lane if lane in Lane.values else "", **named)

    def of(self, mine: DeliveryQuerySet, now: datetime) -> DeliveryQuerySet:
        shown = SHOWN[self.show]
        rows = mine.filter(shown.rows(now, self.lane)).order_by(*shown.order)
        if self.account:
            rows = rows.filter(account__public_id=self.account)
        if self.campaign:
            rows = rows.filter(message__campaign__public_id=self.campaign)
        return rows.filter(code=self.code) if self.code else rows

    @property
    def query(self) -> str:
        """As an address writes it, without what is empty."""
        return urlencode({key: value for key, value in asdict(self).items() if value})

    @property
    def word(self) -> Any:
        return SHOWN[self.show].word

    @property
    def choices(self) -> list[tuple[str, Any, bool]]:
        """Those above the list: the address's query, the word, whether it is this one. What narrows stays."""
        first = list(SHOWN)[:ALWAYS]
        return [(replace(self, show=name).query, SHOWN[name].word, name == self.show) for name in first]

    def narrowed(self, account: Account | None, campaign: Campaign | None = None) -> list[tuple[str, str]]:
        """What narrows it to less than a choice above the list, in words, and the query without it."""
        words = {
            "show": str(self.word) if self.show not in list(SHOWN)[:ALWAYS] else "",
            "lane": gettext(str(Lane(self.lane).label)) if self.lane else "",
            "account": account.name if account else self.account,
            "campaign": campaign.name if campaign else self.campaign,
            "code": word(self.code, get_language() or "fr") if self.code else "",
        }
        wide = asdict(Listed())
        return [(said, replace(self, **{name: wide[name]}).query) for name, said in words.items() if said]
