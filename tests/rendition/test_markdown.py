"""The small, strict set of Markdown: clean HTML, and plain text that says the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffusion.rendition.markdown import clean, from_text, to_html, to_text

PAIRS = [
    ("Un **gras** et *italique*.", "<p>Un <strong>gras</strong> et <em>italique</em>.</p>", "Un gras et italique."),
    ("Une ligne\nune autre", "<p>Une ligne<br>\nune autre</p>", "Une ligne\nune autre"),
    ("# Titre\n\nTexte", "<h2>Titre</h2>\n<p>Texte</p>", "Titre\n\nTexte"),
    ("- un\n- deux", "<ul>\n<li>un</li>\n<li>deux</li>\n</ul>", "- un\n- deux"),
    ("3. un\n4. deux", '<ol start="3">\n<li>un</li>\n<li>deux</li>\n</ol>', "3. un\n4. deux"),
    ("[le site](https://x.fr/a)", '<p><a href="https://x.fr/a">le site</a></p>', "le site (https://x.fr/a)"),
    ("[x.fr](https://www.x.fr/)", '<p><a href="https://www.x.fr/">x.fr</a></p>', "x.fr"),
    ("[Écrire](mailto:a@x.fr)", '<p><a href="mailto:a@x.fr">Écrire</a></p>', "Écrire (a@x.fr)"),
    ("Voir www.x.fr/a.", '<p>Voir <a href="https://www.x.fr/a">www.x.fr/a</a>.</p>', "Voir www.x.fr/a."),
    ("> cité", "<blockquote>\n<p>cité</p>\n</blockquote>", "cité"),
    ("12 * 3 & 4 < 5", "<p>12 * 3 &amp; 4 &lt; 5</p>", "12 * 3 & 4 < 5"),
    ("", "", ""),
]


@pytest.mark.parametrize(("body", "page", "text"), PAIRS)
def test_a_body_becomes_a_page_and_a_text(body: str, page: str, text: str) -> None:
    assert to_html(body) == page
    assert to_text(body) == text


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "<a href='https://x.fr' onclick='y()'>z</a>",
    "![pixel](https://t.example/p.gif)",
    "<style>p{}</style>",
    "[a](https://x.fr\"onmouseover=\"y)",
]  # fmt: skip


@pytest.mark.parametrize("body", HOSTILE)
def test_nothing_that_runs_or_spies_gets_through(body: str) -> None:
    page = to_html(body).lower()

    assert "<script" not in page
    assert "<img" not in page
    assert "<style" not in page
    assert 'href="javascript' not in page
    assert 'href="data' not in page
    assert "<a onclick" not in page
    assert ' onclick="' not in page


def test_unseen_characters_go_and_joiners_stay() -> None:
    assert clean("a\u202eb\u200bc\x00d\ud800e\ufefff\r\ng") == "abcdef\ng"
    assert clean("👩\u200d👧") == "👩\u200d👧"
    assert clean("e\u0301") == "é"


def test_a_plain_text_becomes_paragraphs() -> None:
    assert from_text("Un\ndeux\n\n<b> www.x.fr") == (
        '<p>Un<br>deux</p><p>&lt;b&gt; <a href="https://www.x.fr">www.x.fr</a></p>'
    )


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_body_is_taken(body: str) -> None:
    page, text = to_html(body), to_text(body)

    assert "<script" not in page.lower()
    text.encode("utf-8")
    page.encode("utf-8")
    assert to_text(body) == text
