"""`diffusion replay`: a window after an outage, its plan shown first. `diffusion reconcile`: what a restore left open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from diffusion.cli.main import answered

if TYPE_CHECKING:
    from diffusion.delivery.models import Delivery
    from diffusion.delivery.replay import Step

FATES = {
    "again": ("repart", "goes again"),
    "look": ("d’abord recherchée", "looked for first"),
    "waits": ("part d’elle-même", "goes by itself"),
    "held": ("suspendue", "held"),
    "person": ("une personne décide", "a person decides"),
}
WORDS = {
    "nothing": ("Rien d’ouvert dans cette fenêtre.", "Nothing is open in this window."),
    "done": (
        "{count} diffusion(s) repartent ou sont recherchées.",
        "{count} delivery(ies) go again or are looked for.",
    ),
    "never": (
        "Aucune restauration n’est notée. Restaurée autrement : --since, l’heure de la sauvegarde.",
        "No restore is noted. Restored by other means: --since, the time of the backup.",
    ),
    "since": ("Depuis la sauvegarde du {at} :", "Since the backup of {at}:"),
    "settled": ("Rien n’est plus en doute.", "Nothing is in doubt any more."),
    "strangers": (
        "Publié depuis, inconnu ici. Ne le programmez pas une seconde fois :",
        "Posted since, not known here. Don’t plan it a second time:",
    ),
    "no_strangers": (
        "Rien d’inconnu sur les comptes qui se lisent.",
        "Nothing unknown on the accounts that can be read.",
    ),
    "unread": ("À regarder vous-même, le canal ne se relit pas : {names}", "Look yourself, it can’t be read: {names}"),
}
A_LINE = 90
TIME = "2026-11-24T08:00"


@click.command()
@click.option("--from", "start", metavar="TIME", help=f"Planned from then on, such as {TIME}. By default a day ago.")
@click.option("--to", "end", metavar="TIME", help="Planned until then. By default now.")
@click.option("--account", default="", metavar="SLUG", help="Only to this account.")
@click.option("--overdue", type=click.Choice(["send", "move", "drop"]), default="send",
              help="What is not out: goes (the default), is moved with its message, or is cancelled.")  # fmt: skip
@click.option("--at", metavar="TIME", help="With --overdue move: when the public reads it.")
@click.option("--dry-run", is_flag=True, help="Only show what would become of each.")
@click.option("--by", default="", metavar="EMAIL", help="Who does it, for the journal. By default Diffusion itself.")
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
@answered
def replay(
    start: str | None,
    end: str | None,
    account: str,
    overdue: str,
    at: str | None,
    dry_run: bool,
    by: str,
    as_json: bool,
) -> None:
    """After an outage: send again what was given up, look for what is in doubt. What is out is never touched.

    \b
    Example: diffusion replay --from 2026-11-24T08:00 --dry-run
    """
    from django.utils import timezone

    from diffusion.accounts.models import Account
    from diffusion.cli import terminal
    from diffusion.delivery import replay as verbs
    from diffusion.delivery.models import Delivery

    now = timezone.now()
    rows = Delivery.objects.all()
    if account:
        rows = rows.filter(account=terminal.named(Account.objects.all(), account))
    planned = verbs.steps(rows, _moment(start) or now - timedelta(days=1), _moment(end) or now)
    if (overdue == "move") != bool(at):
        raise click.UsageError("--overdue move and --at TIME go together")
    moment = _moment(at)
    count = 0 if dry_run else verbs.replay(planned, by=terminal.actor(by), overdue=overdue, at=moment)
    if as_json:
        terminal.print_json({"plan": [row(step) for step in planned], "acted": count})
        return
    show(planned)
    if not dry_run:
        click.echo(terminal.told(WORDS, "done", count=count))


@click.command()
@click.option("--since", metavar="TIME", help=f"The database was restored by other means, as it was then: {TIME}.")
@click.option("--dry-run", is_flag=True, help="Only show what would become of each.")
@click.option("--by", default="", metavar="EMAIL", help="Who does it, for the journal. By default Diffusion itself.")
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
@answered
def reconcile(since: str | None, dry_run: bool, by: str, as_json: bool) -> None:
    """After a restore: what is in doubt still, and what stands on the accounts that this database doesn't know.

    With --since it first holds everything and puts in doubt what may have gone out since, as `restore` does by itself.
    Exit status 1 while something is in doubt.

    \b
    Example: diffusion reconcile --since 2026-11-24T02:00 --dry-run
    """
    from diffusion.cli import terminal
    from diffusion.delivery import replay as verbs
    from diffusion.newsletter import doubts

    moment = _moment(since)
    if moment and dry_run:
        planned = verbs.after_restore()
    elif moment:
        planned = verbs.restored(moment, by=terminal.actor(by))
        doubts.doubt_restored(moment)
    else:
        planned, moment = verbs.in_doubt(), verbs.last_restore()
        if moment is None:
            raise click.ClickException(terminal.told(WORDS, "never"))
    strangers, unread = verbs.strangers(moment)
    if as_json:
        told = [
            {"account": a.slug, "id": p.id, "url": p.url, "at": terminal.stamp(p.at), "text": p.text}
            for a, p in strangers
        ]
        plan = [row(step) for step in planned]
        terminal.print_json({"since": terminal.stamp(moment), "plan": plan, "unknown": told, "unread": unread})
    else:
        click.echo(terminal.told(WORDS, "since", at=terminal.at(moment)))
        show(planned, none="settled")
        _show_strangers(strangers, unread)
    if planned:
        raise SystemExit(1)


def _show_strangers(strangers: list[tuple[Any, Any]], unread: list[str]) -> None:
    from diffusion.cli import terminal

    click.echo(terminal.told(WORDS, "strangers" if strangers else "no_strangers"))
    if strangers:
        terminal.print_table(
            (account.slug, terminal.at(post.at), post.url or post.id, " ".join(post.text.split())[:A_LINE])
            for account, post in strangers
        )
    if unread:
        click.echo(terminal.told(WORDS, "unread", names=", ".join(unread)))


def show(planned: Iterable[Step], none: str = "nothing") -> None:
    """The plan as people read it: how many of each fate, then each."""
    from diffusion.cli import terminal

    steps = list(planned)
    if not steps:
        click.echo(terminal.told(WORDS, none))
        return
    counts = Counter(step.fate.value for step in steps)
    click.echo(", ".join(f"{count} {terminal.pick(*FATES[fate])}" for fate, count in counts.items()))
    terminal.print_table(
        (terminal.pick(*FATES[step.fate]), *_cells(step.delivery)) for step in steps
    )  # fmt: skip


def _cells(delivery: Delivery) -> tuple[object, ...]:
    from diffusion.cli import deliveries, terminal

    state = deliveries.state_words(delivery.shown_state)
    return delivery.public_id, state, terminal.at(delivery.planned_at), delivery.account.slug, str(delivery.message)


def row(step: Step) -> dict[str, Any]:
    """One step for scripts."""
    from diffusion.cli import terminal

    one = step.delivery
    return {
        "delivery": one.public_id, "fate": step.fate.value, "state": one.state, "account": one.account.slug,
        "planned_at": terminal.stamp(one.planned_at), "message": one.message.public_id, "title": str(one.message),
    }  # fmt: skip


def _moment(given: str | None) -> datetime | None:
    """A time as typed: RFC 3339, or without a zone in the authority's. Raises BadInput."""
    from diffusion.directory.models import Authority
    from diffusion.errors import BadInput

    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise BadInput("time_unreadable", given=given, example=TIME) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=Authority.get().zone)
