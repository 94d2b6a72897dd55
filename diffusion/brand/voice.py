"""Who speaks: a brand's charter as values, and the rules that follow from them for a language, a level and a day. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from diffusion.brand.reserve import Election, naming
from diffusion.brand.wording import Forbidden, Name, Word, mention
from diffusion.tone import check
from diffusion.tone import load as tone
from diffusion.tone.inclusive import Inclusive
from diffusion.tone.kinds import plain
from diffusion.tone.rule import Level, Rule
from diffusion.tone.spelling import Spell

_INCLUSIVE = {
    "fr": "La charte choisit une autre écriture pour parler de toutes et tous.",
    "en": "The charter writes of women and men in another way.",
}
_SPELLING = {"fr": "« %s » n’est dans aucun dictionnaire connu.", "en": "“%s” is in no dictionary that is known."}


@dataclass(frozen=True, slots=True)
class LevelVoice:
    """What one level's versions carry: a sentence that must be in them, how they are signed, their hashtags, how they address people."""

    mention: str = ""
    signature: str = ""
    hashtags: tuple[str, ...] = ()
    address: str = ""


@dataclass(frozen=True, slots=True)
class Charter:
    """A brand's identity and the rules of its tone. Without a file: typography, and no words of its own."""

    name: str = ""
    lang: str = "fr"
    source: str = ""
    colours: tuple[str, ...] = ()
    names: tuple[Name, ...] = ()
    vocabulary: tuple[Word, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    levels: Mapping[str, LevelVoice] = field(default_factory=dict)
    take: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()
    severity: Mapping[str, Level] = field(default_factory=dict)
    address: str = ""
    inclusive: str = ""
    spelling: bool = False
    words: tuple[str, ...] = ()
    elections: tuple[Election, ...] = ()
    elected: tuple[str, ...] = ()
    own: tuple[Rule, ...] = ()
    worded: tuple[Rule, ...] = field(default=(), repr=False)
    lists: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict, repr=False)
    """The ready lists that it may need, by name."""

    def rules(self, lang: str, level: str = "", *, on: date | None = None) -> tuple[Rule, ...]:
        """The charter's rules in that language, then its typography; with a level, also what that level requires.

        `on`, a day: with it, what an election's reserve asks if it falls within one.
        """
        voice = self.levels.get(level, LevelVoice())
        required = (mention(level, voice.mention),) if voice.mention else ()
        mine = (*self.worded, *self.own, *required, *self._chosen(voice.address or self.address, lang, on))
        kept = tuple(self._weighed(rule) for rule in mine if rule.lang in ("", lang) and rule.id not in self.without)
        return kept + tuple(rule for rule in tone.typography(lang) if rule.id not in self.without)

    def _weighed(self, rule: Rule) -> Rule:
        level = self.severity.get(rule.id)
        return replace(rule, level=level) if level and level is not rule.level else rule

    def stops(self, text: str, lang: str, level: str, *, on: date | None = None) -> list[dict[str, Any]]:
        """What a version of that level may not say: each place, its rule, and why in both languages."""
        rules = [rule for rule in self.rules(lang, level, on=on) if rule.level is Level.BLOCKS]
        return [
            {
                "rule": f.rule, "start": f.start, "end": f.end, "text": f.found, "blocks": True,
                "why": {"fr": f.message, "en": other.message},
            }
            for f, other in zip(*(check(text, rules, lang, reader=reader) for reader in ("fr", "en")), strict=True)
        ]  # fmt: skip

    @property
    def known(self) -> frozenset[str]:
        """Words that no dictionary need have: the charter's own, those of its names and of what it has said."""
        said = [word for entry in self.vocabulary for word in entry.say]
        written = [name.write for name in self.names] + [self.name, *self.elected]
        return frozenset(plain(word) for text in (*self.words, *said, *written) for word in tone.words_of(text))

    def _chosen(self, address: str, lang: str, on: date | None) -> Iterator[Rule]:
        """The rules of its choices: ready lists, address, writing for women and men, spelling, an election's reserve."""
        for name in (*self.take, f"{lang}.{address}"):
            yield from self.lists.get(name, ())
        if self.inclusive:
            yield Inclusive(id="inclusive", lang="fr", message=_INCLUSIVE, form=self.inclusive)
        if self.spelling:
            yield Spell(id="spelling", message=_SPELLING, known=self.known)
        if election := next((each for each in self.elections if on and each.holds(on)), None):
            yield from self.lists.get(f"{lang}.reserve", ())
            if self.elected:
                yield naming(self.elected, election)
