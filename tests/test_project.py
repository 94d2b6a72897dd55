"""The project's own files: what compose starts, what the locks pin, what make and the commands say."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from diffusion.config import Config

ROOT = Path(__file__).resolve().parent.parent
LANES = ("urgent", "social", "intranet", "mail", "intake", "housekeeping")
ASKED_FOR = {
    "DIFFUSION_SECRET_KEY": "k" * 40,
    "DIFFUSION_CREDENTIAL_KEYS": "A" * 43 + "=",
    "DIFFUSION_BASE_URL": "https://diffusion.valclair.example",
    "POSTGRES_PASSWORD": "0a1b2c",
}


def run(*command: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """A command of the project, in its folder."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DIFFUSION_")}
    return subprocess.run(command, cwd=ROOT, env={**clean, **(env or {})}, capture_output=True, text=True, check=False)


def composed(env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """What Debian's docker-compose makes of our file; it needs no engine for that."""
    if not shutil.which("docker-compose"):
        tell = pytest.fail if os.environ.get("CI") else pytest.skip
        tell("docker-compose is missing: make servers")
    with tempfile.NamedTemporaryFile(suffix=".env") as nothing:  # or it would read a developer's own .env
        return run("docker-compose", "--env-file", nothing.name, "config", env=env)


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    answer = composed(ASKED_FOR)
    assert answer.returncode == 0, answer.stderr
    found: dict[str, Any] = yaml.safe_load(answer.stdout)["services"]
    return found


@pytest.mark.server
def test_compose_starts_each_part_once_the_ones_it_needs_are_healthy(services: dict[str, Any]) -> None:
    ours = {name: service for name, service in services.items() if service["image"].startswith("diffusion:")}
    kept = {name for name in services if name not in ours}

    assert kept == {"postgres", "valkey"}
    assert {"web", "clock", "migrate"} < set(ours)
    for name, service in ours.items():
        for needed in kept & set(service["depends_on"]):
            assert service["depends_on"][needed]["condition"] == "service_healthy", name
    for name, service in services.items():
        assert name == "migrate" or service["healthcheck"]["test"], name


@pytest.mark.server
def test_compose_gives_every_lane_one_worker(services: dict[str, Any]) -> None:
    commands = [service["command"] for service in services.values() if service.get("command", [])[1:2] == ["worker"]]
    served = [lane for command in commands for lane in command[command.index("--lanes") + 1].split(",")]

    assert sorted(served) == sorted(LANES)


@pytest.mark.server
def test_compose_hands_over_settings_that_the_product_takes(services: dict[str, Any]) -> None:
    for name in ("web", "worker-mail", "clock"):
        env = services[name]["environment"]
        config = Config.load(env)

        assert config.database.hostname == "postgres", name
        assert config.signing_key() == ASKED_FOR["DIFFUSION_SECRET_KEY"]


@pytest.mark.server
@pytest.mark.parametrize("name", ASKED_FOR)
def test_compose_has_no_default_for_a_secret(name: str) -> None:
    answer = composed({other: value for other, value in ASKED_FOR.items() if other != name})

    assert answer.returncode != 0
    assert name in answer.stderr


def pins(lock: str) -> dict[str, str]:
    """Package → version, and that each pin has a hash."""
    text = (ROOT / lock).read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    found = {}
    for entry in entries:
        name, version = re.match(r"([\w.-]+)==([^\s;]+)", entry).groups()  # type: ignore[union-attr]  # fails as it should
        assert "--hash=sha256:" in entry, name
        found[name] = version
    return found


def test_the_development_lock_pins_what_the_product_runs_with() -> None:
    product, dev = pins("requirements.lock"), pins("requirements-dev.lock")

    assert len(product) > 50
    assert {name: dev.get(name) for name in product} == product


def test_make_alone_lists_its_commands_one_line_each() -> None:
    listed = run("make", "--no-print-directory").stdout.splitlines()

    rows = dict(re.fullmatch(r"make (\w+) +(\S.+)", line).groups() for line in listed)  # type: ignore[union-attr,misc]  # same
    assert {"run", "demo", "test", "lint", "fix", "lock", "docs"} <= set(rows)


def test_shell_scripts_are_well_formed() -> None:
    for script in (".ci/run", ".ci/install"):
        assert os.access(ROOT / script, os.X_OK), script
        assert run("bash", "-n", script).returncode == 0, script


def test_settings_are_printed_with_their_origin_and_without_secrets() -> None:
    env = {
        "DIFFUSION_HOME": "/nonexistent/home",
        "DIFFUSION_LOG_LEVEL": "debug",
        "DIFFUSION_BROKER_URL": "redis://user:hidden@broker.example/0",
        "DIFFUSION_SECRET_KEY": "hidden" * 10,
        "LANG": "fr_FR.UTF-8",
        "LC_ALL": "",
    }

    answer = run(".venv/bin/diffusion", "settings", "--json", env=env)
    table = run(".venv/bin/diffusion", "settings", env=env)

    assert answer.returncode == table.returncode == 0, answer.stderr
    rows = {row["name"]: row for row in json.loads(answer.stdout)}
    assert rows["DIFFUSION_LOG_LEVEL"] == {
        "name": "DIFFUSION_LOG_LEVEL",
        "value": "debug",
        "origin": "environment",
        "file": None,
    }
    assert rows["DIFFUSION_BROKER_URL"]["value"] == "redis://user:***@broker.example/0"
    assert len(rows) == len(Config.model_fields)
    assert "(environnement)" in table.stdout
    assert "hidden" not in answer.stdout + table.stdout


def test_wrong_settings_are_told_without_a_traceback() -> None:
    answer = run(".venv/bin/diffusion", "settings", env={"DIFFUSION_LANGUGE": "fr", "LC_ALL": "en_GB.UTF-8"})

    assert answer.returncode == 2
    assert "did you mean DIFFUSION_LANGUAGE?" in answer.stderr
    assert "Traceback" not in answer.stderr
