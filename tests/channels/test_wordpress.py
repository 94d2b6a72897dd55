"""WordPress against a real one: what the conformance suite can't ask of every channel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from channels.answers import read
from channels.contract import Absent, Code, Media, Prepared, Receipt, Rendition
from channels.http import Answer, Http
from channels.outcomes import Disconnected, Outcome, Refused, Throttled, TryLater, Uncertain
from channels.rehearsal.mastodon import MastodonServer
from channels.wordpress import ERRORS, ERRORS_AT_PUBLISH, Credentials, WordPress, _code, slug_of
from channels.wordpress_address import is_ours, root, route
from tests.channels.subjects.wordpress import SAMPLE, picture
from tests.servers import wordpress
from tests.servers.wordpress import USER

pytestmark = pytest.mark.server
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def site() -> wordpress.WordPress:
    return wordpress.running()


@pytest.fixture
def http(site: wordpress.WordPress) -> Iterator[Http]:
    way_out = Http(frozenset({f"127.0.0.1:{site.port}"}))
    yield way_out
    way_out.close()


@pytest.fixture
def channel(site: wordpress.WordPress, http: Http) -> WordPress:
    return WordPress(Credentials(site=site.url, user=USER, application_password=site.password), http)


def publish(channel: WordPress, rendition: Rendition = SAMPLE, key: str = "") -> tuple[Receipt, str]:
    key = key or f"{uuid4().hex}-0"
    return channel.publish(rendition, channel.prepare(rendition), key), key


def by_hand(site: wordpress.WordPress, method: str, path: str, **body: object) -> dict[str, object]:
    """The same API, by an independent client."""
    answer = requests.request(
        method, f"{site.url}/index.php?rest_route=/wp/v2/{path}", json=body, auth=(USER, site.password), timeout=20
    )
    answer.raise_for_status()
    found: dict[str, object] = answer.json()
    return found


@pytest.mark.parametrize("permalinks", ["", "/%postname%/"])
def test_the_api_is_found_with_and_without_pretty_addresses(
    site: wordpress.WordPress, channel: WordPress, http: Http, permalinks: str
) -> None:
    site.option("permalink_structure", permalinks)

    api = root(http, site.url)
    receipt, key = publish(channel)

    assert ("rest_route" in api) == (permalinks == "")
    assert receipt.url.startswith(site.url)
    assert slug_of(key) in receipt.url or "?p=" in receipt.url
    found = channel.find(key, SAMPLE, NOW, Prepared())
    assert isinstance(found, Receipt)
    assert found.id == receipt.id


def test_a_second_post_under_the_same_key_is_seen_by_its_suffix(site: wordpress.WordPress, channel: WordPress) -> None:
    first, key = publish(channel)
    second, _ = publish(channel, key=key)

    found = channel.find(key, SAMPLE, NOW, Prepared())

    assert isinstance(found, Receipt)
    assert found.id == first.id != second.id
    assert f"{slug_of(key)}-2 publish" in found.evidence


def test_a_post_that_is_only_there_under_its_suffix_is_found(site: wordpress.WordPress, channel: WordPress) -> None:
    first, key = publish(channel)
    second, _ = publish(channel, key=key)
    by_hand(site, "DELETE", f"posts/{first.id}&force=true")

    found = channel.find(key, SAMPLE, NOW, Prepared())

    assert isinstance(found, Receipt)
    assert found.id == second.id


@pytest.mark.parametrize("status", ["draft", "pending", "private", "trash"])
def test_whatever_became_of_the_post_it_went_out(site: wordpress.WordPress, channel: WordPress, status: str) -> None:
    receipt, key = publish(channel)
    if status == "trash":
        by_hand(site, "DELETE", f"posts/{receipt.id}")
    else:
        by_hand(site, "POST", f"posts/{receipt.id}", status=status)

    found = channel.find(key, SAMPLE, NOW, Prepared())

    assert isinstance(found, Receipt)
    assert found.id == receipt.id
    assert status in found.evidence


def test_another_key_that_begins_alike_is_not_taken_for_ours(channel: WordPress) -> None:
    _, key = publish(channel)

    assert isinstance(channel.find(key[:-2], SAMPLE, NOW, Prepared()), Absent)
    assert isinstance(channel.find(f"{key}0", SAMPLE, NOW, Prepared()), Absent)


def test_editing_does_not_bring_back_what_was_withdrawn(site: wordpress.WordPress, channel: WordPress) -> None:
    receipt, _ = publish(channel)
    channel.delete(receipt)

    channel.edit(receipt, replace(SAMPLE, html="<p>Corrigé</p>"), Prepared())

    (row,) = site.sql(f"SELECT post_status, post_content FROM wp_posts WHERE ID = {receipt.id}")
    assert row == ["trash", "<p>Corrigé</p>"]


def test_a_post_that_is_gone_for_good_can_be_deleted_but_not_edited(
    site: wordpress.WordPress, channel: WordPress
) -> None:
    receipt, _ = publish(channel)
    by_hand(site, "DELETE", f"posts/{receipt.id}&force=true")

    channel.delete(receipt)
    with pytest.raises(Refused) as caught:
        channel.edit(receipt, SAMPLE, Prepared())

    assert caught.value.code == Code.TARGET_GONE


def test_pictures_carry_their_description_and_are_uploaded_once(
    site: wordpress.WordPress, channel: WordPress, tmp_path: Path
) -> None:
    rendition = replace(SAMPLE, media=(picture(tmp_path), picture(tmp_path, "pont", "teal")))
    prepared = channel.prepare(rendition)
    again = channel.prepare(rendition, prepared)

    receipt = channel.publish(rendition, again, f"{uuid4().hex}-0")

    assert again == prepared
    post = by_hand(site, "GET", f"posts/{receipt.id}&context=edit")
    medium = by_hand(site, "GET", f"media/{post['featured_media']}")
    assert medium["alt_text"] == "Une vanne bleue"
    content = site.sql(f"SELECT post_content FROM wp_posts WHERE ID = {receipt.id}")[0][0]
    assert content.count('alt="Une vanne bleue"') == 1  # the second picture; the first one stands for the post
    channel.edit(receipt, rendition, again)
    assert by_hand(site, "GET", f"posts/{receipt.id}&context=edit")["featured_media"] == post["featured_media"]


def test_a_picture_that_is_none_is_refused_before_anything_is_posted(channel: WordPress, tmp_path: Path) -> None:
    path = tmp_path / "virus.exe"
    path.write_bytes(b"MZ")

    with pytest.raises(Refused) as caught:
        channel.prepare(replace(SAMPLE, media=(Media("0" * 64, "image/png", str(path), "Rien"),)))

    assert caught.value.code in (Code.MEDIA_TYPE, Code.MEDIA_FAILED)


def test_a_picture_that_vanished_meanwhile_shows_in_the_evidence(channel: WordPress, tmp_path: Path) -> None:
    rendition = replace(SAMPLE, media=(picture(tmp_path),))
    prepared = channel.prepare(rendition)
    lost = {sha: {"id": 999_999, "url": medium["url"]} for sha, medium in prepared.data["media"].items()}

    receipt = channel.publish(rendition, Prepared({**prepared.data, "media": lost}), f"{uuid4().hex}-0")

    assert "picture" in receipt.evidence


def test_plain_text_is_escaped_into_paragraphs(site: wordpress.WordPress, channel: WordPress) -> None:
    hostile = Rendition(text="De 9 h à 12 h\nsuite\n\n<script>alert(1)</script> & “fin” 💧 \u202f")

    receipt, _ = publish(channel, hostile)

    content = site.sql(f"SELECT post_content FROM wp_posts WHERE ID = {receipt.id}")[0][0]
    assert content.startswith("<p>De 9 h à 12 h<br>suite</p><p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; “fin” 💧")


def test_the_probe_says_who_we_are_and_what_we_lack(site: wordpress.WordPress, channel: WordPress, http: Http) -> None:
    reader = Credentials(site=site.url, user="lectrice", application_password=site.reader_password)

    assert channel.probe().name == USER
    assert channel.probe().warnings == ()
    assert WordPress(reader, http).probe().warnings == ("lacks publish_posts", "lacks upload_files")


def test_an_address_without_wordpress_says_so(tmp_path: Path) -> None:
    other = MastodonServer(tmp_path)
    other.start()

    with pytest.raises(Refused) as caught:
        root(Http(frozenset({"127.0.0.1"})), other.url)
    other.stop()

    assert caught.value.code == Code.NOT_SUPPORTED


@pytest.mark.parametrize(
    ("api", "site_address", "ours"),
    [
        ("https://a.fr/wp-json/", "https://a.fr", True),
        ("https://www.a.fr/wp-json/", "https://a.fr", True),
        ("https://a.fr/wp-json/", "http://a.fr", True),
        ("http://a.fr/wp-json/", "https://a.fr", False),
        ("https://b.fr/wp-json/", "https://a.fr", False),
        ("https://a.fr.evil.example/wp-json/", "https://a.fr", False),
        ("https://a.fr@evil.example/", "https://a.fr", False),
        ("javascript:alert(1)", "https://a.fr", False),
    ],
)
def test_credentials_go_nowhere_but_to_the_site(api: str, site_address: str, ours: bool) -> None:
    assert is_ours(api, site_address) is ours


def test_an_address_is_built_for_both_kinds_of_root() -> None:
    assert route("https://a.fr/wp-json/", "posts", {"slug": "x"}) == "https://a.fr/wp-json/wp/v2/posts?slug=x"
    assert route("https://a.fr/?rest_route=/", "posts", {"slug": "x"}) == "https://a.fr/?rest_route=/wp/v2/posts&slug=x"


@pytest.mark.parametrize(
    ("status", "body", "irrevocable", "kind"),
    [
        (500, b'{"code":"db_insert_error"}', True, Uncertain),
        (500, b'{"code":"db_insert_error"}', False, TryLater),
        (400, b'{"code":"rest_invalid_field"}', True, Uncertain),  # the post may be there already
        (400, b'{"code":"rest_invalid_field"}', False, Refused),
        (400, b'{"code":"rest_invalid_param"}', True, Refused),
        (400, b'{"code":"rest_upload_file_too_big"}', False, Refused),
        (401, b'{"code":"incorrect_password"}', True, Disconnected),
        (403, b'{"code":"rest_cannot_publish"}', True, Disconnected),
        (403, b"<html>blocked</html>", True, Refused),
        (429, b"<html>slow down</html>", True, Throttled),
        (301, b"", True, Refused),
        (201, b"<br>Notice: undefined</br>{}", True, Uncertain),
        (201, b"<br>Notice: undefined</br>{}", False, TryLater),
    ],
)
def test_each_documented_answer_means_something(
    status: int, body: bytes, irrevocable: bool, kind: type[Outcome]
) -> None:
    answer = Answer(status, {}, body)
    errors = ERRORS_AT_PUBLISH if irrevocable else ERRORS

    with pytest.raises(kind):
        read(answer, dict[str, int], errors, code=_code(answer), irrevocable=irrevocable)


def test_the_slug_is_the_key_in_lower_case_and_never_too_long() -> None:
    assert slug_of("01HQ3-0") == "d-01hq3-0"
    assert slug_of("a/../b é") == "d-a-b"
    assert len(slug_of("x" * 500)) <= 200


def test_a_picture_that_is_not_the_approved_one_is_not_uploaded(channel: WordPress, tmp_path: Path) -> None:
    item = picture(tmp_path)
    Path(item.path).write_bytes(b"another")

    with pytest.raises(Refused) as caught:
        channel.prepare(replace(SAMPLE, media=(item,)))

    assert caught.value.code == Code.MEDIA_FAILED


def test_it_lists_what_stands_there_whoever_wrote_it(channel: WordPress, site: wordpress.WordPress) -> None:
    since = datetime.now(UTC) - timedelta(seconds=5)
    receipt, _ = publish(channel)
    theirs = by_hand(
        site, "POST", "posts", title="Marché <b>de Noël</b>", content="<p>L&rsquo;essentiel</p>", status="publish"
    )
    by_hand(site, "POST", "posts", title="Ancien", content="x", status="publish", date_gmt="2020-01-02T03:04:05")

    listed = {post.id: post for post in channel.recent(since) or ()}

    assert {receipt.id, str(theirs["id"])} <= listed.keys()
    assert listed[str(theirs["id"])].text == "Marché de Noël\nL’essentiel"
    assert listed[receipt.id].url == receipt.url
    assert all(post.at >= since for post in listed.values())
