"""What `doctor` asks outside: the relay of our own mails, the DNS about their senders, each account's channel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import parseaddr

from django.core.checks import CheckMessage

from channels.contract import Health
from channels.outcomes import Outcome
from diffusion import vault
from diffusion.accounts import trouble
from diffusion.accounts.connect import channel_of
from diffusion.accounts.models import Account
from diffusion.cli import dns
from diffusion.cli.findings import finding
from diffusion.cli.main import language
from diffusion.config import Config
from diffusion.directory.outbox import Outbox
from diffusion.errors import No, word

Found = Iterator[CheckMessage]

AT_ONCE = 8
RESERVED = frozenset({"localhost", "example", "test", "invalid", "local", "internal"})
"""Top names that nobody outside looks up: RFC 2606, 6761, 6762."""


def relay(config: Config) -> Found:
    """Whether the relay of our own mails lets us in. Nothing is sent."""
    if config.email_url is None:
        return
    try:
        Outbox().try_out()
    except OSError as fault:  # smtplib's errors are
        yield finding("M001", fault=" ".join(str(fault).split())[:200] or type(fault).__name__)


def senders(config: Config) -> Found:
    """SPF, DKIM and DMARC of every domain that we write from: without them mails end among the unwanted."""
    for domain in sorted(_domains(config)):
        try:
            yield from _domain(domain)
        except dns.NoAnswer:
            yield finding("M006", domain)
            return


def _domain(domain: str) -> Found:
    spf = [text for text in dns.ask(domain).texts if text.lower().split(" ")[0] == "v=spf1"]
    if len(spf) != 1:
        yield finding("M003" if spf else "M002", domain, domain=domain, count=len(spf))
    if not dns.ask(f"_domainkey.{domain}").exists:
        yield finding("M004", domain, domain=domain)
    if not any(_has_policy(parent) for parent in _upwards(domain)):
        yield finding("M005", domain, domain=domain)


def _has_policy(domain: str) -> bool:
    return any(text.lower().startswith("v=dmarc1") for text in dns.ask(f"_dmarc.{domain}").texts)


def _upwards(domain: str) -> Iterable[str]:
    """The domain and those above it, a top name apart: a policy of the organisation's holds below it."""
    labels = domain.split(".")
    return (".".join(labels[n:]) for n in range(len(labels) - 1))


def _domains(config: Config) -> set[str]:
    """Of our own mails, where a relay takes them, and of each letter."""
    addresses = [parseaddr(config.from_email)[1]] if config.email_url else []
    for account in Account.objects.filter(channel="smtp", is_rehearsal=False, paused_at=None):
        try:
            addresses.append(str(vault.unseal(account.sealed).get("sender", "")))
        except No:
            continue  # told as A002
    found = {address.rpartition("@")[2].lower() for address in addresses}
    return {domain for domain in found if "." in domain and domain.rpartition(".")[2] not in RESERVED}


def probes(_config: Config) -> Found:
    """Who each account's channel says we are. A paused account is told already; our own pages need no asking."""
    rows = [row for row in Account.objects.filter(paused_at=None) if row.channel_class.networked and not row.is_silent]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for account, said in zip(rows, pool.map(_probe, rows), strict=True):
            if isinstance(said, str):
                yield finding("A004", account.slug, name=account.name, slug=account.slug, why=word(said, language()))
            elif said.warnings:
                what = " ".join(trouble.said(code, language()) for code in said.warnings)
                yield finding("A005", account.slug, name=account.name, slug=account.slug, what=what)


def _probe(account: Account) -> Health | str:
    """What the channel said, or the code of why it did not."""
    try:
        return channel_of(account).probe()
    except (Outcome, No) as fault:
        return fault.code
