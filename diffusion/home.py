"""The home: the folder of everything that a run keeps, and the keys that it makes there for itself."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

SIGNING_FILE = "signing.key"
CREDENTIALS_FILE = "credentials.key"


def make_private(home: Path) -> Path:
    """Make the home for its owner's eyes alone (0700). Raises OSError where it can't be."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.chmod(0o700)
    return home


def kept(path: Path, generate: Callable[[], str]) -> str:
    """The text of a file that only its owner reads (0600), generated if it isn't there.

    Of processes that start together one wins, and all read what it wrote.
    """
    if not path.exists():
        handle, draft = tempfile.mkstemp(dir=path.parent)  # 0600 from the start
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(generate())
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        os.unlink(draft)
    return path.read_text(encoding="utf-8").strip()


class HomeBusy(OSError):
    """Another process runs on this home. Stop it first, or choose another folder by DIFFUSION_HOME."""

    def __init__(self, home: Path) -> None:
        super().__init__(f"{self.__doc__} ({home})")
        self.home = home

    def told(self, language: str) -> str:
        """For whoever reads this terminal."""
        french = (
            "Un autre processus sert déjà ce dossier. Arrêtez-le, ou choisissez un autre dossier par DIFFUSION_HOME."
        )
        return f"{french} ({self.home})" if language == "fr" else str(self)


def lock(home: Path) -> IO[str]:
    """Hold the home for this process alone: then every lease in it belongs to the dead. Raises HomeBusy."""
    file = (home / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise HomeBusy(home) from None
    return file
