"""Rows as the API tells them."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language

from diffusion import report
from diffusion.api import schemas
from diffusion.delivery import models as delivery
from diffusion.errors import word
from diffusion.intake import models as intake
from diffusion.message import models as message

SCHEDULED = frozenset({report.Stage.PLANNED, report.Stage.PUBLISHING})
LIVE = frozenset({report.Stage.PUBLISHED, report.Stage.CHANGED})
ENDS = {report.Stage.WITHDRAWN: "withdrawn", report.Stage.ASIDE: "set_aside"}


def received(row: intake.Submission) -> schemas.Received:
    """Only what never changes, so that a repeated call has the same answer."""
    return schemas.Received(
        id=row.public_id, version=row.version, directorate=row.directorate.slug, level=row.level,
        received_at=row.received_at,
    )  # fmt: skip


def submission(fate: report.Fate) -> schemas.Submission:
    """A submission and what became of it, for its sender."""
    row = fate.submission
    return schemas.Submission(
        **received(row).model_dump(), title=row.title, language=row.language, via=row.via, state=_state(fate),
        decline_reason=row.decline_reason or None, message=fate.message.public_id if fate.message else None,
        goes_at=fate.goes_at,
        places=[
            schemas.Place(
                account=place.account, channel=place.channel, url=place.url or None, at=place.at,
                rehearsal=place.is_rehearsal,
            )
            for place in fate.places
        ],
    )  # fmt: skip


def _state(fate: report.Fate) -> str:
    if fate.message is None:
        return "declined" if fate.submission.declined_at else "received"
    if fate.stage in LIVE:
        return "published"
    return "scheduled" if fate.stage in SCHEDULED else ENDS.get(fate.stage, "in_preparation")


def told_delivery(row: delivery.Delivery) -> schemas.Delivery:
    """A delivery; its code is worded only while it still matters."""
    proof = row.receipt
    said = word(row.code, get_language() or "fr") if row.code and proof is None else None
    return schemas.Delivery(
        id=row.public_id, message=row.message.public_id, title=row.revision.title, account=row.account.slug,
        channel=row.account.channel, rehearsal=row.account.is_rehearsal, level=row.level, lane=row.lane,
        state=row.state, shown_state=row.shown_state, planned_at=row.planned_at, due_at=row.due_at, tries=row.tries,
        code=row.code or None, detail=said,
        receipt=schemas.Receipt(id=proof.remote_id, url=proof.url or None, at=proof.at) if proof else None,
    )  # fmt: skip


def told_message(row: message.Message) -> schemas.Message:
    """A message that `report.with_story` read."""
    return schemas.Message(
        id=row.public_id, title=str(row), directorate=row.directorate.slug, brand=row.brand.slug,
        campaign=row.campaign.name if row.campaign else None, levels=row.levels, language=row.language, urgent=row.is_urgent,
        stage=report.stage(row).value, publish_at=row.publish_at, made_at=row.made_at, page=f"{settings.BASE_URL}/m/{row.public_id}",
    )  # fmt: skip


def whole_message(row: message.Message, deliveries: delivery.DeliveryQuerySet) -> schemas.WholeMessage:
    """With its words, and those of its deliveries that the reader may see."""
    revision = row.revision
    return schemas.WholeMessage(
        **told_message(row).model_dump(), body=revision.body if revision else "",
        revision=revision.number if revision else None,
        submissions=[each.public_id for each in row.submissions.all()],
        deliveries=[told_delivery(each) for each in deliveries],
    )  # fmt: skip
