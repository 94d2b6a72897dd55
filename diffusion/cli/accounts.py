"""`diffusion account …`: the places that messages go to. Secrets come in by a file or hidden typing, and never go out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml
from pydantic import SecretStr

from channels import registry
from channels.outcomes import Outcome
from diffusion.accounts import trouble
from diffusion.cli.main import answered, language
from diffusion.errors import word

if TYPE_CHECKING:
    from diffusion.accounts.models import Account

LEVELS = ("internal", "partners", "public")
WORDS = {
    "set_form": ("--set {given} : écrivez nom=valeur.", "--set {given}: write name=value."),
    "not_a_table": (
        "{file} doit contenir une table, en YAML ou en JSON : nom: valeur.",
        "{file} must hold a table, in YAML or JSON: name: value.",
    ),
    "unknown_field": (
        "Le canal ne connaît pas « {given} ». Il y a : {known}.",
        "The channel knows no “{given}”. There are: {known}.",
    ),
    "known_as": ("Le canal nous reconnaît : {name}", "The channel knows us: {name}"),
    "nothing": (
        "Il n’y a aucun compte. Ajoutez-en un : diffusion account add",
        "No account. Add one: diffusion account add",
    ),
    "paused": ("en pause", "paused"),
}
_set = click.option(
    "--set", "pairs", multiple=True, metavar="NAME=VALUE", help="A credential; repeatable. Others can see a command line: "
    "secrets better come by --from.",
)  # fmt: skip
_from = click.option(
    "--from", "file", type=click.Path(exists=True, dir_okay=False, allow_dash=True), default=None,
    help="Credentials as a table in YAML or JSON; - reads standard input.",
)  # fmt: skip


@click.group()
def account() -> None:
    """The places that messages go to."""


@account.command("add")
@click.argument("name")
@click.option("--channel", required=True, type=click.Choice(registry.names()), help="What kind of place it is.")
@click.option("--level", required=True, type=click.Choice(LEVELS), help="To whom it speaks.")
@click.option("--brand", required=True, metavar="SLUG", help="In whose voice.")
@click.option("--slug", default="", help="Short name; by default from the name.")
@click.option("--shared", "is_shared", is_flag=True, help="Serves every brand.")
@click.option("--rehearsal", "is_rehearsal", is_flag=True, help="At this machine's own server: no credentials needed.")
@_set
@_from
@click.option("--owner", default="", metavar="EMAIL", help="Who is told when it has to be reconnected.")
@click.option("--paused", is_flag=True, help="Don't ask the channel: keep it paused until `account resume`.")
@answered
def add(
    name: str, channel: str, level: str, brand: str, pairs: tuple[str, ...], file: str | None, owner: str, paused: bool,
    **more: Any,
) -> None:  # fmt: skip
    """Ask the channel who we are there, then add the account. Prints its short name. Missing secrets are asked for.

    Exit status 1, and nothing is kept, if the channel does not let us in.

    \b
    Example: diffusion account add "Mastodon de l'Agglo" --channel mastodon --level public --brand val-clair \\
               --set server=https://mastodon.valclair.example --from token.yaml
    """
    from diffusion.accounts import connect
    from diffusion.brand.models import Brand
    from diffusion.cli import terminal
    from diffusion.newsletter.lists import open_where_due

    voice, who = terminal.named(Brand.objects.all(), brand), terminal.actor(owner)
    rehearses = bool(more["is_rehearsal"])
    given = _credentials(channel, pairs, file)
    credentials = given if rehearses else _asked(channel, given)
    with _worded(as_json=False):
        health = None if paused else connect.ask(channel, credentials, is_rehearsal=rehearses)
    made = connect.connect(name, by=who, channel=channel, level=level, brand=voice, credentials=credentials, **more)
    open_where_due(made, by=who)
    connect.note_health(made, health, by=who) if health else connect.pause(made, by=who)
    click.echo(made.slug)


@account.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
@answered
def list_(as_json: bool) -> None:
    """List accounts and how they are; credentials are never shown.

    \b
    Example: diffusion account list
    """
    from diffusion.accounts.models import Account
    from diffusion.cli import terminal

    rows = [_row(one) for one in Account.objects.select_related("brand")]
    if as_json:
        terminal.print_json(rows)
    elif rows:
        terminal.print_table(
            (r["account"], r["channel"], r["level"], r["brand"], _say("paused") if r["paused_at"] else "ok", r["name"])
            for r in rows
        )
    else:
        click.echo(_say("nothing"), err=True)


@account.command("probe")
@click.argument("slug")
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
@answered
def probe(slug: str, as_json: bool) -> None:
    """Ask the channel who we are there; nothing is published. Exit status 1 if it does not let us in.

    \b
    Example: diffusion account probe mastodon-de-lagglo
    """
    from diffusion.accounts import connect
    from diffusion.cli import terminal

    found = _account(slug)
    with _worded(as_json, found.slug):
        health = connect.probe(found)
    if as_json:
        terminal.print_json({"account": found.slug, "ok": True, "name": health.name, "url": health.url,
                             "warnings": list(health.warnings)})  # fmt: skip
        return
    click.echo(_say("known_as", name=health.name or health.url or found.name))
    for warning in health.warnings:
        click.echo(trouble.said(warning, language()), err=True)


@account.command("pause")
@click.argument("slug")
@answered
def pause(slug: str) -> None:
    """Let nothing more go there; what waits for it waits, other accounts go on.

    \b
    Example: diffusion account pause mastodon-de-lagglo
    """
    from diffusion.accounts import connect

    connect.pause(_account(slug), by=None)


@account.command("resume")
@click.argument("slug")
@answered
def resume(slug: str) -> None:
    """Let it go on, with the credentials that it has.

    \b
    Example: diffusion account resume mastodon-de-lagglo
    """
    from diffusion.accounts import connect

    connect.resume(_account(slug), by=None)


@account.command("reconnect")
@click.argument("slug")
@_set
@_from
@answered
def reconnect(slug: str, pairs: tuple[str, ...], file: str | None) -> None:
    """Ask the channel with other credentials, then keep them and let the account in again; what waited for it goes on.

    Exit status 1, and the old ones stay, if the channel does not let us in.

    \b
    Example: diffusion account reconnect mastodon-de-lagglo --from token.yaml
    """
    from diffusion.accounts import connect

    found = _account(slug)
    given = _credentials(found.channel, pairs, file)
    credentials = given if found.is_rehearsal else _asked(found.channel, given)
    with _worded(as_json=False):
        health = connect.ask(found.channel, credentials, is_rehearsal=found.is_rehearsal)
    connect.reconnect(found, by=None, credentials=credentials)
    connect.note_health(found, health, by=None)


@contextmanager
def _worded(as_json: bool, slug: str = "") -> Iterator[None]:
    """A channel's no, as one line and exit status 1."""
    from diffusion.cli import terminal

    try:
        yield
    except Outcome as outcome:
        said = trouble.said(outcome.code, language(), **outcome.facts)
        if as_json:
            terminal.print_json({"account": slug, "ok": False, "code": outcome.code, "message": said,
                                 "evidence": outcome.evidence})  # fmt: skip
            sys.exit(1)
        raise click.ClickException(f"{said}\n  {outcome.evidence}".rstrip()) from None


def _account(slug: str) -> Account:
    from diffusion.accounts.models import Account
    from diffusion.cli import terminal

    return terminal.named(Account.objects.all(), slug)


def _credentials(channel: str, pairs: tuple[str, ...], file: str | None) -> dict[str, Any]:
    """What was given, of fields that the channel declares. What is wrong is told by its name, never by its value."""
    given: dict[str, Any] = _table(file) if file else {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise click.UsageError(_say("set_form", given=name[:20]))
        given[name.strip()] = value
    known = registry.get(channel).Credentials.model_fields
    for name in given:
        if name not in known:
            raise click.UsageError(_say("unknown_field", given=name, known=", ".join(known) or "–"))
    return given


def _table(file: str) -> dict[str, Any]:
    """JSON is YAML too."""
    text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig", errors="replace")
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise click.UsageError(_say("not_a_table", file=file))
    return found


def _asked(channel: str, given: dict[str, Any]) -> dict[str, Any]:
    """In a terminal, secrets that are missing are typed, unseen."""
    if not sys.stdin.isatty():
        return given
    for name, row in registry.get(channel).Credentials.model_fields.items():
        if name not in given and row.is_required() and row.annotation is SecretStr:
            given[name] = click.prompt(row.title or name, hide_input=True, err=True)
    return given


def _row(one: Account) -> dict[str, Any]:
    from diffusion.cli import terminal

    why = one.pause_code
    return {
        "id": one.public_id, "account": one.slug, "name": one.name, "channel": one.channel, "level": one.level,
        "brand": one.brand.slug, "shared": one.is_shared, "rehearsal": one.is_rehearsal,
        "paused_at": terminal.stamp(one.paused_at), "pause_code": why or None,
        "message": word(why, language()) if why and why != "person" else None,
        "probed_at": terminal.stamp(one.probed_at), "health": one.health,
    }  # fmt: skip


def _say(code: str, **facts: object) -> str:
    return WORDS[code][0 if language() == "fr" else 1].format(**facts)
