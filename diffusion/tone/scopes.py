"""What no rule may touch: addresses, handles, hashtags, code, file names, markup.

Rules look at a *shadow* of the text, as long as the text, where each protected span is blanked: with OBJECT where
words stood (a link), MARKUP where nothing is read (a tag), a line break for a block's tag.
Every pattern here takes a time linear in the text: runs are possessive and start only where a run starts.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

import regex

OBJECT, MARKUP = "\ue000", "\ue001"


class Markup(StrEnum):
    PLAIN = "plain"
    MARKDOWN = "markdown"
    HTML = "html"


class Span(NamedTuple):
    """`shade` stands for each code point; `soft` spans (an entity for a space) may be replaced, but only whole."""

    start: int
    end: int
    shade: str = OBJECT
    soft: bool = False


_STOP = r"\s<>\"«»“”\u200b"
_QUOTED = r"\"[^\"<]*+\"|'[^'<]*+'"
_ENDING = ".,;:!?…'’*_~"


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TLDS = _set("""
    fr com org net eu info io app be ch ca lu uk de es it nl pt gouv paris bzh corsica alsace re gp mq nc pf yt city social
    online site store shop blog news dev ai tv me co us gov edu int museum agency academy
""")
_EXTENSIONS = _set("""
    pdf doc docx odt ods odp xls xlsx ppt pptx csv txt rtf zip rar 7z gz tar jpg jpeg png gif svg webp heic tif tiff bmp mp3
    mp4 m4a mov avi wav ogg webm ics vcf eml msg html htm php asp aspx jsp js css json xml yaml yml md py sh exe dwg dxf shp
    gpx kml geojson epub indd psd ai
""")

# (one of these must occur, pattern): the whole match is protected.
_PLAIN: tuple[tuple[tuple[str, ...], regex.Pattern[str]], ...] = (
    (("`",), regex.compile(r"```.*?```|`[^`\n]+`", regex.DOTALL)),
    (("://",), regex.compile(rf"(?<!\w)[a-zA-Z][\w+.-]{{1,15}}://[^{_STOP}]++")),
    (("www.", "WWW."), regex.compile(rf"(?<![\w.])(?:www|WWW)\.[^{_STOP}]++")),
    (
        ("mailto:", "tel:", "sms:", "geo:", "urn:", "doi:"),
        regex.compile(rf"(?<!\w)(?:mailto|tel|sms|geo|urn|doi):(?=\S)[^{_STOP}]++"),
    ),
    (("@",), regex.compile(r"(?<![\w@/.])@\w++(?:[.-]\w++)*+(?:@[\w-]++(?:\.[\w-]++)*+)?+")),
    (("#",), regex.compile(r"(?<![\w&/])#\w++(?:[·]\w++)*+")),
    (("{",), regex.compile(r"\{\{[^{}\n]*+\}\}|\{\w++\}|%\(\w++\)[sd]")),
    (("%(",), regex.compile(r"%\(\w++\)[sd]")),
    (("\\",), regex.compile(rf"(?<!\w)(?:[a-zA-Z]:\\|\\\\)[^{_STOP}|?*]*+")),
    (("/",), regex.compile(r"(?<![\w/.)\]])~?/[\w.-]++(?:/[\w.-]++)++/?")),
    (("<",), regex.compile(rf"</?[a-zA-Z][\w-]*+(?:\s++[\w:-]++(?:=(?:{_QUOTED}|[^\s\"'<>]++))?+)*+\s*+/?>")),
    (("&",), regex.compile(r"&#?\w{1,31}+;")),
    ((":",), regex.compile(r"(?<![\w:.,])\d++(?::\d++)++(?![\w:])|(?<![\w:]):[a-z0-9+-][a-z0-9_+-]*+:(?![\w:])")),
    (
        (":", ";", "=", "<3", "^^"),
        regex.compile(
            r"(?<![:;=])[:;][-^o']?[)(]++(?![\w(])|(?<![\w:;=])(?:[:;=][-^]?[DPpOoSsXx/\\]|<3|\^\^)(?![\w/\\|])"
        ),
    ),
)
_DOTTED = regex.compile(rf"(?<![\w@./\\-])[\w-]++(?:\.[\w-]++)++(?:(?:/|\?)[^{_STOP}]*+)?+")
_DOT, _DOTS, _AT = (
    regex.compile(r"(?<=[\w-])\.\w"),
    regex.compile(r"(?<=[\w-])\.{3}\w"),
    regex.compile("(?<=[\\w.+-])@"),
)
_MAIL = regex.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)*+")
_ELLIPTIC = regex.compile(r"(?<![\w@./\\-])[\w-]++(?:\.{1,3}+[\w-]++)++(?![.\w])")
"""« rapport_final...v2.pdf »: a file's name that holds an ellipsis."""
_FILE = regex.compile(
    rf"(?<![\w@./\\-])(?:[\w-]++\([\w.-]*+\)[\w-]*+|(?=[\w-]*[\d_])[\w-]++:[\w()-]++)\.(?:{'|'.join(sorted(_EXTENSIONS))})(?!\w)"
)
"""« plan(9h30).jpg », « PLU_2026:v2.pdf »."""
_NAMED = regex.compile(rf"[)\w]\.(?:{'|'.join(sorted(_EXTENSIONS))})(?!\w)")
_SPACE_ENTITY = regex.compile(r"&(?:nbsp|thinsp|ensp|emsp|NonBreakingSpace|#160|#x[aA]0|#8239|#x202[fF]|#8201|#x2009);")
_ENTITY = regex.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]\w{1,30}+);")
_TAG = regex.compile(r"""<(?:/?([a-zA-Z][\w:-]*+)|[!?])(?:(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+|[^<>]*+)>""")
_RAW = _set("script style pre code kbd samp textarea tt var svg math template")
_BLOCK = _set("""
    address article aside blockquote br caption dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header
    hr li main nav ol option p section summary table tbody td tfoot th thead tr ul body html head title
""")
_MARKDOWN = (
    (regex.compile(r"\A---\n.*?\n---(?=\n|\Z)", regex.DOTALL), "\n"),
    (regex.compile(r"^ {0,3}\[(?:\^[^\]\n]++\]:|[^\]\n]++\]:[^\n]*+)", regex.MULTILINE), MARKUP),
    (regex.compile(r"\]\([^\n()]*+(?:\([^\n()]*+\)[^\n()]*+)*+\)"), MARKUP),
    (regex.compile(r"!\["), MARKUP),
    (regex.compile(r"^[ \t]*+\|?[ \t:|-]*+-[ \t:|-]*+$", regex.MULTILINE), "\n"),
    (regex.compile(r"\{[:#.][^}\n]*+\}"), MARKUP),
)
_FENCE = regex.compile(r"^ {0,3}(```+|~~~+)[^\n]*+$", regex.MULTILINE)


def protected(text: str, markup: Markup = Markup.PLAIN) -> tuple[Span, ...]:
    """The spans that no rule may touch, in order, none overlapping."""
    spans = list(_objects(text, markup))
    if markup is Markup.HTML:
        spans += _html(text)
    elif markup is Markup.MARKDOWN:
        spans += _markdown(text)
        spans += _html(text)
    return _merged(spans)


def shadow(text: str, spans: tuple[Span, ...]) -> str:
    """The text with every span blanked by its shade, code point for code point."""
    out, at = [], 0
    for span in spans:
        out.append(text[at : span.start])
        length = span.end - span.start
        out.append(span.shade if len(span.shade) == length else span.shade[0] * length)
        at = span.end
    out.append(text[at:])
    return "".join(out)


def _objects(text: str, markup: Markup) -> Iterator[Span]:
    for needs, pattern in _PLAIN:
        if needs in (("&",), ("<",)) and markup is not Markup.PLAIN:
            continue  # entities and tags are told apart there
        if any(need in text for need in needs):
            for match in pattern.finditer(text):
                shade = "\u00a0" if needs == ("&",) and _SPACE_ENTITY.fullmatch(match[0]) else OBJECT
                yield Span(match.start(), _trimmed(text, match.start(), match.end()), shade)
    yield from _mails(text)
    yield from _names(text)


def _mails(text: str) -> Iterator[Span]:
    for match in _grown(text, _AT, _MAIL):
        yield Span(match.start(), _trimmed(text, match.start(), match.end()))


def _names(text: str) -> Iterator[Span]:
    """Names of hosts and of files, without what would mark them."""
    for match in _grown(text, _DOTS, _ELLIPTIC) if "..." in text else ():
        last = match[0].rpartition(".")[2].lower()
        if last in _EXTENSIONS and len(last) > 2:  # two letters may be a word: « … ai »
            yield Span(match.start(), match.end())
    for named in _NAMED.finditer(text):
        near = max(0, named.start() - 80)
        start = max(text.rfind(blank, near, named.start()) + 1 for blank in " \n\t\u00a0\u202f")
        if file := _FILE.search(text, max(start, near), named.end()):
            yield Span(file.start(), file.end())
    for match in _grown(text, _DOT, _DOTTED):
        end = _trimmed(text, match.start(), match.end())
        host, _, path = text[match.start() : end].partition("/")
        last = host.partition("?")[0].rpartition(".")[2].lower()
        if last in _TLDS or (path and last.isalpha() and 2 <= len(last) <= 6) or (not path and last in _EXTENSIONS):
            yield Span(match.start(), end)


def _grown(text: str, seed: regex.Pattern[str], pattern: regex.Pattern[str]) -> Iterator[regex.Match[str]]:
    """What the pattern takes from the beginning of the word in which each seed stands: the rest of the text is not tried."""
    reach = 0
    for found in seed.finditer(text):
        if found.start() < reach:
            continue
        start = found.start()
        while start > reach and (text[start - 1].isalnum() or text[start - 1] in "_-.+"):
            start -= 1
        for at in (start, *(n + 1 for n in range(start, found.start()) if text[n] in ".+")):
            if match := pattern.match(text, at):
                yield match
                reach = match.end()
                break
        reach = max(reach, found.end())  # what failed from here fails from nowhere nearer


def _trimmed(text: str, start: int, end: int) -> int:
    """Where an address ends: without the sentence's punctuation, or a bracket that it did not open."""
    if text[start] in "`:;=<^&{%":
        return end
    open_ = {")": text.count("(", start, end), "]": text.count("[", start, end)}
    closed = {")": text.count(")", start, end), "]": text.count("]", start, end)}
    while end > start + 1:
        last = text[end - 1]
        if last in closed and closed[last] > open_[last]:
            closed[last] -= 1
        elif last not in _ENDING:
            break
        end -= 1
    return end


def _html(text: str) -> Iterator[Span]:
    for match in _SPACE_ENTITY.finditer(text):
        yield Span(match.start(), match.end(), "\u00a0", soft=True)
    for match in _ENTITY.finditer(text):
        whole, length = match[0], match.end() - match.start()
        if whole == "&laquo;":
            yield Span(match.start(), match.end(), MARKUP * (length - 1) + "«")
        elif whole == "&raquo;":
            yield Span(match.start(), match.end(), "»" + MARKUP * (length - 1))
        elif not _SPACE_ENTITY.fullmatch(whole):
            yield Span(match.start(), match.end())
    yield from _tags(text)


def _tags(text: str) -> Iterator[Span]:
    at, low, unclosed, last = 0, text.lower(), set(), text.rfind("-->")
    if len(low) != len(text):  # a few capitals grow in lower case: then names are compared as written
        low = text
    while (start := text.find("<", at)) >= 0:
        if text.startswith("<!--", start) and start < last and (end := text.find("-->", start + 4)) >= 0:
            yield Span(start, end + 3, MARKUP)
            at = end + 3
            continue
        match = _TAG.match(text, start)
        if match is None:
            at = start + 1
            continue
        name, at = (match[1] or "").lower(), match.end()
        yield Span(start, at, "\n" if name in _BLOCK else MARKUP)
        if name in _RAW and text[start + 1] != "/" and name not in unclosed:
            end = low.find(f"</{name}", at)
            if end < 0:
                unclosed.add(name)
            elif end > at:
                yield Span(at, end)
                at = end


def _markdown(text: str) -> Iterator[Span]:
    for pattern, shade in _MARKDOWN:
        for match in pattern.finditer(text):
            yield Span(match.start(), match.end(), shade)
    opened: tuple[int, str] | None = None
    for fence in _FENCE.finditer(text):
        if opened is None:
            opened = fence.start(), fence[1]
        elif fence[1].startswith(opened[1]):
            yield Span(opened[0], fence.end(), "\n")
            opened = None
    if opened:
        yield Span(opened[0], len(text), "\n")


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    """Of overlapping spans one remains, as wide as both; the first's shade (the longer, if they begin together)."""
    out: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if out and span.start < out[-1].end:
            if span.end > out[-1].end or (out[-1].soft and not span.soft):
                end = max(span.end, out[-1].end)
                out[-1] = Span(out[-1].start, end, out[-1].shade[0], soft=False)
        elif span.end > span.start:
            out.append(span)
    return tuple(out)
