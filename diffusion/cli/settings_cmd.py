"""`diffusion settings`: every setting, its value and where the value came from; secrets masked."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import click
from pydantic import SecretStr

from diffusion.config import Config, variable
from diffusion.environment import From, language_of

MASK = "***"
ORIGINS = {
    "fr": {
        From.DEFAULT: "par défaut",
        From.GENERATED: "fabriquée dans {path}",
        From.ENVIRONMENT: "environnement",
        From.DOTENV: "fichier .env",
        From.FILE: "fichier {path}",
    },
    "en": {
        From.DEFAULT: "default",
        From.GENERATED: "made in {path}",
        From.ENVIRONMENT: "environment",
        From.DOTENV: ".env file",
        From.FILE: "file {path}",
    },
}


def masked(secret: str) -> str:
    """A secret as it may be shown: an address without its password, anything else not at all."""
    parts = urlsplit(secret)
    if "://" not in secret:
        return MASK
    if parts.password is None:
        return secret
    user, host = parts.netloc.rpartition("@")[0].split(":")[0], parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{MASK}@{host}"))


def shown(value: object) -> Any:
    """A value for people and for JSON alike: text, number, true, false, or null where nothing is set."""
    if isinstance(value, SecretStr):
        return masked(value.get_secret_value())
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value) if isinstance(value, Path) else value


def rows(config: Config) -> list[dict[str, Any]]:
    """One row a setting: `name`, `value`, `origin`, and `file` where it came from one."""
    database = config.database_url or f"sqlite://{config.database.path}"
    in_effect: dict[str, object] = {
        "secret_key": MASK,
        "credential_keys": MASK,
        "database_url": database,
        "secure": config.is_secure,
    }
    found = []
    for name, origin in config.origins().items():
        value = shown(in_effect.get(name, getattr(config, name)))
        file = str(origin.path) if origin.path else None
        found.append({"name": variable(name), "value": value, "origin": origin.place.value, "file": file})
    return found


def line(row: dict[str, Any], language: str, width: int) -> str:
    """A row for the terminal."""
    value = row["value"]
    text = {None: "–", "": "–", True: "true", False: "false"}.get(value, value) if type(value) is not int else value
    origin = ORIGINS[language][From(row["origin"])].format(path=row["file"])
    return f"{row['name']:<{width}}  {text}  ({origin})"


@click.command("settings")
@click.option("--json", "as_json", is_flag=True, help="One JSON array, for scripts.")
def settings(as_json: bool) -> None:
    """Print every setting, its value and where it came from; secrets are masked.

    \b
    Example: DIFFUSION_LOG_LEVEL=debug diffusion settings
    """
    found = rows(Config.load())
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    width = max(len(row["name"]) for row in found)
    for row in found:
        click.echo(line(row, language_of(os.environ), width))
