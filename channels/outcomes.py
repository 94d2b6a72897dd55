"""What a channel can answer instead of a receipt: five outcomes, raised.

They carry codes and values, never sentences: `diffusion.errors` words them in the reader's language.
What to do next is the engine's business; what an answer *means* is each adapter's, in its `ERRORS` table.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from channels.declared import Per


class Outcome(Exception):
    """Not a receipt. `code` is one of `contract.Code`; `facts` are values for the sentence; `evidence` is the vendor's own words."""

    name: ClassVar[str] = "outcome"
    is_ours = False
    """Found by ourselves before anybody was asked: it says nothing of the account's server."""

    def __init__(self, code: str, *, evidence: str = "", **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.evidence = evidence[:2000]
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.name}:{self.code}"

    def ours(self) -> Self:
        """The same, found by ourselves."""
        self.is_ours = True
        return self


class TryLater(Outcome):
    """Nothing was posted, and it is safe to repeat. `after` is in seconds; None leaves the pause to the engine."""

    name = "try_later"

    def __init__(self, code: str, *, after: float | None = None, evidence: str = "", **facts: Any) -> None:
        super().__init__(code, evidence=evidence, **facts)
        self.after = after


class Throttled(Outcome):
    """The channel asks to wait. Spends no attempt. `after` is in seconds from now, by the channel's own word.

    `per` says of whom, where this very answer tells; None: of whom the channel declares (`Channel.waits_per`).
    """

    name = "throttled"

    def __init__(
        self, code: str = "rate_limited", *, after: float, per: Per | None = None, evidence: str = "", **facts: Any
    ) -> None:
        super().__init__(code, evidence=evidence, **facts)
        self.after = after
        self.per = per


class Disconnected(Outcome):
    """The account itself is not let in: it pauses, and its owner is told how to reconnect."""

    name = "disconnected"


class Refused(Outcome):
    """The channel will never take this as it is; a person is needed."""

    name = "refused"


class Uncertain(Outcome):
    """It may have gone out. Never repeated before somebody has looked."""

    name = "uncertain"

    def __init__(self, code: str = "no_answer", *, evidence: str = "", **facts: Any) -> None:
        super().__init__(code, evidence=evidence, **facts)
