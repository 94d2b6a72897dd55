"""The only way for a face to get an object: who may see and do what.

"Not yours" and "not there" look alike: both raise Http404. A role given for one directorate reaches that
directorate's things only; things without a directorate (accounts, people) are reached by the role alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet, prefetch_related_objects
from django.http import Http404

from diffusion.accounts.models import Account
from diffusion.approval.models import Approval
from diffusion.brand.models import Brand, Level
from diffusion.delivery.models import Delivery, DeliveryQuerySet
from diffusion.delivery.states import State
from diffusion.directory.models import Directorate, FeedAddress, Person, Role, RoleKind
from diffusion.intake.models import Source, Submission, SubmissionQuerySet
from diffusion.media import Asset
from diffusion.message.models import Message
from diffusion.newsletter.models import Consent, Edition, List
from diffusion.rendition.models import Version

R = RoleKind
WRITES = frozenset({R.COMMUNICATOR})
READS = frozenset({R.COMMUNICATOR, R.APPROVER, R.OPS})
RUNS = frozenset({R.OPS, R.ADMINISTRATOR})

RULES: dict[tuple[str, str], frozenset[RoleKind]] = {
    ("submission", "see"): frozenset({R.CONTRIBUTOR, R.COMMUNICATOR, R.APPROVER}),
    ("submission", "add"): frozenset({R.CONTRIBUTOR, R.COMMUNICATOR}),
    ("submission", "sort"): WRITES,
    ("message", "see"): READS,
    ("message", "edit"): WRITES,
    ("message", "approve"): frozenset({R.APPROVER}),
    ("message", "schedule"): WRITES,
    ("message", "withdraw"): WRITES,
    ("delivery", "see"): READS,
    ("delivery", "act"): frozenset({R.COMMUNICATOR, R.OPS}),
    ("source", "see"): WRITES | RUNS,
    ("source", "manage"): WRITES | RUNS,
    ("account", "see"): WRITES | RUNS,
    ("account", "manage"): RUNS,
    ("letter", "see"): WRITES | RUNS,
    ("letter", "manage"): WRITES,
    ("letter", "export"): frozenset({R.ADMINISTRATOR}),
    ("brand", "see"): WRITES | RUNS,
    ("brand", "manage"): frozenset({R.COMMUNICATOR, R.ADMINISTRATOR}),
    ("person", "see"): frozenset({R.ADMINISTRATOR}),
    ("person", "manage"): frozenset({R.ADMINISTRATOR}),
    ("person", "absent"): frozenset({R.ADMINISTRATOR}),
    ("directorate", "see"): frozenset({R.ADMINISTRATOR}),
    ("directorate", "manage"): frozenset({R.ADMINISTRATOR}),
    ("hold", "see"): WRITES | RUNS,
    ("hold", "manage"): WRITES | RUNS,
    ("journal", "see"): RUNS,
}
"""(thing, act) → the roles that may."""

_DIRECTORATE: dict[str, str] = {
    "submission": "directorate",
    "message": "directorate",
    "delivery": "message__directorate",
    "source": "directorate",
    "directorate": "pk",
}
"""Where a thing's directorate stands. What is not here has none."""

_PERSONAL: dict[tuple[str, str], Callable[[Person], Q]] = {
    ("submission", "see"): lambda person: Q(by=person),
    ("message", "see"): lambda person: _asked(person),
    ("message", "approve"): lambda person: _asked(person),
    ("person", "absent"): lambda person: Q(pk=person.pk),
}
"""What a person may beside their roles: their own, and what they were asked for, as a deputy too."""


def _asked(person: Person) -> Q:
    mine = Approval.objects.filter(Q(asked_of=person) | Q(deputy=person))
    return Q(pk__in=mine.values("message"))


def roles_of(person: Person) -> list[Role]:
    """The person's roles, read once a request."""
    prefetch_related_objects([person], "roles")
    return list(person.roles.all())


def kinds_of(person: Any) -> frozenset[str]:
    """The kinds of work that are theirs, anywhere. Nobody signed in has none."""
    if not getattr(person, "is_active", False) or not isinstance(person, Person):
        return frozenset()
    return frozenset(role.kind for role in roles_of(person))


def may(person: Any, thing: str, act: str) -> bool:
    """Whether one of their roles allows the act on some such thing: what a menu or a button asks."""
    return bool(kinds_of(person) & RULES[thing, act])


def reaches_all(person: Person, thing: str, act: str) -> bool:
    """Whether they may with every such thing, whatever its directorate: then a number of all is a number of theirs."""
    return _directorates(person, RULES[thing, act]) is None


def directorates(person: Person, thing: str, act: str) -> QuerySet[Directorate]:
    """The directorates for which they may: what a form offers."""
    reach = _directorates(person, RULES[thing, act])
    return Directorate.objects.all() if reach is None else Directorate.objects.filter(pk__in=reach)


def _directorates(person: Person, kinds: Iterable[str]) -> set[int] | None:
    """Primary keys of the directorates that roles of these kinds reach; None: all."""
    roles = [role for role in roles_of(person) if role.kind in kinds] if person.is_active else []
    if any(role.directorate_id is None for role in roles):
        return None
    return {role.directorate_id for role in roles if role.directorate_id}


def _within(person: Person, thing: str, act: str) -> Q:
    personal = _PERSONAL.get((thing, act))
    own = personal(person) if personal else Q(pk__in=())
    if not person.is_active:
        return Q(pk__in=())
    column = _DIRECTORATE.get(thing)
    reach = _directorates(person, RULES[thing, act])
    if reach is None or (column is None and reach):
        return Q()
    return own | Q(**{f"{column}__in": reach}) if column and reach else own


M = TypeVar("M", bound=Model)


def _one(rows: QuerySet[M], public_id: str) -> M:
    return _first(rows.filter(public_id=public_id.replace("\x00", "")))  # PostgreSQL takes no NUL


def _first(rows: QuerySet[M]) -> M:
    found = rows.first()
    if found is None:
        raise Http404
    return found


def submissions(person: Person, act: str = "see") -> SubmissionQuerySet:
    return Submission.objects.filter(_within(person, "submission", act)).select_related("directorate", "source", "by")


def submission(person: Person, public_id: str, to: str = "see") -> Submission:
    return _one(submissions(person, to), public_id)


def messages(person: Person, act: str = "see") -> QuerySet[Message]:
    rows = Message.objects.filter(_within(person, "message", act))
    return rows.select_related("directorate", "brand", "campaign", "revision", "made_by")


def message(person: Person, public_id: str, to: str = "see") -> Message:
    return _one(messages(person, to), public_id)


def version(person: Person, message_id: str, account_id: str, to: str = "see") -> Version:
    """An account's version of the message's present revision."""
    of = message(person, message_id, to)
    return _first(Version.objects.filter(revision=of.revision, account__public_id=account_id).select_related("account"))


def deliveries(person: Person, act: str = "see") -> DeliveryQuerySet:
    rows = Delivery.objects.filter(_within(person, "delivery", act))
    return rows.select_related("account", "message__directorate", "message__revision", "revision", "receipt")


def delivery(person: Person, public_id: str, to: str = "see") -> Delivery:
    return _one(deliveries(person, to), public_id)


def approvals(person: Person) -> QuerySet[Approval]:
    """Questions put to this person, or to them as a deputy, open ones first."""
    rows = Approval.objects.filter(Q(asked_of=person) | Q(deputy=person))
    return rows.select_related("message__revision", "asked_by")


def approval(person: Person, public_id: str) -> Approval:
    """A question of theirs, or of a message that they may approve."""
    rows = answerable(person).select_related("message__brand", "message__made_by", "revision", "deputy")
    return _one(rows, public_id)


def answerable(person: Person) -> QuerySet[Approval]:
    """All questions that this person may answer: put to them, or of a message that they may approve."""
    rows = Approval.objects.filter(message__in=messages(person, "approve").order_by())
    return rows.select_related("message__revision", "message__directorate", "asked_by", "asked_of", "decided_by")


def sources(person: Person, act: str = "see") -> QuerySet[Source]:
    return Source.objects.filter(_within(person, "source", act)).select_related("directorate")


def source(person: Person, public_id: str, to: str = "see") -> Source:
    return _one(sources(person, to), public_id)


def accounts(person: Person, act: str = "see") -> QuerySet[Account]:
    return Account.objects.filter(_within(person, "account", act)).select_related("brand", "owner")


def account(person: Person, public_id: str, to: str = "see") -> Account:
    return _one(accounts(person, to), public_id)


def letters(person: Person, act: str = "see") -> QuerySet[List]:
    return List.objects.filter(_within(person, "letter", act)).select_related("account")


def letter(person: Person, public_id: str, to: str = "see") -> List:
    return _one(letters(person, to), public_id)


def brands(person: Person, act: str = "see") -> QuerySet[Brand]:
    return Brand.objects.filter(_within(person, "brand", act))


def brand(person: Person, public_id: str, to: str = "see") -> Brand:
    return _one(brands(person, to), public_id)


def people(person: Person, act: str = "see") -> QuerySet[Person]:
    return Person.objects.filter(_within(person, "person", act))


def person(by: Person, public_id: str, to: str = "see") -> Person:
    return _one(people(by, to), public_id)


def directorate(by: Person, public_id: str, to: str = "see") -> Directorate:
    return _one(Directorate.objects.filter(_within(by, "directorate", to)), public_id)


def followed(person: Person) -> SubmissionQuerySet:
    """What they handed in themselves, and what came from the directorates for which they contribute."""
    reach = _directorates(person, {R.CONTRIBUTOR})
    theirs = Q() if reach is None else Q(by=person) | Q(directorate__in=reach)
    return Submission.objects.filter(theirs).select_related("directorate", "source", "by", "declined_by")


def board(person: Person) -> DeliveryQuerySet:
    """What agents read: live deliveries on the boards of the internal level."""
    rows = Delivery.objects.live().filter(account__channel="board", level=Level.INTERNAL)
    rows = rows if person.is_active else rows.none()
    return rows.select_related("account", "message__directorate", "message__revision", "revision", "receipt")


def public_deliveries(message_id: str) -> DeliveryQuerySet:
    """What of a message the public can or could read: live and withdrawn. Raises Http404 when nothing was ever out."""
    was_out = [State.PUBLISHED, State.WITHDRAWN]
    shown = Delivery.objects.filter(message__public_id=message_id, level=Level.PUBLIC, state__in=was_out)
    if not shown.exists():
        raise Http404
    return shown.select_related("account", "message__brand", "message__directorate", "revision", "receipt")


def feed(slug: str, secret: str = "") -> Account:
    """A feed's account: the public ones for everybody, others only under a person's own address."""
    known = FeedAddress.find(secret) if secret else None
    level = known.level if known else "" if secret else Level.PUBLIC
    return _first(Account.objects.filter(channel="feed", slug=slug, level=level).select_related("brand"))


def feeds(person: Person) -> QuerySet[Account]:
    """The feeds that a person may follow: public ones, and as an agent the internal and partner ones."""
    return Account.objects.filter(channel="feed", **({} if kinds_of(person) else {"level": Level.PUBLIC}))


def picture(person: Any, public_id: str) -> Asset:
    """A picture: for everybody once it stands in something public and live, before that for whoever is signed in."""
    rows = Asset.objects.all()
    if not kinds_of(person):
        live = Delivery.objects.live().unrecalled().filter(level=Level.PUBLIC)
        rows = rows.filter(revisions__deliveries__in=live).distinct()
    return _one(rows, public_id)


def open_letter(public_id: str, *, to_leave: bool = False) -> List:
    """A letter that the public may ask for. To leave, also one for agents or partners, which has no other open page."""
    return _one(List.objects.filter(**({} if to_leave else {"account__level": Level.PUBLIC})), public_id)


def reader(letter: List, secret: str) -> Consent:
    """Whose mail carried this link, and where they stand on the list."""
    return _first(Consent.objects.filter(list=letter, subscriber__secret=secret).select_related("subscriber"))


def edition(public_id: str) -> Edition:
    """An issue that anybody may read: of a public letter, out, and not withdrawn, though its mails stay where they are."""
    rows = Edition.objects.filter(list__account__level=Level.PUBLIC, delivery__in=Delivery.objects.live().unrecalled())
    return _one(rows.select_related("list", "delivery"), public_id)
