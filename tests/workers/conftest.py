"""One PostgreSQL for all processes of a run, and for each test a database of its own with the product's tables."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.servers import databases

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[databases.Postgres]:
    """The server. Its database `tables` is migrated and stays empty: copying it costs a tenth of migrating again."""
    folder = tmp_path_factory.mktemp("postgres")
    cluster = databases.Postgres(folder)
    try:
        cluster.start()
        clean = {n: v for n, v in os.environ.items() if not n.startswith(("DIFFUSION_", "DJANGO_"))}
        own = {
            "DIFFUSION_HOME": str(folder / "home"), "DIFFUSION_DATABASE_URL": cluster.copy("tables"),
            "DIFFUSION_SECRET_KEY": "only-for-tests-" * 4, "DJANGO_SETTINGS_MODULE": "diffusion.settings",
            "DIFFUSION_CREDENTIAL_KEYS": "pWDBLxlCdLJ6qMQ3oX9d1n3bJZy7N4vQ0mUo6iW2x8A=",
        }  # fmt: skip
        subprocess.run([sys.executable, "-m", "django", "migrate", "-v", "0"], env={**clean, **own}, check=True)
        yield cluster
    finally:
        cluster.remove()


@pytest.fixture
def postgres_url(postgres: databases.Postgres) -> str:
    """The address of an empty database with the product's tables, this test's own."""
    return postgres.copy(f"test{next(_NUMBERS)}", of="tables")
