"""One suite that every channel passes, importable by other people's adapters. No test framework is needed.

Whoever writes an adapter describes it once as a `Subject`: how to make the channel, what the other side really holds
(asked of the server, not of the adapter), which error to provoke how, and a line that can be made faulty. Then

    for check in checks_for(subject):
        check(subject)          # raises AssertionError, with a sentence

`tests/channels/subjects/` has one file a channel, and is the example.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from channels.contract import Absent, Act, Code, Health, Idempotency, Prepared, Receipt, Rendition, Unknowable
from channels.doubt import DOUBTFUL, Check, bears_a_repeated_request, knows_that_nothing_left, maps, survives
from channels.http import Http
from channels.outcomes import Outcome, Refused, Uncertain
from channels.outside import Verdict
from channels.subject import Subject, new_key, published, raised, ready

# what is declared


def declares_itself(subject: Subject) -> None:
    channel = type(subject.channel())
    assert channel.name == subject.name
    assert channel.label
    assert channel.kind
    for name, info in channel.Credentials.model_fields.items():
        assert info.title, f"the credential {name} has no title for its form"
        assert info.description, f"the credential {name} has no help"
    assert 0 < channel.deadline <= 60, "a publish must end before any lease does"
    assert channel.absence is None or Act.FIND in channel.can, "absence is proved by looking"


def hides_its_secrets(subject: Subject) -> None:
    channel = subject.channel()
    shown = repr(channel.credentials) + repr(channel) + channel.credentials.model_dump_json()
    for name, value in channel.credentials:
        if hasattr(value, "get_secret_value") and value.get_secret_value():
            assert value.get_secret_value() not in shown, f"{name} is shown in full"


def composes_purely(subject: Subject) -> None:
    channel, rendition = subject.channel(), subject.fresh()
    first = channel.compose(rendition)
    assert first == channel.compose(Rendition.from_json(json.loads(json.dumps(rendition.to_json()))))
    assert json.dumps(first, default=str)


def checks_its_limits(subject: Subject) -> None:
    channel = subject.channel()
    assert channel.check(subject.sample) == ()
    if subject.longest:
        assert channel.check(subject.longest) == (), "what just fits is said not to fit"
        channel.publish(subject.longest, ready(channel, subject.longest), new_key())
    if subject.too_long:
        problems = channel.check(subject.too_long)
        assert problems, "what is too long is said to fit"
        assert problems[0].over > 0, "it doesn't say by how much"
        if subject.enforces_limits:
            outcome = raised(lambda: channel.publish(subject.too_long or subject.sample, Prepared(), new_key()))
            assert isinstance(outcome, Refused), f"the server refused, and it became {outcome!r}"


def probes(subject: Subject) -> None:
    before = subject.count()
    assert isinstance(subject.channel().probe(), Health)
    assert subject.count() == before, "a probe posted something"


# publish, and what follows


def publishes(subject: Subject) -> None:
    channel, rendition, before = subject.channel(), subject.fresh(), subject.count()
    receipt, _, _ = published(subject, channel, rendition)
    assert receipt.id, "a receipt without an id proves nothing"
    assert receipt.at is None or abs((receipt.at - datetime.now(UTC)).total_seconds()) < 300
    assert subject.count() == before + 1
    if subject.text_of:
        held = subject.text_of(receipt)
        assert held is not None, "the server holds nothing under this receipt"
        assert rendition.text.split("Réf. ")[1] in held


def publishes_media(subject: Subject) -> None:
    assert subject.with_media is not None
    channel, rendition, before = subject.channel(), subject.fresh(subject.with_media), subject.count()
    prepared = ready(channel, rendition)
    again = ready(channel, rendition)
    assert json.loads(json.dumps(dict(prepared.data))) == dict(prepared.data), "what prepare gives must be storable"
    channel.prepare(rendition, prepared)
    channel.publish(rendition, again, new_key())
    assert subject.count() == before + 1


def finds(subject: Subject) -> None:
    channel, rendition, since = subject.channel(), subject.fresh(), datetime.now(UTC)
    prepared, key = ready(channel, rendition), new_key()
    early = channel.find(key, rendition, since, prepared)
    if Act.FIND not in channel.can:
        assert isinstance(early, Unknowable), "it can't find, and doesn't say so"
        return
    assert isinstance(early, Absent), f"nothing was posted, and it found {early!r}"
    receipt = channel.publish(rendition, prepared, key)
    time.sleep(subject.consistency_s)
    found = channel.find(key, rendition, since, prepared)
    assert isinstance(found, Receipt), f"it is there, and was not found: {found!r}"
    assert found.id == receipt.id
    other = channel.find(new_key(), subject.fresh(), since, Prepared())
    assert not isinstance(other, Receipt), "it found what was never posted"


def repeats_harmlessly_or_says_so(subject: Subject) -> None:
    channel, rendition, before = subject.channel(), subject.fresh(), subject.count()
    receipt, prepared, key = published(subject, channel, rendition)
    if channel.idempotency is Idempotency.NONE:
        return
    again: Receipt | Outcome
    try:
        again = channel.publish(rendition, prepared, key)
    except Outcome as outcome:
        again = outcome
    if isinstance(again, Receipt):
        assert again.id == receipt.id, "the same key has two receipts"
    else:
        assert isinstance(again, Uncertain) or again.code == Code.DUPLICATE, f"a repeat became {again!r}"
    assert subject.count() == before + 1, "the same key was published twice"


def edits(subject: Subject) -> None:
    channel, rendition, before = subject.channel(), subject.fresh(), subject.count()
    receipt, prepared, _ = published(subject, channel, rendition)
    corrected = subject.fresh()
    after = channel.edit(receipt, corrected, prepared)
    assert after.id == channel.edit(receipt, corrected, prepared).id, "an edit must bear repeating"
    assert subject.count() == before + 1, "an edit made a second publication"
    if subject.text_of:
        held = subject.text_of(after) or ""
        assert corrected.text.split("Réf. ")[1] in held
        assert rendition.text.split("Réf. ")[1] not in held


def deletes_twice(subject: Subject) -> None:
    channel, rendition, before = subject.channel(), subject.fresh(), subject.count()
    receipt, _, _ = published(subject, channel, rendition)
    channel.delete(receipt)
    assert subject.count() == before
    channel.delete(receipt)
    if subject.text_of:
        assert subject.text_of(receipt) is None


def is_seen_from_outside(subject: Subject) -> None:
    """As anybody would see it: what it says, what it no longer says, and that it is gone. Without credentials."""
    channel, rendition = subject.make(_Anybody(subject.http())), subject.fresh()
    receipt = published(subject, subject.channel(), rendition)[0]
    shown = subject.shown(receipt, rendition)
    seen = channel.seen(shown, rendition)
    assert seen, "it says that it can be seen, and shows nothing"
    assert seen.verdict is Verdict.RIGHT, f"what was published is said to differ: {seen.differs}"
    other = channel.seen(shown, subject.fresh())
    assert other, "it was there a moment ago"
    assert other.verdict is Verdict.CHANGED, f"other words are said to be there: {other}"
    if Act.DELETE in channel.can:
        subject.channel().delete(receipt)
        gone = channel.seen(shown, rendition)
        assert gone, "it was there a moment ago"
        assert gone.verdict is Verdict.GONE, f"what was deleted is said to be there: {gone}"


class _Anybody(Http):
    """A way out for whoever has no credentials."""

    def __init__(self, http: Http) -> None:
        self._gate = http._gate
        self.user_agent, self.before_bytes = http.user_agent, None

    def _api_request(self, method: str, url: str, headers: Mapping[str, str], *more: Any) -> Any:
        assert "Authorization" not in headers, "looked with credentials: that shows what others may not see"
        assert method == "GET", f"looking is no {method}"
        return super()._api_request(method, url, headers, *more)


def counts_reactions(subject: Subject) -> None:
    channel = subject.channel()
    receipt, _, _ = published(subject, channel, subject.fresh())
    figures = channel.metrics(receipt).figures
    assert figures
    assert all(isinstance(value, int) for value in figures.values())


def refuses_private_addresses(subject: Subject) -> None:
    """With no exception listed, the server on this very machine may not be reached."""
    channel, connections = subject.make(Http()), subject.line.connections if subject.line else 0
    outcome = raised(lambda: channel.publish(subject.fresh(), Prepared(), new_key()))
    assert (type(outcome), outcome.code) == (Refused, Code.ADDRESS_FORBIDDEN), f"it became {outcome!r}"
    assert subject.line is None or subject.line.connections == connections, "a connection was opened all the same"


class LeaseLost(Exception):
    """What an engine would raise from `before_bytes`."""


def asks_before_the_first_byte(subject: Subject) -> None:
    def lost() -> None:
        raise LeaseLost

    http, rendition, before = subject.http(), subject.fresh(), subject.count()
    prepared = ready(subject.make(http), rendition)
    try:
        subject.make(http.before(lost)).publish(rendition, prepared, new_key())
    except LeaseLost:
        assert subject.count() == before, "it had left"
        return
    raise AssertionError("publish never asked")


def checks_for(subject: Subject) -> Iterator[Check]:
    """What applies to this channel, by what it declares."""
    channel = type(subject.channel())
    yield from (declares_itself, hides_its_secrets, composes_purely, checks_its_limits, probes, publishes, finds)
    yield repeats_harmlessly_or_says_so
    optional: tuple[tuple[bool, Check], ...] = (
        (subject.with_media is not None, publishes_media),
        (Act.EDIT in channel.can, edits),
        (Act.DELETE in channel.can, deletes_twice),
        (Act.METRICS in channel.can, counts_reactions),
        (Act.SEE in channel.can, is_seen_from_outside),
        (channel.networked, refuses_private_addresses),
        (channel.networked, asks_before_the_first_byte),
    )
    yield from (check for applies, check in optional if applies)
    yield from (maps(case) for case in subject.errors)
    if subject.line is not None:
        yield knows_that_nothing_left
        yield from (survives(line) for line in DOUBTFUL)
        if channel.idempotency is not Idempotency.NONE:
            yield bears_a_repeated_request
