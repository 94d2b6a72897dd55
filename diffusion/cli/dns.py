"""What the DNS says in TXT records: RFC 1035, EDNS by RFC 6891, over TCP where the answer is cut. Enough for `doctor`."""

from __future__ import annotations

import secrets
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RESOLV_CONF = Path("/etc/resolv.conf")
PORT, WAIT_S, PAYLOAD = 53, 3.0, 1232
TXT, INTERNET, OPT = 16, 1, 41
NO_SUCH_NAME, TRUNCATED, RECURSION = 3, 0x0200, 0x0100


class NoAnswer(OSError):
    """No server of /etc/resolv.conf says yes or no."""


@dataclass(frozen=True, slots=True)
class Said:
    """Whether the name is there at all (names below it count, RFC 8020), and its texts."""

    exists: bool
    texts: tuple[str, ...] = ()


def ask(name: str, servers: tuple[tuple[str, int], ...] = ()) -> Said:
    """The TXT records of a name. Raises NoAnswer."""
    for server in servers or _servers():
        try:
            said = _answer(_ask(name, server))
        except (OSError, struct.error, IndexError, UnicodeError):
            continue
        if said is not None:
            return said
    raise NoAnswer(name)


def _servers() -> tuple[tuple[str, int], ...]:
    lines = (line.split() for line in RESOLV_CONF.read_text().splitlines()) if RESOLV_CONF.exists() else ()
    return tuple((words[1], PORT) for words in lines if words[:1] == ["nameserver"] and len(words) > 1)


def _ask(name: str, server: tuple[str, int]) -> bytes:
    number = secrets.randbits(16)
    labels = [label.encode("idna") for label in name.rstrip(".").split(".")]
    asked = b"".join(bytes([len(label)]) + label for label in labels) + b"\0" + struct.pack("!HH", TXT, INTERNET)
    more = b"\0" + struct.pack("!HHIH", OPT, PAYLOAD, 0, 0)
    query = struct.pack("!6H", number, RECURSION, 1, 0, 0, 1) + asked + more
    family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as way:
        way.settimeout(WAIT_S)
        way.connect(server)
        way.send(query)
        answer = way.recv(65535)
    if struct.unpack("!H", answer[2:4])[0] & TRUNCATED:
        with socket.create_connection(server, WAIT_S) as way, way.makefile("rwb") as stream:
            stream.write(struct.pack("!H", len(query)) + query)
            stream.flush()
            answer = stream.read(struct.unpack("!H", stream.read(2))[0])
    if answer[:2] != query[:2]:
        raise OSError("an answer to another question")
    return answer


def _answer(answer: bytes) -> Said | None:
    """None: the server could not tell."""
    _, flags, questions, count, _, _ = struct.unpack("!6H", answer[:12])
    if flags & 0xF not in (0, NO_SUCH_NAME):
        return None
    at = 12
    for _ in range(questions):
        at = _past_name(answer, at) + 4
    return Said(flags & 0xF == 0, tuple(_texts(answer, at, count)))


def _texts(answer: bytes, at: int, count: int) -> Iterator[str]:
    for _ in range(count):
        at = _past_name(answer, at)
        kind, _, _, length = struct.unpack("!HHIH", answer[at : at + 10])
        at += 10
        if kind == TXT:
            yield _text(answer[at : at + length])
        at += length


def _text(data: bytes) -> str:
    """A text is strings of at most 255 bytes, read as one."""
    parts, at = [], 0
    while at < len(data):
        parts.append(data[at + 1 : at + 1 + data[at]])
        at += 1 + data[at]
    return b"".join(parts).decode("utf-8", "replace")


def _past_name(answer: bytes, at: int) -> int:
    """Where a name ends: at a zero, or after a pointer of two bytes."""
    while answer[at]:
        if answer[at] & 0xC0:
            return at + 2
        at += 1 + answer[at]
    return at + 1
