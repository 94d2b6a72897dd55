"""The broker's connection, as both applications make it."""

from __future__ import annotations

import time

import kombu
import pytest

from tests.servers import databases
from workers.app import LISTEN_S, Connection, alerts, app


@pytest.mark.parametrize("made", [app, alerts], ids=lambda made: made.main)
def test_it_looks_up_from_listening_often_enough_to_hear_that_it_is_to_end(made):
    began = time.monotonic()

    with made.connection_for_read() as connection, pytest.raises(TimeoutError):
        connection.drain_events(timeout=20)

    assert LISTEN_S <= time.monotonic() - began < 10


@pytest.mark.server
def test_a_broker_that_is_full_is_listened_to_on(tmp_path):
    """It refuses the lock under which Celery's transport offers again what dead workers had; a worker ended of that."""
    with (
        databases.redis(tmp_path) as url,
        Connection(url) as connection,
        connection.Consumer([kombu.Queue("social")], callbacks=[]),
    ):
        connection.default_channel.client.config_set("maxmemory", "1")

        for _ in range(12):
            with pytest.raises(TimeoutError):
                connection.drain_events()
