"""Compose: the version for one account, from the message, its level, its voice and the channel's own data."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.contract import Limits, Media
from channels.registry import get, names
from diffusion.rendition.compose import HASHTAGS, TOO_LONG, Composed, compose, hashtag
from diffusion.rendition.guard import guard
from diffusion.rendition.statement import Statement

DAY = date(2026, 2, 25)
LINK = "https://valclair.fr/m/abc123"


@dataclass(frozen=True)
class Voice:
    mention: str = ""
    signature: str = ""
    hashtags: tuple[str, ...] = ()


TOWN = Voice(
    "L’eau du Val-Clair, service public", "La direction de l’Eau", ("val clair", "eau", "coupure d’eau", "info")
)
WATER = Statement(
    title="Coupure d’eau rue des Tilleuls",
    body=(
        "En raison de travaux, l’eau sera **coupée** le mardi 3 mars 2026 de 9\u00a0h à 12\u00a0h\u00a030, rue des Tilleuls\u202f!\n\n"
        "- Urgences\u00a0: 01 69 00 12 34\n- [Le plan](https://valclair.fr/plan)\n\n"
        + "Nous vous conseillons de faire couler l’eau quelques minutes à la remise en service du réseau. " * 3
    ),
    additions={"internal": "Standard : renvoyer les appels vers le poste 4512.", "partners": "Contact chantier : 06 11 22 33 44."},
    media=tuple(Media(sha256=str(n), media_type="image/png", path=f"/p{n}", description="Plan") for n in range(6)),
)  # fmt: skip


def made(
    channel: str, *, level: str = "public", voice: Voice | None = TOWN, statement: Statement = WATER, **more
) -> Composed:
    return compose(statement, level=level, voice=voice, channel=get(channel), link=LINK, published=DAY, **more)


@pytest.mark.parametrize("channel", names())
@pytest.mark.parametrize("level", ["internal", "partners", "public"])
def test_each_channel_gets_a_version_that_it_takes_and_the_guard_passes(channel: str, level: str) -> None:
    composed = made(channel, level=level)

    assert get(channel).check(composed.rendition) == () or composed.fitting.over
    if not composed.fitting.over:
        furniture = composed.fitting.furniture
        verdict = guard(WATER, composed.rendition, level=level, published=DAY, furniture=furniture)
        assert verdict.is_clear, verdict


@pytest.mark.parametrize("channel", names())
def test_the_same_message_gives_the_same_version(channel: str) -> None:
    assert made(channel) == made(channel)


def test_a_post_carries_link_mention_and_cased_hashtags_within_the_limit() -> None:
    post = made("x").rendition

    assert post.title == ""
    assert post.text.count(LINK) == 1
    assert TOWN.mention in post.text
    assert TOWN.signature in post.text
    assert post.text.endswith("#ValClair #Eau #CoupureDEau")
    assert len(post.hashtags) == HASHTAGS
    assert "3 mars" in post.text
    assert get("x").length(post.text) <= 280
    assert "\u202f" not in post.text


def test_a_level_reads_its_own_addition_alone() -> None:
    assert "4512" in made("board", level="internal").rendition.text
    assert "4512" not in made("board", level="public").rendition.text
    assert "06 11 22 33 44" not in made("board", level="internal").rendition.text


def test_a_page_has_a_title_clean_html_and_text() -> None:
    page = made("wordpress").rendition

    assert page.title == "Coupure d’eau rue des Tilleuls"
    assert "<strong>coupée</strong>" in page.html
    assert '<a href="https://valclair.fr/plan">Le plan</a>' in page.html
    assert "\u202f" in page.html
    assert TOWN.mention in page.html
    assert "**" not in page.text
    assert "Le plan (https://valclair.fr/plan)" in page.text
    assert 0 < len(page.summary) <= 200


def test_a_channel_without_title_says_what_the_title_said() -> None:
    statement = Statement(
        title="Marché annulé samedi 7 mars", body="Les commerçants vous retrouvent la semaine suivante."
    )

    assert "Marché annulé samedi 7 mars" in made("mastodon", statement=statement).rendition.text


def test_pictures_beyond_what_the_channel_takes_are_left_out_and_counted() -> None:
    composed = made("x")

    assert len(composed.rendition.media) == 4
    assert composed.report["media_dropped"] == 2


def test_hashtags_yield_before_facts() -> None:
    narrow = Limits(text=175)
    composed = made(
        "x", voice=Voice(hashtags=("Un très long mot dièse pour la ville", "Un autre encore plus long")), limits=narrow
    )

    assert composed.fitting.over == 0
    assert composed.fitting.hashtags_dropped
    assert composed.rendition.hashtags == ()


def test_an_impossible_version_says_by_how_much() -> None:
    composed = made("x", limits=Limits(text=60))

    assert composed.fitting.rung == TOO_LONG
    assert composed.fitting.over > 0
    assert composed.fitting.essential
    assert get("x").check(composed.rendition, Limits(text=60))


def test_a_level_without_a_voice_adds_nothing() -> None:
    assert made("board", voice=None).rendition.text.startswith("En raison de travaux")


CASED = [
    ("fête de l’eau", "#FêteDeLEau"),
    ("#ValClair", "#ValClair"),
    ("eau", "#Eau"),
    ("  ", ""),
    ("zone 30", "#Zone30"),
]


@pytest.mark.parametrize(("words", "expected"), CASED)
def test_a_hashtag_is_cased_so_that_it_can_be_read_aloud(words: str, expected: str) -> None:
    assert hashtag(words) == expected


@settings(max_examples=60, deadline=None)
@given(
    title=st.text(max_size=60), body=st.text(max_size=300), channel=st.sampled_from(names()),
    level=st.sampled_from(["internal", "public"]), tag=st.text(max_size=10),
)  # fmt: skip
def test_any_message_is_composed_the_same_way_twice(title: str, body: str, channel: str, level: str, tag: str) -> None:
    statement = Statement(title=title, body=body, additions={"internal": body[:20]})
    first = made(channel, level=level, statement=statement, voice=Voice(hashtags=(tag,)))

    assert first == made(channel, level=level, statement=statement, voice=Voice(hashtags=(tag,)))
    for written in (first.rendition.text, first.rendition.title, first.rendition.html, first.rendition.summary):
        assert unicodedata.is_normalized("NFC", written)
        written.encode("utf-8")
