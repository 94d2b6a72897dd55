"""`diffusion backup`, `diffusion restore`: one file out, one file in; after which everything is held and looked for first."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from diffusion.cli.main import answered, language

if TYPE_CHECKING:
    from diffusion.cli.archive import Manifest
    from diffusion.config import Config
    from diffusion.delivery.replay import Step

WORDS = {
    "made": (
        "{path} : la base du {at} et {pictures} image(s), vérifiées.\n"
        "Les clés n’y sont pas : gardez {keys} ailleurs. Il contient des données personnelles : gardez-le fermé.",
        "{path}: the database of {at} and {pictures} picture(s), checked.\n"
        "The keys are not in it: keep {keys} elsewhere. It holds personal data: keep it closed.",
    ),
    "own_keys": ("signing.key et credentials.key", "signing.key and credentials.key"),
    "given_keys": (
        "DIFFUSION_SECRET_KEY et DIFFUSION_CREDENTIAL_KEYS",
        "DIFFUSION_SECRET_KEY and DIFFUSION_CREDENTIAL_KEYS",
    ),
    "whole": (
        "{path} est entier : base {engine} du {at}, migration {schema}, {pictures} image(s).",
        "{path} is whole: {engine} database of {at}, migration {schema}, {pictures} picture(s).",
    ),
    "kept": ("La base précédente est gardée : {path}", "The database that was here is kept: {path}"),
    "restored": (
        "Restauré : la base du {at}. Tout est suspendu ; rien ne part avant « diffusion hold off ».",
        "Restored: the database of {at}. Everything is on hold; nothing goes out before `diffusion hold off`.",
    ),
    "next": (
        "Ensuite : lancez Diffusion (les recherches commencent d’elles-mêmes), puis « diffusion reconcile » "
        "jusqu’à ce que plus rien n’y soit en doute, et seulement alors « diffusion hold off ».",
        "Next: start Diffusion (looking begins by itself), then `diffusion reconcile` until nothing is "
        "in doubt, and only then `diffusion hold off`.",
    ),
}


@click.command()
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(path_type=Path),
    help="File to write; in a folder, named by the time.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
@answered
def backup(target: Path, as_json: bool) -> None:
    """Back up database and pictures into one file, while everything runs. The keys are left out.

    \b
    Example: diffusion backup --to /backup
    """
    from diffusion.cli import archive, terminal
    from diffusion.config import config

    if target.is_dir():
        target = target / f"diffusion-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar.gz"
    made = archive.write(config(), target)
    pictures = len(made.files) - 1
    if as_json:
        terminal.print_json(
            {"path": str(target), "at": terminal.stamp(made.at), "pictures": pictures, "keys": made.keys}
        )
        return
    keys = terminal.told(WORDS, "given_keys" if config().credential_keys else "own_keys")
    click.echo(terminal.told(WORDS, "made", path=target, at=_time(made), pictures=pictures, keys=keys))


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only say whether the file is whole, and what it holds.")
@click.option("--replace", is_flag=True, help="Although there is a database: its content is replaced.")
@click.option(
    "--without-keys", is_flag=True, help="Although the keys are not those of the backup: reconnect each account."
)
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
@answered
def restore(file: Path, check: bool, replace: bool, without_keys: bool, as_json: bool) -> None:
    """Put a backup in place, hold everything, and mark what may have gone out since: it is looked for first.

    Refuses while anything runs on the database, and to replace one without --replace. Nothing is sent until the hold
    is lifted. A backup of SQLite goes into PostgreSQL, too: the way from one machine to several.

    \b
    Example: diffusion restore /backup/diffusion-20261124T020000Z.tar.gz
    """
    from diffusion.cli import archive, replaying, terminal
    from diffusion.config import config

    here = config()
    with archive.opened(file, here.make_home()) as (made, folder):
        if check:
            facts = {"engine": made.engine, "schema": made.schema, "pictures": len(made.files) - 1}
            if as_json:
                terminal.print_json({"path": str(file), "at": terminal.stamp(made.at), "keys": made.keys, **facts})
            else:
                click.echo(terminal.told(WORDS, "whole", path=file, at=_time(made), **facts))
            return
        planned, kept = _put(here, made, folder, replace=replace, without_keys=without_keys)
    if as_json:
        fates = Counter(step.fate.value for step in planned)
        steps = [replaying.row(step) for step in planned]
        terminal.print_json({"at": terminal.stamp(made.at), "kept": kept and str(kept), "fates": fates, "plan": steps})
        return
    if kept:
        click.echo(terminal.told(WORDS, "kept", path=kept))
    replaying.show(planned)
    click.echo(terminal.told(WORDS, "restored", at=_time(made)) + "\n" + terminal.told(WORDS, "next"))


def _put(config: Config, made: Manifest, folder: Path, **allowed: bool) -> tuple[list[Step], Path | None]:
    """The restore itself. Raises ClickException before anything was touched."""
    import contextlib

    from diffusion.cli import archive, moving
    from diffusion.home import HomeBusy, lock

    try:
        held = lock(config.make_home())
    except HomeBusy as busy:
        raise click.ClickException(busy.told(language())) from None
    with contextlib.closing(held):
        _allowed(config, made, **allowed)
        kept = None
        source = folder / archive.MEMBER[made.engine]
        if config.is_embedded:
            kept = archive.put_sqlite(config.database, source, mark=f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
        elif made.engine == "sqlite":
            archive.empty_postgres(config.database)
            moving.move_in(source)
        else:
            archive.put_postgres(config.database, source)
        if (folder / archive.MEDIA).is_dir():
            shutil.copytree(folder / archive.MEDIA, config.home / archive.MEDIA, dirs_exist_ok=True)
        return _reconcile(made.at), kept


def _allowed(config: Config, made: Manifest, *, replace: bool, without_keys: bool) -> None:
    """Raises ClickException with what stands against it."""
    from diffusion.cli import archive

    if config.is_embedded and made.engine != "sqlite":
        raise archive.no("backup_other_engine")
    if not archive.knows(made.schema):
        raise archive.no("backup_newer", schema=made.schema)
    if not config.is_embedded and (others := archive.others(config.database)):
        raise archive.no("database_in_use", others=", ".join(others))
    if archive.has_tables(config) and not replace:
        raise archive.no("database_not_empty")
    if not without_keys and made.keys[0] not in archive.key_names(config):
        raise archive.no("backup_other_keys", name=made.keys[0])


def _reconcile(since: datetime) -> list[Step]:
    from django.core.management import call_command

    from diffusion.delivery import replay
    from diffusion.newsletter import doubts

    call_command("migrate", verbosity=0, interactive=False)
    planned = replay.restored(since, by=None)
    doubts.doubt_restored(since)
    return planned


def _time(made: Manifest) -> Any:
    return made.at.strftime("%Y-%m-%d %H:%M:%S UTC")
