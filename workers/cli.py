"""The console script starts here: what runs something (`up`, `worker`, `clock`, `demo`), and all of `diffusion.cli`."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from diffusion.cli import main as faces
from diffusion.cli.running import drain, list_

TAKEN = {
    "fr": "{listen} est déjà pris, par une autre instance peut-être. Arrêtez-la, ou donnez une autre adresse : "
    "DIFFUSION_LISTEN=127.0.0.1:8001 DIFFUSION_BASE_URL=http://127.0.0.1:8001",
    "en": "{listen} is taken, perhaps by another instance. Stop it, or give another address: "
    "DIFFUSION_LISTEN=127.0.0.1:8001 DIFFUSION_BASE_URL=http://127.0.0.1:8001",
}


@faces.cli.command()
@click.option("--demo", is_flag=True, help="Begin with the demonstration authority, and rehearsal channels.")
def up(demo: bool) -> None:
    """Start everything in one process: pages, workers and clock, on SQLite.

    Example: diffusion up
    """
    if demo:
        from workers import demonstration

        sys.exit(_run(demonstration.up))
    faces.ready()
    from workers import up as everything

    sys.exit(_run(lambda: everything.run(ready=everything.welcome)))


@faces.cli.group(invoke_without_command=True)
@click.option("--lanes", default="", help="Only these lanes, comma-separated. By default all.")
@click.option("--threads", type=int, default=0, help="Threads; by default DIFFUSION_WORKER_THREADS.")
@click.pass_context
def worker(context: click.Context, lanes: str, threads: int) -> None:
    """Run one worker process, for as many machines as wanted; or see which run, and let one finish.

    Example: diffusion worker --lanes urgent,social,intranet
    """
    if context.invoked_subcommand:
        return
    faces.ready()
    from workers import up as everything

    sys.exit(_run(lambda: everything.run_worker(tuple(filter(None, lanes.split(","))), threads)))


worker.add_command(list_)
worker.add_command(drain)


@faces.cli.command()
def clock() -> None:
    """Run the clock, which wakes lanes when something is due. Any number may run.

    Example: diffusion clock
    """
    faces.ready()
    from workers import up as everything

    sys.exit(everything.run_clock())


@faces.cli.command()
def web() -> None:
    """Run the pages alone, for as many machines as wanted.

    Example: diffusion web
    """
    faces.ready()
    from workers import up as everything

    sys.exit(_run(everything.run_web))


@faces.cli.command()
@click.option("--apply/--check", default=True, help="Apply, or only say whether some are missing (exit status 1).")
def migrate(apply: bool) -> None:
    """Bring the database up to date. `up` does it by itself; with PostgreSQL run it once before the parts start.

    Example: diffusion migrate
    """
    faces.ready()
    from workers import up as everything

    def bring() -> int:
        everything.migrate(check_unapplied=not apply)
        return 0

    sys.exit(_run(bring))


@faces.cli.command()
@click.option("--once", is_flag=True, help="Run the whole path once, then stop.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--home", type=click.Path(file_okay=False, path_type=Path), default=None, help="Folder of the demonstration."
)
def demo(once: bool, as_json: bool, home: Path | None) -> None:
    """Build the Agglo du Val-Clair and a week of its news, and publish it to rehearsal channels.

    Example: diffusion demo --once --json --home /tmp/demo
    """
    if home:
        os.environ["DIFFUSION_HOME"] = str(home.absolute())
    from workers import demonstration

    sys.exit(_run(lambda: demonstration.once(as_json=as_json) if once else demonstration.up()))


def _run(start: Callable[[], int]) -> int:
    """What stops a part from starting (a home in use, a port taken, a database away) is one line, no traceback."""
    from django.db import DatabaseError

    from diffusion.config import config
    from diffusion.home import HomeBusy

    try:
        return start()
    except HomeBusy as busy:
        raise click.ClickException(busy.told(faces.language())) from None
    except (DatabaseError, OSError) as fault:
        if isinstance(fault, OSError) and fault.errno == errno.EADDRINUSE:
            raise click.ClickException(TAKEN[faces.language()].format(listen=config().listen)) from None
        raise click.ClickException(str(fault).strip() or type(fault).__name__) from None


main = faces.main

if __name__ == "__main__":
    main()
