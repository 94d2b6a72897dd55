"""Files and what they mean, in pairs; the sieve that keeps any file from hurting us; uids that last."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from diffusion.intake import check, readers
from diffusion.intake.complaints import WORDS, message
from diffusion.intake.item import ITEMS_MAX, Complaint, Format, Item, Reading
from diffusion.intake.limited import MIB, Limits

FEEDS = Path(__file__).parent / "feeds"
NOW = datetime(2026, 2, 1, tzinfo=UTC)
RSS = '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>T</title>{}</channel></rss>'


def rss(*items: str) -> bytes:
    return RSS.format("".join(f"<item>{item}</item>" for item in items)).encode()


def meaning(reading: Reading) -> dict[str, Any]:
    """A reading as the pairs write it: what isn't stated is left out."""
    items = [{k: v for k, v in item.to_json().items() if v not in (None, [])} for item in reading.items]
    told = [{"code": c.code, "item": c.item} for c in reading.complaints]
    return {"format": reading.format, "title": reading.title, "items": items, "complaints": told}


def read_here(body: bytes) -> Reading:
    """As `readers.read`, without the child: faster, and nothing that a reader raises is caught."""
    header = {"media_type": "", "url": "", "zone": "Europe/Paris", "now": "2026-02-01T00:00:00Z"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the child ignores them too
        return readers.gathered(readers.stream(body, header, soft_s=float("inf")))


def codes(reading: Reading) -> set[str]:
    return {complaint.code for complaint in reading.complaints}


@pytest.mark.parametrize("file", [f for f in sorted(FEEDS.iterdir()) if f.suffix != ".json"], ids=lambda f: f.name)
def test_a_file_means_what_its_pair_says(file: Path) -> None:
    expected = json.loads(file.with_suffix(".json").read_text("utf-8"))

    found = meaning(read_here(file.read_bytes()))

    assert found == {name: value for name, value in expected.items() if name != "source"}


def test_the_child_understands_the_same() -> None:
    for name in ("agenda.ics", "culture_json11.feed", "hostile.xml"):
        body = (FEEDS / name).read_bytes()
        assert readers.read(body, now=NOW) == read_here(body)


def test_content_decides_whatever_the_server_calls_it() -> None:
    body = (FEEDS / "agenda.ics").read_bytes()

    assert readers.read(body, "text/html; charset=utf-8").format is Format.ICAL


def test_a_changed_entry_keeps_its_uid() -> None:
    before = [
        "<title>Coupure</title><guid>a</guid><description>8 h</description>",
        "<title>Coupure</title><link>https://valclair.example/b</link><description>8 h</description>",
        "<title>Coupure</title><pubDate>Tue, 03 Mar 2026 08:00:00 GMT</pubDate><description>8 h</description>",
    ]
    after = [entry.replace("8 h", "9 h") for entry in before]

    first, second = read_here(rss(*before)), read_here(rss(*after))

    assert [item.uid for item in first.items] == [item.uid for item in second.items]
    assert len({item.uid for item in first.items}) == 3
    assert [item.text for item in second.items] == ["9 h"] * 3


def test_relative_links_lead_from_where_the_feed_was_found() -> None:
    body = rss("<guid>1</guid><link>/a</link><description>&lt;p>&lt;a href='b'>b&lt;/a>&lt;/p></description>")

    item = readers.read(body, url="https://valclair.example/flux/rss").items[0]

    assert item.url == "https://valclair.example/a"
    assert 'href="https://valclair.example/flux/b"' in (item.html or "")


def test_one_broken_entry_spoils_no_other() -> None:
    entries = [f"<guid>{n}</guid><title>T{n}</title>" for n in range(600)]
    entries[300] = "<guid>300</guid><title>un & deux <b></title>"

    reading = read_here(rss(*entries))

    assert {item.uid for item in reading.items} >= {str(n) for n in range(600) if n != 300}
    assert "malformed" in codes(reading)


@pytest.mark.parametrize("is_oldest_first", [False, True])
def test_of_too_many_entries_the_most_recent_are_taken(is_oldest_first: bool) -> None:
    entry = "<guid>{0}</guid><pubDate>{1:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
    total = ITEMS_MAX + 1500
    numbers = range(total) if is_oldest_first else range(total - 1, -1, -1)
    body = rss(
        *(entry.format(n, datetime.fromtimestamp(1_700_000_000 + n * 600, UTC)) + "<title>x</title>" for n in numbers)
    )

    reading = readers.read(body)

    assert len(reading.items) == ITEMS_MAX
    assert {int(item.uid) for item in reading.items} == set(range(total - ITEMS_MAX, total))
    assert next(c for c in reading.complaints if c.code == "too_many").facts == {"limit": ITEMS_MAX, "count": total}


def _calendar(*lines: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR", ""]).encode()


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "too long to be read whole": (
        lambda: rss("<guid>1</guid><title>un</title>")[:-16] + b"<!--" + b"x" * (readers.BODY_MAX + 1),
        "too_big",
    ),
    "entities that multiply": (
        lambda: b'<!DOCTYPE r [<!ENTITY a "' + b"A" * 5000 + b'">]>' + rss("<title>" + "&a;" * 9000 + "</title>"),
        "entities",
    ),
    "nested without end": (lambda: rss("<title>" + "<a>" * 20_000 + "</title>"), "malformed"),
    "JSON nested a million deep": (lambda: b"[" * 1_000_000, "too_deep"),
    "JSON of nothing": (
        lambda: b'{"version":"https://jsonfeed.org/version/1","items":[' + b"{}," * 4_000_000,
        "too_heavy",
    ),
    "a rule that never moves on": (
        lambda: _calendar(
            "BEGIN:VEVENT", "UID:1", "DTSTART:20260301T080000", "RRULE:FREQ=DAILY;INTERVAL=0", "END:VEVENT"
        ),
        "bad_rule",
    ),
    "NUL": (lambda: b"\0" * 100_000, "not_a_feed"),
    "noise": (lambda: os.urandom(100_000), "not_a_feed"),
    "opening tags only": (lambda: b"<rss><channel>" + b"<![CDATA[" * 200_000, "truncated"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_file_hurts(name: str) -> None:
    make, code = HOSTILE[name]

    reading = readers.read(make())

    assert code in codes(reading)


def test_what_was_read_before_the_child_was_stopped_counts() -> None:
    rules = [
        line
        for n in range(400)
        for line in ("BEGIN:VEVENT", f"UID:{n}", "DTSTART:20260301T080000", "RRULE:FREQ=DAILY;INTERVAL=0", "END:VEVENT")
    ]

    reading = readers.read(_calendar(*rules), limits=Limits(soft_s=60, cpu_s=2, wall_s=20))

    assert reading.format is Format.ICAL
    assert 0 < len(reading.items) < 400
    assert "too_slow" in codes(reading)


def test_a_child_that_wants_too_much_memory_is_stopped() -> None:
    body = rss("<title>" + "x" * 8_000_000 + "</title>")

    reading = readers.read(body, limits=Limits(memory_bytes=60 * MIB))

    assert codes(reading) & {"too_heavy", "unreadable"}


def test_a_child_that_hangs_is_ended_by_the_clock() -> None:
    begun = time.monotonic()

    reading = readers.read(rss("<title>x</title>"), limits=Limits(wall_s=0.01))

    assert codes(reading) == {"too_slow"}
    assert time.monotonic() - begun < 10


def test_reading_loads_no_django() -> None:
    words = "import sys, diffusion.intake.check, diffusion.cli.source_check; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", words], check=False).returncode == 0


def test_every_complaint_is_worded_in_both_languages_with_its_facts() -> None:
    facts = {"kinds": ["script"], "links": ["https://valclair.example/flux"]}

    for code, words in WORDS.items():
        said = [message(code, facts, language) for language in ("fr", "en")]
        assert said[0] != said[1], code
        assert all("{" not in sentence for sentence in (*said,)), code
        assert len(words) == 2


def test_what_a_child_did_not_write_is_no_item() -> None:
    good = Item("a").to_json()

    for bad in ({}, good | {"uid": ""}, good | {"title": 3}, good | {"more": 1}, good | {"start": "demain"}):
        with pytest.raises(ValueError, match=r"item|string|isoformat"):
            Item.from_json(bad)


def test_check_tells_a_file_with_every_key_and_code(tmp_path: Path) -> None:
    answer, code = check.check_file(str(FEEDS / "eau_rss20.xml"))

    assert code == 0
    assert list(answer) == ["source", "format", "title", "items", "complaints"]
    keys = {"uid", "url", "title", "text", "html", "published", "updated", "start", "end", "media"}
    assert all(keys <= set(item) for item in answer["items"])
    assert all({"url", "type", "description"} == set(m) for item in answer["items"] for m in item["media"])
    assert all({"code", "message", "item"} == set(c) for c in answer["complaints"])


def test_check_of_nothing_understood_is_one_and_of_no_file_two(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tuyau")

    assert check.check_file(str(FEEDS / "page.html"))[1] == 1
    for missing in (tmp_path / "absent.xml", tmp_path, tmp_path / "tuyau"):
        answer, code = check.check_file(str(missing))
        assert code == 2
        assert [c["code"] for c in answer["complaints"]] == ["no_such_file"]


def test_the_command_prints_one_object_whatever_the_locale() -> None:
    words = [sys.executable, "-c", "from diffusion.cli.source_check import check; check()"]
    env = {"PATH": os.environ["PATH"], "LC_ALL": "fr_FR.ISO-8859-1", "PYTHONPATH": str(Path(__file__).parents[2])}

    ran = subprocess.run([*words, str(FEEDS / "coupe.xml"), "--json"], check=False, capture_output=True, env=env)

    answer = json.loads(ran.stdout)
    assert ran.returncode == 0
    assert ran.stderr == b""
    assert [item["uid"] for item in answer["items"]] == ["rh-1", "rh-2"]
    assert answer["complaints"][0]["message"] == message("truncated", {}, "fr")


def test_the_reason_comes_first_when_nothing_was_understood() -> None:
    assert readers.read(b"\xff\xfe\x00").complaints[0].code == "not_a_feed"
    assert readers.read(b"").complaints == (Complaint("empty"),)
