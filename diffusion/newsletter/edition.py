"""Assemble an issue: HTML, plain text, web page; the same for all but the two links that are a recipient's own."""

from __future__ import annotations

import functools
from typing import Any

import css_inline
import mjml
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from channels.contract import Rendition
from diffusion.brand.models import Brand
from diffusion.delivery.models import Delivery
from diffusion.newsletter.models import Edition, Line, List, Subscriber

LEAVE = "https://leave.invalid/"
"""Stands for the recipient's own link to leave, until one mail is made of the edition."""


@functools.cache
def _inliner() -> Any:
    # css-inline would fetch stylesheets by itself, and MJML would link fonts: neither may happen in a mail
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=True)


def assemble(delivery: Delivery, letter: List) -> Edition:
    """The issue of one delivery, not stored yet: rendering takes a while, and no transaction should wait for it."""
    rendition = delivery.rendition
    facts = {
        "rendition": rendition, "list": letter, "brand": delivery.account.brand, "leave": LEAVE,
        "colours": colours(delivery.account.brand), "link": rendition.link,
    }  # fmt: skip
    with translation.override(rendition.language):
        source = render_to_string("letters/edition.mjml", facts)
        text = render_to_string("letters/edition.txt", facts)
    html = _inliner().inline(mjml.mjml2html(source, fonts={}))
    return Edition(delivery=delivery, list=letter, subject=rendition.title[:300], html=html, text=text)


def colours(brand: Brand) -> tuple[str, str]:
    """The brand's two colours for a mail, with ours where its charter has none."""
    own = brand.charter.colours
    return (own[0], own[1]) if len(own) > 1 else ("#0b558c", "#2a7a3f")


def mail_to(edition: Edition, line: Line, reader: Subscriber, frozen: Rendition) -> Rendition:
    """One recipient's mail. The two headers of RFC 8058 make leaving one click; a relay's DKIM must cover both."""
    leave = f"{settings.BASE_URL}/l/{edition.list.public_id}/leave/{reader.secret}"
    return Rendition(
        text=edition.text.replace(LEAVE, leave), html=edition.html.replace(LEAVE, leave), title=edition.subject,
        language=frozen.language, link=frozen.link, at=frozen.at, level=frozen.level, to=reader.email,
        headers={
            "List-Unsubscribe": f"<{leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Id": f"<{edition.list.public_id}.{_host()}>",
        },
    )  # fmt: skip


def _host() -> str:
    return settings.BASE_URL.split("://", 1)[1].split(":")[0].split("/")[0]
