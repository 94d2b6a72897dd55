"""What holds for every text: twice is once, no text raises, time is linear, what is protected stays."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffusion.tone import apply, check, typography
from diffusion.tone.scopes import Markup, protected

BITS = [
    *" \u00a0\u202f\n\t'’\"“”«»!?;:.,…-–()[]{}*_`#@&%€°/\\<>=0189aAéÉLMnhHe🎉\u200d\u0301\ue000",
    *("...", "l'", "qu'", "8h30", "14h00", "9 H", "12 000", "12000", "1500 €", "01 60 00 00 00", "0160000000"),
    *("n°", "1er", "2ème", "XXIème", "1 mars", "le Mardi 3", " Mars", "A ", "A partir", "Etat", "M. D", "20 %", "km/h"),
    *("https://x.fr/?a=1;b", "a@b.fr", "@toi", "#Eau", "<b>", "</b>", "<code>", "&nbsp;", "](x)", "```", ":)", ";-)"),
    *('"mot"', "« mot »", " - ", " - que - il", "0 800 06 66 66", "+33 1 60 00 00 00", "Tél:", "mot ", "\r\n"),
]
texts = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(BITS), max_size=25).map("".join))
langs = st.sampled_from(["fr", "en"])
markups = st.sampled_from(list(Markup))


@settings(max_examples=200, deadline=None)
@given(texts, langs, markups)
def test_applying_twice_is_applying_once(text: str, lang: str, markup: str) -> None:
    once = apply(text, typography(lang), lang, markup=markup)
    twice = apply(once.text, typography(lang), lang, markup=markup)

    assert twice.text == once.text
    assert not [change for change in twice.changes if change.applied]


@settings(max_examples=150, deadline=None)
@given(texts, langs, markups)
def test_changes_refer_to_the_input_and_never_overlap(text: str, lang: str, markup: str) -> None:
    applied = apply(text, typography(lang), lang, markup=markup)

    rebuilt, at = "", 0
    for change in (c for c in applied.changes if c.applied):
        assert change.start >= at
        assert text[change.start : change.end] == change.before
        rebuilt += text[at : change.start] + change.after
        at = change.end
    assert rebuilt + text[at:] == applied.text
    for one, other in zip(proposals := [c for c in applied.changes if not c.applied], proposals[1:], strict=False):
        assert one.end <= other.start


@settings(max_examples=150, deadline=None)
@given(texts, langs, markups)
def test_what_is_protected_stays_as_it_is(text: str, lang: str, markup: str) -> None:
    kept = [span for span in protected(text, Markup(markup)) if not span.soft]

    for change in (c for c in apply(text, typography(lang), lang, markup=markup).changes if c.applied):
        assert not [s for s in kept if change.start < s.end and change.end > s.start]


@settings(max_examples=100, deadline=None)
@given(texts, langs)
def test_a_refused_change_stays_undone_and_the_others_do_not(text: str, lang: str) -> None:
    rules = typography(lang)
    before = [c for c in apply(text, rules, lang).changes if c.applied]
    if not before:
        return
    refused = frozenset({(before[0].rule, before[0].start)})

    after = [c for c in apply(text, rules, lang, refused=refused).changes if c.applied]

    assert not [c for c in after if (c.rule, c.start) in refused]


@settings(max_examples=100, deadline=None)
@given(texts, langs)
def test_findings_stand_inside_the_text(text: str, lang: str) -> None:
    for finding in check(text, typography(lang), lang):
        assert 0 <= finding.start <= finding.end <= len(text)
        assert finding.found == text[finding.start : finding.end]


HOSTILE = [
    "a",
    "'",
    '"',
    "« ",
    " :",
    "1 ",
    "9h30 ",
    "a.",
    "@",
    "`",
    "://",
    "A ",
    "M. ",
    "3 Mars ",
    "a - b ",
    "012345678 ",
]
MARKED = ["<a ", "<!--", "<pre>", "](", "~~~\n", "[a]("]


@pytest.mark.parametrize(
    ("unit", "markup"),
    [(unit, "plain") for unit in HOSTILE] + [(unit, markup) for unit in MARKED for markup in ("html", "markdown")],
)
def test_a_hundred_kilobytes_of_malice_take_no_longer_than_their_length(unit: str, markup: str) -> None:
    text = (unit * 100_000)[:100_000]
    started = time.process_time()

    apply(text, typography("fr"), "fr", markup=markup)

    assert time.process_time() - started < 8  # a quadratic search takes minutes; a slow machine a few seconds
