"""`diffusion charter …`: a brand's charter, checked before it is put in force. Checking needs no home and no database."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from diffusion.brand import foreign
from diffusion.brand.charter import CharterError, read
from diffusion.brand.voice import Charter
from diffusion.cli.main import answered, language
from diffusion.tone.reading import Problem

WORDS = {
    "good": ("{file} : en règle ({name}).", "{file}: all is well ({name})."),
    "taken": ("{count} règle(s) reprise(s), {left} laissée(s).", "{count} rule(s) taken, {left} left."),
    "nothing": ("Rien à proposer pour l’instant.", "Nothing to propose so far."),
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
@click.argument("file", type=click.Path(exists=True, path_type=Path, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
def check(file: Path, as_json: bool) -> None:
    """Say what is wrong in a charter file, or in a Vale style's folder, with line and column. Exit status 1 if it will not load.

    \b
    Example: diffusion charter check val-clair.yaml
    """
    import json

    problems: list[Problem] = []
    name = ""
    try:
        loaded, problems = read_any(file)
        name = loaded.name
    except CharterError as error:
        problems = error.problems
    if as_json:
        rows = [
            {"file": p.file, "line": p.line, "column": p.column, "code": p.code, "message": p.say(language()),
             "expected": p.expects(language()) or None}
            for p in problems
        ]  # fmt: skip
        click.echo(json.dumps({"file": str(file), "problems": rows}, ensure_ascii=False, indent=2).encode("utf-8"))
    else:
        said = [p.line_in(language()) for p in problems] or [_say("good", file=file, name=name)]
        click.echo("\n".join(said).encode("utf-8"))
    sys.exit(1 if problems else 0)


@charter.command("test")
@click.argument("file", type=click.Path(exists=True, path_type=Path, allow_dash=True))
@click.argument("texts", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--level", default="", help="Also what this level asks for: internal, partners, public.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="As on this day: what an election's reserve asks.")
@click.option("--show", is_flag=True, help="Each finding in TEXTS, with its place and what to write instead.")
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
def test(file: Path, texts: tuple[Path, ...], level: str, on: datetime | None, show: bool, as_json: bool) -> None:
    """Play every rule's own examples; over TEXTS of yours, also count what each rule finds in a thousand words.

    A rule that finds much in good texts annoys: make it narrower, or do without it. Exit status 1 if an example fails.

    \b
    Example: diffusion charter test val-clair.yaml news/*.md
    """
    import json

    from diffusion.brand.trial import trial

    try:
        loaded, _ = read_any(file)
    except CharterError as error:
        click.echo(error.say(language()), err=True)
        sys.exit(1)
    read_ = [(str(each), each.read_text("utf-8", "replace")) for each in texts]
    done = trial(loaded, read_, level=level, on=on.date() if on else None, reader=language())
    if as_json:
        click.echo(json.dumps(done.as_row(), ensure_ascii=False, indent=2).encode("utf-8"))
    else:
        click.echo("\n".join(done.lines(language(), show=show)).encode("utf-8"))
    sys.exit(1 if done.failed else 0)


@charter.command("import")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--name", default="", help="The charter's name; by default the folder's or the file's.")
@click.option("--lang", default="", type=click.Choice(["", "fr", "en"]), help="Of what language its words are.")
@click.option(
    "--to", type=click.Path(dir_okay=False, path_type=Path), help="Write the charter there; by default it is shown."
)
def import_(source: Path, name: str, lang: str, to: Path | None) -> None:
    """Make a charter of a Vale style (a folder of .yml rules, or one rule) or of a table of words (CSV: say, don't say, why).

    What could not be taken is told on standard error, with file, line and column; the rest is taken. Exit status 1 if nothing is.

    \b
    Example: diffusion charter import styles/write-good --to write-good.yaml
    """
    taken = _taken(source, name, lang)
    for problem in (*taken.left, *taken.remarks):
        click.echo(problem.line_in(language()), err=True)
    if to is None:
        click.echo(taken.charter.encode("utf-8"), nl=False)
    elif taken.charter:
        to.write_text(taken.charter, "utf-8")
    click.echo(_say("taken", count=len(taken.rules) or taken.charter.count("- say:"), left=len(taken.left)), err=True)
    sys.exit(0 if taken.rules or "- say:" in taken.charter else 1)


@charter.command("learn")
@click.argument("brand", metavar="BRAND")
@click.option("--at-least", type=click.IntRange(min=1), default=3, help="Messages in which it was done.")
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
@answered
def learn(brand: str, at_least: int, as_json: bool) -> None:
    """Propose lines for a charter from what its people undo and rewrite. Nothing is changed: copy what you agree with.

    \b
    Example: diffusion charter learn val-clair
    """
    import json
    from dataclasses import asdict

    from diffusion.brand.models import Brand
    from diffusion.cli import terminal
    from diffusion.message.learn import lessons
    from diffusion.message.models import Revision

    of = terminal.named(Brand.objects.all(), brand)
    revisions = Revision.objects.filter(message__brand=of).order_by("message_id", "number")
    found = lessons(revisions.iterator(chunk_size=500), at_least=at_least)
    if as_json:
        click.echo(json.dumps([asdict(lesson) for lesson in found], ensure_ascii=False, indent=2).encode("utf-8"))
        return
    undone = [f"  - {each.rule}  # « {each.before} » × {each.messages}" for each in found if each.rule]
    words = [
        f"  - {{say: {foreign.quoted(each.say)}, not: [{foreign.quoted(each.before)}]}}  # {each.messages}"
        for each in found
        if each.say
    ]
    lines = [*(["without:", *undone] if undone else []), *(["vocabulary:", *words] if words else [])]
    click.echo("\n".join(lines or [_say("nothing")]).encode("utf-8"))


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


def _taken(source: Path, name: str, lang: str) -> foreign.Taken:
    if source.is_dir() or source.suffix in (".yml", ".yaml"):
        files = style_files(source)
        return foreign.style(
            name or (source if source.is_dir() else source.parent).resolve().name, files, lang=lang or "en"
        )
    data = source.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")  # as spreadsheets write it
    return foreign.vocabulary(name or source.stem, text, file=str(source), lang=lang or "fr")


def read_any(file: Path) -> tuple[Charter, list[Problem]]:
    """A charter, or a Vale style's folder as one, with what of it is not taken. Raises CharterError."""
    if not file.is_dir():
        return read(_bytes(file), file=str(file)), []
    taken = _taken(file, "", "")
    return read(taken.charter.encode(), file=str(file)), list(taken.left)


def style_files(source: Path) -> dict[str, str]:
    """A Vale style's rules, by path: a folder's .yml files, those of its folders too."""
    paths = sorted(source.rglob("*.yml")) if source.is_dir() else [source]
    return {str(path): path.read_text("utf-8", "replace") for path in paths}


def _bytes(file: Path) -> bytes:
    return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()


def _say(code: str, **facts: object) -> str:
    return WORDS[code][0 if language() == "fr" else 1].format(**facts)
