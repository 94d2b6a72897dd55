"""`check` says what the rules find; `apply` puts the safe fixes in and lists the others.

A pass finds everything on one text and applies what does not overlap; passes follow until nothing moves, so that applying
twice is applying once. Their edits are composed: what is reported always refers to the input.
"""

from __future__ import annotations

import contextlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from diffusion.tone.rule import Applied, Change, Finding, Fix, Hit, Level, Page, Rule
from diffusion.tone.scopes import Markup

PASSES = 6  # two do, in all texts seen; a pair of rules that undo each other must not loop

Key = tuple[str, int]
"""A change's rule and start, in the input."""

TIMED_OUT = {
    "fr": "La règle a pris trop de temps sur ce texte et n’a pas été vérifiée.",
    "en": "The rule took too long on this text and was not checked.",
}


class Edit(NamedTuple):
    start: int
    end: int
    after: str
    rule: str


def check(
    text: str, rules: Sequence[Rule], lang: str, *, markup: str = "plain", reader: str = ""
) -> tuple[Finding, ...]:
    """All findings, by start. Messages are in the `reader`'s language, by default the text's own."""
    page = Page(text, lang, Markup(markup))
    found = [finding for rule in _for(rules, lang) for finding in _findings(page, rule, reader or lang)]
    once: dict[tuple[int, int, str], Finding] = {}
    for finding in found:  # where two rules say the same, the first one's words
        once.setdefault(
            (finding.start, finding.end, finding.fixes[0].after if finding.fixes else finding.rule), finding
        )
    return tuple(sorted(once.values(), key=lambda f: (f.start, f.end)))


def apply(
    text: str,
    rules: Sequence[Rule],
    lang: str,
    *,
    markup: str = "plain",
    refused: frozenset[Key] = frozenset(),
    accepted: frozenset[Key] = frozenset(),
) -> Applied:
    """Put the safe fixes in. `refused` changes, named by rule and start as an earlier call on the same input listed them, stay undone;
    `accepted` proposals are applied with the safe ones.

    Applied changes never overlap each other, nor do proposals; a proposal may contain an applied change, and takes it in when accepted.
    """
    mine = tuple(rule for rule in _for(rules, lang) if rule.fixes)
    frozen: list[tuple[int, int]] = []
    while True:
        result = _apply(text, mine, lang, Markup(markup), frozen, accepted)
        again = [(c.start, c.end) for c in result.changes if c.applied and (c.rule, c.start) in refused]
        if set(again) <= set(frozen):  # nothing is refused, or nothing more can be
            kept = tuple(c for c in result.changes if c.applied or (c.rule, c.start) not in refused)
            return Applied(result.text, kept)
        frozen += again


def _for(rules: Iterable[Rule], lang: str) -> Iterable[Rule]:
    return (rule for rule in rules if rule.lang in ("", lang))


def _findings(page: Page, rule: Rule, reader: str) -> Iterable[Finding]:
    try:
        for hit in _hits(page, rule):
            yield _finding(page, rule, hit, reader)
    except TimeoutError:  # a charter's own pattern: what blocks must block when it can't be checked
        level = Level.BLOCKS if rule.level is Level.BLOCKS else Level.PROPOSED
        yield Finding(rule.id, level, 0, 0, "", (), TIMED_OUT.get(reader, TIMED_OUT["en"]))


def _hits(page: Page, rule: Rule) -> Iterator[Hit]:
    """What a rule finds where it may: a place that must not be touched can be named, not rewritten. Raises TimeoutError."""
    if rule.needs and not any(need in page.low for need in rule.needs):
        return
    for hit in rule.find(page):
        if rule.apart and page.is_in(hit.start, hit.end, rule.apart):
            continue
        if page.allows(hit.start, hit.end) or not hit.afters:
            yield hit


def _is_safe(rule: Rule, hit: Hit) -> bool:
    return rule.level is Level.FIXED if hit.safe is None else hit.safe


def _finding(page: Page, rule: Rule, hit: Hit, reader: str) -> Finding:
    safe = _is_safe(rule, hit)
    level = rule.level if rule.level is Level.BLOCKS else Level.FIXED if safe else Level.PROPOSED
    fixes = tuple(Fix(after, safe and at == 0) for at, after in enumerate(hit.afters))
    found = page.text[hit.start : hit.end]
    return Finding(rule.id, level, hit.start, hit.end, found, fixes, rule.say(reader, *(hit.said or (found,))))


def _edits(page: Page, rules: Iterable[Rule]) -> tuple[list[Edit], list[Edit]]:
    """What the rules would write, by rule: what is safe, and what is only proposed. A pattern that runs out of time writes nothing."""
    safe: list[Edit] = []
    proposed: list[Edit] = []
    for rule in rules:
        with contextlib.suppress(TimeoutError):
            for hit in _hits(page, rule):
                if hit.afters:
                    to = safe if _is_safe(rule, hit) else proposed
                    to.append(Edit(hit.start, hit.end, hit.afters[0], rule.id))
    return safe, proposed


def _apply(
    text: str,
    rules: Sequence[Rule],
    lang: str,
    markup: Markup,
    frozen: list[tuple[int, int]],
    accepted: frozenset[Key],
) -> Applied:
    edits: list[Edit] = []
    proposals: list[Edit] = []
    now = text
    for number in range(PASSES):
        wanted, proposed = _edits(Page(now, lang, markup), rules)
        if number == 0:
            taken = [e for e in (*wanted, *proposed) if (e.rule, e.start) in accepted]
            wanted = taken + [e for e in wanted if (e.rule, e.start) not in accepted]
            proposals = _claim([e for e in proposed if (e.rule, e.start) not in accepted], len(now))
            rules = [rule for rule in rules if rule.level is Level.FIXED]  # no other has a safe fix
        fresh = [e for e in _claim(wanted, len(now)) if not _touches(e, frozen, edits)]
        if not fresh:
            break
        edits = compose(edits, fresh, now, text)
        now = rewrite(text, edits)
    return Applied(now, _changes(text, edits, proposals))


def _claim(wanted: Iterable[Edit], length: int) -> list[Edit]:
    """Those that don't overlap, the first asked first served, in order of place."""
    taken, inside, points = bytearray(length + 1), bytearray(length + 1), bytearray(length + 1)
    out: list[Edit] = []
    for edit in wanted:
        start, end = edit.start, edit.end
        if start == end:
            if points[start] or inside[start]:
                continue
            points[start] = 1
        elif taken.find(1, start, end) >= 0 or points.find(1, start + 1, end) >= 0:
            continue
        else:
            taken[start:end] = b"\1" * (end - start)
            inside[start + 1 : end] = b"\1" * (end - start - 1)
        out.append(edit)
    return sorted(out, key=lambda e: (e.start, e.end))


def _touches(edit: Edit, frozen: list[tuple[int, int]], earlier: list[Edit]) -> bool:
    """Would it write where a person refused? `edit` is in the current text, `frozen` in the input."""
    if not frozen:
        return False
    start, end = to_input(edit.start, earlier), to_input(edit.end, earlier)
    return any((start < b and end > a) or (start == a and end == b) for a, b in frozen)


def to_input(at: int, edits: Sequence[Edit]) -> int:
    """Where an offset of the edited text stood in the input."""
    shift = 0
    for edit in edits:
        begin = edit.start + shift
        if at < begin or (at == begin and edit.start != edit.end):
            break
        finish = begin + len(edit.after)
        if at < finish:
            return edit.start
        shift = finish - edit.end
    return at - shift


def rewrite(text: str, edits: Sequence[Edit]) -> str:
    """The text with these edits, which are in order and don't overlap."""
    out: list[str] = []
    at = 0
    for edit in edits:
        out += (text[at : edit.start], edit.after)
        at = edit.end
    return "".join([*out, text[at:]])


def compose(first: Sequence[Edit], second: Sequence[Edit], middle: str, text: str) -> list[Edit]:
    """One list of edits of the input `text` for two in a row: `first` gave `middle`, `second` edits that."""
    if not first:
        return [edit for edit in second if text[edit.start : edit.end] != edit.after]
    marked: list[tuple[int, int, Edit, bool]] = []
    shift = 0
    for edit in first:
        begin = edit.start + shift
        marked.append((begin, begin + len(edit.after), edit, True))
        shift += len(edit.after) - (edit.end - edit.start)
    marked += [(e.start, e.end, e, False) for e in second]
    marked.sort(key=lambda m: (m[0], m[1]))
    groups: list[list[tuple[int, int, Edit, bool]]] = []
    reach = -1
    for item in marked:
        if groups and (item[0] < reach or (item[0] == reach and _joins(groups[-1], item, reach))):
            groups[-1].append(item)
        else:
            groups.append([item])
        reach = max(reach, item[1]) if len(groups[-1]) > 1 else item[1]
    return _joined(groups, middle, text)


def _joins(group: list[tuple[int, int, Edit, bool]], item: tuple[int, int, Edit, bool], reach: int) -> bool:
    """Do they only touch, but where one is empty and of the other list, so that their order in the input would be lost?"""
    empty = item[0] == item[1] or any(a == b == reach for a, b, _, _ in group)
    return empty and any(is_first is not item[3] for _, _, _, is_first in group)


def _joined(groups: list[list[tuple[int, int, Edit, bool]]], middle: str, text: str) -> list[Edit]:
    out: list[Edit] = []
    shift = 0  # middle offset minus input offset, after the groups so far
    for group in groups:
        low, high = min(m[0] for m in group), max(m[1] for m in group)
        local = [Edit(e.start - low, e.end - low, e.after, e.rule) for _, _, e, is_first in group if not is_first]
        grown = sum(len(e.after) - (e.end - e.start) for _, _, e, is_first in group if is_first)
        start, end = low - shift, high - shift - grown
        shift += grown
        after = rewrite(middle[low:high], local)
        rule = next((e.rule for _, _, e, is_first in group if is_first), group[0][2].rule)
        if text[start:end] != after:
            out.append(Edit(start, end, after, rule))
    return out


def _changes(text: str, edits: list[Edit], proposals: list[Edit]) -> tuple[Change, ...]:
    changes = [Change(e.rule, e.start, e.end, text[e.start : e.end], e.after, True) for e in edits]
    starts, ends = [e.start for e in edits], [e.end for e in edits]
    for p in proposals:
        near = edits[bisect_right(ends, p.start) : bisect_left(starts, p.end)]
        if all(p.start <= e.start and e.end <= p.end and e[:2] != p[:2] for e in near):
            changes.append(Change(p.rule, p.start, p.end, text[p.start : p.end], p.after, False))
    return tuple(sorted(changes, key=lambda c: (c.start, c.end, not c.applied)))


def unproved(rule: Rule) -> list[tuple[str, str]]:
    """The examples that the rule does not keep, each with what it did instead."""
    out: list[tuple[str, str]] = []
    lang = rule.lang or "fr"
    for example in rule.wrong:
        found = check(example.text, (rule,), lang)
        if not found:
            out.append((example.text, "∅"))
            continue
        taken = frozenset((rule.id, f.start) for f in found)
        got = apply(example.text, (rule,), lang, accepted=taken).text
        again = apply(
            got, (rule,), lang, accepted=frozenset((rule.id, f.start) for f in check(got, (rule,), lang))
        ).text
        if (example.after is not None and got != example.after) or again != got:
            out.append((example.text, again if again != got else got))
    out += [(text, hits[0].found) for text in rule.right if (hits := check(text, (rule,), lang))]
    return out
