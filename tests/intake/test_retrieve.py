"""Intake's only fetch against a real server on the loopback: what is conditional, what moves, what is refused."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from channels.http import Http
from diffusion.intake import check
from diffusion.intake.complaints import WORDS
from diffusion.intake.retrieve import (
    AFTER_MAX,
    FETCH_MAX,
    NO_ANSWERS,
    STATUSES,
    Retrieved,
    RetrieveError,
    Unchanged,
    Validators,
    retrieve,
    retry_after,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FEED = (
    b'<rss version="2.0"><channel><title>Eau</title><item><guid>1</guid><title>Coupure</title></item></channel></rss>'
)
ETAG, DATE = '"v1"', "Sun, 01 Mar 2026 08:00:00 GMT"


class Town(BaseHTTPRequestHandler):
    """A directorate's server. `/status/<n>` answers n; other paths are named for what they do."""

    protocol_version = "HTTP/1.1"
    asked: list[tuple[str, dict[str, str]]]

    def do_GET(self) -> None:
        self.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        name, _, rest = self.path.strip("/").partition("/")
        getattr(self, f"do_{name}")(rest)

    def answer(self, status: int, headers: dict[str, str], body: bytes = b"", length: int | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def do_feed(self, rest: str) -> None:
        if self.headers.get("If-None-Match") == ETAG or self.headers.get("If-Modified-Since") == DATE:
            return self.answer(304, {"ETag": ETAG})
        return self.answer(200, {"Content-Type": "application/rss+xml", "ETag": ETAG, "Last-Modified": DATE}, FEED)

    def do_status(self, rest: str) -> None:
        status, _, after = rest.partition("/")
        self.answer(int(status), {"Retry-After": after.replace("_", " ")} if after else {}, b"non")

    def do_moved(self, rest: str) -> None:
        status, _, target = rest.partition("/")
        self.answer(int(status), {"Location": f"/{target}"})

    def do_away(self, rest: str) -> None:
        self.answer(302, {"Location": f"http://{rest}/"})

    def do_loop(self, rest: str) -> None:
        self.answer(302, {"Location": "/loop"})

    def do_picture(self, rest: str) -> None:
        self.answer(200, {"Content-Type": "image/png"}, b"\x89PNG")

    def do_cut(self, rest: str) -> None:
        self.answer(200, {"Content-Type": "text/xml"}, FEED[:-20], length=len(FEED))
        self.close_connection = True

    def do_slow(self, rest: str) -> None:
        self.answer(200, {"Content-Type": "text/xml"}, FEED[:-20], length=len(FEED))
        time.sleep(3)

    def do_large(self, rest: str) -> None:
        body = FEED[:-16] + b"<!--" + b"x" * FETCH_MAX
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture
def town() -> Iterator[str]:
    Town.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Town)
    server.daemon_threads = True
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def http(town: str) -> Iterator[Http]:
    """A way out for which the operator listed the town's server, and nothing else."""
    way = Http(frozenset({town.removeprefix("http://")}))
    yield way
    way.close()


def refusal(url: str, http: Http, **more: Any) -> RetrieveError:
    with pytest.raises(RetrieveError) as caught:
        retrieve(url, http, now=lambda: NOW, **more)
    return caught.value


def test_a_feed_comes_with_what_to_ask_again_by(town: str, http: Http) -> None:
    got = retrieve(f"{town}/feed", http)

    assert got == Retrieved(FEED, "application/rss+xml", Validators(ETAG, DATE), f"{town}/feed")
    assert "application/atom+xml" in Town.asked[0][1]["accept"]


@pytest.mark.parametrize("known", [Validators(etag=ETAG), Validators(last_modified=DATE), Validators(ETAG, DATE)])
def test_what_has_not_changed_is_not_sent_again(town: str, http: Http, known: Validators) -> None:
    assert retrieve(f"{town}/feed", http, known) == Unchanged()


def test_a_304_that_nobody_asked_for_is_no_answer(town: str, http: Http) -> None:
    assert refusal(f"{town}/status/304", http).code == "unexpected"


@pytest.mark.parametrize(("status", "is_remembered"), [(301, True), (308, True), (302, False), (307, False)])
def test_a_move_for_good_is_remembered(town: str, http: Http, status: int, is_remembered: bool) -> None:
    got = retrieve(f"{town}/moved/{status}/feed", http)

    assert isinstance(got, Retrieved)
    assert got.url == f"{town}/feed"
    assert got.moved_to == (f"{town}/feed" if is_remembered else "")


def test_a_move_is_remembered_also_when_nothing_changed_there(town: str, http: Http) -> None:
    assert retrieve(f"{town}/moved/301/feed", http, Validators(ETAG)) == Unchanged(f"{town}/feed")


@pytest.mark.parametrize(
    ("status", "code"), [*STATUSES.items(), (418, "not_found"), (599, "server_error"), (204, "unexpected")]
)
def test_each_status_has_its_reason(town: str, http: Http, status: int, code: str) -> None:
    fault = refusal(f"{town}/status/{status}", http)

    assert (fault.code, fault.facts["status"], fault.after) == (code, status, None)
    assert code in WORDS


def test_the_server_says_when_to_come_back(town: str, http: Http) -> None:
    assert refusal(f"{town}/status/429/120", http).after == 120
    assert refusal(f"{town}/status/503/Sun,_01_Mar_2026_13:00:00_GMT", http).after == 3600


AFTERS = [
    ("0", 0.0),
    (" 90 ", 90.0),
    ("999999999999999", AFTER_MAX.total_seconds()),
    ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
    ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
    ("Sun, 01 Mar 2026 12:00:30", 30.0),
    ("", None),
    ("bientôt", None),
    ("-5", None),
    ("²", None),
]


@pytest.mark.parametrize(("value", "seconds"), AFTERS)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_a_picture_is_no_feed(town: str, http: Http) -> None:
    assert refusal(f"{town}/picture", http).code == "wrong_type"


def test_redirects_without_end_are_left(town: str, http: Http) -> None:
    assert refusal(f"{town}/loop", http).code == "too_many_redirects"
    assert len(Town.asked) == 6


@pytest.mark.parametrize(("path", "code"), [("cut", "cut"), ("slow", "slow")])
def test_of_a_broken_answer_what_came_is_kept_and_told(town: str, http: Http, path: str, code: str) -> None:
    got = retrieve(f"{town}/{path}", http, total_s=1)

    assert isinstance(got, Retrieved)
    assert got.body == FEED[:-20]
    assert [complaint.code for complaint in got.complaints] == [code]
    assert got.validators == Validators()  # or the rest would never be asked for


def test_of_a_huge_feed_the_beginning_is_taken(town: str, http: Http) -> None:
    answer, code = check.check_url(f"{town}/large", http)

    assert code == 0
    assert [item["uid"] for item in answer["items"]] == ["1"]
    assert answer["complaints"][0]["code"] == "too_big"


def test_private_addresses_get_not_one_byte(town: str) -> None:
    port = town.rpartition(":")[2]
    hosts = ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "169.254.169.254", "2130706433", "[::ffff:127.0.0.1]"]

    faults = [refusal(f"http://{host}:{port}/feed", Http()) for host in hosts]

    assert {fault.code for fault in faults} == {"address_forbidden"}
    assert Town.asked == []


def test_a_redirect_to_a_private_address_is_not_followed(town: str, http: Http) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unlisted:
        fault = refusal(f"{town}/away/127.0.0.1:{unlisted.getsockname()[1]}", http)
        unlisted.settimeout(0.05)
        with pytest.raises(TimeoutError):
            unlisted.accept()

    assert fault.code == "address_forbidden"


def test_nobody_there_is_told(http: Http) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert refusal(f"http://127.0.0.1:{port}/feed", Http(frozenset({"127.0.0.1"}))).code == "unreachable"


@pytest.mark.parametrize("url", ["ftp://a.example/x", "http://", "feed", "http://a b/", "http://[::1", "javascript:x"])
def test_what_is_no_web_address_is_refused(url: str) -> None:
    fault = refusal(url, Http())

    assert fault.code in {"bad_address", "address_forbidden"}


def test_every_failure_has_its_words() -> None:
    assert {*NO_ANSWERS.values(), *STATUSES.values()} <= set(WORDS)


def test_check_of_an_address_tells_why_it_failed(town: str, http: Http) -> None:
    answer, code = check.check_url(f"{town}/status/410", http, "en")

    assert code == 1
    assert answer["items"] == []
    assert [c["code"] for c in answer["complaints"]] == ["gone"]
    assert "410" in answer["complaints"][0]["message"]
