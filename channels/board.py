"""The built-in intranet board: a view of the deliveries published to it, behind sign-in. No network, no limit."""

from __future__ import annotations

from pydantic import BaseModel

from channels.contract import Kind, Limits, MediaRules
from channels.view import View


class Credentials(BaseModel):
    """None: the board is ours."""


class Board(View):
    name = "board"
    label = "Intranet"
    kind = Kind.INTRANET
    Credentials = Credentials
    limits = Limits(media=MediaRules(types=frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"}), count=20))
