"""The rooms' models, for Django: one app, one history."""

from diffusion.accounts.models import Account
from diffusion.approval.models import Approval
from diffusion.audit import Entry
from diffusion.brand.models import Brand, Charter
from diffusion.delivery.holding import Hold
from diffusion.delivery.models import Amendment, Attempt, Delivery, Event, Receipt
from diffusion.delivery.sighting import Sighting
from diffusion.directory.models import (
    Absence,
    Authority,
    Directorate,
    FeedAddress,
    Mail,
    Person,
    Place,
    Role,
    SignInLink,
    Token,
)
from diffusion.intake.calls import Call
from diffusion.intake.models import Source, Submission
from diffusion.media import Asset
from diffusion.message.models import Addition, Campaign, Illustration, Message, Revision
from diffusion.newsletter.models import Consent, Edition, Line, List, Subscriber
from diffusion.parts import Part
from diffusion.rendition.models import Version
from diffusion.schedule.models import Blackout, Slot

__all__ = [
    "Absence", "Account", "Addition", "Amendment", "Approval", "Asset", "Attempt", "Authority", "Blackout", "Brand", "Call",
    "Campaign", "Charter", "Consent", "Delivery", "Directorate", "Edition", "Entry", "Event", "FeedAddress", "Hold",
    "Illustration", "Line", "List", "Mail", "Message", "Part", "Person", "Place", "Receipt", "Revision", "Role", "Sighting",
    "SignInLink", "Slot",
    "Source", "Submission", "Subscriber", "Token", "Version",
]  # fmt: skip
