"""A small disk of its own: ext4 in a file, by a loop device. Needs root."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Disk:
    """`where` is where it is mounted."""

    image: Path
    where: Path

    def mount(self) -> None:
        _run("mount", "-o", "loop,errors=remount-ro", str(self.image), str(self.where))

    def unmount(self) -> None:
        _run("umount", str(self.where))

    def make_read_only(self) -> None:
        """As the kernel does when it finds the file system broken, open files or not."""
        device = _run("findmnt", "--noheadings", "--output", "SOURCE", str(self.where)).strip()
        if not device.startswith("/dev/loop"):
            raise RuntimeError(f"{self.where} is on {device}, and that isn't ours to break")
        Path("/sys/fs/ext4", Path(device).name, "trigger_fs_error").write_text("broken by make chaos")

    def repair(self) -> None:
        """Once nobody has a file open there."""
        self.unmount()
        time.sleep(0.5)  # until the loop device has let go of the image
        subprocess.run(["e2fsck", "-fy", str(self.image)], capture_output=True, check=False)  # 1: it repaired something
        self.mount()


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def is_possible() -> bool:
    return os.geteuid() == 0 and Path("/dev/loop-control").exists()


@contextlib.contextmanager
def disk(folder: Path, mib: int) -> Iterator[Disk]:
    folder.mkdir(parents=True)
    made = Disk(folder / "image", folder / "disk")
    made.where.mkdir()
    with made.image.open("wb") as file:
        file.truncate(mib * 2**20)
    _run("mkfs.ext4", "-q", "-m", "0", str(made.image))
    made.mount()
    try:
        yield made
    finally:
        made.unmount()
