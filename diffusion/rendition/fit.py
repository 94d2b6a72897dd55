"""From a message to a channel's room without losing an essential fact.

The ladder is a tuple of small functions named for what they give up or, further down, for all that they keep; each
docstring says what goes. The first rung whose result fits, states every essential fact and contradicts none wins, and
its name is kept. Whole sentences and lines go first; nothing is ever cut inside a fact, a link or a grapheme.
Deterministic: the same text gives the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from diffusion.rendition.headline import Pair
from diffusion.rendition.plan import Plan
from diffusion.rendition.repeats import repeated
from diffusion.rendition.room import Limit, Measure, Room
from diffusion.rendition.sentences import Part
from diffusion.rendition.settle import Pick, dropped, settle
from diffusion.rendition.sheet import Level, read

UNCHANGED = "unchanged"
PLAIN_CHARACTERS = "plain_characters"


@dataclass(frozen=True, slots=True)
class Fitted:
    """`length` as the channel counts it, suffix included; `dropped` in the text's own words and order.

    `rung` is the name of the function that won, or one of the two above where nothing had to go.
    """

    text: str
    length: int
    dropped: tuple[str, ...]
    rung: str


class TooLong(Exception):
    """No version keeps the essential facts in this room. `over` is by how much the shortest one is too long."""

    def __init__(self, over: int, essential: tuple[Pair, ...]) -> None:
        super().__init__(f"too long by {over}")
        self.over = over
        self.essential = essential


def drop_courtesies(plan: Plan) -> Pick:
    """Greetings, thanks, apologies, sign-offs, lines of hashtags."""
    plan.gone |= {i for i, unit in enumerate(plan.sheet.units) if unit.part in (Part.COURTESY, Part.TAGS)}
    return Pick.ALL


def drop_asides(plan: Plan) -> Pick:
    """Brackets that state no fact."""
    plan.level = Level.ASIDES
    return Pick.ALL


def shorten_phrases(plan: Plan) -> Pick:
    """Long ways to say a short thing; the year of a near date."""
    plan.level = Level.SHORT
    return Pick.ALL


def drop_repetitions(plan: Plan) -> Pick:
    """Sentences that say again what another one says; a title that the first sentence repeats."""
    plan.gone |= repeated(plan.sheet, plan.gone)
    return Pick.ALL


def drop_sentences(plan: Plan) -> Pick:
    """The sentences that carry least for their length."""
    return Pick.BEST


def drop_clauses(plan: Plan) -> Pick:
    """Reasons, purposes and partners inside sentences that stay."""
    plan.level = Level.CLAUSES
    return Pick.BEST


def drop_weekdays(plan: Plan) -> Pick:
    """The weekday before a date, the scheme of a link, the words around hours."""
    plan.level = Level.SHORTER
    return Pick.BEST


def drop_topic(plan: Plan) -> Pick:
    """What the text opens with, where a sentence with the essential says by itself what it is about."""
    plan.level = Level.CLAUSES
    return Pick.CORE


def drop_topic_and_weekdays(plan: Plan) -> Pick:
    """Both: what the text opens with, and the weekdays."""
    plan.level = Level.SHORTER
    return Pick.CORE


def keep_cores(plan: Plan) -> Pick:
    """All between commas that carries nothing essential."""
    plan.level = Level.CORE
    return Pick.BEST


def keep_title(plan: Plan) -> Pick:
    """The sentences that others lean on, where a title says what all are about."""
    plan.is_bare = True
    plan.gone.discard(-1 if plan.title is None else plan.title)  # dropped as a repetition, it is needed again
    return Pick.BEST


def keep_fragments(plan: Plan) -> Pick:
    """Inside sentences, all but the stretches with something essential."""
    plan.level = Level.FRAGMENTS
    return Pick.BEST


def keep_lead(plan: Plan) -> Pick:
    """The title, since the first sentence says what the text is about."""
    return Pick.LEAD


def keep_labels(plan: Plan) -> Pick:
    """Sentences: of each, its essential facts are left with all that leads to them in their clause."""
    plan.level = Level.LABELS
    return Pick.BEST


def keep_panel(plan: Plan) -> Pick:
    """Sentences: the title and the essential facts are left, as on a panel."""
    plan.level = Level.PANEL
    return Pick.BEST


def keep_facts(plan: Plan) -> Pick:
    """Whatever is not an essential fact."""
    return Pick.BARE


LADDER: tuple[Callable[[Plan], Pick], ...] = (
    drop_courtesies,
    drop_asides,
    shorten_phrases,
    drop_repetitions,
    drop_sentences,
    drop_clauses,
    drop_weekdays,
    drop_topic,
    drop_topic_and_weekdays,
    keep_cores,
    keep_title,
    keep_fragments,
    keep_lead,
    keep_labels,
    keep_panel,
    keep_facts,
)


def fit(
    text: str,
    *,
    lang: str,
    published: date,
    limit: Limit,
    measure: Measure,
    essential: Iterable[Pair] | None = None,
    suffix: str = "",
) -> Fitted:
    """The longest good version of `text` that `measure` finds within `limit`, `suffix` (not returned) included.

    `essential` None: those of the text's headline; of those given, the ones that the text states.
    A text that fits comes back unchanged. Raises TooLong.
    """
    room = Room(measure, limit, suffix)
    if room.over(text) <= 0:
        return Fitted(text, room.length(text), (), UNCHANGED)
    plain = room.plain(text)
    if plain != text and plain.strip() and room.over(plain) <= 0:
        return Fitted(plain, room.length(plain), (), PLAIN_CHARACTERS)
    plan = Plan(read(text, lang=lang, published=published, essential=essential), Level.WHOLE)
    plainly, over = room.plainly(), room.over(plain)
    for rung in LADDER:
        settled = settle(plan, plainly, rung(plan), over)
        if settled is not None and (settled := room.plain(settled)).strip():
            return Fitted(settled, room.length(settled), dropped(plan), rung.__name__)
    raise TooLong(plan.required_over, tuple(sorted(plan.sheet.wanted)))
