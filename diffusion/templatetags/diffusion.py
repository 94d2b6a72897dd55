"""What templates need to speak as people read: French typography, dates, states, levels, icons, words of codes.

`{% load diffusion %}` also replaces `translate` and `blocktranslate`: the same tags, whose French comes out with
thin and non-breaking spaces, ’ and « » in their places, so that nobody types them. Words of the public never pass here.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.templatetags import i18n
from django.templatetags.static import static
from django.utils import dateformat, formats, timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, pgettext
from django.utils.translation import gettext_lazy as _

from channels import registry
from diffusion import errors
from diffusion.brand.models import Level

register = template.Library()

NARROW, WIDE = "\u202f", "\u00a0"
_TAGS = re.compile(r"(<[^>]*>|&#?\w+;)")
_RULES = (
    (re.compile(r"(?<=\w)'(?=\w)"), "’"),
    (re.compile(r"(?<=\S) ?([;!?])(?=\s|$|[)»<])"), NARROW + r"\1"),
    (re.compile(r"(?<=\S) :(?=\s|$)"), WIDE + ":"),
    (re.compile(r"« ?"), "«" + WIDE),
    (re.compile(r" ?»"), WIDE + "»"),
    (re.compile(r"(?<=\d) (?=(?:h|min|s|j|%|€|Mo|ko)\b|[%€])"), WIDE),
    (re.compile(r"(?<=\bh) (?=\d)"), WIDE),
    (re.compile(r"(?<=\d) (?=\d{3}\b)"), NARROW),
)


def typography(text: str) -> str:
    """French spaces and signs in the tool's own sentences; tags and entities are left alone. Twice is once."""
    parts = _TAGS.split(text)
    for at in range(0, len(parts), 2):
        for pattern, to in _RULES:
            parts[at] = pattern.sub(to, parts[at])
    return "".join(parts)


def is_french() -> bool:
    return (get_language() or "fr").startswith("fr")


@register.filter
def typo(text: Any) -> str:
    """A sentence of the tool (from a view, a model's label), in the typography of the reader's language."""
    if not is_french():
        return str(text)
    clean = typography(str(conditional_escape(text)).replace("&#x27;", "’"))
    return mark_safe(clean)  # noqa: S308  # escaped on the line above


class _Spoken(template.Node):
    """A translation tag, whose French gets its typography."""

    def __init__(self, inner: template.Node) -> None:
        self.inner = inner
        self.asvar = getattr(inner, "asvar", None)

    def render(self, context: template.Context) -> str:
        text = self.inner.render(context)
        if not is_french():
            return text
        if self.asvar:
            context[self.asvar] = _kept_safe(context[self.asvar])
            return text
        return _kept_safe(text)


def _kept_safe(text: str) -> str:
    spoken = typography(text)
    return mark_safe(spoken) if isinstance(text, SafeString) else spoken  # noqa: S308  # as safe as it was


def _spoken(make: Any) -> Any:
    return lambda parser, token: _Spoken(make(parser, token))


for _name, _make in (("translate", i18n.do_translate), ("blocktranslate", i18n.do_block_translate)):
    register.tag(_name, _spoken(_make))


# dates and times


@register.simple_tag
def when(at: datetime | None, how: str = "full") -> str:
    """`<time>` with its offset. `how`: full « mardi 16 juin, 9 h 42 », near « hier, 9 h 42 », time, second, day, short."""
    if at is None:
        return "–"
    local = timezone.localtime(at)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), spell(local, how))


def spell(at: datetime, how: str = "full", now: datetime | None = None) -> str:
    """A local time as people read it, in the reader's language."""
    now = timezone.localtime(now)
    if how == "time":
        return _time(at)
    if how == "second":
        return _time(at) + (f"{WIDE}min{WIDE}{at:%S}" if is_french() else f"{at:%S}".join((":", "")))
    if how in ("day", "eve"):  # "eve": the last day before a midnight that ends something
        return _day(at - timedelta(seconds=1) if how == "eve" else at, now)
    if how == "short":
        return _time(at) if at.date() == now.date() else _day(at, now)
    if how == "near" and (day := _near(at, now)) is not None:
        return f"{day}, {_time(at)}" if day else _time(at)
    return f"{_day(at, now)}, {_time(at)}"


def _time(at: datetime) -> str:
    return f"{at.hour}{WIDE}h{WIDE}{at:%M}" if is_french() else f"{at:%H:%M}"


def _near(at: datetime, now: datetime) -> str | None:
    """Today without a word; yesterday, tomorrow; None beyond."""
    return {0: "", -1: gettext("hier"), 1: gettext("demain")}.get((at.date() - now.date()).days)


def _day(at: datetime, now: datetime) -> str:
    number = "1er" if is_french() and at.day == 1 else str(at.day)
    year = f" {at.year}" if at.year != now.year else ""
    return f"{dateformat.format(at, 'l')} {number}{WIDE}{dateformat.format(at, 'F')}{year}"


@register.filter
def lasts(seconds: float | None) -> str:
    """A length of time, rounded as people do: 41 s, 12 min, 2 h 10, 3 j."""
    if seconds is None:
        return "–"
    whole = int(seconds)
    if whole < 90:
        return f"{whole}{WIDE}s"
    if whole < 5400:
        return f"{whole // 60}{WIDE}min"
    if whole < 172800:
        return f"{whole // 3600}{WIDE}h{WIDE}{whole % 3600 // 60:02d}"
    return f"{whole // 86400}{WIDE}{pgettext('jours', 'j')}"


@register.filter
def number(value: int) -> str:
    """8412 → « 8 412 » with a thin space, or 8,412."""
    return f"{value:,}".replace(",", NARROW) if is_french() else f"{value:,}"


# icons, states, levels, channels


@register.simple_tag
def icon(name: str, classes: str = "", word: str = "") -> str:
    """A symbol of the sprite. It is hidden from readers of the screen, who hear `word` instead if there is one."""
    drawn = format_html(
        '<svg class="i {}" aria-hidden="true"><use href="{}#{}"/></svg>', classes, static("icons.svg"), name
    )
    return drawn + format_html('<span class="sr">{}</span>', word) if word else drawn


STATES: dict[str, tuple[str, Any]] = {
    "planned": ("clock", _("Planifiée")),
    "due": ("hourglass-split", _("En file")),
    "sending": ("send", _("Envoi en cours")),
    "published": ("check-circle-fill", _("Publiée")),
    "verifying": ("search", _("Vérification en cours")),
    "uncertain": ("question-diamond-fill", _("Incertaine")),
    "retrying": ("arrow-repeat", _("Nouvel essai")),
    "refused": ("x-octagon-fill", _("Refusée")),
    "held": ("pause-circle-fill", _("Suspendue")),
    "cancelled": ("slash-circle", _("Annulée")),
    "superseded": ("slash-circle", _("Remplacée")),
    "withdrawn": ("eye-slash-fill", _("Retirée")),
}
"""`delivery.shown_state` → icon and word: always both."""

STOPS: dict[str, Any] = {
    "gate": _("attend l'interne"),
    "paused": _("compte en pause"),
    "late": _("trop tard : à vous de décider"),
}


@register.simple_tag
def state(delivery: Any) -> str:
    """The delivery's state as icon and word; when retrying, the time of the next try."""
    return named_state(delivery.shown_state, delivery.due_at if delivery.shown_state == "retrying" else None)


@register.simple_tag
def named_state(name: str, at: datetime | None = None) -> str:
    drawn, label = STATES.get(name, ("question-circle", name))
    time = format_html(" {} {}", gettext("à"), when(at, "time")) if at else ""
    return format_html('<span class="st {}">{}{}{}</span>', name, icon(drawn), typo(label), time)


@register.filter
def stop_word(code: str) -> str:
    """Why a planned delivery has no time."""
    return typo(STOPS.get(code, code))


@register.filter
def state_word(name: str) -> str:
    return typo(STATES[name][1]) if name in STATES else name


LEVELS: dict[str, tuple[str, Any]] = {
    Level.INTERNAL: ("l1", _("Interne")),
    Level.PARTNERS: ("l2", _("Partenaires")),
    Level.PUBLIC: ("l3", _("Public")),
}


@register.filter
def level_word(value: str) -> str:
    return typo(LEVELS[value][1]) if value in LEVELS else value


@register.simple_tag
def level(value: str, show: str = "") -> str:
    """A dot with none, one or two rings. With `show="word"` the word stands beside it, else only for the ear."""
    mark, label = LEVELS.get(value, ("l3", value))
    drawn = format_html('<svg class="lvl" aria-hidden="true"><use href="{}#{}"/></svg>', static("icons.svg"), mark)
    return drawn + format_html('<span class="{}">{}</span>', "nw" if show == "word" else "sr", label)


CHANNEL_ICONS = {
    "board": "newspaper", "wordpress": "wordpress", "mastodon": "mastodon", "bluesky": "bluesky", "x": "twitter-x",
    "smtp": "envelope", "feed": "rss", "sms": "chat-left-text", "facebook": "facebook", "linkedin": "linkedin",
    "telegram": "telegram",
}  # fmt: skip


@register.simple_tag
def channel_icon(name: str, classes: str = "i-lg") -> str:
    """The network's icon, or a plain one. Beside the account's name, so that it says nothing to the ear."""
    return icon(CHANNEL_ICONS.get(name, "broadcast"), classes)


@register.filter
def channel_label(name: str) -> str:
    return registry.get(name).label if name in registry.names() else name


# codes


@register.filter
def word(code: str, facts: dict[str, Any] | None = None) -> str:
    """The sentence of an error's or an outcome's code, in the reader's language."""
    return typo(errors.word(code, get_language() or "fr", **(facts or {})))


@register.filter
def decimal(value: float) -> str:
    """One digit after the comma, as the reader writes it."""
    return formats.number_format(value, 1)
