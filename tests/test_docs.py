"""The documents keep up with the code: what they link to exists, what they show runs, what they draw is so."""

from __future__ import annotations

import ast
import json
import re
import shlex
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import click
import pytest
from pydantic import SecretStr

from channels import registry
from channels.contract import Act, Channel, Idempotency, Per, Prepared, Rendition
from channels.http import Http
from channels.outcomes import Refused
from diffusion.cli import worst
from diffusion.cli.documents import diagram, drawn
from diffusion.config import Config, variable
from diffusion.delivery.states import MOVES
from diffusion.intake.decode import Document
from diffusion.intake.entry import Entry, settle
from diffusion.intake.item import Complaint, Feed
from diffusion.tone import apply
from diffusion.tone.engine import unproved
from diffusion.tone.load import load
from tests.chaos import __main__ as chaos
from workers import cli as workers_cli

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
HAND_MADE = [page for page in PAGES if page.name != "reference.md"]
LINK = re.compile(r"\[([^\]]+)\]\(([^)#]+)(?:#[^)]*)?\)")
NINE = (
    ("submit", "intake/submit"), ("draft", "message/write"), ("compose", "rendition/compose"), ("fit", "rendition/fit"),
    ("approve", "approval/decide"), ("plan", "delivery/plan"), ("claim_due", "delivery/claim"), ("send", "delivery/send"),
    ("Mastodon.publish", "channels/mastodon"),
)  # fmt: skip


def names(path: Path) -> set[str]:
    """Functions, classes and methods of a file: `send`, `Mastodon.publish`."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{part.name}" for part in node.body if isinstance(part, ast.FunctionDef)}
    return found


@pytest.mark.parametrize("page", HAND_MADE, ids=lambda page: page.name)
def test_what_a_page_links_to_is_there(page: Path) -> None:
    for text, target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        file = (page.parent / target).resolve()
        assert file.exists(), f"{page.name}: {target}"
        name = text.strip("`")
        if file.suffix == ".py" and not name.endswith(".py"):
            assert name in names(file), f"{page.name}: {target} has no {name}"


def test_the_tour_follows_the_nine_calls_in_order() -> None:
    linked = LINK.findall((DOCS / "tour.md").read_text(encoding="utf-8"))

    shown = [(text.strip("`"), target) for text, target in linked]
    places = [next(i for i, (text, at) in enumerate(shown) if text == name and room in at) for name, room in NINE]
    assert places == sorted(places)


def test_the_states_are_drawn_as_the_code_has_them() -> None:
    page = (DOCS / "guarantees.md").read_text(encoding="utf-8")

    assert drawn(page) == page, "run `make docs`"
    assert diagram().count("-->") == sum(map(len, MOVES.values())) + 1 + sum(not onward for onward in MOVES.values())


def test_every_channel_and_fault_says_what_can_happen_at_worst() -> None:
    kinds = [kind for kind in registry.all_channels() if kind.publishes]
    head, _, *rows = worst.table().splitlines()

    assert re.findall(r"`(\w+)`", head) == [kind.name for kind in kinds]
    assert len(rows) == len(worst.FAULTS)
    for row in rows:
        cells = [cell.strip() for cell in row.strip("| ").split(" | ")]
        assert len(cells) == len(kinds) + 3
        assert all(cells)
    known = {fault.name for fault in chaos.FAULTS}
    assert {name for fault in worst.FAULTS for name in fault.broken} <= known


@pytest.mark.parametrize("kind", [kind for kind in registry.all_channels() if kind.publishes])
def test_what_it_says_of_a_channel_is_what_that_declares(kind: type[Channel]) -> None:
    said = {fault.name: fault.told(kind) for fault in worst.FAULTS}
    unanswered, repeated = (
        next(text for name, text in said.items() if word in name) for word in ("unreadable", "frozen")
    )

    assert ("looked for" in unanswered) is (kind.networked and Act.FIND in kind.can and kind.absence is not None)
    if "looked for" in unanswered:
        assert f"{kind.absence:g} s" in unanswered
    assert repeated.startswith("two") is (kind.idempotency is Idempotency.NONE)
    assert any("all accounts" in text for text in said.values()) is (kind.networked and kind.waits_per is Per.HOST)
    assert any("seen within a day" in text for text in said.values()) <= (Act.SEE in kind.can)


def test_a_page_without_marks_is_not_drawn_in() -> None:
    with pytest.raises(ValueError, match="drawn"):
        drawn("# Nothing\n")


def commands(group: click.Command, path: str = "") -> Iterator[str]:
    yield path
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            found = group.get_command(context, name)
            assert found is not None
            yield from commands(found, f"{path} {name}".strip())


def test_commands_and_settings_that_pages_name_exist() -> None:
    known, settings = set(commands(workers_cli.faces.cli)), {variable(name) for name in Config.model_fields}
    first = {path.split()[0] for path in known if path}
    for page in HAND_MADE:
        text = page.read_text(encoding="utf-8")
        assert set(re.findall(r"DIFFUSION_[A-Z_]+", text)) <= settings, page.name
        for words in re.findall(r"(?:`|^|/)diffusion ([a-z]+(?: [a-z]+)?)", text, re.MULTILINE):
            whole = words if words in known else words.split()[0]
            assert whole in known, f"{page.name}: diffusion {words}"
            assert whole.split()[0] in first


def typed() -> Iterator[tuple[str, list[str]]]:
    """What the runbooks tell people to type: the page, and the words after `diffusion`."""
    for page in sorted((DOCS / "ops").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        blocks_and_spans = [
            *re.findall(r"```sh\n(.*?)```", text, re.DOTALL),
            *re.findall(r"`(diffusion [^`\n]+)`", text),
        ]
        for line in "\n".join(blocks_and_spans).splitlines():
            if found := re.search(r"(?:^|\s)diffusion (\S.*)$", line.strip()):
                yield page.name, shlex.split(found[1].replace("…", ""))


def test_what_runbooks_tell_to_type_can_be_typed() -> None:
    lines = list(typed())

    assert len(lines) > 40
    for page, words in lines:
        group: click.Command = workers_cli.faces.cli
        while words and isinstance(group, click.Group) and not words[0].startswith("-"):
            found = group.get_command(click.Context(group), words[0])
            assert found, f"{page}: diffusion {words}"
            group, words = found, words[1:]
        options = {name for parameter in group.params for name in (*parameter.opts, *parameter.secondary_opts)}
        for word in words:
            assert not word.startswith("--") or word.split("=")[0] in options, f"{page}: {group.name} {word}"
        assert not isinstance(group, click.Group) or group.invoke_without_command, f"{page}: {group.name} {words}"


def test_each_runbook_says_how_you_notice_and_when_it_is_over() -> None:
    around = {"README.md", "machine.md", "metrics.md"}
    for page in (DOCS / "ops").glob("*.md"):
        if page.name not in around:
            text = page.read_text(encoding="utf-8")
            assert "**It is over.**" in text, page.name
            assert re.search(r"\*\*(You notice|You need it|Before)", text), page.name


@pytest.mark.parametrize("page", sorted((DOCS / "decisions").glob("*.md")), ids=lambda page: page.name)
def test_a_decision_is_a_page_with_its_parts(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert re.match(rf"# {int(page.name[:4])}\. \S", text)
    assert re.search(r"^20\d\d-\d\d-\d\d · (accepted|superseded by \d{4})$", text, re.MULTILINE)
    for part in ("**Need.**", "**Choice.**", "**Rejected.**", "**Consequences.**"):
        assert part in text, part
    assert len(text.splitlines()) <= 50


# what extending.md shows


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / "extending.md").read_text(encoding="utf-8"), re.DOTALL)


def run(block: str) -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": "extending"}
    exec(compile(block, "docs/extending.md", "exec", dont_inherit=True), space)
    return space


class Hook(BaseHTTPRequestHandler):
    got: list[Any] = []
    status = 200

    def do_POST(self) -> None:
        self.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture
def hook() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hooks/x"
    server.shutdown()
    server.server_close()


def test_the_channel_that_is_shown_publishes(hook: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = run(blocks("python")[0])["Mattermost"]
    channel = kind(kind.Credentials(hook=SecretStr(hook)), Http(frozenset({"127.0.0.1"})))
    rendition = Rendition(text="L’eau est coupée.")

    receipt = channel.publish(rendition, Prepared(), "key-1")
    monkeypatch.setattr(Hook, "status", 400)
    with pytest.raises(Refused):
        channel.publish(rendition, Prepared(), "key-2")

    assert receipt.id == "key-1"
    assert Hook.got == [{"text": "L’eau est coupée."}] * 2
    assert channel.check(Rendition(text="x" * 16384))[0].over == 1


def test_the_reader_that_is_shown_reads() -> None:
    space = run(blocks("python")[1])
    document = Document(
        "id;title;text;link\n1;Travaux;Rue des Tilleuls.;https://v.example/1\n2;;;\n", datetime.now(UTC)
    )

    feed, entry, complaint = space["read"](document)

    assert isinstance(feed, Feed)
    assert isinstance(entry, Entry)
    assert isinstance(complaint, Complaint)
    item, _ = settle(entry)
    assert item is not None
    assert (item.uid, item.title, item.text, item.url) == ("1", "Travaux", "Rue des Tilleuls.", "https://v.example/1")


def test_the_rule_that_is_shown_keeps_its_own_examples() -> None:
    (rule,) = load(blocks("yaml")[0], "docs/extending.md")

    assert unproved(rule) == []
    assert not apply("Une aide en direction de nos aînés", (rule,), "fr").changes[0].applied
