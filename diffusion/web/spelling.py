"""How the tool spells: French typography of its own sentences, times, lengths and numbers as people read them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.utils import dateformat, timezone, translation
from django.utils.translation import get_language, gettext, pgettext

NARROW, WIDE = "\u202f", "\u00a0"
_MASK = "\ue000"
_MASKED = re.compile(r"<[^>]*>|&#?\w+;|\ue000")
"""Tags and entities, which stand aside while the words between them are spelt."""
_RULES = (
    (re.compile(r"(?<=\w)'(?=[\w«\ue000])"), "’"),
    (re.compile(r"(?<=[^\s;!?]) ?([;!?]+)(?=[\s)»\ue000]|$)"), NARROW + r"\1"),
    (re.compile(r"(?<=\S) :(?=\s|$)"), WIDE + ":"),
    (re.compile(r"«[ \u00a0]?"), "«" + WIDE),
    (re.compile(r"[ \u00a0]?»"), WIDE + "»"),
    (re.compile(r"(?<=\d) (?=(?:h|min|s|j|Mo|ko)\b|[%€])"), WIDE),
    (re.compile(r"(?<=\bh) (?=\d)"), WIDE),
    (re.compile(r"(?<=\d) (?=\d{3}\b)"), NARROW),
)


def typography(text: str) -> str:
    """French spaces and signs in the tool's own sentences; tags and entities are left alone. Twice is once."""
    aside = iter(_MASKED.findall(text))
    spelt = _MASKED.sub(_MASK, text)
    for pattern, to in _RULES:
        spelt = pattern.sub(to, spelt)
    return "".join(next(aside) if sign == _MASK else sign for sign in spelt)


def is_french() -> bool:
    return (get_language() or "fr").startswith("fr")


def ngettext(singular: str, plural: str, n: int) -> str:
    """Django's, with French zero in the singular: « 0 diffusion ». Our French is in the code, in no catalogue with a rule."""
    return translation.ngettext(singular, singular if is_french() and n == 0 else plural, n)


def spell(at: datetime, how: str = "full", now: datetime | None = None) -> str:
    """A local time as people read it, in the reader's language."""
    now = timezone.localtime(now)
    if how == "time":
        return _time(at)
    if how == "second":
        return _time(at) + (f"{WIDE}min{WIDE}{at:%S}" if is_french() else f"{at:%S}".join((":", "")))
    if how in ("day", "eve"):  # "eve": the last day before a midnight that ends something
        return _day(at - timedelta(seconds=1) if how == "eve" else at, now)
    if how == "moment":  # of a story: to the second today, with its day before
        return spell(at, "second", now) if at.date() == now.date() else f"{_day(at, now)}, {spell(at, 'second', now)}"
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


def number(value: int) -> str:
    """8412 → « 8 412 » with a thin space, or 8,412."""
    return f"{value:,}".replace(",", NARROW) if is_french() else f"{value:,}"
