"""SMTP against the rehearsal relay, whose strictness smtplib, on its own, checks first."""

from __future__ import annotations

import email.utils
import os
import re
import signal
import smtplib
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from channels.contract import Code, Prepared, Receipt, Rendition, Unknowable
from channels.http import Http
from channels.letter import mailbox
from channels.outcomes import Disconnected, Outcome, Refused, TryLater, Uncertain
from channels.rehearsal.server import Fault
from channels.rehearsal.smtp import SmtpServer, problem_of
from channels.smtp import Credentials, Smtp

LETTER = Rendition(
    title="Coupure d’eau rue des Lilas",
    text="Bonjour,\n\n.une ligne qui commence par un point\nDe 9 h à 12 h, rue des Lilas.\n.\nFin.",
    html="<p>De 9 h à 12 h, <a href='https://val-clair.example/m/7f3a'>rue des Lilas</a></p>",
    to="camille@example.org",
    at="2026-03-03T08:30:00+00:00",
    headers={
        "List-Id": "La lettre de l'eau <eau.val-clair.example>",
        "List-Unsubscribe": "<https://val-clair.example/leave/" + "a" * 120 + ">, <mailto:leave@val-clair.example>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    },
)


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[SmtpServer]:
    server = SmtpServer(tmp_path, users={"diffusion": "s3cret"}, size_max=100_000)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def smtp(relay: SmtpServer) -> Iterator[Smtp]:
    channel = Smtp(credentials(relay), http())
    yield channel
    channel.close()


def credentials(relay: SmtpServer, **changes: Any) -> Credentials:
    data: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": relay.port,
        "security": "none",
        "username": "diffusion",
        "password": "s3cret",
        "sender": "lettre@val-clair.example",
        "sender_name": "Agglo du Val-Clair · Eau",
        "reply_to": "contact@val-clair.example",
    }
    return Credentials(**(data | changes))


def http(**options: Any) -> Http:
    return Http(private_hosts=frozenset({"127.0.0.1", "localhost"}), **options)


def send(channel: Smtp, key: str = "01hq3.0", rendition: Rendition = LETTER) -> Receipt:
    return channel.publish(rendition, channel.prepare(rendition), key)


# the mail itself


def parsed(rendition: Rendition = LETTER, key: str = "01hq3.0", **changes: Any) -> EmailMessage:
    data: dict[str, Any] = {"host": "mail.example", "sender": "lettre@val-clair.example"}
    channel = Smtp(Credentials(**(data | changes)), http())
    return message_from_bytes(bytes(channel.letter(rendition, key)), policy=policy.default)


def said(mail: EmailMessage, kind: str) -> str:
    """The part's text with line ends as we write them."""
    part = mail.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content.replace("\r\n", "\n").removesuffix("\n")


def test_a_mail_says_what_the_rendition_says() -> None:
    mail = parsed(sender_name="Eau · Val-Clair")

    assert mail["Subject"] == "Coupure d’eau rue des Lilas"
    assert mail["From"].addresses[0].display_name == "Eau · Val-Clair"
    assert mail["To"] == "camille@example.org"
    assert mail["Message-ID"] == "<01hq3.0@val-clair.example>"
    assert email.utils.parsedate_to_datetime(str(mail["Date"])) == datetime(2026, 3, 3, 8, 30, tzinfo=UTC)
    assert mail.get_content_type() == "multipart/alternative"
    assert said(mail, "plain") == LETTER.text
    assert said(mail, "html") == LETTER.html


def test_a_long_unsubscribe_address_is_neither_folded_nor_encoded() -> None:
    raw = bytes(Smtp(Credentials(host="mail.example", sender="l@val-clair.example"), http()).letter(LETTER, "k"))

    assert b"\r\nList-Unsubscribe: <https://val-clair.example/leave/" + b"a" * 120 + b">, <mailto:" in raw
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw


def test_every_attempt_carries_the_same_bytes() -> None:
    channel = Smtp(Credentials(host="mail.example", sender="l@val-clair.example"), http())

    assert bytes(channel.letter(LETTER, "01hq3.0")) == bytes(channel.letter(LETTER, "01hq3.0"))
    assert bytes(channel.letter(LETTER, "01hq3.0")) != bytes(channel.letter(LETTER, "01hq3.1"))


def test_nothing_in_a_mail_tells_who_opened_it() -> None:
    raw = bytes(Smtp(Credentials(host="mail.example", sender="l@val-clair.example"), http()).letter(LETTER, "k"))

    assert b"<img" not in raw
    assert re.findall(rb"https?://[^\s>'\"=]+", raw.replace(b"=\r\n", b"")) == [
        b"https://val-clair.example/leave/" + b"a" * 120,
        b"https://val-clair.example/m/7f3a",
    ]


@pytest.mark.parametrize(
    "headers",
    [
        {"Bcc": "everybody@example.org"},
        {"From": "president@elysee.example"},
        {"Subject": "Autre"},
        {"List-Id": "x\r\nBcc: everybody@example.org"},
        {"List-Id": "x\nX-A: b"},
        {"X-A: b\r\nBcc": "c"},
        {"List-Id": "é"},
    ],
)
def test_no_header_can_be_smuggled_in(headers: dict[str, str]) -> None:
    with pytest.raises(Refused) as caught:
        parsed(replace(LETTER, headers=headers))

    assert caught.value.code == Code.CONTENT_INVALID


@given(st.text(alphabet=st.characters()), st.text(alphabet=st.characters()), st.text(alphabet=st.characters()))
def test_any_text_makes_one_valid_mail(title: str, text: str, html: str) -> None:
    channel = Smtp(Credentials(host="mail.example", sender="l@val-clair.example", sender_name=title), http())
    raw = bytes(channel.letter(replace(LETTER, title=title or "x", text=text, html=html), "k"))

    assert problem_of(raw) == ""
    mail = message_from_bytes(raw, policy=policy.default)
    kept = re.sub(r"\r\n|\r", "\n", text).encode("utf-8", "replace").decode()
    assert said(mail, "plain") == kept.removesuffix("\n")
    assert not mail.defects
    assert len(mail.get_all("Subject", [])) == 1
    assert mail.get_all("Bcc") is None


@pytest.mark.parametrize(
    "address",
    [
        "", "camille", "a@b@c", "a b@c.fr", "a@c.fr\r\nRCPT TO:<x@y.z>", "<a@c.fr>", "a@c..fr", "é@c.fr",
        "a" * 65 + "@c.fr", "a@" + "b" * 64 + ".fr", "@c.fr", "a@", "a,b@c.fr",
    ],
)  # fmt: skip
def test_an_address_that_smtp_cannot_carry_is_refused(address: str) -> None:
    with pytest.raises(Refused) as caught:
        mailbox(address)

    assert caught.value.code == Code.RECIPIENT_REFUSED


def test_an_international_domain_travels_in_ascii() -> None:
    assert mailbox("Camille.O-Neil+eau@été.example") == "Camille.O-Neil+eau@xn--t-9fab.example"


def test_credentials_are_checked_before_they_are_kept() -> None:
    with pytest.raises(ValidationError):
        Credentials(host="mail.example", sender="not an address")
    assert "s3cret" not in repr(Credentials(host="h", sender="a@b.fr", password="s3cret"))


# the rehearsal relay, by an independent client


def by_hand(relay: SmtpServer, body: bytes, to: str = "camille@example.org") -> None:
    with smtplib.SMTP("127.0.0.1", relay.port, timeout=5) as client:
        client.login("diffusion", "s3cret")
        client.sendmail("lettre@val-clair.example", [to], body)


def plain_mail(**headers: str) -> bytes:
    mail = {
        "Date": "Tue, 03 Mar 2026 08:30:00 +0000",
        "From": "lettre@val-clair.example",
        "Message-ID": "<1@val-clair.example>",
        "Subject": "Eau",
    }
    return "".join(f"{k.replace('_', '-')}: {v}\r\n" for k, v in (mail | headers).items()).encode() + b"\r\nEau.\r\n"


def test_the_relay_keeps_what_it_accepts_and_drops_a_second_copy(relay: SmtpServer) -> None:
    for _ in range(2):
        by_hand(relay, plain_mail())
    by_hand(relay, plain_mail(), to="sacha@example.org")

    rows = relay.received.rows("smtp")
    assert [(row["id"], row["to"]) for row in rows] == [
        ("<1@val-clair.example>", "camille@example.org"),
        ("<1@val-clair.example>", "sacha@example.org"),
    ]
    assert rows[0]["text"] == "Eau.\n"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (plain_mail(Date="hier"), 554),
        (plain_mail(From="a@b.fr, c@d.fr"), 554),
        (plain_mail(Message_ID="sans"), 554),
        (b"Subject: x\r\n" + plain_mail(), 554),
        (plain_mail(List_Id="<eau.val-clair.example>"), 550),
        (plain_mail(List_Id="<eau.val-clair.example>", List_Unsubscribe="<https://a.example/x>"), 550),
        (plain_mail(Subject="x" * 1200), 500),
        (plain_mail() + "é".encode(), 554),
        (plain_mail() + b"y\r\n" * 40_000, 552),
    ],
)
def test_the_relay_refuses_what_breaks_a_rule(relay: SmtpServer, body: bytes, code: int) -> None:
    with smtplib.SMTP("127.0.0.1", relay.port, timeout=20) as client:
        client.login("diffusion", "s3cret")
        client.mail("lettre@val-clair.example")
        client.rcpt("camille@example.org")

        assert client.data(body)[0] == code
    assert relay.received.rows() == []


def test_the_relay_wants_a_login_and_the_right_one(relay: SmtpServer) -> None:
    with smtplib.SMTP("127.0.0.1", relay.port, timeout=5) as client:
        client.ehlo()
        assert client.mail("lettre@val-clair.example")[0] == 530
        with pytest.raises(smtplib.SMTPAuthenticationError) as caught:
            client.login("diffusion", "wrong")
    assert caught.value.smtp_code == 535


def test_what_the_relay_answered_250_to_outlives_a_kill(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from channels.rehearsal.smtp import SmtpServer\n"
        "s = SmtpServer(Path(sys.argv[1]), users={'diffusion': 's3cret'}); s.start(); print(s.port, flush=True)\n"
        "time.sleep(60)"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, cwd=root) as process:
        assert process.stdout is not None
        first = SmtpServer(tmp_path, port=int(process.stdout.readline()))
        by_hand(first, plain_mail())
        os.kill(process.pid, signal.SIGKILL)

    again = SmtpServer(tmp_path, users={"diffusion": "s3cret"})
    again.start()
    by_hand(again, plain_mail())
    again.stop()

    assert len(again.received.rows()) == 1


# publishing


def test_a_letter_arrives_whole(relay: SmtpServer, smtp: Smtp) -> None:
    receipt = send(smtp)

    (row,) = relay.received.rows()
    assert receipt.id == row["message_id"] == "<01hq3.0@val-clair.example>"
    assert "Accepted" in receipt.evidence
    assert row["to"] == "camille@example.org"
    assert row["text"].rstrip("\n") == LETTER.text  # the lines that begin with a dot too
    assert row["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_one_connection_carries_many_letters(relay: SmtpServer, smtp: Smtp) -> None:
    for number in range(20):
        send(smtp, f"01hq3.{number}", replace(LETTER, to=f"reader{number}@example.org"))

    assert len(relay.received.rows()) == 20
    assert relay.connections == 1


def test_a_connection_that_died_meanwhile_is_no_doubt(relay: SmtpServer, smtp: Smtp) -> None:
    send(smtp, "1")
    relay.stop()
    relay.start()

    send(smtp, "2")

    assert len(relay.received.rows()) == 2


def test_a_connection_that_the_relay_closes_politely_is_opened_anew(relay: SmtpServer, smtp: Smtp) -> None:
    send(smtp, "1")
    relay.faults.arm(Fault.ERROR_BEFORE, method="MAIL")  # 421

    send(smtp, "2")

    assert len(relay.received.rows()) == 2


BEFORE = [
    ("MAIL", Fault.CUT_BEFORE, TryLater, Code.NO_ANSWER),
    ("RCPT", Fault.CUT_BEFORE, TryLater, Code.NO_ANSWER),
    ("MAIL", Fault.ERROR_BEFORE, TryLater, Code.BUSY),
    ("RCPT", Fault.THROTTLE, TryLater, Code.BUSY),
    ("POST", Fault.THROTTLE, TryLater, Code.BUSY),
]
AFTER_THE_DOT = [Fault.CUT_AFTER, Fault.HALF_AFTER, Fault.GARBLED_AFTER, Fault.CUT_BEFORE]


@pytest.mark.parametrize(("step", "fault", "kind", "code"), BEFORE)
def test_what_fails_before_acceptance_is_safe_to_repeat(
    relay: SmtpServer, smtp: Smtp, step: str, fault: Fault, kind: type[Outcome], code: Code
) -> None:
    relay.faults.arm(fault, method=step)

    with pytest.raises(kind) as caught:
        send(smtp)

    assert caught.value.code == code
    assert relay.received.rows() == []
    send(smtp)
    assert len(relay.received.rows()) == 1


@pytest.mark.parametrize("fault", AFTER_THE_DOT)
def test_silence_after_the_dot_is_doubt_whatever_became_of_the_mail(
    relay: SmtpServer, smtp: Smtp, fault: Fault
) -> None:
    relay.faults.arm(fault)

    with pytest.raises(Uncertain):
        send(smtp)

    assert len(relay.received.rows()) == (0 if fault is Fault.CUT_BEFORE else 1)


def test_where_duplicates_are_dropped_sending_again_settles_a_doubt(relay: SmtpServer) -> None:
    smtp = Smtp(credentials(relay, drops_duplicates=True), http())
    relay.faults.arm(Fault.CUT_AFTER)

    with pytest.raises(Uncertain):
        send(smtp)
    receipt = send(smtp)
    smtp.close()

    assert smtp.repeats_harmlessly
    assert receipt.id == "<01hq3.0@val-clair.example>"
    assert len(relay.received.rows()) == 1


def test_without_that_a_person_decides(smtp: Smtp) -> None:
    assert not smtp.repeats_harmlessly
    assert isinstance(smtp.find("01hq3.0", LETTER, datetime.now(UTC), Prepared()), Unknowable)


@pytest.mark.parametrize("step", ["POST", "MAIL"])
def test_the_deadline_is_total(relay: SmtpServer, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Smtp, "deadline", 0.6)
    smtp = Smtp(credentials(relay), http())
    relay.faults.arm(Fault.STALL_AFTER if step == "POST" else Fault.STALL_BEFORE, method=step)
    began = time.monotonic()

    with pytest.raises(Uncertain if step == "POST" else TryLater):
        send(smtp)

    assert time.monotonic() - began < 10


def test_with_too_little_time_for_the_answer_the_dot_is_not_sent(
    relay: SmtpServer, smtp: Smtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.smtp.ANSWER_SHARE", 1.0)

    with pytest.raises(TryLater):
        send(smtp)

    assert relay.received.rows() == []


def test_the_last_word_before_the_dot_is_the_engines(relay: SmtpServer) -> None:
    class LeaseLost(Exception):
        pass

    def check() -> None:
        raise LeaseLost

    smtp = Smtp(credentials(relay), http().before(check))

    with pytest.raises(LeaseLost):
        send(smtp)

    assert relay.received.rows() == []


REFUSALS = [
    ("550 5.1.1 Unknown user", Refused, Code.RECIPIENT_REFUSED),
    ("552 5.2.2 Mailbox full", Refused, Code.RECIPIENT_REFUSED),
    ("550 5.7.1 Policy", Refused, Code.VENDOR),
    ("554 5.7.1 Relay access denied", Disconnected, Code.FORBIDDEN),
    ("450 4.2.0 Busy", TryLater, Code.BUSY),
    ("451 4.3.0 Local error", TryLater, Code.BUSY),
    ("452 4.2.2 Full", TryLater, Code.BUSY),
    ("999 what", TryLater, Code.UNREADABLE),
]


@pytest.mark.parametrize(("reply", "kind", "code"), REFUSALS)
def test_each_refusal_of_a_recipient_means_something(
    relay: SmtpServer, smtp: Smtp, reply: str, kind: type[Outcome], code: Code
) -> None:
    relay.recipients["camille@example.org"] = reply

    with pytest.raises(kind) as caught:
        send(smtp)

    assert caught.value.code == code
    assert reply[:3] in caught.value.evidence
    assert relay.received.rows() == []


def test_a_greylisted_letter_passes_later(relay: SmtpServer, smtp: Smtp) -> None:
    relay.greylist_s = 3600.0
    with pytest.raises(TryLater):
        send(smtp)
    relay.greylist_s = 0.0

    send(smtp)

    assert len(relay.received.rows()) == 1


def test_a_letter_larger_than_the_relay_takes_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    small = SmtpServer(tmp_path, size_max=20_000)
    small.start()
    channel = Smtp(credentials(small, username=""), http())

    with pytest.raises(Refused) as caught:
        send(channel, rendition=replace(LETTER, text="é" * 20_000))
    small.stop()
    channel.close()

    assert caught.value.code == Code.TEXT_TOO_LONG


def test_a_wrong_password_disconnects_the_account(relay: SmtpServer) -> None:
    channel = Smtp(credentials(relay, password="old"), http())

    for act in (lambda: send(channel), channel.probe):
        with pytest.raises(Disconnected) as caught:
            act()
        assert caught.value.code == Code.CREDENTIALS
        assert "old" not in str(caught.value.facts) + caught.value.evidence


def test_nobody_listening_is_safe_to_repeat(relay: SmtpServer) -> None:
    channel = Smtp(credentials(relay), http())
    relay.stop()

    with pytest.raises(TryLater) as caught:
        send(channel)

    assert caught.value.code == Code.UNREACHABLE


def test_a_private_address_is_refused_unless_listed(relay: SmtpServer) -> None:
    with pytest.raises(Refused) as caught:
        send(Smtp(credentials(relay), Http()))

    assert caught.value.code == Code.ADDRESS_FORBIDDEN


def test_probing_sends_nothing(relay: SmtpServer, smtp: Smtp) -> None:
    health = smtp.probe()

    assert health.name == "lettre@val-clair.example"
    assert health.warnings == ("not_encrypted",)
    assert relay.received.rows() == []


def test_bounces_can_come_back_to_an_address_of_their_own(relay: SmtpServer) -> None:
    own = Smtp(credentials(relay, envelope_domain="retours.val-clair.example"), http())

    assert own.return_path("01hq3.0") == "bounces+01hq3.0@retours.val-clair.example"
    assert own.letter(LETTER, "01hq3.0").message_id == "<01hq3.0@retours.val-clair.example>"
    assert Smtp(credentials(relay), http()).return_path("01hq3.0") == "lettre@val-clair.example"


# encryption


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_encryption_is_real_and_the_certificate_checked(tmp_path: Path, certificate: Path, security: str) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    relay = SmtpServer(tmp_path, users={"diffusion": "s3cret"}, tls=context, tls_at_once=security == "tls")
    relay.start()
    mine = credentials(relay, host="localhost", security=security)
    channel = Smtp(mine, http(ca_file=str(certificate)))

    send(channel)
    with pytest.raises(TryLater) as caught:
        send(Smtp(mine, http()), "2")
    channel.close()
    relay.stop()

    assert "certificate" in caught.value.evidence.lower()
    assert len(relay.received.rows()) == 1


def test_a_relay_that_does_not_encrypt_gets_no_password(relay: SmtpServer) -> None:
    with pytest.raises(Disconnected) as caught:
        send(Smtp(credentials(relay, security="starttls"), http()))

    assert caught.value.code == Code.NOT_SUPPORTED
