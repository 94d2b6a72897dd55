"""SMTP, against the rehearsal relay."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from channels.contract import Code, Receipt, Rendition
from channels.http import Http
from channels.outcomes import Disconnected, Outcome, Refused, TryLater, Uncertain
from channels.rehearsal.server import Fault
from channels.rehearsal.smtp import SmtpServer
from channels.smtp import Credentials, Smtp
from channels.smtp_session import END_OF_DATA
from channels.subject import ErrorCase, Subject
from tests.servers.pages import Pages
from tests.servers.proxy import Proxy

TO = "camille@example.org"
SAMPLE = Rendition(
    title="Coupure d’eau rue des Lilas",
    text="Coupure d’eau rue des Lilas le mardi 3 mars de 8 h 30 à 12 h.\n\n.\nRenseignements : 01 23 45 67 89.",
    html="<p>Coupure d’eau rue des Lilas le mardi 3 mars de 8 h 30 à 12 h.</p>",
    to=TO,
    at="2026-03-03T07:30:00+00:00",
    headers={
        "List-Id": "<eau.val-clair.example>",
        "List-Unsubscribe": "<https://val-clair.example/leave/x>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    },
)


@contextmanager
def subject(folder: Path) -> Iterator[Subject]:
    relay = SmtpServer(folder, users={"diffusion": "s3cret-0"})
    relay.start()

    def credentials() -> Credentials:
        return Credentials(
            host="127.0.0.1",
            port=line.port,
            security="none",
            username="diffusion",
            password="s3cret-0",
            sender="lettre@val-clair.example",
        )

    def text_of(receipt: Receipt) -> str | None:
        return next((row["text"] for row in relay.received.rows() if row["id"] == receipt.id), None)

    def shown(receipt: Receipt, rendition: Rendition) -> Receipt:
        """The issue's own page."""
        words = f"<!DOCTYPE html><title>{rendition.title}</title><h1>{rendition.title}</h1>{rendition.html}"
        return replace(receipt, url=issues.put("/e/1", words.encode()))

    with Pages() as issues, Proxy(("127.0.0.1", relay.port), trigger=END_OF_DATA) as line:
        yield Subject(
            name="smtp",
            make=lambda http: Smtp(credentials(), http),
            http=lambda: Http(frozenset({line.host_port, f"127.0.0.1:{issues.port}"})),
            count=lambda: len(relay.received.rows()),
            text_of=text_of,
            sample=SAMPLE,
            errors=tuple(cases(relay)),
            line=line,
            shown=shown,
        )
    relay.stop()


def cases(relay: SmtpServer) -> Iterator[ErrorCase]:
    def fault(kind: Fault, step: str = "POST") -> AbstractContextManager[Any]:
        @contextmanager
        def arranged() -> Iterator[None]:
            relay.faults.arm(kind, method=step)
            yield
            relay.faults.clear()

        return arranged()

    @contextmanager
    def answering(reply: str) -> Iterator[None]:
        relay.recipients[TO] = reply
        yield
        del relay.recipients[TO]

    @contextmanager
    def another_password() -> Iterator[None]:
        relay.users["diffusion"] = "changed"
        yield
        relay.users["diffusion"] = "s3cret-0"

    rows: tuple[tuple[str, Any, type[Outcome], Code, str], ...] = (
        ("wrong_password", another_password, Disconnected, Code.CREDENTIALS, "publish"),
        ("wrong_password_at_probe", another_password, Disconnected, Code.CREDENTIALS, "probe"),
        ("unknown", lambda: answering("550 5.1.1 Unknown"), Refused, Code.RECIPIENT_REFUSED, "publish"),
        ("relay_denied", lambda: answering("554 5.7.1 Relay denied"), Disconnected, Code.FORBIDDEN, "publish"),
        ("greylisted", lambda: answering("451 4.7.1 Greylisted"), TryLater, Code.BUSY, "publish"),
        ("mailbox_busy", lambda: answering("450 4.2.0 Busy"), TryLater, Code.BUSY, "publish"),
        ("shutting_down", lambda: fault(Fault.ERROR_BEFORE, "MAIL"), TryLater, Code.BUSY, "publish"),
        ("slow_down", lambda: fault(Fault.THROTTLE), TryLater, Code.BUSY, "publish"),
        ("cut_at_recipient", lambda: fault(Fault.CUT_BEFORE, "RCPT"), TryLater, Code.NO_ANSWER, "publish"),
        ("unreadable", lambda: fault(Fault.GARBLED_AFTER), Uncertain, Code.UNREADABLE, "publish"),
    )
    for name, arrange, outcome, code, act in rows:
        yield ErrorCase(name, arrange, outcome, code, act)
