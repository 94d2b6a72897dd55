"""Who guesses passwords, or fills mailboxes, is counted by all web processes together: each here is one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PREPARE = """
from workers import app
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
from tests import valclair
paul = valclair.paul()
paul.set_password("tilleuls lavandières canicule")
paul.save()
account = valclair.account("smtp", host="127.0.0.1", sender="l@valclair.example", security="none")
from diffusion.newsletter import lists
print(paul.email, lists.open_list(account, by=None).public_id)
"""
ASK = """
import sys
from workers import app
from django.test import Client
from django.test.utils import setup_test_environment
setup_test_environment()
browser = Client()
address, times, given = sys.argv[1], int(sys.argv[2]), dict(pair.split("=", 1) for pair in sys.argv[3:])
answers = [browser.post(address, {k: v.replace("%n", str(n)) for k, v in given.items()}) for n in range(times)]
print(*[answer.status_code for answer in answers], browser.get("/me/").status_code)
"""
NO_BROKER = "redis://127.0.0.1:9/0"
"""Nothing listens there: neither signing in nor what is counted needs it."""


def _run(home: Path, program: str, *words: str) -> list[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("DIFFUSION_", "DJANGO_"))}
    given = {**env, "DIFFUSION_HOME": str(home), "DIFFUSION_LOG_LEVEL": "error", "DIFFUSION_BROKER_URL": NO_BROKER}
    done = subprocess.run(
        [sys.executable, "-c", program, *words], env=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_two_web_processes_count_guesses_and_subscriptions_together(tmp_path: Path) -> None:
    email, letter = _run(tmp_path, PREPARE)
    right = "password=tilleuls lavandières canicule"

    *_, known = _run(tmp_path, ASK, "/sign-in/", "1", f"login={email}", right)
    *_, before = _run(tmp_path, ASK, "/sign-in/", "3", f"login={email}", "password=wrong")
    *_, after = _run(tmp_path, ASK, "/sign-in/", "3", f"login={email}", "password=wrong")
    *_, then = _run(tmp_path, ASK, "/sign-in/", "1", f"login={email}", right)
    assert known == "200"
    assert (before, after, then) == ("302", "302", "302"), "five wrong ones were five, wherever they came in"

    first = _run(tmp_path, ASK, f"/l/{letter}", "11", "email=r%n@valclair.example")[:-1]
    second = _run(tmp_path, ASK, f"/l/{letter}", "11", "email=s%n@valclair.example")[:-1]
    assert first + second == ["200"] * 20 + ["429"] * 2
