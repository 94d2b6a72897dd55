"""The feeds as an independent reader, feedparser, understands them."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Absent, Prepared, Rendition
from channels.feed import MEDIA_TYPES, Credentials, Enclosure, Entry, Feed, FeedHead, Format, permanent_id, render

PARIS = timezone(timedelta(hours=1))
PUBLISHED = datetime(2026, 3, 3, 9, 30, tzinfo=PARIS)
CORRECTED = datetime(2026, 3, 3, 11, 0, tzinfo=PARIS)
HEAD = FeedHead(
    id="tag:val-clair.example,2026-01-01:feed/public",
    title="Agglo du Val-Clair",
    url="https://val-clair.example/feeds/public.atom",
    home="https://val-clair.example/",
    author="Agglo du Val-Clair",
    updated=PUBLISHED,
)


def water_cut(**changes: Any) -> Entry:
    data: dict[str, Any] = {
        "id": permanent_id("Val-Clair.example", date(2026, 1, 1), "01hq3"),
        "title": "Coupure d’eau rue des Lilas",
        "url": "https://val-clair.example/m/7f3a",
        "published": PUBLISHED,
        "updated": PUBLISHED,
        "html": "<p>De 9 h à 12 h, <a href='https://eau.example'>plus</a></p>",
        "text": "De 9 h à 12 h",
        "summary": "Coupure de 9 h à 12 h",
        "categories": ("Eau",),
        "media": (Enclosure("https://val-clair.example/media/a.jpg", "image/jpeg", "Une vanne bleue", 1234),),
    }
    return Entry(**(data | changes))


def read(form: Format, *entries: Entry) -> Any:
    return feedparser.parse(render(form, HEAD, entries), response_headers={"content-type": MEDIA_TYPES[form]})


@pytest.mark.parametrize("form", [Format.ATOM, Format.RSS])
def test_a_reader_understands_the_entry(form: Format) -> None:
    feed = read(form, water_cut(updated=CORRECTED))

    assert not feed.bozo
    entry = feed.entries[0]
    assert entry.id == "tag:val-clair.example,2026-01-01:01hq3"
    assert entry.title == "Coupure d’eau rue des Lilas"
    assert entry.link == "https://val-clair.example/m/7f3a"
    assert "De 9 h à 12 h" in entry.content[0].value
    assert entry.published_parsed[:5] == (2026, 3, 3, 8, 30)
    assert entry.updated_parsed[:5] == (2026, 3, 3, 10, 0)
    assert entry.tags[0].term == "Eau"
    assert feed.feed.title == "Agglo du Val-Clair"
    assert any(
        link.rel == "self" and link.href == "https://val-clair.example/feeds/public.atom" for link in feed.feed.links
    )


def test_pictures_travel_with_their_description() -> None:
    atom, rss = render(Format.ATOM, HEAD, [water_cut()]), read(Format.RSS, water_cut()).entries[0]
    enclosure = ET.fromstring(atom).find(".//{*}entry/{*}link[@rel='enclosure']")
    item = json.loads(render(Format.JSON, HEAD, [water_cut()]))["items"][0]

    assert enclosure is not None
    assert (enclosure.get("title"), enclosure.get("length")) == ("Une vanne bleue", "1234")
    assert rss.enclosures[0].type == "image/jpeg"
    assert b'<media:description type="plain">Une vanne bleue<' in render(Format.RSS, HEAD, [water_cut()])
    assert item["attachments"][0] == {
        "url": "https://val-clair.example/media/a.jpg",
        "mime_type": "image/jpeg",
        "title": "Une vanne bleue",
        "size_in_bytes": 1234,
    }


def test_json_feed_holds_what_version_1_1_requires() -> None:
    feed = json.loads(render(Format.JSON, HEAD, [water_cut(html="", text="", title="")]))

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"] == "Agglo du Val-Clair"
    assert feed["feed_url"] == HEAD.url
    item = feed["items"][0]
    assert item["id"] == "tag:val-clair.example,2026-01-01:01hq3"
    assert item["content_text"] == ""
    assert item["date_published"] == "2026-03-03T08:30:00Z"


def test_a_withdrawn_entry_leaves_a_tombstone_in_atom_and_nothing_elsewhere() -> None:
    gone = water_cut(withdrawn=CORRECTED)

    stone = ET.fromstring(render(Format.ATOM, HEAD, [gone])).find(
        "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
    )

    assert stone is not None
    assert (stone.get("ref"), stone.get("when")) == (gone.id, "2026-03-03T10:00:00Z")
    for form in Format:
        assert "Lilas" not in render(form, HEAD, [gone]).decode()
    assert read(Format.ATOM, gone).feed.updated == "2026-03-03T10:00:00Z"


@pytest.mark.parametrize("form", list(Format))
def test_the_same_input_gives_the_same_bytes(form: Format) -> None:
    assert render(form, HEAD, [water_cut()]) == render(form, HEAD, [water_cut()])


@pytest.mark.parametrize("form", list(Format))
def test_an_address_that_runs_code_is_left_out(form: Format) -> None:
    hostile = water_cut(url="java\nscript:alert(1)", media=(Enclosure("data:text/html,x", "text/html"),), html="")

    assert b"alert" not in render(form, HEAD, [hostile])
    assert b"data:" not in render(form, HEAD, [hostile])


HOSTILE = st.text(alphabet=st.characters()) | st.sampled_from(
    [
        "]]><script>alert(1)</script>",
        "<![CDATA[",
        "&lt;&amp;&#0;",
        "\x00\x08\ud800\ufffe",
        '"\'><x y="',
        "--><!--",
        "%s{0}",
    ]
)


def kept(text: str) -> str:
    """What may stand in XML 1.0, but for the C1 controls; line ends as a parser hands them over."""
    fit = re.sub(r"[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)
    return fit.replace("\r\n", "\n").replace("\r", "\n")


@given(title=HOSTILE, body=HOSTILE, word=HOSTILE)
def test_hostile_text_comes_back_as_it_was_and_breaks_nothing(title: str, body: str, word: str) -> None:
    entry = water_cut(title=title, text=body, html=body, summary=body, author=word, categories=(word,))
    head = FeedHead(**{**{f: getattr(HEAD, f) for f in HEAD.__slots__}, "title": title, "description": word})

    atom, rss = (ET.fromstring(render(form, head, [entry])) for form in (Format.ATOM, Format.RSS))
    item = json.loads(render(Format.JSON, head, [entry]))["items"][0]

    assert atom.findtext("{*}entry/{*}title") == rss.findtext("channel/item/title") == kept(title)
    assert (atom.findtext("{*}entry/{*}content") or "") == kept(body)
    assert item.get("title", "").replace("\r\n", "\n").replace("\r", "\n") == kept(title)
    assert len(atom.findall("{*}entry")) == len(rss.findall("channel/item")) == 1
    assert {child.tag for child in rss.iter()} <= RSS_TAGS


RSS_TAGS = {
    "rss", "channel", "title", "link", "description", "language", "lastBuildDate", "item", "guid", "pubDate",
    "category", "enclosure", "{http://www.w3.org/2005/Atom}link", "{http://www.w3.org/2005/Atom}updated",
    "{http://purl.org/dc/elements/1.1/}creator", "{http://purl.org/rss/1.0/modules/content/}encoded",
    "{http://search.yahoo.com/mrss/}content", "{http://search.yahoo.com/mrss/}description",
}  # fmt: skip


def test_the_feed_shows_what_is_published_and_may_be_asked_twice() -> None:
    feed = Feed(Credentials(), http=None)  # type: ignore[arg-type]
    rendition = Rendition(text="Eau coupée", title="Eau", link="https://val-clair.example/m/7f3a")

    first, second = (feed.publish(rendition, feed.prepare(rendition), "01hq3") for _ in range(2))

    assert first == second
    assert (first.id, first.url) == ("01hq3", "https://val-clair.example/m/7f3a")
    assert feed.repeats_harmlessly
    assert isinstance(feed.find("01hq3", rendition, datetime.now(UTC), Prepared()), Absent)
    assert feed.edit(first, rendition, Prepared()).id == "01hq3"
