"""A strict relay with the recipients' mailboxes behind it, over aiosmtpd. What it accepted outlives a SIGKILL.

Each rule with the page it comes from:
- commands, replies, 4yz and 5yz, 421, 998-byte lines: RFC 5321, 4.2 and 4.5.3; SIZE: RFC 1870;
- AUTH first, 530 and 535: RFC 4954, 6; extended status codes: RFC 3463;
- greylisting: 451 until the same sender and recipient have waited: RFC 6647;
- Date and one From, each header at most once, one Message-ID: RFC 5322, 3.6; no 8-bit data unless announced: RFC 6152;
- bulk mail needs List-Unsubscribe with an https address and List-Unsubscribe-Post: RFC 8058, 3.1, and the
  requirements of support.google.com/mail/answer/81126 ("Email sender guidelines"); here what has a List-Id is bulk;
- a second copy with the same Message-ID to the same mailbox is answered 250 and dropped: imapd.conf(5),
  `duplicatesuppression`, of Cyrus IMAP. `drops_duplicates` False is a server without it.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
import threading
import time
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from channels.rehearsal import Received
from channels.rehearsal.server import Fault, Faults

SIZE_MAX = 10 * 1024 * 1024
LINE_MAX = 998
ONCE = ("Date", "From", "Sender", "Reply-To", "To", "Cc", "Message-ID", "In-Reply-To", "References", "Subject")


class SmtpServer:
    """`state_dir` gets `received.jsonl`, one line a mail and recipient.

    `users`: who may log in; empty: everybody writes without. `recipients`: what to answer to RCPT for some, by address
    (`"550 5.1.1 Unknown"`). `greylist_s`: seconds that a first-time pair of sender and recipient waits. `tls`: offered
    by STARTTLS, or spoken from the first byte (`tls_at_once`).
    `faults`: at the end of the data the method is POST and the path the recipient's address; before, the command
    (MAIL, RCPT, DATA), where ERROR_BEFORE answers 421 and closes.
    """

    def __init__(
        self,
        state_dir: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        users: Mapping[str, str] | None = None,
        recipients: Mapping[str, str] | None = None,
        size_max: int = SIZE_MAX,
        greylist_s: float = 0.0,
        drops_duplicates: bool = True,
        tls: ssl.SSLContext | None = None,
        tls_at_once: bool = False,
        faults: Faults | None = None,
    ) -> None:
        if not socket.gethostbyname(host).startswith("127."):
            raise ValueError("a rehearsal listens on the loopback only")
        self.host, self.port = host, port
        self.users, self.recipients = dict(users or {}), dict(recipients or {})
        self.size_max, self.greylist_s, self.drops_duplicates = size_max, greylist_s, drops_duplicates
        self.tls, self.tls_at_once, self.faults = tls, tls_at_once, faults or Faults()
        self.received = Received(state_dir / "received.jsonl")
        self.connections = 0
        """How many were opened since the start: tells whether a client reuses them."""
        self._seen: set[tuple[str, str]] = set()
        self._waiting: dict[tuple[str, str], float] = {}
        self._open: set[asyncio.Transport] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Reloads what was accepted before, then listens."""
        self._seen = {(row["message_id"], row["to"]) for row in self.received.rows("smtp")}
        self.faults.release.clear()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="rehearsal smtp", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        ssl_from_the_start = self.tls if self.tls_at_once else None
        self._server = await loop.create_server(self._protocol, self.host, self.port, ssl=ssl_from_the_start)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """As a server that dies: connections end, further ones are refused. The port is kept for the next start."""
        loop, self._loop = self._loop, None
        if loop is None or self._thread is None:
            return
        self.faults.release.set()
        asyncio.run_coroutine_threadsafe(self._hang_up(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        self._thread.join(10)
        loop.close()

    async def _hang_up(self) -> None:
        self._server.close()
        for transport in list(self._open):
            with contextlib.suppress(
                AttributeError
            ):  # a TLS handshake that failed left a transport without its protocol
                transport.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _protocol(self) -> SMTP:
        self.connections += 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # aiosmtpd warns of AUTH without TLS: this is the loopback
            return _Protocol(
                _Rules(self),
                watched=self._open,
                data_size_limit=self.size_max,
                hostname="rehearsal.localhost",
                ident="ESMTP rehearsal",
                auth_required=bool(self.users),
                auth_require_tls=False,
                authenticator=self._authenticate if self.users else None,
                tls_context=None if self.tls_at_once else self.tls,
                loop=self._loop,
            )

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        is_known = isinstance(data, LoginPassword) and self.users.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=is_known, handled=False)

    def greylisted(self, sender: str, recipient: str) -> bool:
        first = self._waiting.setdefault((sender, recipient), time.monotonic())
        return time.monotonic() - first < self.greylist_s

    def accept(self, recipient: str, mail: EmailMessage) -> None:
        """One line on the disk for each mailbox that hasn't this Message-ID yet."""
        message_id = str(mail["Message-ID"])
        if self.drops_duplicates and (message_id, recipient) in self._seen:
            return
        self.received.append(
            at=datetime.now(UTC).isoformat(),
            channel="smtp",
            account=mail["From"].addresses[0].addr_spec,
            id=message_id,
            to=recipient,
            message_id=message_id,
            subject=str(mail["Subject"] or ""),
            text=_part(mail, "plain"),
            html=_part(mail, "html"),
            headers={name: str(value) for name, value in mail.items() if name.lower().startswith("list-")},
        )
        self._seen.add((message_id, recipient))


class _Protocol(SMTP):
    """Keeps count of open transports, so that stopping cuts them."""

    def __init__(self, rules: _Rules, watched: set[asyncio.Transport], **options: Any) -> None:
        super().__init__(rules, **options)
        self._watched = watched

    def connection_made(self, transport: Any) -> None:
        self._watched.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport is not None:
            self._watched.discard(self.transport)
        super().connection_lost(error)


class _Rules:
    """What is answered at each step, by aiosmtpd's hooks."""

    def __init__(self, server: SmtpServer) -> None:
        self.at = server

    async def handle_MAIL(
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if fault := self.at.faults.take("MAIL", address):
            return await self._before(smtp, fault)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Sender ok"

    async def handle_RCPT(
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if fault := self.at.faults.take("RCPT", address):
            return await self._before(smtp, fault)
        if refusal := self.at.recipients.get(address.lower()):
            return refusal
        if self.at.greylisted(envelope.mail_from or "", address):
            return "451 4.7.1 Greylisted, come back later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient ok"

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:
        """The dot has come. A fault "after" strikes once the mail is on the disk."""
        body = envelope.original_content or b""
        fault = self.at.faults.take("POST", envelope.rcpt_tos[0])
        if fault in _BEFORE:
            return await self._before(smtp, fault)
        if problem := problem_of(body, eight_bit="BODY=8BITMIME" in [o.upper() for o in envelope.mail_options]):
            return problem
        mail = message_from_bytes(body, policy=policy.default)
        for recipient in envelope.rcpt_tos:
            self.at.accept(recipient, mail)
        return await self._after(smtp, fault) if fault else "250 2.0.0 Accepted"

    async def _before(self, smtp: SMTP, fault: Fault) -> str:
        if fault is Fault.THROTTLE:
            return "450 4.7.1 Too many mails, slow down"
        if fault is Fault.ERROR_BEFORE:
            return await self._closing(smtp, b"421 4.3.2 Shutting down\r\n")
        return await self._silent(smtp, stall=fault is Fault.STALL_BEFORE)

    async def _after(self, smtp: SMTP, fault: Fault) -> str:
        if fault is Fault.GARBLED_AFTER:
            return "<!DOCTYPE html>"
        if fault is Fault.HALF_AFTER:
            return await self._closing(smtp, b"25")
        return await self._silent(smtp, stall=fault is Fault.STALL_AFTER)

    async def _closing(self, smtp: SMTP, last: bytes) -> str:
        """Say this, as it is, and hang up."""
        if isinstance(smtp.transport, asyncio.Transport):
            smtp.transport.write(last)
            smtp.transport.close()
        return await self._cancelled()

    async def _silent(self, smtp: SMTP, *, stall: bool) -> str:
        while stall and not self.at.faults.release.is_set():
            await asyncio.sleep(0.02)
        if isinstance(smtp.transport, asyncio.Transport):
            smtp.transport.abort()
        return await self._cancelled()

    async def _cancelled(self) -> str:
        """Never returns: the loss of the connection ends it."""
        await asyncio.Event().wait()
        raise AssertionError


_BEFORE = frozenset({Fault.CUT_BEFORE, Fault.STALL_BEFORE, Fault.ERROR_BEFORE, Fault.THROTTLE})


def problem_of(body: bytes, *, eight_bit: bool = False) -> str:
    """The reply to a mail that breaks a rule; empty for one that breaks none."""
    mail = message_from_bytes(body, policy=policy.default)
    checks = (
        (bool(re.search(rb"\r(?!\n)|(?<!\r)\n|\x00", body)), "554 5.6.0 Bare CR, bare LF or NUL"),
        (max(map(len, body.split(b"\r\n"))) > LINE_MAX, "554 5.6.0 A line of more than 998 bytes"),
        (not eight_bit and not body.isascii(), "554 5.6.3 8-bit data without BODY=8BITMIME"),
        (any(len(mail.get_all(name, [])) > 1 for name in ONCE), "554 5.6.0 A header stands twice"),
        (not mail["From"] or len(mail["From"].addresses) != 1, "554 5.6.0 One From, with one address"),
        (not _is_date(str(mail["Date"] or "")), "554 5.6.0 Date is missing or is none"),
        (not re.fullmatch(r"<[^<>\s@]+@[^<>\s@]+>", str(mail["Message-ID"] or "")), "554 5.6.0 Message-ID"),
        (mail["List-Id"] is not None and not _can_leave(mail), "550 5.7.1 Bulk mail without RFC 8058's two headers"),
    )
    return next((reply for is_broken, reply in checks if is_broken), "")


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""


def _is_date(text: str) -> bool:
    try:
        return parsedate_to_datetime(text).year > 1970
    except (ValueError, TypeError):
        return False


def _can_leave(mail: EmailMessage) -> bool:
    has_address = re.search(r"<(?:https://|http://127\.0\.0\.1[:/])[^<>\s]+>", str(mail["List-Unsubscribe"] or ""))
    return bool(has_address) and str(mail["List-Unsubscribe-Post"] or "") == "List-Unsubscribe=One-Click"
