"""Every command says what it is for, with an example; names that scripts rely on are there."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from diffusion.cli.main import COMMANDS, cli, language
from workers import cli as workers_cli

NEEDED = (
    "source check", "source add", "source list", "source pull", "submit", "directorate add", "person add", "person link",
    "account add", "account list", "account probe", "account pause", "message show", "message campaign", "delivery list", "delivery retry",
    "delivery cancel", "delivery vouch", "hold on", "hold off", "charter check", "charter put", "status", "settings", "doctor", "up",
    "worker", "clock", "web", "migrate", "demo",
)  # fmt: skip
JSON = (
    "source list",
    "account list",
    "delivery list",
    "delivery vouch",
    "message show",
    "status",
    "doctor",
    "person list",
    "settings",
)


def commands(group: click.Command = workers_cli.faces.cli, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command with its words."""
    if not isinstance(group, click.Group) or group.invoke_without_command:
        yield path, group
    if not isinstance(group, click.Group):
        return
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        yield from commands(found, f"{path} {name}".strip())


EVERY = dict(commands())


@pytest.mark.parametrize("path", NEEDED)
def test_what_scripts_rely_on_is_there(path: str) -> None:
    assert path in EVERY


@pytest.mark.parametrize("path", sorted(EVERY))
def test_a_command_says_what_it_does_with_an_example(path: str) -> None:
    text = EVERY[path].get_help(click.Context(EVERY[path], info_name=f"diffusion {path}"))

    assert EVERY[path].help
    assert "Example:" in text
    assert f"diffusion {path.split()[0]}" in text.split("Example:")[1]


@pytest.mark.parametrize("path", JSON)
def test_what_a_script_would_read_comes_as_json(path: str) -> None:
    assert any("--json" in param.opts for param in EVERY[path].params)


def test_every_command_of_the_table_loads() -> None:
    for name in COMMANDS:
        assert cli.get_command(click.Context(cli), name) is not None


@pytest.mark.parametrize(
    ("locale", "expected"), [("", "fr"), ("C.UTF-8", "fr"), ("fr_BE", "fr"), ("en_US.UTF-8", "en"), ("frp", "en"), ("de", "en")]
)  # fmt: skip
def test_the_terminals_language_is_its_locales(monkeypatch: pytest.MonkeyPatch, locale: str, expected: str) -> None:
    for name in ("LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_ALL", locale)

    assert language() == expected
