"""Check and apply: what is applied, what is proposed, what a person refuses or accepts."""

from __future__ import annotations

from diffusion.tone import apply, check, typography
from diffusion.tone.load import load

WORDS = load(
    """
rules:
  - {id: w.users, kind: replace, words: [usagers], to: habitantes et habitants, case: keep, message: m}
  - {id: w.name, kind: replace, pattern: "(?i)l['’]eau du val clair", to: L’eau du Val-Clair, message: m}
  - {id: w.step, kind: replace, words: [préalablement à], to: avant, case: keep, level: fixed, message: m}
  - {id: w.soon, kind: avoid, words: [bientôt], level: blocks, message: {fr: Une date., en: A date.}}
""",
    "words.yaml",
)
RULES = WORDS + typography("fr")


def test_a_safe_fix_is_applied_and_a_word_is_proposed() -> None:
    applied = apply("Chers usagers, l'eau revient !", RULES, "fr")

    assert applied.text == "Chers usagers, l’eau revient\u202f!"
    assert [(c.rule, c.start, c.end, c.before, c.after) for c in applied.changes if not c.applied] == [
        ("w.users", 6, 13, "usagers", "habitantes et habitants")
    ]


def test_an_accepted_proposal_is_applied_with_the_others() -> None:
    applied = apply("Chers usagers !", RULES, "fr", accepted=frozenset({("w.users", 6)}))

    assert applied.text == "Chers habitantes et habitants\u202f!"
    assert all(change.applied for change in applied.changes)


def test_an_accepted_proposal_takes_in_the_fix_inside_it() -> None:
    text = "Ici l'eau du val clair !"

    proposed = apply(text, RULES, "fr")
    accepted = apply(text, RULES, "fr", accepted=frozenset({("w.name", 4)}))

    assert [c.rule for c in proposed.changes if not c.applied] == ["w.name"]
    assert accepted.text == "Ici L’eau du Val-Clair\u202f!"


def test_a_refused_change_is_undone_alone() -> None:
    text = "L'eau revient ! C'est sûr !"
    first = apply(text, RULES, "fr").changes[1]

    applied = apply(text, RULES, "fr", refused=frozenset({(first.rule, first.start)}))

    assert applied.text == "L’eau revient ! C’est sûr\u202f!"


def test_a_refused_proposal_is_not_shown_again() -> None:
    applied = apply("Chers usagers", RULES, "fr", refused=frozenset({("w.users", 6)}))

    assert applied.changes == ()


def test_a_word_marked_safe_is_applied_with_its_capital() -> None:
    assert apply("Préalablement à la coupure", RULES, "fr").text == "Avant la coupure"


def test_what_must_not_be_published_blocks_in_the_readers_language() -> None:
    (finding,) = [f for f in check("Retour bientôt", RULES, "fr", reader="en") if f.rule == "w.soon"]

    assert (finding.level, finding.found, finding.message, finding.fixes) == ("blocks", "bientôt", "A date.", ())


def test_rules_of_another_language_are_left_aside() -> None:
    rules = load("rules: [{id: a, kind: avoid, lang: en, words: [shortly], message: m}]", "a.yaml")

    assert check("shortly", rules, "fr") == ()
    assert len(check("shortly", rules, "en")) == 1


def test_neighbouring_changes_are_told_apart_so_that_each_can_be_undone() -> None:
    text = 'à 14h00! "Oui"!'

    applied = apply(text, typography("fr"), "fr")

    assert applied.text == "à 14\u00a0h\u202f! «\u00a0Oui\u00a0»\u202f!"
    assert [(c.before, c.after) for c in applied.changes][:2] == [("14h00", "14\u00a0h"), ("", "\u202f")]
    undone = apply(text, typography("fr"), "fr", refused=frozenset({("fr.hour-round", 2)}))
    assert undone.text == "à 14h00\u202f! «\u00a0Oui\u00a0»\u202f!"


def test_a_change_that_follows_from_another_is_told_with_it() -> None:
    rules = load(
        """
rules:
  - {id: b, kind: replace, words: [robinet public], to: fontaine, level: fixed, message: m}
  - {id: a, kind: replace, words: [eau], to: robinet, level: fixed, message: m}
""",
        "two.yaml",
    )

    applied = apply("L'eau public", rules, "fr")

    assert applied.text == "L'fontaine"
    assert [(c.start, c.before, c.after) for c in applied.changes] == [(2, "eau public", "fontaine")]


def test_a_pattern_that_runs_out_of_time_says_so() -> None:
    import dataclasses

    import regex

    rule = dataclasses.replace(WORDS[3], pattern=regex.compile(r"(?:(?:a|a)+)+b"), timeout_s=0.01)

    (finding,) = check("a" * 5000, (rule,), "fr")

    assert finding.level == "blocks"
    assert "temps" in finding.message


def test_empty_and_odd_texts_come_back_unchanged() -> None:
    for text in ("", " ", "\n\n", "\u202e", "\ud800", "\x00", "🎉🎉", "مرحبا", "\ufeff"):
        assert apply(text, typography("fr"), "fr").text == text
