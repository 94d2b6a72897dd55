"""What holds for every text: no input raises, offsets give the text, a text doesn't contradict itself, time is linear."""

from __future__ import annotations

import re
import time
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diffusion.facts import KINDS, compare, essential_facts, extract, same_news

PUBLISHED = date(2026, 2, 25)

#: Pieces of what towns write, so that chance makes messages rather than noise.
WORDS = """mardi|3|mars|2026|du|au|le|les|14|et|21|octobre|à|9 h|9h30|de|21h|5h|-|/|30/05|03/03/26|12,50 €|2 150 euros
1,2 million d'euros|3,5 %|45 places|quarante-cinq|01 69 00 12 34|0 800 06 66 66|www.exemple.fr/forum.|rh@exemple.fr
rue des Tanneurs|salle Condorcet|fermée|ouvert|n'est pas|gratuit|pour les|moins de 12 ans|habitants|tous les mardis
demain|ce week-end|la semaine du|jusqu'au|à partir du|💧|#ValClair|\u00a0|\u202f|.|,|;|(|)|:|!|«|»|reporté|au lieu du
passe de|£31|2 pm|Tuesday|March|every|from|to|free|for|under 12s|closed|Mill Street|31 avril|mercredi 3 mars|1er|2e
4e vendredis du mois|24h/24|7j/7|midi|minuit|€|%|999|9999999999"""
PIECES = st.sampled_from([*WORDS.replace("\n", "|").split("|"), "\n"])
MESSAGES = st.lists(PIECES, max_size=40).map(" ".join)
TEXTS = st.one_of(st.text(max_size=300), MESSAGES, st.lists(PIECES, max_size=30).map("".join))
DATES = st.one_of(st.just(PUBLISHED), st.dates())
LANGUAGES = st.sampled_from(["fr", "en", "de", ""])
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(TEXTS, LANGUAGES, DATES)
def test_no_text_raises_and_offsets_give_the_text(text: str, lang: str, published: date) -> None:
    found = extract(text, lang, published)

    for fact in found.facts:
        assert text[fact.start : fact.end] == fact.text
        assert fact.kind in KINDS
        assert fact.value
    assert all(text[w.start : w.end] == w.text for w in found.warnings)
    assert list(found.facts) == sorted(found.facts, key=lambda f: (f.start, f.end))
    assert set(essential_facts(found)) <= set(found.facts)


@quick
@given(TEXTS, LANGUAGES, DATES)
def test_a_text_has_no_fault_beside_itself(text: str, lang: str, published: date) -> None:
    essential = [(f.kind, f.value) for f in extract(text, lang, published).facts]

    assert compare(text, text, lang=lang, published=published, essential=essential).is_faithful


@quick
@given(TEXTS, TEXTS, LANGUAGES, LANGUAGES)
def test_comparing_and_pairing_never_raise(a: str, b: str, lang: str, other: str) -> None:
    found = compare(
        a, b, lang=lang, published=PUBLISHED, lang_rendition=other, essential=[("date", "2026-03-03"), ("x", "")]
    )

    for fault in (*found.contradicted, *found.added):
        assert fault.start is not None
        assert b[fault.start : fault.end] == fault.text
    for fault in found.contradicted:
        assert fault.canonical is not None
        assert a[fault.canonical.start : fault.canonical.end] == fault.canonical.text
    assert isinstance(same_news(a, b, lang=lang)[0], bool)


def typeset(text: str) -> str:
    """The tone room's French typography, as its safe fixes leave a text."""
    text = re.sub(r"(?<=\d) ?[hH] ?(?=\d\d)", "\u00a0h\u00a0", text)
    text = re.sub(r"(?<=\d) ?[hH](?![\w\u00a0])", "\u00a0h", text).replace("\u00a0h\u00a000", "\u00a0h")
    text = re.sub(r"(?<=\d) (?=\d{3}(?!\d))", "\u202f", text)
    text = re.sub(r"(?<=\d) ?(?=[€%])", "\u00a0", text)
    text = re.sub(r"0\d(?:[ .]\d\d){4}", lambda m: re.sub(r"[ .]", "\u00a0", m[0]), text)
    text = re.sub(r"(?<=\d)(?:ème|eme)s?\b", "e", text).replace("'", "’").replace("...", "…")
    return re.sub(r" (?=[;!?])", "\u202f", re.sub(r" (?=:)", "\u00a0", text))


LINES = [
    "Piscine fermée mardi 3 mars 2026 de 9h30 à 12h, tél. 01 69 00 12 34 !",
    "Entrée 12,50 € ; 2 150 euros, 12 000 habitants, 3,5 % de hausse : rendez-vous à 14H00 ...",
    "Le 2ème samedi du mois, de 8h30 à 12h / 13h30-17h, salle de l'Étoile ; 1 200 000 € de travaux",
    "L'eau n'est pas potable jusqu'au 30/05, 18h. N° vert : 0 800 06 66 66",
]


@pytest.mark.parametrize("line", LINES)
def test_typography_changes_no_fact(line: str) -> None:
    values = [[(f.kind, f.value) for f in extract(t, "fr", PUBLISHED).facts] for t in (line, typeset(line))]

    assert line != typeset(line)
    assert values[0] == values[1]
    assert compare(line, typeset(line), lang="fr", published=PUBLISHED).is_faithful


@quick
@given(MESSAGES)
def test_typography_of_any_message_changes_no_fact(text: str) -> None:
    spaced = text.replace(" ", "\u00a0").replace("'", "’")

    assert [f.value for f in extract(text, "fr", PUBLISHED).facts] == [
        f.value for f in extract(spaced, "fr", PUBLISHED).facts
    ]


NASTY = [
    "a", "1 ", "9", "12 000 ", "et le 3 ", "lundi, ", "du 3 au ", "rue de la ", "Rue De La ", "A b. ", "n'est pas ",
    "deux cent mille ", "0 8 0 0 ", "a@", "www.", "9h-", "3 mars et ", "moins de 12 ans, ", "(", "\n", "é\u0301", "- ",
    "12,5 € ", "1.000.000.000 ",
]  # fmt: skip


@pytest.mark.parametrize("unit", NASTY)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_no_pattern_backtracks(unit: str, lang: str) -> None:
    """Ten times the text takes about ten times as long: measured on the processor, with room for noise."""
    short, whole = ((unit * length)[:length] for length in (4_000, 40_000))
    extract(unit, lang, PUBLISHED)  # a language's first text also pays for its patterns
    started = time.process_time()
    extract(short, lang, PUBLISHED)
    between = time.process_time()
    extract(whole, lang, PUBLISHED)

    assert time.process_time() - between < 40 * max(between - started, 0.01)
