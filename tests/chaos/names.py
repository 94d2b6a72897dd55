"""Servers reached by their names, over TLS: a resolver and certificates of our own, that can fail. Needs root.

A process sees the resolver by a mount namespace of its own, in which only /etc/resolv.conf is another file.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import ssl
import struct
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

HEADER = struct.Struct("!HHHHHH")
"""Of a question or an answer: RFC 1035, 4.1.1."""
ANSWERED, NO_SUCH_NAME = 0x8180, 3
ADDRESS = struct.pack("!HHHIH4B", 0xC00C, 1, 1, 0, 4, 127, 0, 0, 1)
"""The name that was asked for is at 127.0.0.1, for no second longer (4.1.3)."""
INSIDE = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'


def name(number: int) -> str:
    """A name that no public resolver knows (RFC 6761, 6.2)."""
    return f"n{number}.val-clair.test"


def is_possible() -> bool:
    return os.geteuid() == 0 and shutil.which("unshare") is not None


def inside(folder: Path, resolver: str) -> tuple[str, ...]:
    """What stands before a command whose process is to ask this resolver, by its address."""
    file = folder / "resolv.conf"
    file.write_text(f"nameserver {resolver}\noptions timeout:1 attempts:1\n")
    return ("unshare", "--mount", "sh", "-c", INSIDE, str(file))


class Names:
    """The resolver. `lost` are the numbers whose names it says don't exist; while `is_silent` it answers nobody."""

    def __init__(self) -> None:
        self.lost: frozenset[int] = frozenset()
        self.is_silent = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.address = self._bind()
        threading.Thread(target=self._run, name="names", daemon=True).start()

    def _bind(self) -> str:
        """To the first of these addresses of the loopback that no other row has taken."""
        for address in (f"127.0.53.{number}" for number in range(1, 255)):
            with contextlib.suppress(OSError):
                self._socket.bind((address, 53))
                return address
        raise OSError("every address for a resolver is taken")

    def _run(self) -> None:
        while True:
            asked, who = self._socket.recvfrom(512)
            if not self.is_silent:
                self._socket.sendto(self.answer(asked), who)

    def answer(self, asked: bytes) -> bytes:
        number, *_ = HEADER.unpack_from(asked)
        end = asked.index(b"\0", HEADER.size) + 5  # the name, its kind, its class
        question = asked[HEADER.size : end]
        if any(question.startswith(bytes([len(label)]) + label) for label in (f"n{n}".encode() for n in self.lost)):
            return HEADER.pack(number, ANSWERED | NO_SUCH_NAME, 1, 0, 0, 0) + question
        is_ipv4 = question[-4:-2] == b"\0\1"
        return HEADER.pack(number, ANSWERED, 1, int(is_ipv4), 0, 0) + question + ADDRESS * is_ipv4


class Certificates:
    """One that is right and one that ended yesterday, for all names of `count` servers; `trusted` has both."""

    def __init__(self, folder: Path, count: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.right, self.expired = folder / "right.pem", folder / "expired.pem"
        self.trusted = folder / "trusted.pem"
        known = b""
        for file, days in ((self.right, 2), (self.expired, -1)):
            secret, made = _certificate(count, ends=datetime.now(UTC) + timedelta(days=days))
            key = secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            file.write_bytes(key + made.public_bytes(Encoding.PEM))
            known += made.public_bytes(Encoding.PEM)
        self.trusted.write_bytes(known)


def _certificate(count: int, ends: datetime) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    secret = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Val-Clair until {ends:%d.%m.%Y}")])
    made = x509.CertificateBuilder(who, who, secret.public_key(), x509.random_serial_number())
    names = x509.SubjectAlternativeName([x509.DNSName(name(number)) for number in range(count)])
    made = made.not_valid_before(ends - timedelta(days=30)).not_valid_after(ends).add_extension(names, critical=False)
    return secret, made.sign(secret, hashes.SHA256())


class Front:
    """TLS before a server: decrypts, and passes on both ways. Its certificate can be another from one moment to the next."""

    def __init__(self, port: int, certificate: Path) -> None:
        self._target, self._context = ("127.0.0.1", port), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.show(certificate)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, name="front", daemon=True).start()

    def show(self, certificate: Path) -> None:
        self._context.load_cert_chain(certificate)

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), socket.create_connection(self._target) as server:
            client.settimeout(10)  # for the handshake
            with self._context.wrap_socket(client, server_side=True) as secure:
                secure.settimeout(None)
                down = threading.Thread(target=_pass, args=(server, secure), daemon=True)
                down.start()
                _pass(secure, server)
                down.join()


def _pass(source: socket.socket, target: socket.socket) -> None:
    """Until the source has said all; then the target hears that."""
    with contextlib.suppress(OSError):
        while block := source.recv(65536):
            target.sendall(block)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
