"""Every channel through the one suite. A channel is a file in `subjects/`, whose `subject(folder)` is a context manager
that starts its server and gives a `Subject`; `NEEDS_SERVER = True` there marks one that isn't ours.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from channels.conformance import checks_for

SUBJECTS = sorted(path.stem for path in (Path(__file__).parent / "subjects").glob("*.py"))


def marked() -> list[object]:
    modules = {name: importlib.import_module(f"tests.channels.subjects.{name}") for name in SUBJECTS}
    return [
        pytest.param(module.subject, id=name, marks=pytest.mark.server if hasattr(module, "NEEDS_SERVER") else ())
        for name, module in modules.items()
    ]


@pytest.mark.parametrize("subject", marked())
def test_conforms(subject, tmp_path, subtests):
    with subject(tmp_path) as described:
        for check in checks_for(described):
            with subtests.test(check.__name__):
                check(described)
