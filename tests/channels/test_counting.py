"""Counting against the sources' own answers, and what must hold for any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import counting
from channels.contract import Limits
from channels.counting import Counting, is_gsm7, length, sms_parts

any_text = st.text(alphabet=st.characters())  # lone surrogates too

# Each row's weight is what npm's twitter-text 3.1.0 (`parseTweet(text).weightedLength`) answered, run in 2026.
WEIGHTED = [
    ("", 0),
    ("This is a test.", 15),
    ("http://test.com", 23),
    ("test.com", 23),
    ("Test https://test.com test https://test.com test.com test", 86),
    ("example.fr", 23),
    ("example.fr/x", 23),
    ("www.val-clair.fr", 23),
    ("www.val-clair.example", 21),
    ("http://a.notatld/x", 18),
    ("https://exa_mple.com/", 21),
    ("https://x.fr/é»", 24),
    ("https://x.com/a(b)", 23),
    ("https://x.fr:80/?a=b.", 24),
    ("example.fr:80", 26),
    ("fin.De suite", 29),
    ("J’arrive.Demain", 15),
    ("a@b.fr", 6),
    ("-a.fr", 5),
    ("12h.30", 6),
    ("日本example.fr", 27),
    ("Eau coupée rue des Lilas", 24),
    ("e\u0301", 1),
    ("«\u00a0Oui\u202f!\u00a0»", 10),
    ("12 €", 5),
    ("’…–", 4),
    ("저찀쯿쿿", 8),
    ("\U00010000\U0010fffd", 4),
    ("☺", 2),
    ("☺️", 2),
    ("❤️", 2),
    ("👍🏽", 2),
    ("👨‍👩‍👧‍👦", 2),
    ("🇫🇷", 2),
    ("1️⃣", 2),
    ("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 2),
    ("©", 1),
]


@pytest.mark.parametrize(("text", "expected"), WEIGHTED)
def test_weighs_as_twitter_text_does(text: str, expected: int) -> None:
    assert length(text, Counting.WEIGHTED) == expected


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("é👍🏽", Counting.CODEPOINTS, 3),
        ("é👍🏽", Counting.GRAPHEMES, 2),
        ("e\u0301\r\n", Counting.GRAPHEMES, 2),
        ("é👍🏽", Counting.UTF16, 5),
        ("é👍🏽", Counting.BYTES, 10),
        ("\ud800", Counting.CODEPOINTS, 1),
        ("\ud800", Counting.GRAPHEMES, 1),
        ("\ud800", Counting.UTF16, 1),
        ("\ud800", Counting.BYTES, 3),
        ("\ud800", Counting.WEIGHTED, 2),
        ("L'eau de mai: 12,50", Counting.GSM7, 19),
        ("12 €", Counting.GSM7, 5),
        ("[x]~", Counting.GSM7, 7),
        ("forêt", Counting.GSM7, 5),
        ("12 € ê", Counting.GSM7, 6),
        ("💧", Counting.GSM7, 2),
    ],
)
def test_counts_each_unit(text: str, unit: Counting, expected: int) -> None:
    assert length(text, unit) == expected


# Mastodon, "Posting to your profile": any link 23, the domain part of a mention is not counted.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.fr/" + "a" * 300, 23),
        ("Voir https://x.fr.", 5 + 23 + 1),
        ("(https://x.fr/a_(b))", 25),
        ("https://x.fr/é", 23),
        ("example.fr", 10),
        ("http://a.notatld/x", 18),
        ("@eau@social.val-clair.fr !", 6),
        ("@eau !", 6),
        ("contact@val-clair.fr", 20),
        ("a=@eau@b.fr", 11),
        ("👨‍👩‍👧‍👦", 1),
    ],
)
def test_a_link_counts_23_and_a_mention_without_its_domain(text: str, expected: int) -> None:
    assert length(text, Counting.GRAPHEMES, url_length=23, mention_domain=False) == expected


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 152 + "€" + "a" * 152, 3),  # the escape pair does not straddle: 152, then 2 + 151, then 1
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ê" * 70, 1),
        ("ê" * 71, 2),
        ("ê" * 134, 2),
        ("ê" * 135, 3),
        ("💧" * 35, 1),
        ("💧" * 66, 2),
        ("💧" * 67, 3),  # 33 pairs a part: the 67th unit can't hold half of one
    ],
)
def test_sms_parts(text: str, parts: int) -> None:
    assert sms_parts(text) == parts


def test_the_limit_of_an_sms_falls_when_one_character_leaves_the_alphabet() -> None:
    limits = Limits(text=160, text_ucs2=70, counting=Counting.GSM7)

    assert limits.ceiling("Eau coupée") == 160
    assert limits.ceiling("Eau coupée l’après-midi") == 70


@given(any_text)
def test_no_text_raises_and_the_units_keep_their_order(text: str) -> None:
    n = {unit: length(text, unit) for unit in Counting}

    assert n[Counting.GRAPHEMES] <= n[Counting.CODEPOINTS] <= n[Counting.UTF16] <= n[Counting.BYTES]
    assert n[Counting.GSM7] >= (n[Counting.CODEPOINTS] if is_gsm7(text) else n[Counting.UTF16])
    assert (sms_parts(text) == 0) == (text == "")


@given(any_text, any_text)
def test_code_points_units_and_bytes_add_up(a: str, b: str) -> None:
    for unit in (Counting.CODEPOINTS, Counting.UTF16, Counting.BYTES):
        assert length(a + b, unit) == length(a, unit) + length(b, unit)


@given(st.text(alphabet="abcé .'-€ê💧", max_size=60), st.text(alphabet="abcdef/-", max_size=200))
def test_a_link_costs_the_same_however_long(text: str, path: str) -> None:
    short, long = f"{text} https://example.fr/a", f"{text} https://example.fr/a{path}b"

    for unit in (Counting.WEIGHTED, Counting.GRAPHEMES):
        assert length(short, unit, url_length=23) == length(long, unit, url_length=23)


@given(st.text(alphabet="aé 日’–", max_size=80))
def test_without_urls_and_emoji_the_weight_is_the_sum_of_its_characters(text: str) -> None:
    assert length(text, Counting.WEIGHTED) == sum(2 if char == "日" else 1 for char in text)


@given(st.text(alphabet=sorted(counting.GSM7_ALPHABET | counting.GSM7_EXTENSION), max_size=500))
def test_parts_hold_what_they_say(text: str) -> None:
    septets, parts = length(text, Counting.GSM7), sms_parts(text)

    assert parts <= 1 or parts * 153 >= septets
    assert parts == (1 if 0 < septets <= 160 else parts)
    assert (parts - 1) * 152 <= septets
