"""`diffusion source …`: where content is pulled from. `source check` looks at an address before it becomes one."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from diffusion.cli.main import Lazy, answered, language

if TYPE_CHECKING:
    from diffusion.intake.models import Source

LEVELS, FIRST = ("internal", "partners", "public"), ("last", "everything", "from_now")
WORDS = {
    "pulling": ("Relève de « {name} »…", "Pulling “{name}”…"),
    "counts": (
        "{name} : {items} éléments, {taken} pris, {updated} mis à jour, {known} connus, {left} laissés",
        "{name}: {items} entries, {taken} taken, {updated} updated, {known} known, {left} left",
    ),
    "failed": ("{name} : {why}", "{name}: {why}"),
    "nothing": (
        "Il n’y a aucune source. Ajoutez-en une : diffusion source add",
        "No source. Add one: diffusion source add",
    ),
    "found": ("« {title} » : {count} élément(s)", "“{title}”: {count} entries"),
    "anyway": (
        "Si le site est seulement en panne en ce moment : --anyway",
        "If the site is only down just now: --anyway",
    ),
    "which": ("Nommez des sources, ou dites --all.", "Name sources, or say --all."),
}


@click.group(cls=Lazy, table={"check": "diffusion.cli.source_check:check"})
def source() -> None:
    """Where content is pulled from: feeds and calendars."""


@source.command("add")
@click.argument("name")
@click.argument("url")
@click.option("--directorate", required=True, metavar="SLUG", help="The directorate that it belongs to.")
@click.option(
    "--level", type=click.Choice(LEVELS), default="public", show_default=True, help="For whom its content is."
)
@click.option("--every", type=click.IntRange(1, 10_080), default=15, show_default=True, help="Minutes between pulls.")
@click.option("--first", type=click.Choice(FIRST), default="last", show_default=True, help="What the first pull takes.")
@click.option(
    "--count", type=click.IntRange(1, 500), default=5, show_default=True, help="How many `--first last` takes."
)
@click.option("--slug", default="", help="Short name; by default from the name.")
@click.option("--anyway", is_flag=True, help="Don't look at the address first: the site may be down just now.")
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
@answered
def add(
    name: str, url: str, directorate: str, every: int, first: str, count: int, anyway: bool, as_json: bool, **more: str
) -> None:
    """Look at the address, then add the source; it is pulled soon. Prints its short name.

    Exit status 1, and nothing is kept, if there is neither a feed nor a calendar.

    \b
    Example: diffusion source add "Actualités de l'eau" https://eau.valclair.example/feed.xml --directorate eau
    """
    from diffusion.cli import terminal
    from diffusion.directory.models import Directorate
    from diffusion.intake import pull

    unit = terminal.named(Directorate.objects.all(), directorate)
    if not anyway:
        _look(url)
    made = pull.add_source(
        name, by=None, directorate=unit, url=url, every=timedelta(minutes=every), first_pull=first, first_count=count,
        **more,
    )  # fmt: skip
    terminal.print_json(_row(made)) if as_json else click.echo(made.slug)


def _look(url: str) -> None:
    """What is there, on standard error; raises with what is wrong and what to do."""
    from diffusion.accounts.connect import http
    from diffusion.cli import terminal
    from diffusion.intake import check, complaints

    found = check.look(url, http())
    if found.format is None:
        said = [complaints.message(one.code, one.facts, language()) for one in found.complaints[:1]]
        if found.complaints and found.complaints[0].code in check.MAY_PASS:
            said.append(terminal.told(WORDS, "anyway"))
        raise click.ClickException("\n".join(said))
    click.echo(terminal.told(WORDS, "found", title=found.title or url, count=len(found.items)), err=True)


@source.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
@answered
def list_(as_json: bool) -> None:
    """List sources, how they do, and when they are pulled next.

    \b
    Example: diffusion source list
    """
    from diffusion.cli import terminal
    from diffusion.intake.models import Source

    rows = list(Source.objects.select_related("directorate"))
    if as_json:
        terminal.print_json([_row(row) for row in rows])
    elif rows:
        terminal.print_table(
            (r.slug, r.directorate.slug, terminal.at(r.next_pull_at), _why(r) or "ok", r.url) for r in rows
        )
    else:
        click.echo(terminal.told(WORDS, "nothing"), err=True)


@source.command("pull")
@click.argument("names", nargs=-1, metavar="[SLUG]…")
@click.option("--all", "every", is_flag=True, help="Every source.")
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
@answered
def pull_(names: tuple[str, ...], every: bool, as_json: bool) -> None:
    """Pull sources now, and say what came. Exit status 1 if one of them failed.

    \b
    Example: diffusion source pull actualites-de-leau
    """
    from diffusion.cli import terminal
    from diffusion.delivery import echo
    from diffusion.intake import pull
    from diffusion.intake.models import Source

    if not names and not every:
        raise click.UsageError(terminal.told(WORDS, "which"))
    sources = Source.objects.select_related("directorate")
    chosen = list(sources) if every else [terminal.named(sources, name) for name in names]
    answers = []
    for row in chosen:
        click.echo(terminal.told(WORDS, "pulling", name=row.name), err=True)
        counts = pull.pull(row, ours=echo.echoes)
        row.refresh_from_db()
        answers.append({**_row(row), "counts": {name: getattr(counts, name) for name in counts.__slots__}})
        if not as_json:
            code = "failed" if row.failures else "counts"
            click.echo(terminal.told(WORDS, code, name=row.name, why=_why(row), **answers[-1]["counts"]))
    if as_json:
        terminal.print_json(answers)
    sys.exit(1 if any(answer["failures"] for answer in answers) else 0)


def _row(source: Source) -> dict[str, Any]:
    from diffusion.cli import terminal

    return {
        "id": source.public_id, "source": source.slug, "name": source.name, "directorate": source.directorate.slug,
        "url": source.url, "level": source.level, "pulled_at": terminal.stamp(source.pulled_at),
        "next_pull_at": terminal.stamp(source.next_pull_at), "failures": source.failures, "health": source.health or None,
        "message": _why(source) or None, "complaints": [_told(row) for row in source.complaints],
    }  # fmt: skip


def _why(source: Source) -> str:
    """What is wrong with it as a whole, in words."""
    if not source.health:
        return ""
    first = next((row for row in source.complaints if row["code"] == source.health), {"code": source.health})
    return str(_told(first)["message"])


def _told(complaint: dict[str, Any]) -> dict[str, Any]:
    from diffusion.errors import word
    from diffusion.intake import complaints

    code, facts = complaint["code"], complaint.get("facts", {})
    known = code in complaints.WORDS
    message = complaints.message(code, facts, language()) if known else word(code, language(), **facts)
    return {"code": code, "message": message, "item": complaint.get("item")}
