"""What `diffusion channels count --jsonl` answers to one row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels.contract import Channel


def count_row(row: Mapping[str, Any], channel: type[Channel]) -> dict[str, Any]:
    """`{"id", "text"}` → `{"id", "length", "limit"}`: the length as the channel counts it, the limit of this very text.

    Raises KeyError for a row without text, TypeError for a text that is no string.
    """
    text = row["text"]
    if not isinstance(text, str):
        raise TypeError("text must be a string")
    return {"id": row.get("id"), "length": channel.length(text), "limit": channel.limits.ceiling(text)}
