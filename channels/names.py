"""A name → its addresses, within a time: the system's resolver can't be cut short, so nobody waits for it.

`getaddrinfo` takes as long as the system's resolver is set to take, some 5 to 40 seconds where no name server answers.
It runs in a thread of its own. Who asks waits for it as long as they have time; who asks for the same name meanwhile
waits for the same answer, so that a dead name server holds one thread a name, however many deliveries there are.
"""

from __future__ import annotations

import socket
import threading
from concurrent.futures import Future
from typing import Any

Infos = list[tuple[Any, ...]]
"""What `getaddrinfo` gives: family, kind, protocol, canonical name, address."""

_lock = threading.Lock()
_under_way: dict[tuple[str, int], Future[Infos]] = {}


def look_up(host: str, port: int, within_s: float) -> Infos:
    """Every address of the name. Raises socket.gaierror for an unknown one, UnicodeError for what is none, TimeoutError."""
    try:  # an address needs nobody's answer
        return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST))
    except socket.gaierror:
        found = _asked(host, port)
    try:
        return found.result(within_s)
    except TimeoutError as error:
        raise TimeoutError(f"the name {host} was not looked up in time") from error


def _asked(host: str, port: int) -> Future[Infos]:
    with _lock:
        found = _under_way.get((host, port))
        if found is None:
            found = _under_way[host, port] = Future()
            threading.Thread(target=_ask, args=(host, port, found), name=f"name {host}", daemon=True).start()
        return found


def _ask(host: str, port: int, found: Future[Infos]) -> None:
    try:
        infos = list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except Exception as error:  # whatever it is, whoever waits for the answer gets it
        outcome: Infos | Exception = error
    else:
        outcome = infos
    with _lock:
        del _under_way[host, port]
    if isinstance(outcome, Exception):
        found.set_exception(outcome)
    else:
        found.set_result(outcome)
