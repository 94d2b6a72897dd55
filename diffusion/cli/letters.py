"""`diffusion letter …`: lists with how many read them, and readers whose consent was given elsewhere."""

from __future__ import annotations

import sys
from typing import Any

import click

from diffusion.cli.main import answered

WORDS = {
    "nothing": (
        "Aucune lettre. Un compte de courriel en ouvre une : diffusion account add",
        "No newsletter. A mail account opens one: diffusion account add",
    ),
    "open": ("ouverte", "open"),
    "closed": ("fermée", "closed"),
    "taken": ("{added} inscrite(s), {known} y étai(en)t déjà.", "{added} added, {known} there already."),
    "bounced": (
        "{count} ne prend plus de courriels : elle y revient en s’inscrivant elle-même.",
        "{count} takes no mail any more: they come back by subscribing themselves.",
    ),
    "bad": ("ligne {line} : « {given} » n’est pas une adresse.", "line {line}: “{given}” is not an address."),
    "left": (
        "{email} a quitté cette lettre : elle y revient si elle le demande (--again).",
        "{email} left this newsletter: they come back if they ask (--again).",
    ),
}


@click.group()
def letter() -> None:
    """Newsletters: their lists and readers."""


@letter.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
@answered
def list_(as_json: bool) -> None:
    """List newsletters with how many read them; never who.

    \b
    Example: diffusion letter list
    """
    from diffusion.cli import terminal
    from diffusion.newsletter.models import List

    rows = [_row(one) for one in List.objects.select_related("account").order_by("account__slug")]
    if as_json:
        terminal.print_json(rows)
    elif rows:
        terminal.print_table(
            (
                r["letter"],
                r["level"],
                r["readers"],
                terminal.told(WORDS, "open" if r["is_open"] else "closed"),
                r["name"],
            )
            for r in rows
        )
    else:
        click.echo(terminal.told(WORDS, "nothing"), err=True)


def _row(row: Any) -> dict[str, Any]:
    from diffusion.newsletter.subscribe import lost, readers

    return {
        "letter": row.account.slug, "id": row.public_id, "name": row.name, "level": row.account.level,
        "readers": readers(row).count(), "bounced": lost(row).count(), "is_open": row.is_open,
    }  # fmt: skip


@letter.command("add-reader")
@click.argument("slug", metavar="LETTER")
@click.argument("addresses", nargs=-1, metavar="[EMAIL]...")
@click.option("--origin", default="terminal", show_default=True, help="Where the consent comes from, kept with it.")
@click.option("--language", "language_of", default="fr", show_default=True, type=click.Choice(["fr", "en"]))
@click.option("--again", is_flag=True, help="They left, and asked to come back.")
@click.option(
    "--by", "by", metavar="EMAIL", default="", help="Who does it, for the journal. By default Diffusion itself."
)
@answered
def add_reader(slug: str, addresses: tuple[str, ...], origin: str, language_of: str, again: bool, by: str) -> None:
    """Add readers who said yes elsewhere; without an address, one a line from standard input.

    LETTER is the account's short name, or the list's id. Exit status 1 if a line is no address, or somebody had left:
    the others are taken.

    \b
    Example: diffusion letter add-reader lettre-d-info amina@example.org --origin town_hall
    """
    from diffusion.cli import terminal
    from diffusion.newsletter.lists import take_in
    from diffusion.newsletter.models import List

    row = terminal.named(List.objects.select_related("account"), slug, also="account__slug")
    pasted = "\n".join(addresses) if addresses else sys.stdin.buffer.read().decode("utf-8-sig", "replace")
    taken = take_in(row, pasted, by=terminal.actor(by), origin=origin[:40], language=language_of, again=again)
    click.echo(terminal.told(WORDS, "taken", added=taken.added, known=taken.known))
    if taken.bounced:
        click.echo(terminal.told(WORDS, "bounced", count=taken.bounced), err=True)
    for bad in taken.bad:
        click.echo(terminal.told(WORDS, "bad", line=bad.line, given=bad.given), err=True)
    for email in taken.left:
        click.echo(terminal.told(WORDS, "left", email=email), err=True)
    sys.exit(1 if taken.bad or taken.left else 0)
