"""A charter on trial: do its rules keep their own examples, and how much do they find in texts that a person thinks good? Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from diffusion import tone
from diffusion.brand.voice import Charter
from diffusion.tone.engine import unproved
from diffusion.tone.measures import WORD

FACES = {
    "fr": (
        "{0} règles, {1} exemples joués, {2} en échec, {3} règles sans exemple.",
        "{0:>6} pour mille mots  {1:>4} ×  {2}",
    ),
    "en": (
        "{0} rules, {1} examples played, {2} failed, {3} rules without any.",
        "{0:>6} per thousand words  {1:>4} ×  {2}",
    ),
}


@dataclass(frozen=True, slots=True)
class Failure:
    rule: str
    text: str
    got: str


@dataclass(frozen=True, slots=True)
class Trial:
    """`found` is (file, line, column, finding); `words` those of all texts together."""

    rules: int
    examples: int
    failed: tuple[Failure, ...]
    without: tuple[str, ...]
    words: int
    found: tuple[tuple[str, int, int, tone.Finding], ...]

    def by_rule(self) -> list[tuple[str, int, float]]:
        """Each rule's findings, and how many in a thousand words, most first."""
        counts = Counter(finding.rule for *_, finding in self.found)
        return [(rule, n, 1000 * n / max(self.words, 1)) for rule, n in counts.most_common()]

    def as_row(self) -> dict[str, Any]:
        return {
            "rules": self.rules,
            "examples": self.examples,
            "failed": [{"rule": f.rule, "text": f.text, "got": f.got} for f in self.failed],
            "without_example": list(self.without),
            "words": self.words,
            "found": [
                {"rule": rule, "count": n, "per_thousand_words": round(per, 2)} for rule, n, per in self.by_rule()
            ],
        }

    def lines(self, lang: str, *, show: bool) -> Iterator[str]:
        head, row = FACES["fr" if lang == "fr" else "en"]
        yield head.format(self.rules, self.examples, len(self.failed), len(self.without))
        yield from (f"{f.rule}: {f.text} → {f.got}" for f in self.failed)
        if show:
            for file, line, column, f in self.found:
                instead = f" → {f.fixes[0].after}" if f.fixes else ""
                yield f"{file}:{line}:{column}: {f.rule}: {f.found}{instead}: {f.message}"
        yield from (row.format(f"{per:.1f}", n, rule) for rule, n, per in self.by_rule())


def trial(
    charter: Charter,
    texts: Sequence[tuple[str, str]],
    *,
    level: str = "",
    on: date | None = None,
    reader: str = "fr",
    markup: str = "markdown",
) -> Trial:
    """Play the examples of every rule of the charter's languages; look at texts, as (name, text), in the charter's own."""
    rules = {rule.id: rule for lang in ("fr", "en") for rule in charter.rules(lang, level, on=on)}.values()
    failed = tuple(Failure(rule.id, text, got) for rule in rules for text, got in unproved(rule))
    examples = sum(len(rule.wrong) + len(rule.right) for rule in rules)
    mine = charter.rules(charter.lang, level, on=on)
    found = [
        (name, text.count("\n", 0, f.start) + 1, f.start - text.rfind("\n", 0, f.start), f)
        for name, text in texts
        for f in tone.check(text, mine, charter.lang, markup=markup, reader=reader)
    ]
    words = sum(len(WORD.findall(text)) for _, text in texts)
    without = tuple(rule.id for rule in rules if not rule.wrong)
    return Trial(len(rules), examples, failed, without, words, tuple(found))
