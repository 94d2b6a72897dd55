"""Health and metrics: live without a database, ready with one, and a failure where nothing goes out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client, override_settings

from channels.rehearsal.server import Fault
from diffusion.config import Config
from diffusion.delivery import claim, hold
from diffusion.delivery.send import send
from diffusion.web import metrics
from tests import valclair

pytestmark = pytest.mark.django_db
TOKEN = "only-for-tests-" * 4
SAMPLE = re.compile(r"^(diffusion_[a-z_]+)(?:\{((?:[a-z]+=\"[a-z_]+\",?)*)\})? (\d+(?:\.\d+)?(?:e\+\d+)?)$")


def ask(path: str, **headers: str) -> tuple[int, str]:
    answer = Client().get(path, headers=headers)
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/health/sending"])
def test_all_is_well_for_whoever_asks_by_whatever_name(path):
    assert ask(path, host="10.0.0.7:8000") == (200, "ok\n")


def test_without_a_database_it_lives_and_is_not_ready(monkeypatch):
    def gone(*_: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", gone)

    assert ask("/health/live")[0] == 200
    assert ask("/health/ready") == (503, "database: OperationalError\n")
    assert ask("/health/sending")[0] == 503


def test_it_is_not_ready_before_it_is_migrated():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'diffusion' AND name = '0002_the_authority'")

    assert ask("/health/ready") == (503, "1 migrations to apply: diffusion migrate\n")


def test_something_due_that_nobody_sends_is_a_failure_of_sending_alone():
    valclair.delivery(valclair.board(), due_in=-300)

    status, said = ask("/health/sending")

    assert status == 503
    assert said.startswith("intranet: 1 overdue since 20")
    assert ask("/health/ready")[0] == 200


def test_metrics_are_for_who_has_the_token():
    assert ask("/metrics")[0] == 404
    with override_settings(DIFFUSION=Config.load(env={"DIFFUSION_METRICS_TOKEN": TOKEN})):
        assert ask("/metrics")[0] == 404
        assert ask("/metrics", authorization=f"Bearer {TOKEN}x")[0] == 404
        assert ask("/metrics", authorization=f"Bearer {TOKEN}")[0] == 200


def samples() -> dict[tuple[str, str], float]:
    read = {}
    for line in metrics.page().splitlines():
        if not line.startswith("#"):
            found = SAMPLE.match(line)
            assert found, line
            read[found[1].removeprefix("diffusion_"), found[2] or ""] = float(found[3])
    return read


def test_what_happened_is_counted_by_lane_channel_and_outcome(rehearsal):
    account = valclair.mastodon(rehearsal)
    valclair.delivery(account)
    valclair.delivery(account, of=valclair.message("Autre"), text="Autre.")
    valclair.delivery(valclair.board(), of=valclair.message("En retard"), due_in=-300)
    rehearsal.faults.arm(Fault.CUT_AFTER, path="/api/v1/statuses")
    lease = claim.claim_due("social")
    for pk in lease.ids:
        send(pk, lease)

    read = samples()

    assert read["deliveries", 'lane="social",state="published"'] == 1
    assert read["deliveries", 'lane="social",state="uncertain"'] == 1
    assert read["attempts_total", 'channel="mastodon",outcome="published"'] == 1
    assert read["attempts_total", 'channel="mastodon",outcome="uncertain"'] == 1
    assert read["published_total", 'channel="mastodon"'] == 1
    assert read["sending_stopped", 'lane="intranet"'] == 1
    assert read["sending_stopped", 'lane="social"'] == 0
    assert 300 <= read["oldest_due_seconds", 'lane="intranet"'] < 330
    assert read["hold", ""] == 0
    hold.hold(by=None)
    assert samples()["hold", ""] == 1


def test_what_may_rise_is_there_before_it_does():
    valclair.board()

    read = samples()

    for name in ("published_total", "doubled_total", "accounts_paused"):
        assert read[name, 'channel="board"'] == 0
    assert read["attempts_total", 'channel="board",outcome="published"'] == 0


def test_a_counter_past_a_million_still_counts_by_one(monkeypatch):
    family = metrics.Family("published_total", "counter", "x", lambda: [({}, 1_234_567.0)])
    monkeypatch.setattr(metrics, "FAMILIES", (family,))

    assert samples() == {("published_total", ""): 1_234_567.0}


def test_the_page_of_metrics_names_each_with_its_labels():
    page = (Path(__file__).parents[2] / "docs" / "ops" / "metrics.md").read_text()

    for family in metrics.FAMILIES:
        assert f"| `diffusion_{family.name}` | {family.kind} |" in page, family.name


def test_the_rules_for_alerts_ask_for_metrics_that_exist_and_lead_to_pages_that_do():
    root = Path(__file__).parents[2]
    text = (root / "docs" / "ops" / "alerts.yml").read_text()
    rules = yaml.safe_load(text)["groups"][0]["rules"]

    for rule in rules:
        assert rule["expr"]
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"]
        assert (root / rule["annotations"].get("runbook", "docs/ops/README.md")).exists()
    named = set(re.findall(r"diffusion_[a-z_]+", text))
    assert "diffusion_sending_stopped" in named
    assert named <= {f"diffusion_{family.name}" for family in metrics.FAMILIES}
