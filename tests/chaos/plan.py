"""Plans deliveries in the product's own database, and prints what was planned: `python -m tests.chaos.plan`.

A line of JSON on its input, the answer on its output, until the input ends: starting costs more than planning.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from tests.chaos.entry import hurry

AT_ONCE = 50
"""Rows in one transaction: other writers wait for no more."""


def deliveries(urls: list[str], first: int, count: int, over_s: float, in_s: float) -> list[list[str]]:
    """`count` posts from number `first` on, in turn to each server, due in `in_s` seconds and over `over_s` from there."""
    from django.db import transaction
    from django.utils import timezone

    from diffusion.accounts.models import Account
    from tests import valclair

    names = {f"network {n}": url for n, url in enumerate(urls)}
    known = {account.name: account for account in Account.objects.filter(name__in=names)}
    accounts = [
        known.get(name) or valclair.account("mastodon", name=name, server=url, access_token="rehearsal")
        for name, url in names.items()
    ]
    began, planned, about = timezone.now(), list[list[str]](), None
    for start in range(first, first + count, AT_ONCE):
        with transaction.atomic():
            for n in range(start, min(start + AT_ONCE, first + count)):
                text = f"avis{n:06d} numéro{n:06d}"
                wanted = in_s + (n - first) * over_s / count
                due_in = wanted - (timezone.now() - began).total_seconds()
                if about is None or n % len(accounts) == 0:  # one message goes to each server
                    about = valclair.message(title=text, body=text)
                row = valclair.delivery(accounts[n % len(accounts)], of=about, due_in=due_in, text=text)
                planned.append([text, row.planned_at.isoformat()])
    return planned


def walls(account_name: str, typed: list[list[Any]]) -> list[list[str]]:
    """A post for each [day, hour, number of the choice] as a person types and picks them.

    Gives for each its text, its instant and what was unclear; two empty words where what was picked can't be either.
    """
    from django.utils import timezone

    from diffusion.accounts.models import Account
    from diffusion.directory.models import Authority
    from diffusion.schedule.moments import Typed, Unclear, read
    from tests import valclair

    account = Account.objects.get(name=account_name)
    how: dict[str, Any] = {"zone": Authority.get().zone, "now": timezone.now()}
    made = list[list[str]]()
    for number, (day, hour, choice) in enumerate(typed):
        code, text = "", f"heure{number:06d} numéro{number:06d}"
        try:
            try:
                at = read(Typed(day, hour), **how)
            except Unclear as no:
                code = no.code
                at = read(Typed(day, hour, no.choices[choice].isoformat()), **how)
        except Unclear as never:
            made.append(["", "", never.code])
            continue
        valclair.delivery(account, of=valclair.message(title=text, body=text), text=text, planned_at=at, due_at=at)
        made.append([text, at.isoformat(), code])
    return made


def letter(port: int, count: int) -> list[list[str]]:
    """A letter to `count` people, due now: each of them once."""
    from django.utils import timezone

    from diffusion.newsletter.models import Consent, List, Subscriber
    from tests import valclair

    account = valclair.account(
        "smtp", host="127.0.0.1", port=port, security="none", sender="lettre@valclair.example"
    )  # fmt: skip
    people = List.objects.create(account=account, name="La lettre")
    readers = Subscriber.objects.bulk_create(
        [Subscriber(email=f"a{n:06d}@b.example") for n in range(count)], batch_size=500
    )
    Consent.objects.bulk_create(
        [Consent(subscriber=reader, list=people, confirmed_at=timezone.now()) for reader in readers], batch_size=500
    )
    at = valclair.delivery(account).planned_at.isoformat()
    return [[reader.email, at] for reader in readers]


def migrate() -> list[list[str]]:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    return []


def resume() -> list[list[str]]:
    """Somebody lets every paused account in again."""
    from diffusion.accounts import connect
    from diffusion.accounts.models import Account

    for account in Account.objects.exclude(paused_at=None):
        connect.resume(account, by=None)
    return []


WHAT = {"deliveries": deliveries, "walls": walls, "letter": letter, "migrate": migrate, "resume": resume}


def main() -> None:
    hurry()
    from django.db import connections

    for line in sys.stdin:
        asked: dict[str, Any] = json.loads(line)
        try:
            told = {"answer": WHAT[asked.pop("act")](**asked)}
        except Exception as fault:
            told = {"fault": repr(fault)}
        connections.close_all()  # the database may be another, or gone, by the next line
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
