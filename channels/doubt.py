"""The part of the conformance suite about errors and faulty lines: each documented error becomes its outcome, and what
may have gone out is never called "try later".
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from channels.contract import Absent, Act, Channel, Code, Prepared, Receipt, Rendition
from channels.outcomes import TryLater, Uncertain
from channels.subject import ErrorCase, Line, Subject, new_key, published, raised, ready

Check = Callable[[Subject], None]

DEADLINE_S = 2.0
"""Seconds that `publish` is given on a line that went silent."""
GRACE_S = 2.0
"""Seconds over the deadline that a loaded machine may need to notice."""


ACTED = frozenset({Line.CUT_AFTER, Line.HALF, Line.SILENT_AFTER, Line.DRIP})
DOUBTFUL = (Line.CUT_BEFORE, Line.SILENT_BEFORE, *sorted(ACTED))


def maps(case: ErrorCase) -> Check:
    def check(subject: Subject) -> None:
        channel = subject.channel()
        acts: dict[str, Callable[[Channel, Rendition, Receipt, Prepared], Any]] = {
            "publish": lambda c, r, receipt, p: c.publish(r, p, new_key()),
            "prepare": lambda c, r, receipt, p: ready(c, r),
            "edit": lambda c, r, receipt, p: c.edit(receipt, r, p),
            "delete": lambda c, r, receipt, p: c.delete(receipt),
            "find": lambda c, r, receipt, p: c.find(new_key(), r, datetime.now(UTC), p),
            "probe": lambda c, r, receipt, p: c.probe(),
        }
        rendition = subject.fresh(subject.with_media if case.act == "prepare" else None)
        needs_one = case.act in ("edit", "delete")
        receipt = published(subject, channel, rendition)[0] if needs_one else Receipt("0")
        prepared = Prepared() if case.act == "prepare" else ready(channel, rendition)
        with case.arrange():
            outcome = raised(lambda: acts[case.act](subject.channel(), rendition, receipt, prepared))
        assert isinstance(outcome, case.outcome), f"{case.name} became {outcome!r}: {outcome.evidence}"
        assert case.code is None or outcome.code == case.code, f"{case.name} became {outcome!r}: {outcome.evidence}"

    check.__name__ = f"maps_{case.name}"
    return check


def survives(line: Line) -> Check:
    """Doubt is said to be doubt, in time, and looking then tells the truth."""

    def check(subject: Subject) -> None:
        assert subject.line is not None
        channel, rendition, before = subject.channel(), subject.fresh(), subject.count()
        prepared, key, since = ready(channel, rendition), new_key(), datetime.now(UTC)
        channel.deadline = DEADLINE_S  # type: ignore[misc]
        subject.line.set(line)
        began = time.monotonic()
        try:
            outcome = raised(lambda: channel.publish(rendition, prepared, key))
            took = time.monotonic() - began
        finally:
            subject.line.set(Line.PASS)
        assert isinstance(outcome, Uncertain), f"bytes had left, and it became {outcome!r}: {outcome.evidence}"
        assert took < DEADLINE_S + GRACE_S, f"it took {took:.1f} s of {DEADLINE_S} s"
        assert subject.count() == before + (line in ACTED), "it was sent other than once"
        if Act.FIND in channel.can:
            time.sleep(subject.consistency_s)
            found = subject.channel().find(key, rendition, since, prepared)
            assert isinstance(found, Receipt if line in ACTED else Absent), f"looking said {found!r}"

    check.__name__ = f"survives_{line}"
    return check


def knows_that_nothing_left(subject: Subject) -> None:
    assert subject.line is not None
    channel, rendition, before = subject.channel(), subject.fresh(), subject.count()
    prepared = ready(channel, rendition)
    subject.line.set(Line.REFUSED)
    try:
        outcome = raised(lambda: channel.publish(rendition, prepared, new_key()))
    finally:
        subject.line.set(Line.PASS)
    assert (type(outcome), outcome.code) == (TryLater, Code.UNREACHABLE), f"nothing left, and it became {outcome!r}"
    assert subject.count() == before


def bears_a_repeated_request(subject: Subject) -> None:
    """A box on the way that sends the request twice: harmless where the channel's own facility holds."""
    assert subject.line is not None
    channel, rendition, before = subject.channel(), subject.fresh(), subject.count()
    prepared = ready(channel, rendition)
    subject.line.set(Line.REPEATED)
    try:
        channel.publish(rendition, prepared, new_key())
    except Uncertain:
        pass
    finally:
        subject.line.set(Line.PASS)
    assert subject.count() == before + 1
