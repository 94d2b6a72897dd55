"""Who guesses passwords, or fills mailboxes, is counted by all web processes together: each here is one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PASSWORD = "tilleuls lavandières canicule"
PREPARE = f"""
from workers import app
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
from tests import valclair
paul = valclair.paul()
paul.set_password({PASSWORD!r})
paul.save()
account = valclair.account("smtp", host="127.0.0.1", sender="l@valclair.example", security="none")
from diffusion.newsletter import lists
import json
print(json.dumps([paul.email, lists.open_list(account, by=None).public_id]))
"""
ASK = """
import json, sys
from workers import app
from django.test import Client
from django.test.utils import setup_test_environment
setup_test_environment()
def asked(address, times, given):
    browser = Client()
    answers = [browser.post(address, {k: v.replace("%n", str(n)) for k, v in given.items()}) for n in range(times)]
    return [answer.status_code for answer in answers] + [browser.get("/me/").status_code]
print(json.dumps([asked(*step) for step in json.load(sys.stdin)]))
"""
NO_BROKER = "redis://127.0.0.1:9/0"
"""Nothing listens there: neither signing in nor what is counted needs it."""


Step = tuple[str, int, dict[str, str]]
"""An address, how often it is posted to by one browser, and with what."""


def _run(home: Path, program: str, steps: Sequence[Step] = ()) -> Any:
    """What the program prints, as JSON."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("DIFFUSION_", "DJANGO_"))}
    given = {**env, "DIFFUSION_HOME": str(home), "DIFFUSION_LOG_LEVEL": "error", "DIFFUSION_BROKER_URL": NO_BROKER}
    done = subprocess.run(
        [sys.executable, "-c", program], input=json.dumps(steps), env=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_two_web_processes_count_guesses_and_subscriptions_together(tmp_path: Path) -> None:
    email, letter = _run(tmp_path, PREPARE)
    right: Step = "/sign-in/", 1, {"login": email, "password": PASSWORD}
    wrong: Step = "/sign-in/", 3, {"login": email, "password": "wrong"}

    known, before, first = _run(tmp_path, ASK, [right, wrong, (f"/l/{letter}", 11, {"email": "r%n@valclair.example"})])
    after, then, second = _run(tmp_path, ASK, [wrong, right, (f"/l/{letter}", 11, {"email": "s%n@valclair.example"})])

    assert known[-1] == 200
    assert (before[-1], after[-1], then[-1]) == (302, 302, 302), "five wrong ones were five, wherever they came in"
    assert first[:-1] + second[:-1] == [200] * 20 + [429] * 2
