"""`diffusion source check`: what a feed, a calendar or a file would give, before it becomes a source. Keeps nothing."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import click

from diffusion.environment import language_of
from diffusion.intake.check import check_file, check_url, is_url

SHOWN_MAX = 20
WORDS = {
    "fr": {"none": "rien de reconnu", "items": "{count} élément(s)", "more": "… et {count} de plus"},
    "en": {"none": "nothing recognised", "items": "{count} entries", "more": "… and {count} more"},
}


def check_source(target: str, language: str = "fr") -> tuple[dict[str, Any], int]:
    """The answer for an address or a file, and the exit code: 0 something was understood, 1 nothing, 2 no such file."""
    if not is_url(target):
        return check_file(target, language)
    # Settings are read for an address only: a file must be readable whatever state the installation is in.
    from channels.http import Http
    from diffusion.config import Config

    config = Config.load()
    proxy = config.proxy.get_secret_value() if config.proxy else ""
    http = Http(frozenset(config.private_hosts), proxy, str(config.ca_file) if config.ca_file else "")
    try:
        return check_url(target, http, language)
    finally:
        http.close()


@click.command("check")
@click.argument("target", metavar="URL|FILE")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts.")
def check(target: str, as_json: bool) -> None:
    """Read a feed (RSS, Atom, JSON Feed) or a calendar (iCalendar), and say what is wrong with it.

    Exit 0: something was understood; 1: nothing was; 2: no such file. A file opens no connection.

    \b
    Example: diffusion source check https://www.valclair.example/agenda.ics
    """
    language = language_of(os.environ)
    answer, code = check_source(target, language)
    words = json.dumps(answer, ensure_ascii=False, indent=2) if as_json else _told(answer, language)
    click.echo(words.encode("utf-8"))
    sys.exit(code)


def _told(answer: dict[str, Any], language: str) -> str:
    """The answer for people: what it is, its first entries, every complaint."""
    words, items = WORDS[language], answer["items"]
    lines = [" · ".join(part for part in (answer["format"] or words["none"], answer["title"]) if part)]
    if answer["format"]:
        lines.append(words["items"].format(count=len(items)))
    for item in items[:SHOWN_MAX]:
        when = item["start"] or item["published"] or item["updated"] or "–"
        lines.append(f"  {when:<20}  {item['title'] or item['url'] or item['uid']}")
    if len(items) > SHOWN_MAX:
        lines.append(f"  {words['more'].format(count=len(items) - SHOWN_MAX)}")
    complaints = answer["complaints"]
    lines += [f"! {c['message']}" + (f" [{c['item']}]" if c["item"] else "") for c in complaints[:SHOWN_MAX]]
    if len(complaints) > SHOWN_MAX:
        lines.append(f"! {words['more'].format(count=len(complaints) - SHOWN_MAX)}")
    return "\n".join(lines)
