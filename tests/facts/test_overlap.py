"""The second opinion by words alone: rare words say more, and either text may be the short one."""

from __future__ import annotations

from diffusion.facts.overlap import families, overlap


def shared(one: str, other: str, lang: str = "fr") -> float | None:
    return overlap(families(one, lang), families(other, lang))


def test_a_rare_word_in_common_says_more_than_a_common_one() -> None:
    rare = shared("atelier origami mercredi", "origami cabane tilleul")
    common = shared("atelier origami mercredi", "mercredi cabane tilleul")
    assert rare is not None
    assert common is not None
    assert rare > common > 0


def test_a_short_text_may_be_told_whole_by_a_long_one_whichever_comes_first() -> None:
    short, long = "frelon asiatique", "frelon asiatique : signalez vite chaque nid"
    assert shared(short, long) == shared(long, short) == 1


def test_plurals_in_ves_are_of_the_family_of_their_singular() -> None:
    assert shared("fallen leaf", "autumn leaves", "en") == 0.5
    assert shared("", "autumn leaves", "en") is None
