"""One id leads through the log, from the submission to the receipt; nothing of what people wrote is in it."""

from __future__ import annotations

import json
import logging

import pytest

from channels.rehearsal.server import Fault
from diffusion.config import Config
from diffusion.delivery import claim, reconcile
from diffusion.delivery.models import Delivery
from diffusion.instants import in_seconds
from diffusion.intake.models import Via
from diffusion.intake.submit import Handed, submit
from diffusion.logs import Formatter
from diffusion.message import write
from tests import valclair
from tests.going_out import carry_all, send_out

TITLE = "Coupure d’eau rue des Tilleuls"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_one_id_leads_from_the_submission_to_the_receipt(rehearsal, caplog, monkeypatch):
    monkeypatch.setattr("diffusion.logs.config", lambda: Config.load(env={"DIFFUSION_LOG_FORMAT": "json"}))
    caplog.set_level(logging.INFO, logger="diffusion")
    valclair.mastodon(rehearsal)
    handed = Handed(title=TITLE, text=valclair.CUT)
    given = submit(handed, directorate=valclair.water(), via=Via.FORM, by=valclair.marc())
    message = write.draft_from([given], by=valclair.ines())
    rehearsal.faults.arm(Fault.CUT_AFTER, path="/api/v1/statuses")

    send_out(message)
    Delivery.objects.update(look_at=in_seconds(0))
    lease = claim.claim_looks()
    for pk in lease.ids:
        reconcile.look(pk, lease)
    carry_all()

    lines = [json.loads(Formatter().format(record)) for record in caplog.records if hasattr(record, "ids")]
    mine = [line for line in lines if line.get("trace") == given.public_id]
    said = [line["what"] for line in mine]
    for what in ("submit", "draft", "approve", "plan", "sending", "uncertain", "looked", "published"):
        assert what in said, (what, said)
    assert said.index("submit") < said.index("draft") < said.index("sending") < said.index("published")
    published = mine[said.index("published")]
    assert published["receipt"] == next(iter(rehearsal.state.newest())).id
    assert {line["delivery"] for line in mine if line["what"] == "sending"} == {Delivery.objects.get().public_id}
    assert TITLE not in json.dumps(lines, ensure_ascii=False)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_for_people_the_same_is_a_line(caplog):
    caplog.set_level(logging.INFO, logger="diffusion")
    message = valclair.message()

    write.set_aside(message, by=valclair.ines())

    line = Formatter().format(caplog.records[-1])
    assert f" set_aside trace={message.trace} message={message.public_id} by=" in line
