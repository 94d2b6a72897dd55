"""A name is looked up within the request's time; the system's resolver, which can't be cut short, goes on alone."""

from __future__ import annotations

import socket
import threading

import pytest

from channels.http import Http, NoAnswer
from channels.names import look_up
from channels.outcomes import TryLater
from channels.sockets import Clock


class Silent:
    """A resolver whose name servers don't answer, until `release`."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.release = threading.Event()

    def __call__(self, host, port, *args, flags=0, **kwargs):
        if flags & socket.AI_NUMERICHOST:
            raise socket.gaierror(socket.EAI_NONAME, "not an address")
        self.asked.append(host)
        self.release.wait(60)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


@pytest.fixture
def resolver(monkeypatch):
    made = Silent()
    monkeypatch.setattr(socket, "getaddrinfo", made)
    yield made
    made.release.set()


def test_a_name_that_takes_too_long_ends_with_the_requests_own_deadline_and_nothing_left(resolver):
    with pytest.raises(TryLater) as raised:
        Http().post_once("POST", "https://silent.example/", json={}, deadline_s=0.1)

    assert raised.value.code == "unreachable"
    assert not resolver.release.is_set(), "it is still being looked up"


def test_so_does_a_page_that_is_read_and_a_relay_that_is_dialled(resolver):
    with pytest.raises(NoAnswer) as read:
        Http().fetch("https://silent.example/", max_bytes=9, total_s=0.1)
    with pytest.raises(NoAnswer) as dialled:
        Http().dial("silent.example", 25, Clock(0.1))

    assert (read.value.sent, dialled.value.sent) == (False, False)


def test_the_proxys_name_and_the_networks_that_the_operator_lists_too(resolver):
    way = Http(frozenset({"10.0.0.0/8"}), proxy="http://proxy.example:3128")

    with pytest.raises(NoAnswer):
        way.fetch("https://silent.example/", max_bytes=9, total_s=0.1)


def test_those_that_ask_for_the_same_name_meanwhile_wait_for_the_same_answer(resolver):
    for _ in range(3):
        with pytest.raises(TimeoutError):
            look_up("asked-thrice.example", 443, 0.05)

    assert resolver.asked == ["asked-thrice.example"]

    resolver.release.set()
    with pytest.raises(socket.gaierror):
        look_up("asked-thrice.example", 443, 60)


def test_an_address_is_nobodys_to_look_up():
    before = threading.active_count()

    assert look_up("127.0.0.1", 80, 0)[0][4] == ("127.0.0.1", 80)
    assert look_up("0x7f000001", 80, 0)[0][4] == ("127.0.0.1", 80)
    assert threading.active_count() == before


def test_a_name_of_this_machine_is_found():
    assert any(way[4][0] == "127.0.0.1" for way in look_up("localhost", 80, 60))
