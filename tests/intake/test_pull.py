"""A pull against a real server: what it takes, what it leaves, what it writes on the source, and what it remembers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from diffusion.accounts import connect
from diffusion.delivery.echo import echoes
from diffusion.intake import complaints, pull, retrieve
from diffusion.intake.models import FirstPull, Source, Submission
from diffusion.intake.pull import Counts, Echoes
from tests import valclair
from tests.servers.pages import Pages

pytestmark = pytest.mark.django_db

MIB = 1024 * 1024


@pytest.fixture
def pages() -> Iterator[Pages]:
    with Pages() as server:
        yield server


@pytest.fixture
def nothing_listed() -> Iterator[None]:
    """An operator who listed no private host."""
    listed = settings.DIFFUSION
    settings.DIFFUSION = listed.model_copy(update={"private_hosts": ()})
    connect.http.cache_clear()
    yield
    settings.DIFFUSION = listed
    connect.http.cache_clear()


def entry(number: int, title: str = "", body: str = "") -> str:
    return (
        f"<item><guid isPermaLink='false'>n{number}</guid><title>{title or f'Nouvelle {number}'}</title>"
        f"<link>https://eau.valclair.example/{number}</link><description>{body or f'Corps {number}.'}</description></item>"
    )


def rss(*entries: str) -> bytes:
    return (
        f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>Eau</title>{''.join(entries)}"
        "</channel></rss>"
    ).encode()


def source(url: str, **more: Any) -> Source:
    return Source.objects.create(
        name="Eau", slug="eau", directorate=valclair.water(), url=url, **{"first_pull": FirstPull.EVERYTHING} | more
    )


def pulled(row: Source) -> Counts:
    counts = pull.pull(row, ours=echoes)
    row.refresh_from_db()
    return counts


def titles() -> set[str]:
    return set(Submission.objects.values_list("title", flat=True))


def blocks_of(block: bytes, count: int, pause_s: float = 0.0) -> Any:
    def give() -> Iterator[bytes]:
        yield rss(entry(1))[: -len("</channel></rss>")]
        for _ in range(count):
            time.sleep(pause_s)
            yield block

    return give


# what the address can give

FEED = rss(entry(1), entry(2))
BOMB = (
    b"<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY a 'ha'>"
    + b"".join(b"<!ENTITY %c '%s'>" % (ord("b") + n, b"&%c;" % (ord("a") + n) * 10) for n in range(9))
    + b"]><rss version='2.0'><channel><title>&j;</title><item><title>&j;</title></item></channel></rss>"
)
BAD: dict[str, tuple[bytes, str, set[str]]] = {
    "a page": (b"<!doctype html><html><head><title>Eau</title></head><body>Bonjour</body></html>", "html_page", set()),
    "empty": (b"", "empty", set()),
    "blanks": (b" \n\t ", "empty", set()),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not_a_feed", set()),
    "cut in the middle": (FEED[: FEED.index(b"Corps 2")], "truncated", {"Nouvelle 1", "Nouvelle 2"}),
    "wrongly encoded": (FEED.replace(b"Corps 1", "Fuite réparée, la rue rouvre à midi".encode("latin-1")), "encoding",
                        {"Nouvelle 1", "Nouvelle 2"}),
    "an XML bomb": (BOMB, "entities", set()),
}  # fmt: skip


@pytest.mark.parametrize(("body", "code", "taken"), BAD.values(), ids=BAD)
def test_a_bad_feed_marks_its_source_with_why_and_when_again_and_gives_its_good_entries(pages, body, code, taken):
    row = source(pages.put("/feed", body))

    pulled(row)

    assert row.health == code
    assert row.next_pull_at > timezone.now()
    assert row.complaints[0]["code"] == code
    assert titles() <= taken
    assert bool(titles()) == bool(taken)
    assert all(complaints.message(c["code"], c["facts"], lang) for c in row.complaints for lang in ("fr", "en"))


def test_a_feed_of_200_megabytes_is_read_as_far_as_allowed_and_no_further(pages):
    row = source(pages.put("/feed", blocks_of(b"<!-- " + b"x" * MIB + b" -->", 200), length=210 * MIB))

    pulled(row)

    assert pages.bytes_out < retrieve.FETCH_MAX + 8 * MIB  # the rest never left the server
    assert row.health == "too_big"
    assert titles() == {"Nouvelle 1"}
    assert row.etag == ""


def test_a_feed_that_never_ends_is_left_when_its_time_is_over(pages, monkeypatch):
    monkeypatch.setattr(pull, "retrieve", lambda *args: retrieve.retrieve(*args, total_s=0.6))
    row = source(pages.put("/feed", blocks_of(b" ", 60, pause_s=0.1), length=10_000))
    began = time.monotonic()

    pulled(row)

    assert time.monotonic() - began < 5  # the server drips for six
    assert row.health == "slow"
    assert titles() == {"Nouvelle 1"}


def test_fifty_thousand_entries_are_bounded_and_do_not_flood_the_desk(pages):
    row = source(pages.put("/feed", rss(*(entry(n) for n in range(50_000)))), first_pull=FirstPull.LAST, first_count=5)

    counts = pulled(row)

    assert (counts.items, counts.taken, counts.left) == (5000, 5, 4995)
    assert row.health == "too_many"
    assert row.complaints[0]["facts"]["count"] == 50_000


def test_a_bug_of_ours_marks_the_source_and_the_next_source_is_pulled(pages, monkeypatch):
    row = source(pages.put("/feed", FEED))
    monkeypatch.setattr(pull.readers, "read", lambda *args: 1 / 0)

    pulled(row)

    assert (row.health, row.failures) == ("unreadable", 1)
    assert row.lease == ""


# what the server says of the address

ANSWERS: dict[str, tuple[dict[str, Any], str, float | None]] = {
    "gone": ({"status": 410}, "gone", None),
    "not found": ({"status": 404}, "not_found", 300),
    "busy, with a time": ({"status": 503, "headers": {"Retry-After": "4321"}}, "rate_limited", 4321),
    "too often, with a time": ({"status": 429, "headers": {"Retry-After": "60"}}, "rate_limited", 60),
    "out of order": ({"status": 500}, "server_error", 300),
    "wants a sign-in": ({"status": 401}, "sign_in", 300),
    "a picture": ({"body": b"\x89PNG", "headers": {"Content-Type": "image/png"}}, "wrong_type", 300),
}


@pytest.mark.parametrize(("page", "code", "after_s"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_is_no_feed_says_when_it_is_tried_again(pages, page, code, after_s):
    row = source(pages.put("/feed", page.pop("body", b"non"), **page))

    pulled(row)

    assert (row.health, row.failures) == (code, 1)
    if after_s is None:
        assert row.next_pull_at is None
    else:
        assert abs((row.next_pull_at - timezone.now()).total_seconds() - after_s) < 10


def test_a_source_that_goes_on_failing_is_asked_less_and_less_often_and_recovers(pages):
    row = source(pages.put("/feed", b"", status=500))
    pauses = []
    for _ in range(3):
        pulled(row)
        pauses.append(row.next_pull_at - timezone.now())
    pages.put("/feed", FEED)

    pulled(row)

    assert pauses[0] < pauses[1] < pauses[2]
    assert (row.health, row.failures) == ("", 0)
    assert titles() == {"Nouvelle 1", "Nouvelle 2"}


def test_a_feed_that_moved_for_good_is_asked_for_there_and_one_that_moved_for_now_is_not(pages):
    pages.put("/feed", status=301, headers={"Location": "/new"})
    pages.put("/new", FEED)
    row = source(f"{pages.url}/feed")
    pulled(row)
    assert row.url == f"{pages.url}/new"

    pages.put("/new", status=302, headers={"Location": "/elsewhere"})
    pages.put("/elsewhere", FEED)
    pulled(row)

    assert row.url == f"{pages.url}/new"
    assert row.health == ""


def test_unchanged_is_asked_for_and_leaves_everything_as_it_was(pages):
    row = source(pages.put("/feed", FEED, etag='W/"v1"'))
    pulled(row)

    pulled(row)

    assert [headers.get("if-none-match") for _, headers in pages.asked] == [None, 'W/"v1"']
    assert Submission.objects.count() == 2
    assert (row.health, row.last_counts["taken"]) == ("", 2)


# what becomes of entries


def test_an_entry_that_stays_is_one_submission_and_one_that_changes_is_its_next_version(pages):
    row = source(pages.put("/feed", rss(entry(1), entry(2))))
    pulled(row)
    pages.put("/feed", rss(entry(1), entry(2, "Nouvelle 2, corrigée"), entry(3)))

    counts = pulled(row)

    assert (counts.known, counts.updated, counts.taken) == (1, 1, 1)
    second = Submission.objects.filter(uid="eau:n2").order_by("version")
    assert [(s.version, s.title) for s in second] == [(1, "Nouvelle 2"), (2, "Nouvelle 2, corrigée")]
    assert second[1].earlier == second[0]
    assert set(Submission.objects.open().values_list("title", flat=True)) == {
        "Nouvelle 1", "Nouvelle 2, corrigée", "Nouvelle 3"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "first"),
    [(FirstPull.EVERYTHING, {1, 2, 3, 4}), (FirstPull.LAST, {1, 2}), (FirstPull.FROM_NOW, set())],
)
def test_the_first_pull_takes_what_was_chosen_and_the_next_takes_news_only(pages, policy, first):
    row = source(pages.put("/feed", rss(*map(entry, (1, 2, 3, 4)))), first_pull=policy, first_count=2)
    pulled(row)
    assert titles() == {f"Nouvelle {n}" for n in first}
    pages.put("/feed", rss(entry(5), entry(1), entry(2), entry(3), entry(4, body="Changé.")))

    pulled(row)

    assert titles() == {f"Nouvelle {n}" for n in {*first, 4, 5}}


def test_a_claimed_source_is_pulled_by_one_worker(pages):
    source(pages.put("/feed", FEED), next_pull_at=timezone.now() - timedelta(seconds=1))

    assert len(pull.claim_sources()) == 1
    assert pull.claim_sources() == []


# what is our own


def test_what_we_published_there_is_not_news_and_takes_no_place_among_the_first(pages):
    published = valclair.delivery(valclair.board("public"))
    published.receipts.create(proof="published", remote_id="2", url="https://eau.valclair.example/2")
    row = source(pages.put("/feed", rss(entry(2), entry(1), entry(3))), first_pull=FirstPull.LAST, first_count=2)

    pulled(row)

    assert titles() == {"Nouvelle 1", "Nouvelle 3"}


def test_our_own_pages_are_not_news(pages):
    ours = f"{settings.BASE_URL}/m/abc"
    row = source(pages.put("/feed", rss(entry(1), entry(2).replace("https://eau.valclair.example/2", ours))))

    pulled(row)

    assert titles() == {"Nouvelle 1"}


def test_while_a_delivery_to_the_site_is_under_way_its_entries_wait(pages):
    row = source(pages.put("/feed", rss(entry(2))))
    pulled(row)
    pages.put("/feed", rss(entry(1), entry(2)), etag='"v1"')
    waiting = pull.pull(row, ours=lambda addresses: Echoes(open=frozenset(addresses)))
    row.refresh_from_db()
    assert waiting.items == 0
    assert row.etag == ""

    pulled(row)

    assert titles() == {"Nouvelle 1", "Nouvelle 2"}


def test_a_first_pull_waits_whole_so_that_what_it_leaves_is_known(pages):
    row = source(pages.put("/feed", FEED), first_pull=FirstPull.FROM_NOW)
    pull.pull(row, ours=lambda addresses: Echoes(open=frozenset(addresses)))
    row.refresh_from_db()
    assert row.pulled_at is None
    assert timezone.now() < row.next_pull_at < timezone.now() + timedelta(minutes=2)

    pulled(row)
    pulled(row)

    assert titles() == set()


def test_a_site_is_known_by_the_account_whose_delivery_is_in_doubt_until_a_person_is_asked(rehearsal):
    at = timezone.now() - timedelta(seconds=5)
    row = valclair.delivery(valclair.mastodon(rehearsal), state="uncertain", intent_at=at, due_at=at, look_at=at)
    there, elsewhere = f"{rehearsal.url}/@eau/1", "https://ailleurs.example/1"

    found = echoes([there, elsewhere])
    type(row).objects.update(look_at=None)
    later = echoes([there, elsewhere])

    assert (found.ours, found.open) == (frozenset(), {there})
    assert later == Echoes()


# where it may not go


PRIVATE = ["127.0.0.1", "169.254.169.254", "[::1]", "localhost", "0x7f000001", "[::ffff:127.0.0.1]", "10.0.0.1"]


@pytest.mark.parametrize("host", PRIVATE)
def test_a_private_address_is_refused_before_any_byte(pages, nothing_listed, host):
    row = source(f"http://{host}:{pages.port}/feed")

    pulled(row)

    assert row.health == "address_forbidden"
    assert pages.asked == []
    said = complaints.message(row.health, row.complaints[0]["facts"], "fr")
    assert "DIFFUSION_PRIVATE_HOSTS" in said


def test_a_redirect_to_a_private_address_is_refused(pages):
    with Pages() as inside:
        row = source(pages.put("/feed", status=301, headers={"Location": f"http://localhost:{inside.port}/secret"}))

        pulled(row)

        assert row.health == "address_forbidden"
        assert inside.asked == []
    assert row.url == f"{pages.url}/feed"
