"""What is fetched and what is sent: how long it takes, and what is said when no answer came."""

from __future__ import annotations

import gzip
import socket
import time

import pytest

from channels.contract import Code
from channels.http import AddressForbidden, File, Http, NoAnswer
from channels.outcomes import Refused, TryLater, Uncertain
from tests.channels.conftest import Scripted, answers

LIMIT = {"max_bytes": 100_000, "total_s": 5.0}


def test_a_redirect_to_a_private_address_is_refused(server, http):
    server.script = answers(status="302 Found", location="http://169.254.169.254/latest/meta-data/")

    with pytest.raises(AddressForbidden):
        http.fetch(server.url, **LIMIT)


def test_redirects_are_told_with_their_permanence(server, http):
    hops = {b"/a": ("301 Moved", "/b"), b"/b": ("308 Moved", "/c"), b"/c": ("302 Found", "/d")}

    def script(connection, request):
        status, to = hops.get(request.split()[1], ("200 OK", ""))
        answers(b"there", status, **({"location": to} if to else {}))(connection, request)

    server.script = script
    got = http.fetch(server.url + "/a", **LIMIT)

    assert got.body == b"there"
    assert got.url == server.url + "/d"
    assert got.moved_to == server.url + "/c"
    assert [hop.is_permanent for hop in got.redirects] == [True, True, False]


def test_redirects_end(server, http):
    server.script = answers(status="302 Found", location="/again")

    with pytest.raises(NoAnswer) as raised:
        http.fetch(server.url, **LIMIT, max_redirects=3)

    assert raised.value.why == "too_many_redirects"
    assert len(server.requests) == 4


def test_credentials_stay_with_their_origin(server, http):
    other = Scripted()
    server.script = answers(status="302 Found", location=other.url)
    way = Http(frozenset({"127.0.0.1"}))

    way.fetch(server.url, headers={"Authorization": "Basic x", "X-Kept": "1"}, **LIMIT)
    other.close()

    assert b"Authorization" in server.requests[0]
    assert b"Authorization" not in other.requests[0]
    assert b"X-Kept" in other.requests[0]


def test_credentials_never_travel_by_plain_http_to_a_host_that_is_not_listed():
    with pytest.raises(AddressForbidden) as raised:
        Http().fetch("http://93.184.216.34/", headers={"Authorization": "Basic x"}, **LIMIT)

    assert raised.value.reason == "plain_http"


# limits


def test_a_slow_drip_ends_at_the_total_time(server, http):
    def drip(connection, request):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b"x")
            time.sleep(0.02)

    server.script = drip
    with pytest.raises(NoAnswer) as raised:
        http.fetch(server.url, max_bytes=10_000, total_s=0.5)

    assert raised.value.why == "slow"
    assert 0 < len(raised.value.partial.body) < 200


def test_a_slow_drip_of_headers_ends_too(server, http):
    def drip(connection, request):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for at in range(1000):
            connection.sendall(b"X-%d: 1\r\n" % at)
            time.sleep(0.02)

    server.script = drip
    with pytest.raises(NoAnswer) as raised:
        http.fetch(server.url, max_bytes=10_000, total_s=0.5)

    assert raised.value.why == "slow"


@pytest.mark.parametrize("encoding", ["gzip", "deflate-bomb"])
def test_a_compressed_bomb_is_cut_at_the_limit(server, http, encoding):
    body = gzip.compress(b"\0" * 50_000_000)
    body = gzip.compress(body) if encoding == "deflate-bomb" else body
    server.script = answers(body, content_encoding="gzip" if encoding == "gzip" else "gzip, gzip")

    with pytest.raises(NoAnswer) as raised:
        http.fetch(server.url, **LIMIT)

    assert raised.value.why == "too_large"
    assert len(raised.value.partial.body) == LIMIT["max_bytes"]


def test_a_body_cut_in_the_middle_is_told_and_kept(server, http):
    def cut(connection, request):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<rss><item>")
        connection.shutdown(socket.SHUT_RDWR)

    server.script = cut
    with pytest.raises(NoAnswer) as raised:
        http.fetch(server.url, **LIMIT)

    assert raised.value.why == "cut"
    assert raised.value.partial.body == b"<rss><item>"


def test_what_is_not_changed_is_told(server, http):
    server.script = answers(status="304 Not Modified", etag='"a"')

    got = http.fetch(server.url, headers={"If-None-Match": '"a"'}, **LIMIT)

    assert (got.status, got.body, got.headers["etag"]) == (304, b"", '"a"')


# publish once


def test_a_refused_connection_left_nothing(http, server):
    server.close()

    with pytest.raises(TryLater) as raised:
        http.post_once("POST", server.url, json={}, deadline_s=2)

    assert raised.value.code == Code.UNREACHABLE


def test_an_unknown_name_left_nothing():
    with pytest.raises(TryLater) as raised:
        Http(frozenset({"no-such-name.invalid"})).post_once(
            "POST", "http://no-such-name.invalid/", json={}, deadline_s=5
        )

    assert raised.value.code == Code.UNREACHABLE


def cut(connection, request):
    connection.shutdown(socket.SHUT_RDWR)


def silence(connection, request):
    time.sleep(3)


def half(connection, request):
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"id": "1"')
    connection.shutdown(socket.SHUT_RDWR)


def noise(connection, request):
    connection.sendall(b"220 smtp.example ESMTP\r\n")
    connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("script", [cut, silence, half, noise])
def test_whatever_fails_after_a_byte_left_is_doubt(server, http, script):
    server.script = script

    with pytest.raises(Uncertain):
        http.post_once("POST", server.url, json={"status": "x"}, deadline_s=0.5)

    assert len(server.requests) == 1


def test_a_publish_has_a_connection_of_its_own_and_follows_nothing(server, http):
    http.call("GET", server.url, deadline_s=2)
    server.script = answers(status="307 Temporary Redirect", location="/elsewhere")

    answer = http.post_once("POST", server.url, json={}, deadline_s=2)

    assert answer.status == 307
    assert server.connections == 2
    assert len(server.requests) == 2


def test_before_bytes_is_asked_once_the_connection_stands(server, http):
    class LeaseLost(OSError):
        """Of the very kind that a broken connection raises."""

    def lost() -> None:
        assert server.connections <= 1
        raise LeaseLost

    with pytest.raises(LeaseLost):
        http.before(lost).post_once("POST", server.url, json={}, deadline_s=2)

    assert server.requests in ([], [b""])
    assert http.before_bytes is None


def test_a_forbidden_address_refuses_a_publish():
    with pytest.raises(Refused) as raised:
        Http().post_once("POST", "http://127.0.0.1/", json={}, deadline_s=2)

    assert raised.value.code == Code.ADDRESS_FORBIDDEN


def test_calls_share_a_connection(server, http):
    for _ in range(3):
        assert http.call("GET", server.url, params={"q": "eau & gaz"}, deadline_s=2).status == 200

    assert server.connections == 1
    assert server.requests[0].startswith(b"GET /?q=eau+%26+gaz HTTP/1.1\r\n")


def test_a_call_without_answer_comes_back_later(server, http):
    server.script = cut

    with pytest.raises(TryLater) as raised:
        http.call("DELETE", server.url, deadline_s=2)

    assert raised.value.code == Code.NO_ANSWER


def test_bodies_say_what_they_are(server, http):
    http.call("POST", server.url, json={"a": "é"}, deadline_s=2)
    http.call("POST", server.url, form={"a": ["1", "2"]}, deadline_s=2)
    http.call("POST", server.url, form={"d": "é"}, files={"f": File("x.png", b"\0\r\n", "image/png")}, deadline_s=2)

    assert server.requests[0].endswith('{"a": "é"}'.encode())
    assert server.requests[1].endswith(b"\r\n\r\na=1&a=2")
    assert b"multipart/form-data; boundary=" in server.requests[2]
    assert b'filename="x.png"\r\nContent-Type: image/png\r\n\r\n\0\r\n\r\n--' in server.requests[2]
