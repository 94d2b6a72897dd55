"""Where settings come from, and how a wrong one is told.

Four places, the first that has a value wins: the environment (`NAME`, or `NAME_FILE` with the path of a file for a
secret), the `.env` file of the working directory (the same names), a mounted secret in `/run/secrets` (the name in
lower or upper case), the default. An empty value counts as none, so that `${NAME:-}` in a compose file means "default".
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

PREFIX = "DIFFUSION_"
FILE_SUFFIX = "_FILE"


class From(StrEnum):
    """Where a setting's value came from."""

    DEFAULT = "default"
    GENERATED = "generated"
    ENVIRONMENT = "environment"
    DOTENV = ".env"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one value came from; `path` is the file, where it was one."""

    place: From
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One wrong setting: its variable, a code of `WORDS`, what was given (never a secret), an example."""

    name: str
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    given: str | None = None
    example: str = ""

    def told(self, language: str) -> str:
        """The problem as one line for the operator."""
        words = WORDS.get(self.code) or WORDS["invalid"]
        line = f"{self.name} {words[language].format_map(self.facts)}"
        if self.given is not None:
            line += {"fr": f" (reçu : {self.given!r})", "en": f" (got {self.given!r})"}[language]
        if self.example:
            line += {"fr": f". Exemple : {self.name}={self.example}", "en": f". Example: {self.name}={self.example}"}[
                language
            ]
        return line


# code → what is wrong, after the variable's name. Pydantic's own codes first, then ours.
WORDS: dict[str, dict[str, str]] = {
    "int_parsing": {"fr": "doit être un nombre entier", "en": "must be a whole number"},
    "bool_parsing": {"fr": "doit être true ou false", "en": "must be true or false"},
    "literal_error": {"fr": "doit être l’un de {expected}", "en": "must be one of {expected}"},
    "greater_than_equal": {"fr": "doit valoir au moins {ge}", "en": "must be at least {ge}"},
    "less_than_equal": {"fr": "doit valoir au plus {le}", "en": "must be at most {le}"},
    "invalid": {"fr": "n’est pas une valeur valable", "en": "is not a valid value"},
    "scheme": {"fr": "doit commencer par {expected}", "en": "must start with {expected}"},
    "no_host": {"fr": "ne nomme aucune machine", "en": "names no host"},
    "bad_port": {"fr": "a un port impossible", "en": "has an impossible port"},
    "not_origin": {
        "fr": "doit être une adresse sans chemin, ni question, ni fragment",
        "en": "must be an address without path, query or fragment",
    },
    "not_listen": {"fr": "doit s’écrire machine:port", "en": "must be written host:port"},
    "not_host": {"fr": "contient {entry!r}, qui n’est pas une machine", "en": "contains {entry!r}, which is no host"},
    "not_private": {
        "fr": "contient {entry!r}, qui n’est ni une machine, ni machine:port, ni un réseau",
        "en": "contains {entry!r}, which is neither a host, nor host:port, nor a network",
    },
    "zone": {"fr": "n’est pas un fuseau horaire connu", "en": "is not a known time zone"},
    "no_file": {"fr": "doit être un fichier lisible", "en": "must be a file that can be read"},
    "not_address": {"fr": "n’est pas une adresse électronique", "en": "is not a mail address"},
    "too_short": {"fr": "doit avoir au moins {least} caractères", "en": "must have at least {least} characters"},
    "not_fernet": {
        "fr": "doit être une liste de clés de 32 octets en base64 url",
        "en": "must be a list of 32-byte keys in url-safe base64",
    },
    "required": {
        "fr": "est nécessaire dès que DIFFUSION_DATABASE_URL désigne un serveur",
        "en": "is required once DIFFUSION_DATABASE_URL is a server",
    },
    "unreadable": {"fr": "désigne un fichier illisible : {path}", "en": "names a file that can't be read: {path}"},
    "twice": {"fr": "est donné aussi par {other} : gardez l’un des deux", "en": "is also given by {other}: keep one"},
    "unknown": {"fr": "n’est pas un réglage", "en": "is not a setting"},
    "unknown_near": {
        "fr": "n’est pas un réglage ; vouliez-vous {near} ?",
        "en": "is not a setting; did you mean {near}?",
    },
}


class ConfigError(Exception):
    """Settings that can't be used; says all that is wrong at once, in the terminal's language."""

    def __init__(self, problems: Collection[Problem], language: str) -> None:
        self.problems = tuple(problems)
        self.language = language
        head = {"fr": "Réglages à corriger :", "en": "Settings to put right:"}[language]
        super().__init__("\n".join([head, *(f"  {problem.told(language)}" for problem in self.problems)]))


@dataclass(frozen=True, slots=True)
class Given:
    """What was found: raw text by field name, its origin, and what was wrong while looking."""

    values: dict[str, str]
    origins: dict[str, Origin]
    problems: list[Problem]


def language_of(env: Mapping[str, str]) -> str:
    """The terminal's language, by POSIX precedence of the locale variables: English if they name another than French.

    Nothing, `C` and `POSIX` name none: French, the product's first.
    """
    locale = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    named = re.match(r"[a-z]{2,3}(?![a-z])", locale.lower())
    return "en" if named and named[0] not in ("fr", "fra") else "fr"


def gather(
    env: Mapping[str, str],
    *,
    fields: Collection[str],
    secrets: Collection[str],
    dotenv: Path | None,
    mounted: Path | None,
) -> Given:
    """Collect raw values for `fields` (of which `secrets` may also come from files) from the four places."""
    given = Given({}, {}, [])
    places: list[tuple[From, Mapping[str, str | None]]] = [(From.ENVIRONMENT, env)]
    if dotenv is not None and dotenv.is_file():
        places.append((From.DOTENV, dotenv_values(dotenv, interpolate=False)))
    for place, variables in places:
        found = {name: value for name, value in variables.items() if name.startswith(PREFIX) and value}
        given.problems.extend(_unknown(found, fields, secrets))
        for name in fields:
            _take(given, name, place, found, may_be_file=name in secrets)
    for name in secrets:
        _take_mounted(given, name, mounted)
    return given


def _take(given: Given, name: str, place: From, found: Mapping[str, str | None], *, may_be_file: bool) -> None:
    """Keep what `place` says about `name`, unless an earlier place already spoke."""
    variable = PREFIX + name.upper()
    path = found.get(variable + FILE_SUFFIX) if may_be_file else None
    value = found.get(variable)
    if path and value:
        given.problems.append(Problem(variable, "twice", {"other": variable + FILE_SUFFIX}))
    if name in given.values:
        return
    if path:
        _take_file(given, name, variable + FILE_SUFFIX, Path(path))
    elif value:
        given.values[name], given.origins[name] = value, Origin(place)


def _take_file(given: Given, name: str, variable: str, path: Path) -> None:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        given.problems.append(Problem(variable, "unreadable", {"path": path}, example=f"/run/secrets/{name}"))
        return
    if text:
        given.values[name], given.origins[name] = text, Origin(From.FILE, path)


def _take_mounted(given: Given, name: str, mounted: Path | None) -> None:
    variable = PREFIX + name.upper()
    if mounted is None or name in given.values:
        return
    for path in (mounted / variable.lower(), mounted / variable):
        if path.is_file() and os.access(path, os.R_OK):
            _take_file(given, name, variable, path)
            return


def _unknown(found: Collection[str], fields: Collection[str], secrets: Collection[str]) -> list[Problem]:
    """A misspelt setting would otherwise be a default that nobody chose."""
    known = {name.upper() for name in fields} | {name.upper() + FILE_SUFFIX for name in secrets}
    problems = []
    for name in sorted(variable.removeprefix(PREFIX) for variable in found):
        if name in known:
            continue
        near = difflib.get_close_matches(name, known, n=1)  # without the prefix, which makes all names alike
        code, facts = ("unknown_near", {"near": PREFIX + near[0]}) if near else ("unknown", {})
        problems.append(Problem(PREFIX + name, code, facts))
    return problems
