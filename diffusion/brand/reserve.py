"""The months before an election, when a public body praises neither itself nor its elected members. Pure: the day is handed in.

In France: from the first day of the sixth month before the election's (Code électoral, art. L52-1), to its last round.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import regex

from diffusion.tone import load as tone
from diffusion.tone.kinds import Avoid, plain
from diffusion.tone.rule import Level, Rule

MONTHS = 6


@dataclass(frozen=True, slots=True)
class Election:
    """`day` is its first round's, `until` its last one's; `since` is given where the law sets no number of months."""

    name: str
    day: date
    until: date | None = None
    since: date | None = None

    @property
    def begins(self) -> date:
        if self.since:
            return self.since
        months = self.day.year * 12 + self.day.month - 1 - MONTHS
        return date(months // 12, months % 12 + 1, 1)

    def holds(self, on: date) -> bool:
        """Is that day within the reserve?"""
        return self.begins <= on <= (self.until or self.day)


_NAMED = {
    "fr": "Réserve électorale ({0}) : ne citez pas « %s ».",
    "en": "Pre-election period ({0}): leave out “%s”.",
}


def naming(elected: tuple[str, ...], election: Election) -> Rule:
    """Whoever sits, or stands, is not named: by the whole name, or by a title and the last word of it."""
    last = tuple(name.split()[-1] for name in elected)
    titled = r"(?:M\.|MM\.|Mme|Mr|Mrs|Ms|Cllr|Councillor|maire|mayor|député|députée|élue?s?)[ \u00a0]"
    ends = "|".join(regex.escape(name, special_only=True) for name in last)
    pattern = rf"{tone.word_pattern(elected)}|(?<![\p{{L}}]){titled}(?:{ends})(?![\p{{L}}])"
    return Avoid(
        id="reserve.elected",
        level=Level.BLOCKS,
        message={lang: said.format(election.name) for lang, said in _NAMED.items()},
        source="Code électoral, art. L52-1, 2e alinéa",
        needs=tuple(plain(name) for name in last),
        pattern=regex.compile(pattern, regex.IGNORECASE),
        timeout_s=tone.TIMEOUT_S,
    )
