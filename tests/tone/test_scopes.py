"""What no rule may touch, in plain text, Markdown and HTML."""

from __future__ import annotations

import pytest

from diffusion.tone.scopes import Markup, protected, shadow

PLAIN = [
    ("voir https://valclair.fr/a?b=c;d!", ["https://valclair.fr/a?b=c;d"]),
    ("(voir https://valclair.fr/a_(b))", ["https://valclair.fr/a_(b)"]),
    ("«https://valclair.fr»", ["https://valclair.fr"]),
    ("www.valclair.fr, valclair.fr/eau.", ["www.valclair.fr", "valclair.fr/eau"]),
    ("a.b-c@val-clair.fr.", ["a.b-c@val-clair.fr"]),
    ("de @AggloValClair et @eau@social.valclair.fr !", ["@AggloValClair", "@eau@social.valclair.fr"]),
    ("#FêteDeLEau, #1erMai", ["#FêteDeLEau", "#1erMai"]),
    ("`a ; b` et ``` c ```", ["`a ; b`", "``` c ```"]),
    ("plan_9h30.pdf et Note.docx.", ["plan_9h30.pdf", "Note.docx"]),
    (r"C:\eau\plan.pdf", [r"C:\eau\plan.pdf"]),
    ("{{ nom }} {prenom} %(ville)s", ["{{ nom }}", "{prenom}", "%(ville)s"]),
    ("12:30, 3:2, 1234:80", ["12:30", "3:2", "1234:80"]),
    (":) ;-) :D :smile:", [":)", ";-)", ":D", ":smile:"]),
    ("mailto:a@b.fr tel:+33160000000", ["mailto:a@b.fr", "tel:+33160000000"]),
    ("/etc/hosts et 24h/24, km/h, et/ou", ["/etc/hosts"]),
    ("fermée.Merci, 3.5, p.m., etc.", []),
    ("un.e agent.e", []),
]


@pytest.mark.parametrize(("text", "kept"), PLAIN)
def test_addresses_handles_code_and_files_are_protected(text: str, kept: list[str]) -> None:
    assert [text[s.start : s.end] for s in protected(text)] == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('<a href="x>y">L</a>', ['<a href="x>y">', "</a>"]),
        ("<code>a;b</code>", ["<code>", "a;b", "</code>"]),
        ("<pre>never closed", ["<pre>"]),
        ("1 < 2 > 0", []),
        ("&amp; &eacute;", ["&amp;", "&eacute;"]),
        ("<!-- a : b -->c", ["<!-- a : b -->"]),
    ],
)
def test_tags_entities_and_code_are_protected_in_html(text: str, kept: list[str]) -> None:
    assert [text[s.start : s.end] for s in protected(text, Markup.HTML)] == kept


def test_a_space_entity_may_go_only_whole() -> None:
    (span,) = protected("a&nbsp;!", Markup.HTML)

    assert span.soft
    assert shadow("a&nbsp;!", (span,)) == "a" + "\u00a0" * 6 + "!"


@pytest.mark.parametrize("markup", list(Markup))
def test_the_shadow_is_as_long_as_the_text(markup: Markup) -> None:
    text = "<p>l'eau &laquo; à &raquo; https://a.fr `b` [c](d) :) \n---\n```\nx"

    assert len(shadow(text, protected(text, markup))) == len(text)
