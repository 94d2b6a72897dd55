"""What templates need to speak as people read: French typography, dates, states, levels, icons, words of codes.

`{% load diffusion %}` also replaces `translate` and `blocktranslate`: the same tags, whose French comes out with
thin and non-breaking spaces, ’ and « » in their places, so that nobody types them. Words of the public never pass here.
"""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any

from django import template
from django.templatetags import i18n
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from channels import registry
from diffusion import errors
from diffusion.accounts import trouble
from diffusion.brand.models import Level
from diffusion.directory import outbox
from diffusion.intake import complaints
from diffusion.web import story
from diffusion.web.hold import spoken
from diffusion.web.spelling import is_french, lasts, number, spell, typography

register = template.Library()


@register.filter
def typo(text: Any) -> str:
    """A sentence of the tool (from a view, a model's label), in the typography of the reader's language."""
    if not is_french():
        return str(text)
    clean = typography(str(conditional_escape(text)).replace("&#x27;", "’"))
    return mark_safe(clean)  # noqa: S308  # escaped on the line above


@register.filter
def label(text: Any) -> str:
    """A model's word, which is French there, in the reader's language."""
    return typo(gettext(str(text))) if text else ""


class _Spoken(template.Node):
    """A translation tag, whose French gets its typography."""

    def __init__(self, inner: template.Node) -> None:
        self.inner = inner
        self.asvar = getattr(inner, "asvar", None)

    def render(self, context: template.Context) -> str:
        text: str = self._counted(context).render(context)
        if not is_french():
            return text
        if self.asvar:
            context[self.asvar] = _kept_safe(context[self.asvar])
            return text
        return _kept_safe(text)

    def _counted(self, context: template.Context) -> Any:
        """The tag; where it counts nothing in French, with the singular for both: « 0 diffusion »."""
        counter = getattr(self.inner, "counter", None)
        if counter is None or not is_french() or counter.resolve(context) != 0:
            return self.inner
        singular: Any = copy.copy(self.inner)
        singular.plural = singular.singular
        return singular


def _kept_safe(text: str) -> str:
    spoken = typography(text)
    return mark_safe(spoken) if isinstance(text, SafeString) else spoken  # noqa: S308  # as safe as it was


def _spoken(make: Any) -> Any:
    return lambda parser, token: _Spoken(make(parser, token))


for _name, _make in (("translate", i18n.do_translate), ("blocktranslate", i18n.do_block_translate)):
    register.tag(_name, _spoken(_make))


@register.simple_tag
def has_relay() -> bool:
    return outbox.has_relay()


# dates and times


@register.simple_tag
def when(at: datetime | None, how: str = "full") -> str:
    """`<time>` with its offset. `how`: full « mardi 16 juin, 9 h 42 », near « hier, 9 h 42 », time, second, day, short."""
    if at is None:
        return "–"
    local = timezone.localtime(at)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), spell(local, how))


register.filter(lasts)
register.filter(number)


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
    "claimed": ("hourglass-split", _("En file")),
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
    "silent": _("la répétition est éteinte"),
    "late": _("trop tard : à vous de décider"),
    "brake": _("freinée : à vous de décider"),
    "letter": _("attend la fin de la lettre qu'elle corrige"),
}


@register.simple_tag
def state(delivery: Any) -> str:
    """The delivery's state as icon and word; when retrying, the time of the next try."""
    is_ahead = delivery.shown_state == "retrying" and delivery.due_at > timezone.now()
    return named_state(delivery.shown_state, delivery.due_at if is_ahead else None)


@register.simple_tag
def named_state(name: str, at: datetime | None = None) -> str:
    drawn, label = STATES.get(name, ("question-circle", name))
    said = format_html("<span>{} {} {}</span>", typo(label), gettext("à"), when(at, "time")) if at else typo(label)
    return format_html('<span class="st {}">{}{}</span>', name, icon(drawn), said)


@register.filter
def stop_word(delivery: Any) -> str:
    """Why a planned delivery has no time."""
    code = "silent" if delivery.stop == "paused" and delivery.account.is_silent else delivery.stop
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
    return drawn + format_html('{}<span class="{}">{}</span>', *((" ", "nw") if show == "word" else ("", "sr")), label)


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


KINDS: dict[str, Any] = {
    "intranet": _("Intranet"),
    "site": _("Site"),
    "social": _("Réseau social"),
    "newsletter": _("Lettre"),
    "open": _("Ouvert"),
    "hand": _("À la main"),
}


@register.filter
def channel_kind(kind: str) -> str:
    return typo(KINDS.get(kind, kind))


@register.filter
def held(hold: Any) -> str:
    """What a hold is over, in the reader's language."""
    return typo(spoken(hold))


# codes


@register.filter
def word(code: str, facts: Any = None) -> str:
    """The sentence of an error's or an outcome's code, in the reader's language."""
    return typo(errors.word(code, get_language() or "fr", **(facts or {})))


@register.filter
def probed(code: str) -> str:
    """What a probe heard, an outcome's code or a warning: where nothing was to be published."""
    return typo(trouble.said(code, get_language() or "fr"))


@register.filter
def evidence(delivery: Any) -> Any:
    """What is known of a doubt, as lines."""
    return story.evidence(delivery)


@register.filter
def looked(delivery: Any) -> str:
    return typo(story.looked(delivery))


@register.filter
def source_health(source: Any) -> str:
    """What is wrong with a source, in a sentence; nothing when all is well."""
    first = next((row for row in source.complaints if row.get("code") == source.health), {"code": source.health})
    return complaint_words(first)


@register.filter
def complaint_words(complaint: dict[str, Any]) -> str:
    code, facts, language = complaint["code"], complaint.get("facts") or {}, get_language() or "fr"
    if code in complaints.WORDS:
        return typo(complaints.message(code, facts, language))
    return word(code, facts)


@register.filter
def answer(delivery: Any) -> Any:
    """The newest attempt that the channel answered, if any: its facts fill the code's sentence."""
    return next((attempt for attempt in reversed(list(delivery.attempts.all())) if attempt.code), None)


@register.filter
def said(delivery: Any) -> str:
    """Why it stands where it stands: its code, worded with what the channel answered."""
    last = answer(delivery)
    return word(delivery.code, last.facts if last and last.code == delivery.code else None)
