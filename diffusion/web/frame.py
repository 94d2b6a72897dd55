"""The frame around every page: whose authority, this person's menu with what waits for them, the hold, the theme.

`ReaderMiddleware` lets each request be read in its person's language and in the authority's time zone.
"""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.views.defaults import server_error

from diffusion import access
from diffusion.accounts.models import Account
from diffusion.brand import charter
from diffusion.brand.models import Brand, Level
from diffusion.brand.theme import FIRST, SECOND, theme
from diffusion.delivery.holding import SCOPES, Hold
from diffusion.directory.models import Authority, Person, RoleKind
from diffusion.errors import No
from diffusion.newsletter.models import List
from diffusion.web.answers import refuse

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """An entry of the menu. `key` follows `g` on the keyboard; `also` names further pages that belong to it."""

    label: Any
    icon: str
    key: str = ""
    also: tuple[str, ...] = ()


PAGES: dict[str, Page] = {
    "desk": Page(_("Bureau"), "inbox", "b"),
    "messages": Page(_("Messages"), "pencil-square", "m"),
    "letters": Page(_("Lettres"), "envelope", "l"),
    "propose": Page(_("Proposer"), "plus-circle", "p"),
    "submissions": Page(_("Mes propositions"), "list-check", "s"),
    "approvals": Page(_("À décider"), "person-check", "a"),
    "deliveries": Page(_("Diffusions"), "send", "d", ("hold",)),
    "people": Page(_("Personnes"), "people", "u", ("directorates",)),
    "accounts": Page(_("Canaux"), "broadcast", "c", ("sources",)),
    "journal": Page(_("Journal"), "journal-text", "j"),
    "board": Page(_("Tableau"), "newspaper", "t"),
}
MENU: dict[str, tuple[str, ...]] = {
    RoleKind.COMMUNICATOR: ("desk", "messages", "letters", "deliveries"),
    RoleKind.CONTRIBUTOR: ("propose", "submissions", "board"),
    RoleKind.APPROVER: ("approvals", "board"),
    RoleKind.OPS: ("deliveries", "accounts", "journal"),
    RoleKind.AGENT: ("board",),
    RoleKind.ADMINISTRATOR: ("people", "accounts", "journal"),
}
"""The pages of each role; several roles: the union, in the order of this table."""
IN_BAR = 4
"""How many entries the phone's bottom bar holds beside « Plus »."""


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    page: Page
    url: str
    is_current: bool
    waiting: int


def pages_of(person: Any) -> list[str]:
    """The names of a person's pages, in the menu's order."""
    kinds = access.kinds_of(person)
    names = [name for kind, names in MENU.items() if kind in kinds for name in names]
    return list(dict.fromkeys(names))


WAITING: dict[str, Callable[[Person], int]] = {
    "desk": lambda person: access.submissions(person, "sort").open().count(),
    "approvals": lambda person: access.approvals(person).filter(decision="asked").count(),
    "deliveries": lambda person: access.deliveries(person, "act").waiting_for_a_person().count(),
}
"""What waits for this person, a page."""


class Frame:
    """Read only as far as a template asks: a fragment that shows no menu costs no query."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @functools.cached_property
    def person(self) -> Person | None:
        user = getattr(self.request, "user", None)
        return user if isinstance(user, Person) else None

    @functools.cached_property
    def authority(self) -> Authority:
        return getattr(self.request, "authority", None) or Authority.get()

    @functools.cached_property
    def hold(self) -> Hold | None:
        """The one over everything."""
        return next((row for row in self.holds if not row.over), None)

    @functools.cached_property
    def holds(self) -> list[Hold]:
        return list(Hold.objects.in_force().select_related("by", *SCOPES))

    @functools.cached_property
    def may_hold(self) -> bool:
        return access.may(self.person, "hold", "manage")

    @functools.cached_property
    def letters(self) -> list[List]:
        """Those that anybody may ask for."""
        return list(List.objects.filter(is_open=True, account__level=Level.PUBLIC))

    @functools.cached_property
    def feeds(self) -> list[Account]:
        """Those that anybody may follow."""
        return list(Account.objects.filter(channel="feed", level=Level.PUBLIC))

    @functools.cached_property
    def theme(self) -> str:
        """`light` or `dark` where the person chose; empty follows the system."""
        chosen = self.request.COOKIES.get("theme", "")
        return chosen if chosen in ("light", "dark") else ""

    @functools.cached_property
    def css(self) -> str:
        """The brand's tokens, to follow the sheet."""
        return theme(*brand_colours()).css

    @functools.cached_property
    def menu(self) -> list[Entry]:
        return [self._entry(name) for name in pages_of(self.person)]

    @property
    def bar(self) -> list[Entry]:
        """What stands in the phone's bottom bar."""
        return self.menu if len(self.menu) <= IN_BAR + 1 else self.menu[:IN_BAR]

    @property
    def more(self) -> list[Entry]:
        """What stands behind « Plus » there."""
        return self.menu[len(self.bar) :]

    def _entry(self, name: str) -> Entry:
        url = reverse(name)
        waiting = WAITING[name](self.person) if name in WAITING and self.person else 0
        under = (url, *map(reverse, PAGES[name].also))
        return Entry(name, PAGES[name], url, self.request.path.startswith(under), waiting)


def frame(request: HttpRequest) -> dict[str, Frame]:
    """Django's context processor."""
    return {"frame": Frame(request)}


def brand_colours() -> tuple[str, str]:
    """The two colours of the authority's own brand: the one that was there first."""
    brand = Brand.objects.order_by("pk").first()
    newest = brand.charters.order_by("-pk").values_list("text", flat=True).first() if brand else None
    return _colours_of(newest or "")


@functools.lru_cache(maxsize=32)
def _colours_of(text: str) -> tuple[str, str]:
    """A charter takes milliseconds to read: once for each text, not once a page."""
    colours = charter.load(text).colours if text else ()
    return (colours[0], colours[1]) if len(colours) >= 2 else (FIRST, SECOND)


class ReaderMiddleware:
    """The innermost: the person's language and the authority's zone, and what a verb or a lost database answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # no name of ours has a NUL, and PostgreSQL takes none; the API says so in its own way
        if "\x00" in request.path and not request.path.startswith("/api/"):
            raise Http404
        try:
            request.authority = Authority.get()  # type: ignore[attr-defined]
            timezone.activate(request.authority.zone)  # type: ignore[attr-defined]
            if isinstance(request.user, Person) and request.user.is_active:
                translation.activate(request.user.language)
                request.LANGUAGE_CODE = translation.get_language()
        except (OperationalError, InterfaceError) as fault:
            if not is_unreachable(fault):
                raise
            return unreachable(fault)
        answer = self.get_response(request)
        if request.user.is_authenticated and not answer.has_header("Cache-Control"):
            answer.headers["Cache-Control"] = "private, no-cache"  # no shared cache keeps what one person may see
        return answer

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, No):
            return refuse(request, exception)
        if is_unreachable(exception):
            return unreachable(exception)
        return None


def is_unreachable(fault: Exception) -> bool:
    """Gone or locked, rather than asked for what it has not: SQLite calls a missing column operational too."""
    return isinstance(fault, OperationalError | InterfaceError) and not str(fault).startswith("no such ")


def unreachable(fault: Exception) -> HttpResponse:
    """The database does not answer: nothing was accepted, and the page says so without asking it anything."""
    log.error("database_unreachable fault=%s reason=%s", type(fault).__name__, str(fault).partition("\n")[0])
    answer = HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "10"})
    setattr(answer, "_has_been_logged", True)  # noqa: B010  # not declared; Django would say it once more
    return answer


def failed(request: HttpRequest) -> HttpResponse:
    """An error of ours, or a database that went away where no view was running: while a session was being kept."""
    fault = sys.exception()
    if isinstance(fault, Exception) and is_unreachable(fault):
        return unreachable(fault)
    return server_error(request)
