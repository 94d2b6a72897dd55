"""What a verb can answer instead of yes, and each code in the reader's language.

Verbs raise `BadInput`, `NotAllowed` or `NotNow` with a code and values; channels raise outcomes with codes of
`channels.contract.Code`. The sentences are here, once: what happened, what is safe, what to do.
"""

from __future__ import annotations

from typing import Any

from diffusion.words import WORDS


class No(Exception):
    """A verb says no. `code` is a key of WORDS; `facts` fill its sentence."""

    status = 400

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        return word(self.code, "en", **self.facts)


class BadInput(No):
    """What was given can't be taken; it says what can."""


class NotAllowed(No):
    """This person may not do this."""

    status = 403


class NotNow(No):
    """It could be done, but not in this state; or somebody was faster."""

    status = 409


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def word(code: str, language: str, **facts: Any) -> str:
    """The sentence of `code` in `fr` or `en`. A code without one is shown as it is, so that nothing is hidden."""
    pair = WORDS.get(code)
    if pair is None:
        return code
    return pair[0 if language.startswith("fr") else 1].format_map(_Blank(facts))
