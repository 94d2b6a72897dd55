"""The test run's own home and settings, named before Django reads them; and what most tests begin with."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import hypothesis
import pytest

from diffusion.config import config
from tests import budgets

if "PYTEST_XDIST_WORKER" not in os.environ and config.cache_info().currsize:
    pytest.exit("DJANGO_SETTINGS_MODULE is set: the tests name their settings themselves. Unset it, then try again.", 2)
_HOME = Path(tempfile.mkdtemp(prefix="diffusion-tests-"))
for _name in [name for name in os.environ if name.startswith("DIFFUSION_")]:
    del os.environ[_name]
os.environ.update(
    DJANGO_SETTINGS_MODULE="diffusion.settings",
    DIFFUSION_HOME=str(_HOME),
    DIFFUSION_PRIVATE_HOSTS="127.0.0.1",
    DIFFUSION_BASE_URL="http://127.0.0.1:8000",
    DIFFUSION_LOG_LEVEL="error",
)
QUICK_HASHER = "django.contrib.auth.hashers.MD5PasswordHasher"
"""A slow hash is what makes a stolen password hard to guess. Nobody steals these."""
if "TEST_DATABASE_URL" in os.environ:
    os.environ.update(
        DIFFUSION_DATABASE_URL=os.environ["TEST_DATABASE_URL"],
        DIFFUSION_BROKER_URL=os.environ.get("TEST_BROKER_URL", "memory://"),
        DIFFUSION_SECRET_KEY="only-for-tests-" * 4,
        DIFFUSION_CREDENTIAL_KEYS="pWDBLxlCdLJ6qMQ3oX9d1n3bJZy7N4vQ0mUo6iW2x8A=",
    )


hypothesis.settings.register_profile("shared", deadline=None)  # machines are shared and noisy: no test is timed
hypothesis.settings.load_profile("shared")


def pytest_configure() -> None:
    django.setup()
    from django.conf import settings

    settings.PASSWORD_HASHERS = [QUICK_HASHER]
    settings.WHITENOISE_AUTOREFRESH = True  # else each test's browser first reads the list of all files


def pytest_unconfigure() -> None:
    shutil.rmtree(_HOME, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    budgets.mark(items)


def pytest_collection_finish() -> None:
    """What was imported and collected stays: the garbage collector needs not go through it again with every test."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[object]:
    with budgets.watched(item):
        return (yield)


def pytest_terminal_summary(terminalreporter: object) -> None:
    budgets.report(terminalreporter)


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[object]:
    """A strict Mastodon on the loopback, stateful, with faults to arm."""
    from channels.rehearsal.mastodon import MastodonServer

    server = MastodonServer(tmp_path)
    server.start()
    yield server
    server.stop()
