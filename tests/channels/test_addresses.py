"""Where the way out goes: nowhere private, unless the operator listed it."""

from __future__ import annotations

import socket

import pytest

from channels.http import AddressForbidden, Http

LIMIT = {"max_bytes": 100_000, "total_s": 5.0}


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.8.9.10",
        "localhost",
        "LOCALHOST.",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "127.1",
        "0",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.8",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:8.8.8.8]",
        "[::7f00:1]",
        "[fe80::1]",
        "[fc00::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b::808:808]",
        "[64:ff9b:1::1]",
        "[2002:7f00:1::]",
        "[2001::1]",
        "[2001:db8::1]",
        "[3fff::1]",
    ],
)
def test_no_private_address_is_reached(host):
    with pytest.raises(AddressForbidden) as raised:
        Http().fetch(f"http://{host}/", **LIMIT)

    assert raised.value.reason == "private"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://192.0.2.1/",
        "file:///etc/passwd",
        "gopher://192.0.2.1/",
        "http:///nowhere",
        "//192.0.2.1/",
        "http://user:secret@192.0.2.1/",
        "http://user@192.0.2.1/",
        "http://[::1/",
        "http://" + "a" * 300 + "/",
        "",
    ],
)
def test_only_plain_addresses_of_the_web_are_taken(url):
    with pytest.raises(AddressForbidden) as raised:
        Http().fetch(url, **LIMIT)

    assert raised.value.reason == "bad_url"


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch):
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("93.184.216.34", "10.0.0.7")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: both)

    with pytest.raises(AddressForbidden):
        Http().fetch("http://two-faced.example/", **LIMIT)


def test_what_was_checked_is_what_is_connected_to(server, monkeypatch):
    """A name that changes its mind after the check gains nothing: it is asked once."""
    asked = []

    def resolve(host, port, flags=0, **kwargs):
        if flags & socket.AI_NUMERICHOST:
            raise socket.gaierror(socket.EAI_NONAME, "a name, not an address")
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    way = Http(frozenset({"intranet.example"}))

    got = way.fetch("http://intranet.example/news", **LIMIT)

    assert got.status == 200
    assert asked == ["intranet.example"]
    assert b"Host: intranet.example\r\n" in server.requests[0]


@pytest.mark.parametrize(
    ("entry", "reached"),
    [
        ("127.0.0.1", True),
        ("127.0.0.1:{port}", True),
        ("127.0.0.0/8", True),
        ("127.0.0.1:1", False),
        ("localhost", False),
        ("127.0.0.2", False),
        ("10.0.0.0/8", False),
    ],
)
def test_only_what_the_operator_listed_is_let_through(server, entry, reached):
    way = Http(frozenset({entry.format(port=server.port)}))

    if reached:
        assert way.fetch(server.url, **LIMIT).body == b"ok"
    else:
        with pytest.raises(AddressForbidden):
            way.fetch(server.url, **LIMIT)
        assert server.connections == 0


@pytest.mark.parametrize("entry", ["", "http://intranet", "*.ville.example", "10.0.0.0/99", "a:b"])
def test_an_exception_that_means_nothing_is_an_error_that_names_it(entry):
    with pytest.raises(ValueError, match=entry.replace("*", ".") or "host"):
        Http(frozenset({entry}))


def test_nothing_is_read_from_the_environment(server, http, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    assert http.fetch(server.url, **LIMIT).status == 200
    assert b"authorization" not in server.requests[0].lower()
