"""The broker's connection, as both applications make it."""

from __future__ import annotations

import time

import pytest

from workers.app import LISTEN_S, alerts, app


@pytest.mark.parametrize("made", [app, alerts], ids=lambda made: made.main)
def test_it_looks_up_from_listening_often_enough_to_hear_that_it_is_to_end(made):
    began = time.monotonic()

    with made.connection_for_read() as connection, pytest.raises(TimeoutError):
        connection.drain_events(timeout=20)

    assert LISTEN_S <= time.monotonic() - began < 10
