"""A web server on the loopback that answers as told, also badly, and remembers what it was asked and what it gave."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Page:
    """`body` may be an endless iterable of blocks; `length` is what Content-Length claims, None for the truth."""

    body: bytes | Callable[[], Iterable[bytes]] = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    etag: str = ""


class Pages:
    """`at[path]` is a page; any other path is 404."""

    def __init__(self) -> None:
        self.at: dict[str, Page] = {}
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self.bytes_out = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Pages:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def put(self, path: str, body: Any = b"", **more: Any) -> str:
        """Show this page from now on. Gives its address."""
        self.at[path] = Page(body, **more)
        return self.url + path


def _handler(pages: Pages) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            pages.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            page = pages.at.get(self.path, Page(status=404))
            if page.etag and self.headers.get("If-None-Match") == page.etag:
                page = Page(status=304, etag=page.etag)
            self.send_response(page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            if page.etag:
                self.send_header("ETag", page.etag)
            blocks: Iterator[bytes]
            if isinstance(page.body, bytes):
                self.send_header("Content-Length", str(len(page.body) if page.length is None else page.length))
                blocks, self.close_connection = iter([page.body]), page.length is not None
            else:
                self.send_header("Content-Length", str(page.length))
                blocks, self.close_connection = iter(page.body()), True
            self.end_headers()
            with contextlib.suppress(OSError):
                for block in blocks:
                    self.wfile.write(block)
                    pages.bytes_out += len(block)

        def log_message(self, format: str, *args: Any) -> None:
            return

    return Handler
