"""The brand's tokens: readable in both themes whatever two colours a charter gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffusion.brand.theme import ENOUGH, contrast, is_colour, theme, to_oklch

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(colours, colours)
def test_any_two_colours_give_a_brand_that_can_be_read(first: str, second: str) -> None:
    made = theme(first, second)

    assert min(made.ratios.values()) >= ENOUGH


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#0b558c", "#ffffff", 7.8),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.05)


def test_a_readable_colour_is_kept_as_it_is() -> None:
    made = theme("#0b558c", "#2c7a45")

    assert made.tokens["--brand"].startswith("light-dark(#0b558c,")
    assert made.tokens["--brand-2"].startswith("light-dark(#2c7a45,")


def test_a_pale_yellow_keeps_its_hue_and_becomes_readable() -> None:
    light = theme("#ffe94a").tokens["--brand"].removeprefix("light-dark(")[:7]

    assert contrast(light, "#ffffff") >= ENOUGH
    assert to_oklch(light).hue == pytest.approx(to_oklch("#ffe94a").hue, abs=6)


def test_the_rule_sets_the_seven_tokens_and_nothing_else() -> None:
    css = theme().css

    assert css.startswith(":root{--brand:light-dark(#")
    assert sorted(theme().tokens) == sorted(
        ["--brand", "--brand-hover", "--brand-ink", "--brand-soft", "--brand-deep", "--brand-2", "--brand-2-deep"]
    )


@pytest.mark.parametrize("given_value", ["red", "#12", "#12345g", "</style>", "#0b558c;}"])
def test_what_is_no_colour_is_refused(given_value: str) -> None:
    assert not is_colour(given_value)
    with pytest.raises(ValueError, match="no #rrggbb"):
        theme(given_value)
