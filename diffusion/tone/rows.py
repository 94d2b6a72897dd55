"""`tone apply` and `tone check`, one row at a time: a dict in, a dict out, as `docs/reference.md` states them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from diffusion.tone.engine import apply, check
from diffusion.tone.load import typography
from diffusion.tone.rule import Rule
from diffusion.tone.scopes import Markup

LANGUAGES = ("fr", "en")


class Rules(Protocol):
    """What a charter is to this room."""

    def rules(self, lang: str) -> tuple[Rule, ...]: ...


def apply_row(row: Mapping[str, Any], charter: Rules | None = None) -> dict[str, Any]:
    """`{"id", "lang", "text"}` → `{"id", "text", "changes"}`. Raises ValueError, worded, if the row can't be read."""
    lang, text, markup = _read(row)
    applied = apply(text, _rules(lang, charter), lang, markup=markup)
    changes = [
        {"rule": c.rule, "start": c.start, "end": c.end, "before": c.before, "after": c.after, "applied": c.applied}
        for c in applied.changes
    ]
    return {"id": row.get("id"), "text": applied.text, "changes": changes}


def check_row(row: Mapping[str, Any], charter: Rules | None = None) -> dict[str, Any]:
    """`{"id", "lang", "text"}` → `{"id", "findings"}`. Raises ValueError, worded, if the row can't be read."""
    lang, text, markup = _read(row)
    findings = [
        {
            "rule": f.rule,
            "level": str(f.level),
            "start": f.start,
            "end": f.end,
            "text": f.found,
            "message": f.message,
            "fixes": [fix.after for fix in f.fixes],
        }
        for f in check(text, _rules(lang, charter), lang, markup=markup)
    ]
    return {"id": row.get("id"), "findings": findings}


def _rules(lang: str, charter: Rules | None) -> tuple[Rule, ...]:
    return typography(lang) if charter is None else charter.rules(lang)


def _read(row: Mapping[str, Any]) -> tuple[str, str, str]:
    if not isinstance(row, Mapping):
        raise ValueError("a row is a JSON object with “id”, “lang” and “text”")
    if "text" not in row:
        raise ValueError("“text” is missing")
    if not isinstance(row["text"], str):
        raise ValueError("“text” must be a string")
    if row.get("lang") not in LANGUAGES:
        raise ValueError("“lang” must be one of: " + ", ".join(LANGUAGES))
    markup = row.get("markup", "plain")
    if markup not in list(Markup):
        raise ValueError("“markup” must be one of: " + ", ".join(Markup))
    return row["lang"], row["text"], markup
