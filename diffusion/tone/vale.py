"""Vale's rules → ours: a rule with `extends` is read as Vale documents it, unchanged. What can't be taken is told, with its line.

Its levels: `error` stops a version, `warning` and `suggestion` propose. Read at vale.sh/docs/checks and vale.sh/docs/scopes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import regex
import yaml

from diffusion.tone import reading
from diffusion.tone.agreement import Agree, Explain, Repeat
from diffusion.tone.casing import Case
from diffusion.tone.kinds import Avoid, Limit, excepted, headed, matches
from diffusion.tone.reading import Node, Reader, Sink
from diffusion.tone.rule import Hit, Level, Page, Rule, Scope
from diffusion.tone.scores import FIGURES, GRADES, Score, evaluate
from diffusion.tone.spelling import Spell

TIMEOUT_S = 0.25
LEVELS = {"error": Level.BLOCKS, "warning": Level.PROPOSED, "suggestion": Level.PROPOSED}
_SCOPES = {
    **{name: Scope(name) for name in ("text", "paragraph", "heading", "list", "raw")},
    "sentence": Scope.PROSE,
    "blockquote": Scope.QUOTATION,
    "alt": Scope.PICTURE,
    **{f"heading.h{n}": Scope(f"heading.h{n}") for n in range(1, 7)},
    "summary": Scope.TEXT,
}
_LEFT = ("sequence", "script")
"""Extension points that ask for tags of words, or for a language of their own."""
_words = reading.list_of(reading.exact, alone=True)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Swap(Rule):
    """Many words at once, each with what to write instead: `each` of what `pattern` finds, the longest asked first."""

    kind: ClassVar[str] = "swap"
    pattern: regex.Pattern[str]
    each: tuple[tuple[regex.Pattern[str], tuple[str, ...]], ...]
    is_listed: bool = False
    unless: regex.Pattern[str] | None = None
    timeout_s: float | None = None

    def find(self, page: Page) -> Iterator[Hit]:
        for base, match in matches(self.pattern, page, self.scope, self.timeout_s):
            found = match[0].strip()
            afters = next(
                (
                    to
                    for one, to in self.each
                    if (m := one.match(match.string, match.start())) and m.end() == match.end()
                ),
                (),
            )
            if afters and found not in afters and not excepted(self.unless, match):
                start = base + match.start()
                fixes = tuple(headed(after, found, page.shadow, start) for after in afters)
                yield Hit(start, base + match.end(), fixes, said=(self._told(afters), found))

    def _told(self, afters: tuple[str, ...]) -> str:
        if not self.is_listed:
            return "|".join(afters)
        quoted = [f"'{after}'" for after in afters]
        return " or ".join(quoted) if len(quoted) < 3 else ", ".join([*quoted[:-1], f"or {quoted[-1]}"])


def _table(node: Node, sink: Sink) -> dict[str, str] | None:
    found = reading.entries(node, sink)
    return None if found is None else {k: str(v.value) for k, _, v in found if isinstance(v, yaml.ScalarNode)}


def _whole(node: Node, sink: Sink) -> int | None:
    number = reading.number(node, sink)
    return None if number is None else int(number)


def _action(node: Node, sink: Sink) -> dict[str, str]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return {str(key.value): str(value.value) for key, value in pairs}


_COMMON: dict[str, Reader] = {
    "extends": reading.text, "message": reading.exact, "level": reading.one_of(*LEVELS), "scope": _words,
    "link": reading.exact, "description": reading.exact, "limit": _whole, "action": _action, "id": reading.exact,
    "vocab": reading.flag, "name": reading.exact, "code": reading.flag, "lang": reading.one_of("fr", "en"),
}  # fmt: skip
_FIELDS: dict[str, dict[str, Reader]] = {
    "existence": {
        "append": reading.flag, "ignorecase": reading.flag, "nonword": reading.flag, "raw": _words, "tokens": _words,
        "exceptions": _words,
    },
    "substitution": {
        "ignorecase": reading.flag, "nonword": reading.flag, "swap": _table, "exceptions": _words, "pos": reading.exact,
        "capitalize": reading.flag,
    },
    "occurrence": {"max": _whole, "min": _whole, "token": reading.exact, "ignorecase": reading.flag},
    "repetition": {
        "tokens": _words, "max": _whole, "ignorecase": reading.flag, "alpha": reading.flag, "exceptions": _words,
    },
    "consistency": {"nonword": reading.flag, "ignorecase": reading.flag, "either": _table},
    "conditional": {"first": reading.exact, "second": reading.exact, "exceptions": _words, "ignorecase": reading.flag},
    "capitalization": {
        "match": reading.exact, "style": reading.one_of("AP", "Chicago"), "exceptions": _words, "indicators": _words,
        "threshold": reading.number, "prefix": reading.exact,
    },
    "readability": {"metrics": reading.list_of(reading.one_of(*GRADES), least=1, alone=True), "grade": reading.number},
    "metric": {"formula": reading.exact, "condition": reading.exact},
    "spelling": {
        "custom": reading.flag, "filters": _words, "ignore": _words, "dicpath": reading.exact, "dictionaries": _words,
        "append": reading.flag, "exceptions": _words, "aff": reading.exact, "dic": reading.exact,
    },
}  # fmt: skip
_NEEDED = {
    "substitution": ("swap",), "occurrence": ("token",), "repetition": ("tokens",), "consistency": ("either",),
    "conditional": ("first", "second"), "capitalization": ("match",), "readability": ("metrics", "grade"),
    "metric": ("formula", "condition"),
}  # fmt: skip


def rules(node: Node, sink: Sink, *, id: str, remarks: Sink | None = None) -> tuple[Rule, ...]:
    """A rule of Vale's, as one or, for `consistency`, one a pair. None, and a problem in the sink, if it can't be taken.

    A key that is not known is left aside and told in `remarks`.
    """
    head = {k: (key, v) for k, key, v in reading.entries(node, sink) or []}
    point = str(head["extends"][1].value) if "extends" in head else ""
    if point in _LEFT:
        sink.at(head["extends"][0], "not_taken", "points", found=point, choices=", ".join(_FIELDS))
        return ()
    if point not in _FIELDS:
        where = head["extends"][1] if "extends" in head else node
        sink.at(where, "choice", "choice", found=point, choices=", ".join(_FIELDS), hint_fr="", hint_en="")
        return ()
    before = len(sink)
    fields = {**_COMMON, **_FIELDS[point]}
    for name, (key, _) in head.items():
        if name not in fields and remarks is not None:
            remarks.at(key, "left_aside", "keys", key=name, keys=", ".join(fields))
    others: dict[str, Reader] = {name: lambda node, sink: None for name in head if name not in fields}
    found = reading.table({**fields, **others}, ("message", *_NEEDED.get(point, ())))(node, sink) or {}
    scopes = _scopes(found.get("scope", ()), head, sink)
    if len(sink) > before:
        return ()
    made: list[Rule] = []
    for scope, apart in scopes or ((Scope.TEXT, ()),):
        base = {
            "id": id, "message": {"": found["message"]}, "level": LEVELS[found.get("level", "warning")], "scope": scope, "apart": apart,
            "source": found.get("link", ""), "lang": found.get("lang", ""),
        }  # fmt: skip
        try:
            made += _MAKERS[point](found, base)
        except (regex.error, ValueError) as error:
            key, value = next(((k, v) for n, (k, v) in head.items() if n in _PATTERNED), (node, node))
            sink.at(value, "pattern", "pattern", found=str(key.value), detail=str(error))
            return ()
    return tuple(made)


_PATTERNED = ("tokens", "token", "swap", "either", "raw", "first", "match", "formula")


def _scopes(wanted: Iterable[str], head: Any, sink: Sink) -> tuple[tuple[Scope, tuple[Scope, ...]], ...]:
    """Our scopes for Vale's selectors, each with what it leaves out (`~`); one that we can't tell apart is told, and the rule left."""
    out: list[tuple[Scope, tuple[Scope, ...]]] = []
    for selector in wanted:
        names = [regex.sub(r"^text\.(?=\w)|\.(?:md|html|txt)$", "", name.strip()) for name in selector.split("&")]
        kept = [name for name in names if not name.startswith("~") and name != "text"] or ["text"]
        known = [_SCOPES.get(name) for name in (*kept, *(name[1:].strip() for name in names if name.startswith("~")))]
        if len(kept) > 1 or None in known:
            sink.at(head["scope"][1], "not_taken", "scopes", found=selector, choices=", ".join(_SCOPES))
        else:
            scopes = [scope for scope in known if scope is not None]
            out.append((scopes[0], tuple(scopes[1:])))
    return tuple(dict.fromkeys(out))


def compiled(pattern: str, *, ignore_case: bool = False) -> regex.Pattern[str]:
    """As Vale's engine reads it: `^` and `$` are a line's; `(?i)` inside holds to the end of its group."""
    flags = regex.MULTILINE | (regex.IGNORECASE if ignore_case else 0)
    inner = regex.search(r"(?<!\\)\(\?-?[a-z]+\)", pattern)
    return regex.compile(pattern, flags | (regex.VERSION1 if inner else regex.VERSION0))


def _bounded(pattern: str, found: Any) -> str:
    return f"(?:{pattern})" if found.get("nonword") else rf"\b(?:{pattern})\b"


def _unless(found: Any) -> regex.Pattern[str] | None:
    words = sorted(found.get("exceptions", ()), key=len, reverse=True)
    return compiled(r"\b(?:" + "|".join(words) + r")\b") if words else None


def _existence(found: Any, base: Any) -> Iterator[Rule]:
    tokens = [token for token in found.get("tokens", ()) if token.strip()]
    raw = "".join(found.get("raw", ()))
    body = _bounded("|".join(tokens), found) if tokens else ""
    pattern = body + raw if found.get("append") else raw + body
    yield Avoid(
        **base,
        pattern=compiled(pattern, ignore_case=found.get("ignorecase", False)),
        unless=_unless(found),
        timeout_s=TIMEOUT_S,
    )


def _substitution(found: Any, base: Any) -> Iterator[Rule]:
    """With `action: replace`, several wordings are told as “'soon' or 'later'”, and the message's own quotes are left out."""
    action = found.get("action") or {}
    is_listed = action.get("name") == "replace" and "params" not in action
    if is_listed:
        message = base["message"][""]
        base["message"] = {
            "": next((message.replace(q, "%s", 1) for q in ("'%s'", '"%s"') if message.count(q) == 2), message)
        }
    keys = sorted(found["swap"], key=len, reverse=True)
    yield Swap(
        **base,
        pattern=compiled(_bounded("|".join(keys), found), ignore_case=found.get("ignorecase", False)),
        each=tuple(
            (compiled(key, ignore_case=found.get("ignorecase", False)), tuple(found["swap"][key].split("|")))
            for key in keys
        ),
        is_listed=is_listed,
        unless=_unless(found),
        timeout_s=TIMEOUT_S,
    )


def _occurrence(found: Any, base: Any) -> Iterator[Rule]:
    pattern = compiled(found["token"], ignore_case=found.get("ignorecase", False))
    most = found.get("max") or None
    yield Limit(**base, pattern=pattern, maximum=most, minimum=found.get("min", 0), once=True, timeout_s=TIMEOUT_S)


def _repetition(found: Any, base: Any) -> Iterator[Rule]:
    case = found.get("ignorecase", False)
    pattern = compiled("(?:" + "|".join(found["tokens"]) + ")", ignore_case=case)
    yield Repeat(
        **base, pattern=pattern, maximum=found.get("max", 0), letters=found.get("alpha", False), ignore_case=case,
        unless=_unless(found), timeout_s=TIMEOUT_S,
    )  # fmt: skip


def _consistency(found: Any, base: Any) -> Iterator[Rule]:
    case = found.get("ignorecase", False)
    for one, other in found["either"].items():
        first, second = (compiled(_bounded(each, found), ignore_case=case) for each in (one, other))
        yield Agree(**base, either=first, other=second, once=True, timeout_s=TIMEOUT_S)


def _conditional(found: Any, base: Any) -> Iterator[Rule]:
    first, second = (compiled(found[each]) for each in ("first", "second"))  # `ignorecase` is read there, and not used
    yield Explain(**base, first=first, second=second, unless=_unless(found), each=True, timeout_s=TIMEOUT_S)


def _capitalization(found: Any, base: Any) -> Iterator[Rule]:
    match = found["match"]
    case = match.removeprefix("$") if match.startswith("$") else ""
    if match.startswith("$") and case not in ("title", "sentence", "lower", "upper"):
        raise ValueError(match)
    yield Case(
        **base, case=case, pattern=None if case else compiled(match), chicago=found.get("style") == "Chicago",
        unless=_unless(found), indicators=tuple(found.get("indicators", ())), prefix=found.get("prefix", ""),
        share=found.get("threshold") or 0.8, timeout_s=TIMEOUT_S,
    )  # fmt: skip


def _readability(found: Any, base: Any) -> Iterator[Rule]:
    metrics = found["metrics"]
    formula = "(" + " + ".join(f"({GRADES[name]})" for name in metrics) + f") / {len(metrics)}"
    yield Score(**{**base, "scope": Scope.TEXT}, formula=formula, condition=f"> {found['grade']}", prose=True)


def _metric(found: Any, base: Any) -> Iterator[Rule]:
    formula = regex.sub(r"heading\.(h[1-6])", r"heading_\1", found["formula"])
    ones = dict.fromkeys(FIGURES, 1.0)
    evaluate(f"{evaluate(formula, ones)!r} {found['condition']}", ones)
    yield Score(**{**base, "scope": Scope.TEXT}, formula=formula, condition=found["condition"], prose=True)


_FILTERS = (r"[A-Z]{1}[a-z]+[A-Z]+\w+", r"[A-Z]+$")


def _spelling(found: Any, base: Any) -> Iterator[Rule]:
    mine = [] if found.get("custom") else list(_FILTERS)
    filters = tuple(compiled(each) for each in (*found.get("filters", ()), *mine))
    yield Spell(**base, filters=filters, dictionaries=tuple(found.get("dictionaries", ())))


_MAKERS: dict[str, Callable[[Any, Any], Iterator[Rule]]] = {
    "existence": _existence, "substitution": _substitution, "occurrence": _occurrence, "repetition": _repetition,
    "consistency": _consistency, "conditional": _conditional, "capitalization": _capitalization,
    "readability": _readability, "metric": _metric, "spelling": _spelling,
}  # fmt: skip
