"""`diffusion delivery …` and `diffusion hold …`: what goes out, what failed, and the switch that stops everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from diffusion.cli.main import answered, language

if TYPE_CHECKING:
    from collections.abc import Callable

    from diffusion.delivery.holding import Thing
    from diffusion.delivery.models import Delivery, DeliveryQuerySet

STATES = (
    "planned", "claimed", "sending", "uncertain", "published", "refused", "held", "cancelled", "superseded", "withdrawn",
)  # fmt: skip
STOPS = ("gate", "paused", "late", "brake", "letter")
LANES = ("urgent", "social", "intranet", "mail")
DERIVED = {
    "due": ("à envoyer", "due"),
    "retrying": ("nouvel essai prévu", "retrying"),
    "verifying": ("en vérification", "verifying"),
}
WORDS = {
    "nothing": ("Aucune diffusion.", "No delivery."),
    "retried": ("{count} diffusion(s) repartent.", "{count} delivery(ies) go again."),
    "vouched": (
        "{count} diffusion(s) freinée(s) reparte(nt), à leur heure.",
        "{count} braked delivery(ies) go on, at their time.",
    ),
    "cancelled": ("{count} diffusion(s) annulée(s).", "{count} delivery(ies) cancelled."),
    "held": (
        "Tout est suspendu. Pour lever : diffusion hold off",
        "Everything is on hold. To lift: diffusion hold off",
    ),
    "held_over": (
        "Suspendu : {over}. Pour lever : diffusion hold off{option}",
        "On hold: {over}. To lift: diffusion hold off{option}",
    ),
    "lifted": ("Suspension levée : {count} diffusion(s) repartent.", "Lifted: {count} delivery(ies) go on."),
}
_by = click.option(
    "--by", default="", metavar="EMAIL", help="Who does it, for the journal. By default Diffusion itself."
)


@click.group()
def delivery() -> None:
    """What goes out, where, and what became of it."""


@delivery.command("list")
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Only in this state; repeatable.")
@click.option("--stop", type=click.Choice(STOPS), default=None, help="Only what this keeps from leaving.")
@click.option("--account", default="", metavar="SLUG", help="Only to this account.")
@click.option("--message", default="", metavar="ID", help="Only of this message.")
@click.option("--campaign", default="", metavar="NAME", help="Only of this campaign's messages.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many, newest first."
)
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
@answered
def list_(states: tuple[str, ...], stop: str | None, limit: int, as_json: bool, **of: str) -> None:
    """List deliveries, newest first.

    \b
    Example: diffusion delivery list --state refused --state uncertain
    """
    from diffusion.cli import terminal
    from diffusion.delivery.models import Delivery
    from diffusion.delivery.states import BEFORE_SENDING

    found = Delivery.objects.select_related("account", "message__revision", "receipt").order_by("-planned_at", "-pk")
    if states:
        found = found.filter(state__in=states)
    if stop:
        found = found.filter(stop=stop, state__in=BEFORE_SENDING)
    rows = [row(each) for each in found.filter(**_those(**of))[:limit]]
    if as_json:
        terminal.print_json(rows)
    elif rows:
        terminal.print_table(
            (r["delivery"], state_words(r["state"]), r["planned_at"], r["account"], r["title"], r["message_words"])
            for r in rows
        )
    else:
        click.echo(terminal.told(WORDS, "nothing"), err=True)


def _those(account: str, message: str, campaign: str) -> dict[str, Any]:
    """Columns with what was named. Raises BadInput for a name that nothing has."""
    from diffusion.accounts.models import Account
    from diffusion.cli.terminal import named
    from diffusion.message.models import Campaign, Message

    found: dict[str, Any] = {}
    if account:
        found["account"] = named(Account.objects.all(), account)
    if message:
        found["message"] = named(Message.objects.all(), message, also="public_id")
    if campaign:
        found["message__campaign"] = named(Campaign.objects.all(), campaign, also="name")
    return found


@delivery.command("retry")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@_by
@answered
def retry(ids: tuple[str, ...], by: str) -> None:
    """Send refused deliveries again. One that is in doubt is never sent blindly: look first, on its page.

    \b
    Example: diffusion delivery retry k7m2p9xq4wtn
    """
    from diffusion.cli import terminal
    from diffusion.delivery import plan

    who = terminal.actor(by)
    for each in _named(ids):
        plan.retry(each, by=who)
    click.echo(terminal.told(WORDS, "retried", count=len(ids)))


@delivery.command("cancel")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@_by
@answered
def cancel(ids: tuple[str, ...], by: str) -> None:
    """Stop deliveries that have not left. Exit status 1 if none could be stopped any more.

    \b
    Example: diffusion delivery cancel k7m2p9xq4wtn
    """
    from diffusion.cli import terminal
    from diffusion.delivery import plan

    count = plan.cancel(_named(ids), by=terminal.actor(by))
    click.echo(terminal.told(WORDS, "cancelled", count=count))


@delivery.command("vouch")
@click.argument("ids", nargs=-1, metavar="[ID…]")
@click.option("--account", default="", metavar="SLUG", help="All that the brake stopped on this account.")
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
@_by
@answered
def vouch(ids: tuple[str, ...], account: str, as_json: bool, by: str) -> None:
    """Say yes to deliveries that the brake stopped: they go, at once if their time has come.

    Exit status 1 if none waits for that yes. Which do: diffusion delivery list --stop brake

    \b
    Example: diffusion delivery vouch k7m2p9xq4wtn
             diffusion delivery vouch --account mastodon
    """
    from diffusion.accounts.models import Account
    from diffusion.cli import terminal
    from diffusion.delivery import brake
    from diffusion.delivery.models import Delivery, Stop
    from diffusion.delivery.states import BEFORE_SENDING

    if bool(ids) == bool(account):
        raise click.UsageError("Name deliveries, or --account for all of one account.")
    on = terminal.named(Account.objects.all(), account) if account else None
    chosen = Delivery.objects.filter(account=on) if on else _named(ids)
    waiting = list(chosen.filter(stop=Stop.BRAKE, state__in=BEFORE_SENDING).values_list("pk", flat=True))
    count = brake.vouch(chosen.filter(pk__in=waiting), by=terminal.actor(by))
    gone = Delivery.objects.filter(pk__in=waiting).select_related("account", "message__revision", "receipt")
    if as_json:
        terminal.print_json([row(each) for each in gone])
    else:
        click.echo(terminal.told(WORDS, "vouched", count=count))


@click.group()
def hold() -> None:
    """The switch that stops everything outward at once, or one account, directorate, campaign or lane."""


def _over(act: Callable[..., None]) -> Callable[..., None]:
    """The options that name what is held; none of them is everything."""
    for name, what in (("campaign", "campaign"), ("directorate", "directorate's messages"), ("account", "account")):
        act = click.option(f"--{name}", default="", metavar="NAME", help=f"Only this {what}.")(act)
    return click.option("--lane", type=click.Choice(LANES), help="Only what goes by this lane.")(act)


def _thing(account: str, directorate: str, campaign: str, lane: str | None) -> Thing | None:
    """Raises BadInput for a name that nothing has."""
    from diffusion.accounts.models import Account
    from diffusion.cli import terminal
    from diffusion.delivery.models import Lane
    from diffusion.directory.models import Directorate
    from diffusion.message.models import Campaign

    if sum(map(bool, (account, directorate, campaign, lane))) > 1:
        raise click.UsageError("Name one of --account, --directorate, --campaign, --lane; none is everything.")
    if lane:
        return Lane(lane)
    if account:
        return terminal.named(Account.objects.all(), account)
    if directorate:
        return terminal.named(Directorate.objects.all(), directorate)
    return terminal.named(Campaign.objects.all(), campaign, also="name") if campaign else None


@hold.command("on")
@click.option("--reason", default="", help="Why; everybody reads it.")
@_over
@_by
@answered
def on(reason: str, by: str, **named: Any) -> None:
    """Stop everything outward, or what is named, also what is queued. Exit status 1 if it is stopped already.

    \b
    Example: diffusion hold on --reason "Accident rue de la Gare"
             diffusion hold on --account mastodon --reason "Mot de passe volé"
             diffusion hold on --lane mail --reason "Le relais est en panne"
    """
    from diffusion.cli import terminal
    from diffusion.delivery import hold as verbs

    held = verbs.hold(by=terminal.actor(by), reason=reason[:200], over=_thing(**named))
    code = "held_over" if held.over else "held"
    click.echo(terminal.told(WORDS, code, over=held.over, option=held.option))


@hold.command("off")
@_over
@click.option("--drop", is_flag=True, help="Cancel what came due meanwhile, instead of sending it now.")
@click.option("--to", metavar="WHEN", default="", help="Move what came due meanwhile: 2026-03-09T10:00, in your zone.")
@_by
@answered
def off(drop: bool, to: str, by: str, **named: Any) -> None:
    """Let everything, or what is named, go on. Exit status 1 if it is not on hold.

    \b
    Example: diffusion hold off --drop
             diffusion hold off --account mastodon --to 2026-03-09T10:00
    """
    from diffusion.cli import terminal
    from diffusion.delivery import hold as verbs

    if drop and to:
        raise click.UsageError("--drop cancels, --to moves: choose one.")
    overdue = "drop" if drop else "move" if to else "send"
    count = verbs.lift(
        by=terminal.actor(by), over=_thing(**named), overdue=overdue, at=terminal.moment(to) if to else None
    )
    click.echo(terminal.told(WORDS, "lifted", count=count))


def state_words(state: str) -> str:
    """A state, derived ones too, for whoever reads this terminal."""
    from diffusion.cli import terminal
    from diffusion.delivery.states import State

    return terminal.pick(*DERIVED[state]) if state in DERIVED else terminal.pick(str(State(state).label), state)


def row(one: Delivery) -> dict[str, Any]:
    """A delivery for scripts. `state` is as people read it, `stored_state` as the engine keeps it."""
    from diffusion.cli import terminal
    from diffusion.errors import word

    proof = one.receipt
    return {
        "delivery": one.public_id, "message": one.message.public_id, "title": str(one.message),
        "account": one.account.slug, "channel": one.account.channel,
        "rehearsal": one.account.is_rehearsal, "level": one.level, "lane": one.lane,
        "state": one.shown_state, "stored_state": one.state, "stop": one.stop or None,
        "planned_at": terminal.stamp(one.planned_at), "due_at": terminal.stamp(one.due_at), "tries": one.tries,
        "code": one.code or None, "message_words": word(one.code, language()) if _matters(one) else None,
        "receipt": {"id": proof.remote_id, "url": proof.url or None, "at": terminal.stamp(proof.at)} if proof else None,
    }  # fmt: skip


def _matters(one: Delivery) -> bool:
    """Whether the last outcome's code still says something: not once it is out."""
    return bool(one.code) and one.receipt is None


def _named(ids: tuple[str, ...]) -> DeliveryQuerySet:
    """All of them, or none. Raises BadInput."""
    from diffusion.delivery.models import Delivery
    from diffusion.errors import BadInput

    found = Delivery.objects.filter(public_id__in=[each for each in ids if "\x00" not in each]).select_related(
        "message"
    )
    missing = set(ids) - set(found.values_list("public_id", flat=True))
    if missing:
        raise BadInput("delivery_unknown", given=", ".join(sorted(missing)))
    return found
