"""`diffusion …`: nouns, then verbs. Each command's file is imported when it is called, so that a row command starts fast."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from diffusion.environment import language_of

COMMANDS = {
    "account": "diffusion.cli.accounts:account",
    "backup": "diffusion.cli.backup:backup",
    "channels": "diffusion.cli.rows:channels",
    "charter": "diffusion.cli.charter:charter",
    "delivery": "diffusion.cli.deliveries:delivery",
    "directorate": "diffusion.cli.people:directorate",
    "doctor": "diffusion.cli.doctor:doctor",
    "documents": "diffusion.cli.documents:documents",
    "evaluate": "diffusion.cli.evaluate:evaluate",
    "facts": "diffusion.cli.rows:facts",
    "fit": "diffusion.cli.rows:fit",
    "hold": "diffusion.cli.deliveries:hold",
    "letter": "diffusion.cli.letters:letter",
    "message": "diffusion.cli.messages:message",
    "person": "diffusion.cli.people:person",
    "place": "diffusion.cli.places:place",
    "reconcile": "diffusion.cli.replaying:reconcile",
    "reference": "diffusion.cli.reference:reference",
    "replay": "diffusion.cli.replaying:replay",
    "restore": "diffusion.cli.backup:restore",
    "settings": "diffusion.cli.settings_cmd:settings",
    "source": "diffusion.cli.sources:source",
    "status": "diffusion.cli.doctor:status",
    "submit": "diffusion.cli.messages:submit",
    "tone": "diffusion.cli.rows:tone",
}
"""Command → where it is. `workers.cli` adds those that run something: up, worker, clock, demo."""

HINT = {"fr": "Que faire : diffusion doctor", "en": "What to do: diffusion doctor"}
NOT_STARTED = {
    "fr": "Rien n’a encore démarré dans {home}. Démarrez d’abord : diffusion up (ou diffusion migrate, si les parties "
    "tournent séparément). Pour un autre dossier : DIFFUSION_HOME.",
    "en": "Nothing was started in {home} yet. Start first: diffusion up (or diffusion migrate, if its parts run apart). "
    "For another folder: DIFFUSION_HOME.",
}
NOT_CURRENT = {
    "fr": "La base est d’une autre version de Diffusion. Redémarrez : diffusion up (ou diffusion migrate).",
    "en": "The database is of another version of Diffusion. Start anew: diffusion up (or diffusion migrate).",
}
NOT_UTF8 = {
    "fr": "Ce qui a été écrit n’est pas de l’UTF-8. Vérifiez la langue du terminal (LC_ALL).",
    "en": "What was typed is not UTF-8. Check the terminal’s locale (LC_ALL).",
}


class Lazy(click.Group):
    """A group whose commands are named in a table."""

    def __init__(self, *args: Any, table: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self.table})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.table:
            return super().get_command(ctx, cmd_name)
        module, _, name = self.table[cmd_name].partition(":")
        found = getattr(importlib.import_module(module), name)
        assert isinstance(found, click.Command)  # the table is ours
        return found


@click.group(
    cls=Lazy, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
def cli() -> None:
    """One message across all channels."""


def language() -> str:
    """The reader's language, by the locale variables as for settings: one rule for everything that a terminal shows."""
    return language_of(os.environ)


def ready() -> None:
    """Set Django up. Every command that needs the database begins here; what it writes is its owner's alone."""
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "diffusion.settings")
    import django

    django.setup()


def answered(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command over verbs: a verb's no, or a database that is away, is one clear line and exit status 1."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        ready()
        from django.core.exceptions import ObjectDoesNotExist
        from django.db import DatabaseError

        from diffusion.errors import No, word

        try:
            return command(*args, **kwargs)
        except No as no:
            raise click.ClickException(word(no.code, language(), **no.facts)) from None
        except ObjectDoesNotExist as missing:
            raise click.ClickException(str(missing)) from None
        except DatabaseError as fault:
            raise click.ClickException(_about(fault)) from None
        except UnicodeEncodeError:  # what was typed held bytes that are no UTF-8
            raise click.ClickException(NOT_UTF8[language()]) from None

    return run


def _about(fault: Exception) -> str:
    """What a database's fault means for whoever typed: nothing was started, another version, or its own words."""
    from django.conf import settings
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        known = MigrationExecutor(connection).loader
    except DatabaseError:  # it can't be asked at all
        return f"database: {str(fault).strip()}\n{HINT[language()]}"
    if not known.applied_migrations:
        return NOT_STARTED[language()].format(home=settings.DIFFUSION.home)
    if set(known.graph.nodes) - set(known.applied_migrations):
        return NOT_CURRENT[language()]
    return f"database: {str(fault).strip()}\n{HINT[language()]}"


def main() -> None:
    """Run, and turn what stops everything into one line and an exit status."""
    from diffusion.environment import ConfigError

    try:
        cli.main(prog_name="diffusion")
    except ConfigError as wrong:
        click.echo(str(wrong), err=True)
        sys.exit(2)
    except OSError as fault:  # a home that can't be written, a file that went away
        click.echo(f"{fault.strerror or fault}: {fault.filename or ''}\n{HINT[language()]}", err=True)
        sys.exit(1)
