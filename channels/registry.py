"""The table of channels, one line each. A channel's module is imported when it is first asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from channels.contract import Channel

CHANNELS: dict[str, str] = {
    "board": "channels.board:Board",
    "wordpress": "channels.wordpress:WordPress",
    "mastodon": "channels.mastodon:Mastodon",
    "bluesky": "channels.bluesky:Bluesky",
    "x": "channels.x:X",
    "smtp": "channels.smtp:Smtp",
    "feed": "channels.feed:Feed",
    "sms": "channels.sms:Sms",
}


class UnknownChannel(LookupError):
    """No channel has this name. `known` are the names that exist."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no channel is called {name!r}; there are {', '.join(CHANNELS)}")
        self.name = name
        self.known = names()


def names() -> tuple[str, ...]:
    """Every channel's name, in the table's order. Imports none of them."""
    return tuple(CHANNELS)


@cache
def get(name: str) -> type[Channel]:
    """The channel of that name. Raises UnknownChannel."""
    if name not in CHANNELS:
        raise UnknownChannel(name)
    module, _, class_name = CHANNELS[name].partition(":")
    channel: type[Channel] = getattr(import_module(module), class_name)
    return channel


def all_channels() -> tuple[type[Channel], ...]:
    """Every channel, in the table's order."""
    return tuple(get(name) for name in CHANNELS)


def rows() -> list[dict[str, Any]]:
    """The channels as `diffusion channels list --json` prints them. `limit` is in what `counting` counts, or null."""
    return [
        {
            "name": channel.name,
            "kind": channel.kind.value,
            "counting": channel.limits.counting.value,
            "limit": channel.limits.text,
            "publishes": channel.publishes,
        }
        for channel in all_channels()
    ]
