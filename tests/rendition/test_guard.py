"""The guard: what a version contradicts, leaves out, adds, or says to those who may not know."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.contract import Rendition
from diffusion.rendition.guard import guard, stated
from diffusion.rendition.statement import Statement

DAY = date(2026, 2, 25)
WATER = Statement(
    title="Coupure d’eau rue des Tilleuls",
    body="L’eau sera coupée le mardi 3 mars 2026 de 9 h à 12 h 30. Astreinte : 01 69 00 12 34.",
    additions={
        "internal": "Le fontainier Marc Petit tient la clef du local technique de la rue Hoche. Poste 01 69 00 99 88.",
        "partners": "Réunion de chantier lundi 2 mars à 8 h.",
    },
    essential=(("date", "2026-03-03"), ("time", "09:00/12:30")),
)


def held(text: str, level: str = "public", **more):
    return guard(WATER, text, level=level, published=DAY, **more)


@pytest.mark.parametrize("level", ["internal", "partners", "public"])
def test_the_message_itself_has_no_fault(level: str) -> None:
    verdict = held(WATER.text_for(level), level)

    assert verdict.is_clear
    assert verdict.warning == ()


def test_the_same_facts_in_other_words_have_no_fault() -> None:
    assert held("Pas d’eau mardi 3/03 de 9h à 12h30 rue des Tilleuls.").is_clear


def test_a_lost_essential_fact_blocks() -> None:
    verdict = held("Coupure d’eau rue des Tilleuls le 3 mars.")

    assert [(fault.kind, fault.value) for fault in verdict.missing] == [("time", "09:00/12:30")]
    assert not verdict.is_clear


def test_another_date_blocks() -> None:
    verdict = held("Pas d’eau mercredi 4 mars de 9 h à 12 h 30 rue des Tilleuls.")

    assert not verdict.is_clear
    assert [fault.value for fault in verdict.contradicted] == ["2026-03-04"]


def test_an_invented_phone_blocks() -> None:
    verdict = held(WATER.text_for("public") + " Ou appelez le 06 12 34 56 78.")

    assert not verdict.is_clear


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Pas d’eau le 3 mars de 9 h à 12 h 30. Poste 01 69 00 99 88.", "public"),
        ("Pas d’eau le 3 mars de 9 h à 12 h 30. Marc Petit tient la clef du local technique.", "public"),
        ("Pas d’eau le 3 mars de 9 h à 12 h 30. Chantier : lundi 2 mars, 8 h.", "internal"),
    ],
)
def test_what_another_level_adds_is_a_leak(text: str, level: str) -> None:
    verdict = held(text, level)

    assert verdict.leaks
    assert all(text[leak.start : leak.end] == leak.text for leak in verdict.leaks)
    assert not verdict.is_clear


def test_a_levels_own_addition_is_no_leak() -> None:
    verdict = held(WATER.text_for("internal"), "internal")

    assert verdict.leaks == ()


def test_what_the_voice_and_the_link_add_is_no_addition() -> None:
    text = WATER.text_for("public") + "\nhttps://valclair.fr/m/abc\nContact presse : 01 60 00 11 22"

    assert not held(text).is_clear
    assert held(text, furniture="https://valclair.fr/m/abc\nContact presse : 01 60 00 11 22").is_clear


def test_a_rendition_is_read_title_first_and_its_own_link_is_known() -> None:
    version = Rendition(
        title=WATER.title, text=f"{WATER.body}\nhttps://valclair.fr/m/abc", link="https://valclair.fr/m/abc"
    )

    assert stated(version).startswith(WATER.title)
    assert guard(WATER, version, level="public", published=DAY).is_clear


def test_a_verdict_is_json_with_what_blocks() -> None:
    told = held("Coupure le 4 mars. Poste 01 69 00 99 88.").to_json()

    assert set(told) == {"contradicted", "missing", "added", "leaks"}
    assert json.loads(json.dumps(told)) == told
    assert all(item["blocks"] for name in ("contradicted", "missing", "leaks") for item in told[name])


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_two_texts_are_compared(ours: str, theirs: str) -> None:
    statement = Statement(title="", body=ours, additions={"internal": theirs})

    assert guard(statement, theirs, level="public", published=DAY) == guard(
        statement, theirs, level="public", published=DAY
    )
