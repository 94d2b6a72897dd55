"""A public parser's corpus, which nobody here wrote: everything in it is taken in, and understood as what it is."""

from __future__ import annotations

import hashlib
import json
import warnings
from pathlib import Path

import pytest

from diffusion.intake import readers
from diffusion.intake.item import Complaint, Feed, Format, Item

CORPUS = Path(__file__).parent / "corpus"
FILES = sorted(CORPUS.rglob("*.xml"))
NO_FEED = {"illformed/rss_empty_document.xml"}
"""Files that hold no feed at all, on purpose."""
FORMATS = {"atom10": Format.ATOM, "rss": Format.RSS, "rdf": Format.RSS, "cdf": Format.RSS}
HEADER = {"media_type": "", "url": "", "zone": "Europe/Paris", "now": "2026-03-01T00:00:00Z"}


def taken_in(path: Path) -> list[Feed | Item | Complaint]:
    """In this process, without the child's safety net: whatever the reader raises fails the test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the child ignores them too: they are about feedparser's own future
        return list(readers.stream(path.read_bytes(), HEADER, soft_s=float("inf")))


def test_the_corpus_is_there_and_as_it_was_published() -> None:
    sums = dict(line.split("  ")[::-1] for line in (CORPUS / "SHA256SUMS").read_text("utf-8").splitlines())

    assert len(FILES) >= 200
    assert {str(f.relative_to(CORPUS)): hashlib.sha256(f.read_bytes()).hexdigest() for f in FILES} == sums


@pytest.mark.parametrize("folder", sorted({file.parent for file in FILES}), ids=lambda f: str(f.relative_to(CORPUS)))
def test_every_file_is_taken_in(folder: Path) -> None:
    for file in sorted(folder.glob("*.xml")):
        found = taken_in(file)

        feeds = [one for one in found if isinstance(one, Feed)]
        items = [one for one in found if isinstance(one, Item)]
        if str(file.relative_to(CORPUS)) in NO_FEED:
            assert not feeds, file
            continue
        assert len(feeds) == 1, file
        assert feeds[0].format is FORMATS.get(folder.name, feeds[0].format), file
        for item in items:
            assert item.uid, file
            assert Item.from_json(json.loads(json.dumps(item.to_json()))) == item, file


def test_a_file_that_no_encoding_fits_still_gives_its_items_in_the_child() -> None:
    body = (CORPUS / "illformed/chardet/gb2312.xml").read_bytes()

    reading = readers.read(body)

    assert reading.format is not None
