"""Verbs of accounts: connect, probe, pause, reconnect. And the way from a row to a channel that can be called."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.text import slugify
from pydantic import BaseModel, ValidationError

from channels import registry
from channels.contract import Channel, Health
from channels.http import Http
from channels.outcomes import Outcome
from diffusion import vault
from diffusion.accounts import rehearsal
from diffusion.accounts.models import Account
from diffusion.audit import record
from diffusion.brand.models import Brand
from diffusion.directory.models import Person
from diffusion.errors import BadInput
from diffusion.verbs import verb
from diffusion.wake import wake


@functools.cache
def http() -> Http:
    """The one guarded connector, as the operator set it up: shared by all threads, for its connections and authorities."""
    config = settings.DIFFUSION
    return Http(
        private_hosts=frozenset(config.private_hosts),
        proxy=config.proxy.get_secret_value() if config.proxy else "",
        ca_file=str(config.ca_file) if config.ca_file else "",
    )


def channel_of(account: Account) -> Channel:
    """The account's channel, with its credentials opened. Raises BadInput when they can't be, NotNow: a rehearsal, off."""
    return _opened(account.channel, vault.unseal(account.sealed), account.is_rehearsal)


def ask(channel: str, credentials: Mapping[str, Any], *, is_rehearsal: bool = False) -> Health:
    """Ask the channel who we would be there, before there is an account. Keeps nothing. Raises No, Outcome."""
    return _opened(channel, credentials, is_rehearsal).probe()


def _opened(channel: str, credentials: Mapping[str, Any], is_rehearsal: bool) -> Channel:
    filled = _filled(channel, credentials, is_rehearsal)
    return registry.get(channel)(filled, rehearsal.http() if is_rehearsal else http())


@verb
def connect(
    name: str, *, by: Person | None, channel: str, level: str, brand: Brand, credentials: Mapping[str, Any], **more: Any
) -> Account:
    """Add a place to publish. Raises BadInput for an unknown channel or incomplete credentials. Nothing is contacted.

    One that rehearses (`is_rehearsal`) needs none; NotNow while rehearsal is off.
    """
    slug = slugify(more.pop("slug", "") or name)
    if Account.objects.filter(slug=slug).exists():
        raise BadInput("name_taken", given=slug)
    filled = _filled(channel, credentials, more.get("is_rehearsal", False))
    more |= {"sealed": vault.seal(filled), "host": registry.get(channel).host(filled)}
    account = Account(name=name, slug=slug, channel=channel, level=level, brand=brand, **more)
    account.owner = account.owner or by
    account.save()
    record(by, "connect", account, channel=channel)
    return account


@verb
def reconnect(account: Account, *, by: Person | None, credentials: Mapping[str, Any]) -> Account:
    """Give an account other credentials and let it in again; what waited for it goes on. Raises BadInput."""
    filled = _filled(account.channel, credentials, account.is_rehearsal)
    account.sealed, account.host = vault.seal(filled), account.channel_class.host(filled)
    account.paused_at, account.pause_code = None, ""
    account.save(update_fields=["sealed", "host", "paused_at", "pause_code"])
    record(by, "reconnect", account)
    wake("housekeeping")
    return account


@verb
def pause(account: Account, *, by: Person | None) -> Account:
    """Nothing goes there until somebody resumes it. What is on its way finishes."""
    account.paused_at, account.pause_code = timezone.now(), "person"
    account.save(update_fields=["paused_at", "pause_code"])
    record(by, "pause", account)
    return account


@verb
def resume(account: Account, *, by: Person | None) -> Account:
    """Let it go on, with the credentials that it has."""
    account.paused_at, account.pause_code = None, ""
    account.save(update_fields=["paused_at", "pause_code"])
    record(by, "resume", account)
    wake("housekeeping")
    return account


def probe(account: Account, *, by: Person | None = None) -> Health:
    """Ask the channel who we are there. No transaction is open meanwhile; what it said is kept. Raises Outcome."""
    try:
        health = channel_of(account).probe()
    except Outcome as outcome:
        _keep_health(account, by=by, health={"code": outcome.code, "evidence": outcome.evidence})
        raise
    note_health(account, health, by=by)
    return health


def note_health(account: Account, health: Health, *, by: Person | None) -> None:
    """Keep what a probe said. Somebody answered: what rested because nobody did may go on when its time comes."""
    limit = health.limits.text if health.limits else None
    kept = {"name": health.name, "url": health.url, "warnings": list(health.warnings)}
    _keep_health(account, by=by, health=kept, text_limit=limit, strikes=0, rests_until=None)


@verb
def _keep_health(account: Account, *, by: Person | None, **changes: Any) -> None:
    Account.objects.filter(pk=account.pk).update(probed_at=timezone.now(), **changes)
    record(by, "probe", account, code=changes["health"].get("code", ""))


def _filled(channel: str, credentials: Mapping[str, Any], is_rehearsal: bool) -> BaseModel:
    """The channel's credentials, whole. Raises BadInput that names the fields, never their values; NotNow."""
    if channel not in registry.names():
        raise BadInput("channel_unknown", given=channel, known=", ".join(registry.names()))
    kind = registry.get(channel)
    if not kind.publishes:
        raise BadInput("channel_silent", given=channel)
    given = rehearsal.filled(channel, credentials) if is_rehearsal else credentials
    try:
        return kind.Credentials(**given)
    except ValidationError as wrong:
        fields = sorted({str(row["loc"][0]) for row in wrong.errors() if row["loc"]})
        is_missing = all(row["type"] == "missing" for row in wrong.errors())
        code = "credentials_incomplete" if is_missing else "credentials_wrong"
        raise BadInput(code, fields=", ".join(fields)) from None
