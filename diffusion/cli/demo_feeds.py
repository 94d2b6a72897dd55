"""The directorates' own feeds and calendar, served from this machine: what intake really fetches in the demonstration."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from icalendar import Calendar, Event

from channels.feed import Entry, FeedHead, Format, render
from diffusion.cli.demo import Story

MEDIA_TYPES = {
    "rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json", "ical": "text/calendar",
}  # fmt: skip


def page(source: Mapping[str, Any], story: Story) -> bytes:
    """One source in its own format."""
    if source["format"] == "ical":
        return _calendar(source)
    began = datetime.combine(story.began, time(6), tzinfo=UTC)
    entries = [
        Entry(
            id=f"tag:valclair.example,2026:{source['slug']}:{row['id']}", title=row["title"], text=row["text"].strip(),
            html="".join(f"<p>{part}</p>" for part in row["text"].strip().split("\n\n")),
            url=f"https://valclair.example/{row['id']}", published=began, updated=began,
        )
        for row in source["entries"]
    ]  # fmt: skip
    head = FeedHead(
        title=source["name"], id=f"tag:valclair.example,2026:{source['slug']}", url=f"https://valclair.example/{source['slug']}",
        home="https://valclair.example/", author="Agglo du Val-Clair", language="fr", updated=began,
    )  # fmt: skip
    return render(Format(source["format"]), head, entries)


def _calendar(source: Mapping[str, Any]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Agglo du Val-Clair//Agenda//FR")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", source["name"])
    for row in source["entries"]:
        event = Event()
        event.add("uid", f"{row['id']}@valclair.example")
        event.add("summary", row["title"])
        event.add("description", row["text"])
        event.add("location", row["place"])
        for name in ("start", "end"):
            at = datetime.strptime(row[name], "%Y%m%dT%H:%M:%S")  # noqa: DTZ007  # the zone goes beside it
            event.add(f"dt{name}", at, parameters={"TZID": "Europe/Paris"})
        calendar.add_component(event)
    return bytes(calendar.to_ical())


class Feeds:
    """A small web server on the loopback, one address a source."""

    def __init__(self, story: Story) -> None:
        pages = {f"/{row['slug']}": (MEDIA_TYPES[row["format"]], page(row, story)) for row in story.data["sources"]}

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                kind, body = pages.get(self.path, ("text/plain", b""))
                self.send_response(200 if self.path in pages else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Silence: standard error is for people."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def start(self) -> None:
        threading.Thread(target=self.server.serve_forever, name="feeds", daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
