"""Two colours of a charter → the seven brand tokens, in both themes, each with its measured contrast. Pure.

Colours are moved in OKLCH (lightness only, until the contrast is reached), so that a brand keeps its hue.
Contrast is WCAG 2.2's ratio (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio); the matrices are those of
CSS Color 4 (https://www.w3.org/TR/css-color-4/#color-conversion-code).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

ENOUGH = 4.5
"""WCAG 2.2 AA for text."""
FIRST, SECOND = "#0b558c", "#2c7a45"
"""What an authority without a charter wears."""
_GROUNDS = {"light": ("#ffffff", "#f3f5f6"), "dark": ("#12181d", "#192128")}  # --bg and --well of diffusion.css
_INKS = {"light": "#ffffff", "dark": "#0a1a27"}
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_STEP = 0.005


@dataclass(frozen=True, slots=True)
class Oklch:
    """Lightness 0–1, chroma, hue in degrees."""

    lightness: float
    chroma: float
    hue: float


@dataclass(frozen=True, slots=True)
class Theme:
    """`tokens` maps a custom property to its value; `ratios`: (token, ground, theme) → contrast reached."""

    tokens: dict[str, str]
    ratios: dict[tuple[str, str, str], float]

    @property
    def css(self) -> str:
        """The rule that follows the sheet, in a `<style nonce>`."""
        return ":root{" + ";".join(f"{name}:{value}" for name, value in self.tokens.items()) + "}"


def is_colour(value: str) -> bool:
    """Whether `value` is what a charter may store: `#rrggbb`."""
    return _HEX.fullmatch(value) is not None


def theme(first: str = FIRST, second: str = SECOND) -> Theme:
    """The tokens of a brand. Raises ValueError for what is no `#rrggbb`."""
    pairs = {name: _both(name, first) for name in ("brand", "hover", "soft")}
    seconds = {mode: _readable(second, mode, _GROUNDS[mode]) for mode in _GROUNDS}
    tokens = {
        "--brand": _switch(pairs["brand"]),
        "--brand-hover": _switch(pairs["hover"]),
        "--brand-ink": _switch(_INKS),
        "--brand-soft": _switch(pairs["soft"]),
        "--brand-deep": _deep(first, 0.34),
        "--brand-2": _switch(seconds),
        "--brand-2-deep": _deep(second, 0.45),
    }
    return Theme(tokens, _measure(pairs))


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of two colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _both(token: str, colour: str) -> dict[str, str]:
    return {mode: _TOKENS[token](colour, mode) for mode in _GROUNDS}


def _brand(colour: str, mode: str) -> str:
    grounds = (*_GROUNDS[mode], _soft(colour, mode))
    return _readable(colour, mode, grounds)


def _hover(colour: str, mode: str) -> str:
    """One step further from the ground than the brand itself, which only adds contrast."""
    lch = to_oklch(_brand(colour, mode))
    return _hex(Oklch(lch.lightness + (-0.09 if mode == "light" else 0.08), lch.chroma, lch.hue))


def _soft(colour: str, mode: str) -> str:
    lch = to_oklch(colour)
    if mode == "light":
        return _hex(Oklch(0.95, min(lch.chroma, 0.02), lch.hue))
    return _hex(Oklch(0.30, min(lch.chroma, 0.045), lch.hue))


_TOKENS: dict[str, Callable[[str, str], str]] = {"brand": _brand, "hover": _hover, "soft": _soft}


def _readable(colour: str, mode: str, grounds: Iterable[str]) -> str:
    """The colour, moved away from the grounds until text in it can be read on each; and ink can be read on it."""
    lch = to_oklch(colour)
    is_light, grounds = mode == "light", (*grounds, _INKS[mode])
    lightness, chroma = (lch.lightness, lch.chroma) if is_light else (max(lch.lightness, 0.79), min(lch.chroma, 0.09))
    while True:
        found = _hex(Oklch(lightness, chroma, lch.hue))
        if all(contrast(found, ground) >= ENOUGH for ground in grounds):
            return found
        lightness += -_STEP if is_light else _STEP


def _deep(colour: str, most: float) -> str:
    """For screens, posters and mail headers, under white: never switches."""
    lch = to_oklch(colour)
    lightness = min(lch.lightness, most)
    while contrast(_hex(Oklch(lightness, lch.chroma, lch.hue)), "#ffffff") < 7:
        lightness -= _STEP
    return _hex(Oklch(lightness, lch.chroma, lch.hue))


def _measure(pairs: dict[str, dict[str, str]]) -> dict[tuple[str, str, str], float]:
    ratios = {}
    for mode, (ground, well) in _GROUNDS.items():
        brand = pairs["brand"][mode]
        for name, other in (
            ("bg", ground),
            ("well", well),
            ("brand-soft", pairs["soft"][mode]),
            ("brand-ink", _INKS[mode]),
        ):
            ratios["brand", name, mode] = round(contrast(brand, other), 1)
    return ratios


def _switch(pair: dict[str, str]) -> str:
    return f"light-dark({pair['light']},{pair['dark']})"


def to_oklch(colour: str) -> Oklch:
    """`#rrggbb` in OKLCH. Raises ValueError."""
    red, green, blue = _linear(colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return Oklch(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)


def _hex(colour: Oklch) -> str:
    """Back to `#rrggbb`; chroma is given up where the screen has no such colour."""
    lightness, chroma = min(max(colour.lightness, 0.0), 1.0), colour.chroma
    while chroma > 0:
        rgb = _to_rgb(Oklch(lightness, chroma, colour.hue))
        if all(-0.0005 <= part <= 1.0005 for part in rgb):
            break
        chroma = max(0.0, chroma - _STEP)
    else:
        rgb = _to_rgb(Oklch(lightness, 0.0, colour.hue))
    return "#" + "".join(f"{round(255 * _encoded(min(max(part, 0.0), 1.0))):02x}" for part in rgb)


def _to_rgb(colour: Oklch) -> tuple[float, float, float]:
    a, b = colour.chroma * math.cos(math.radians(colour.hue)), colour.chroma * math.sin(math.radians(colour.hue))
    long = (colour.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (colour.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _linear(colour: str) -> tuple[float, float, float]:
    if not is_colour(colour):
        raise ValueError(f"{colour!r} is no #rrggbb")
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _decoded(red), _decoded(green), _decoded(blue)


def _decoded(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _encoded(part: float) -> float:
    return part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
