"""When something takes place, as a person or a machine wrote it: a day, or a moment with its zone."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from diffusion.errors import BadInput

EXAMPLE = "2026-06-17T08:30:00+02:00"


def read(given: str, zone: ZoneInfo) -> str:
    """RFC 3339, a date or a moment; one without a zone is meant in `zone`. Empty stays empty.

    Raises BadInput("time_unreadable").
    """
    value = given.strip()
    if not value:
        return ""
    try:
        if len(value) <= 10:
            return date.fromisoformat(value).isoformat()
        moment = datetime.fromisoformat(value)
        (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(zone)  # the calendar's ends overflow
    except (ValueError, OverflowError):
        raise BadInput("time_unreadable", given=value[:60], example=EXAMPLE) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()
