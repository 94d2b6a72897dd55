"""The row commands through a real process: rows in, rows out, exit codes, and a start that loads no Django."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
RUN = "import sys; from diffusion.cli import rows; getattr(rows, sys.argv.pop(1))(prog_name='diffusion')"

WATER = {"id": 1, "lang": "fr", "published": "2026-02-25", "text": "L’eau sera coupée mardi 3 mars de 9 h à 12 h 30."}


def run(*arguments: str, given: bytes | str = b"", code: str = RUN) -> subprocess.CompletedProcess[bytes]:
    """A process of its own, outside any home and without settings."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("DIFFUSION_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        input=given.encode() if isinstance(given, str) else given,
        capture_output=True, cwd=ROOT, env=env, timeout=60, check=False,
    )  # fmt: skip


def rows(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    assert b"Traceback" not in done.stderr
    return [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]


def lines(*given: Any) -> str:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in given) + "\n"


def test_facts_are_extracted_with_offsets_of_the_text() -> None:
    done = run("facts", "extract", "--jsonl", given=lines(WATER))

    (row,) = rows(done)
    assert done.returncode == 0
    assert row["id"] == 1
    assert ["date", "2026-03-03"] in [[fact["kind"], fact["value"]] for fact in row["facts"]]
    assert all(WATER["text"][fact["start"] : fact["end"]] == fact["text"] for fact in row["facts"])
    assert row["warnings"] == []


def test_a_gazetteer_adds_places(tmp_path: Path) -> None:
    places = tmp_path / "places.csv"
    places.write_text("id;nom_voie\n1;Les Quatre Vents\n", encoding="utf-8")
    given = lines({**WATER, "text": "Travaux aux Quatre Vents et Les Quatre Vents lundi."})

    found = [
        fact["kind"]
        for fact in rows(run("facts", "extract", "--jsonl", "--gazetteer", str(places), given=given))[0]["facts"]
    ]

    assert "place" in found
    assert "place" not in [fact["kind"] for fact in rows(run("facts", "extract", "--jsonl", given=given))[0]["facts"]]


def test_a_rendition_is_held_against_its_canonical() -> None:
    same = {"id": "a", "lang": "fr", "published": "2026-02-25", "canonical": WATER["text"], "rendition": WATER["text"]}
    wrong = {**same, "id": "b", "rendition": "Pas d’eau mercredi 4 mars.", "essential": [["time", "09:00/12:30"]]}

    first, second = rows(run("facts", "compare", "--jsonl", given=lines(same, wrong)))

    assert first == {"id": "a", "contradicted": [], "added": [], "missing": []}
    assert [fault["value"] for fault in second["contradicted"]] == ["2026-03-04"]
    assert second["contradicted"][0]["canonical"]["value"] == "2026-03-03"
    assert [fault["value"] for fault in second["missing"]] == ["09:00/12:30"]


def test_duplicates_need_neither_language_nor_day() -> None:
    (row,) = rows(run("facts", "duplicates", "--jsonl", given=lines({"id": None, "a": "Fête\nle 3 mars", "b": "Vote"})))

    assert row["id"] is None
    assert row["same"] is False
    assert row["why"]


def test_tone_is_applied_and_checked() -> None:
    text = "Ouvert a 9h30 ! C'est gratuit..."
    (applied,) = rows(run("tone", "apply", "--jsonl", given=lines({"id": 1, "lang": "fr", "text": text})))
    (checked,) = rows(run("tone", "check", "--jsonl", given=lines({"id": 1, "lang": "fr", "text": text})))

    assert "C’est" in applied["text"]
    assert any(change["applied"] for change in applied["changes"])
    assert checked["findings"]
    assert {"rule", "level", "start", "end", "text", "message", "fixes"} <= set(checked["findings"][0])


def test_a_charter_that_does_not_load_is_wrong_use(tmp_path: Path) -> None:
    charter = tmp_path / "charter.yaml"
    charter.write_text("nonsense: [", encoding="utf-8")

    done = run("tone", "apply", "--jsonl", "--charter", str(charter), given=lines({"id": 1, "lang": "fr", "text": "a"}))

    assert done.returncode == 2
    assert done.stdout == b""
    assert rows(done) == []


def test_a_text_is_fitted_to_a_channel() -> None:
    long = WATER["text"] + " Nous vous conseillons de faire couler l’eau quelques minutes." * 6

    short, fitted = rows(run("fit", "--jsonl", "--channel", "x", given=lines(WATER, {**WATER, "id": 2, "text": long})))

    assert short["text"] == WATER["text"]
    assert short["dropped"] == []
    assert fitted["length"] <= 280
    assert "3 mars" in fitted["text"]
    assert fitted["dropped"]


def test_what_cannot_fit_is_an_answer() -> None:
    done = run("fit", "--jsonl", "--limit", "10", "--counting", "codepoints", given=lines(WATER))

    (row,) = rows(done)
    assert done.returncode == 0
    assert row["id"] == 1
    assert row["error"]["code"] == "too_long"
    assert row["error"]["over"] > 0
    assert ["date", "2026-03-03"] in row["error"]["essential"]


def test_no_essentials_is_not_the_default_rule() -> None:
    text = "Bonjour. " + WATER["text"] + " Entrée libre."
    given = lines({**WATER, "text": text, "essential": []})

    (row,) = rows(run("fit", "--jsonl", "--limit", "14", "--counting", "graphemes", given=given))

    assert row["text"] == "Entrée libre."


def test_channels_count_and_are_listed() -> None:
    (row,) = rows(
        run("channels", "count", "--jsonl", "--channel", "x", given=lines({"id": 7, "text": "Voir www.valclair.fr"}))
    )
    listed = json.loads(run("channels", "list", "--json").stdout)

    assert row == {"id": 7, "length": 28, "limit": 280}
    assert {"board", "feed", "wordpress", "smtp", "mastodon", "bluesky", "x", "sms"} <= {row["name"] for row in listed}
    assert {"name", "kind", "counting", "limit", "publishes"} <= set(listed[0])
    assert run("channels", "list").returncode == 0


BAD = [
    (b"\xff\xfe{}", None, "not_utf8"),
    (b"{", None, "not_json"),
    (b"[" * 100_000, None, "not_json"),
    (b"[1]", None, "not_an_object"),
    (b'{"id":4}', 4, "missing_field"),
    (b'{"id":4,"text":5,"lang":"fr","published":"2026-02-25"}', 4, "bad_field"),
    (b'{"id":4,"text":"a","lang":"de","published":"2026-02-25"}', 4, "bad_field"),
    (b'{"id":4,"text":"a","published":"2026-02-25"}', 4, "missing_field"),
    (b'{"id":4,"text":"a","lang":"fr"}', 4, "missing_field"),
    (b'{"id":4,"text":"a","lang":"fr","published":"2026-02-30"}', 4, "bad_field"),
    (b'{"id":{"a":1},"text":"a","lang":"fr","published":7}', {"a": 1}, "bad_field"),
    (b'{"id":4,"text":"a","lang":"fr","published":"2026-02-25","essential":["a"]}', 4, "bad_field"),
]


def test_a_line_that_cannot_be_read_is_answered_and_the_rest_goes_on() -> None:
    given = b"\xef\xbb\xbf" + b"\n".join([lines(WATER).strip().encode(), b"", b"  ", *(bad for bad, _, _ in BAD)])
    given += b"\r\n" + lines({**WATER, "id": "last", "unknown": True}).encode()

    done = run("fit", "--jsonl", "--channel", "x", given=given)

    answers = rows(done)
    assert done.returncode == 1
    assert [(row["id"], row["error"]["code"]) for row in answers[1:-1]] == [(id_, code) for _, id_, code in BAD]
    assert all(row["error"]["message"] for row in answers[1:-1])
    assert answers[0]["text"] == WATER["text"]
    assert answers[-1]["id"] == "last"


def test_strange_texts_come_out_as_json() -> None:
    strange = [
        {"id": i, "lang": "fr", "published": "2026-02-25", "text": text}
        for i, text in enumerate(["\ud800", "", "\x00\u202e", "👩‍👩‍👧" * 200])
    ]
    given = "\n".join(json.dumps(row) for row in strange)

    for command in (["facts", "extract"], ["tone", "apply"], ["tone", "check"], ["fit", "--channel", "x"]):
        done = run(*command, "--jsonl", given=given)
        assert [row["id"] for row in rows(done)] == [0, 1, 2, 3]


USES = [
    ["fit", "--jsonl"],
    ["fit", "--jsonl", "--channel", "nowhere"],
    ["fit", "--jsonl", "--channel", "x", "--limit", "3"],
    ["fit", "--jsonl", "--limit", "3"],
    ["fit", "--jsonl", "--limit", "3", "--counting", "inches"],
    ["fit", "--jsonl", "--channel", "x", "no-such-file"],
    ["facts", "extract", "--nonsense"],
    ["facts", "nonsense"],
    ["channels", "count", "--jsonl"],
    ["channels", "count", "--jsonl", "--channel", "nowhere"],
]


@pytest.mark.parametrize("use", USES, ids=" ".join)
def test_wrong_use_is_exit_2_with_nothing_on_standard_output(use: list[str]) -> None:
    done = run(*use, given=lines(WATER))

    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr
    assert b"Traceback" not in done.stderr


def test_a_file_is_read_like_standard_input(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(lines(WATER, {**WATER, "id": 2}), encoding="utf-8")

    assert [row["id"] for row in rows(run("facts", "extract", "--jsonl", str(path)))] == [1, 2]


def test_each_row_is_answered_before_the_next_is_read() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, "channels", "count", "--jsonl", "--channel", "x"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        for number in range(3):
            process.stdin.write(lines({"id": number, "text": "a"}).encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
    assert process.returncode == 0


def test_a_reader_that_leaves_is_no_error_to_show() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, "channels", "count", "--jsonl", "--channel", "x"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write(lines({"id": 0, "text": "a"}).encode())
    process.stdin.flush()
    process.stdout.readline()
    process.stdout.close()
    process.stdin.write(lines(*({"id": n, "text": "a"} for n in range(50))).encode())
    process.stdin.close()
    said = process.stderr.read()
    process.stderr.close()
    process.wait(timeout=60)

    assert said == b""


COMMANDS = [["facts", "extract"], ["facts", "compare"], ["facts", "duplicates"], ["tone", "apply"], ["tone", "check"],
            ["fit", "--channel", "sms"], ["channels", "count", "--channel", "mastodon"]]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_row_command_loads_django_or_a_task_queue(command: list[str]) -> None:
    code = RUN.replace("(prog_name='diffusion')", "(prog_name='diffusion', standalone_mode=False)")
    code = "import atexit, sys; atexit.register(lambda: print(sorted(sys.modules), file=sys.stderr)); " + code

    done = run(*command, "--jsonl", code=code)

    loaded = {name.partition(".")[0] for name in eval(done.stderr.decode().splitlines()[-1])}
    assert done.returncode == 0
    assert not loaded & {"django", "celery", "pydantic_settings", "requests"} - (
        {"requests"} if "mastodon" in command else set()
    )


@pytest.mark.parametrize(
    "command", [["facts"], ["tone"], ["fit"], ["channels"], *(c[:2] for c in COMMANDS if c[0] != "fit")]
)
def test_each_command_explains_itself_with_an_example(command: list[str]) -> None:
    done = run(*command, "--help")

    assert done.returncode == 0
    assert b"Example" in done.stdout
