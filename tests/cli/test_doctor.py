"""doctor finds what was broken on purpose, says what to do, and finds nothing where all is well."""

from __future__ import annotations

import contextlib
import json
import os
import socketserver
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import checks as django_checks
from django.db import connection
from django.utils import timezone

from channels.rehearsal.smtp import SmtpServer
from diffusion import parts
from diffusion.accounts import connect
from diffusion.accounts.models import Account
from diffusion.brand import adopt
from diffusion.cli import checks, dns, findings, outward_checks
from diffusion.config import Config
from diffusion.delivery import breaker, hold
from diffusion.delivery.models import Delivery
from diffusion.delivery.states import State
from diffusion.directory import notify
from diffusion.directory.models import Mail
from diffusion.intake.models import Source
from diffusion.tone.spelling import speller
from tests import valclair
from tests.cli.terminal import say, told

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.django_db


def found(*words: str) -> dict[str, dict[str, Any]]:
    """Code → the finding."""
    result = say("doctor", "--json", *words)
    return {row["id"].removeprefix("diffusion."): row for row in json.loads(result.stdout)}


def test_nothing_is_wrong_where_all_is_well() -> None:
    valclair.person("Ada Admin", "administrator")
    valclair.delivery(valclair.board(), due_in=3600)

    result = say("doctor")

    assert (result.exit_code, result.stdout) == (0, "All is well.\n")


def overdue() -> None:
    valclair.delivery(valclair.board(), due_in=-300)


def uncertain() -> None:
    made = valclair.delivery(valclair.board())
    now = timezone.now()
    Delivery.objects.filter(pk=made.pk).update(state=State.UNCERTAIN, intent_at=now, doubt_at=now, look_at=None)


def refused() -> None:
    Delivery.objects.filter(pk=valclair.delivery(valclair.board()).pk).update(state=State.REFUSED, due_at=None)


def unsent_mail() -> None:
    notify.post("ines@valclair.example", "Un code", "1234", "login_code")
    Mail.objects.update(made_at=timezone.now() - timedelta(minutes=3))


def left_behind() -> None:
    ago = timezone.now() - timedelta(minutes=10)
    Delivery.objects.filter(pk=valclair.delivery(valclair.board()).pk).update(
        state=State.CLAIMED, lease="x", lease_until=ago
    )


def paused() -> None:
    connect.pause(valclair.board(), by=None)


def unreadable() -> None:
    account = valclair.board()
    account.sealed = "no key of ours"
    account.save()


def source(**more: Any) -> None:
    Source.objects.create(name="Eau", slug="eau", directorate=valclair.water(), url="https://eau.example/f", **more)


def failing() -> None:
    source(health="not_found", failures=3, complaints=[{"code": "not_found", "item": None, "facts": {"status": 404}}])


def nobody_pulls() -> None:
    source(next_pull_at=timezone.now() - timedelta(hours=1))


def braked() -> None:
    Delivery.objects.filter(pk=valclair.delivery(valclair.board()).pk).update(stop="brake", due_at=None)


def resting() -> None:
    made = valclair.delivery(valclair.board())
    Account.objects.filter(pk=made.account_id).update(strikes=breaker.STRIKES)


def on_hold() -> None:
    hold.hold(by=None)


def unspelt() -> None:
    brand = adopt.add_brand("Breizh", by=None)
    adopt.adopt(brand, "name: Breizh\nlang: fr\nspelling: true\n", by=None)


@pytest.mark.parametrize(
    ("broken", "code", "status"),
    [
        (overdue, "L001", 1),
        (uncertain, "L002", 0),
        (refused, "L003", 0),
        (on_hold, "L004", 0),
        (left_behind, "L005", 1),
        (unsent_mail, "L007", 1),
        (braked, "L008", 0),
        (resting, "A006", 0),
        (paused, "A001", 0),
        (unreadable, "A002", 1),
        (failing, "I001", 0),
        (nobody_pulls, "I002", 1),
        (lambda: None, "P001", 0),
    ],
)
def test_what_is_broken_is_found_with_what_to_do(broken: Callable[[], None], code: str, status: int) -> None:
    broken()

    rows = found()

    assert rows[code]["hint"]
    assert say("doctor").exit_code == status
    assert f"[diffusion.{code}]" in say("doctor", lang="fr_FR.UTF-8").stdout


def test_what_waits_for_a_yes_or_for_a_silent_server_is_counted_at_a_glance() -> None:
    braked()
    resting()
    valclair.delivery(valclair.board(), due_in=3600)

    row = told("status")

    assert (row["lanes"]["intranet"]["braked"], row["lanes"]["intranet"]["planned"]) == (1, 1)
    assert (row["accounts"]["resting"], row["accounts"]["waiting"]) == (1, 1)
    assert "1 au repos (1 diffusion(s) attendent)" in say("status", lang="fr_FR.UTF-8").stdout


def test_a_lane_that_stands_still_is_said_to_be_served_or_not() -> None:
    overdue()
    parts.beat("worker-mail1-7", kind=parts.WORKER, lanes=("mail",))
    assert "which nobody serves" in found()["L001"]["message"]

    parts.beat("worker-mail1-8", kind=parts.WORKER, lanes=("intranet",))

    assert "served by 1 process" in found()["L001"]["message"]


def test_a_part_of_many_is_well_while_another_is_late() -> None:
    overdue()

    assert say("doctor", "--here").exit_code == 0


def test_a_charter_that_asks_for_spelling_is_told_where_no_dictionary_is(monkeypatch: pytest.MonkeyPatch) -> None:
    unspelt()
    monkeypatch.setenv("PATH", "/nowhere")
    speller.cache_clear()

    found = [each for each in checks.spelling() if each.id == "diffusion.C001"]

    speller.cache_clear()
    assert [each.hint for each in found] == ["Sur Debian : apt install hunspell hunspell-fr"]


def test_findings_are_worded_in_both_languages() -> None:
    for code, kind in findings.KINDS.items():
        assert kind.what[0] != kind.what[1], code
        assert all(sentence for pair in (kind.what, kind.hint) for sentence in pair), code


def config(folder: Path, **env: str) -> Config:
    return Config.load({"DIFFUSION_HOME": str(folder), **env})


def codes(found: checks.Found) -> set[str]:
    return {str(each.id).removeprefix("diffusion.") for each in found}


def test_settings_that_an_operator_would_want_to_know_of(tmp_path: Path) -> None:
    public = config(
        tmp_path, DIFFUSION_BASE_URL="http://valclair.example", DIFFUSION_DEBUG="true", DIFFUSION_REHEARSAL="true"
    )

    assert codes(checks.settings(public)) == {"S002", "S003", "S004", "S005"}
    assert codes(checks.settings(config(tmp_path))) == set()


def test_mails_that_nobody_gets_are_counted(tmp_path: Path) -> None:
    (tmp_path / "outbox").mkdir()
    (tmp_path / "outbox" / "1.log").write_text("Subject: x")

    assert codes(checks.settings(config(tmp_path))) == {"S004"}


def test_a_home_that_others_can_read_into(tmp_path: Path) -> None:
    ours = config(tmp_path / "home")
    ours.signing_key()
    assert codes(checks.home(ours)) <= {"H003", "H004"}

    (tmp_path / "home" / "signing.key").chmod(0o644)
    assert "H002" in codes(checks.home(ours))


def test_a_home_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")

    assert codes(checks.home(config(tmp_path / "home"))) == {"H001"}


def test_a_broker_that_is_away(tmp_path: Path) -> None:
    assert codes(checks.broker(config(tmp_path, DIFFUSION_BROKER_URL="redis://127.0.0.1:1/0"))) == {"B001"}


def test_a_broker_that_machines_apart_do_not_share(tmp_path: Path) -> None:
    apart = config(
        tmp_path, DIFFUSION_DATABASE_URL="postgres://db.example/x", DIFFUSION_SECRET_KEY="k" * 40,
        DIFFUSION_CREDENTIAL_KEYS="A" * 43 + "=",
    )  # fmt: skip

    assert codes(checks.broker(apart)) == {"B002"}


def test_a_database_that_is_behind() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'diffusion' AND name LIKE '0002%%'")

    result = say("doctor", "--json")

    assert result.exit_code == 1
    assert [row["id"] for row in json.loads(result.stdout) if row["level"] == "error"] == ["diffusion.D002"]


def test_findings_are_djangos_check_messages() -> None:
    made = findings.finding("D002", count=3)

    assert isinstance(made, django_checks.CheckMessage)
    assert made.is_serious()


def test_status_counts_each_lane() -> None:
    for broken in (overdue, uncertain, refused, failing, paused):
        broken()

    told_status = told("status")

    assert told_status["lanes"]["intranet"] == {
        "due": 1, "planned": 0, "braked": 0, "sending": 0, "uncertain": 1, "refused": 1,
    }  # fmt: skip
    assert told_status["sources"] == {"total": 1, "failing": 1}
    assert told_status["accounts"] == {"total": 4, "paused": 1, "resting": 0, "waiting": 0}
    assert "intranet" in say("status").stdout


def run(*words: str, **wrong: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own, with settings of its own."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("DIFFUSION_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-m", "workers.cli", *words], env={**env, "LC_ALL": "en_GB.UTF-8", **wrong}, cwd=ROOT,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_a_wrong_setting_is_a_finding_too(tmp_path: Path) -> None:
    done = run("doctor", "--json", DIFFUSION_HOME=str(tmp_path), DIFFUSION_LANGUGE="fr")

    (row,) = json.loads(done.stdout)
    assert done.returncode == 1
    assert row["id"] == "diffusion.S001"
    assert "did you mean DIFFUSION_LANGUAGE?" in row["message"]


def test_a_home_that_can_not_be_made_is_told_by_every_command(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    doctor, status = (
        run("doctor", DIFFUSION_HOME=str(tmp_path / "file")),
        run("status", DIFFUSION_HOME=str(tmp_path / "file")),
    )

    assert (doctor.returncode, status.returncode) == (1, 1)
    assert "can’t be written" in doctor.stdout
    assert "What to do: diffusion doctor" in status.stderr
    assert "Traceback" not in doctor.stderr + status.stderr


# asked outside


class Resolver:
    """A name server on the loopback, by UDP and TCP: what it has, NXDOMAIN for the rest; a name above another exists."""

    def __init__(self, **texts: list[str]) -> None:
        self.texts = {name.replace("__", "."): said for name, said in texts.items()}
        resolver = self

        class Udp(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                query, way = self.request
                answer = resolver._answer(query)
                cut = answer[:2] + struct.pack("!H", 0x8380) + query[4:6] + bytes(6) + query[12:-11]
                way.sendto(cut if len(answer) > dns.PAYLOAD else answer, self.client_address)

        class Tcp(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                answer = resolver._answer(self.rfile.read(struct.unpack("!H", self.rfile.read(2))[0]))
                self.wfile.write(struct.pack("!H", len(answer)) + answer)

        self.servers = self._both(Udp, Tcp)
        for each in self.servers:
            threading.Thread(target=each.serve_forever, args=(0.02,), daemon=True).start()

    def _both(self, udp: Any, tcp: Any) -> tuple[socketserver.UDPServer, socketserver.TCPServer]:
        """On one port, which must be free for both."""
        while True:
            first = socketserver.UDPServer(("127.0.0.1", 0), udp)
            with contextlib.suppress(OSError):
                return first, socketserver.TCPServer(first.server_address, tcp)  # type: ignore[arg-type]
            first.server_close()

    @property
    def server(self) -> tuple[str, int]:
        return ("127.0.0.1", int(self.servers[0].server_address[1]))

    def _answer(self, query: bytes) -> bytes:
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1 : at + 1 + query[at]].decode())
            at += 1 + query[at]
        name = ".".join(labels)
        said = self.texts.get(name, [])
        exists = any(known == name or known.endswith(f".{name}") for known in self.texts)
        records = b""
        for text in said:
            parts = [text.encode()[n : n + 255] for n in range(0, len(text.encode()), 255)]
            data = b"".join(bytes([len(part)]) + part for part in parts)
            records += b"\xc0\x0c" + struct.pack("!HHIH", 16, 1, 60, len(data)) + data
        head = query[:2] + struct.pack("!5H", 0x8180 | (0 if exists else 3), 1, len(said), 0, 0)
        return head + query[12 : at + 5] + records

    def close(self) -> None:
        for each in self.servers:
            each.shutdown()
            each.server_close()


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    made: list[Resolver] = []

    def begin(**texts: list[str]) -> None:
        made.append(Resolver(**texts))
        monkeypatch.setattr(dns, "_servers", lambda: (made[-1].server,))

    yield begin
    for each in made:
        each.close()


def letter_of(domain: str) -> Account:
    return valclair.account("smtp", host="127.0.0.1", port=9, security="none", sender=f"lettre@{domain}")


GOOD = {
    "ville__fr": ["v=spf1 include:_spf.relais.fr -all", "google-site-verification=x"],
    "relais1___domainkey__ville__fr": ["v=DKIM1; p=" + "A" * 400],
    "_dmarc__ville__fr": ["v=DMARC1; p=reject"],
}


def senders() -> set[str]:
    return {each.id.removeprefix("diffusion.") for each in outward_checks.senders(Config.load(env={}))}


@pytest.mark.parametrize(
    ("records", "codes"),
    [
        (GOOD, set()),
        ({**GOOD, "ville__fr": ["v=spf1 -all", "v=spf1 mx -all"]}, {"M003"}),
        ({**GOOD, "ville__fr": ["v=spf10 -all"]}, {"M002"}),
        ({**GOOD, "_dmarc__ville__fr": ["p=none"]}, {"M005"}),
        ({"ville__fr": ["v=spf1 mx -all", "x" * 2000]}, {"M004", "M005"}),
        ({}, {"M002", "M004", "M005"}),
    ],
)
def test_what_a_sender_s_domain_lacks_is_told(
    zone: Callable[..., None], records: dict[str, list[str]], codes: set[str]
) -> None:
    zone(**records)
    letter_of("ville.fr")

    assert senders() == codes


def test_the_organisation_s_policy_holds_below_it_and_names_of_no_zone_are_not_asked(zone: Callable[..., None]) -> None:
    zone(**{**GOOD, "lettres__ville__fr": ["v=spf1 mx -all"], "s___domainkey__lettres__ville__fr": ["v=DKIM1; p=A"]})
    letter_of("lettres.ville.fr")
    letter_of("valclair.example")

    assert senders() == set()


def test_a_dns_that_does_not_answer_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns, "_servers", lambda: (("127.0.0.1", 9),))
    letter_of("ville.fr")
    letter_of("autre.fr")

    assert [each.id for each in outward_checks.senders(Config.load(env={}))] == ["diffusion.M006"]


def test_the_relay_is_tried_without_sending(tmp_path: Path, settings: Any) -> None:
    relay = SmtpServer(tmp_path, users={"diffusion": "juste"})
    relay.start()
    try:
        for password, codes in (("juste", []), ("faux", ["diffusion.M001"])):
            url = f"smtp://diffusion:{password}@{relay.host}:{relay.port}"
            settings.DIFFUSION = Config.load(env={"DIFFUSION_EMAIL_URL": url})
            assert [each.id for each in outward_checks.relay(settings.DIFFUSION)] == codes
    finally:
        relay.stop()
    assert [each.id for each in outward_checks.relay(settings.DIFFUSION)] == ["diffusion.M001"]
    assert not (tmp_path / "received.jsonl").exists() or not (tmp_path / "received.jsonl").read_text()


def test_a_relay_without_tls_is_said_in_words(tmp_path: Path) -> None:
    relay = SmtpServer(tmp_path)
    relay.start()
    try:
        valclair.account("smtp", sender="lettre@valclair.example", host=relay.host, port=relay.port, security="none")

        french, english = say("doctor", lang="fr_FR.UTF-8").stdout, found()["A005"]["message"]
    finally:
        relay.stop()

    assert "La connexion au relais n’est pas chiffrée." in french
    assert "The connection to the relay is not encrypted." in english


def test_each_account_is_asked_who_we_are_unless_offline(rehearsal: Any) -> None:
    valclair.mastodon(rehearsal)
    dead = valclair.account("mastodon", server="http://127.0.0.1:9", access_token="x")
    refused = valclair.account("mastodon", server=rehearsal.url, access_token="wrong")
    connect.pause(valclair.account("mastodon", server="http://127.0.0.1:9", access_token="y"), by=None)

    rows = [row for row in json.loads(say("doctor", "--json").stdout) if row["id"] == "diffusion.A004"]

    assert {row["object"] for row in rows} == {dead.slug, refused.slug}
    assert "A004" not in found("--offline")
