"""Verb: change the authority's policies. They are decisions of people, journalled; settings are the operator's."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from diffusion.audit import record
from diffusion.directory.models import Authority, Person
from diffusion.errors import BadInput
from diffusion.verbs import verb

POLICIES = ("name", "time_zone", "lead", "silence", "may_approve_own", "retention_days", "hourly_posts")


@verb
def set_policy(*, by: Person | None, **changes: Any) -> Authority:
    """Change some of POLICIES. Raises BadInput for a zone that IANA doesn't know; times already planned stay."""
    authority = Authority.objects.select_for_update().get(pk=1)
    try:
        ZoneInfo(changes.get("time_zone", authority.time_zone))
    except (ZoneInfoNotFoundError, ValueError):
        raise BadInput("zone_unknown", given=changes["time_zone"]) from None
    changed = {name: value for name, value in changes.items() if getattr(authority, name) != value}
    for name, value in changed.items():
        setattr(authority, name, value)
    authority.save(update_fields=list(changed))
    if changed:
        record(by, "set_policy", authority, **{name: str(value) for name, value in changed.items()})
    return authority
