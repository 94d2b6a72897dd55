"""How the tool spells: its own sentences, times and numbers."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from diffusion.web.spelling import lasts, number, spell, typography
from tests import valclair
from tests.web.show import NOT_PAGES
from tests.web.test_access import NOBODY, TABLE
from tests.web.town import Town

NOW = datetime(2026, 6, 16, 15, 0, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.mark.parametrize(
    ("typed", "spelt"),
    [
        ("Incertaines : à vous", "Incertaines\u00a0: à vous"),
        ("Pourquoi ?", "Pourquoi\u202f?"),
        ("Rien ? Rien ; rien !", "Rien\u202f? Rien\u202f; rien\u202f!"),
        ("l'heure d'hier", "l’heure d’hier"),
        ("voie « Réseaux »", "voie «\u00a0Réseaux\u00a0»"),
        ("de 8 h 30 à 12 h", "de 8\u00a0h\u00a030 à 12\u00a0h"),
        ("8 412 courriels", "8\u202f412 courriels"),
        ('<a href="/x?y=1">d\'ici : là</a>', '<a href="/x?y=1">d’ici\u00a0: là</a>'),
        ("Voirie &amp; eau", "Voirie &amp; eau"),
        ("https://exemple.fr/a?b=c", "https://exemple.fr/a?b=c"),
        ("à 9:30", "à 9:30"),
    ],
)
def test_french_typography(typed: str, spelt: str) -> None:
    assert typography(typed) == spelt


@given(st.text(max_size=80))
def test_spelling_twice_is_spelling_once(text: str) -> None:
    once = typography(text)

    assert typography(once) == once


@pytest.mark.parametrize(
    ("language", "how", "spelt"),
    [
        ("fr", "full", "mardi 16\u00a0juin, 9\u00a0h\u00a042"),
        ("en", "full", "Tuesday 16\u00a0June, 09:42"),
        ("fr", "near", "9\u00a0h\u00a042"),
        ("fr", "second", "9\u00a0h\u00a042\u00a0min\u00a007"),
        ("en", "second", "09:42:07"),
        ("fr", "day", "mardi 16\u00a0juin"),
    ],
)
def test_times_as_people_read_them(language: str, how: str, spelt: str) -> None:
    with translation.override(language):
        assert spell(NOW.replace(hour=9, minute=42, second=7), how, NOW) == spelt


def test_yesterday_another_year_and_the_first() -> None:
    with translation.override("fr"):
        assert spell(NOW.replace(day=15, hour=21, minute=0), "near", NOW) == "hier, 21\u00a0h\u00a000"
        assert spell(NOW.replace(year=2027, month=7, day=1), "day", NOW) == "jeudi 1er\u00a0juillet 2027"
        assert spell(NOW.replace(day=20, hour=0, minute=0), "eve", NOW) == "vendredi 19\u00a0juin"


@pytest.mark.parametrize(
    ("seconds", "spelt"),
    [(None, "–"), (4.9, "4\u00a0s"), (720, "12\u00a0min"), (7800, "2\u00a0h\u00a010"), (259200, "3\u00a0j")],
)
def test_lengths(seconds: float | None, spelt: str) -> None:
    with translation.override("fr"):
        assert lasts(seconds) == spelt


def test_numbers() -> None:
    with translation.override("fr"):
        assert number(8412) == "8\u202f412"
    with translation.override("en"):
        assert number(8412) == "8,412"


def _rendered(source: str, **values: object) -> str:
    return Template("{% load diffusion %}" + source).render(Context(values))


def test_a_time_carries_its_offset() -> None:
    at = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)

    assert '<time datetime="2026-01-05T09:00:00+01:00">' in _rendered("{% when at %}", at=at)


def test_a_sentence_of_the_tool_is_spelt_and_escaped() -> None:
    with translation.override("fr"):
        assert _rendered('{% translate "Pourquoi ?" %}') == "Pourquoi\u202f?"
        assert _rendered("{{ said|typo }}", said="<b> l'un ; l'autre") == "&lt;b&gt; l’un\u202f; l’autre"
    with translation.override("en"):
        assert _rendered('{% translate "Pourquoi ?" %}') == "Why?"


def test_a_title_inside_a_sentence_stays_escaped() -> None:
    with translation.override("fr"):
        said = _rendered(
            "{% blocktranslate with account=name %}Renvoyer sur {{ account }} ?{% endblocktranslate %}", name="<i>"
        )

    assert said == "Renvoyer sur &lt;i&gt;\u202f?"


def test_a_state_is_an_icon_and_a_word() -> None:
    with translation.override("fr"):
        drawn = _rendered('{% named_state "uncertain" %}')

    assert "#question-diamond-fill" in drawn
    assert "Incertaine" in drawn


BADLY_SPELT = re.compile(r"\w'\w|[^\s][ ][;!?»](?!\w)|« (?! )\S|\w :(?=\s)")
"""A straight apostrophe, a plain space where French has a narrow or a firm one."""


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.method == "get" and name not in NOT_PAGES])
def test_every_page_spells_french_as_the_french_do(name: str, town: Town) -> None:
    row, client = TABLE[name], Client()
    if NOBODY not in row.who:
        client.force_login(town.people[row.who[0]])

    page = client.get(reverse(name, kwargs=row.parts(town)), headers={"accept-language": "fr"}).content.decode()

    page = re.sub(r"(?s)<(style|script)\b.*?</\1>|<head>.*?</head>", "", page)
    spoken = re.findall(r'(?:aria-label|title|placeholder|alt|data-place)="([^"]*)"', page)
    lines = html.unescape("\n".join([re.sub(r"<[^>]*>", "\n", page), *spoken])).split("\n")
    assert not [line for line in lines if BADLY_SPELT.search(line) and line.strip() not in valclair.CUT]
