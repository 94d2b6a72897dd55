"""How the rehearsed Mastodon counts, checks pictures and shows a status.

The counting is written apart from `channels/counting.py` on purpose: two readings of the same rules check each other.
"""

from __future__ import annotations

import io
from datetime import datetime
from html import escape
from importlib.resources import files
from typing import Any

import regex
from PIL import Image, UnidentifiedImageError

from channels.rehearsal.mastodon_state import Media, Status

TEXT_MAX = 500
MEDIA_MAX = 4
DESCRIPTION_MAX = 1500
IMAGE_BYTES_MAX = 16 * 1024 * 1024
IMAGE_PIXELS_MAX = 33_177_600
FORMATS = frozenset({"JPEG", "PNG", "GIF", "WEBP", "AVIF"})

INSTANCE: dict[str, Any] = {
    "domain": "mastodon.example",
    "uri": "mastodon.example",
    "title": "Mastodon (répétition)",
    "version": "4.5.2",
    "api_versions": {"mastodon": 7},
    "configuration": {
        "statuses": {
            "max_characters": TEXT_MAX,
            "max_media_attachments": MEDIA_MAX,
            "characters_reserved_per_url": 23,
        },
        "media_attachments": {
            "supported_mime_types": ["image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "video/mp4"],
            "description_limit": DESCRIPTION_MAX,
            "image_size_limit": IMAGE_BYTES_MAX,
            "image_matrix_limit": IMAGE_PIXELS_MAX,
        },
    },
}

_URL = regex.compile(
    r"(?<![a-z0-9@＠$#＃])https?://(?:[\p{L}\p{N}](?:[\p{L}\p{N}_-]*[\p{L}\p{N}])?\.)+(?P<tld>[\p{L}\p{N}-]*[\p{L}\p{N}])"
    r"(?::\d+)?(?P<path>/(?:[^\s<>()?]|\([^\s<>()?]+\))*)?(?P<query>\?[^\s<>\"«»]*)?",
    regex.IGNORECASE,
)
_TLDS = frozenset(files("channels").joinpath("tlds.txt").read_text(encoding="utf-8").lower().split())
_NO_END_OF_PATH = "!*\"'「」;:=,.$%[]~&|@"
_NO_END_OF_QUERY = "!?*'();:+$%[].,~|@^"
_MENTION = regex.compile(
    r"(?<![\w/])@([a-z0-9_]+(?:[a-z0-9_.-]*[a-z0-9_])?)@[\p{L}\p{N}.-]+[\p{L}\p{N}]", regex.IGNORECASE
)
_CLUSTER = regex.compile(r"\X")


def length(text: str) -> int:
    """In grapheme clusters; a URL under a real top-level domain is 23, a remote mention loses its domain."""
    text = _MENTION.sub(r"@\1", _URL.sub(_as_23, text))
    return sum(1 for _ in _CLUSTER.finditer(text))


def _as_23(match: regex.Match[str]) -> str:
    if match["tld"].lower() not in _TLDS:
        return match[0]
    whole = match[0]
    kept = whole.rstrip(_NO_END_OF_QUERY if match["query"] else _NO_END_OF_PATH if match["path"] else "")
    return "x" * 23 + whole[len(kept) :]


def media_problem(body: bytes) -> str:
    """Why these bytes are no picture that would be taken; empty if they would."""
    if len(body) > IMAGE_BYTES_MAX:
        return "Le fichier est trop volumineux"
    try:
        with Image.open(io.BytesIO(body)) as image:
            kind, (width, height) = image.format, image.size
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return "Le type du fichier n’est pas pris en charge"
    if kind not in FORMATS:
        return "Le type du fichier n’est pas pris en charge"
    return "" if width * height <= IMAGE_PIXELS_MAX else "Les dimensions de l’image sont trop grandes"


def account_json(base: str, account: str, count: int) -> dict[str, Any]:
    name = {"id": "1", "username": account, "acct": account, "display_name": account}
    return {**name, "url": f"{base}/@{account}", "statuses_count": count}


def media_json(base: str, media: Media) -> dict[str, Any]:
    url = None if media.looks_left else f"{base}/media/{media.id}"
    return {"id": media.id, "type": "image", "url": url, "description": media.description or None}


def status_json(base: str, account: dict[str, Any], status: Status, media: list[Media]) -> dict[str, Any]:
    url = f"{account['url']}/{status.id}"
    return {
        "id": status.id,
        "uri": url,
        "url": url,
        "created_at": _iso(status.at),
        "edited_at": _iso(status.edited_at) if status.edited_at else None,
        "content": to_html(status.text),
        "spoiler_text": status.spoiler,
        "visibility": status.visibility,
        "language": status.language,
        "account": account,
        "media_attachments": [media_json(base, m) for m in media],
        **dict.fromkeys(("replies_count", "reblogs_count", "favourites_count", "quotes_count"), 0),
    }


def page(account: str, status: Status, media: list[Media]) -> bytes:
    """A status as the public sees it, marked as a rehearsal."""
    pictures = "".join(f"<li>{escape(m.description)}</li>" for m in media)
    return (
        f'<!DOCTYPE html><html lang="{escape(status.language, quote=True)}"><meta charset="utf-8">'
        f"<title>@{escape(account)} — répétition</title><p><mark>répétition</mark> @{escape(account)}, "
        f'<time datetime="{_iso(status.at)}">{_iso(status.at)}</time></p><article>{to_html(status.text)}</article>'
        f"<ul>{pictures}</ul></html>"
    ).encode()


def to_html(text: str) -> str:
    """Paragraphs, line breaks, and links whose scheme is hidden, as the vendor's formatter makes them."""
    shown = _URL.sub(lambda m: f"\0{m[0]}\0", text)
    pieces = (escape(p) if at % 2 == 0 else _link(p) for at, p in enumerate(shown.split("\0")))
    return "".join(f"<p>{p.replace(chr(10), '<br>')}</p>" for p in "".join(pieces).split("\n\n") if p)


def _link(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f'<a href="{escape(url)}"><span class="invisible">{scheme}://</span><span>{escape(rest)}</span></a>'


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
