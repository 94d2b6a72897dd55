"""Mastodon: what the conformance suite doesn't ask, and the rehearsal server itself, driven by an independent client."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from channels.answers import check
from channels.contract import Absent, Code, Media, NotReady, Per, Prepared, Receipt, Rendition, Unknowable
from channels.http import Answer, Http
from channels.mastodon import ERRORS, Credentials, Mastodon
from channels.outcomes import Refused, Throttled, Uncertain
from channels.rehearsal.mastodon import MastodonServer
from channels.rehearsal.server import Call, Fault, Reply

NOTICE = Rendition(text="Rue des Lilas : l’eau revient mardi à 12 h. Renseignements : 01 23 45 67 89.")


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
    return channel.publish(replace(NOTICE, text=text), Prepared(), key or hashlib.sha256(text.encode()).hexdigest())


# the adapter


@pytest.mark.parametrize(("server", "per"), [("gotosocial", Per.HOST), ("Mastodon", None), ("", None)])
def test_who_is_to_slow_down_is_the_account_but_where_the_server_counts_by_address(server, per):
    with pytest.raises(Throttled) as raised:
        check(Answer(429, {"Server": server, "Retry-After": "9"}, b"{}"), ERRORS)

    assert (raised.value.per, raised.value.after) == (per, 9)


@pytest.mark.parametrize("typed", ["mastodon.example", "https://mastodon.example/", "https://mastodon.example/@ville"])
def test_a_server_is_taken_as_people_type_it(typed):
    assert Credentials(server=typed, access_token="x").server == "https://mastodon.example"


@pytest.mark.parametrize("typed", ["https://user:pass@mastodon.example", "ftp://mastodon.example", ""])
def test_a_server_that_is_none_is_refused(typed):
    with pytest.raises(ValueError, match="server"):
        Credentials(server=typed, access_token="x")


class Cached(MastodonServer):
    """Behind a box that answers a post with an earlier one, and never passes it on."""

    def answer(self, call: Call) -> Reply:
        if call.method == "POST" and (known := next(self.state.newest(), None)):
            return Reply(200, self.shown(known))
        return super().answer(call)


def test_an_answer_that_shows_another_post_proves_nothing(tmp_path):
    server = Cached(tmp_path / "state")
    server.start()
    channel = Mastodon(Credentials(server=server.url, access_token="rehearsal"), Http(frozenset({"127.0.0.1"})))
    first = publish(channel, "La piscine rouvre samedi.")

    with pytest.raises(Uncertain) as doubt:
        publish(channel, "Le pont des Arches ferme dimanche.")

    assert doubt.value.code == Code.UNREADABLE
    found = channel.find("", replace(NOTICE, text="Le pont des Arches ferme dimanche."), first.at, Prepared())
    assert isinstance(found, Absent)
    channel.http.close()
    server.stop()


def test_a_slow_picture_is_waited_for_without_a_second_upload(server, channel, picture):
    rendition = replace(NOTICE, media=(picture,))
    server.faults.arm(Fault.PROCESSING, path="/api/v2/media")
    with pytest.raises(NotReady) as waiting:
        channel.prepare(rendition)

    kept = Prepared(waiting.value.data)
    for _ in range(2):
        with pytest.raises(NotReady):
            channel.prepare(rendition, kept)
    prepared = channel.prepare(rendition, kept)

    assert prepared.data == kept.data
    assert len(server.state.media) == 1
    channel.publish(rendition, prepared, "k")


def test_a_picture_that_vanished_is_uploaded_again(server, channel, picture):
    rendition = replace(NOTICE, media=(picture,))
    prepared = channel.prepare(rendition)
    server.state.media.clear()

    again = channel.prepare(rendition, prepared)

    assert again.data != prepared.data
    receipt = channel.publish(rendition, again, "k")
    assert server.state.statuses[receipt.id].media == [again.data["media"][0]["id"]]


def test_a_picture_that_is_not_the_approved_one_is_refused(channel, picture):
    Path(picture.path).write_bytes(b"something else")

    with pytest.raises(Refused) as raised:
        channel.prepare(replace(NOTICE, media=(picture,)))

    assert raised.value.code == Code.MEDIA_FAILED


def test_an_edit_keeps_the_pictures(server, channel, picture):
    rendition = replace(NOTICE, media=(picture,))
    prepared = channel.prepare(rendition)
    receipt = channel.publish(rendition, prepared, "k")

    channel.edit(receipt, replace(rendition, text="Corrigé."), prepared)

    assert server.state.statuses[receipt.id].media == [prepared.data["media"][0]["id"]]


def test_the_same_words_of_last_week_are_not_taken_for_todays(server, channel):
    server.now = lambda: datetime.now(UTC) - timedelta(days=7)
    publish(channel, NOTICE.text, "last week")
    server.now = lambda: datetime.now(UTC)

    found = channel.find("today", NOTICE, datetime.now(UTC), Prepared())

    assert isinstance(found, Absent)


def test_it_is_found_among_more_than_a_page(server, channel):
    since = datetime.now(UTC)
    receipt = publish(channel, NOTICE.text)
    for at in range(90):
        publish(channel, f"Brève {at}")

    found = channel.find("", NOTICE, since, Prepared())

    assert isinstance(found, Receipt)
    assert found.id == receipt.id


def test_too_many_posts_since_then_is_no_proof(server, channel):
    since = datetime.now(UTC)
    for at in range(201):
        publish(channel, f"Brève {at}")

    assert isinstance(channel.find("", NOTICE, since, Prepared()), Unknowable)


def test_a_post_that_its_owner_edited_meanwhile_is_found_by_its_first_text(server, channel):
    since = datetime.now(UTC)
    rendition = replace(NOTICE, text="Coupure d’eau & travaux <rue des Lilas> : https://www.service-public.fr/eau?x=1")
    receipt = publish(channel, rendition.text)
    channel.edit(receipt, replace(NOTICE, text="Réécrit à la main."), Prepared())

    found = channel.find("", rendition, since, Prepared())
    other = channel.find("", NOTICE, since, Prepared())

    assert isinstance(found, Receipt)
    assert found.id == receipt.id
    assert isinstance(other, Absent)


def test_an_edit_that_hides_a_mention_leaves_it_to_a_person(channel):
    since = datetime.now(UTC)
    rendition = replace(NOTICE, text="Avec @eau@mastodon.example, rue des Lilas.")
    channel.edit(publish(channel, "Avec @eau, rue des Lilas."), replace(NOTICE, text="Réécrit."), Prepared())

    assert isinstance(channel.find("", rendition, since, Prepared()), Unknowable)


def test_a_clock_that_is_wrong_here_hides_nothing(server, channel, monkeypatch):
    """Ours is ten minutes fast: `since` lies after the server's own time of the post."""
    receipt = publish(channel, NOTICE.text)
    ahead = datetime.now(UTC) + timedelta(minutes=10)

    class Fast(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(minutes=10)

    monkeypatch.setattr("channels.mastodon.datetime", Fast)
    found = channel.find("", NOTICE, ahead - timedelta(seconds=1), Prepared())

    assert isinstance(found, Receipt)
    assert found.id == receipt.id


def test_a_throttle_says_until_when(server, channel):
    server.rates.rates["posts"] = (1, 3600)
    publish(channel, "Un")

    with pytest.raises(Throttled) as raised:
        publish(channel, "Deux")

    assert 0 < raised.value.after <= 3600


def test_a_server_that_ignores_the_key_is_where_looking_saves_us(server, channel):
    server.honours_key = False
    since = datetime.now(UTC)
    receipt = publish(channel, NOTICE.text, "k")

    found = channel.find("k", NOTICE, since, Prepared())

    assert isinstance(found, Receipt)
    assert found.id == receipt.id
    publish(channel, NOTICE.text, "k")
    assert len(server.state.statuses) == 2


def test_limits_are_the_servers_own(channel):
    health = channel.probe()

    assert health.name == "valclair"
    assert health.limits == Mastodon.limits


def test_it_lists_all_that_stands_there_over_several_pages(channel: Mastodon) -> None:
    first = publish(channel, "Avant.")
    since = first.at + timedelta(milliseconds=1)
    texts = [f"Annonce n° {number}" for number in range(45)]
    for text in texts:
        publish(channel, text)

    listed = channel.recent(since)

    assert [post.text for post in listed or ()] == texts[::-1]
    assert listed
    assert listed[0].url
