"""`diffusion charter …`: a brand's charter, checked before it is put in force. Checking needs no home and no database."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from diffusion.brand.charter import CharterError, read
from diffusion.cli.main import answered, language

WORDS = {
    "good": ("{file} : en règle ({name}).", "{file}: all is well ({name})."),
    "kept": ("En vigueur pour « {name} ».", "In force for “{name}”."),
    "stays": (
        "{count} problème(s) : la charte en vigueur le reste.",
        "{count} problem(s): the charter in force stays.",
    ),
}


@click.group()
def charter() -> None:
    """A brand's charter: its names, its words, its rules of tone."""


@charter.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
def check(file: Path, as_json: bool) -> None:
    """Say what is wrong in a charter file, with line and column. Exit status 1 if it will not load.

    \b
    Example: diffusion charter check val-clair.yaml
    """
    import json

    data, problems, name = _bytes(file), [], ""
    try:
        name = read(data, file=str(file)).name
    except CharterError as error:
        problems = error.problems
    if as_json:
        rows = [
            {"line": p.line, "column": p.column, "code": p.code, "message": p.say(language()),
             "expected": p.expects(language()) or None}
            for p in problems
        ]  # fmt: skip
        click.echo(json.dumps({"file": str(file), "problems": rows}, ensure_ascii=False, indent=2).encode("utf-8"))
    else:
        said = [p.line_in(language()) for p in problems] or [_say("good", file=file, name=name)]
        click.echo("\n".join(said).encode("utf-8"))
    sys.exit(1 if problems else 0)


@charter.command("put")
@click.argument("brand", metavar="BRAND")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True))
@click.option("--new", is_flag=True, help="Make the brand, named as in the file, with BRAND as its short name.")
@click.option("--by", default="", metavar="EMAIL", help="Who does it, for the journal. By default Diffusion itself.")
@answered
def put(brand: str, file: Path, new: bool, by: str) -> None:
    """Put a charter in force. One that will not load changes nothing: its problems are told, exit status 1.

    \b
    Example: diffusion charter put val-clair val-clair.yaml
    """
    from diffusion.brand import adopt
    from diffusion.brand.models import Brand
    from diffusion.cli import terminal

    data, who = _bytes(file), terminal.actor(by)
    try:
        loaded = read(data, file=str(file))
    except CharterError as error:
        click.echo(error.say(language()), err=True)
        raise click.ClickException(_say("stays", count=len(error.problems))) from None
    to = (
        adopt.add_brand(loaded.name or brand, by=who, slug=brand) if new else terminal.named(Brand.objects.all(), brand)
    )
    adopt.adopt(to, data.decode("utf-8-sig"), by=who)
    click.echo(_say("kept", name=to.name))


def _bytes(file: Path) -> bytes:
    return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()


def _say(code: str, **facts: object) -> str:
    return WORDS[code][0 if language() == "fr" else 1].format(**facts)
