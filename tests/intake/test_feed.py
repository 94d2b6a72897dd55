"""What RSS and Atom documents in the wild do wrong, one by one; and JSON Feed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from diffusion.intake import feed, jsonfeed
from diffusion.intake.decode import Document, decode, sniff
from diffusion.intake.entry import Entry
from diffusion.intake.item import Complaint, Feed, Format

NOW = datetime(2026, 2, 1, tzinfo=UTC)


def read(text: str, url: str = "") -> list[Feed | Entry | Complaint]:
    return list(feed.read(Document(text, NOW, url, root=sniff(text).root)))


def entries(found: list[Feed | Entry | Complaint]) -> list[Entry]:
    return [one for one in found if isinstance(one, Entry)]


def rss(*items: str) -> str:
    return f'<rss version="2.0"><channel><title>T</title>{"".join(f"<item>{i}</item>" for i in items)}</channel></rss>'


ENCODINGS = [
    ("<a>é</a>".encode(), "", "<a>é</a>", []),
    ("<a>é</a>".encode("latin-1"), "text/xml; charset=iso-8859-1", "<a>é</a>", []),
    (
        '<?xml version="1.0" encoding="windows-1252"?>’é'.encode("cp1252"),
        "",
        '<?xml version="1.0" encoding="windows-1252"?>’é',
        [],
    ),
    ("<a>é’</a>".encode("cp1252"), "text/xml; charset=utf-8", "<a>é’</a>", ["encoding"]),
    ("<a>é’</a>".encode(), "text/xml; charset=iso-8859-1", "<a>é’</a>", ["encoding"]),
    ("<a>é</a>".encode() + b"\x92", "text/xml; charset=utf-8", "<a>é</a>’", []),
    ("<a>é</a>".encode("utf-16"), "", "<a>é</a>", []),
    ("<a>é</a>".encode("utf-16-le"), "", "<a>é</a>", []),
    ("\ufeff<a>é</a>".encode(), "", "<a>é</a>", []),
    ("<a>é</a>".encode(), "text/xml; charset=punycode", "<a>é</a>", []),
    (b"<a>a\0\x0bb</a>", "", "<a>ab</a>", ["control_characters"]),
]


@pytest.mark.parametrize(("body", "media_type", "text", "codes"), ENCODINGS)
def test_text_is_right_whatever_is_declared(body: bytes, media_type: str, text: str, codes: list[str]) -> None:
    found, complaints = decode(body, media_type)

    assert found == text
    assert [complaint.code for complaint in complaints] == codes


KINDS = [
    ("<rss/>", "xml"),
    ("  <!-- <html> -->\n<feed xmlns='x'>", "xml"),
    ("<!DOCTYPE html><rss>", "xml"),
    ("<?xml version='1.0'?><rdf:RDF>", "xml"),
    ("<html><body><rss>", "html"),
    ("<!doctype html>\n<p>", "html"),
    ("\n\ufeff BEGIN:VCALENDAR\r\nVERSION:2.0", "ical"),
    ('{"version": 1}', "json"),
    ("feed", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "kind"), KINDS)
def test_a_document_is_known_by_its_beginning(text: str, kind: str | None) -> None:
    assert sniff(text).kind == kind


def test_a_guid_is_a_link_only_if_it_looks_like_one() -> None:
    found = entries(read(rss("<guid>https://a.example/1</guid>", "<guid>42</guid>"), url="https://a.example/flux"))

    assert [(e.id, e.url) for e in found] == [("https://a.example/1", "https://a.example/1"), ("42", "")]


def test_dates_are_those_stated_and_no_others() -> None:
    atom = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>1</id><published>2026-02-01T09:00:00+01:00</published></entry></feed>"

    (found,) = entries(read(atom))

    assert found.published == datetime(2026, 2, 1, 8, tzinfo=UTC)
    assert found.updated is None


@pytest.mark.parametrize("written", ["bientôt", "Tue, 31 Feb 2026 10:00:00 GMT", "32/13/2026"])
def test_a_date_that_cannot_be_read_is_told(written: str) -> None:
    (found,) = entries(read(rss(f"<title>a</title><pubDate>{written}</pubDate>")))

    assert found.published is None
    assert [code for code, _ in found.complaints] == ["bad_date"]


def test_a_document_cut_anywhere_gives_its_whole_entries() -> None:
    whole = rss(*(f"<guid>{n}</guid><title>T{n}</title>" for n in range(6)))

    for end in range(whole.index("<item>") + 1, whole.index("</channel>")):
        cut = whole[:end]
        found = read(cut)
        assert [e.id for e in entries(found)] == [str(n) for n in range(cut.count("</item>"))], cut[-30:]
        assert Complaint("truncated") in found


def test_an_entry_that_is_never_closed_ends_where_the_next_begins() -> None:
    items = "".join(f"<item><guid>{n}</guid>{'' if n == 2 else '</item>'}" for n in range(feed.PIECE_ENTRIES * 3))

    found = entries(read(f'<rss version="2.0"><channel>{items}</channel></rss>'))

    assert {e.id for e in found} >= {str(n) for n in range(feed.PIECE_ENTRIES, feed.PIECE_ENTRIES * 3)}


def test_a_long_document_means_what_a_short_one_does() -> None:
    text = "<entry><id>{0}</id><title>T{0}</title><content type='html'>&lt;a href='x{0}'>l&lt;/a></content></entry>"
    head = "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://a.example/'><title>T</title>"
    numbers = range(feed.PIECE_ENTRIES * 3)

    found = entries(read(head + "".join(text.format(n) for n in numbers) + "</feed>"))
    alone = [entries(read(f"{head}{text.format(n)}</feed>"))[0] for n in (0, 250, 599)]

    assert [e.id for e in found] == [str(n) for n in numbers]
    assert [found[n] for n in (0, 250, 599)] == alone


def test_entries_in_literal_text_are_no_entries() -> None:
    items = [f"<guid>{n}</guid><description><![CDATA[&lt;/item></item><item>]]></description>" for n in range(500)]

    assert [e.id for e in entries(read(rss(*items)))] == [str(n) for n in range(500)]


@pytest.mark.parametrize(
    ("declaration", "is_refused"),
    [
        ('<!ENTITY eacute "&#233;">', False),
        ('<!ENTITY ville "Val-Clair">', False),
        ('<!ENTITY % latin PUBLIC "-//W3C//ENTITIES Latin 1//EN" "https://a.example/l.ent"> %latin;', False),
        ('<!ENTITY x SYSTEM "file:///etc/passwd">', False),
        ('<!ENTITY a "b"><!ENTITY c "&a;&a;">', True),
        ('<!ENTITY % a "b"><!ENTITY c "%a;%a;">', True),
        (f'<!ENTITY a "{"x" * 5000}">', True),
        ("".join(f'<!ENTITY a{n} "x">' for n in range(500)), True),
        ("<!ENTITY", True),
    ],
)
def test_entities_that_could_grow_are_refused(declaration: str, is_refused: bool) -> None:
    found = read(f"<!DOCTYPE rss [{declaration}]>{rss('<title>a</title>')}")

    assert (found == [Complaint("entities")]) is is_refused


def test_no_entity_brings_a_file_in() -> None:
    (found,) = entries(
        read(f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>{rss("<title>a &x; b</title>")}')
    )

    assert found.title in {"a &x; b", "a  b"}


JSON = [
    ('{"items": [{"id": 1, "content_text": "a"}]}', ["1"], set()),
    ('{"version": "https://jsonfeed.org/version/1", "items": [{"id": "1"}, {"id": "2"', ["1"], {"truncated"}),
    ('{"version": "https://jsonfeed.org/version/1", "items": []}', [], set()),
    ('{"version": "https://jsonfeed.org/version/1", "items": [{"id": NaN, "title": 3, "tags": {}}]}', [""], set()),
    ('{"items": [1, 2]}', [], {"not_a_feed"}),
    ('{"items": {"id": 1}}', [], {"not_a_feed"}),
    ("{", [], {"not_a_feed"}),
    ("[]", [], {"not_a_feed"}),
]


@pytest.mark.parametrize(("text", "ids", "codes"), JSON)
def test_json_is_read_as_far_as_it_is_a_feed(text: str, ids: list[str], codes: set[str]) -> None:
    found = list(jsonfeed.read(Document(text, NOW)))

    assert [e.id for e in entries(found)] == ids
    assert {c.code for c in found if isinstance(c, Complaint)} == codes
    assert all(f.format is Format.JSON for f in found if isinstance(f, Feed))
