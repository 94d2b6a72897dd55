"""`diffusion place …`: the authority's streets, buildings and towns, so that a misspelt one is seen."""

from __future__ import annotations

from typing import Any

import click

from diffusion.cli.main import answered

WORDS = {
    "imported": ("{added} lieux ajoutés, {removed} retirés.", "{added} places added, {removed} removed."),
    "none": ("Aucun lieu. Importez-en : diffusion place import", "No place. Import some: diffusion place import"),
}


@click.group()
def place() -> None:
    """The authority's own places: streets, buildings, towns."""


@place.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8", errors="replace"))
@click.option(
    "--by", "by", metavar="EMAIL", default="", help="Who does it, for the journal. By default Diffusion itself."
)
@answered
def place_import(file: Any, by: str) -> None:
    """Make the list of places that of a CSV: the French address base's, or one with a column `name` (and `kind`).

    \b
    Example: diffusion place import adresses-91.csv
    """
    from diffusion.cli import terminal
    from diffusion.directory.places import import_places

    added, removed = import_places(file.read(), by=terminal.actor(by))
    click.echo(terminal.told(WORDS, "imported", added=added, removed=removed))


@place.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
@answered
def place_list(as_json: bool) -> None:
    """List the places.

    \b
    Example: diffusion place list
    """
    from diffusion.cli import terminal
    from diffusion.directory.models import Place

    names = list(Place.objects.order_by("name").values_list("name", flat=True))
    if as_json:
        terminal.print_json([{"name": name} for name in names])
    elif names:
        click.echo("\n".join(names))
    else:
        click.echo(terminal.told(WORDS, "none"), err=True)
