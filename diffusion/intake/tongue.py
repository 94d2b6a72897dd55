"""Which language a text is written in: what a person hands in need not be in the language of their pages."""

from __future__ import annotations

import re
from collections import Counter

COMMON = {
    "fr": "le la les l de d des du un une et est sont sera seront à au aux en pour par sur dans avec vous nous votre ce",
    "en": "the of and is are be will to for in at with by from you we your this that it our no not",
}
"""Words that hold every sentence together, and that the other language does not have."""
_TONGUE = {word: language for language, words in COMMON.items() for word in words.split()}
_WORD = re.compile(r"[^\W\d_]+")


def written_in(text: str, otherwise: str) -> str:
    """The language that has most of its little words in `text`; `otherwise` when neither has more than the other."""
    counts = Counter(_TONGUE[word] for word in _WORD.findall(text.lower()) if word in _TONGUE)
    (first, most), (_, next_most) = [*counts.most_common(2), (otherwise, 0), (otherwise, 0)][:2]
    return first if most > next_most else otherwise
