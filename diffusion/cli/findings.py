"""One finding of `doctor`, worded for whoever reads this terminal."""

from __future__ import annotations

from django.core.checks import CheckMessage

from diffusion.cli import terminal
from diffusion.cli.check_words import INSTALLATION
from diffusion.cli.town_words import TOWN

KINDS = {**INSTALLATION, **TOWN}


def finding(code: str, obj: object = None, **facts: object) -> CheckMessage:
    """One thing that is wrong."""
    kind = KINDS[code]
    what, hint = terminal.pick(*kind.what).format(**facts), terminal.pick(*kind.hint).format(**facts)
    return CheckMessage(kind.level, what, hint=hint, obj=obj, id=f"diffusion.{code}")
