"""Several submissions, one message: what they say differently is told before they are joined, or before one is attached to
a message; and of those joined stays told until a person settled it. Submissions never change: only the message's words are chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.utils import timezone

from diffusion.directory.models import Authority
from diffusion.facts.disputes import Held, Key, Saying, hold, settle
from diffusion.intake.models import Submission
from diffusion.message import when

COMPARED = 8
"""Submissions that are held against each other, in pairs; those beyond are joined as they are."""


@dataclass(frozen=True, slots=True)
class Choice:
    """How a person joins. `base` is the place of the one that gives title, place and first words; `settled` are values
    by the dispute's number; `only_new`: of the others only the paragraphs that state a fact of their own."""

    base: int = 0
    settled: Mapping[int, str] = field(default_factory=dict)
    only_new: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """What one submission says: a title on one line, and a body."""

    title: str
    body: str

    def __str__(self) -> str:
        return f"{self.title}\n\n{self.body}"


def text_of(submission: Submission) -> Text:
    """As a message says it: an event's dates are words."""
    title = submission.title or submission.text.partition("\n")[0][:120]
    return Text(" ".join(title.split()), body_of(submission))


def body_of(submission: Submission) -> str:
    zone = Authority.get().zone
    place = submission.place if submission.place not in submission.text else ""
    dates = when.sentence(submission.starts, submission.ends, place=place, zone=zone, lang=submission.language)
    if submission.is_cancelled:
        dates = {"fr": "Annulé. ", "en": "Cancelled. "}[submission.language] + dates
    return "\n\n".join(part for part in (dates, submission.text.strip()) if part)


def held(rows: Sequence[Submission]) -> Held:
    """What these say differently, and what only one says; numbers are their places."""
    return hold([str(text_of(row)) for row in rows[:COMPARED]], lang=rows[0].language, published=read_on(rows[0]))


def held_with(said: str, row: Submission, lang: str) -> Held:
    """What a message that says this, and a submission, say differently; the message is the first."""
    return hold([said, str(text_of(row))], lang=lang, published=read_on(row))


def read_on(row: Submission) -> date:
    """The day from which « demain » is read."""
    return timezone.localtime(row.received_at, Authority.get().zone).date()


def joined(rows: Sequence[Submission], choice: Choice) -> Text:
    """One text of all, the base's title and words first; a paragraph that several say stands once."""
    texts = [text_of(row) for row in rows]
    if len(rows) > 1:
        texts = _chosen(rows, texts, choice)
    first = texts[choice.base]
    bodies = dict.fromkeys(text.body for text in [first, *texts] if text.body)
    return Text(first.title, "\n\n".join(bodies))


def _chosen(rows: Sequence[Submission], texts: Sequence[Text], choice: Choice) -> list[Text]:
    lang, on, found = rows[0].language, read_on(rows[0]), held(rows)
    settled = settle([str(text) for text in texts], found.disputes, choice.settled, lang=lang, published=on)
    chosen = [Text(title, body) for title, _blank, body in (text.partition("\n\n") for text in settled)]
    own = [[one.fact.text for one in found.alone if one.text == number] for number in range(len(rows))]
    return [
        text
        if number == choice.base
        else replace(text, body=_added(text, own[number], choice.only_new and number < COMPARED))
        for number, text in enumerate(chosen)
    ]


def _added(text: Text, own: Sequence[str], only_new: bool) -> str:
    """What a text adds to the base: its words, or those that state a fact of its `own`; its title where only that does."""
    parts = text.body.split("\n\n")
    if only_new:
        parts = [part for part in parts if any(words in part for words in own)]
    if any(words in text.title and words not in text.body for words in own):
        parts.insert(0, text.title)
    return "\n\n".join(parts)


def unsettled(rows: Sequence[Submission], stated: Iterable[Key]) -> list[list[Saying]]:
    """What these say differently, and a message that states these facts says both ways."""
    keys = set(stated)
    found = held(rows).disputes if len(rows) > 1 else ()
    return [said for dispute in found if (said := dispute.stated_in(keys))]
