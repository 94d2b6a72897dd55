"""A calendar's dates as a sentence: an event's text seldom says again what its fields say. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

NARROW, NO_BREAK = "\u202f", "\u00a0"


def sentence(starts: str, ends: str, *, place: str = "", zone: ZoneInfo, lang: str) -> str:
    """« Le mardi 3 mars 2026, de 20 h à 22 h, salle Condorcet. » from RFC 3339 moments; empty when there is no start."""
    said = _moment(starts, ends, zone, lang)
    return f"{said[:-1]}, {place}." if said and place else said


def _moment(starts: str, ends: str, zone: ZoneInfo, lang: str) -> str:
    if not starts:
        return ""
    if len(starts) == 10:
        return _days(date.fromisoformat(starts), date.fromisoformat(ends) if len(ends) == 10 else None, lang)
    begin = datetime.fromisoformat(starts).astimezone(zone)
    end = datetime.fromisoformat(ends).astimezone(zone) if len(ends) > 10 else None
    if end and end.date() > begin.date() and end - begin > timedelta(hours=18):
        words = {"fr": "Du {a}, {t}, au {b}, {u}.", "en": "From {a}, {t}, to {b}, {u}."}[lang]
        return words.format(a=_day(begin, lang), t=_hour(begin, lang), b=_day(end, lang), u=_hour(end, lang))
    if end and end > begin:
        words = {"fr": "Le {a}, de {t} à {u}.", "en": "On {a}, from {t} to {u}."}[lang]
        return words.format(a=_day(begin, lang), t=_hour(begin, lang), u=_hour(end, lang))
    return {"fr": "Le {a}, à {t}.", "en": "On {a}, at {t}."}[lang].format(a=_day(begin, lang), t=_hour(begin, lang))


def _days(first: date, after: date | None, lang: str) -> str:
    """Whole days; a calendar's end is the day after the last one (RFC 5545, 3.6.1)."""
    last = after - timedelta(days=1) if after else first
    if last <= first:
        return {"fr": "Le {a}.", "en": "On {a}."}[lang].format(a=_day(first, lang))
    return {"fr": "Du {a} au {b}.", "en": "From {a} to {b}."}[lang].format(a=_day(first, lang), b=_day(last, lang))


def _day(moment: date, lang: str) -> str:
    words = format_date(moment, "EEEE d MMMM y", locale={"fr": "fr_FR", "en": "en_GB"}[lang])
    return words.replace(" 1 ", " 1er ", 1) if lang == "fr" else words


def _hour(moment: datetime, lang: str) -> str:
    if lang == "en":
        return str(format_time(moment, "h:mm a", locale="en_GB")).replace(":00", "").replace("\u202f", " ").lower()
    return f"{moment.hour}{NO_BREAK}h" + (f"{NO_BREAK}{moment.minute:02d}" if moment.minute else "")
