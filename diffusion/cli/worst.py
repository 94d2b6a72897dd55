"""What can happen at worst, by channel and fault: a table for the guarantees, told from what the channels declare."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from channels import registry
from channels.contract import Act, Channel, Idempotency, Kind, Per

Told = Callable[[type[Channel]], str]
NEVER = "–"
"""Of what can't befall a channel: our own pages are rows of the same database, and no request leaves for them."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`told` is what it comes to on one channel; `rests` says on whom that rests, `asked` what is left to a person and
    how rare that is; `broken` are the faults of `make chaos` that show it."""

    name: str
    told: Told
    rests: str
    asked: str
    broken: tuple[str, ...]


def _outward(told: Told) -> Told:
    return lambda kind: told(kind) if kind.networked else NEVER


def _unanswered(kind: type[Channel]) -> str:
    if not kind.networked:
        return "read in our own rows"
    if Act.FIND in kind.can and kind.absence is not None:
        return f"looked for: there → published; not found twice, the last time after {kind.absence:g} s → sent again"
    if kind.kind is Kind.NEWSLETTER:
        return "that mail alone in doubt; sent again where its relay is declared to drop second copies"
    return "in doubt, until a person looks"


def _repeated(kind: type[Channel]) -> str:
    ends = {
        Idempotency.CHOSEN_ID: "one: the id is ours",
        Idempotency.HEADER: "one, as long as its server keeps our key; else two, shown",
        Idempotency.NONE: "two, shown",
    }
    more = ", and taking the second away is offered" if Act.DELETE in kind.can and kind.networked else ""
    relay = "; one where its relay drops second copies" if kind.kind is Kind.NEWSLETTER else ""
    end = ends[kind.idempotency]
    return end + (more or relay if end.endswith("shown") else "")


def _lagging(kind: type[Channel]) -> str:
    if Act.FIND not in kind.can or kind.absence is None:
        return NEVER
    found = f"waits at least {kind.absence:g} s; a list that lags longer: "
    return found + ("one, if the key is honoured" if kind.idempotency is Idempotency.HEADER else "two, shown")


def _slowed(kind: type[Channel]) -> str:
    who = "all accounts on that server wait" if kind.waits_per is Per.HOST else "that account waits"
    return f"{who}, no try is spent"


def _amended(kind: type[Channel]) -> str:
    if Act.EDIT in kind.can:
        return "done again, which changes nothing more"
    return "an erratum is proposed" if kind.kind is Kind.NEWSLETTER else "done by hand"


def _changed(kind: type[Channel]) -> str:
    if Act.SEE not in kind.can:
        return "not seen" if kind.networked else NEVER
    return (
        "the letter's own page is looked at, mails are not"
        if kind.kind is Kind.NEWSLETTER
        else "seen within a day, told once"
    )


FAULTS = (
    Fault(
        "a process dies, or the broker is lost, before the request",
        lambda kind: "goes a lease later",
        "us: lease and row", "nothing", ("sigkill", "redis-flushall", "crash-points"),
    ),
    Fault(
        "no server is reached: name, connection, certificate",
        _outward(lambda kind: "tried again for a day, or as long as it is useful"),
        "us: no byte has left", "what a day did not bring", ("network-refused", "names-unknown"),
    ),
    Fault(
        "the answer is cut, late, an error or unreadable; a process dies within the request",
        _unanswered,
        "the channel's list, or its relay; us: nothing is sent blind",
        "where it can't look; a look that fails for an hour; of letters a mail for each connection that is cut",
        ("channel-never-answers", "channel-closes-within-body", "channel-500-after", "channel-200-html"),
    ),
    Fault(
        "a worker frozen past its lease wakes between its last check and its first byte",
        _repeated,
        "us: the check right before; then the channel's key", "to choose which of two stays", ("sigstop",),
    ),
    Fault(
        "the channel's list lags behind what it accepted",
        _outward(_lagging),
        "the channel: what it declares; its key", "a doubt that no look settles", ("channel-list-lags", "channel-list-lags-beyond"),
    ),
    Fault(
        "the channel says \"slow down\"",
        _outward(_slowed),
        "the channel's word, shared by all workers", "after a day of it", ("channel-429",),
    ),
    Fault(
        "the credentials no longer work",
        _outward(lambda kind: "the account pauses, the others go on"),
        "us", "to connect it anew", ("channel-401-in-a-batch",),
    ),
    Fault(
        "a correction or withdrawal is cut",
        _amended,
        "the channel: an edit names its post", "where the channel has no such act", ("crash-points",),
    ),
    Fault(
        "somebody changes it on the channel",
        _changed,
        "what anybody is shown there", "what to do about it", (),
    ),
)  # fmt: skip


def shown() -> list[type[Channel]]:
    """The channels that publish, in the registry's order."""
    return [kind for kind in registry.all_channels() if kind.publishes]


def table() -> str:
    """The table as Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "| fault | " + " | ".join(f"`{kind.name}`" for kind in shown()) + " | rests on | left to a person |"
    yield "| --- " * (len(shown()) + 3) + "|"
    for fault in FAULTS:
        cells = (fault.name, *(fault.told(kind) for kind in shown()), fault.rests, fault.asked)
        yield "| " + " | ".join(cells) + " |"
