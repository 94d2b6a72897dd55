"""The seal: a versioned digest of everything that an approver saw of one account's version.

Only the tone's automatic typography leaves it whole: spaces of all kinds and apostrophes are folded before hashing.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

VERSION = "1"
_SPACES = re.compile(r"(?:[\s\u00a0\u202f\u2009]|&nbsp;)+")
_FOLD = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "…": "..."})
_SEEN = ("text", "title", "html", "summary", "language", "link", "hashtags", "level")


def digest(body: Mapping[str, Any], *, account: str) -> str:
    """`1:` and a SHA-256 over text, originals of media with descriptions, links, account and level. Time isn't sealed."""
    media = [[m["sha256"], m["description"], m["decorative"]] for m in body.get("media", ())]
    seen = [account, media, *(_fold(body.get(name, "")) for name in _SEEN)]
    return f"{VERSION}:{hashlib.sha256(json.dumps(seen, ensure_ascii=False).encode()).hexdigest()}"


def _fold(value: Any) -> Any:
    if isinstance(value, str):
        return _SPACES.sub("", unicodedata.normalize("NFC", value).translate(_FOLD))
    return [_fold(part) for part in value]
