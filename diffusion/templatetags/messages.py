"""What the pages of messages show: the public's words made harmless, facts marked in them, stages, ways in, networks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import nh3
from django import template
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from diffusion.rendition.markdown import SCHEMES, TAGS
from diffusion.report import Stage
from diffusion.templatetags.diffusion import icon, typo
from diffusion.web.spelling import lasts, number

register = template.Library()


@register.filter
def of(table: dict[Any, Any], key: Any) -> Any:
    """The row of a table, or nothing."""
    return table.get(key, ())


@register.filter
def public_html(html: str) -> str:
    """A version's HTML. It was cleaned when it was made; cleaned again here, since a page must not rely on that."""
    kept = nh3.clean(
        html, tags=TAGS, attributes={"a": {"href"}, "ol": {"start"}}, url_schemes=SCHEMES, link_rel="nofollow"
    )
    return mark_safe(kept)  # noqa: S308  # cleaned on the line above


@register.filter
def marked(text: str, facts: Iterable[Any]) -> str:
    """A plain text in paragraphs with its facts underlined: `facts` have start, end and is_essential, in `text`'s offsets."""
    out, at = [], 0
    for fact in facts:
        if fact.start < at:
            continue
        out += [_lines(text[at : fact.start]), _fact(fact, text[fact.start : fact.end])]
        at = fact.end
    out.append(_lines(text[at:]))
    return mark_safe(f"<p>{''.join(out)}</p>")  # noqa: S308  # each part was escaped


def _fact(fact: Any, words: str) -> str:
    return format_html('<span class="{}">{}</span>', "f e" if fact.is_essential else "f", words)


def _lines(text: str) -> str:
    return escape(text).replace("\n\n", "</p><p>").replace("\n", "<br>")


@register.filter
def visible(text: str) -> str:
    """Spaces that look alike, told apart: a thin one, a wide one that doesn't break, and nothing at all."""
    if not text:
        return "∅"
    return text.replace("\u202f", "⎵").replace("\u00a0", "⍽").replace("\n", "↵")


VIA: dict[str, tuple[str, Any]] = {
    "feed": ("rss", _("flux")),
    "calendar": ("calendar-event", _("agenda")),
    "form": ("ui-checks", _("formulaire")),
    "api": ("plug", _("API")),
    "mail": ("envelope", _("courriel")),
    "file": ("paperclip", _("fichier")),
}


@register.simple_tag
def via(code: str) -> str:
    """By which way a submission came in."""
    drawn, word = VIA.get(code, ("inbox", code))
    return format_html('<span class="nw">{} {}</span>', icon(drawn), typo(word))


STAGES: dict[str, tuple[str, str, Any]] = {
    Stage.DRAFT: ("pencil-square", "tag", _("En préparation")),
    Stage.FAULTY: ("exclamation-triangle-fill", "tag bad", _("Versions à corriger")),
    Stage.ASKED: ("hourglass-split", "tag", _("Attend une décision")),
    Stage.DECLINED: ("reply-fill", "tag warn", _("Renvoyé")),
    Stage.LAPSED: ("hourglass-split", "tag warn", _("Sans réponse")),
    Stage.APPROVED: ("check-circle-fill", "tag ok", _("Approuvé, à publier")),
    Stage.PLANNED: ("clock", "st planned", _("Planifié")),
    Stage.PUBLISHING: ("send", "st sending", _("En cours de publication")),
    Stage.PUBLISHED: ("check-circle-fill", "st published", _("Publié")),
    Stage.CHANGED: ("exclamation-triangle-fill", "tag bad", _("À corriger en ligne")),
    Stage.WITHDRAWN: ("eye-slash-fill", "st withdrawn", _("Retiré")),
    Stage.ASIDE: ("slash-circle", "st cancelled", _("Mis de côté")),
}


@register.simple_tag
def stage(code: str) -> str:
    """Where a message stands: icon and word."""
    drawn, mark, word = STAGES[code]
    return format_html('<span class="{}">{}{}</span>', mark, icon(drawn), typo(word))


PREVIEWS = {
    "mastodon": "mastodon",
    "bluesky": "bluesky",
    "x": "x",
    "smtp": "mail",
    "wordpress": "intranet",
    "board": "intranet",
}


@register.filter
def preview(channel: str) -> str:
    """The class of a network's preview; a plain one where there is none."""
    return PREVIEWS.get(channel, "plain")


@register.filter
def figure(row: Any, name: str) -> str:
    """One of a month's figures: a number, or a time where its name says seconds."""
    value = getattr(row, name)
    return lasts(value) if name.endswith("_s") else number(value)


@register.filter
def path(url: str) -> str:
    """The path of an address of ours: a page shows its own pictures wherever it is reached from."""
    return urlsplit(url).path


@register.filter
def utc_offset(at: datetime) -> str:
    """UTC+2: what tells the two same hours of a night apart."""
    offset = timezone.localtime(at).utcoffset()
    hours = offset.total_seconds() / 3600 if offset else 0
    return f"UTC{hours:+g}"
