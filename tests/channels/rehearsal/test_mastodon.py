"""The rehearsed Mastodon: driven by an independent client, killed, and held against our own counting."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import mastodon as independent
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from channels.contract import Media, Prepared, Receipt, Rendition
from channels.http import Http
from channels.mastodon import Credentials, Mastodon
from channels.outcomes import TryLater, Uncertain
from channels.rehearsal import Received
from channels.rehearsal.mastodon import MastodonServer
from channels.rehearsal.mastodon_text import length


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MastodonServer]:
    server = MastodonServer(tmp_path / "state", rates={"calls": (10_000, 300)})
    server.start()
    yield server
    server.stop()


@pytest.fixture
def channel(server: MastodonServer) -> Iterator[Mastodon]:
    http = Http(frozenset({"127.0.0.1"}))
    yield Mastodon(Credentials(server=server.url, access_token="rehearsal"), http)
    http.close()


@pytest.fixture
def picture(tmp_path: Path) -> Media:
    path = tmp_path / "pont.jpg"
    Image.new("RGB", (40, 30), "teal").save(path)
    return Media(hashlib.sha256(path.read_bytes()).hexdigest(), "image/jpeg", str(path), "Le pont fermé, de nuit")


def publish(channel: Mastodon, text: str, key: str = "") -> Receipt:
    return channel.publish(Rendition(text=text), Prepared(), key or hashlib.sha256(text.encode()).hexdigest())


@pytest.fixture
def client(server: MastodonServer) -> independent.Mastodon:
    """Mastodon.py, from registering its application to a token of its own."""
    made = independent.Mastodon.create_app("Essai", scopes=["read", "write"], api_base_url=server.url)
    client = independent.Mastodon(client_id=made[0], client_secret=made[1], api_base_url=server.url)
    code = requests.get(client.auth_request_url(scopes=["read", "write"], allow_http=True), timeout=5).json()["code"]
    client.log_in(code=code, scopes=["read", "write"], allow_http=True)
    return client


def test_an_independent_client_publishes_edits_and_deletes(client, server, picture):
    media = client.media_post(Path(picture.path).read_bytes(), "image/jpeg", description=picture.description)
    status = client.status_post("Pont fermé cette nuit", media_ids=[media.id], language="fr", idempotency_key="k")

    assert client.status_post("Autre texte", idempotency_key="k").id == status.id
    assert client.account_statuses(client.account_verify_credentials().id)[0].id == status.id
    assert client.status_source(status.id).text == "Pont fermé cette nuit"
    assert client.status(status.id).media_attachments[0].description == picture.description
    assert client.status_update(status.id, "Pont ouvert").edited_at
    assert requests.get(status.url, timeout=5).text.count("Pont ouvert") == 1
    client.status_delete(status.id)
    with pytest.raises(independent.MastodonNotFoundError):
        client.status(status.id)
    with pytest.raises(independent.MastodonNotFoundError):
        client.status_post("Autre texte", idempotency_key="k")
    assert client.instance_v2().configuration.statuses.max_characters == 500


def test_an_independent_client_is_refused_what_the_vendor_refuses(client, server):
    for text in ("", "é" * 501):
        with pytest.raises(independent.MastodonAPIError, match="validation"):
            client.status_post(text)
    with pytest.raises(independent.MastodonAPIError, match="introuvable"):
        client.status_post("x", media_ids=["999"])
    client.revoke_access_token(allow_http=True)
    assert len(server.state.statuses) == 0


def test_scopes_and_tokens_are_asked_for(server):
    post = server.url + "/api/v1/statuses"
    server.state.note("token", token="reads", scopes="read")

    def status(token: str) -> int:
        return requests.post(
            post, data={"status": "x"}, headers={"Authorization": f"Bearer {token}"}, timeout=5
        ).status_code

    assert (status(""), status("nobody"), status("reads"), status("rehearsal")) == (401, 401, 403, 200)
    server.revoke()
    assert status("rehearsal") == 401


def test_a_key_is_forgotten_after_an_hour(server, channel):
    first = publish(channel, "Un", "k")
    server.now = lambda: datetime.now(UTC) + timedelta(minutes=59)
    assert publish(channel, "Un", "k").id == first.id
    server.now = lambda: datetime.now(UTC) + timedelta(minutes=61)
    assert publish(channel, "Un", "k").id != first.id


def test_one_key_asked_for_by_many_at_once_is_one_status(server, channel, tmp_path):
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda _: publish(channel, "Ensemble", "k").id, range(16)))

    assert len(ids) == 1
    assert len(Received(tmp_path / "state" / "received.jsonl").rows("mastodon")) == 1


SERVE = """
import sys
from pathlib import Path
from channels.rehearsal.mastodon import MastodonServer
server = MastodonServer(Path(sys.argv[1]), port=int(sys.argv[2]))
server.start()
print(server.url, flush=True)
sys.stdin.read()
"""


def test_what_was_answered_outlives_a_sigkill(tmp_path):
    """Killed four times while eight threads post: each key is one line, also the keys that got no answer."""
    answered: dict[str, str] = {}
    unanswered: set[str] = set()
    port = "0"

    def post(key: str) -> None:
        try:
            answered[key] = publish(channel, key, key).id
            unanswered.discard(key)
        except (TryLater, Uncertain):
            unanswered.add(key)
        if len(answered) > life * 25 + 10:
            process.send_signal(signal.SIGKILL)

    for life in range(5):
        command = [sys.executable, "-c", SERVE, str(tmp_path), port]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            url = process.stdout.readline().strip()
            port = url.rpartition(":")[2]
            channel = Mastodon(Credentials(server=url, access_token="rehearsal"), Http(frozenset({"127.0.0.1"})))
            for key, known in list(answered.items())[-5:]:
                assert publish(channel, key, key).id == known
            if life == 4:
                for key in sorted(unanswered):
                    answered[key] = publish(channel, key, key).id
            else:
                with ThreadPoolExecutor(8) as pool:
                    list(pool.map(post, [f"life {life} news {at}" for at in range(40)]))
            channel.http.close()
            process.kill()

    rows = Received(tmp_path / "received.jsonl").rows("mastodon")
    assert len(answered) == 4 * 40
    assert {row["key"]: row["id"] for row in rows} == answered
    assert len(rows) == len(answered)


def test_a_torn_line_hurts_no_other(tmp_path):
    received = Received(tmp_path / "received.jsonl")
    row = {"at": "2026-11-24T08:00:00Z", "channel": "mastodon", "account": "a", "text": "x"}
    received.append(**row, id="1")
    with received.path.open("a") as file:
        file.write('{"at": "2026-')
    received.append(**row, id="2")

    assert [r["id"] for r in received.rows("mastodon")] == ["1", "2"]
    assert all(json.loads(line) for line in received.path.read_text().split("\n")[0:1])


def test_a_rehearsal_listens_on_the_loopback_only(tmp_path):
    with pytest.raises(ValueError, match="loopback"):
        MastodonServer(tmp_path, host="0.0.0.0")


PIECES = st.sampled_from(
    (
        *("é", "🚰", "👩‍👩‍👧", "mot", "\n", "@eau@mastodon.social", "@eau", "#Eau", ",", "."),
        *("https://www.eau.fr/a_(b)?x=1&y=2", "(https://eau.fr/)", "http://127.0.0.1/x", "https://eau.example/x"),
        *("https://villes.paris/eau,", "www.eau.fr"),
    )
)


@given(st.lists(PIECES, max_size=30))
def test_two_readings_of_the_counting_rules_agree(pieces):
    text = " ".join(pieces)

    assert Mastodon.length(text) == length(text)
