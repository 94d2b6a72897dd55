"""What `diffusion fit --jsonl` answers to one row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from channels.contract import Channel
from channels.counting import Counting, length
from diffusion.rendition.fit import TooLong, fit
from diffusion.rendition.room import Room, room_of


def room_for(*, channel: type[Channel] | None = None, limit: int | None = None, counting: str | None = None) -> Room:
    """The room of a channel, or of a limit in what `counting` counts."""
    if channel is not None:
        return room_of(channel)
    if limit is None or counting is None:
        raise ValueError("a room needs a channel, or a limit and what it counts")
    return Room(partial(length, counting=Counting(counting)), limit)


def fit_row(row: Mapping[str, Any], room: Room) -> dict[str, Any]:
    """`{"id", "lang", "published", "text", "essential"?}` → `{"id", "text", "length", "dropped", "rung"}`.

    Or `{"id", "error": {"code": "too_long", "over", "essential"}}`: an answer, too.
    """
    essential = row.get("essential")
    try:
        done = fit(
            row["text"],
            lang=row["lang"],
            published=date.fromisoformat(row["published"]),
            limit=room.limit,
            measure=room.measure,
            essential=None if essential is None else [(kind, value) for kind, value in essential],
        )
    except TooLong as refusal:
        pairs = [list(pair) for pair in refusal.essential]
        return {"id": row.get("id"), "error": {"code": "too_long", "over": refusal.over, "essential": pairs}}
    return {
        "id": row.get("id"),
        "text": done.text,
        "length": done.length,
        "dropped": list(done.dropped),
        "rung": done.rung,
    }
