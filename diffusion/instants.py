"""Time by the database's clock, which every worker shares."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models.functions import Now


def in_seconds(seconds: float) -> Any:
    """`seconds` from now, for an UPDATE or a filter."""
    return Now() + timedelta(seconds=seconds)
