"""A server that answers every post at once, as Mastodon does, and notes when its first byte came.

`python answering.py` prints its address. What it notes is read at `/arrived`: {key: seconds of the epoch}, and forgotten.
It keeps nothing else, so that the ten-thousandth post costs it what the first did.
"""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime

MARK, LENGTH = b"idempotency-key: ", b"content-length: "


class Answering(asyncio.Protocol):
    """One connection: one request at a time."""

    arrived: dict[str, float] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.got, self.at = transport, b"", 0.0

    def data_received(self, data: bytes) -> None:
        self.at = self.at if self.got else time.time()
        self.got += data
        head, end, body = self.got.partition(b"\r\n\r\n")
        if end and len(body) >= int(_header(head, LENGTH) or 0):
            self.got = b""
            self.transport.write(self.answer(head))  # type: ignore[attr-defined]

    def answer(self, head: bytes) -> bytes:
        if head.startswith(b"GET /arrived"):
            body, self.arrived = json.dumps(self.arrived), {}
            Answering.arrived = {}
        else:
            number = len(self.arrived)
            Answering.arrived[_header(head, MARK)] = self.at
            at = datetime.now(UTC).isoformat()
            body = json.dumps(
                {"id": str(number), "url": f"https://a.example/{number}", "content": "", "created_at": at}
            )
        return (
            f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )


def _header(head: bytes, name: bytes) -> str:
    found = head.lower().find(b"\r\n" + name)
    return head[found + 2 + len(name) :].split(b"\r\n")[0].decode() if found >= 0 else ""


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
