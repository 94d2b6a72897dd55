"""The embedded web server by its socket: what it refuses unread, and whom it believes about who asks."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from diffusion.config import Config
from workers import up

Start = Callable[..., int]


def _who(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Stands in for the pages: says whom they would see."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['REMOTE_ADDR']} {environ['wsgi.url_scheme']}".encode()]


@pytest.fixture
def start(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    begun: list[up.Web] = []

    def begin(**given: str) -> int:
        env = {"DIFFUSION_LISTEN": "127.0.0.1:0", **{f"DIFFUSION_{name.upper()}": v for name, v in given.items()}}
        settings.DIFFUSION = Config.load(env=env)
        monkeypatch.setattr(up, "application", _who)
        begun.append(up.Web())
        begun[-1].start()
        return begun[-1].port

    yield begin
    for web in begun:
        web.stop()


def _answer(port: int, request: str) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as wire:
        wire.sendall(request.encode())
        parts = []
        while part := wire.recv(65536):
            parts.append(part)
        return b"".join(parts).decode()


def test_a_body_that_no_form_has_is_refused_unread(start: Start) -> None:
    port = start(media_max_bytes="1000000")

    answer = _answer(port, "POST /l/x HTTP/1.1\r\nHost: x\r\nContent-Length: 7000000\r\n\r\n")

    assert answer.startswith("HTTP/1.1 413 ")


ASKED = "GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 6.6.6.6, 203.0.113.9\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n"


def test_the_trusted_proxy_says_who_asks(start: Start) -> None:
    assert _answer(start(trusted_proxy="127.0.0.1"), ASKED).endswith("203.0.113.9 https")


def test_nobody_else_says_who_asks(start: Start) -> None:
    assert _answer(start(), ASKED).endswith("127.0.0.1 http")
