"""A backup file from elsewhere: it may name anything, and only plain files below its own folder are taken."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

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
