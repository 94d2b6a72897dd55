"""Mastodon, against the rehearsal server."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from channels.contract import Code, Media, Receipt, Rendition
from channels.http import Http
from channels.mastodon import Credentials, Mastodon
from channels.outcomes import Disconnected, Outcome, Refused, Throttled, TryLater, Uncertain
from channels.rehearsal.mastodon import MastodonServer
from channels.rehearsal.server import Fault
from channels.subject import ErrorCase, Subject
from tests.servers.proxy import Proxy

POST = "/api/v1/statuses"
TEXT = "Coupure d’eau rue des Lilas le mardi 3 mars de 8 h 30 à 12 h. Renseignements : 01 23 45 67 89."
PLENTY = {"calls": (100_000, 300), "posts": (100_000, 300), "media": (100_000, 300), "deletes": (100_000, 300)}


def picture(folder: Path) -> Media:
    path = folder / "robinet.png"
    Image.new("RGB", (64, 48), "navy").save(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Media(digest, "image/png", str(path), "Un robinet fermé", size=path.stat().st_size)


@contextmanager
def subject(folder: Path) -> Iterator[Subject]:
    server = MastodonServer(folder, rates=PLENTY)
    server.start()
    target = ("127.0.0.1", int(server.url.rpartition(":")[2]))
    https: list[Http] = []

    def http() -> Http:
        https.append(Http(frozenset({line.host_port})))
        return https[-1]

    def text_of(receipt: Receipt) -> str | None:
        status = server.state.statuses.get(receipt.id)
        return None if status is None or status.deleted else status.text

    with Proxy(target, trigger=b"POST /api/v1/statuses ") as line:
        yield Subject(
            name="mastodon",
            make=lambda http: Mastodon(Credentials(server=line.url, access_token="rehearsal"), http),
            http=http,
            count=lambda: sum(1 for _ in server.state.newest()),
            text_of=text_of,
            sample=Rendition(text=TEXT),
            with_media=Rendition(text=TEXT, media=(picture(folder),)),
            longest=Rendition(text="👩‍👩‍👧" * 476 + " https://eau.example.com/coupures/rue-des-lilas"),
            too_long=Rendition(text="é" * 501),
            enforces_limits=True,
            errors=tuple(cases(server)),
            line=line,
        )
    for each in https:
        each.close()
    server.stop()


def cases(server: MastodonServer) -> Iterator[ErrorCase]:
    """Each row of the documented errors, at each act where it matters."""

    def fault(kind: Fault, path: str = POST, method: str = "POST", times: int = 1) -> AbstractContextManager[Any]:
        @contextmanager
        def arranged() -> Iterator[None]:
            server.faults.arm(kind, path=path, method=method, times=times)
            yield
            server.faults.clear()

        return arranged()

    @contextmanager
    def token(scopes: str = "", revoked: bool = False) -> Iterator[None]:
        own, server.token = server.token, "another"
        server.state.tokens["rehearsal"] = scopes
        if revoked:
            server.state.revoked.add("rehearsal")
        yield
        server.token = own
        server.state.revoked.discard("rehearsal")
        del server.state.tokens["rehearsal"]

    @contextmanager
    def gone() -> Iterator[None]:
        kept = dict(server.state.statuses)
        server.state.statuses.clear()
        yield
        server.state.statuses.update(kept)

    rows: tuple[tuple[str, Any, type[Outcome], Code, str], ...] = (
        ("revoked_token", lambda: token(revoked=True), Disconnected, Code.CREDENTIALS, "publish"),
        ("unknown_token", lambda: token(""), Disconnected, Code.CREDENTIALS, "probe"),
        ("missing_scope", lambda: token("read"), Disconnected, Code.FORBIDDEN, "publish"),
        ("missing_read_scope", lambda: token("write"), Disconnected, Code.FORBIDDEN, "find"),
        ("too_many_requests", lambda: fault(Fault.THROTTLE), Throttled, Code.RATE_LIMITED, "publish"),
        ("server_error", lambda: fault(Fault.ERROR_BEFORE), Uncertain, Code.SERVER_ERROR, "publish"),
        ("error_though_posted", lambda: fault(Fault.ERROR_AFTER), Uncertain, Code.SERVER_ERROR, "publish"),
        ("unreadable", lambda: fault(Fault.GARBLED_AFTER), Uncertain, Code.UNREADABLE, "publish"),
        ("error_at_edit", lambda: fault(Fault.ERROR_BEFORE, method="PUT"), TryLater, Code.SERVER_ERROR, "edit"),
        ("cut_at_edit", lambda: fault(Fault.CUT_AFTER, method="PUT"), TryLater, Code.NO_ANSWER, "edit"),
        ("gone_at_edit", gone, Refused, Code.TARGET_GONE, "edit"),
        ("error_at_delete", lambda: fault(Fault.ERROR_AFTER, method="DELETE"), TryLater, Code.SERVER_ERROR, "delete"),
        ("error_at_upload", lambda: fault(Fault.ERROR_BEFORE, "/api/v2/media"), TryLater, Code.SERVER_ERROR, "prepare"),
        ("picture_fails", lambda: fault(Fault.MEDIA_FAILED, "/api/v2/media"), Refused, Code.MEDIA_FAILED, "prepare"),
    )
    for name, arrange, outcome, code, act in rows:
        yield ErrorCase(name, arrange, outcome, code, act)
