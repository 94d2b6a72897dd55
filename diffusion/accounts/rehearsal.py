"""Rehearsal: servers on this machine that stand in for a network and a relay. Off unless asked; nothing leaves it.

An account that rehearses is given no credentials: address and token are the server's, read when they are needed, so
that a server which comes back elsewhere is found again. It reaches the loopback alone (`channels.addresses`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from channels.http import Http
from diffusion.errors import BadInput, NotNow
from diffusion.home import kept

HOST, TOKEN = "127.0.0.1", "rehearsal"
_LOOPBACK = (HOST, "localhost", "::1")


def _mastodon(port: int) -> dict[str, Any]:
    return {"server": f"http://{HOST}:{port}", "access_token": TOKEN}


def _smtp(port: int) -> dict[str, Any]:
    return {"host": HOST, "port": port, "security": "none", "username": "", "password": "", "drops_duplicates": True}


WAYS: dict[str, Callable[[int], dict[str, Any]]] = {"mastodon": _mastodon, "smtp": _smtp}
"""Channel → what its rehearsal server answers to, by its port. A channel that isn't here has none."""


def is_on() -> bool:
    """Whether the operator asked for it."""
    return bool(settings.DIFFUSION.rehearsal)


def offered() -> tuple[str, ...]:
    """The channels that can be rehearsed now."""
    return tuple(WAYS) if is_on() else ()


@functools.cache
def http() -> Http:
    """The way out of every account that rehearses: it leads to this machine, whatever the operator listed."""
    return Http.on_this_machine()


def folder() -> Path:
    """Where the servers keep what they accepted, and their ports."""
    path: Path = settings.DIFFUSION.make_home() / "rehearsal"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def ports(fresh: Callable[[], int]) -> dict[str, int]:
    """Channel → port, the same at each start: receipts name them. `fresh` gives one to a channel that has none."""
    return {name: int(kept(folder() / f"{name}.port", lambda: str(fresh()))) for name in WAYS}


def moved(channel: str, port: int) -> None:
    """Its port was taken: from now on it listens here."""
    draft = folder() / f"{channel}.port.new"
    draft.write_text(str(port))
    draft.replace(folder() / f"{channel}.port")


def addresses() -> dict[str, str]:
    """Channel → where its server listens: none while rehearsal is off, or before a first `diffusion up`."""
    return {name: f"{HOST}:{port}" for name in offered() if (port := _port(name))}


def _port(channel: str) -> int:
    """0 before the first start."""
    file = folder() / f"{channel}.port"
    return int(file.read_text()) if file.exists() else 0


def reached_by(channel: str) -> tuple[str, ...]:
    """The credentials that the server says itself, by their names."""
    return tuple(WAYS[channel](0)) if channel in WAYS else ()


def filled(channel: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The credentials of an account that rehearses: the server's own, and what was given beside them.

    Raises NotNow while rehearsal is off; BadInput for a channel without a rehearsal or an address elsewhere.
    """
    if channel not in WAYS:
        raise BadInput("rehearsal_unknown", given=channel, known=", ".join(WAYS))
    if not is_on():
        raise NotNow("rehearsal_off")
    elsewhere = next((given[name] for name in ("server", "host") if not _is_here(given.get(name) or HOST)), "")
    if elsewhere:
        raise BadInput("rehearsal_elsewhere", given=elsewhere)
    sender = {"sender": parseaddr(settings.DIFFUSION.from_email)[1]} if channel == "smtp" else {}
    return {**sender, **given, **WAYS[channel](_port(channel) or 1)}


def _is_here(address: str) -> bool:
    try:
        host = urlsplit(address if "://" in address else f"//{address}").hostname
    except ValueError:
        return False
    return host in _LOOPBACK
