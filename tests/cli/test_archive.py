"""A backup file from elsewhere: it may name anything, and only plain files below its own folder are taken."""

from __future__ import annotations

import contextlib
import io
import json
import sqlite3
import tarfile
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest

from diffusion.cli import archive


def made(path: Path, name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> Path:
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.size = kind, link, 3 if kind == tarfile.REGTYPE else 0
    with tarfile.open(path, "w:gz") as file:
        file.addfile(member, io.BytesIO(b"abc") if member.size else None)
    return path


@pytest.mark.parametrize(
    ("name", "kind", "link"),
    [
        ("../outside", tarfile.REGTYPE, ""),
        ("/tmp/absolute", tarfile.REGTYPE, ""),
        ("manifest.json", tarfile.SYMTYPE, "/etc/passwd"),
        ("manifest.json", tarfile.LNKTYPE, "/etc/passwd"),
        ("manifest.json", tarfile.FIFOTYPE, ""),
        ("manifest.json", tarfile.CHRTYPE, ""),
    ],
)
def test_nothing_but_plain_files_below_its_folder_is_unpacked(
    tmp_path: Path, name: str, kind: bytes, link: str
) -> None:
    file, near = made(tmp_path / "backup", name, kind, link), tmp_path / "home"
    near.mkdir()

    with pytest.raises(click.ClickException), archive.opened(file, near):
        pass

    assert not list(near.iterdir())
    assert not (tmp_path / "outside").exists()


WHOLE = {"format": 1, "at": "2026-11-24T02:00:00+00:00", "engine": "sqlite", "schema": "x", "keys": ["a"], "files": {}}


@pytest.mark.parametrize(
    "manifest",
    [[], {"at": 1}, {**WHOLE, "format": 2}, {**WHOLE, "engine": "other"}, {**WHOLE, "files": []}, WHOLE],
)
def test_a_manifest_that_is_none_of_ours_is_one_line(tmp_path: Path, manifest: object) -> None:
    file, data = tmp_path / "backup", json.dumps(manifest).encode()
    member = tarfile.TarInfo("manifest.json")
    member.size = len(data)
    with tarfile.open(file, "w:gz") as archived:
        archived.addfile(member, io.BytesIO(data))

    with pytest.raises(click.ClickException), archive.opened(file, tmp_path):
        pass


def test_a_disk_without_room_leaves_the_database_that_is_there(tmp_path: Path) -> None:
    here = tmp_path / "diffusion.sqlite3"
    with contextlib.closing(sqlite3.connect(here)) as database:
        database.execute("CREATE TABLE kept (it)")
    folder = tmp_path / "no-file"
    folder.mkdir()

    with pytest.raises(OSError, match="no-file"):
        archive.put_sqlite(urlsplit(f"sqlite://{here}"), folder, mark="now")

    with contextlib.closing(sqlite3.connect(here)) as database:
        assert database.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    assert {path.name for path in tmp_path.iterdir()} == {here.name, folder.name}
