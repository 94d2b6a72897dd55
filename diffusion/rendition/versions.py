"""Verbs: compose each account's version, edit one by hand, answer for a fault. The pure rules are in compose, fit, guard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from django.utils import timezone

from channels.contract import Media, Rendition
from diffusion.accounts.models import Account
from diffusion.audit import record
from diffusion.brand.models import Level
from diffusion.directory.models import Authority, Person
from diffusion.errors import BadInput, NotNow
from diffusion.media import Asset
from diffusion.message.models import Message, Revision
from diffusion.rendition import seal
from diffusion.rendition.compose import compose
from diffusion.rendition.erratum import as_erratum, takes_errata
from diffusion.rendition.guard import guard, stated
from diffusion.rendition.markdown import from_text
from diffusion.rendition.models import Version
from diffusion.rendition.statement import Statement
from diffusion.verbs import verb


def accounts_of(message: Message) -> list[Account]:
    """Where the message goes: the accounts of its brand at its levels, and the authority's shared internal ones."""
    chosen = Account.objects.filter(level__in=message.levels).select_related("brand")
    return [a for a in chosen if a.brand_id == message.brand_id or a.is_shared]


def statement_of(revision: Revision) -> Statement:
    """The revision as the pure rules take it."""
    media = revision.media.order_by("illustration__position")
    return Statement(
        title=revision.title, body=revision.body, language=revision.message.language,
        additions={a.level: a.body for a in revision.additions.all()}, links=tuple(revision.links),
        media=tuple(_media(asset) for asset in media),
        essential=None if revision.essential is None else tuple((kind, value) for kind, value in revision.essential),
    )  # fmt: skip


def _media(asset: Asset) -> Media:
    return Media(
        sha256=asset.sha256, media_type=asset.media_type, path=str(asset.path), description=asset.description,
        decorative=asset.is_decorative, size=asset.size, width=asset.width, height=asset.height,
        url=f"{settings.BASE_URL}/media/{asset.public_id}",
    )  # fmt: skip


def read_on(message: Message, level: str) -> date:
    """The day on which this level is to read it, in the authority's zone: « demain » is read from there."""
    authority, at = Authority.get(), message.publish_at or timezone.now()
    if message.publish_at and level == Level.INTERNAL and not message.is_urgent:
        at -= message.lead if message.lead is not None else authority.lead
    return at.astimezone(authority.zone).date()


def compose_all(message: Message) -> list[Version]:
    """A version for each account of the present revision. Made again it changes nothing; edits by hand are carried over,
    marked stale when the message has changed since. Composing takes a while, so only the storing is a transaction."""
    message = Message.objects.select_related("revision", "brand").get(pk=message.pk)
    statement, accounts = statement_of(message.current), accounts_of(message)
    stored = {v.account_id: v for v in message.current.versions.select_related("account")}
    made = [
        _redescribed(stored[a.pk], statement, message) if a.pk in stored else _compose_one(message, statement, a)
        for a in accounts
    ]
    return _store_all(message, made)


@verb
def _store_all(message: Message, made: list[Version]) -> list[Version]:
    revision = Message.objects.select_for_update(of=("self",)).get(pk=message.pk).revision_id
    if revision != message.revision_id:  # saved again meanwhile: that saving composes its own
        return made
    Version.objects.filter(revision=revision).exclude(account__in=[v.account_id for v in made]).delete()
    kept = dict(Version.objects.filter(revision=revision).values_list("pk", "digest"))
    for version in made:
        is_known = Version.objects.filter(revision=revision, account=version.account).exists()
        if kept.get(version.pk) != version.digest and (version.pk or not is_known):
            version.save()
    return list(Version.objects.filter(revision=revision).select_related("account"))


def _compose_one(message: Message, statement: Statement, account: Account) -> Version:
    """One version, not stored yet."""
    earlier = Version.objects.filter(account=account, revision__message=message, is_edited=True)
    edited = earlier.exclude(revision=message.current).order_by("-revision__number").first()
    words = (edited.rendition, edited.report) if edited else composed(message, statement, account)
    rendition, report = following(message, account, *words)
    version = Version(
        revision=message.current, account=account, report=report, is_edited=bool(edited), is_stale=bool(edited),
        edited_by=edited.edited_by if edited else None,
    )  # fmt: skip
    return _judged(version, rendition, statement, message)


def _redescribed(version: Version, statement: Statement, message: Message) -> Version:
    """A stored version, with its pictures described as they are now: a description is part of what is sealed."""
    now = {media.sha256: media for media in statement.media}
    rendition = version.rendition
    media = tuple(now.get(item.sha256, item) for item in rendition.media)
    return (
        version if media == rendition.media else _judged(version, replace(rendition, media=media), statement, message)
    )


def composed(message: Message, statement: Statement, account: Account) -> tuple[Rendition, dict[str, Any]]:
    """The rules' own version for this account, and what they gave up for it."""
    made = compose(
        statement, level=account.level, voice=account.brand.charter.levels.get(account.level),
        channel=account.channel_class, limits=account.limits, link=link_of(message), published=read_on(message, account.level),
    )  # fmt: skip
    return made.rendition, made.report


def following(
    message: Message, account: Account, rendition: Rendition, report: dict[str, Any]
) -> tuple[Rendition, dict[str, Any]]:
    """The words, opened as an erratum where they follow a letter that left and said something else. Never twice."""
    if report.get("erratum") or not takes_errata(account.channel_class):
        return rendition, report
    last = message.deliveries.filter(account=account, state="published").order_by("pk").last()
    if last is None or last.digest == seal.digest(rendition.to_json(), account=account.public_id):
        return rendition, report
    return as_erratum(rendition), {**report, "erratum": True}


def link_of(message: Message) -> str:
    """The message's own page: every post's link and code leads there."""
    return f"{settings.BASE_URL}/m/{message.public_id}"


def _judged(version: Version, rendition: Rendition, statement: Statement, message: Message) -> Version:
    """The version with the guard's verdict and the channel's own check; not stored."""
    account = version.account
    version.read_on = read_on(message, account.level)
    verdict = guard(
        statement,
        rendition,
        level=account.level,
        published=version.read_on,
        furniture=version.report.get("furniture", ""),
    )
    problems = account.channel_class.check(rendition, account.limits)
    version.body = rendition.to_json()
    charter, said = account.brand.charter, stated(rendition)
    stops = charter.stops(said, message.language, account.level, on=version.read_on)
    version.verdict = {**verdict.to_json(), "tone": stops}
    version.problems = [{"code": p.code, "over": p.over, **p.facts} for p in problems]
    version.digest = seal.digest(version.body, account=account.public_id)
    version.override_reason, version.override_by, version.at = "", None, timezone.now()
    return version


@verb
def edit(version: Version, *, by: Person, text: str, title: str | None = None) -> Version:
    """Write a version by hand. Raises NotNow once it was planned."""
    version = _changeable(version)
    rendition = replace(version.rendition, text=text.strip())
    if title is not None:
        rendition = replace(rendition, title=title.strip())
    if rendition.html:
        rendition = replace(rendition, html=from_text(rendition.text))
    version.is_edited, version.is_stale, version.edited_by = True, False, by
    message = version.revision.message
    version = _judged(version, rendition, statement_of(version.revision), message)
    version.save()
    record(by, "edit_version", message, account=version.account.public_id)
    return version


@verb
def reset(version: Version, *, by: Person) -> Version:
    """Back to the rules' own version. Raises NotNow once it was planned."""
    version = _changeable(version)
    statement, message = statement_of(version.revision), version.revision.message
    words = composed(message, statement, version.account)
    rendition, version.report = following(message, version.account, *words)
    version.is_edited = version.is_stale = False
    version = _judged(version, rendition, statement, message)
    version.save()
    record(by, "reset_version", message, account=version.account.public_id)
    return version


@verb
def override(version: Version, *, by: Person, reason: str) -> Version:
    """Answer for the guard's faults, with a reason that stays in the journal. A channel's limit can't be overridden."""
    version = _changeable(version)
    if not reason.strip():
        raise BadInput("reason_needed")
    if not by.has_role("communicator", "approver"):
        raise NotNow("needs_role", role="communicator")
    version.override_reason, version.override_by = reason.strip(), by
    version.save(update_fields=["override_reason", "override_by"])
    record(by, "override", version.revision.message, account=version.account.public_id, reason=reason.strip())
    return version


def _changeable(version: Version) -> Version:
    version = (
        Version.objects.select_for_update(of=("self",))
        .select_related("revision__message", "account")
        .get(pk=version.pk)
    )
    message = version.revision.message
    if message.revision_id != version.revision_id:
        raise NotNow("changed_since")
    planned = message.deliveries.filter(account=version.account, revision=version.revision)
    if planned.exclude(state__in=["cancelled", "superseded"]).exists():
        raise NotNow("already_sent")
    return version


def faulty(versions: Iterable[Version]) -> list[Version]:
    """Those that can't be scheduled as they stand."""
    return [version for version in versions if not version.can_be_scheduled]
