"""What a message states, as the pure rooms read it: one truth, and what each level adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from channels.contract import Media
from diffusion.rendition.markdown import clean, to_text

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Statement:
    """One revision. `body` and the additions are Markdown; `additions` are keyed by level.

    `essential` None: those of its headline (`headline.py`). `links` are addresses that belong to the message.
    """

    title: str
    body: str
    language: str = "fr"
    additions: Mapping[str, str] = field(default_factory=dict)
    media: tuple[Media, ...] = ()
    links: tuple[str, ...] = ()
    essential: tuple[Pair, ...] | None = None

    def body_for(self, level: str) -> str:
        """The Markdown that this level reads: the body, what the level adds, the links that neither names."""
        said = [self.body.strip(), self.additions.get(level, "").strip()]
        said += [link for link in self.links if link not in self.body and link not in said[1]]
        return "\n\n".join(part for part in said if part)

    def text_for(self, level: str) -> str:
        """All that may be said at this level, as plain text, title first: what versions are held against."""
        return "\n\n".join(part for part in (self.title_text, to_text(self.body_for(level))) if part)

    @property
    def title_text(self) -> str:
        """The title on one line."""
        return " ".join(clean(self.title).split("\n")).strip()

    def foreign(self, level: str) -> dict[str, str]:
        """What other levels add, as plain text: said at this one, it is a leak."""
        return {other: to_text(text) for other, text in self.additions.items() if other != level and text.strip()}
