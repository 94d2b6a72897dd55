"""Content that would act, spy, deceive or break: cleaned, kept as it came, and shown harmlessly everywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from channels.rehearsal.smtp import SmtpServer
from diffusion.delivery.echo import echoes
from diffusion.intake import pull
from diffusion.intake.models import FirstPull, Source, Submission
from diffusion.message import write
from diffusion.newsletter.models import Edition
from tests import valclair
from tests.going_out import letter, send_out, signed_in
from tests.servers.pages import Pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages() -> Iterator[Pages]:
    with Pages() as server:
        yield server


@pytest.fixture
def relay(tmp_path) -> Iterator[SmtpServer]:
    server = SmtpServer(tmp_path / "mail", users={"lettre": "juste"})
    server.start()
    yield server
    server.stop()


HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]")
EVIL = (
    "<p onclick='vole()'>L’eau sera <b>coupée</b> mercredi 17 juin 2026 de 8 h à 12 h.</p><script>vole()</script>"
    "<style>p{background:url(//pirate.example)}</style><iframe src='https://pirate.example'></iframe>"
    "<img src='https://pirate.example/pixel.gif' width='1' height='1'><a href='javascript:vole()'>ici</a>"
    "<svg onload='vole()'></svg><math><mtext></mtext></math>&lt;script&gt;vole()&lt;/script&gt;"
)
DECEIT = "Coupure\u202e d’eau\u2066 rue\u200b des Tilleuls\ufeff"


class Active(HTMLParser):
    """What in a page would run, spy or frame, but for the page's own."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag if tag in ("script", "style") and ("type", "application/ld+json") not in attrs else ""
        for name, value in attrs:
            acts = name in ("href", "src", "action") and "javascript:" in (value or "")
            spies = name in ("src", "srcset", "data", "style", "background") and "pirate.example" in (value or "")
            if name.startswith("on") or acts or spies or tag in ("iframe", "object", "embed"):
                self.found.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside and ("vole" in data or "pirate" in data):
            self.found.append(data)


def check_harmless(where: str, shown: str) -> None:
    assert not Active(shown).found, where
    assert not HIDDEN.search(shown), (where, HIDDEN.search(shown))


def html_of(look: str, shown: str) -> list[str]:
    """What a reader renders: a page whole, of a feed each entry's HTML."""
    if look.endswith((".atom", ".rss")):
        rows = [e.text or "" for e in ElementTree.fromstring(shown).iter() if e.tag.endswith(("content", "encoded"))]
    elif look.endswith(".json"):
        rows = [item["content_html"] for item in json.loads(shown)["items"]]
    else:
        return [shown]
    assert any("coupée" in row for row in rows)
    return rows


def hostile_rss() -> bytes:
    body = EVIL.replace("&", "&amp;").replace("<", "&lt;")
    item = f"<item><guid>h</guid><title>{DECEIT}</title><description>{body}</description></item>"
    return f"<rss version='2.0'><channel><title>Eau</title>{item}</channel></rss>".encode()


def hostile_json() -> bytes:
    entry = {"id": "h", "title": DECEIT + "\x00\ud800", "content_html": EVIL + "\x00 \udfff"}
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Eau", "items": [entry]}
    return json.dumps(feed).encode()


@pytest.mark.parametrize("body", [hostile_rss(), hostile_json()], ids=["rss", "json"])
def test_hostile_content_is_shown_harmlessly_everywhere_and_kept_as_it_came(pages, relay, rehearsal, body):
    feed, mastodon = valclair.account("feed"), valclair.mastodon(rehearsal)
    accounts = [valclair.board(), valclair.board("public"), feed, mastodon, letter(relay)]
    row = Source.objects.create(
        name="Eau", slug="eau", directorate=valclair.water(), url=pages.put("/feed", body),
        first_pull=FirstPull.EVERYTHING,
    )  # fmt: skip

    pull.pull(row, ours=echoes)
    taken = Submission.objects.get()
    message = write.draft_from([taken], by=valclair.ines())
    send_out(message)

    assert {d.state for d in message.deliveries.all()} == {"published"}
    assert message.deliveries.count() == len(accounts)
    original = json.loads(taken.original)
    assert "vole()" in original["content"]
    assert "\u202e" in original["title"]
    row.refresh_from_db()
    assert "cleaned" in {complaint["code"] for complaint in row.complaints}
    ines = signed_in(valclair.ines())
    looks = [
        "/desk/", f"/submissions/{taken.public_id}/", "/messages/", f"/messages/{message.public_id}/",
        f"/messages/{message.public_id}/edit/", "/board/", f"/m/{message.public_id}", f"/sources/{row.public_id}/",
        f"/feeds/{feed.slug}.atom", f"/feeds/{feed.slug}.rss", f"/feeds/{feed.slug}.json",
    ]  # fmt: skip
    for look in looks:
        answer = ines.get(look)
        assert answer.status_code == 200, look
        for part in html_of(look, answer.content.decode()):
            check_harmless(look, part)
    check_harmless("letter", Edition.objects.get().html)
    plain = [*(row["text"] for row in relay.received.rows("smtp")), next(iter(rehearsal.state.newest())).text]
    assert len(plain) == 2
    assert not any(HIDDEN.search(text) for text in plain)
    for delivery in message.deliveries.all():
        check_harmless("html", delivery.rendition.html)


def test_what_is_typed_is_cleaned_or_refused_and_kept_as_it_came():
    marc, unit = signed_in(valclair.marc()), valclair.water()
    given = {"title": DECEIT, "text": EVIL, "directorate": unit.public_id, "level": "public"}

    refused = marc.post("/propose/", {**given, "text": "nul\x00"})
    taken = marc.post("/propose/", given)

    assert refused.status_code == 200
    assert "null" in refused.content.decode().lower() or "nul" in refused.content.decode().lower()
    assert taken.status_code == 302
    row = Submission.objects.get()
    assert row.title == "Coupure d’eau rue des Tilleuls"
    assert json.loads(row.original)["title"] == DECEIT
    page = marc.get(f"/submissions/{row.public_id}/").content.decode()
    assert "voir ce qui a été reçu" in page
    assert "\\u202e" in page  # in letters
    check_harmless("page", page)


def test_markup_in_a_message_is_shown_as_words():
    body = f"{EVIL}\n\n[ici](javascript:vole()) <img src=x onerror=vole()>\n\n![x](https://pirate.example/p.gif)"
    valclair.board()
    message = write.draft(
        write.Words(title="<script>vole()</script>", body=body), by=valclair.ines(), directorate=valclair.water(),
        levels=["internal"],
    )  # fmt: skip
    send_out(message)

    ines = signed_in(valclair.ines())

    assert message.deliveries.get().state == "published"
    for look in ("/board/", f"/messages/{message.public_id}/", "/journal/", "/messages/"):
        check_harmless(look, ines.get(look).content.decode())
