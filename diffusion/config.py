"""Every setting, once: typed, described, checked at start. The description is a setting's only documentation.

`config()` is the running process's; `Config.load(env={…})` builds another, for tests. Loading touches no file but
those that it reads: the home and its keys are made when they are first asked for.
"""

from __future__ import annotations

import functools
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import SplitResult, urlsplit

from cryptography.fernet import Fernet
from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from diffusion import valid
from diffusion.environment import PREFIX, ConfigError, From, Origin, Problem, gather, language_of
from diffusion.home import CREDENTIALS_FILE, SIGNING_FILE, kept, make_private

MIB = 1024 * 1024
Names = Annotated[tuple[str, ...], BeforeValidator(valid.split_list)]


def _default_home() -> Path:
    """The XDG base directory specification's place for what a program keeps."""
    return Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser() / "diffusion"


class Config(BaseSettings):
    """All settings. Each is the variable `DIFFUSION_` and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True)

    # what a run keeps
    home: Annotated[Path, AfterValidator(valid.absolute)] = Field(
        default_factory=_default_home,
        description="Folder of everything that a run keeps: database, media, generated keys, outbox. Made 0700.",
        examples=["/var/lib/diffusion"],
    )
    secret_key: Annotated[SecretStr, AfterValidator(valid.long_secret)] | None = Field(
        None,
        description="Signs sessions and links. Generated and kept in the home while the database is SQLite; "
        "to be given, the same to every part, once the database is a server. At least 40 characters.",
        examples=["$(openssl rand -base64 48)"],
    )
    credential_keys: Annotated[SecretStr, AfterValidator(valid.fernet_keys)] | None = Field(
        None,
        description="Fernet keys that encrypt the accounts' credentials, comma-separated, newest first: the first "
        "encrypts, all decrypt, so a key is changed by putting another before it. "
        "Generated, or required, as the secret key.",
        examples=["$(openssl rand -base64 32 | tr +/ -_)"],
    )
    database_url: Annotated[SecretStr, AfterValidator(valid.url("sqlite", "postgres", "postgresql"))] | None = Field(
        None,
        description="PostgreSQL, or `sqlite:///` and an absolute path; by default SQLite in the home.",
        examples=["postgres://diffusion:password@db.example:5432/diffusion?sslmode=require"],
    )
    broker_url: Annotated[SecretStr, AfterValidator(valid.url("memory", "redis", "rediss", "unix"))] = Field(
        SecretStr("memory://"),
        description="What wakes the workers: Redis or Valkey, or the process's own memory (`diffusion up`).",
        examples=["redis://broker.example:6379/0"],
    )

    # where it is reached
    base_url: Annotated[str, AfterValidator(valid.origin)] = Field(
        "http://127.0.0.1:8000",
        description="The public address, as residents and colleagues type it: links in mails and posts begin with it.",
        examples=["https://diffusion.valclair.example"],
    )
    listen: Annotated[str, AfterValidator(valid.listen)] = Field(
        "127.0.0.1:8000", description="Address and port that the web server listens on.", examples=["0.0.0.0:8000"]
    )
    allowed_hosts: Annotated[Names, AfterValidator(valid.hosts)] = Field(
        (),
        description="Host names that pages answer to, comma-separated, beside the one of the public address.",
        examples=["diffusion.valclair.example,intranet.valclair.example"],
    )
    trusted_proxy: str = Field(
        "",
        description="Address of the reverse proxy whose X-Forwarded-For and X-Forwarded-Proto are believed; "
        "empty: nobody's are. `*` believes whoever connects, for a port that only the proxy reaches.",
        examples=["10.0.0.2"],
    )
    secure: bool | None = Field(
        None,
        description="Cookies by TLS only, and HSTS. By default, whether the public address begins with https.",
        examples=["true"],
    )

    # what it reaches
    private_hosts: Annotated[Names, AfterValidator(valid.private_hosts)] = Field(
        (),
        description="Private addresses that feeds, media and channels may be at, comma-separated: hosts, host:port "
        "or networks. Empty: none.",
        examples=["intranet.valclair.example,10.1.2.0/24,127.0.0.1:8081"],
    )
    proxy: Annotated[SecretStr, AfterValidator(valid.url("http"))] | None = Field(
        None,
        description="Proxy for everything that goes out by HTTP; by default none, whatever HTTPS_PROXY says.",
        examples=["http://proxy.valclair.example:3128"],
    )
    ca_file: Annotated[Path, AfterValidator(valid.readable)] | None = Field(
        None,
        description="Certificates (PEM) to trust beside the usual ones: a public body's own authority.",
        examples=["/etc/ssl/certs/ca-certificates.crt"],
    )
    email_url: Annotated[SecretStr, AfterValidator(valid.url("smtp", "smtps", "smtp+tls"))] | None = Field(
        None,
        description="Relay for the product's own mails (approvals, sign-in links); `smtp+tls` is STARTTLS, `smtps` is "
        "TLS at once. By default they are kept as files in the home's outbox.",
        examples=["smtp+tls://diffusion:password@mail.example:587"],
    )
    from_email: Annotated[str, AfterValidator(valid.mail_address)] = Field(
        "diffusion@localhost",
        description="Sender of the product's own mails.",
        examples=["Diffusion <diffusion@valclair.example>"],
    )

    # how it speaks
    language: Literal["fr", "en"] = Field(
        "fr", description="Language of pages and mails for who hasn't chosen one.", examples=["en"]
    )
    time_zone: Annotated[str, AfterValidator(valid.zone)] = Field(
        "Europe/Paris",
        description="IANA zone in which an authority without one of its own plans.",
        examples=["Indian/Reunion"],
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least that is logged.", examples=["warning"]
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="Log lines for people, or one JSON object a line for machines.", examples=["json"]
    )

    # how it works
    web_threads: int = Field(8, ge=1, le=256, description="Threads that answer pages, a process.", examples=["16"])
    worker_threads: int = Field(8, ge=1, le=256, description="Threads that deliver, a process.", examples=["16"])
    lease_seconds: int = Field(
        180,
        ge=90,
        le=3600,
        description="Seconds for which a worker owns a delivery that it claimed; one that died longer ago is replaced. "
        "Longer than any channel's own deadline (60 at most).",
        examples=["300"],
    )
    media_max_bytes: int = Field(
        20 * MIB, ge=1, description="Largest picture, sound or video taken in, in bytes.", examples=["52428800"]
    )
    rehearsal: bool = Field(
        False,
        description="`diffusion up` starts rehearsal servers for Mastodon and SMTP on this machine's loopback, and accounts "
        "there are offered: no credentials, marked « répétition », told apart in figures. Off: what goes to such accounts "
        "waits. `up --demo` and `demo` turn it on.",
        examples=["true"],
    )
    metrics_token: Annotated[SecretStr, AfterValidator(valid.long_secret)] | None = Field(
        None,
        description="Bearer token for Prometheus at `/metrics`; without it there are none. At least 40 characters.",
        examples=["$(openssl rand -base64 48)"],
    )
    debug: bool = Field(
        False, description="Django's error pages, with source and values: never in public.", examples=["true"]
    )

    _origins: dict[str, Origin] = PrivateAttr(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_others: Any, **_more: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only `load`, which notes each value's origin as it takes it, so that the two can't disagree."""
        return (init_settings,)

    @classmethod
    def load(
        cls, env: Mapping[str, str] | None = None, *, dotenv: Path | None = None, mounted: Path | None = None
    ) -> Self:
        """Read and check all settings. Raises ConfigError with everything that is wrong.

        Without `env`, the process's own: its environment, `.env` here, `/run/secrets`.
        """
        if env is None:
            env, dotenv, mounted = os.environ, dotenv or Path(".env"), mounted or Path("/run/secrets")
        given = gather(env, fields=cls.model_fields, secrets=cls.secrets(), dotenv=dotenv, mounted=mounted)
        problems = [*given.problems, *cls._missing(given.values)]
        try:
            loaded = cls(**given.values)  # type: ignore[arg-type]  # raw text, which pydantic reads
        except ValidationError as error:
            problems += [cls._problem(row) for row in error.errors(include_input=True)]
        if problems:
            raise ConfigError(problems, language_of(env))
        loaded._origins.update(given.origins)
        return loaded

    @classmethod
    def secrets(cls) -> frozenset[str]:
        """The fields that are never shown, and may come from files."""
        return frozenset(name for name, row in cls.model_fields.items() if _mentions(row.annotation, SecretStr))

    @classmethod
    def _missing(cls, values: Mapping[str, str]) -> list[Problem]:
        """Several machines can't share keys that one of them made for itself."""
        if not values.get("database_url", "").startswith("postgres"):
            return []
        needed = [name for name in ("secret_key", "credential_keys") if name not in values]
        return [Problem(variable(name), "required", example=cls._example(name)) for name in needed]

    @classmethod
    def _problem(cls, row: ErrorDetails) -> Problem:
        name = str(row["loc"][0])
        given = None if name in cls.secrets() else str(row["input"])
        return Problem(variable(name), row["type"], row.get("ctx", {}), given=given, example=cls._example(name))

    @classmethod
    def _example(cls, name: str) -> str:
        return str((cls.model_fields[name].examples or [""])[0])

    def origins(self) -> dict[str, Origin]:
        """Where each setting's value came from, by field name."""
        made = {"secret_key": SIGNING_FILE, "credential_keys": CREDENTIALS_FILE}
        unset = dict.fromkeys(type(self).model_fields, Origin(From.DEFAULT))
        own = {name: Origin(From.GENERATED, self.home / file) for name, file in made.items()}
        return unset | own | self._origins

    @property
    def is_embedded(self) -> bool:
        """Whether the database is SQLite, so that one machine has everything."""
        return self.database.scheme == "sqlite"

    @property
    def database(self) -> SplitResult:
        """The database's address in parts; of `sqlite`, `path` is the file."""
        if self.database_url is None:
            return SplitResult("sqlite", "", str(self.home / "diffusion.sqlite3"), "", "")
        return urlsplit(self.database_url.get_secret_value())

    @property
    def is_secure(self) -> bool:
        """Whether cookies go by TLS only."""
        return self.base_url.startswith("https:") if self.secure is None else self.secure

    @property
    def listen_host(self) -> str:
        """The address to listen on."""
        return urlsplit(f"//{self.listen}").hostname or ""

    @property
    def listen_port(self) -> int:
        """The port to listen on; 0 takes a free one."""
        return urlsplit(f"//{self.listen}").port or 0

    @property
    def hosts(self) -> list[str]:
        """Every host name that pages answer to; this machine's own always, for health checks and for `make run`."""
        own = ("127.0.0.1", "localhost", "[::1]")
        return list(dict.fromkeys([urlsplit(self.base_url).hostname or "", *self.allowed_hosts, *own]))

    def make_home(self) -> Path:
        """The home, made for its owner's eyes alone. Raises OSError where it can't be."""
        return make_private(self.home)

    def signing_key(self) -> str:
        """The secret key given, or the home's own, made at the first call."""
        if self.secret_key:
            return self.secret_key.get_secret_value()
        return kept(self.make_home() / SIGNING_FILE, lambda: secrets.token_urlsafe(48))

    def fernet_keys(self) -> list[str]:
        """The keys of the accounts' credentials, newest first: given, or the home's own, made at the first call."""
        if self.credential_keys:
            return self.credential_keys.get_secret_value().split(",")
        return kept(self.make_home() / CREDENTIALS_FILE, lambda: Fernet.generate_key().decode()).split(",")


def variable(name: str) -> str:
    """The environment variable of a field."""
    return PREFIX + name.upper()


def _mentions(annotation: object, kind: type) -> bool:
    return annotation is kind or any(_mentions(part, kind) for part in get_args(annotation))


@functools.cache
def config() -> Config:
    """This process's settings, read once. Raises ConfigError."""
    return Config.load()
