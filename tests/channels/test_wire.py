"""Certificates and proxies: what fails there left nothing, and what passes there is checked all the same."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from channels.contract import Code
from channels.http import AddressForbidden, Http
from channels.outcomes import TryLater, Uncertain
from tests.channels.conftest import Scripted, answers

LIMIT = {"max_bytes": 100_000, "total_s": 5.0}


def silence(connection, request):
    time.sleep(3)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate for localhost that nobody but the operator trusts."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, secret.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(secret, hashes.SHA256())
    )
    cert.write_bytes(certificate.public_bytes(Encoding.PEM))
    key.write_bytes(secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return key, cert


@pytest.fixture
def secure(authority):
    """The scripted server behind TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority[1], authority[0])
    scripted = Scripted()
    plain = scripted._serve

    def serve(connection):
        try:
            plain(context.wrap_socket(connection, server_side=True))
        except OSError:
            connection.close()

    scripted._serve = serve
    yield scripted
    scripted.close()


def test_an_unknown_certificate_left_nothing(secure):
    way = Http(frozenset({"localhost"}))

    with pytest.raises(TryLater) as raised:
        way.post_once("POST", f"https://localhost:{secure.port}/", json={}, deadline_s=3)

    assert raised.value.code == Code.UNREACHABLE
    assert secure.requests == []


def test_the_operators_own_authority_is_trusted(secure, authority):
    way = Http(frozenset({"localhost"}), ca_file=str(authority[1]))

    answer = way.post_once("POST", f"https://localhost:{secure.port}/", json={}, deadline_s=3)

    assert answer.body == b"ok"


def test_a_certificate_for_another_name_left_nothing(secure, authority):
    way = Http(frozenset({"127.0.0.1"}), ca_file=str(authority[1]))

    with pytest.raises(TryLater):
        way.post_once("POST", f"https://127.0.0.1:{secure.port}/", json={}, deadline_s=3)

    assert secure.requests == []


def test_silence_over_tls_is_doubt_and_ends_in_time(secure, authority):
    secure.script = silence
    way = Http(frozenset({"localhost"}), ca_file=str(authority[1]))

    with pytest.raises(Uncertain):
        way.post_once("POST", f"https://localhost:{secure.port}/", json={}, deadline_s=0.5)


def test_credentials_never_come_down_from_https(secure, authority):
    secure.script = answers(status="302 Found", location="http://localhost/")
    way = Http(frozenset({"localhost"}), ca_file=str(authority[1]))

    with pytest.raises(AddressForbidden) as raised:
        way.fetch(f"https://localhost:{secure.port}/", headers={"Authorization": "x"}, **LIMIT)

    assert raised.value.reason == "downgrade"


def test_names_are_checked_before_the_proxy_hears_of_them(server):
    way = Http(proxy=server.url)

    with pytest.raises(AddressForbidden):
        way.fetch("http://10.1.2.3/", **LIMIT)
    with pytest.raises(AddressForbidden):
        way.fetch("https://localhost/", **LIMIT)

    assert server.connections == 0


def test_plain_http_goes_by_the_proxy_in_full(server):
    way = Http(proxy=server.url.replace("http://", "http://user:secret@"))

    got = way.fetch("http://93.184.216.34/feed?x=1", **LIMIT)

    assert got.body == b"ok"
    assert server.requests[0].startswith(b"GET http://93.184.216.34/feed?x=1 HTTP/1.1\r\n")
    assert b"Host: 93.184.216.34\r\n" in server.requests[0]
    assert b"proxy-authorization: basic" in server.requests[0].lower()


def test_a_proxy_that_refuses_the_tunnel_left_nothing(server):
    server.script = answers(status="403 Forbidden")
    way = Http(proxy=server.url)

    with pytest.raises(TryLater):
        way.post_once("POST", "https://93.184.216.34/", headers={"Authorization": "x"}, json={}, deadline_s=2)

    assert server.requests[0].startswith(b"CONNECT 93.184.216.34:443 HTTP/1.")
    assert b"authorization: x" not in server.requests[0].lower()


def test_a_tunnel_carries_tls_to_the_end(server, secure, authority, monkeypatch):
    def tunnel(connection, request):
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection(("127.0.0.1", secure.port)) as far:
            back = threading.Thread(target=pump, args=(far, connection), daemon=True)
            back.start()
            pump(connection, far)

    def pump(source, sink):
        while block := source.recv(65536):
            sink.sendall(block)

    server.script = tunnel
    real = socket.getaddrinfo
    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda h, *a, **k: public if h == "localhost" else real(h, *a, **k))
    way = Http(proxy=server.url, ca_file=str(authority[1]))

    answer = way.post_once("POST", "https://localhost/", json={"a": 1}, deadline_s=3)

    assert answer.body == b"ok"
    assert secure.requests[0].startswith(b"POST / HTTP/1.1\r\nHost: localhost\r\n")


def test_a_listed_host_is_reached_past_the_proxy(server):
    way = Http(frozenset({f"127.0.0.1:{server.port}"}), proxy="http://127.0.0.1:1")

    assert way.fetch(server.url, **LIMIT).status == 200


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", "https://proxy.example", "http://"])
def test_a_proxy_of_another_kind_is_an_error_at_once(proxy):
    with pytest.raises(ValueError, match=r"proxy\.ville\.example"):
        Http(proxy=proxy)
