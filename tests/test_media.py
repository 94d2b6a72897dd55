"""A picture handed in: refused with the reason, or kept upright and without where it was taken."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, PngImagePlugin

from diffusion import media
from diffusion.directory.models import Directorate
from diffusion.errors import BadInput, word
from diffusion.media import Asset
from diffusion.web.propose import ProposeForm
from tests import valclair

pytestmark = pytest.mark.django_db


def picture(kind: str = "JPEG", mode: str = "RGB", size: tuple[int, int] = (40, 20), **save: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **save)
    return out.getvalue()


def located() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6  # taken upright, stored lying
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 30.0), 3: "E", 4: (2.0, 21.0, 5.0)})
    exif[0x010F] = "Appareil"
    return exif


XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf><exif:GPSLatitude>48,51N</exif:GPSLatitude></rdf></x:xmpmeta>"
GIF_FRAMES = [Image.new("RGB", (10, 10), (n * 80, 0, 0)) for n in (1, 2)]
TEXT = PngImagePlugin.PngInfo()
TEXT.add_text("Comment", "GPS 48,51N")
UPLOADS: dict[str, tuple[Callable[[], bytes], str]] = {
    "text": (lambda: b"pas une image", "media_not_an_image"),
    "empty": (lambda: b"", "media_not_an_image"),
    "a program": (lambda: b"MZ" + bytes(500), "media_not_an_image"),
    "SVG": (lambda: b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>vole()</script></svg>",
            "media_svg"),
    "41 megapixels": (lambda: picture("PNG", "1", (8200, 5001)), "media_too_many_pixels"),
    "200 megapixels": (lambda: picture("PNG", "1", (20_000, 10_001)), "media_too_many_pixels"),
    "a PNG cut short": (lambda: picture("PNG", size=(400, 400))[:-60], "media_broken"),
    "a JPEG cut short": (lambda: picture(size=(400, 400))[:-900], "media_broken"),
    "too many bytes": (lambda: bytes(settings.DIFFUSION.media_max_bytes + 1), "media_too_large"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "code"), UPLOADS.values(), ids=UPLOADS)
def test_what_is_no_usable_picture_is_refused_with_the_reason(make, code):
    with pytest.raises(BadInput) as refused:
        media.keep(make())

    assert refused.value.code == code
    assert all("…" not in word(code, lang, **refused.value.facts) for lang in ("fr", "en"))
    assert not Asset.objects.exists()


PICTURES: dict[str, tuple[Callable[[], bytes], str, tuple[int, int]]] = {
    "a JPEG with its place": (lambda: picture(exif=located(), comment=b"GPS 48,51N"), "image/jpeg", (20, 40)),
    "a JPEG with XMP": (lambda: picture(xmp=XMP), "image/jpeg", (40, 20)),
    "a JPEG in print's colours": (lambda: picture(mode="CMYK"), "image/jpeg", (40, 20)),
    "a phone's two pictures in one": (
        lambda: picture("MPO", save_all=True, append_images=[Image.new("RGB", (40, 20))]), "image/jpeg", (40, 20),
    ),
    "a PNG with its place": (lambda: picture("PNG", exif=located(), pnginfo=TEXT), "image/png", (20, 40)),
    "a PNG with a palette": (lambda: picture("PNG", "P", transparency=0), "image/png", (40, 20)),
    "a WebP with its place": (lambda: picture("WEBP", exif=located(), xmp=XMP), "image/webp", (20, 40)),
    "a GIF that moves": (
        lambda: picture("GIF", "RGB", (10, 10), save_all=True, append_images=GIF_FRAMES, comment=b"GPS 48,51N"),
        "image/gif", (10, 10),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("make", "media_type", "size"), PICTURES.values(), ids=PICTURES)
def test_a_picture_is_kept_upright_without_where_it_was_taken(make, media_type, size):
    asset = media.keep(make(), description="Le pont")

    kept = asset.path.read_bytes()
    shown = Image.open(io.BytesIO(kept))
    assert (asset.media_type, (asset.width, asset.height), shown.size) == (media_type, size, size)
    assert not shown.getexif()
    assert b"GPS" not in kept
    assert shown.mode != "CMYK"
    assert getattr(shown, "n_frames", 1) == (3 if media_type == "image/gif" else 1)


def test_a_file_over_the_limit_is_not_read_whole_and_the_form_says_so():
    huge = SimpleUploadedFile("ville.jpg", bytes(settings.DIFFUSION.media_max_bytes + 5_000_000))
    given = {"title": "Le pont", "text": "Il ferme.", "directorate": valclair.water().public_id, "level": "public"}

    form = ProposeForm(given, {"picture": huge}, by=valclair.marc(), directorates=Directorate.objects.all())

    assert "picture" in form.errors
    assert huge.tell() == settings.DIFFUSION.media_max_bytes + 1
    assert not Asset.objects.exists()


def test_a_transparent_palette_stays_transparent():
    asset = media.keep(picture("PNG", "P", transparency=0))

    assert Image.open(asset.path).convert("RGBA").getpixel((0, 0))[3] == 0


def test_half_a_picture_of_a_killed_process_is_written_whole_the_next_time() -> None:
    data = picture("PNG", size=(64, 64))
    kept = media.keep(data)
    whole = kept.path.read_bytes()
    kept.path.write_bytes(whole[:20])

    media.keep(data)

    assert kept.path.read_bytes() == whole
    assert [path.name for path in kept.path.parent.iterdir() if path.name[0] == "."] == []
