"""Weekdays in a row, joined by words of a list or a range: « lundi, mardi et jeudi », « du mardi au samedi »."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from diffusion.facts.lexicon import any_of, lexicon, meanings
from diffusion.facts.reading import Reading
from diffusion.facts.scan import Scanner

CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Run:
    """Weekdays in a row: « lundi, mardi et jeudi », « du mardi au samedi »."""

    start: int
    end: int
    weekdays: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    is_range: bool
    is_plural: bool
    is_short: bool


def rule(weekdays: tuple[int, ...] | list[int], interval: int = 1) -> str:
    """RFC 5545's parts in the order FREQ, INTERVAL, BYDAY, days from Monday."""
    every = f"INTERVAL={interval};" if interval > 1 else ""
    return f"FREQ=WEEKLY;{every}BYDAY={','.join(CODES[d] for d in sorted(set(weekdays)))}"


@cache
def weekday_names(lang: str) -> Scanner:
    names = any_of(f for fs in lexicon(lang)["weekdays"].values() for f in fs)
    plural = "(?P<s>s)?" if lang != "en" else "(?P<s>\x03)?"
    return Scanner(rf"(?<![\w'])(?P<day>{names}){plural}(?P<dot>\.)?(?!\w|'(?!s\b)|-(?!{names})[a-z])")


_JOINT = re.compile(
    r" ?(?P<to>au|a|-|jusqu'au|to|until|through|>|→)? ?(?:,|et|&|/|ou|and|or|puis|\+)? ?(?:le |les |the |on |tous les )?"
)


def runs(reading: Reading, lang: str) -> Iterator[Run]:
    """Weekdays joined by words of range or list."""
    names = meanings(lang, "weekdays")
    run: list[tuple[re.Match[str], bool]] = []
    for m in weekday_names(lang).over(reading):
        gap = reading.plain[run[-1][0].end() : m.start()] if run else ""
        joint = _JOINT.fullmatch(gap) if run and 0 < len(gap) < 16 and gap.strip() else None
        if joint is None and reading.plain[m.start() - 1 : m.start()] == "-" and m.start():
            continue  # « Jean-Mardi »; in « lun.-ven. » the one before it joins
        if joint is None:
            yield from _closed(run, names, lang)
            run = []
        run.append((m, joint is not None and joint["to"] is not None))
    yield from _closed(run, names, lang)


def _closed(run: list[tuple[re.Match[str], bool]], names: dict[str, int], lang: str) -> Iterator[Run]:
    if not run:
        return
    out: list[int] = []
    ties = [is_to for _, is_to in run] + [False]
    for at, (m, is_to) in enumerate(run):
        weekday = names[m["day"]]
        is_to = is_to and not (ties[at - 1] or ties[at + 1])  # « lundi-mercredi-vendredi » are three days
        if is_to and out:
            first = out[-1]
            out += [(first + step) % 7 for step in range(1, (weekday - first) % 7 + 1)]
        else:
            out.append(weekday)
    is_plural = any(m["s"] or (lang == "en" and m["day"].endswith("days")) for m, _ in run)
    is_short = all(len(m["day"]) <= 4 or m["day"] == "thurs" for m, _ in run)
    spans = tuple((m.start(), m.start("dot") if m["dot"] else m.end()) for m, _ in run)
    yield Run(run[0][0].start(), spans[-1][1], tuple(out), spans, any(t for _, t in run), is_plural, is_short)
