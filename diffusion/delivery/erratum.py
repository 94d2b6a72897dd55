"""An erratum: the corrected words, sent after what can't be edited any more. A delivery of its own, with its own key."""

from __future__ import annotations

from channels.contract import Rendition
from diffusion.delivery.further import go_now
from diffusion.delivery.models import Delivery
from diffusion.rendition.erratum import as_erratum
from diffusion.rendition.models import Version

MARK = "erratum-"


def is_erratum(delivery: Delivery) -> bool:
    return delivery.occurrence.startswith(MARK)


def erratum_of(version: Version) -> Rendition:
    """What goes out: the version as it was approved. One that was composed before its letter left is opened now."""
    return version.rendition if version.report.get("erratum") else as_erratum(version.rendition)


def plan_erratum(version: Version, *, stop: str = "") -> Delivery:
    """Needs a transaction. The approved version goes out now, without a lead: who read the wrong words reads the right ones."""
    return go_now(version, mark=MARK, body=erratum_of(version).to_json(), is_vouched=bool(stop), stop=stop)
