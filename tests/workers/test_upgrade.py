"""Two versions side by side for one migration: the old worker goes on while the tables grow, the new one joins, the old
one drains. Judged by what the receiving server got.

The migration is one that a later version could bring: a column that the database fills by itself, a table, an index. The
old version is this one; the later one is this one too, with an application beside it that writes the new column.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from channels.rehearsal.mastodon import MastodonServer
from tests.servers import databases
from tests.workers.test_chaos import RUN, WORKER, House

pytestmark = [pytest.mark.process, pytest.mark.server]

ROOT = Path(__file__).parents[2]
FEED = """
import itertools, pathlib, time
from workers import app
from tests import valclair
class Server: url, token = {url!r}, "rehearsal"
accounts = [valclair.mastodon(Server) for _ in range(10)]  # each may send 300
for n in itertools.count():
    if pathlib.Path({enough!r}).exists() or n == 2900:
        break
    valclair.delivery(accounts[n % 10], of=valclair.message(title=f"Message {{n}}"), text=f"Message {{n}}")
    time.sleep(0.1)
"""
"""The old version's pages: they plan while everything is upgraded, until there is enough."""
LATER = {
    "later/__init__.py": "",
    "later/migrations/__init__.py": "",
    "later/migrations/0001_expand.py": """
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("diffusion", "0002_the_authority")]
    operations = [
        migrations.RunSQL("ALTER TABLE diffusion_delivery ADD COLUMN later_by varchar(8) NOT NULL DEFAULT ''"),
        migrations.RunSQL("CREATE TABLE later_note (id serial PRIMARY KEY, delivery_id bigint REFERENCES diffusion_delivery)"),
    ]
""",
    "later/migrations/0002_index.py": """
from django.db import migrations

class Migration(migrations.Migration):
    atomic = False
    dependencies = [("later", "0001_expand")]
    operations = [migrations.RunSQL("CREATE INDEX CONCURRENTLY later_by ON diffusion_delivery (later_by)")]
""",
    "later_settings.py": "from diffusion.settings import *\nINSTALLED_APPS = [*INSTALLED_APPS, 'later']\n",
}
WRITES_IT = """
from django.db import connection
from diffusion.delivery import settle
published = settle.all_published
def noted(pairs, **how):
    with connection.cursor() as cursor:
        for delivery, _ in pairs:
            cursor.execute("UPDATE diffusion_delivery SET later_by = 'new' WHERE id = %s", [delivery.pk])
            cursor.execute("INSERT INTO later_note (delivery_id) VALUES (%s)", [delivery.pk])
    return published(pairs, **how)
settle.all_published = noted
"""
BY = "SELECT count(*) FROM diffusion_delivery WHERE state = 'published' AND later_by = '{}'"


@pytest.fixture
def house(tmp_path: Path, postgres: databases.Postgres) -> Iterator[House]:
    with databases.redis(tmp_path) as broker:
        made = House(tmp_path, postgres.copy("upgrade", of="tables"), broker)
        made.clock()
        try:
            yield made
        finally:
            made.stop()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MastodonServer]:
    made = MastodonServer(tmp_path / "network", rates={"calls": (100_000, 60), "posts": (100_000, 60)})
    made.start()
    yield made
    made.stop()


def later(folder: Path, house: House) -> dict[str, str]:
    """The environment of the later version."""
    for name, text in LATER.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return {**house.env, "DJANGO_SETTINGS_MODULE": "later_settings", "PYTHONPATH": f"{folder}:{ROOT}"}


def published(house: House) -> int:
    return house.states().get("published", 0)


def test_an_old_and_a_new_version_work_side_by_side_while_the_tables_grow(
    house: House, server: MastodonServer, tmp_path: Path
) -> None:
    env = later(tmp_path / "later", house)
    enough = tmp_path / "enough"
    old = house.worker()
    feeding = house._start([sys.executable, "-c", FEED.format(url=server.url, enough=str(enough))])
    databases.wait(lambda: published(house) >= 5, "the old version's first posts", 60)

    subprocess.run([sys.executable, "-m", "workers.cli", "migrate"], env=env, check=True, capture_output=True)
    grown = published(house)
    house.env = env
    new = house._start([sys.executable, "-c", WORKER + WRITES_IT + RUN, "worker", "--threads", "2"])
    databases.wait(lambda: house.rows(BY.format("new"))[0][0] >= 5, "the new version's first posts", 60)
    by_old = house.rows(BY.format(""))[0][0]
    old.terminate()

    assert old.wait(30) == 0
    enough.touch()
    assert feeding.wait(60) == 0, "the old version plans in the grown tables"
    ((count,),) = house.rows("SELECT count(*) FROM diffusion_delivery")
    databases.wait(lambda: house.states() == {"published": count}, "all posts", 90)
    assert sorted(post.text for post in server.state.newest()) == sorted(f"Message {n}" for n in range(count))
    assert grown < by_old, "the old version went on in the grown tables"
    assert house.rows("SELECT count(*) FROM later_note") == house.rows(BY.format("new"))
    assert house.rows("SELECT count(*) FROM diffusion_attempt WHERE ended_at IS NULL") == [(0,)]
    assert new.poll() is None
