"""Every page, wide and on a phone, light and dark: axe finds nothing, nothing overflows, the browser complains of nothing.

The pages are those of the table of addresses (`test_access.py`), over a town in which each has something to show.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.web.browser import DESK, Stage, Watched, chromium, stage, window
from tests.web.show import NOT_PAGES, Visit
from tests.web.test_access import NOBODY, TABLE
from tests.web.town import ROLES

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
PAGES = [name for name, row in TABLE.items() if row.method == "get" and name not in NOT_PAGES]
WIDE, PHONE = 1280, 360
WIDTHS = (320, 360, 640, 1280)
HEIGHT = {WIDE: 900, PHONE: 740}
COLOURS = ["color-contrast", "link-in-text-block"]
"""axe's rules that a theme can break; in the second theme the others would find the same again."""
Look = tuple[int, str, list[str] | None]
EVERY: tuple[Look, ...] = (
    (WIDE, "light", None),
    (WIDE, "dark", COLOURS),
    (PHONE, "light", None),
    (PHONE, "dark", COLOURS),
)
OPPOSITE: tuple[Look, ...] = ((WIDE, "light", None), (PHONE, "dark", None))
"""For one page's further states: two looks that have nothing in common."""
_FIND = """async rules => {
  const frame = () => new Promise(requestAnimationFrame);
  await frame(); await frame();  // the theme's colours have changed, the shortest transition is over
  const how = {resultTypes: ["violations"], preload: false, iframes: false, ...(rules ? {runOnly: rules} : {})};
  const found = await axe.run(document, how);
  return found.violations.map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.target.join(" ") + " " + n.html.slice(0, 120)).join(" | ")}`);
}"""
_TOO_WIDE = """() => {
  const most = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= most) return "";
  const out = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > most + 0.5);
  return `${document.documentElement.scrollWidth} px: ${out.slice(0, 4).map(e => e.outerHTML.slice(0, 90)).join(" | ")}`;
}"""


_CUT = """() => [...document.querySelectorAll("main .seg")]
  .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => `cut: ${e.outerHTML.slice(0, 90)}`)"""


@pytest.fixture(scope="module")
def town() -> Iterator[Stage]:
    with stage("show") as town:
        yield town


@pytest.fixture(scope="module")
def filled(town: Stage) -> dict[str, Any]:
    """What `show.fill` gave: visits and sessions."""
    filled: dict[str, Any] = town.ask("filled")
    return filled


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@dataclass
class Eyes:
    """A window for each role, opened once."""

    browser: Browser
    town: Stage
    sessions: dict[str, str]
    windows: contextlib.ExitStack
    open: dict[str, Watched] = field(default_factory=dict)

    def of(self, role: str) -> Watched:
        if role not in self.open:
            watched = self.windows.enter_context(window(self.browser))
            watched.page.add_init_script(AXE)
            if role != NOBODY:
                cookie = {"name": "sessionid", "value": self.sessions[role], "url": self.town.url}
                watched.context.add_cookies([cookie])  # type: ignore[list-item]
            self.open[role] = watched
        return self.open[role]


@pytest.fixture(scope="module")
def eyes(browser: Browser, town: Stage, filled: dict[str, Any]) -> Iterator[Eyes]:
    with contextlib.ExitStack() as windows:
        yield Eyes(browser, town, filled["sessions"], windows)


def problems(watched: Watched, looks: tuple[Look, ...] = EVERY) -> list[str]:
    """What is wrong with the page that is open, in sizes and themes."""
    page, found = watched.page, []
    for width, scheme, rules in looks:
        page.set_viewport_size({"width": width, "height": HEIGHT[width]})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found += [f"{width} {scheme} {row}" for row in page.evaluate(_FIND, rules)]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    found += _overflows(page)
    page.set_viewport_size(DESK["viewport"])
    return found + watched.found()


def _overflows(page: Page) -> list[str]:
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"at {width}: {said}" for said in _misfits(page)]
    return found


def _misfits(page: Page) -> list[str]:
    """What sticks out of the page, and choices of which one can't be seen."""
    wide = page.evaluate(_TOO_WIDE)
    return [*([f"overflows: {wide}"] if wide else []), *page.evaluate(_CUT)]


@pytest.mark.parametrize("name", [*PAGES, "404"])
def test_a_page_is_right_for_every_eye(name: str, town: Stage, filled: dict[str, Any], eyes: Eyes) -> None:
    visits = [Visit(**row) for row in filled["visits"] if row["name"] == name]
    assert visits, f"nobody visits {name}: tests/web/show.py"
    found = []
    for number, visit in enumerate(visits):
        watched = eyes.of(visit.role)

        answer = watched.page.goto(town.url + visit.address)

        assert answer is not None
        assert (answer.status, answer.headers["content-type"]) == (visit.status, "text/html; charset=utf-8")
        found += [
            f"{visit.address} ({visit.what or visit.role}) {row}"
            for row in problems(watched, OPPOSITE if number else EVERY)
        ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("role", ROLES)
def test_no_page_of_any_role_overflows_or_cuts_a_choice_on_a_phone(
    role: str, town: Stage, filled: dict[str, Any], eyes: Eyes
) -> None:
    watched, found = eyes.of(role), []
    watched.page.set_viewport_size({"width": PHONE, "height": HEIGHT[PHONE]})
    for visit in (Visit(**row) for row in filled["others"] if row["role"] == role):
        watched.page.goto(town.url + visit.address)
        found += [f"{visit.address} {said}" for said in _misfits(watched.page)]
    watched.page.set_viewport_size(DESK["viewport"])
    assert not found + watched.found()


DIALOGS = [
    ("palette", "communicator", "/desk/", "[data-open=palette]"),
    ("me", "communicator", "/desk/", "[popovertarget=me]"),
    ("help", "communicator", "/desk/", ""),
    ("decline", "approver", "", "[data-open=decline]"),
]


@pytest.mark.parametrize(("dialog", "role", "address", "opener"), DIALOGS, ids=[row[0] for row in DIALOGS])
def test_an_open_dialog_is_right_too(
    dialog: str, role: str, address: str, opener: str, town: Stage, filled: dict[str, Any], eyes: Eyes
) -> None:
    asked = next(row["address"] for row in filled["visits"] if row["name"] == "approval" and row["what"] == "asked")
    watched = eyes.of(role)
    watched.page.goto(town.url + (address or asked))

    if opener:
        watched.page.locator(opener).first.click()
    else:
        watched.page.keyboard.press("?")

    watched.page.locator(f"#{dialog}").wait_for(state="visible")
    assert not problems(watched)


FORMS = ["account_login", "propose", "message_new", "message_edit", "version_override", "approval_decline",
         "source_add", "account_connect", "person_add", "letter", "delivery_there", "submission_decline"]  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_says_what_is_wrong_is_right_too(
    name: str, town: Stage, filled: dict[str, Any], eyes: Eyes
) -> None:
    visit = next(Visit(**row) for row in filled["visits"] if row["name"] == name)
    watched = eyes.of(visit.role)
    watched.page.goto(town.url + visit.address)

    with watched.page.expect_navigation():
        watched.page.evaluate("""() => {
          const form = document.querySelector("main form");
          form.querySelectorAll("input:not([type=hidden]):not([type=radio]):not([type=checkbox]),textarea").forEach(e => { e.value = "" });
          form.submit();
        }""")

    assert watched.page.locator("main [aria-invalid=true]").count()
    assert not problems(watched)


def test_a_page_under_a_hold_is_right_too(town: Stage, eyes: Eyes) -> None:
    watched = eyes.of("ops")
    town.ask("hold")
    try:
        found = []
        for address in ("/deliveries/", "/hold/"):
            watched.page.goto(town.url + address)
            assert watched.page.locator(".held-bar").count() == 1
            found += problems(watched)
    finally:
        town.ask("lift")
    assert not found


def test_no_address_is_left_out() -> None:
    """An address is a page that is walked over here, or says why not; its row in the table of roles is another test's."""
    assert set(NOT_PAGES) <= {name for name, row in TABLE.items() if row.method == "get"}


def test_the_palette_says_that_it_has_nothing_of_that_name(town: Stage, eyes: Eyes) -> None:
    page = eyes.of("communicator").page
    page.goto(f"{town.url}/desk/")
    page.locator("[data-open=palette]").click()
    none = page.locator("#palette [data-filter-none]")

    page.locator("#palette-q").fill("lettres")
    found = none.is_visible()
    page.locator("#palette-q").fill("zzz")

    assert (found, none.is_visible()) == (False, True)
