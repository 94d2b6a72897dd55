"""What anybody is shown, beside what should be said: a channel's own rewriting is no change, a person's is."""

from __future__ import annotations

import time

import pytest

from channels.contract import Receipt, Rendition
from channels.feed import Credentials as FeedCredentials
from channels.feed import Feed
from channels.http import Http
from channels.looking import page
from channels.mastodon import Credentials, Mastodon
from channels.outcomes import Outcome, Refused, Throttled, TryLater
from channels.outside import Part, Seen, Verdict, letters, plain
from channels.rehearsal.mastodon_text import to_html
from channels.smtp import Credentials as Relay
from channels.smtp import Smtp
from tests.channels.conftest import answers

SAID = (
    "L’eau sera coupée mercredi 17 juin 2026, de 8 h 30 à 12 h 30, rue des Tilleuls. Coût : 12,50 € & 3 x 4 m.\n\n"
    "Détails : https://eau.val-clair.example/coupures/rue-des-tilleuls?jour=17 #ValClair @voirie@mastodon.example 💧"
)
REWRITTEN = {
    "the vendor's formatter": to_html(SAID),
    "entities": SAID.replace("&", "&amp;").replace("é", "&eacute;").replace("’", "&#8217;").replace("\n\n", "<p>"),
    "typographic quotes and signs": SAID.replace("’", "'").replace("3 x 4", "3 &#215; 4").replace(" ", "&nbsp;"),
    "a shortened link": SAID.replace(
        "https://eau.val-clair.example/coupures/rue-des-tilleuls?jour=17", '<a href="x">eau.val-clair.example/coup…</a>'
    ),
    "a mention without its domain": SAID.replace("@voirie@mastodon.example", '<a href="x">@<span>voirie</span></a>'),
    "an emoji as a picture": SAID.replace("💧", '<img alt="💧" src="/1f4a7.png">'),
    "a script beside": f"<style>p{{}}</style>{SAID}<script>var x = '<p>8 h 30</p>';</script><!-- lu 3 fois -->",
    "words parted by markup": SAID.replace("mercredi", "mer<wbr>cre<b>di</b>"),
}
CHANGED = {
    "another day": SAID.replace("17 juin", "18 juin"),
    "another amount": SAID.replace("12,50", "12,80"),
    "a word taken out": SAID.replace("mercredi ", ""),
    "cut short": SAID[:60],
    "nothing left": "",
}


@pytest.mark.parametrize("html", REWRITTEN.values(), ids=REWRITTEN)
def test_what_a_channel_rewrites_is_no_change(html):
    assert Part(SAID, plain(html), is_all=True).holds
    assert Part(SAID, plain(f"<nav>Accueil</nav>{html}<footer>Mentions</footer>")).holds


@pytest.mark.parametrize("html", CHANGED.values(), ids=CHANGED)
def test_what_a_person_changes_is_one(html):
    assert not Part(SAID, plain(html), is_all=True).holds
    assert not Part(SAID, plain(html)).holds


def test_what_is_added_is_a_change_where_nothing_else_may_stand():
    added = plain(f"<p>ANNULÉ</p>{to_html(SAID)}")

    assert not Part(SAID, added, is_all=True).holds
    assert Part(SAID, added).holds


def test_the_line_that_is_missing_is_named():
    part = Part("Rue des Tilleuls\nMercredi 17 juin", "Rue des Tilleuls, jeudi 18 juin")

    assert part.missing == "Mercredi 17 juin"


def test_a_page_made_to_be_slow_is_read_in_time():
    began = time.process_time()
    for hostile in (
        "<script" * 200_000,
        "<!--" * 300_000,
        "<div>" * 200_000,
        "<" * 10**6,
        "a." * 400_000 + "1",
        "&" * 10**6,
    ):
        letters(plain(hostile))

    assert time.process_time() - began < 10


def mastodon(server, **more):
    return Mastodon(Credentials(server=server.url, access_token="t", **more), Http(frozenset({server.url[7:]})))


RECEIPT = Receipt("7")


def look(server, script, receipt=RECEIPT, **more):
    server.script = script
    return mastodon(server, **more).seen(receipt, Rendition(text=SAID))


def status(content, number="7"):
    return f'{{"id": "{number}", "created_at": "2026-03-03T08:00:00Z", "content": {content!r}}}'.replace(
        "'", '"'
    ).encode()


def test_mastodon_is_asked_without_the_token(server):
    seen = look(server, answers(status("<p>Autre chose</p>")))

    assert seen.verdict is Verdict.CHANGED
    assert b"authorization" not in server.requests[0].lower()


@pytest.mark.parametrize("code", ["404 Not Found", "410 Gone"])
def test_what_is_not_there_is_gone(server, code):
    assert look(server, answers(b"{}", code)).verdict is Verdict.GONE


def test_what_is_for_followers_alone_is_not_looked_for(server):
    assert look(server, answers(), visibility="private") is None
    assert not server.requests


LIES = {
    "another post": (status("<p>x</p>", "8"), "200 OK", TryLater),
    "a page": (b"<html>Bonjour</html>", "200 OK", TryLater),
    "nothing": (b"", "200 OK", TryLater),
    "half": (status("<p>x</p>")[:30], "200 OK", TryLater),
    "an error": (b"", "500 Oops", TryLater),
    "slow down": (b"", "429 Too Many", Throttled),
}


@pytest.mark.parametrize(("body", "code", "raised"), LIES.values(), ids=LIES)
def test_an_answer_that_says_nothing_of_the_post_is_no_verdict(server, body, code, raised):
    with pytest.raises(raised):
        look(server, answers(body, code))


def test_a_server_that_is_away_is_no_verdict(server):
    server.close()

    with pytest.raises(Outcome):
        look(server, answers())


def closed_api(body):
    """An API that wants a token, beside a page for everybody."""
    api, shown = answers(b"{}", "401 Unauthorized"), answers(body, content_type="text/html")
    return lambda connection, request: (api if b"/api/" in request.split(b"\r\n")[0] else shown)(connection, request)


def test_where_the_api_is_closed_the_page_is_read(server):
    url = f"{server.url}/@valclair/7"

    seen = look(server, closed_api(to_html(SAID).encode()), Receipt("7", url))

    assert (seen.verdict, seen.url) == (Verdict.RIGHT, url)


def test_a_page_that_may_be_a_sign_in_is_no_verdict(server):
    with pytest.raises(TryLater, match="unreadable"):
        look(server, closed_api(b"<h1>Connexion</h1>"), Receipt("7", f"{server.url}/@valclair/7"))


def test_a_private_address_is_not_looked_at(server):
    with pytest.raises(Refused, match="address_forbidden"):
        page(Http(), server.url, SAID)


def feed(server, http, items):
    server.script = answers(f'{{"version": "x", "items": [{items}]}}'.encode())
    return Feed(FeedCredentials(), http).seen(
        Receipt("abc-1", f"{server.url}/f.json"), Rendition(text="Rue", title="Eau")
    )


ENTRY = '{{"id": "tag:val-clair.example,2026-01-01:{0}", "title": "Eau", "content_text": "{1}"}}'


def test_an_entry_of_our_feed_is_right_changed_or_gone(server, http):
    other = ENTRY.format("xyz", "Rue")

    assert feed(server, http, other + "," + ENTRY.format("abc", "Rue")).verdict is Verdict.RIGHT
    assert feed(server, http, ENTRY.format("abc", "Place")).verdict is Verdict.CHANGED
    assert feed(server, http, other).verdict is Verdict.GONE


def test_an_entry_that_made_room_for_others_is_no_verdict(server, http):
    with pytest.raises(TryLater):
        feed(server, http, ",".join(ENTRY.format(f"x{n}", "Rue") for n in range(50)))


def test_an_issue_is_looked_at_where_its_page_is(server, http):
    channel = Smtp(Relay(host="127.0.0.1", sender="a@b.example", security="none"), http)
    rendition = Rendition(text="", html="<p>Mercredi 17 juin</p>", title="La lettre")
    server.script = answers(b"<h1>La lettre</h1><p>Mercredi 17&nbsp;juin</p>")

    assert channel.seen(Receipt("x"), rendition) is None
    assert channel.seen(Receipt("x", f"{server.url}/e/x"), rendition).verdict is Verdict.RIGHT
    server.script = answers(b"<h1>La lettre</h1>")
    assert channel.seen(Receipt("x", f"{server.url}/e/x"), rendition).verdict is Verdict.CHANGED


def test_nothing_shown_is_gone_whatever_was_said():
    assert Seen("u", "d").verdict is Verdict.GONE
