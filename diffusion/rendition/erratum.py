"""What follows a letter that can't be edited any more: the corrected words, opened so that its reader sees why it comes.

The opening is a proposal, made with the version: it is counted, judged, edited and sealed as any other of its words.
"""

from __future__ import annotations

from dataclasses import replace

from channels.contract import Channel, Kind, Rendition

PREFIX = {"fr": "Erratum\u00a0: ", "en": "Correction: "}
"""What opens the title, by the language of the words."""


def takes_errata(channel: type[Channel]) -> bool:
    """Letters do: a mail that left can't be changed, and a second one with a plain title is what their readers expect."""
    return channel.kind is Kind.NEWSLETTER


def as_erratum(rendition: Rendition) -> Rendition:
    """The same words as the proposal of an erratum."""
    return replace(rendition, title=PREFIX["en" if rendition.language == "en" else "fr"] + rendition.title)
