"""A version in the making: what is dropped for good, what must stay, and how much each unit gives up."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from diffusion.rendition.sentences import BULLET, Part
from diffusion.rendition.sheet import Level, Sheet

_WHEN = frozenset({"date", "recurrence"})

LIST = 3
"""Lines that make a list; of two, one may be enough."""

_LONG_WORD = re.compile(r"[^\W\d_]{5,}")

_SHORT_TOPIC = 40
"""Code points; a shorter topic, « ALERTE EAU. », costs little and says much."""


@dataclass
class Plan:
    """A choice in the making. `caps` hold single units back to a gentler level than `level`."""

    sheet: Sheet
    level: Level
    gone: set[int] = field(default_factory=set)  # dropped for good by earlier rungs
    required: set[int] = field(default_factory=set)
    caps: dict[int, Level] = field(default_factory=dict)
    is_bare: bool = False  # sentences may lean on whatever stands before them
    kept: list[int] = field(default_factory=list)
    groups: dict[tuple[int, bool], frozenset[int]] = field(default_factory=dict)
    measured: dict[str, int] = field(default_factory=dict)
    lone: set[int] = field(default_factory=set)  # lines that stay alone of their list, and so stand without a bullet
    required_over: int = 1  # by how much what is required was too long when last tried

    def said(self, index: int) -> str:
        said = self.sheet.render(index, self.level_of(index))
        if index in self.lone and (bullet := BULLET.match(said)):
            said = said[bullet.end() :]
            return said[:1].upper() + said[1:]
        return said

    def level_of(self, index: int) -> Level:
        """Only what carries something essential is cut to its core."""
        level = self.level if self.sheet.wanted_in(index) else min(self.level, Level.SHORTER)
        if index == self.topic:  # what the text is about stays a sentence
            level = min(level, Level.FRAGMENTS)
        return min(level, self.caps.get(index, level))

    def with_needs(self, indexes: Iterable[int]) -> set[int]:
        """These units and all that they lean on."""
        return set[int]().union(*map(self._group, indexes))

    def _group(self, index: int) -> frozenset[int]:
        key = (index, self.is_bare)
        if key not in self.groups:
            self.groups[key] = frozenset(self._leant_on(index))
        return self.groups[key]

    def _leant_on(self, start: int) -> set[int]:
        done: set[int] = set()
        todo = [start]
        while todo:
            index = todo.pop()
            if index in done:
                continue
            done.add(index)
            if index == start and self.stands_alone(index):
                continue
            todo += self._bare_needs(index) if self.is_bare else self.sheet.units[index].needs
        return done

    def stands_alone(self, index: int) -> bool:
        """Whether a line is the only one of its list that must stay: « Quelques conseils : » is then left out."""
        needs, units = self.sheet.units[index].needs, self.sheet.units
        if len(needs) != 1 or not self.sheet.wanted_in(index) or self.sheet.wanted_in(needs[0]):
            return False
        below = self.below(needs[0])
        is_idle = len(below) > 1 and self.sheet.words.announces.search(units[needs[0]].text) is not None
        return is_idle and not any(self.sheet.wanted_in(other) for other in below if other != index)

    def _bare_needs(self, index: int) -> list[int]:
        """A line keeps its heading; a sentence may lean on whatever stands before it."""
        return [n for n in self.sheet.units[index].needs if self.sheet.units[n].part in (Part.HEADING, Part.ITEM)]

    def below(self, heading: int) -> list[int]:
        """The lines that a heading announces."""
        units = self.sheet.units
        is_heading = units[heading].part is Part.HEADING
        return [i for i, unit in enumerate(units) if heading in unit.needs and i not in self.gone] if is_heading else []

    def missing_below(self, index: int, kept: Collection[int]) -> list[int]:
        """The first lines under a heading of which none is kept: a heading that announces nothing is worse than none."""
        below = self.below(index)
        return [] if any(i in kept for i in below) else below[: 1 if len(below) < LIST else 2]

    def announces_nothing(self, index: int, left: Collection[int]) -> bool:
        """Whether this is a heading below which nothing is left, and that states nothing essential itself."""
        units = self.sheet.units
        is_heading = units[index].part is Part.HEADING and not self.sheet.wanted_in(index)
        return is_heading and not any(index in units[other].needs for other in left)

    @property
    def title(self) -> int | None:
        return next((i for i, unit in enumerate(self.sheet.units) if unit.part is Part.TITLE), None)

    @property
    def lead(self) -> int | None:
        """The first sentence that is no question and no title."""
        for index, unit in enumerate(self.sheet.units):
            if unit.part in (Part.SENTENCE, Part.LINE) and not unit.text.rstrip().endswith("?"):
                return index
        return None

    @property
    def topic(self) -> int | None:
        """The unit that says what the text is about: its title, or its first sentence."""
        for index, unit in enumerate(self.sheet.units):
            if index not in self.gone and unit.part not in (Part.COURTESY, Part.TAGS, Part.HEADING):
                return index
        return None

    @property
    def core(self) -> int | None:
        """A sentence that says what is when and needs no topic before it, where the topic states nothing essential."""
        topic = self.topic
        if topic is None or self.sheet.wanted_in(topic):
            return None
        part, about = self.sheet.units[topic].part, self.sheet.units[topic].text.casefold()
        if part not in (Part.SENTENCE, Part.TITLE) or (part is Part.SENTENCE and len(about) < _SHORT_TOPIC):
            return None
        for index, unit in enumerate(self.sheet.units):
            kinds = {kind for kind, _ in self.sheet.wanted_in(index)}
            if unit.part is Part.SENTENCE and not unit.needs and kinds & _WHEN and len(kinds) > 1:
                says = self._repeats if part is Part.TITLE else self._says_its_subject
                return index if says(index, about) else None
        return None

    def _repeats(self, index: int, about: str) -> bool:
        """Whether a sentence names what the title is about, so that it may stand without it."""
        stems = {word[:6] for word in _LONG_WORD.findall(about)}
        return any(word[:6] in stems for word in _LONG_WORD.findall(self.said(index).casefold()))

    def _says_its_subject(self, index: int, about: str) -> bool:
        """« Le stationnement sera interdit », « Un agent vous appellera »; not « La réunion » of the topic."""
        words, said = self.sheet.words, self.said(index)
        if words.whole.match(said):
            return True
        subject = words.subject.match(said)
        return self.sheet.says_state(index) and subject is not None and subject["head"].casefold()[:5] not in about
