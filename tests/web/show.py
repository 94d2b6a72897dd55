"""A town in which each page has something to show: what the walk over every page visits, and as whom.

`fill` makes it and gives the visits. Things of one kind stand in as many states as their page knows.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels.rehearsal.mastodon import MastodonServer
from channels.rehearsal.smtp import SmtpServer
from diffusion import parts
from diffusion.accounts.models import Account
from diffusion.approval import decide
from diffusion.approval.models import Approval
from diffusion.brand.models import Charter
from diffusion.cli.demo import CHARTERS
from diffusion.delivery import amend, outside, plan
from diffusion.delivery import hold as stops
from diffusion.delivery.models import Delivery
from diffusion.delivery.states import State
from diffusion.directory import people
from diffusion.directory.models import Directorate, Person, Role, RoleKind
from diffusion.directory.people import make_link
from diffusion.intake import submit as intake
from diffusion.intake.models import Source, Via
from diffusion.intake.submit import Handed
from diffusion.message import write
from diffusion.message.campaign import join_campaign
from diffusion.message.models import Message
from diffusion.newsletter import subscribe
from diffusion.newsletter.models import Edition, List
from diffusion.parts import Part
from diffusion.rendition import versions
from diffusion.rendition.models import Version
from diffusion.schedule.models import Blackout
from tests import valclair
from tests.newsletter.test_progress import begun
from tests.web import town as things
from tests.web.test_access import NOBODY, TABLE
from tests.web.town import Town
from workers import tasks

LANES = ("urgent", "social", "intranet", "mail")
DAY = timedelta(days=1)
CUT = """L'eau sera coupée mercredi 17 juin 2031, de 8h30 à 12h30, rue des Tilleuls, à Saint-Aubin-sur-Clair.

Nous procédons au remplacement de **180 mètres** de canalisation posée en 1962. Une citerne d'EDCH vous attend place de l'Église dès 8h.

Une question, une personne fragile à signaler : 01 99 00 12 34, jour et nuit."""
LONG = "Anticonstitutionnellement-vôtre : un intitulé de direction qui n'en finit pas " * 3
"""A title that must wrap."""
WORD = "Hautesalpesintercommunalitetouristique"
"""One that can't break: in names and addresses, which people bring."""
NOT_PAGES = {
    "media": "a picture",
    "feed": "a feed",
    "figures_as": "for machines",
    "feed_secret": "a feed",
    "account_confirm_login_code": "leads to the sign-in when no code was asked for",
    "account_set_password": "leads to the change of one that there is",
    **{name: "for machines" for name in TABLE if name.startswith("v1:")},
}
"""Addresses that are read by no person, each with what it is."""
WHO = {"home": "agent", "me": "agent"}


@dataclass(frozen=True)
class Visit:
    """Who opens what. `name` is the address's, `what` says which of the things that it shows."""

    name: str
    role: str
    address: str
    what: str = ""
    status: int = 200


@dataclass
class Show:
    """The accounts of the town, and what puts messages on their way."""

    town: Town = field(default_factory=things.build)
    visits: list[Visit] = field(default_factory=list)

    def __post_init__(self) -> None:
        home = settings.DIFFUSION.make_home() / "rehearsal"
        Charter.objects.create(brand=valclair.brand(), text=(CHARTERS / "eau.yaml").read_text(encoding="utf-8"))
        self.mastodon, self.mail = MastodonServer(home), SmtpServer(home)
        for server in (self.mastodon, self.mail):
            server.start()
        self.network: Account = valclair.mastodon(self.mastodon)
        valclair.account("feed", name="Flux public")
        mail = {"host": self.mail.host, "port": self.mail.port, "security": "none"}
        self.letter = List.objects.create(
            account=valclair.account("smtp", sender="lettre@valclair.example", name="Lettre d’info", **mail),
            name="La lettre du Val-Clair", consent_text="J’accepte de recevoir la lettre par courriel.",
        )  # fmt: skip
        self.reader = subscribe.add(self.letter, email="amina@lecteurs.example", by=None, origin="show").subscriber
        self.ines, self.approver = self.town.people["communicator"], self.town.people["approver"]

    # messages on their way

    def draft(self, title: str, body: str = CUT) -> Message:
        words = write.Words(
            title, body, additions={"internal": "Le centre d'appels ouvre à 7h."}, media=[things.picture()],
            links=["https://eau.valclair.example/"],
        )  # fmt: skip
        made = write.draft(words, by=self.ines, directorate=valclair.water(), levels=["internal", "public"])
        versions.compose_all(made)
        return made

    def edited(self, message: Message, text: str) -> Version:
        return versions.edit(message.revision.versions.get(account=self.network), by=self.ines, text=text)

    def asked(self, title: str, later: timedelta | None = DAY) -> Approval:
        message = self.draft(title)
        message.publish_at = timezone.now() + later if later else None
        message.save()
        return decide.ask(message, by=self.ines, of=self.approver)

    def planned(self, title: str, later: timedelta | None = DAY) -> Message:
        message = decide.approve(self.asked(title, later), by=self.approver).message
        plan.plan(message, by=self.ines)
        return message

    def published(self, title: str) -> Message:
        """Out on every account."""
        message = self.planned(title, later=None)
        for _ in range(2):  # the agents' board, then what waited for it
            Delivery.objects.filter(message=message, stop="").update(due_at=timezone.now(), planned_at=timezone.now())
            self.work()
        assert set(message.deliveries.values_list("state", flat=True)) == {State.PUBLISHED}
        return message

    def work(self) -> None:
        for lane in LANES:
            tasks.deliver(lane)

    def revised(self, message: Message) -> Message:
        message.refresh_from_db()
        words = write.words_of(message.current)
        body = words.body.replace("17 juin", "18 juin").replace("mercredi", "jeudi")
        write.revise(message, replace(words, body=body), by=self.ines, based_on=message.current.number)
        versions.compose_all(message)
        message.refresh_from_db()
        return message

    def stopped(self, message: Message, state: State, **changes: Any) -> Delivery:
        """The network's delivery of a planned message, where a worker left it."""
        rows = message.deliveries.filter(account=self.network)
        rows.update(**{"state": state, "stop": "", "due_at": None, **changes})
        return rows.get()

    # who opens what

    def visit(self, name: str, role: str, *parts: str, what: str = "", query: str = "", status: int = 200) -> None:
        self.visits.append(Visit(name, role, reverse(name, args=parts) + query, what, status))

    def visit_the_table(self, but: set[str]) -> None:
        """Each page once, by the first who is let in."""
        for name, row in TABLE.items():
            if row.method == "get" and name not in {*NOT_PAGES, *but}:
                role = WHO.get(name, NOBODY if NOBODY in row.who else row.who[0])
                self.visits.append(Visit(name, role, reverse(name, kwargs=row.parts(self.town))))

    def as_others(self) -> list[Visit]:
        """One of each address, as each further role that is let in."""
        first = {visit.name: visit for visit in reversed(self.visits) if visit.status == 200}
        return [
            replace(visit, role=role)
            for visit in first.values()
            for role in TABLE[visit.name].who
            if role not in (visit.role, NOBODY)
        ]


def fill() -> dict[str, Any]:
    """Make the town. Gives the visits, and a session for each role."""
    show = Show()
    _handed_in(show)
    _drafts(show)
    _decisions(show)
    _out(show)
    _stopped(show)
    _readers(show)
    show.visit_the_table(but={visit.name for visit in show.visits})
    visits, others = ([asdict(visit) for visit in rows] for rows in (show.visits, show.as_others()))
    return {"visits": visits, "others": others, "sessions": _sessions(show.town)}


def _handed_in(show: Show) -> None:
    marc = show.town.people["contributor"]
    Role.objects.get_or_create(person=marc, kind=RoleKind.CONTRIBUTOR, directorate=valclair.water())
    rows = [Handed(title=LONG, text=CUT), Handed(title="Relevé des compteurs", text=CUT, url="https://eau.example/")]
    first, second = (intake.submit(row, directorate=valclair.water(), via=Via.FORM, by=marc) for row in rows)
    declined = intake.submit(Handed(title="Pot de départ"), directorate=valclair.water(), via=Via.FORM, by=marc)
    intake.decline(declined, by=show.ines, reason="C’est pour l’intranet du service.")
    write.draft_from([second], by=show.ines)
    show.visit("desk", "communicator")
    for what in ("taken", "declined"):
        show.visit("desk", "communicator", what=what, query=f"?show={what}")
    show.visit("submission", "contributor", first.public_id, what="waiting")
    show.visit("submission", "communicator", second.public_id, what="taken")
    show.visit("submission", "contributor", declined.public_id, what="declined")
    for name in ("submission_attach", "submission_decline"):
        show.visit(name, "communicator", first.public_id)
    other = Handed(title=WORD, text=CUT.replace("12h30", "13h") + " Le 18 juin 2031, tout sera rétabli.")
    third = intake.submit(other, directorate=valclair.water(), via=Via.FORM, by=marc)
    show.visit("submission_join", "communicator", first.public_id, query=f"?with={third.public_id}")
    told = second.messages.get().public_id
    show.visit("submission_attach_to", "communicator", third.public_id, told)
    show.visit("propose", "contributor")
    show.visit("submissions", "contributor")


def _drafts(show: Show) -> None:
    draft = show.draft(LONG)
    faulty = show.draft("Coupure d’eau rue des Tilleuls")
    version = show.edited(faulty, "L’eau sera coupée jeudi 18 juin 2031, rue des Tilleuls.")
    answered = show.draft("Relevé des compteurs à Montreuil")
    versions.override(show.edited(answered, "Rue des Tilleuls."), by=show.ines, reason="Le reste est dans l’image.")
    for what, message in (("draft", draft), ("faulty", faulty), ("answered for", answered)):
        show.visit("message", "communicator", message.public_id, what=what)
    for name in ("version_edit", "version_override"):
        show.visit(name, "communicator", faulty.public_id, version.account.public_id)
    for name in ("message_edit", "message_picture", "message_terms"):
        show.visit(name, "communicator", faulty.public_id)
    doubtful = show.draft(
        "Fête de l'eau", "Samedi 18 juin 2031. Restauration du 20 juin 2031 au 19 juin 2031. Appelez le 01 69 00 12."
    )
    for name in ("message", "message_edit"):
        show.visit(name, "communicator", doubtful.public_id, what="doubtful")


def _decisions(show: Show) -> None:
    asked = show.asked("Fuite avenue de la Gare")
    declined = decide.decline(show.asked("Travaux quai du Port"), by=show.approver, comment="La date est fausse.")
    again = decide.ask(show.revised(declined.message), by=show.ines, of=show.approver)
    stale = show.asked("Analyses du mois")
    show.revised(stale.message)
    given = show.planned("Une fuite ? Un seul numéro")
    for what, approval in (("asked", asked), ("again", again), ("stale", stale), ("given", given.approvals.get())):
        show.visit("approval", "approver", approval.public_id, what=what)
        show.visit("message", "communicator", approval.message.public_id, what=what)
    show.visit("approval_decline", "approver", asked.public_id)
    show.visit("approvals", "approver")
    for name in ("message_plan", "message_move", "message_cancel"):
        show.visit(name, "communicator", given.public_id)


def _out(show: Show) -> None:
    out, wrong, gone = (show.published(title) for title in ("Le prix de l’eau", "Coupure déplacée", "Visite annulée"))
    put_right = show.revised(show.published("Coupure d’eau rue du Moulin"))
    for message in (show.revised(wrong), put_right):
        decide.approve(decide.ask(message, by=show.ines, of=show.approver), by=show.approver)
    amend.correct(put_right, by=show.ines)
    summer = join_campaign(out, "Été au bord du Clair", by=show.ines).campaign
    show.visit("deliveries", "ops", what="campaign", query=f"?show=all&campaign={summer.public_id}")
    amend.withdraw(gone, by=show.ines, reason="Elle est annulée.")
    show.work()
    for what, message in (("out", out), ("wrong", wrong), ("put right", put_right), ("gone", gone)):
        show.visit("message", "communicator", message.public_id, what=what)
        show.visit("public_message", NOBODY, message.public_id, what=what, status=410 if message == gone else 200)
    for what, message in (("out", out), ("put right", put_right)):
        row = message.deliveries.get(account=show.town.account)
        show.visit("board_article", "agent", row.public_id, what=what)
        show.visit("delivery", "ops", message.deliveries.get(account=show.network).public_id, what=what)
    show.visit("message_correct", "communicator", wrong.public_id)
    _seen_otherwise(show)
    show.visit("message_withdraw", "communicator", out.public_id)
    show.visit("edition", NOBODY, Edition.objects.filter(delivery__message=out).get().public_id)


def _seen_otherwise(show: Show) -> None:
    """Somebody has been on the network since."""
    for what, changes in (("changed", {"text": "Reporté."}), ("missing", {"deleted": True})):
        message = show.published(f"Visite de la station, {what}")
        row = message.deliveries.get(account=show.network)
        for name, value in changes.items():
            setattr(show.mastodon.state.statuses[row.receipt.remote_id], name, value)
        for _ in range(2):
            Delivery.objects.filter(pk=row.pk).update(look_at=timezone.now())
            outside.look_outside()
        for name in ("delivery", "delivery_differs"):
            show.visit(name, "ops", row.public_id, what=what)
        show.visit("message", "communicator", message.public_id, what=what)


def _stopped(show: Show) -> None:
    now = timezone.now()
    sent = {"intent_at": now, "doubt_at": now}
    doubt = show.stopped(show.planned("Bourse aux plantes"), State.UNCERTAIN, looks=5, **sent)
    doubt.attempts.create(
        generation=1, lease="x", outcome="uncertain", code="no_answer", ended_at=now, evidence="read timed out " * 20
    )
    checking = show.stopped(show.planned("Concert d’orgue"), State.UNCERTAIN, look_at=now + DAY, **sent)
    refused = show.stopped(show.planned("Nuits Claires"), State.REFUSED, code="too_long")
    again = show.stopped(show.planned("Marché de Noël"), State.PLANNED, due_at=now + DAY, tries=2)
    for what, row in (("uncertain", doubt), ("checking", checking), ("refused", refused), ("again", again)):
        show.visit("delivery", "ops", row.public_id, what=what)
    for name, row in (("delivery_there", doubt), ("delivery_absent", doubt), ("delivery_cancel", again)):
        show.visit(name, "ops", row.public_id)
    _troubled(show)
    show.visit("deliveries", "ops")
    for what in ("published", "all", "refused&lane=social", "soon"):
        show.visit("deliveries", "ops", what=what, query=f"?show={what}")
    Blackout.objects.create(reason="Minute de silence", starts_at=now + DAY / 24, ends_at=now + DAY / 12)


def _troubled(show: Show) -> None:
    """A cause with several rows, accounts that each stand for a reason, a process that works and one that is silent."""
    now, later = timezone.now(), timezone.now() + DAY
    reasons: list[dict[str, Any]] = [
        {"throttled_until": later}, {"strikes": 5, "rests_until": later}, {"paused_at": now, "pause_code": "person"},
        {"paused_at": now, "pause_code": "account_refused"}, {},
    ]  # fmt: skip
    for number, reason in enumerate(reasons):
        account = valclair.account("board", level="public", name=f"{WORD} {number}")
        Account.objects.filter(pk=account.pk).update(**reason)
        for title in (LONG, "Six lieux frais", WORD, "Nuits Claires"):
            stands = {"stop": "brake"} if number % 2 else {"state": State.REFUSED, "code": "forbidden"}
            row = valclair.delivery(account, of=valclair.message(title))
            Delivery.objects.filter(pk=row.pk).update(due_at=None, **stands)
            valclair.delivery(account, of=valclair.message(title), due_in=1800)
    under_way = begun(states=[State.PUBLISHED] * 7 + [State.PLANNED] * 5, due_in=3600)
    for name, role, key in (("delivery", "ops", under_way), ("message", "communicator", under_way.message)):
        show.visit(name, role, key.public_id, what="letter under way")
    half = show.revised(begun(states=[State.PUBLISHED] * 7 + [State.PLANNED] * 5, due_in=3600).message)
    decide.approve(decide.ask(half, by=show.ines, of=show.approver), by=show.approver)
    show.visit("message_correct", "communicator", half.public_id, what="half sent")
    parts.beat(f"worker-{WORD.lower()}-1", kind=parts.WORKER, lanes=("social", "mail"), doing={"social": 2})
    parts.beat("clock-vm1-2", kind=parts.CLOCK, lanes=())
    Part.objects.filter(kind=parts.CLOCK).update(beat_at=now - timedelta(minutes=9))
    show.visit("deliveries_together", "ops", "retry", query="?show=refused")
    show.visit("replay", "ops")
    show.visit("part_drain", "ops", str(Part.objects.filter(kind=parts.WORKER).latest("pk").pk))


def _readers(show: Show) -> None:
    unit = Directorate.objects.create(name=f"{WORD} et patrimoine", slug="long", brand=valclair.brand())
    people.add_person(WORD, by=None, email=f"{WORD.lower()}@agglomeration.example")
    Source.objects.create(name=WORD, slug="long", directorate=unit, url=f"https://www.example/{WORD}")
    asked = subscribe.subscribe(show.letter, email="bruno@lecteurs.example").subscriber
    left = subscribe.subscribe(show.letter, email="chloe@lecteurs.example").subscriber
    subscribe.leave(show.letter, left)
    letter = show.letter.public_id
    show.visit("letter", NOBODY, letter)
    for what, reader in (("asked", asked), ("in", show.reader), ("left", left)):
        show.visit("letter_confirm", NOBODY, letter, reader.secret, what=what)
        show.visit("letter_leave", NOBODY, letter, reader.secret, what=what)
    show.visit("sign_in_link", NOBODY, make_link(show.town.guest), what="good")
    show.visit("sign_in_link", NOBODY, "spent", what="spent", status=410)
    show.visit("board", "agent")
    show.visit("feeds", "agent")
    show.visits.append(Visit("404", NOBODY, "/nowhere/", status=404))


def _sessions(town: Town) -> dict[str, str]:
    """Role → the cookie of somebody who has it and is signed in."""
    sessions = {}
    for kind, person in town.people.items():
        client = Client()
        client.force_login(person)
        sessions[kind] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return sessions


def hold() -> None:
    stops.hold(by=Person.objects.get(email="ops@valclair.example"), reason="Accident grave rue du Port")


def lift() -> None:
    stops.lift(by=Person.objects.get(email="ops@valclair.example"))
