"""What passes is what people see: nothing active, nothing hidden, nothing that spies, and every word."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffusion.intake import clean

TEXTS = [
    ("a\x00b", "ab"),
    ("prix\u202e 5", "prix 5"),
    ("zéro\u200blargeur", "zérolargeur"),
    ("coupu\u00adre", "coupure"),
    ("\ud800seul", "seul"),
    ("\ufeffdébut", "début"),
    ("12\u00a0h\u202f30", "12\u00a0h\u202f30"),  # French typography stays
    ("👩\u200d🚒 et ❤\ufe0f", "👩\u200d🚒 et ❤\ufe0f"),  # emoji made of several stay whole
    ("a\u200db", "ab"),  # a joiner that joins nothing is a hiding place
    ("می\u200cخواهم", "می\u200cخواهم"),
    (
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    ),
    ("salut\U000e0068\U000e0069", "salut"),
    ("un\r\ndeux\u2028trois", "un\ndeux\ntrois"),
]
HTML = [
    ("<p onclick='x()'>a</p>", "<p>a</p>"),
    ("<script>x()</script>a<style>p{}</style>", "a"),
    ("<a href='javascript:x()'>a</a>", "a"),
    ("<a href='JaVa&#10;Script:x()'>a</a>", "a"),
    ("<a href='data:text/html,x'>a</a>", "a"),
    ("<a href='/b?c=1&d=2'>a</a>", '<a href="https://valclair.example/b?c=1&amp;d=2" rel="nofollow noopener">a</a>'),
    (
        "<a href='mailto:eau@valclair.example'>a</a>",
        '<a href="mailto:eau@valclair.example" rel="nofollow noopener">a</a>',
    ),
    ("<svg onload=x()><p>a</p></svg>", "<p>a</p>"),
    ("<iframe src='https://pirate.example'></iframe>a", "a"),
    ("<h1>a</h1><h5>b</h5>", "<h2>a</h2><h4>b</h4>"),
    ("<div>a</div><div>b</div>", "a<br>b"),
    ("<table><tr><td>8 h</td><td>Pont</td></tr><tr><td>9 h</td></tr></table>", "8 h Pont<br>9 h"),
    ("<p>&#x202E;a&#0;</p>", "<p>a\ufffd</p>"),
    ("<p>1 < 2 & 3</p>", "<p>1 &lt; 2 &amp; 3</p>"),
]
SLOW = {
    "deep": "<div>" * 80_000,
    "lists": "<ul><li>" * 50_000,
    "half tags": "<a" * 200_000,
    "comments": "<!--" * 100_000,
    "angle brackets": "<" * 400_000,
    "paragraphs": "<p>" * 130_000,
    "quotes": '<a "' * 100_000,
    "spaces": "a" + " " * 390_000 + "b",
    "no-break spaces": "<p>a" + "\u00a0" * 60_000 + "b</p>",
    "lines": "<p>a" + "\n" * 390_000 + "<br>b</p>",
    "empty boxes": "<div> </div>\n" * 30_000,
    "declarations": "<!" * 200_000,
}


@pytest.mark.parametrize(("given_text", "expected"), TEXTS)
def test_text_loses_what_cannot_be_seen(given_text: str, expected: str) -> None:
    assert clean.text(given_text) == expected


@pytest.mark.parametrize(("given_html", "expected"), HTML)
def test_html_keeps_its_small_set(given_html: str, expected: str) -> None:
    assert clean.html(given_html, "https://valclair.example/flux").html == expected


def test_pictures_are_set_apart_and_spies_dropped() -> None:
    found = clean.html(
        "<p>a <img src='/pont.jpg' alt='Le pont &gt; la rive'><img src='https://p.example/x.gif' width=1 height='1'>"
        "<img src='https://p.example/y.gif' style='display: none'><img src='data:image/png;base64,AA'></p>",
        "https://valclair.example/flux",
    )

    assert found.html == "<p>a</p>"
    assert found.pictures == (clean.Picture("https://valclair.example/pont.jpg", "Le pont > la rive"),)
    assert found.removed == {"tracker"}


def test_what_was_removed_is_told() -> None:
    found = clean.html("<p onmouseover=x()>a\u202eb</p><script>x</script><style>p</style>")

    assert found.removed == {"handlers", "hidden", "script", "style"}
    assert clean.html("<p>d\u200beux m\u00adots</p>").removed == set()


def test_text_of_html_has_its_lines() -> None:
    words = clean.to_text("<h2>Festival</h2><p>Trois\nsoirs,<br>12&nbsp;€</p><ul><li>Parc</li><li>Château</li></ul>")

    assert words == "Festival\n\nTrois soirs,\n12\u00a0€\n\n- Parc\n- Château"


@pytest.mark.parametrize("name", SLOW)
def test_no_markup_takes_long(name: str) -> None:
    begun = time.process_time()

    clean.html(SLOW[name])
    clean.to_text(SLOW[name])

    assert time.process_time() - begun < 5  # what grows as the square takes over half a minute


@given(st.text())
def test_cleaning_twice_is_cleaning_once(value: str) -> None:
    once = clean.text(value)

    assert clean.text(once) == once
    assert not clean.hides(once)
    once.encode("utf-8")


@given(st.text(alphabet=st.sampled_from("<>/=\"'&;abip hrefon:#x0\n\u202e"), max_size=80))
def test_cleaned_html_needs_no_cleaning(value: str) -> None:
    once = clean.html(value, "https://valclair.example/").html

    assert clean.html(once, "https://valclair.example/").removed <= {"handlers", "script"}  # words that look like them
    assert "\u202e" not in once


@given(st.text(max_size=200))
def test_plain_text_comes_back_from_its_html(value: str) -> None:
    plain = "\n".join(clean.line(part) for part in clean.text(value).split("\n") if clean.line(part))

    assert clean.to_text(clean.from_text(plain)) == plain


@pytest.mark.parametrize(
    "address", ["javascript:x", "ftp://a.example/", "//", "http://", "http://[", "mailto:a@b", "a b"]
)
def test_only_web_addresses_are_links(address: str) -> None:
    assert clean.link(address) is None
