"""A message, a level, its voice and a channel's data → the version for one account. Pure: same in, same out."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Protocol

from channels.contract import Channel, Kind, Limits, Markup, Media, Rendition
from diffusion.rendition.fit import LADDER, PLAIN_CHARACTERS, UNCHANGED, Fitted, TooLong, fit
from diffusion.rendition.markdown import clean, from_text, to_html, to_text
from diffusion.rendition.phrases import phrases
from diffusion.rendition.room import Room, room_of
from diffusion.rendition.sentences import units
from diffusion.rendition.statement import Pair, Statement

__all__ = ["Composed", "Fitting", "Statement", "Voice", "compose", "hashtag", "is_titled"]

SUMMARY = 200
"""Code points that a summary may take."""

HASHTAGS = 3
"""Hashtags that a post may carry: more is noise, and each is read out by a screen reader."""

TOO_LONG = "too_long"


class Voice(Protocol):
    """What a charter asks of a level: a mention and a signature on each version, hashtags on the networks."""

    @property
    def mention(self) -> str: ...
    @property
    def signature(self) -> str: ...
    @property
    def hashtags(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class _Silent:
    """The voice of a level for which no charter asks anything."""

    mention: str = ""
    signature: str = ""
    hashtags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fitting:
    """What was given up so that the version fits, and whether it does.

    `length` and `limit` as the channel counts; `over` more than 0: no version keeps the `essential` facts, the text is
    the whole one and can't be published. `furniture` is what the voice and the link added.
    """

    rung: str
    length: int
    limit: int | None
    dropped: tuple[str, ...] = ()
    over: int = 0
    essential: tuple[Pair, ...] = ()
    furniture: str = ""
    hashtags_dropped: int = 0
    media_dropped: int = 0


@dataclass(frozen=True, slots=True)
class Composed:
    """A version and how it came about."""

    rendition: Rendition
    fitting: Fitting

    @property
    def report(self) -> dict[str, Any]:
        """How the version came about, as JSON."""
        return asdict(self.fitting)


def compose(
    statement: Statement,
    *,
    level: str,
    voice: Voice | None,
    channel: type[Channel],
    link: str,
    published: date,
    limits: Limits | None = None,
) -> Composed:
    """The version for one account. `link` leads to the message's own page; `limits` are those its server states."""
    rules, voice = limits or channel.limits, voice or _Silent()
    if is_titled(channel):
        return _titled(statement, level, voice, channel, link, published, rules)
    return _untitled(statement, level, voice, channel, link, published, rules)


def is_titled(channel: type[Channel]) -> bool:
    """Whether the channel shows a title apart from the text: pages, letters and feeds do, posts do not."""
    return channel.kind is not Kind.SOCIAL and (channel.markup is Markup.HTML or channel.kind in _TITLED)


_TITLED = (Kind.INTRANET, Kind.SITE, Kind.NEWSLETTER)


def hashtag(words: str) -> str:
    """« fête de l’eau » → `#FêteDeLEau`: each word's capital lets a screen reader part them."""
    parts = re.findall(r"[^\W_]+", clean(words))
    return "#" + "".join(part[0].upper() + part[1:] for part in parts) if parts else ""


def _titled(
    statement: Statement, level: str, voice: Voice, channel: type[Channel], link: str, published: date, rules: Limits
) -> Composed:
    """A page, a letter, an entry of a feed: title and summary apart from the text, HTML where the channel shows it."""
    body = statement.body_for(level)
    home = (
        link if channel.kind is Kind.SITE else ""
    )  # a page elsewhere leads to the message's own, where it is kept current
    closing = [part for part in (voice.mention.strip(), voice.signature.strip(), home) if part and part not in body]
    whole = "\n\n".join([body, *closing])
    text, page = to_text(whole), to_html(whole)
    room = room_of(channel, rules, "".join("\n\n" + to_text(part) for part in closing))
    fitted, over, essential = _fitted(statement, to_text(body), room, published)
    if fitted.text != to_text(body):
        text = fitted.text + room.suffix
        page = from_text(text)
    title = _short_title(statement, rules, published)
    media, left_out = _media(statement, rules)
    rendition = Rendition(
        text=_plain(text, channel),
        title=title,
        html=page if channel.markup is Markup.HTML else "",
        summary=_summary(statement, level, published),
        language=statement.language,
        link=link,
        media=media,
        level=level,
    )
    length, limit = channel.length(rendition.text, rules), rules.ceiling(rendition.text)
    furniture = "\n".join([*closing, link])
    return Composed(
        rendition,
        Fitting(fitted.rung, length, limit, fitted.dropped, over, essential, furniture, media_dropped=left_out),
    )


def _untitled(
    statement: Statement, level: str, voice: Voice, channel: type[Channel], link: str, published: date, rules: Limits
) -> Composed:
    """One text with the voice and the link under it: with all its hashtags, with one or with none, the gentlest."""
    source = _plain(statement.text_for(level), channel)
    closing = [_plain(clean(part.strip()), channel) for part in (voice.mention, voice.signature)]
    closing = [part for part in [*closing, link] if part and part not in source]
    tags = _tags(voice, channel, source)
    tries = []
    for count in sorted({len(tags), min(1, len(tags)), 0}, reverse=True):
        room = room_of(channel, rules)
        suffix = room.plain(_suffix([*closing, " ".join(tags[:count])], channel))
        fitted, over, essential = _fitted(statement, source, replace(room, suffix=suffix), published)
        tries.append((count, fitted, over, essential, suffix))
        if fitted.rung in _GENTLE:
            break
    shown, fitted, over, essential, suffix = min(tries, key=lambda row: (_RUNGS.index(row[1].rung), -row[0]))
    text = fitted.text + suffix
    media, left_out = _media(statement, rules)
    rendition = Rendition(
        text=text,
        html=from_text(text) if channel.markup is Markup.HTML else "",
        language=statement.language,
        link=link,
        hashtags=tuple(tag.removeprefix("#") for tag in tags[:shown]),
        media=media,
        level=level,
    )
    fitting = Fitting(
        rung=fitted.rung,
        length=channel.length(text, rules),
        limit=rules.ceiling(text),
        dropped=fitted.dropped,
        over=over,
        essential=essential,
        furniture=suffix.strip(),
        hashtags_dropped=len(tags) - shown,
        media_dropped=left_out,
    )
    return Composed(rendition, fitting)


_RUNGS = (UNCHANGED, PLAIN_CHARACTERS, *(rung.__name__ for rung in LADDER), TOO_LONG)
_GENTLE = _RUNGS[: _RUNGS.index("drop_sentences") + 1]
"""What may be given up for the sake of hashtags; before sentences are cut into, the hashtags go."""


def _tags(voice: Voice, channel: type[Channel], source: str) -> tuple[str, ...]:
    if channel.kind is not Kind.SOCIAL:
        return ()
    tags = tuple(filter(None, map(hashtag, voice.hashtags)))
    return tuple(tag for tag in tags if tag.casefold() not in source.casefold())[:HASHTAGS]


def _fitted(statement: Statement, source: str, room: Room, published: date) -> tuple[Fitted, int, tuple[Pair, ...]]:
    """The text within the room; if no version fits, the whole text, by how much it is over, and what may not go."""
    try:
        done = fit(
            source,
            lang=statement.language,
            published=published,
            limit=room.limit,
            measure=room.measure,
            essential=statement.essential,
            suffix=room.suffix,
        )
    except TooLong as refusal:
        return Fitted(source, room.length(source), (), TOO_LONG), refusal.over, refusal.essential
    return done, 0, ()


def _suffix(lines: list[str], channel: type[Channel]) -> str:
    """What stands under the text; a line apart where a channel shows paragraphs."""
    said = [line for line in lines if line]
    return ("\n\n" if channel.kind is Kind.SOCIAL else "\n") + "\n".join(said) if said else ""


def _plain(text: str, channel: type[Channel]) -> str:
    """U+202F shows as a box in many plain-text places; U+00A0 keeps words together just as well."""
    return text if channel.markup is Markup.HTML else text.replace("\u202f", "\u00a0")


def _short_title(statement: Statement, rules: Limits, published: date) -> str:
    title = statement.title_text
    if rules.title is None:
        return title
    try:
        return fit(
            title, lang=statement.language, published=published, limit=rules.title, measure=len, essential=()
        ).text
    except TooLong:  # the channel's own check says by how much
        return title


def _summary(statement: Statement, level: str, published: date) -> str:
    """The text's beginning, in whole sentences: a choice among them would read as if they belonged together."""
    text = to_text(statement.body_for(level))
    said = ""
    for unit in units(text, phrases(statement.language)):
        longer = f"{said}{_gap(said)}{unit.text}"
        if len(longer) > SUMMARY:
            break
        said = longer
    if said:
        return said
    try:  # its first sentence alone is too long
        found = fit(text, lang=statement.language, published=published, limit=SUMMARY, measure=len, essential=())
    except TooLong:
        return ""
    return " ".join(found.text.split("\n")).strip()


def _gap(said: str) -> str:
    """What stands between one line and the next, once they share a line."""
    return "" if not said else " " if said[-1] in ".!?…:;»" else ". "


def _media(statement: Statement, rules: Limits) -> tuple[tuple[Media, ...], int]:
    """What the channel takes, and how many pictures it leaves out."""
    kept = statement.media[: rules.media.count]
    return kept, len(statement.media) - len(kept)
