"""How much room a channel leaves for a text, and what its alphabet makes dear."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from channels.contract import Channel, Limits

Measure = Callable[[str], int]
Limit = int | Callable[[str], int]
"""A number, or the limit of a given text: an SMS holds less as soon as one letter leaves its alphabet."""

_PLAIN = {
    "’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "«": '"', "»": '"', "…": "...", "–": "-", "—": "-", "‑": "-",
    "−": "-", "•": "-", "·": "-", "\u00a0": " ", "\u202f": "\u00a0", "\u2009": " ", "œ": "oe", "Œ": "OE", "→": ">",
    "½": "1/2",
}  # fmt: skip
"""What may stand for a character where the character itself costs more than its length."""


@dataclass(frozen=True, slots=True)
class Room:
    """`measure` counts as the channel does; `suffix` (link, hashtags, signature) must fit behind the text."""

    measure: Measure
    limit: Limit
    suffix: str = ""
    is_plain: bool = False
    _known: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    def size(self, text: str) -> int:
        """Of the text alone."""
        return self.measure(self.plain(text) if self.is_plain else text)

    def length(self, text: str) -> int:
        """Of the text with its suffix."""
        return self.measure(self._whole(text))

    def over(self, text: str) -> int:
        """By how much the text with its suffix is too long; zero or less: it fits."""
        whole = self._whole(text)
        return self.measure(whole) - (self.limit if isinstance(self.limit, int) else self.limit(whole))

    def plainly(self) -> Room:
        """The room there is for a text that will be said with plain characters; the suffix stays as it is."""
        return replace(self, is_plain=True)

    def _whole(self, text: str) -> str:
        return (self.plain(text) if self.is_plain else text) + self.suffix

    def plain(self, text: str) -> str:
        """The text with cheaper characters for those that this channel makes dear: « e » for « ê » in an SMS."""
        dear = {char for char in set(text) if not char.isascii() and self._cheap(char) != char}
        if not dear:
            return text
        text = text.replace("n°", "no") if "°" in dear else text
        said = text.translate({ord(char): self._cheap(char) for char in dear})
        return "\n".join(line.strip() for line in said.split("\n"))

    def _cheap(self, char: str) -> str:
        if char not in self._known:
            self._known[char] = self._cheaper(char)
        return self._known[char]

    def _cheaper(self, char: str) -> str:
        bare = Room(self.measure, self.limit)
        cost = bare.over(char)
        for other in self._others(char):
            if bare.over(other) < cost:
                return other
        return "" if cost - bare.over("") > 2 else char

    @staticmethod
    def _others(char: str) -> tuple[str, ...]:
        known = _PLAIN.get(char)
        stripped = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
        chain = [known, _PLAIN.get(known or ""), stripped if stripped.isascii() else None]
        return tuple(other for other in chain if other)


def room_of(channel: type[Channel], limits: Limits | None = None, suffix: str = "") -> Room:
    """The room on a channel, or on one server of it that states its own limits. Without a limit everything fits."""
    rules = limits or channel.limits

    def measure(text: str) -> int:
        return channel.length(text, rules)

    def limit(text: str) -> int:
        ceiling = rules.ceiling(text)
        room = UNLIMITED if ceiling is None else ceiling
        if rules.text_bytes is not None and len(text.encode("utf-8", "replace")) > rules.text_bytes:
            excess = len(text.encode("utf-8", "replace")) - rules.text_bytes
            room = min(room, measure(text) - excess)
        return room

    return Room(measure, limit, suffix)


UNLIMITED = 1 << 40
