"""Where a connection may go: nowhere private, unless the operator listed it.

A name is resolved once; if any address it has isn't public, all are refused. What connects then uses the very
addresses checked here, so that a name which changes its mind between the check and the connection gains nothing.
Decimal, hexadecimal and octal spellings end here as the addresses they mean, since the resolver reads them first.

Sources: the IANA special-purpose registries (https://www.iana.org/assignments/iana-ipv4-special-registry and
…/iana-ipv6-special-registry), RFC 6052 and 8215 (NAT64), RFC 3056 (6to4), RFC 4380 (Teredo), RFC 6598 (shared space).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any, NamedTuple

from channels.names import look_up

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
"""The only part of IPv6 that is routed publicly: leaves out mapped, compatible, NAT64, site-local and multicast."""

DENIED: tuple[Network, ...] = tuple(
    ipaddress.ip_network(n)
    for n in (
        "192.0.0.0/24",  # protocol assignments: older Pythons call most of it global
        "192.88.99.0/24",  # 6to4 relays
        "2002::/16",  # 6to4: carries any IPv4 address
        "2001::/23",  # Teredo and other protocol assignments
        "3fff::/20",  # documentation
    )
)


class AddressForbidden(Exception):
    """This address is private, or its scheme or shape is not accepted. Nothing was sent.

    `reason` is one of: private, plain_http (credentials would travel unencrypted), bad_url, downgrade,
    not_this_machine.
    """

    def __init__(self, host: str, reason: str = "private") -> None:
        super().__init__(f"{host}: {reason}")
        self.host = host
        self.reason = reason


class Resolved(NamedTuple):
    """One way to a host: what `socket.socket` and `connect` take."""

    family: int
    sockaddr: tuple[Any, ...]

    @property
    def address(self) -> Address:
        return ipaddress.ip_address(str(self.sockaddr[0]).partition("%")[0])


class Listed:
    """The operator's exceptions: `host`, `host:port` or a network such as `10.0.0.0/8`; hosts match exactly.

    Raises ValueError, naming the entry, for one that is none of these.
    """

    refusal = "private"
    """Why an address that isn't allowed isn't."""

    def __init__(self, entries: Iterable[str] = ()) -> None:
        self.hosts: set[tuple[str, int | None]] = set()
        self.networks: list[Network] = []
        for entry in entries:
            self._add(entry.strip())

    def _add(self, entry: str) -> None:
        if "/" in entry:
            self.networks.append(ipaddress.ip_network(entry))
            return
        host, port = entry, ""
        if entry.startswith("["):
            host, _, port = entry[1:].partition("]")
            port = port.removeprefix(":")
        elif entry.count(":") == 1:
            host, _, port = entry.partition(":")
        if not host or any(c in host for c in " @?#*") or (port and not port.isdecimal()):
            raise ValueError(f"{entry!r} is neither a host, nor host:port, nor a network such as 10.0.0.0/8")
        self.hosts.add((plain(host), int(port) if port else None))

    def names(self, host: str, port: int) -> bool:
        """Whether this very host, or this host with this port, is listed."""
        return (plain(host), None) in self.hosts or (plain(host), port) in self.hosts

    def holds(self, address: Address) -> bool:
        """Whether a listed network holds this address."""
        return any(address in network for network in self.networks if network.version == address.version)

    def allows(self, address: Address) -> bool:
        """Whether a host that isn't listed by name may be at this address."""
        return is_public(address) or self.holds(address)


class ThisMachine(Listed):
    """The loopback, and nothing else: not even what is public."""

    refusal = "not_this_machine"

    def __init__(self) -> None:
        super().__init__(("127.0.0.0/8", "::1/128"))

    def allows(self, address: Address) -> bool:
        return self.holds(address)


def plain(host: str) -> str:
    """A host as it is compared: lower case, without brackets or the root's dot."""
    return host.strip("[]").rstrip(".").lower()


def is_public(address: Address) -> bool:
    """Whether the whole internet would reach the same machine under this address."""
    if isinstance(address, ipaddress.IPv6Address) and address not in GLOBAL_UNICAST:
        return False
    if any(address in network for network in DENIED if network.version == address.version):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def resolve(host: str, port: int, listed: Listed, within_s: float) -> list[Resolved]:
    """Every address of the host, all of them allowed. Raises AddressForbidden; socket.gaierror for an unknown name;
    TimeoutError if it takes longer than `within_s` seconds.
    """
    try:
        infos = look_up(plain(host), port, within_s)
    except UnicodeError as error:  # a label that is empty or too long
        raise AddressForbidden(host, "bad_url") from error
    found = [Resolved(family, sockaddr) for family, _, _, _, sockaddr in infos]
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, "no address")
    if not listed.names(host, port):
        for way in found:
            if not listed.allows(way.address):
                raise AddressForbidden(host, listed.refusal)
    return found


def is_listed(host: str, port: int, listed: Listed, within_s: float) -> bool:
    """Whether the operator listed this host, or the networks of all its addresses. Raises as `resolve` does."""
    if listed.names(host, port):
        return True
    return bool(listed.networks) and all(listed.holds(way.address) for way in resolve(host, port, listed, within_s))
