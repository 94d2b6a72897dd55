"""A backup and its restore, on both databases, against servers that remember what they got."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from channels.rehearsal.mastodon import MastodonServer
from diffusion.home import lock
from tests.servers import databases

pytestmark = pytest.mark.server

KEYS = {
    "DIFFUSION_SECRET_KEY": "only-for-tests-" * 4,
    "DIFFUSION_CREDENTIAL_KEYS": "pWDBLxlCdLJ6qMQ3oX9d1n3bJZy7N4vQ0mUo6iW2x8A=",
}
BEGIN = "from workers import app, tasks\nfrom diffusion.models import *\nfrom tests import valclair\n"
FILL = """
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
import io
from PIL import Image
from diffusion.media import keep
picture = io.BytesIO(); Image.new("RGB", (40, 30), "teal").save(picture, "PNG")
keep(picture.getvalue(), description="Le pont")
class Server: url, token = {url!r}, "rehearsal"
account = valclair.mastodon(Server)
valclair.delivery(account, text="Avant la sauvegarde.")
tasks.deliver("social")
valclair.delivery(account, of=valclair.message("Coupure"), due_in=-1, text="Parti après la sauvegarde.")
valclair.delivery(account, of=valclair.message("Marché"), due_in=-1, text="Le marché ouvre samedi.")
"""
AFTER = """
from datetime import timedelta
from django.utils import timezone
Delivery.objects.filter(body__text="Le marché ouvre samedi.").update(due_at=timezone.now() + timedelta(hours=1))
valclair.delivery(Account.objects.get(), of=valclair.message("Fête"), text="Planifié après la sauvegarde.")
tasks.deliver("social")
"""
LOOK = """
from django.db.models.functions import Now
from diffusion.instants import in_seconds
for _ in range(3):
    Delivery.objects.filter(state="uncertain").update(look_at=Now(), doubt_at=in_seconds(-600))
    tasks.keep_house("housekeeping")
"""


@dataclass
class Town:
    """One installation: its settings, and what its server got."""

    env: dict[str, str]
    server: MastodonServer
    home: Path
    backups: Path

    def diffusion(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "workers.cli", *words]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)

    def told(self, *words: str, status: int = 0) -> Any:
        said = self.diffusion(*words, "--json")
        assert said.returncode == status, said.stderr
        return json.loads(said.stdout)

    def does(self, what: str, **facts: str) -> None:
        subprocess.run([sys.executable, "-c", BEGIN + what.format(**facts)], env=self.env, check=True)

    def got(self) -> list[str]:
        return sorted(post.text for post in self.server.state.newest())


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    server = MastodonServer(tmp_path)
    server.start()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DIFFUSION_", "DJANGO_"))}
    home, backups = tmp_path / "home", tmp_path / "backups"
    backups.mkdir()
    env = {**clean, "DIFFUSION_HOME": str(home), "DIFFUSION_PRIVATE_HOSTS": "127.0.0.1", "LC_ALL": "en_GB.UTF-8"}
    if request.param == "sqlite":
        yield Town(env, server, home, backups)
    else:
        with databases.postgres(tmp_path) as url:
            yield Town({**env, "DIFFUSION_DATABASE_URL": url, **KEYS}, server, home, backups)
    server.stop()


def test_after_a_restore_nothing_is_lost_and_nothing_doubled(town: Town) -> None:
    town.does(FILL, url=town.server.url)

    made = town.told("backup", "--to", str(town.backups))
    town.does(AFTER)
    picture = next(path for path in (town.home / "media").rglob("*.png"))
    picture.unlink()
    planned = town.told("restore", made["path"], "--replace")

    assert {(step["fate"], step["title"]) for step in planned["plan"]} == {("look", "Coupure"), ("look", "Marché")}
    assert picture.exists()
    assert Path(made["path"]).stat().st_mode & 0o777 == 0o600
    town.does(AFTER_RESTORE)
    before = ["Avant la sauvegarde.", "Parti après la sauvegarde.", "Planifié après la sauvegarde."]
    assert town.got() == before
    open_still = town.told("reconcile", status=1)
    assert {step["fate"] for step in open_still["plan"]} == {"look"}
    town.does(LOOK + AFTER_RESTORE)
    settled = town.told("reconcile")
    assert [post["text"] for post in settled["unknown"]] == ["Planifié après la sauvegarde."]
    assert town.got() == before
    assert town.diffusion("hold", "off").returncode == 0
    town.does(AFTER_RESTORE)
    assert town.got() == sorted([*before, "Le marché ouvre samedi."])


AFTER_RESTORE = 'tasks.deliver("social"); tasks.keep_house("housekeeping")'


def test_a_restore_is_refused_over_a_database_and_while_somebody_uses_it(town: Town) -> None:
    town.does(FILL, url=town.server.url)
    path = town.told("backup", "--to", str(town.backups / "one.tar.gz"))["path"]

    assert "--replace" in town.diffusion("restore", path).stderr
    with in_use(town):
        refused = town.diffusion("restore", path, "--replace")

    assert refused.returncode == 1
    assert "in use by" in refused.stderr or "Another process" in refused.stderr


@pytest.mark.parametrize("town", ["sqlite"], indirect=True)
def test_a_restore_is_refused_where_the_file_or_the_keys_are_wrong(town: Town, tmp_path: Path) -> None:
    town.does(FILL, url=town.server.url)
    path = town.told("backup", "--to", str(town.backups / "one.tar.gz"))["path"]
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(Path(path).read_bytes()[:-2000])
    damaged = altered(Path(path), tmp_path)

    assert "there already" in town.diffusion("backup", "--to", path).stderr
    assert "damaged" in town.diffusion("restore", str(damaged), "--replace").stderr
    assert "no backup" in town.diffusion("restore", str(cut), "--check").stderr
    assert town.told("restore", path, "--check")["pictures"] == 1
    (town.home / "credentials.key").write_text("bGJsYmxibGJsYmxibGJsYmxibGJsYmxibGJsYmxibGI=")
    assert "--without-keys" in town.diffusion("restore", path, "--replace").stderr
    assert town.diffusion("restore", path, "--replace", "--without-keys").returncode == 0


def in_use(town: Town) -> Any:
    """Somebody works on it, as `up` or a worker would."""
    if url := town.env.get("DIFFUSION_DATABASE_URL"):
        return psycopg.connect(url)
    return lock(town.home)


def altered(file: Path, folder: Path) -> Path:
    """The same archive with one byte of a picture changed."""
    with tarfile.open(file) as given, tarfile.open(folder / "altered.tar.gz", "w:gz") as made:
        for member in given:
            source = given.extractfile(member)
            assert source
            data = source.read()
            is_picture = member.name.endswith(".png")
            made.addfile(member, io.BytesIO(data[:-1] + bytes([data[-1] ^ 1]) if is_picture else data))
    return folder / "altered.tar.gz"


def test_without_the_database_s_own_tool_it_says_what_to_install(town: Town, tmp_path: Path) -> None:
    if "DIFFUSION_DATABASE_URL" not in town.env:
        assert "no database yet" in town.diffusion("backup", "--to", str(town.backups)).stderr
        return
    poor = Town({**town.env, "PATH": str(tmp_path)}, town.server, town.home, town.backups)

    refused = poor.diffusion("backup", "--to", str(town.backups))

    assert refused.returncode == 1
    assert "apt install postgresql-client" in refused.stderr
    assert list(town.backups.iterdir()) == []


@pytest.mark.parametrize("town", ["sqlite"], indirect=True)
def test_a_backup_of_one_machine_is_put_into_the_database_of_several(town: Town, tmp_path: Path) -> None:
    town.does(FILL, url=town.server.url)
    made = town.told("backup", "--to", str(town.backups))
    key = (town.home / "credentials.key").read_text()
    with databases.postgres(tmp_path) as url:
        env = {**town.env, **KEYS, "DIFFUSION_CREDENTIAL_KEYS": key, "DIFFUSION_DATABASE_URL": url}
        several = Town(
            {**env, "DIFFUSION_HOME": str(tmp_path / "shared")}, town.server, tmp_path / "shared", town.backups
        )

        several.told("restore", made["path"])
        several.does(
            LOOK + 'valclair.delivery(Account.objects.get(), of=valclair.message("Neuf"), due_in=3600, text="Neuf.")'
        )
        assert several.diffusion("hold", "off").returncode == 0
        several.does(AFTER_RESTORE)

        assert several.told("status")["hold"] is None
        assert {row["title"]: row["state"] for row in several.told("delivery", "list")}["Neuf"] == "planned"
        assert next((tmp_path / "shared" / "media").rglob("*.png")).exists()
    assert town.got() == ["Avant la sauvegarde.", "Le marché ouvre samedi.", "Parti après la sauvegarde."]
