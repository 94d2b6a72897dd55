"""« demain » that has come to mean another day is written as a date."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffusion.facts import extract
from diffusion.rendition.relative import passed_dates, rewrite_relative_dates

WAS, NOW = date(2026, 2, 25), date(2026, 2, 26)  # a Wednesday, a Thursday

REWRITTEN = [
    ("fr", "L’eau sera coupée demain de 9 h à 12 h.", "L’eau sera coupée jeudi 26 février de 9 h à 12 h."),
    ("fr", "Demain, la mairie est fermée.", "Jeudi 26 février, la mairie est fermée."),
    ("fr", "La mairie ferme aujourd’hui à 16 h.", "La mairie ferme mercredi 25 février 2026 à 16 h."),
    ("en", "The hall is closed tomorrow.", "The hall is closed on Thursday 26 February."),
]


@pytest.mark.parametrize(("lang", "text", "expected"), REWRITTEN)
def test_a_relative_day_is_written_out(lang: str, text: str, expected: str) -> None:
    assert rewrite_relative_dates(text, WAS, NOW, lang) == expected


STABLE = [
    ("fr", "L’eau sera coupée mardi 3 mars de 9 h à 12 h."),
    ("fr", "Ouvert tous les mardis."),
    ("fr", "Bonjour"),
    ("en", "Closed on Tuesday 3 March."),
]


@pytest.mark.parametrize(("lang", "text"), STABLE)
def test_a_text_that_means_the_same_stays(lang: str, text: str) -> None:
    assert rewrite_relative_dates(text, WAS, NOW, lang) is None


def test_a_date_gone_by_is_told() -> None:
    text = "L’eau sera coupée mardi 3 mars."

    assert passed_dates(text, WAS, NOW, "fr") == ()
    assert [fact.value for fact in passed_dates(text, WAS, date(2026, 3, 4), "fr")] == ["2026-03-03"]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["demain", "aujourd’hui", "mardi 3 mars", "ce soir", "vendredi", "du 6 au 11 avril", "à 9 h", "l’eau", "."]
        ),
        max_size=8,
    ).map(" ".join),
    st.integers(0, 40),
)
def test_rewriting_keeps_what_each_date_meant(text: str, days: int) -> None:
    now = date.fromordinal(WAS.toordinal() + days)
    rewritten = rewrite_relative_dates(text, WAS, now, "fr")

    if rewritten is not None:
        meant = {fact.value for fact in extract(text, "fr", WAS).facts if fact.kind == "date"}
        means = {fact.value for fact in extract(rewritten, "fr", now).facts if fact.kind == "date"}
        assert meant <= means
