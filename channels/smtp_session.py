"""One connection to a relay: what was said at which step, and what that means.

Everything up to the final dot may be repeated; `stage` says it, `dot` ends it.
"""

from __future__ import annotations

import re
import smtplib
import socket
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from channels.addresses import AddressForbidden
from channels.contract import Code
from channels.http import Http, NoAnswer
from channels.outcomes import Disconnected, Outcome, Refused, TryLater, Uncertain
from channels.sockets import Clock

if TYPE_CHECKING:
    from channels.smtp import Credentials


END_OF_DATA = b"\r\n.\r\n"
REPLY_MAX = 8192
"""Bytes of one line of a reply."""


class Phase(StrEnum):
    """The step that an answer belongs to."""

    GREETING = "greeting"
    HELLO = "hello"
    TLS = "tls"
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    DATA = "data"
    END = "end"


class Cut(Exception):
    """No answer came: connection refused, cut or silent."""

    def __init__(self, phase: Phase, error: object) -> None:
        super().__init__(f"{phase.value}: {error}")
        self.phase = phase

    def outcome(self) -> Outcome:
        """Doubt at the end of the data alone: before it nothing is accepted."""
        if self.phase is Phase.END:
            return Uncertain(Code.NO_ANSWER, evidence=str(self))
        return TryLater(Code.UNREACHABLE if self.phase is Phase.GREETING else Code.NO_ANSWER, evidence=str(self))


class Said(Exception):
    """The server said no. `code` is RFC 5321's, `status` RFC 3463's (`5.7.1`) where it gave one."""

    def __init__(self, phase: Phase, code: int, text: bytes | str) -> None:
        words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        super().__init__(f"{phase.value}: {code} {words}")
        self.phase = phase
        self.code = code
        found = re.match(r"[245]\.\d{1,3}\.\d{1,3}", words)
        self.status = found[0] if found else ""

    def outcome(self) -> Outcome:
        """What the table makes of it: by the step and, in turn, the code, the status's class, the code's class."""
        status_class = self.status.rpartition(".")[0]
        for place in (self.phase, None):
            for sign in (self.code, status_class, self.code // 100):
                if meaning := ERRORS.get((place, sign)):
                    return meaning(self)
        if self.phase is Phase.END:
            return Uncertain(Code.UNREADABLE, evidence=str(self))
        return TryLater(Code.UNREADABLE, evidence=str(self))


Meaning = Callable[[Said], Outcome]


def _later(said: Said) -> Outcome:
    return TryLater(Code.BUSY, evidence=str(said), smtp=said.code, status=said.status)


def _refused(code: Code) -> Meaning:
    return lambda said: Refused(code, evidence=str(said), smtp=said.code, status=said.status)


def _disconnected(code: Code) -> Meaning:
    return lambda said: Disconnected(code, evidence=str(said), smtp=said.code, status=said.status)


ERRORS: dict[tuple[Phase | None, int | str], Meaning] = {
    (Phase.GREETING, 5): _disconnected(Code.FORBIDDEN),  # 554: no mail from this address of ours
    (Phase.HELLO, 5): _disconnected(Code.FORBIDDEN),
    (Phase.TLS, 5): _disconnected(Code.NOT_SUPPORTED),
    (Phase.LOGIN, 5): _disconnected(Code.CREDENTIALS),  # 535, 534
    (Phase.SENDER, 552): _refused(Code.TEXT_TOO_LONG),  # by the size that we announced
    (Phase.SENDER, "5.3"): _refused(Code.TEXT_TOO_LONG),
    (Phase.SENDER, 5): _disconnected(Code.FORBIDDEN),  # not our address to write from
    (Phase.RECIPIENT, 530): _disconnected(Code.CREDENTIALS),
    (Phase.RECIPIENT, 554): _disconnected(Code.FORBIDDEN),  # "relay access denied" is said of us, not of the mailbox
    (Phase.RECIPIENT, "5.7"): _refused(Code.VENDOR),  # a policy: the mailbox may be quite alive
    (Phase.RECIPIENT, 5): _refused(Code.RECIPIENT_REFUSED),
    (Phase.DATA, 5): _refused(Code.CONTENT_INVALID),
    (Phase.END, 552): _refused(Code.TEXT_TOO_LONG),
    (Phase.END, 5): _refused(Code.CONTENT_INVALID),
    (None, 530): _disconnected(Code.CREDENTIALS),
    (None, 535): _disconnected(Code.CREDENTIALS),
    (None, 4): _later,  # 421 too: it closes, and accepted nothing
}


class Session(smtplib.SMTP):
    """A connection that is logged in. `sent` counts the mails that it carried."""

    def __init__(self, me: Credentials, http: Http) -> None:
        super().__init__(local_hostname=me.envelope_domain or me.sender.rpartition("@")[2])
        self._me = me
        self._http = http
        self._clock = Clock(0)
        self.sent = 0

    @classmethod
    def open(cls, me: Credentials, http: Http, clock: Clock) -> Session:
        """Connect, greet, encrypt, log in. Raises Cut, Said; Refused for a forbidden address."""
        session = cls(me, http)
        try:
            session._use(clock)
            session._open()
        except AddressForbidden as error:
            session.close()
            raise Refused(Code.ADDRESS_FORBIDDEN, host=error.host, reason=error.reason).ours() from error
        except BaseException:
            session.close()
            raise
        return session

    def _open(self) -> None:
        me = self._me
        try:
            self._expect(Phase.GREETING, 220, lambda: self.connect(me.host, me.port))
        except NoAnswer as error:
            raise Cut(Phase.GREETING, error) from error
        self._expect(Phase.HELLO, 250, self.ehlo)
        if me.security == "starttls":
            self._encrypt()
            self._expect(Phase.HELLO, 250, self.ehlo)
        if me.username:
            self._log_in()

    def _get_socket(self, host: str, port: int, timeout: float | None) -> socket.socket:
        """smtplib's own way to open the socket, replaced by the guarded one."""
        bare = self._me.security == "none" and bool(self._me.username)
        plain = self._http.dial(host, port, self._clock, has_credentials=bare)
        if self._me.security != "tls":
            return plain
        try:
            return self._http.secure(plain, host)
        except BaseException:
            plain.close()
            raise

    def _encrypt(self) -> None:
        if not self.has_extn("starttls"):
            raise Said(Phase.TLS, 502, "STARTTLS is not offered")
        self._expect(Phase.TLS, 220, lambda: self.docmd("STARTTLS"))
        with _cuts(Phase.TLS):
            self.sock = self._http.secure(self._plain(), self._me.host)
        self.file = None  # what came before encryption is not listened to
        self.esmtp_features = {}

    def _plain(self) -> socket.socket:
        if self.sock is None:
            raise OSError("not connected")
        return self.sock

    def _log_in(self) -> None:
        with _cuts(Phase.LOGIN):
            try:
                self.login(self._me.username, self._me.password.get_secret_value())
            except smtplib.SMTPAuthenticationError as error:
                raise Said(Phase.LOGIN, error.smtp_code, error.smtp_error) from error
            except smtplib.SMTPNotSupportedError as error:
                raise Said(Phase.LOGIN, 502, str(error)) from error
            except UnicodeEncodeError as error:  # smtplib sends credentials as ASCII
                raise Said(Phase.LOGIN, 501, "credentials outside ASCII") from error

    def stage(self, sender: str, to: str, body: bytes, clock: Clock) -> Session:
        """Say everything but the final dot. Raises Cut, Said: nothing was accepted then."""
        self._use(clock)
        limit = self.esmtp_features.get("size", "")
        if limit.isdecimal() and 0 < int(limit) < len(body):
            raise Said(Phase.SENDER, 552, f"{len(body)} bytes, {limit} at most")
        size = f" SIZE={len(body)}" if self.has_extn("size") else ""
        self._expect(Phase.SENDER, 250, lambda: self.docmd("MAIL", f"FROM:<{sender}>{size}"))
        self._expect(Phase.RECIPIENT, 250, lambda: self.docmd("RCPT", f"TO:<{to}>"))
        self._expect(Phase.DATA, 354, lambda: self.docmd("DATA"))
        with _cuts(Phase.DATA):
            self.send(_stuffed(body))
        return self

    def dot(self) -> str:
        """End the data: the server has it from here on. Its words if it accepted; raises Cut, Said."""
        with _cuts(Phase.END):
            self.send(END_OF_DATA)
            code, text = self.getreply()
        if code // 100 != 2:
            raise Said(Phase.END, code, text)
        self.sent += 1
        return f"{code} {text.decode('utf-8', 'replace')}"

    def getreply(self) -> tuple[int, bytes]:
        """As smtplib's, except that a line without its end is no reply: the connection was cut within it."""
        if self.file is None:
            self.file = self._plain().makefile("rb")
        lines: list[bytes] = []
        while True:
            line = self.file.readline(REPLY_MAX + 1)
            if not line.endswith(b"\n"):
                raise smtplib.SMTPServerDisconnected(f"the reply was cut after {line[:80]!r}")
            lines.append(line[4:].rstrip())
            if line[3:4] != b"-":
                code = int(line[:3]) if line[:3].isdigit() else -1
                return code, b"\n".join(lines)

    def warnings(self) -> tuple[str, ...]:
        """What a person should know of this relay."""
        return ("not_encrypted",) if self._me.security == "none" else ()

    def quit_quietly(self) -> None:
        with suppress(OSError):
            self._use(Clock(2.0))
            self.docmd("QUIT")
        self.close()

    def close(self) -> None:
        with suppress(OSError):
            super().close()

    def _use(self, clock: Clock) -> None:
        """Count what follows by this clock."""
        self._clock = clock
        if self.sock is not None:
            vars_of: Any = self.sock
            vars_of.clock = clock

    def _expect(self, phase: Phase, wanted: int, ask: Callable[[], tuple[int, bytes]]) -> None:
        """The answer's class must be the wanted one's (251 is as good as 250)."""
        with _cuts(phase):
            code, text = ask()
        if code // 100 != wanted // 100:
            raise Said(phase, code, text)


class _cuts:
    """Turns what a broken connection raises into Cut, and leaves everything else."""

    def __init__(self, phase: Phase) -> None:
        self.phase = phase

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):  # smtplib's exceptions are among them
            raise Cut(self.phase, error) from error


def _stuffed(body: bytes) -> bytes:
    """RFC 5321, 4.5.2: a dot that begins a line is doubled, so that none ends the mail early.

    The last line's end is left to `END_OF_DATA`, which begins with it.
    """
    return re.sub(rb"(?m)^\.", b"..", body).removesuffix(b"\r\n")
