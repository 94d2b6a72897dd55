"""The rehearsal servers of `up`: on the loopback, in this process, with what they accepted kept in the home."""

from __future__ import annotations

import socket
from typing import Any

from diffusion.accounts import rehearsal


class Rehearsal:
    """Open from `start` to `stop`, each on the port that it had before. While rehearsal is off there are none."""

    def __init__(self) -> None:
        self.servers: dict[str, Any] = {}

    def start(self) -> None:
        if not rehearsal.is_on():
            return
        from channels.rehearsal.mastodon import MastodonServer  # who doesn't rehearse doesn't carry them
        from channels.rehearsal.smtp import SmtpServer

        kinds: dict[str, Any] = {"mastodon": MastodonServer, "smtp": SmtpServer}
        for name, kept in rehearsal.ports(free_port).items():
            port = free_port(kept)
            if port != kept:
                rehearsal.moved(name, port)
            self.servers[name] = kinds[name](rehearsal.folder(), host=rehearsal.HOST, port=port)
            self.servers[name].start()

    def stop(self) -> None:
        for server in self.servers.values():
            server.stop()


def free_port(wanted: int = 0) -> int:
    """The wanted port of this machine if nobody listens there, else another. Raises OSError when there is none."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((rehearsal.HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port")
