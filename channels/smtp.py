"""SMTP submission: one rendition with a recipient is one mail.

What is irrevocable is the final dot alone. Until the server has the end of the data it has accepted nothing and must
forget the mail if the connection ends (RFC 5321, 4.1.1.4 and 6.1), so whatever fails earlier is safe to repeat; after
the dot a 2yz is acceptance, 4yz and 5yz are refusals (4.2.1), and silence is doubt. Nothing can be looked up.

A second copy under the same Message-ID is dropped only by servers that keep a record of them, for as long as they keep
it: Cyrus IMAP does (imapd.conf(5), `duplicatesuppression`, on by default; www.cyrusimap.org, "Duplicate Delivery
Suppression"; `cyr_expire -E` sets for how long). Only the account's owner can know that; if so, doubt is settled by
sending again. Extended codes: RFC 3463; AUTH: RFC 4954; STARTTLS: RFC 3207; SIZE: RFC 1870. Read in November 2026.
The tests start `channels/rehearsal/smtp.py`.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field, SecretStr, field_validator

from channels.contract import (
    Act,
    Channel,
    Code,
    Found,
    Health,
    Kind,
    Limits,
    Markup,
    Prepared,
    Receipt,
    Rendition,
    Seen,
    Unknowable,
)
from channels.http import Http
from channels.letter import Letter, allowed, local_part, mailbox
from channels.looking import page
from channels.outcomes import Refused, TryLater
from channels.outside import plain
from channels.smtp_session import Cut, Said, Session
from channels.sockets import Clock

ANSWER_SHARE = 0.25
"""What part of the deadline must be left for the answer to the dot; with less, the mail isn't sent now."""
MAILS_A_CONNECTION = 100


class Credentials(BaseModel):
    """A relay, and who writes."""

    host: str = Field(title="Relay", description="The mail relay's name, such as smtp.val-clair.example", min_length=1)
    port: int = Field(
        default=587, ge=1, le=65535, title="Port", description="587 with STARTTLS, 465 with TLS, 25 inside a house"
    )
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        title="Encryption",
        description="None only without a user name, or to a host that the operator listed",
    )
    username: str = Field(default="", title="User name", description="Empty where the relay knows us by our address")
    password: SecretStr = Field(default=SecretStr(""), title="Password", description="Kept encrypted")
    sender: str = Field(title="Sender's address", description="Such as lettre@val-clair.example")
    sender_name: str = Field(default="", title="Sender's name", description="As people see it beside the address")
    reply_to: str = Field(default="", title="Answers to", description="A mailbox that somebody reads")
    envelope_domain: str = Field(
        default="",
        title="Bounce domain",
        description="Each mail gets its own return address there; empty: bounces come to the sender's address",
    )
    drops_duplicates: bool = Field(
        default=False,
        title="The relay drops duplicates",
        description="It drops a second copy with the same Message-ID, as Cyrus IMAP's duplicate suppression does. "
        "Then a mail in doubt is sent again, and nobody has to decide",
    )

    @field_validator("sender", "reply_to")
    @classmethod
    def _mailbox(cls, value: str) -> str:
        try:
            return mailbox(value) if value else ""
        except Refused as error:
            raise ValueError("not an e-mail address") from error

    @field_validator("host", "envelope_domain")
    @classmethod
    def _host(cls, value: str) -> str:
        return value.strip().encode("idna").decode("ascii") if value.strip() else ""


class Smtp(Channel):
    name = "smtp"
    label = "E-mail (SMTP)"
    kind = Kind.NEWSLETTER
    Credentials = Credentials
    limits = Limits()
    markup = Markup.HTML
    can = frozenset({Act.SEE})
    deadline = 60.0

    def __init__(self, credentials: BaseModel, http: Http) -> None:
        super().__init__(credentials, http)
        self._me = Credentials.model_validate(credentials)
        self._lock = threading.Lock()
        self._idle: list[Session] = []

    @property
    def repeats_harmlessly(self) -> bool:
        return self._me.drops_duplicates

    def compose(self, rendition: Rendition) -> dict[str, Any]:
        """The mail but for what the key decides: Message-ID and return address."""
        me = self._me
        return {
            "from": f"{me.sender_name} <{me.sender}>" if me.sender_name else me.sender,
            "reply_to": me.reply_to,
            "to": mailbox(rendition.to),
            "subject": rendition.title or rendition.summary or rendition.text.partition("\n")[0][:200],
            "text": rendition.text,
            "html": rendition.html,
            "headers": allowed(rendition.headers),
        }

    def letter(self, rendition: Rendition, key: str) -> Letter:
        """The mail under this key. Its date is the rendition's, so that every attempt carries the same bytes."""
        me, body = self._me, self.compose(rendition)
        domain = me.envelope_domain or me.sender.rpartition("@")[2]
        return Letter(
            sender=me.sender,
            sender_name=me.sender_name,
            reply_to=me.reply_to,
            to=body["to"],
            subject=body["subject"],
            text=body["text"],
            html=body["html"],
            headers=body["headers"],
            language=rendition.language,
            date=_date(rendition.at),
            message_id=f"<{local_part(key)}@{domain}>",
        )

    def return_path(self, key: str) -> str:
        """Where a bounce goes: an address of this mail's own if there is a domain for it (VERP), else the sender's."""
        me = self._me
        return f"bounces+{local_part(key)}@{me.envelope_domain}" if me.envelope_domain else me.sender

    def publish(self, rendition: Rendition, prepared: Prepared, key: str) -> Receipt:
        clock = Clock(self.deadline)
        letter = self.letter(rendition, key)
        session = self._staged(letter.to, self.return_path(key), bytes(letter), clock)
        try:
            if clock.end - time.monotonic() < self.deadline * ANSWER_SHARE:
                raise TryLater(Code.BUSY, evidence="too little time was left for the server's answer")
            if self.http.before_bytes is not None:
                self.http.before_bytes()
        except BaseException:
            session.close()
            raise
        text = self._dot(session)
        self._keep(session)
        return Receipt(id=letter.message_id, at=datetime.now(UTC), evidence=text)

    def _staged(self, to: str, sender: str, body: bytes, clock: Clock) -> Session:
        """A session that was told everything but the final dot. Nothing is accepted yet, so a cut is safe to repeat."""
        while (kept := self._take()) is not None:
            try:
                return kept.stage(sender, to, body, clock)
            except (Cut, Said) as error:
                kept.close()
                if isinstance(error, Said) and error.code != 421:  # 421: it had waited too long for us
                    raise error.outcome() from error
        session: Session | None = None
        try:
            session = Session.open(self._me, self.http, clock)
            return session.stage(sender, to, body, clock)
        except (Cut, Said) as error:
            if session is not None:
                session.close()
            raise error.outcome() from error

    def _dot(self, session: Session) -> str:
        """Send the final dot: the one irrevocable thing. The server's words if it accepted."""
        try:
            return session.dot()
        except (Cut, Said) as error:
            session.close()
            raise error.outcome() from error

    def find(self, key: str, rendition: Rendition, since: datetime, prepared: Prepared) -> Found:
        return Unknowable("a mail that left can't be looked up")

    def seen(self, receipt: Receipt, rendition: Rendition) -> Seen | None:
        """A mailbox is nobody else's: what can be looked at is the issue's own page, where the receipt names one."""
        said = f"{rendition.title}\n{plain(rendition.html) if rendition.html else rendition.text}"
        return page(self.http, receipt.url, said, is_ours=True) if receipt.url else None

    def probe(self) -> Health:
        """Connect and log in, send nothing."""
        session: Session | None = None
        try:
            session = Session.open(self._me, self.http, Clock(self.deadline))
            session.quit_quietly()
        except (Cut, Said) as error:
            raise error.outcome() from error
        return Health(name=self._me.sender, warnings=session.warnings())

    def _take(self) -> Session | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _keep(self, session: Session) -> None:
        if session.sent >= MAILS_A_CONNECTION:
            session.quit_quietly()
            return
        with self._lock:
            self._idle.append(session)

    def close(self) -> None:
        """Leave the relay politely."""
        with self._lock:
            idle, self._idle = self._idle, []
        for session in idle:
            session.quit_quietly()

    def __del__(self) -> None:
        for session in getattr(self, "_idle", ()):
            session.close()


def _date(at: str) -> datetime:
    return datetime.fromisoformat(at) if at else datetime.now(UTC)
