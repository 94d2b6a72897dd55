"""What a setting's text may be: each function gives the value back, or raises with a code of `environment.WORDS`."""

from __future__ import annotations

import email.utils
import ipaddress
import os
import re
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import SecretStr
from pydantic_core import PydanticCustomError

from channels.addresses import Listed

# a host name's labels (RFC 1123); a leading dot, for "and all below it", is Django's
HOST = re.compile(r"\.?(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?", re.IGNORECASE)
WITHOUT_HOST = frozenset({"sqlite", "memory", "unix", "postgres", "postgresql"})  # a file, or a socket on this machine
LEAST_SECRET = 40


def _wrong(code: str, **facts: object) -> PydanticCustomError:
    return PydanticCustomError(code, code, facts)  # its words come later, in the reader's language


def split_list(text: object) -> object:
    """A comma-separated list as a tuple; anything else as it is."""
    if not isinstance(text, str):
        return text
    return tuple(entry.strip() for entry in text.split(",") if entry.strip())


def absolute(path: Path) -> Path:
    """A folder's path, whatever becomes the working directory later."""
    return path.expanduser().absolute()


def readable(path: Path) -> Path:
    """A file that is there and can be read."""
    path = absolute(path)
    if not (path.is_file() and os.access(path, os.R_OK)):
        raise _wrong("no_file")
    return path


def url(*schemes: str) -> Callable[[SecretStr], SecretStr]:
    """A check for an address of one of `schemes`; it may hold a password, hence the secret."""

    def check(secret: SecretStr) -> SecretStr:
        parts = urlsplit(secret.get_secret_value())
        if parts.scheme not in schemes:
            raise _wrong("scheme", expected=" / ".join(f"{scheme}://" for scheme in schemes))
        if parts.scheme not in WITHOUT_HOST and not parts.hostname:
            raise _wrong("no_host")
        _port(secret.get_secret_value())
        return secret

    return check


def origin(text: str) -> str:
    """A web address without anything behind the host (RFC 6454), and without its last slash."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https"):
        raise _wrong("scheme", expected="https:// / http://")
    if not parts.hostname:
        raise _wrong("no_host")
    _port(text)
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise _wrong("not_origin")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def listen(text: str) -> str:
    """`host:port`, an IPv6 address in brackets; port 0 takes a free one."""
    try:
        parts = urlsplit(f"//{text}")
        port = parts.port
    except ValueError:
        raise _wrong("bad_port") from None
    if not parts.hostname or port is None or parts.netloc != text:
        raise _wrong("not_listen")
    return text


def hosts(entries: tuple[str, ...]) -> tuple[str, ...]:
    """Host names or addresses, without scheme or port."""
    for entry in entries:
        if not (is_address(entry.strip("[]")) or HOST.fullmatch(entry)):
            raise _wrong("not_host", entry=entry)
    return entries


def private_hosts(entries: tuple[str, ...]) -> tuple[str, ...]:
    """Hosts, `host:port` or networks in CIDR notation, as the connector reads them."""
    for entry in entries:
        try:
            Listed([entry])
        except ValueError:
            raise _wrong("not_private", entry=entry) from None
    return entries


def zone(name: str) -> str:
    """A time zone of the IANA database."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # OSError: "Europe" is a folder there
        raise _wrong("zone") from None
    return name


def mail_address(text: str) -> str:
    """One address, with or without a display name (RFC 5322)."""
    local, at, domain = email.utils.parseaddr(text)[1].rpartition("@")
    if not (local and at and HOST.fullmatch(domain)):
        raise _wrong("not_address")
    return text


def long_secret(secret: SecretStr) -> SecretStr:
    """A secret nobody guesses."""
    if len(secret.get_secret_value()) < LEAST_SECRET:
        raise _wrong("too_short", least=LEAST_SECRET)
    return secret


def fernet_keys(secret: SecretStr) -> SecretStr:
    """Comma-separated keys of the Fernet specification."""
    keys = [key.strip() for key in secret.get_secret_value().split(",")]
    try:
        for key in keys:
            Fernet(key)
    except ValueError:
        raise _wrong("not_fernet") from None
    return SecretStr(",".join(keys))


def is_address(text: str) -> bool:
    """Whether it is an IP address, of either version."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _port(text: str) -> None:
    try:
        _ = urlsplit(text).port
    except ValueError:
        raise _wrong("bad_port") from None
