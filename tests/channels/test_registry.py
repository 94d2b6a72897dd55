"""The table of channels."""

from __future__ import annotations

import subprocess
import sys

import pytest

from channels import registry
from channels.contract import Channel, Code, Kind, Per, Rendition
from channels.counting import Counting
from channels.rows import count_row


def test_every_line_leads_to_a_channel_of_that_name() -> None:
    for name in registry.names():
        channel = registry.get(name)

        assert issubclass(channel, Channel)
        assert channel.name == name
        assert channel.label
        assert isinstance(channel.kind, Kind)
        assert channel.Credentials.model_json_schema()["type"] == "object"


def test_who_shares_a_servers_limits_says_where_its_address_is() -> None:
    for channel in registry.all_channels():
        assert not channel.host_in or channel.host_in in channel.Credentials.model_fields, channel.name
        assert channel.waits_per is Per.ACCOUNT or channel.host_in, channel.name


def test_an_unknown_name_says_which_there_are() -> None:
    with pytest.raises(registry.UnknownChannel, match="mastodon") as caught:
        registry.get("twitter")

    assert caught.value.name == "twitter"
    assert "x" in caught.value.known


def test_the_rows_say_what_each_counts_and_whether_it_publishes() -> None:
    rows = {row["name"]: row for row in registry.rows()}

    assert rows["x"] == {"name": "x", "kind": "social", "counting": "weighted", "limit": 280, "publishes": False}
    assert rows["bluesky"] == {
        "name": "bluesky", "kind": "social", "counting": "graphemes", "limit": 300, "publishes": False,
    }  # fmt: skip
    assert rows["sms"] == {"name": "sms", "kind": "open", "counting": "gsm7", "limit": 160, "publishes": False}
    assert rows["board"]["limit"] is None
    assert {name for name, row in rows.items() if row["publishes"]} == {
        "board", "wordpress", "mastodon", "smtp", "feed",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("channel", "text", "length", "limit"),
    [
        ("x", "Voir example.fr 💧", 31, 280),
        ("bluesky", "Voir example.fr 👨‍👩‍👧‍👦", 17, 300),
        ("sms", "Coupure d'eau: 12 €", 20, 160),
        ("sms", "Coupure d’eau", 13, 70),
        ("board", "Eau", 3, None),
    ],
)
def test_a_row_is_counted_as_the_channel_counts(channel: str, text: str, length: int, limit: int | None) -> None:
    answer = count_row({"id": 7, "text": text}, registry.get(channel))

    assert answer == {"id": 7, "length": length, "limit": limit}


@pytest.mark.parametrize(("row", "error"), [({"id": 1}, KeyError), ({"id": 1, "text": 3}, TypeError)])
def test_a_row_that_cannot_be_read_is_told_apart(row: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        count_row(row, registry.get("x"))


def test_bluesky_has_a_ceiling_in_bytes_too() -> None:
    family = "👨‍👩‍👧‍👦" * 150  # 150 graphemes, 3,750 bytes

    (problem,) = registry.get("bluesky").check(Rendition(text=family))

    assert (problem.code, problem.over) == (Code.TEXT_TOO_LONG, 750)
    assert problem.facts["unit"] == Counting.BYTES


def test_an_sms_is_refused_at_seventy_once_an_accent_leaves_the_alphabet() -> None:
    sms = registry.get("sms")

    assert sms.check(Rendition(text="a" * 160)) == ()
    assert [p.over for p in sms.check(Rendition(text="ê" + "a" * 70))] == [1]


def test_counting_for_one_channel_loads_no_other_and_no_network() -> None:
    code = (
        "import sys\n"
        "from channels import registry, rows\n"
        "rows.count_row({'id': 1, 'text': 'a'}, registry.get('x'))\n"
        "print([m for m in sys.modules if m in ('channels.mastodon', 'channels.http', 'requests', 'django')])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stdout.strip() == "[]"


ROOT = registry.__file__.removesuffix("/channels/registry.py")
