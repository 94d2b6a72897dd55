"""The system's Chromium, and a stage to walk on: what the browser's tests begin with."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Response, expect, sync_playwright

from tests.servers.databases import free_port, need

ROOT = Path(__file__).resolve().parents[2]
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 900}}
WAIT_MS = 15_000
"""How long an expectation waits for the page, and for the workers behind it, before it fails."""

_NOTE_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", e =>
  window.violations.push(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile || ""}:${e.lineNumber || ""}`));
"""


@dataclass
class Stage:
    """The town's process: where it answers, and a way to ask it for what no page shows."""

    url: str
    home: Path
    process: subprocess.Popen[str]

    def ask(self, do: str, **given: Any) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, **given}) + "\n")
        self.process.stdin.flush()
        return self._line()["answer"]

    def _line(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the stage ended with {self.process.wait(10)}: {self._log()}"
        said: dict[str, Any] = json.loads(line)
        return said

    def _log(self) -> str:
        return (self.home.parent / "stage.log").read_text()[-8000:]

    def mails_to(self, address: str) -> list[str]:
        """Mails that the product itself sent them, oldest first."""
        mails = [path.read_text() for path in sorted((self.home / "outbox").glob("*"))]
        return [mail for mail in mails if f"To: {address}" in mail]


@contextlib.contextmanager
def stage(scene: str) -> Iterator[Stage]:
    """A fresh town in a process of its own, ended by its process id. Fails when the product logged an error of its own."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="diffusion-stage-") as folder:
        home = Path(folder) / "home"
        env = {name: value for name, value in os.environ.items() if not name.startswith("DIFFUSION_")}
        env.update(
            DIFFUSION_HOME=str(home),
            DIFFUSION_LISTEN=f"127.0.0.1:{port}",
            DIFFUSION_BASE_URL=f"http://127.0.0.1:{port}",
            DIFFUSION_PRIVATE_HOSTS="127.0.0.1",
            DIFFUSION_REHEARSAL="true",
            DIFFUSION_LOG_LEVEL="warning",
        )
        with (Path(folder) / "stage.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.web.stage", scene],
                cwd=ROOT, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
            )  # fmt: skip
        town = Stage(f"http://127.0.0.1:{port}", home, process)
        try:
            town._line()
            yield town
            assert "Traceback" not in town._log(), town._log()
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Missing, the test is skipped on a laptop and fails in CI."""
    program = need("chromium")
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program)
        yield browser
        browser.close()


@dataclass
class Watched:
    """A browser's window whose page makes no error, breaks no content policy, and loads all that it asks for."""

    context: BrowserContext
    page: Page
    problems: list[str] = field(default_factory=list)

    def _heard(self, said: ConsoleMessage) -> None:
        if said.type == "error" and not said.text.startswith("Failed to load resource"):  # `_got` judges these
            self.problems.append(f"{self.page.url}: {said.text}")

    def _got(self, answer: Response) -> None:
        if answer.status >= 400 and not answer.request.is_navigation_request():
            self.problems.append(f"{self.page.url}: {answer.status} {answer.url}")

    def found(self) -> list[str]:
        """What was wrong since the last call; on the present page, breaches of its content policy too."""
        breaches = [f"{self.page.url}: {row}" for row in self.page.evaluate("window.violations || []")]
        found, self.problems = [*self.problems, *breaches], []
        return found


@contextlib.contextmanager
def window(browser: Browser, **options: Any) -> Iterator[Watched]:
    """Fails when anything was wrong on the way."""
    context = browser.new_context(**{"locale": "fr-FR", "reduced_motion": "reduce", **DESK, **options})
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    watched = Watched(context, page)
    if options.get("java_script_enabled", True):
        page.add_init_script(_NOTE_VIOLATIONS)
    page.on("console", watched._heard)
    page.on("pageerror", lambda error: watched.problems.append(f"{page.url}: {error}"))
    page.on("response", watched._got)
    try:
        yield watched
        if options.get("java_script_enabled", True):
            wrong = watched.found()
            assert not wrong, "\n".join(wrong)
    except Exception as fault:
        with contextlib.suppress(Error):
            fault.add_note(f"{page.url} said:\n{page.locator('main').inner_text(timeout=1000)}")
        raise
    finally:
        context.close()
