"""What a benchmark does inside the product's own process: rows made, claims and plans timed. Prints one line of JSON.

`DIFFUSION_HOME=… python parts.py fill 1000 URL`, and so on: `PARTS` has them all.
"""

from __future__ import annotations

import itertools
import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from workers import app  # noqa: F401, I001  # sets Django up

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from diffusion.accounts.models import Account
from diffusion.approval import decide
from diffusion.delivery import claim, plan
from diffusion.delivery.models import Delivery, Lane
from diffusion.directory.models import Authority
from diffusion.ids import public_id
from diffusion.message.models import Message, Revision
from diffusion.newsletter.models import Consent, Edition, Line, List, Subscriber
from tests import valclair

ON_AN_ACCOUNT = 250
"""Deliveries: Mastodon's own pace allows 300 in three hours."""
LETTERS = 20
AT_ONCE = 100
"""Rows that one claim takes."""


def p95(times: list[float]) -> float:
    return sorted(times)[max(0, round(len(times) * 0.95) - 1)]


class _Server:
    url, token = "", "rehearsal"


def fill(count: str, url: str, apart_s: str = "0", first_s: str = "-1", lane: str = Lane.SOCIAL) -> dict[str, Any]:
    """Deliveries of one message each; the first is due in `first_s`, the next ones `apart_s` later each. {key: due at}."""
    is_urgent = lane == Lane.URGENT
    _Server.url = url
    Authority.objects.update(hourly_posts=ON_AN_ACCOUNT * 2)  # the brake counts and compares, and lets all of them go
    unit, by, number = valclair.water(), valclair.ines(), int(count)
    messages = Message.objects.bulk_create(
        Message(directorate=unit, brand=unit.brand, levels=["public"], made_by=by, is_urgent=is_urgent)
        for _ in range(number)
    )
    started = public_id()
    revisions = Revision.objects.bulk_create(
        Revision(message=m, number=1, title=f"{started} {n}", body=f"{valclair.CUT} {n}", by=by)
        for n, m in enumerate(messages)
    )
    accounts = [valclair.mastodon(_Server) for _ in range(max(25, -(-number // ON_AN_ACCOUNT)))]
    first = timezone.now() + timedelta(seconds=float(first_s))
    rows = []
    for n, (message, revision) in enumerate(zip(messages, revisions, strict=True)):
        at = first + timedelta(seconds=n * float(apart_s))
        body = {"text": revision.body, "title": revision.title, "level": "public", "language": "fr"}
        rows.append(
            Delivery(
                message=message,
                revision=revision,
                account=accounts[n % len(accounts)],
                level="public",
                lane=lane,
                body=body,
                digest="1:0",
                planned_at=at,
                due_at=at,
            )
        )
    Delivery.objects.bulk_create(rows)
    return {row.key: row.due_at.timestamp() for row in rows}


def letters(mails: str, host: str, port: str) -> int:
    """LETTERS letters that are due, to a list of `mails` / LETTERS readers: so many mails wait, and every thread has a letter."""
    account = valclair.account("smtp", host=host, port=int(port), security="none", sender="lettre@valclair.example")
    people = List.objects.create(account=account, name="La lettre")
    readers = Subscriber.objects.bulk_create(
        [Subscriber(email=f"a{n:06d}@b.example") for n in range(int(mails) // LETTERS)], batch_size=500
    )
    Consent.objects.bulk_create(
        [Consent(subscriber=reader, list=people, confirmed_at=timezone.now()) for reader in readers], batch_size=500
    )
    for number in range(LETTERS):
        valclair.delivery(account, of=valclair.message(f"Lettre {number}"))
    return LETTERS * len(readers)


def mails() -> dict[str, int]:
    """How many mails have left, and how many letters have their whole ledger."""
    ledgers = Edition.objects.exclude(written_at=None).count()
    return {"sent": Line.objects.filter(state="published").count(), "ledgers": ledgers}


def published() -> int:
    return Delivery.objects.filter(state="published").count()


def claims(rows: str, times: str = "60") -> dict[str, Any]:
    """Milliseconds to claim AT_ONCE due rows of `rows`, most of them over or far in the future."""
    due = AT_ONCE * int(times) * 2
    fill(str(min(due, int(rows))), "http://127.0.0.1:1")
    _multiply(int(rows))
    took = []
    for _ in range(int(times)):
        began = time.perf_counter()
        lease = claim.claim_due(Lane.SOCIAL, limit=AT_ONCE)
        took.append((time.perf_counter() - began) * 1000)
        if len(lease.ids) != AT_ONCE:
            break
    return {"ms": statistics.median(took), "p95": p95(took), "claims": len(took)}


def _multiply(rows: int) -> None:
    """Copies of the first row until there are so many: half of them cancelled, half planned for another year."""
    model, made = Delivery._meta, Delivery.objects.count()
    columns = [field.column for field in model.fields if not field.primary_key]
    other = {
        "public_id": "'c' || n", "occurrence": "'c' || n", "state": "CASE WHEN n % 2 = 0 THEN 'planned' ELSE 'cancelled' END",
    }  # fmt: skip
    years = "due_at + interval '1 year'" if connection.vendor == "postgresql" else "datetime(due_at, '+1 year')"
    other |= {"due_at": years, "planned_at": years}
    series = f"WITH RECURSIVE s(n) AS (SELECT {made} UNION ALL SELECT n + 1 FROM s WHERE n < {rows - 1})"
    copied = ", ".join(other.get(name, name) for name in columns)
    target = f"INSERT INTO {model.db_table} ({', '.join(columns)})"
    one = f"(SELECT * FROM {model.db_table} ORDER BY id LIMIT 1) AS one"
    with connection.cursor() as cursor:
        cursor.execute(f"{target} {series} SELECT {copied} FROM s, {one}")
        # as each does by itself after a while; SQLite is never asked to analyse
        cursor.execute("ANALYZE" if connection.vendor == "postgresql" else "PRAGMA wal_checkpoint(TRUNCATE)")


def plans(accounts: str, times: str = "40") -> dict[str, Any]:
    """Milliseconds and queries to plan an approved message of so many accounts."""
    places = [valclair.board(), *(valclair.account("feed") for _ in range(int(accounts) - 1))]
    took, queries = [], 0
    for _ in range(int(times)):
        message = valclair.message(publish_at=timezone.now() + timedelta(hours=6))
        for place in places:
            valclair.version(message, place)
        decide.approve(decide.ask(message, by=valclair.ines(), of=valclair.sophie()), by=valclair.sophie())
        with CaptureQueriesContext(connection) as seen:
            began = time.perf_counter()
            made = plan.plan(message, by=valclair.ines())
            took.append((time.perf_counter() - began) * 1000)
        queries = len(seen)
        if len(made) != len(places):
            raise RuntimeError(f"{len(made)} deliveries for {len(places)} accounts")
    return {"ms": statistics.median(took), "p95": p95(took), "queries": queries}


PARTS: dict[str, Callable[..., Any]] = {
    "fill": fill, "letters": letters, "mails": mails, "published": published, "claims": claims, "plans": plans,
}  # fmt: skip

if __name__ == "__main__":
    valclair._numbers = itertools.count(1 + Account.objects.count())  # slugs of an earlier part are taken
    print(json.dumps(PARTS[sys.argv[1]](*sys.argv[2:])))
