"""The house itself: documents keep up, imports keep their direction, files stay short, some names stay out."""

from __future__ import annotations

import ast
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from channels import registry
from diffusion.config import Config, variable

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES, FUNCTION_LINES = 300, 45
REFERENCE = ROOT / "docs" / "reference.md"
OTHERS = ("vendor", "corpus", "feeds", "subjects")  # folders of what others wrote
# put together here, so that this file doesn't name what it looks for
HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs"),
        ("npmjs", "org"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
        ("repo", "maven"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
    )
)
MACHINE_PATHS = tuple(
    "/" + "/".join(parts) + "/" for parts in (("work", "main"), ("work", "shared"), ("root",), ("opt", "wheels"))
)


def tracked() -> list[Path]:
    """Every file that a clone has."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def product() -> list[Path]:
    """The product's own Python files, without the migrations that Django writes."""
    rooms = ("channels", "diffusion", "workers")
    return [
        path
        for path in tracked()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in rooms and "migrations" not in path.parts
    ]


def test_files_stay_short() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in product()
        if (lines := len(path.read_text().splitlines())) > FILE_LINES
    }

    assert not long, f"over {FILE_LINES} lines: {long}"


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and length in lines of each function of a file, from its `def` to its last line."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (
                f"{path.relative_to(ROOT)}:{node.lineno} {node.name}",
                (node.end_lineno or node.lineno) - node.lineno + 1,
            )


def test_functions_stay_short() -> None:
    long = {name: lines for path in product() for name, lines in functions(path) if lines > FUNCTION_LINES}

    assert not long, f"over {FUNCTION_LINES} lines: {long}"


def test_imports_keep_their_direction() -> None:
    answer = subprocess.run(
        [ROOT / ".venv" / "bin" / "lint-imports", "--no-cache", "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("names", [HOSTS, MACHINE_PATHS], ids=["registry hosts", "machine paths"])
def test_no_file_names(names: tuple[str, ...]) -> None:
    found = []
    for path in tracked():
        inside = path.relative_to(ROOT)
        if set(inside.parts) & set(OTHERS):
            continue
        text = path.read_bytes().decode("utf-8", errors="ignore")
        found += [f"{inside}: {name}" for name in names if name in text]

    assert not found


def test_the_reference_page_is_the_one_that_the_code_makes() -> None:
    made = subprocess.run(
        [ROOT / ".venv" / "bin" / "diffusion", "reference"],
        cwd=ROOT,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert made.returncode == 0, made.stderr
    assert REFERENCE.read_text() == made.stdout, "run `make docs`"


def test_the_documents_name_every_setting_and_channel() -> None:
    text = REFERENCE.read_text()

    for name in [*map(variable, Config.model_fields), *registry.names()]:
        assert f"`{name}`" in text, name
