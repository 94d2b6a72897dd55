"""A terminal for the tests: `say("source", "list")` runs the command line in this process."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result

from diffusion.cli.main import cli


def say(*words: str, given: str | bytes | None = None, lang: str = "en_GB.UTF-8") -> Result:
    """Run a command and give its result back; a traceback fails the test at once."""
    env = {"LC_ALL": lang, "LC_MESSAGES": "", "LANG": ""}
    result = CliRunner().invoke(cli, list(words), input=given, env=env, prog_name="diffusion")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def said(*words: str, given: str | bytes | None = None) -> str:
    """What a command that succeeds says on standard output."""
    result = say(*words, given=given)
    assert result.exit_code == 0, result.output
    return str(result.stdout)


def told(*words: str) -> Any:
    """What a command says to a script."""
    return json.loads(said(*words, "--json"))
