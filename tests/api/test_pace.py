"""How often a token may call, counted in a real Redis; and what happens when that is away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from limits import RateLimitItemPerMinute
from pydantic import SecretStr

from diffusion.api import pace
from diffusion.api.problems import Refusal
from diffusion.directory.models import Token
from tests import valclair
from tests.servers.databases import free_port, redis

pytestmark = pytest.mark.django_db


@pytest.fixture
def broker() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(pace.RATES, "read", RateLimitItemPerMinute(2))
        yield patch
    pace.limiter.cache_clear()


def at(patch: pytest.MonkeyPatch, url: str) -> None:
    patch.setattr(settings, "DIFFUSION", settings.DIFFUSION.model_copy(update={"broker_url": SecretStr(url)}))
    pace.limiter.cache_clear()


def token() -> Token:
    return Token.objects.create(person=valclair.marc(), name="t", secret_hash="x", scopes=["read"])


@pytest.mark.server
def test_all_web_processes_count_together(tmp_path: Path, broker: pytest.MonkeyPatch) -> None:
    caller = token()
    with redis(tmp_path) as url:
        for _ in range(2):
            at(broker, url)  # each time as another process would
            pace.spend(caller, "read")

        at(broker, url)
        with pytest.raises(Refusal) as refusal:
            pace.spend(caller, "read")
        pace.limiter().storage.storage.close()

    assert refusal.value.code == "rate_limited"


def test_a_broker_that_is_away_refuses_nobody(broker: pytest.MonkeyPatch) -> None:
    caller = token()
    at(broker, f"redis://127.0.0.1:{free_port()}/0")

    for _ in range(5):
        pace.spend(caller, "read")
