"""SMS: its limits, declared before any gateway's adapter exists.

The limit is one SMS, since each further part is paid again for each recipient and some networks show parts apart:
160 septets, or 70 UTF-16 units as soon as one character (ê, ç, ’, …) is outside GSM-7. `counting.sms_parts` tells
what a longer text would take. 3GPP TS 23.038, 6.2.1; TS 23.040, 9.2.3.24.1.
"""

from __future__ import annotations

from pydantic import BaseModel

from channels.contract import Channel, Kind, Limits
from channels.counting import SMS_SEPTETS, SMS_UNITS, Counting


class Credentials(BaseModel):
    """None yet: nothing is published here."""


class Sms(Channel):
    name = "sms"
    label = "SMS"
    kind = Kind.OPEN
    Credentials = Credentials
    limits = Limits(text=SMS_SEPTETS, text_ucs2=SMS_UNITS, counting=Counting.GSM7)
    publishes = False
