"""`diffusion worker list|drain`: which processes work on this database, and the way to let one of them finish."""

from __future__ import annotations

import click

from diffusion.cli.main import answered

WORDS = {
    "nobody": ("Rien ne tourne.", "Nothing runs."),
    "draining": ("se termine", "draining"),
    "asked": (
        "{name} finit ce qui part, rend le reste et s’arrête : une minute au plus.",
        "{name} finishes what it sends, gives back the rest and ends: a minute at most.",
    ),
}


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
@answered
def list_(as_json: bool) -> None:
    """List what was heard of in the last half minute: workers, clocks, whole installations. Exit status 1 if nothing was.

    \b
    Example: diffusion worker list
    """
    from diffusion.cli import terminal
    from diffusion.parts import Part

    alive = list(Part.objects.alive())
    if as_json:
        terminal.print_json([
            {"name": part.name, "kind": part.kind, "version": part.version, "lanes": part.lanes, "doing": part.doing,
             "began_at": terminal.stamp(part.began_at), "beat_at": terminal.stamp(part.beat_at),
             "draining": part.drain_at is not None}
            for part in alive
        ])  # fmt: skip
    elif alive:
        draining = terminal.told(WORDS, "draining")
        terminal.print_table(
            (
                part.name,
                part.version,
                ",".join(part.lanes),
                terminal.at(part.began_at),
                draining if part.drain_at else " ".join(f"{lane}×{n}" for lane, n in sorted(part.doing.items())),
            )
            for part in alive
        )
    else:
        click.echo(terminal.told(WORDS, "nobody"), err=True)
    if not alive:
        raise SystemExit(1)


@click.command("drain")
@click.argument("name")
@click.option("--by", default="", metavar="EMAIL", help="Who does it, for the journal. By default Diffusion itself.")
@answered
def drain(name: str, by: str) -> None:
    """Let one worker finish what it sends and end, wherever it runs. Exit status 1 if there is no such worker.

    \b
    Example: diffusion worker drain worker-mail1-4711
    """
    from diffusion import parts
    from diffusion.cli import terminal

    parts.drain(name, by=terminal.actor(by))
    click.echo(terminal.told(WORDS, "asked", name=name))
