"""The kind of rule that computes: a formula over a text's figures (words, sentences, syllables…), held against a condition.

The formulas of school grades are Flesch–Kincaid's, Gunning's fog, SMOG, Coleman and Liau's, and the automated index.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import regex

from diffusion.tone.measures import WORD, syllables
from diffusion.tone.rule import Hit, Page, Rule, Scope, sentences
from diffusion.tone.scopes import Markup

GRADES = {
    "Flesch-Kincaid": "0.39 * (words / sentences) + 11.8 * (syllables / words) - 15.59",
    "Gunning Fog": "0.4 * ((words / sentences) + 100 * (complex_words / words))",
    "SMOG": "1.0430 * math.sqrt(polysyllabic_words * (30 / sentences)) + 3.1291",
    "Coleman-Liau": "0.0588 * (100 * characters / words) - 0.296 * (100 * sentences / words) - 15.8",
    "Automated Readability": "4.71 * (characters / words) + 0.5 * (words / sentences) - 21.43",
}
_HEADINGS = [f"heading_h{n}" for n in range(1, 7)]
FIGURES = (
    *(
        "words",
        "sentences",
        "paragraphs",
        "characters",
        "syllables",
        "complex_words",
        "long_words",
        "polysyllabic_words",
    ),
    *("pre", "list", "blockquote", *_HEADINGS),
)
_SUFFIX = regex.compile(r"(?:es|ed|ing)\Z")
_BINARY: dict[type[ast.AST], Callable[[Any, Any], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Mod: operator.mod, ast.Pow: lambda a, b: math.pow(a, min(b, 64.0)),
}  # fmt: skip
_COMPARE: dict[type[ast.AST], Callable[[Any, Any], bool]] = {
    ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip
_MATH: dict[str, Callable[..., float]] = {
    name: getattr(math, name) for name in ("sqrt", "log", "log2", "log10", "exp", "floor", "ceil", "pow", "fabs")
} | {"abs": abs, "min": min, "max": max}


def evaluate(formula: str, figures: Mapping[str, float]) -> float:
    """Arithmetic, comparisons and `math.`; no names but the figures'. Raises ValueError for anything else."""
    try:
        return float(
            _value(ast.parse(formula.replace("&&", " and ").replace("||", " or ").strip(), mode="eval").body, figures)
        )
    except ZeroDivisionError:
        return 0.0
    except (SyntaxError, TypeError, RecursionError, OverflowError, KeyError, MemoryError) as error:
        raise ValueError(str(error) or type(error).__name__) from error


def _value(node: ast.AST, figures: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name():
            return figures[node.id]
        case ast.BinOp() if type(node.op) in _BINARY:
            return _BINARY[type(node.op)](_value(node.left, figures), _value(node.right, figures))
        case ast.UnaryOp(op=ast.USub()):
            return -_value(node.operand, figures)
        case ast.Compare(ops=[op]) if type(op) in _COMPARE:
            return float(_COMPARE[type(op)](_value(node.left, figures), _value(node.comparators[0], figures)))
        case ast.BoolOp():
            values = [_value(each, figures) for each in node.values]
            return float(all(values) if isinstance(node.op, ast.And) else any(values))
        case ast.Call(func=ast.Attribute(value=ast.Name(id="math"), attr=name), keywords=[]) if name in _MATH:
            return float(_MATH[name](*(_value(each, figures) for each in node.args)))
    raise ValueError(ast.unparse(node) if isinstance(node, ast.expr) else type(node).__name__)


def figures_of(text: str, lang: str) -> dict[str, float]:
    """Counts of the words and what they make; a word is complex from three syllables, common endings left out."""
    words = WORD.findall(text)
    lengths = [syllables(word, lang) for word in words]
    return {
        "words": len(words),
        "sentences": max(1, sum(1 for start, end in sentences(text) if WORD.search(text[start:end]))),
        "paragraphs": len([part for part in regex.split(r"\n\s*\n", text) if part.strip()]),
        "characters": sum(char.isalnum() for char in text),
        "syllables": sum(lengths),
        "complex_words": sum(
            n > 2 and syllables(_SUFFIX.sub("", w), lang) > 2 for w, n in zip(words, lengths, strict=True)
        ),
        "long_words": sum(len(word) > 6 for word in words),
        "polysyllabic_words": sum(n > 2 for n in lengths),
    }


_STRUCTURE = {
    Markup.MARKDOWN: {
        "pre": r"(?m)^ {0,3}(?:```|~~~)[^\n]*+\n",
        "list": r"(?m)^[ \t]*+(?:[-*+]|\d{1,9}[.)])[ \t]",
        "blockquote": r"(?m)(?<!>[^\n]{0,400}\n)^ {0,3}>",
    }
    | {f"heading_h{n}": rf"(?m)^ {{0,3}}#{{{n}}}[ \t]" for n in range(1, 7)},
    Markup.HTML: {"pre": r"(?i)<pre\b", "list": r"(?i)<li\b", "blockquote": r"(?i)<blockquote\b"}
    | {f"heading_h{n}": rf"(?i)<h{n}\b" for n in range(1, 7)},
}


def structure_of(text: str, markup: Markup) -> dict[str, float]:
    """How many headings, items of lists, quotations and blocks of code."""
    counted = {name: float(len(regex.findall(pattern, text))) for name, pattern in _STRUCTURE.get(markup, {}).items()}
    if markup is Markup.MARKDOWN:
        counted["pre"] = counted["pre"] // 2
    return {name: counted.get(name, 0.0) for name in ("pre", "list", "blockquote", *_HEADINGS)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Score(Rule):
    """`formula` over each part of the scope; a finding where the result meets `condition` (`> 8`). It stands for the whole part.

    `prose`: words are those of paragraphs alone, without headings, lists and quotations.
    """

    kind: ClassVar[str] = "score"
    fixes: ClassVar[bool] = False
    formula: str
    condition: str
    prose: bool = False

    def find(self, page: Page) -> Iterator[Hit]:
        for start, end in page.parts(self.scope):
            figures = figures_of(self._words(page, start, end), page.lang)
            if not figures["words"]:
                continue
            figures |= structure_of(page.text[start:end], page.markup)
            result = evaluate(self.formula, figures)
            if evaluate(f"{result!r} {self.condition}", figures):
                yield Hit(start, start if self.scope is Scope.TEXT else end, said=(f"{result:.2f}",))

    def _words(self, page: Page, start: int, end: int) -> str:
        if not self.prose:
            return page.shadow[start:end]
        return "\n\n".join(page.shadow[a:b] for a, b in page.parts(Scope.PROSE) if start <= a and b <= end)
