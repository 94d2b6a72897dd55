"""`diffusion doctor`: what is wrong here, and what to do. `diffusion status`: lanes, hold, sources and accounts at a glance."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from diffusion.cli.main import answered, language, ready

if TYPE_CHECKING:
    from diffusion.delivery.holding import Hold
    from diffusion.delivery.models import DeliveryQuerySet

LEVELS = {40: ("ERREUR", "ERROR"), 30: ("ATTENTION", "WARNING"), 20: ("À SAVOIR", "NOTE")}
WORDS = {
    "well": ("Tout va bien.", "All is well."),
    "held": ("SUSPENDU depuis {since}", "ON HOLD since {since}"),
    "held_over": ("SUSPENDU depuis {since} : {over}", "ON HOLD since {since}: {over}"),
    "lane": ("file", "lane"),
    "due": ("à envoyer", "due"),
    "planned": ("planifiées", "planned"),
    "braked": ("freinées", "braked"),
    "sending": ("en cours", "sending"),
    "uncertain": ("incertaines", "uncertain"),
    "refused": ("refusées", "refused"),
    "apart": ("Et en répétition : {said}", "And in rehearsal: {said}"),
    "sources": ("Sources : {total}, dont {failing} à surveiller", "Sources: {total}, {failing} failing"),
    "accounts": (
        "Comptes : {total}, dont {paused} en pause et {resting} au repos ({waiting} diffusion(s) attendent)",
        "Accounts: {total}, {paused} paused, {resting} resting ({waiting} delivery(ies) wait)",
    ),
}
COUNTED = ("due", "planned", "braked", "sending", "uncertain", "refused")


@click.command()
@click.option("--here", is_flag=True, help="Only what this machine needs: settings, home, database, broker.")
@click.option("--offline", is_flag=True, help="Ask neither channels, nor the mail relay, nor the DNS.")
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
def doctor(here: bool, offline: bool, as_json: bool) -> None:
    """Say what is wrong, and what to do about it. Exit status 1 if something keeps Diffusion from working.

    \b
    Example: diffusion doctor
    """
    found = _found(here, offline)
    if as_json:
        rows = [
            {"id": f["id"], "level": LEVELS[f["level"]][1].lower(), "message": f["message"], "hint": f["hint"], "object": f["object"]}
            for f in found
        ]  # fmt: skip
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2).encode("utf-8"))
    else:
        lines = [
            f"{_pick(LEVELS[f['level']])} {f['message']}\n    → {f['hint']}  [{f['id']}]" for f in found
        ] or [_pick(WORDS["well"])]  # fmt: skip
        click.echo("\n".join(lines).encode("utf-8"))
    sys.exit(1 if any(f["level"] >= 40 for f in found) else 0)


def _found(here: bool, offline: bool) -> list[dict[str, Any]]:
    """All findings as plain rows. Settings that can't be used are found before anything else can be asked."""
    from diffusion.environment import ConfigError

    try:
        ready()
        from diffusion.cli import checks
        from diffusion.config import Config

        messages = checks.all_findings(Config.load(), here=here, offline=offline)
    except ConfigError as wrong:
        hint = _pick(
            ("diffusion settings, une fois corrigé, montre tout.", "diffusion settings, once put right, shows all.")
        )
        return [
            {"id": "diffusion.S001", "level": 40, "message": problem.told(language()), "hint": hint, "object": problem.name}
            for problem in wrong.problems
        ]  # fmt: skip
    except OSError as fault:  # the settings themselves look into the home
        return [_no_home(fault)]
    return [{"id": m.id, "level": m.level, "message": m.msg, "hint": m.hint, "object": m.obj} for m in messages]


def _no_home(fault: OSError) -> dict[str, Any]:
    from diffusion.cli.check_words import INSTALLATION

    kind, path = INSTALLATION["H001"], fault.filename
    said = [_pick(pair).format(path=path) for pair in (kind.what, kind.hint)]
    return {"id": "diffusion.H001", "level": kind.level, "message": said[0], "hint": said[1], "object": str(path)}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
@answered
def status(as_json: bool) -> None:
    """Show what each lane holds, whether everything is on hold, and how sources and accounts are.

    \b
    Example: diffusion status
    """
    from diffusion.cli import terminal

    told = _status()
    if as_json:
        terminal.print_json(told)
        return
    if told["hold"]:
        click.echo(terminal.told(WORDS, "held", since=told["hold"]["at"]) + f" · {told['hold']['reason']}".rstrip(" ·"))
    for row in told["holds"]:
        if row["over"]:
            said = terminal.told(WORDS, "held_over", since=row["at"], over=row["over"])
            click.echo(said + f" · {row['reason']}".rstrip(" ·"))
    heads = tuple(_pick(WORDS[name]) for name in ("lane", *COUNTED))
    terminal.print_table([heads, *((lane, *(row[name] for name in COUNTED)) for lane, row in told["lanes"].items())])
    apart = {name: sum(row[name] for row in told["rehearsals"].values()) for name in COUNTED}
    if any(apart.values()):
        said = ", ".join(f"{count} {_pick(WORDS[name])}" for name, count in apart.items() if count)
        click.echo(terminal.told(WORDS, "apart", said=said))
    click.echo(terminal.told(WORDS, "sources", **told["sources"]))
    click.echo(terminal.told(WORDS, "accounts", **told["accounts"]))


def _held(row: Hold) -> dict[str, Any]:
    from diffusion.cli import terminal

    over = row.named.replace(":", " ") or None
    return {"over": over, "at": terminal.stamp(row.at), "by": str(row.by or "Diffusion"), "reason": row.reason}


def _status() -> dict[str, Any]:
    from diffusion.delivery.holding import SCOPES, Hold
    from diffusion.delivery.models import Delivery
    from diffusion.intake.models import Source

    holds = [_held(row) for row in Hold.objects.in_force().select_related("by", *SCOPES)]
    return {
        "hold": next((row for row in holds if row["over"] is None), None),
        "holds": holds,
        "lanes": _lanes(Delivery.objects.real()),
        "rehearsals": _lanes(Delivery.objects.rehearsed()),
        "sources": {"total": Source.objects.count(), "failing": Source.objects.exclude(health="").count()},
        "accounts": _accounts(),
    }


def _accounts() -> dict[str, int]:
    """How many there are, how many are paused, and how many rest since their server is silent; what waits for those."""
    from diffusion.accounts.models import Account
    from diffusion.delivery import breaker
    from diffusion.delivery.models import Delivery

    counts = {
        "total": Account.objects.count(),
        "paused": Account.objects.exclude(paused_at=None).count(),
        "resting": breaker.resting().count(),
    }
    return counts | {"waiting": Delivery.objects.filter(breaker.WAITS).count()}


def _lanes(rows: DeliveryQuerySet) -> dict[str, dict[str, int]]:
    """Lane → how many of these are due now, planned for later or waiting for something, waiting for a yes, on their way,
    in doubt, refused."""
    from django.db.models import Count, Q
    from django.db.models.functions import Now

    from diffusion.delivery.models import Lane, Stop
    from diffusion.delivery.states import State

    due, braked = Q(state=State.PLANNED, due_at__lte=Now()), Q(state=State.PLANNED, stop=Stop.BRAKE)
    counted = rows.order_by().values("lane").annotate(
        due=Count("pk", filter=due),
        planned=Count("pk", filter=Q(state__in=[State.PLANNED, State.HELD]) & ~due & ~braked),
        braked=Count("pk", filter=braked),
        sending=Count("pk", filter=Q(state__in=[State.CLAIMED, State.SENDING])),
        uncertain=Count("pk", filter=Q(state=State.UNCERTAIN)),
        refused=Count("pk", filter=Q(state=State.REFUSED)),
    )  # fmt: skip
    found: list[dict[str, Any]] = [dict(row) for row in counted]
    told = {row["lane"]: {name: row[name] for name in COUNTED} for row in found}
    outward = [lane.value for lane in Lane if lane not in (Lane.INTAKE, Lane.HOUSEKEEPING)]
    return {lane: told.get(lane, dict.fromkeys(COUNTED, 0)) for lane in outward}


def _pick(pair: tuple[str, str]) -> str:
    return pair[0 if language() == "fr" else 1]
