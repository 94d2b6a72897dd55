"""How long a text is, in what a channel counts; URLs that count a fixed length; SMS parts.

Sources, read in 2026:
- weighted: twitter-text, `config/v3.json` (ranges, 280, URL 23, emoji) and its README, "Parsing and counting";
- graphemes: UAX #29, extended grapheme clusters; Mastodon's rules for URLs and mentions: docs.joinmastodon.org,
  "Posting to your profile", and `config/initializers/twitter_regex.rb` of its source;
- gsm7: 3GPP TS 23.038, 6.2.1 (default alphabet and extension table); parts: 3GPP TS 23.040, 9.2.3.24.1;
- top-level domains: IANA's root zone list (`tlds.txt`).

A lone surrogate never raises: it counts as one code point, one UTF-16 unit, three bytes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import cache
from importlib.resources import files

import regex

WEIGHTED_URL = 23
"""What any URL weighs in the weighted count, whatever its length."""

GSM7_ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENSION = frozenset("\f^{}\\[~]|€")
"""Each takes two septets: an escape and itself."""

SMS_SEPTETS = 160
SMS_SEPTETS_A_PART = 153
SMS_UNITS = 70
SMS_UNITS_A_PART = 67


class Counting(StrEnum):
    """The unit of a text limit."""

    CODEPOINTS = "codepoints"
    GRAPHEMES = "graphemes"
    WEIGHTED = "weighted"
    UTF16 = "utf16"
    BYTES = "bytes"
    GSM7 = "gsm7"


def length(text: str, counting: Counting, *, url_length: int | None = None, mention_domain: bool = True) -> int:
    """How long `text` is.

    `url_length`: what each URL counts, where that is fixed; the weighted count has its own, 23, unless told
    otherwise. `mention_domain` False: of a remote mention (`@user@host`) only `@user` counts.
    """
    if counting is Counting.WEIGHTED:
        return _weighted(text, WEIGHTED_URL if url_length is None else url_length)
    if url_length is not None:
        text = _with_urls_of(text, url_length)
    if not mention_domain:
        text = _REMOTE_MENTION.sub(r"\1", text)
    return _COUNTS[counting](text)


def is_gsm7(text: str) -> bool:
    """Whether an SMS of this text stays in the 7-bit alphabet. One `ê` or `’` is enough to leave it."""
    return all(char in GSM7_ALPHABET or char in GSM7_EXTENSION for char in text)


def sms_parts(text: str) -> int:
    """How many SMS the text takes: 160 septets, or 153 a part; outside GSM-7 70 UTF-16 units, or 67 a part."""
    if not text:
        return 0
    narrow = is_gsm7(text)
    cells = [_septets(char) if narrow else _units(char) for char in text]
    whole, part = (SMS_SEPTETS, SMS_SEPTETS_A_PART) if narrow else (SMS_UNITS, SMS_UNITS_A_PART)
    return 1 if sum(cells) <= whole else _packed(cells, part)


def _packed(cells: Iterable[int], room: int) -> int:
    """Parts needed when no cell may be split: an escape pair and a surrogate pair stay together."""
    parts, used = 1, 0
    for cell in cells:
        if used + cell > room:
            parts, used = parts + 1, 0
        used += cell
    return parts


def _septets(char: str) -> int:
    return 2 if char in GSM7_EXTENSION else 1


def _units(char: str) -> int:
    return 2 if ord(char) > 0xFFFF else 1


def _graphemes(text: str) -> int:
    return sum(1 for _ in _CLUSTER.finditer(text))


def _utf16(text: str) -> int:
    return sum(map(_units, text))


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _gsm7(text: str) -> int:
    return sum(map(_septets, text)) if is_gsm7(text) else _utf16(text)


_COUNTS: dict[Counting, Callable[[str], int]] = {
    Counting.CODEPOINTS: len,
    Counting.GRAPHEMES: _graphemes,
    Counting.UTF16: _utf16,
    Counting.BYTES: _bytes,
    Counting.GSM7: _gsm7,
}

_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""Code points that weigh 1 (both ends included); all others weigh 2."""


def _weight(char: str) -> int:
    point = ord(char)
    return 1 if any(first <= point <= last for first, last in _LIGHT) else 2


def _weighted(text: str, url_length: int) -> int:
    text = unicodedata.normalize("NFC", text)
    total, at = 0, 0
    for start, end in _any_urls(text):
        total += _weighted_plain(text[at:start]) + url_length
        at = end
    return total + _weighted_plain(text[at:])


def _weighted_plain(text: str) -> int:
    """Text without URLs: an emoji sequence weighs 2 as a whole, however many code points it joins."""
    rest, emoji = _EMOJI.subn("", text)
    return sum(map(_weight, rest)) + 2 * emoji


# What a URL is: twitter-text's grammar with its own path, and the wider path that Mastodon gives it.
# Quantifiers on labels are possessive and bounded, as DNS bounds them, so that no text takes quadratic time.
_SPACES = r"\p{White_Space}\u180E"
_UNSEEN = r"\uFFFE\uFEFF\uFFFF\u202A-\u202E\u061C\u200E\u200F\u2066-\u2069"
_LATIN = (
    r"\xC0-\xD6\xD8-\xF6\xF8-\u024F\u0253\u0254\u0256\u0257\u0259\u025B\u0263\u0268\u026F\u0272\u0289\u028B\u02BB"
    r"\u0300-\u036F\u1E00-\u1EFF"
)
_RUN = rf"[^{_SPACES}{_UNSEEN}!'#%&()*+,\\\-./:;<=>?@\[\]^_{{|}}~$]{{1,63}}+"
_SUBDOMAIN = rf"{_RUN}(?:[-_]++{_RUN}){{0,31}}+\."
_DOMAIN = rf"{_RUN}(?:-++{_RUN}){{0,31}}+\."
_TLD = r"(?:\L<tlds>|xn--[-0-9a-z]+)(?=[^0-9a-zA-Z@+\-]|$)"
_HOST = rf"(?:{_SUBDOMAIN}){{0,31}}{_DOMAIN}{_TLD}"
_BEFORE = r"(?:[^A-Za-z0-9@＠$#＃\uFFFE\uFEFF\uFFFF]|^)"


def _path(char: str, end: str) -> str:
    """A path: `char` its characters but brackets, `end` those it may end in; brackets balance, two levels deep."""
    brackets = rf"\((?:{char}*+\({char}++\){char}*+|{char}++)\)"
    return rf"(?:/(?:(?:{char}|{brackets})*(?:{end}|{brackets}))?)"


_TWITTER_PATH = _path(
    rf"[a-z\u0400-\u04FF0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{_LATIN}]", rf"[+\-a-z\u0400-\u04FF0-9=_#/{_LATIN}]"
)
_MASTODON_PATH = _path(rf"[^{_SPACES}<>()?]", rf"[^{_SPACES}()?!*\"'「」<>;:=,.$%\[\]~&|@]")
_TWITTER_QUERY = r"(?:\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/])?"
_MASTODON_QUERY = r"(?:\?[a-z0-9!?*'();:&=+$/%#\[\]\-_.,~|@^\xA0-\U0010FFFD]*[a-z0-9_&=#/\-\xA0-\U0010FFFD])?"

_CLUSTER = regex.compile(r"\X")
_REMOTE_MENTION = regex.compile(r"(?<![=/\w])(@[a-z0-9_]+(?:[a-z0-9_.-]+[a-z0-9_]+)?)@[\w.-]+\w", regex.IGNORECASE)
_CHANGED = r"(?:\uFE0F|\p{Emoji_Modifier})"
_PICTURE = rf"\p{{Extended_Pictographic}}{_CHANGED}?(?:[\U000E0020-\U000E007E]+\U000E007F)?"
_EMOJI = regex.compile(
    r"\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3|\p{Emoji_Modifier}"
    rf"|(?=\p{{Emoji_Presentation}}|\p{{Extended_Pictographic}}(?:{_CHANGED}|\u200D)){_PICTURE}(?:\u200D{_PICTURE})*"
)


@cache
def _top_level_domains() -> frozenset[str]:
    return frozenset(files("channels").joinpath("tlds.txt").read_text("utf-8").split())


@cache
def _pattern(scheme: str, path: str, query: str) -> regex.Pattern[str]:
    source = rf"{_BEFORE}(?P<url>(?P<scheme>{scheme})(?P<host>{_HOST})(?::[0-9]+)?(?P<path>{path})?{query})"
    return regex.compile(source, regex.IGNORECASE, tlds=_top_level_domains())


@cache
def _plain_domains() -> regex.Pattern[str]:
    return regex.compile(rf"(?:[-a-z0-9{_LATIN}]+\.)+{_TLD}", regex.IGNORECASE, tlds=_top_level_domains())


def _any_urls(text: str) -> Iterable[tuple[int, int]]:
    """Where the weighted count sees URLs, bare domains (`example.fr`) included."""
    if "." not in text:
        return
    for match in _pattern(r"(?:https?://|(?<![-_./]))", _TWITTER_PATH, _TWITTER_QUERY).finditer(text):
        start, end = match.span("url")
        if match["scheme"]:
            yield start, end
        else:
            yield from _bare(match, end)


def _bare(match: regex.Match[str], end: int) -> Iterable[tuple[int, int]]:
    """Without a scheme only Latin letters make a domain (`日本example.fr` is two signs and a URL), and a query
    or a port belongs to the URL only behind a path."""
    found = [m.span() for m in _plain_domains().finditer(match["host"])]
    offset = match.start("host")
    for i, (first, last) in enumerate(found):
        is_last = i == len(found) - 1
        yield offset + first, end if is_last and match["path"] else offset + last


def _with_urls_of(text: str, url_length: int) -> str:
    """The text with a stand-in of `url_length` for each URL that has a scheme."""
    if "://" not in text:
        return text
    pattern = _pattern(r"(?:https?|dat|dweb|ipfs|ipns|ssb|gopher|gemini)://", _MASTODON_PATH, _MASTODON_QUERY)
    return pattern.sub(lambda m: m[0][: m.start("url") - m.start()] + "x" * url_length, text)
