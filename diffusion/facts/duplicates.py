"""Whether two submissions announce one thing."""

from __future__ import annotations

from datetime import date

from diffusion.facts.extract import extract

_ANY_DAY = date(2026, 1, 1)


def same_news(a: str, b: str, *, lang: str = "fr", published: date | None = None) -> tuple[bool, str]:
    """Whether both texts announce the same event or interruption, and why."""
    on = published or _ANY_DAY
    first = {(f.kind, f.value) for f in extract(a, lang, on).facts}
    second = {(f.kind, f.value) for f in extract(b, lang, on).facts}
    one, other = ({v for k, v in s if k == "date"} for s in (first, second))
    if one and other and not one & other:
        return False, "other dates"
    shared = {(k, v) for k, v in first & second if k in {"date", "place", "time", "phone", "amount"}}
    return len(shared) >= 2, "shared: " + ", ".join(sorted(v for _, v in shared))
