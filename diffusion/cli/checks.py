"""What `doctor` looks at. Each check is a question to this installation, and answers with what is wrong; none changes anything."""

from __future__ import annotations

import shutil
import stat
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.core.checks import CheckMessage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min
from django.db.models.functions import Now
from django.utils import timezone

from diffusion import vault
from diffusion.accounts.models import Account
from diffusion.brand.models import Brand
from diffusion.cli import outward_checks, terminal
from diffusion.cli.findings import finding
from diffusion.cli.main import language
from diffusion.config import Config
from diffusion.delivery import breaker, watch
from diffusion.delivery.holding import SCOPES, Hold
from diffusion.delivery.models import LEASE_IS_OVER, Amendment, Delivery, Stop
from diffusion.delivery.states import State
from diffusion.directory.models import Authority, Mail, Person, RoleKind
from diffusion.errors import BadInput, word
from diffusion.home import CREDENTIALS_FILE, SIGNING_FILE
from diffusion.intake import complaints
from diffusion.intake.models import Source
from diffusion.parts import Part
from diffusion.tone.spelling import DEBIAN, speller

MIB = 1024 * 1024
LITTLE_ROOM, NO_ROOM = 1024 * MIB, 200 * MIB
DRIFT_S = 2.0
"""Leases are counted by the database's clock, times shown and planned by the process's."""
BROKER_S, CONNECT_S = 3, 5
PULL_OVERDUE = timedelta(minutes=10)

Found = Iterator[CheckMessage]


def settings(config: Config) -> Found:
    """Settings that work, and that an operator would still want to know of."""
    host = urlsplit(config.base_url).hostname or ""
    is_local = host in ("localhost", "127.0.0.1", "::1")
    if config.debug:
        yield finding("S002")
    if not is_local and not config.is_secure:
        yield finding("S003", url=config.base_url)
    if config.rehearsal:
        yield finding("S005")
    if config.email_url is None:
        outbox = config.home / "outbox"
        waiting = sum(1 for _ in outbox.iterdir()) if outbox.is_dir() else 0
        if waiting or not is_local:
            yield finding("S004", count=waiting, folder=outbox)


def home(config: Config) -> Found:
    """The folder of everything that a run keeps: ours, private, with room."""
    try:
        path = config.make_home()
        mark = path / ".doctor"
        mark.write_text("")
        mark.unlink()
    except OSError:
        yield finding("H001", path=config.home)
        return
    for each in (SIGNING_FILE, CREDENTIALS_FILE, "diffusion.sqlite3"):
        yield from _private(path / each, among_friends=each.endswith("sqlite3"))
    free = shutil.disk_usage(path).free
    if free < LITTLE_ROOM:
        yield finding("H004" if free < NO_ROOM else "H003", free=free // MIB, path=path)


def _private(file: Path, *, among_friends: bool) -> Found:
    """The database's own mode may be wider: the folder around it is closed."""
    if not file.exists() or among_friends:
        return
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        yield finding("H002", path=file, mode=f"{mode:o}")


def broker(config: Config) -> Found:
    """What wakes the workers. Without it all is right, and late."""
    url = config.broker_url.get_secret_value()
    if url.startswith("memory:"):
        if not config.is_embedded:
            yield finding("B002")
        return
    from kombu import Connection

    try:
        with Connection(url, connect_timeout=BROKER_S, transport_options={"socket_connect_timeout": BROKER_S}) as way:
            way.ensure_connection(max_retries=1, timeout=BROKER_S)
    except Exception as fault:  # whatever the transport raises; each has its own
        yield finding("B001", fault=type(fault).__name__)


def database() -> Found:
    """Reachable, migrated, and of one mind about the time. What follows is only asked if this is well."""
    try:
        _knock()
        plan = MigrationExecutor(connection)
        missing = plan.migration_plan(plan.loader.graph.leaf_nodes())
        if missing:
            yield finding("D002", count=len(missing))
            return
        before = time.time()
        theirs = Authority.objects.annotate(now=Now()).values_list("now", flat=True).get(pk=1)
        drift = abs(theirs.timestamp() - (before + time.time()) / 2)
    except DatabaseError as fault:
        yield finding("D001", fault=str(fault).strip().splitlines()[0] if str(fault).strip() else type(fault).__name__)
        return
    if drift > DRIFT_S:
        yield finding("D003", seconds=round(drift, 1))


def _knock() -> None:
    """One connection outside the pool, which would go on trying for half a minute. Raises DatabaseError."""
    if connection.vendor != "postgresql":
        return
    with connection.wrap_database_errors:
        psycopg.connect(**connection.get_connection_params() | {"connect_timeout": CONNECT_S}).close()


def people() -> Found:
    """Somebody must be able to let the others in."""
    if not Person.objects.filter(is_active=True, roles__kind=RoleKind.ADMINISTRATOR).exists():
        yield finding("P001")


def accounts() -> Found:
    """Places that can't be reached now: paused, or with credentials that no key of ours opens."""
    for account in Account.objects.all():
        if account.paused_at:
            why = terminal.pick("par une personne", "by a person")
            why = why if account.pause_code == "person" else word(account.pause_code, language())
            since = terminal.at(account.paused_at)
            yield finding("A001", account.slug, name=account.name, slug=account.slug, since=since, why=why)
        if account.strikes >= breaker.STRIKES:
            count = account.deliveries.filter(breaker.WAITS).count()
            yield finding("A006", account.slug, name=account.name, slug=account.slug, count=count)
        if account.is_silent:
            yield finding("A003", account.slug, name=account.name)
        try:
            vault.unseal(account.sealed)
        except BadInput:
            yield finding("A002", account.slug, name=account.name, slug=account.slug)


def sources() -> Found:
    """Sources that fail, or that nobody pulls."""
    for source in Source.objects.exclude(health=""):
        facts = next((row["facts"] for row in source.complaints if row["code"] == source.health), None)
        known = source.health in complaints.WORDS
        why = complaints.message(source.health, facts, language()) if known else source.health
        yield finding("I001", source.slug, name=source.name, failures=source.failures, why=why, url=source.url)
    for source in Source.objects.filter(next_pull_at__lt=timezone.now() - PULL_OVERDUE):
        yield finding("I002", source.slug, name=source.name, since=terminal.at(source.next_pull_at))


def _serve(count: int) -> str:
    if not count:
        return terminal.pick("que personne ne sert", "which nobody serves")
    return terminal.pick(f"servie par {count} processus", f"served by {count} process(es)")


def spelling() -> Found:
    """A charter that asks for spelling, on a machine without Hunspell or the language's dictionary."""
    for brand in Brand.objects.all():
        charter = brand.charter
        if charter.spelling and speller(charter.lang) is None:
            yield finding("C001", brand, name=brand.name, package=DEBIAN.get(charter.lang, "hunspell"))


def deliveries() -> Found:
    """What should have gone out and has not; what waits for a person."""
    for held in Hold.objects.in_force().select_related(*SCOPES):
        what = str(held.over or terminal.pick("tout", "everything"))
        yield finding("L004", since=terminal.at(held.at), over=what, option=held.option)
    alive = list(Part.objects.alive())
    for row in watch.stalled():
        serve = _serve(sum(row.lane in part.lanes for part in alive))
        yield finding("L001", row.lane, lane=row.lane, serve=serve, count=row.count, since=terminal.at(row.since))
    over = (
        Delivery.objects.filter(LEASE_IS_OVER, lease_until__lt=timezone.now() - watch.OVERDUE).exclude(lease="").count()
    )
    if over:
        yield finding("L005", count=over)
    unsent = Mail.objects.filter(made_at__lt=timezone.now() - watch.OVERDUE).aggregate(
        count=Count("pk"), since=Min("made_at")
    )
    if unsent["count"]:
        yield finding("L007", count=unsent["count"], since=terminal.at(unsent["since"]))
    page = f"{Config.load().base_url}/deliveries/"
    waiting = {
        "L002": Delivery.objects.filter(state=State.UNCERTAIN, look_at=None, lease=""),
        "L003": Delivery.objects.filter(state=State.REFUSED),
        "L008": Delivery.objects.filter(state=State.PLANNED, stop=Stop.BRAKE),
        "L006": Amendment.objects.filter(done_at=None, due_at=None),
    }
    for code, rows in waiting.items():
        if count := rows.count():
            yield finding(code, count=count, url=page)


OUTWARD: tuple[Callable[[Config], Found], ...] = (outward_checks.relay, outward_checks.senders, outward_checks.probes)
AROUND: tuple[Callable[[Config], Found], ...] = (settings, home, broker)
INSIDE: tuple[Callable[[], Found], ...] = (people, accounts, sources, spelling, deliveries)


def all_findings(config: Config, *, here: bool = False, offline: bool = False) -> list[CheckMessage]:
    """Everything that is wrong, the worst first. What stands in the database is asked only if it can be, and not for
    this machine alone (`here`): a part of many is well even while another's work is late. `offline` asks nobody outside."""
    found = [each for check in AROUND for each in check(config)]
    ground = list(database())
    found += ground
    if not here and not any(each.id in ("diffusion.D001", "diffusion.D002") for each in ground):
        found += [each for check in INSIDE for each in check()]
        found += [each for check in OUTWARD if not offline for each in check(config)]
    return sorted(found, key=lambda each: -each.level)
