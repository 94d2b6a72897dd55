"""A backup: one file with the database, the pictures and a manifest with the digest of each; the keys are never in it.

The accounts' credentials are encrypted in the database, so who finds a backup has none of them without the keys,
which are kept elsewhere. The manifest names the keys by their digest: a restore says whether it has them.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import SplitResult, urlunsplit

import click
import psycopg
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from diffusion.cli import terminal
from diffusion.config import Config

FORMAT = 1
MANIFEST, MEDIA = "manifest.json", "media"
MEMBER = {"sqlite": "diffusion.sqlite3", "postgresql": "diffusion.dump"}
NAMED = 12
"""Hexadecimal digits by which a key is named: of a digest of 256 random bits they tell nothing."""
WORDS = {
    "backup_exists": (
        "{path} existe déjà. Donnez un autre nom, ou un dossier.",
        "{path} is there already. Give another name, or a folder.",
    ),
    "backup_unreadable": (
        "{path} n’est pas une sauvegarde de Diffusion, ou il en manque une partie.",
        "{path} is no backup of Diffusion, or part of it is missing.",
    ),
    "backup_damaged": (
        "{path} est abîmé ou modifié ({names}). Prenez une autre sauvegarde ; rien n’a été touché.",
        "{path} is damaged or altered ({names}). Take another backup; nothing was touched.",
    ),
    "backup_other_engine": (
        "C’est une sauvegarde de PostgreSQL : donnez une telle base par DIFFUSION_DATABASE_URL.",
        "This is a backup of PostgreSQL: give such a database by DIFFUSION_DATABASE_URL.",
    ),
    "backup_newer": (
        "C’est une sauvegarde d’un Diffusion plus récent ({schema}). Installez-le d’abord.",
        "This is a backup of a newer Diffusion ({schema}). Install that first.",
    ),
    "backup_other_keys": (
        "Les identifiants des comptes y sont chiffrés par la clé {name}…, absente ici. Remettez d’abord credentials.key "
        "(ou DIFFUSION_CREDENTIAL_KEYS) ; sans elle, --without-keys, puis reconnectez chaque compte.",
        "The accounts’ credentials in it are encrypted with key {name}…, which is not here. Put credentials.key (or "
        "DIFFUSION_CREDENTIAL_KEYS) back first; without it, --without-keys, then reconnect each account.",
    ),
    "database_not_empty": (
        "Il y a déjà une base ici. --replace met la sauvegarde à sa place.",
        "There is a database here already. --replace puts the backup in its place.",
    ),
    "database_in_use": (
        "La base est utilisée par : {others}. Arrêtez-les d’abord.",
        "The database is in use by: {others}. Stop them first.",
    ),
    "database_missing": ("Il n’y a pas encore de base : {path}", "There is no database yet: {path}"),
    "database_damaged": (
        "La base est abîmée, rien n’a été écrit : {fault}",
        "The database is damaged, nothing was written: {fault}",
    ),
    "tool_missing": (
        "{name} manque. Installez le client de PostgreSQL (Debian : apt install postgresql-client), de la version du "
        "serveur ou plus récent.",
        "{name} is missing. Install PostgreSQL’s client (Debian: apt install postgresql-client), of the server’s version "
        "or newer.",
    ),
    "tool_failed": ("{name} a échoué : {fault}", "{name} failed: {fault}"),
}


def no(code: str, **facts: object) -> click.ClickException:
    """What stands against a backup or a restore, in one line."""
    return click.ClickException(terminal.told(WORDS, code, **facts))


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `at`: before the snapshot, so that what left later is looked for; `files`: path → SHA-256."""

    at: datetime
    engine: str
    schema: str
    keys: list[str]
    files: dict[str, str]


def write(config: Config, target: Path) -> Manifest:
    """Make a backup while everything runs. Raises OSError, and ClickException with what stands against it."""
    if target.exists():
        raise no("backup_exists", path=target)
    at = datetime.now(UTC)
    engine = "sqlite" if config.is_embedded else "postgresql"
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:  # 0700
        snapshot = Path(folder) / MEMBER[engine]
        (_copy_sqlite if config.is_embedded else _dump_postgres)(config.database, snapshot)
        pictures = sorted(path for path in (config.home / MEDIA).rglob("*") if path.is_file() and path.name[0] != ".")
        members = {snapshot.name: snapshot, **{path.relative_to(config.home).as_posix(): path for path in pictures}}
        digests = {name: _digest(path) for name, path in members.items()}
        made = Manifest(at, engine, _schema(), key_names(config), digests)
        listed = Path(folder) / MANIFEST
        listed.write_text(json.dumps({"format": FORMAT, **asdict(made), "at": at.isoformat()}, indent=1))
        draft = Path(folder) / "archive"
        with tarfile.open(draft, "w:gz", compresslevel=6) as archive:
            for name, path in {MANIFEST: listed, **members}.items():
                archive.add(path, name)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.chmod(0o600)
        draft.rename(target)
    return made


@contextlib.contextmanager
def opened(file: Path, near: Path) -> Iterator[tuple[Manifest, Path]]:
    """A backup, unpacked into a folder beside where it will go and checked against its manifest. Raises ClickException."""
    with tempfile.TemporaryDirectory(dir=near, prefix=".restore-") as folder:
        try:
            with tarfile.open(file, "r:gz") as archive:
                _unpack(archive, Path(folder))
            made = _manifest(Path(folder) / MANIFEST)
        except (tarfile.TarError, zlib.error, EOFError, ValueError, TypeError, KeyError, FileNotFoundError) as fault:
            raise no("backup_unreadable", path=file) from fault
        there = {p.relative_to(folder).as_posix(): p for p in Path(folder).rglob("*") if p.is_file()}
        del there[MANIFEST]
        wrong = sorted(name for name in {*made.files, *there} if made.files.get(name) != _digest(there.get(name)))
        if wrong:
            raise no("backup_damaged", path=file, names=", ".join(wrong[:5]))
        yield made, Path(folder)


def _manifest(path: Path) -> Manifest:
    """Raises ValueError, TypeError, KeyError: it is none of ours."""
    told = json.loads(path.read_text())
    files = dict(told["files"])
    if told["format"] != FORMAT or MEMBER[told["engine"]] not in files:
        raise ValueError(told["format"])
    return Manifest(datetime.fromisoformat(told["at"]), told["engine"], told["schema"], told["keys"], files)


def _unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Plain files below `folder`, and nothing else: an archive from elsewhere may name anything. Raises TarError.

    `extractall`'s own filter came with Python 3.11.4; Debian 12 has 3.11.2.
    """
    for member in archive:
        target, source = (folder / member.name).resolve(), archive.extractfile(member)
        if source is None or not member.isreg() or not target.is_relative_to(folder.resolve()):
            raise tarfile.ExtractError(member.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            shutil.copyfileobj(source, file)


def _schema() -> str:
    """The last migration of the database."""
    return max(name for app, name in MigrationRecorder(connection).applied_migrations() if app == "diffusion")


def knows(schema: str) -> bool:
    """Whether this version of Diffusion is as new as the database of that last migration."""
    return ("diffusion", schema) in (MigrationLoader(None).disk_migrations or {})


def key_names(config: Config) -> list[str]:
    """The names of the keys that open the accounts' credentials, newest first."""
    return [hashlib.sha256(key.encode()).hexdigest()[:NAMED] for key in config.fernet_keys()]


def _digest(path: Path | None) -> str:
    if path is None:
        return "missing"
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy_sqlite(database: SplitResult, target: Path) -> None:
    """The database's own online copy: one moment's state, whoever writes meanwhile."""
    if not Path(database.path).exists():
        raise no("database_missing", path=database.path)
    with (
        contextlib.closing(sqlite3.connect(f"file:{database.path}?mode=ro", uri=True)) as source,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        if (told := copy.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            raise no("database_damaged", fault=told)


def _dump_postgres(database: SplitResult, target: Path) -> None:
    _tool("pg_dump", database, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def put_sqlite(database: SplitResult, source: Path, *, mark: str) -> Path | None:
    """Put a database in the place of the one that is there, which is kept beside it. Returns where. Nothing runs on it.

    Raises OSError before anything was touched: a disk without room for both.
    """
    here = Path(database.path)
    fresh = here.with_name(f".{here.name}.{mark}")
    try:
        shutil.copyfile(source, fresh)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    fresh.chmod(0o600)
    kept = here.with_name(f"{here.name}.before-{mark}") if here.exists() else None
    if kept:
        with contextlib.closing(sqlite3.connect(here)) as old:
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        here.rename(kept)
    for rest in ("-wal", "-shm"):
        here.with_name(here.name + rest).unlink(missing_ok=True)
    fresh.rename(here)
    return kept


def put_postgres(database: SplitResult, source: Path) -> None:
    """Empty the database, then fill it in one transaction. Raises ClickException with pg_restore's own words."""
    _tool("pg_restore", None, "--list", str(source))  # readable by this pg_restore at all, before anything is emptied
    empty_postgres(database)
    _tool(
        "pg_restore", database, "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(source)
    )


def empty_postgres(database: SplitResult) -> None:
    with psycopg.connect(urlunsplit(database), autocommit=True) as way:
        way.execute("DROP SCHEMA public CASCADE")
        way.execute("CREATE SCHEMA public")


def others(database: SplitResult) -> list[str]:
    """Who else is connected to a PostgreSQL database: programs, with their process ids there."""
    asked = """SELECT coalesce(nullif(application_name, ''), usename::text) || ' (pid ' || pid || ')' FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
    with psycopg.connect(urlunsplit(database)) as way:
        return [row[0] for row in way.execute(asked)]


def has_tables(config: Config) -> bool:
    """Whether there is anything that a restore would replace."""
    if config.is_embedded:
        return Path(config.database.path).exists()
    with psycopg.connect(urlunsplit(config.database)) as way:
        found = way.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1").fetchone()
    return found is not None


def _tool(name: str, database: SplitResult | None, *words: str) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, which other users can't list."""
    environment = dict(os.environ)
    if database:
        host = database.netloc.rpartition("@")[2]
        user = (database.username or "") + "@" if database.username else ""
        words = (f"--dbname={urlunsplit(database._replace(netloc=user + host))}", *words)
        if database.password:
            environment["PGPASSWORD"] = database.password
    try:
        subprocess.run([name, *words], env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    except FileNotFoundError:
        raise no("tool_missing", name=name) from None
    except subprocess.CalledProcessError as failed:
        raise no("tool_failed", name=name, fault=failed.stderr.strip()[-500:]) from None
