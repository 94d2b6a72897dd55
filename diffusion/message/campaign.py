"""Verb: put a message in a campaign, or take it out. A campaign begins with the first message that names it."""

from __future__ import annotations

from diffusion.audit import record
from diffusion.directory.models import Person
from diffusion.errors import BadInput
from diffusion.intake import clean
from diffusion.message.models import Campaign, Message
from diffusion.verbs import verb

NAME_MOST = 120


@verb
def join_campaign(message: Message, name: str, *, by: Person | None) -> Message:
    """Let it be of the campaign of this name, whatever its capitals; of none where the name is empty.

    It may be done at any time, also with what is out: a campaign is no part of what was approved. Deliveries that have
    not left obey the campaign's hold from then on. Raises BadInput for a name too long to be one.
    """
    said = clean.line(name)
    if len(said) > NAME_MOST:
        raise BadInput("campaign_too_long", limit=NAME_MOST)
    row = Message.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=message.pk)
    was = row.campaign
    row.campaign = _named(said) if said else None
    if row.campaign != was:
        row.save(update_fields=["campaign"])
        record(by, "join_campaign" if row.campaign else "leave_campaign", row, campaign=str(row.campaign or was))
    return row


def _named(said: str) -> Campaign:
    """The one that is called so, begun where there is none. Needs a transaction.

    Compared here first: SQLite knows no É from its é.
    """
    same = (row for row in Campaign.objects.all() if row.name.casefold() == said.casefold())
    return next(same, None) or Campaign.objects.get_or_create(name__iexact=said, defaults={"name": said})[0]
