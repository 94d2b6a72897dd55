"""The row commands' shapes: one JSON object in, one out, for `facts extract`, `compare` and `duplicates`.

A bad row raises `KeyError` (a field is missing) or `ValueError` (a field has the wrong type or form).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from diffusion.facts.compare import compare
from diffusion.facts.duplicates import same_news
from diffusion.facts.extract import extract
from diffusion.facts.fact import Fact, Fault, Warning_
from diffusion.facts.gazetteer import Gazetteer
from diffusion.facts.lexicon import LANGUAGES

Row = Mapping[str, Any]


def extract_row(row: Row, *, gazetteer: Gazetteer | Sequence[str] = ()) -> dict[str, Any]:
    """`{"id","lang","published","text"}` → `{"id","facts","warnings"}`."""
    found = extract(_text(row, "text"), _lang(row, "lang"), _published(row), gazetteer=gazetteer)
    warnings = [_doubt(w) for w in found.warnings]
    return {"id": row.get("id"), "facts": [_fact(f) for f in found.facts], "warnings": warnings}


def _doubt(warning: Warning_) -> dict[str, Any]:
    told = {"code": warning.code, "start": warning.start, "end": warning.end, "text": warning.text}
    return told | ({"against": warning.against} if warning.code == "place-misspelt" else {})


def compare_row(row: Row) -> dict[str, Any]:
    """`{"id","lang","lang_rendition"?,"published","canonical","rendition","essential"?}` → the three lists of faults."""
    found = compare(
        _text(row, "canonical"),
        _text(row, "rendition"),
        lang=_lang(row, "lang"),
        published=_published(row),
        lang_rendition=_lang(row, "lang_rendition") if row.get("lang_rendition") is not None else None,
        essential=_essential(row),
    )
    return {
        "id": row.get("id"),
        "contradicted": [_contradicted(f) for f in found.contradicted],
        "added": [_said(f) for f in found.added],
        "missing": [_missing(f) for f in found.missing],
    }


def duplicates_row(row: Row) -> dict[str, Any]:
    """`{"id","a","b","lang"?,"published"?}` → `{"id","same","why"}`."""
    lang = _lang(row, "lang") if row.get("lang") is not None else "fr"
    published = _published(row) if row.get("published") is not None else None
    same, why = same_news(_text(row, "a"), _text(row, "b"), lang=lang, published=published)
    return {"id": row.get("id"), "same": same, "why": why}


def _fact(fact: Fact) -> dict[str, Any]:
    return {"kind": fact.kind, "value": fact.value, "start": fact.start, "end": fact.end, "text": fact.text}


def _said(fault: Fault) -> dict[str, Any]:
    return {"kind": fault.kind, "value": fault.value, "start": fault.start, "end": fault.end, "text": fault.text}


def _contradicted(fault: Fault) -> dict[str, Any]:
    own = fault.canonical
    told = None if own is None else {"value": own.value, "start": own.start, "end": own.end, "text": own.text}
    return {**_said(fault), "canonical": told}


def _missing(fault: Fault) -> dict[str, Any]:
    own = fault.canonical
    told = None if own is None else {"start": own.start, "end": own.end, "text": own.text}
    return {"kind": fault.kind, "value": fault.value, "canonical": told}


def _field(row: Row, name: str) -> Any:
    if not isinstance(row, Mapping):
        raise ValueError(f"a row is a JSON object, not {type(row).__name__}")
    if name not in row:
        raise KeyError(f"the row has no “{name}”")
    return row[name]


def _text(row: Row, name: str) -> str:
    value = _field(row, name)
    if not isinstance(value, str):
        raise ValueError(f"“{name}” must be a string, not {type(value).__name__}")
    return value


def _lang(row: Row, name: str) -> str:
    value = _text(row, name)
    if value not in LANGUAGES:
        raise ValueError(f"“{name}” must be one of {', '.join(LANGUAGES)}, not “{value[:20]}”")
    return value


def _published(row: Row) -> date:
    value = _text(row, "published")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"“published” must be a date such as 2026-02-25, not “{value[:30]}”") from None


def _essential(row: Row) -> list[tuple[str, str]] | None:
    value = row.get("essential")
    if value is None:
        return None
    pairs: list[Any] = value if isinstance(value, list) else [value]
    if not all(isinstance(p, list) and len(p) == 2 and all(isinstance(x, str) for x in p) for p in pairs):
        raise ValueError("“essential” must be a list of [kind, value] pairs of strings")
    return [(str(kind), str(text)) for kind, text in pairs]
