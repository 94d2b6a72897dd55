"""Pictures and their variants: checked, turned upright, stripped of where they were taken, described."""

from __future__ import annotations

import hashlib
import io
import threading
import warnings
from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils import timezone
from PIL import Image, ImageOps, UnidentifiedImageError

from diffusion.errors import BadInput
from diffusion.ids import public_id

PIXELS_MAX = 40_000_000
"""Pixels of a picture, all its frames together: what decoding costs, however small the file."""
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
SHOWN_EVERYWHERE = {"JPEG": ("L", "RGB"), "WEBP": ("RGB", "RGBA")}
"""Modes kept as they are; print's colours and others become RGB. PNG and GIF show each of theirs."""
SUFFIX = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/gif": ".gif"}

_DECODING = threading.BoundedSemaphore(2)
"""A small file may be a picture that fills half a gigabyte while it is cleaned: no more than two at once, a process."""


class Asset(models.Model):
    """A picture. Original and kept copy differ: the copy carries no position, no camera, no thumbnail."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    sha256 = models.CharField(max_length=64, unique=True)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    description = models.TextField(default="", blank=True)
    is_decorative = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.description or self.public_id

    @property
    def path(self) -> Path:
        return Path(settings.MEDIA_ROOT) / self.sha256[:2] / f"{self.sha256}{SUFFIX[self.media_type]}"


def keep(data: bytes, *, description: str = "", is_decorative: bool = False) -> Asset:
    """Check and clean a picture and store it. The same bytes twice are one asset. Raises BadInput with what to do."""
    if len(data) > settings.DIFFUSION.media_max_bytes:
        raise BadInput("media_too_large", size=len(data), limit=settings.DIFFUSION.media_max_bytes)
    with _DECODING:
        clean, media_type, (width, height) = _clean(data)
    sha256 = hashlib.sha256(clean).hexdigest()
    asset = Asset(
        sha256=sha256, media_type=media_type, size=len(clean), width=width, height=height,
        description=description, is_decorative=is_decorative,
    )  # fmt: skip
    _write(asset.path, clean)
    known, _ = Asset.objects.get_or_create(sha256=sha256, defaults={f: getattr(asset, f) for f in _KEPT})
    return known


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all: half a picture, of a full disk or a killed process, would be taken for it ever after."""
    if path.exists() and path.stat().st_size == len(data):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{public_id()}")
    try:
        draft.write_bytes(data)
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)


def describe(asset: Asset, *, description: str, is_decorative: bool) -> Asset:
    """Say what a picture shows, for those who don't see it; or that it only decorates."""
    asset.description, asset.is_decorative = description.strip(), is_decorative
    asset.save(update_fields=["description", "is_decorative"])
    return asset


_KEPT = ("media_type", "size", "width", "height", "description", "is_decorative")


def _clean(data: bytes) -> tuple[bytes, str, tuple[int, int]]:
    """Decode and encode again, upright, without metadata: what can't be decoded is no picture."""
    try:
        image = _opened(data)
    except Image.DecompressionBombError as bomb:
        raise BadInput("media_too_many_pixels", limit=PIXELS_MAX) from bomb
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as fault:
        raise BadInput("media_svg" if b"<svg" in data[:2000].lower() else "media_not_an_image") from fault
    try:
        frames = getattr(image, "n_frames", 1) if image.format == "GIF" else 1
        pixels = image.width * image.height * frames
        if pixels > PIXELS_MAX:
            raise BadInput("media_too_many_pixels", pixels=pixels, limit=PIXELS_MAX)
        return _encoded(image)
    except (OSError, ValueError, SyntaxError, EOFError) as fault:
        raise BadInput("media_broken") from fault


def _opened(data: bytes) -> Image.Image:
    """Only its head is read. Pillow's own warning of large pictures is for those who don't look at the size."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return Image.open(io.BytesIO(data), formats=list(FORMATS))


def _encoded(image: Image.Image) -> tuple[bytes, str, tuple[int, int]]:
    """The picture alone: no place, camera, comment, preview. Its colour profile stays where its colours do."""
    kind, out = image.format or "PNG", io.BytesIO()
    if kind == "MPO":  # a phone's JPEG with a second picture (depth, a preview): the first is the one that people see
        kind = "JPEG"
    if kind == "GIF":
        image.save(out, "GIF", save_all=True, comment=b"")
        return out.getvalue(), FORMATS[kind], image.size
    upright, profile = ImageOps.exif_transpose(image), image.info.get("icc_profile")
    if upright.mode not in SHOWN_EVERYWHERE.get(kind, (upright.mode,)):
        upright, profile = upright.convert("RGBA" if kind == "WEBP" and "A" in upright.mode else "RGB"), None
    upright.save(out, kind, quality=88, icc_profile=profile, exif=b"", xmp=b"", comment=b"")
    return out.getvalue(), FORMATS[kind], upright.size
