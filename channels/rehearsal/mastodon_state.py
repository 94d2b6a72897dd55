"""What the rehearsed Mastodon remembers: told again from its two journals at each start."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from channels.rehearsal import Journal, Received

CHANNEL = "mastodon"


@dataclass(slots=True)
class Status:
    id: str
    at: datetime
    key: str = ""
    text: str = ""
    spoiler: str = ""
    visibility: str = "public"
    language: str = "fr"
    media: list[str] = field(default_factory=list)
    edited_at: datetime | None = None
    deleted: bool = False
    before: list[str] = field(default_factory=list)
    """Texts it had before its edits, oldest first."""

    def row(self) -> dict[str, Any]:
        edited = self.edited_at.isoformat() if self.edited_at else None
        shown = asdict(self)
        del shown["before"]
        return {**shown, "at": self.at.isoformat(), "edited_at": edited}

    @classmethod
    def of(cls, row: dict[str, Any]) -> Status:
        known = {name: row[name] for name in cls.__slots__ if name in row}
        edited = datetime.fromisoformat(row["edited_at"]) if row.get("edited_at") else None
        return cls(**{**known, "at": datetime.fromisoformat(row["at"]), "edited_at": edited})


@dataclass(slots=True)
class Media:
    """`status` is what it hangs on; `looks_left` how often it will still be "processing"."""

    id: str
    description: str = ""
    looks_left: int = 0
    fails: bool = False
    status: str = ""

    def row(self) -> dict[str, Any]:
        return asdict(self)


class State:
    """Ids rise with time, as the vendor's do. Whoever writes holds `lock`."""

    def __init__(self, folder: Path, account: str) -> None:
        self.lock = threading.RLock()
        self.account = account
        self.statuses: dict[str, Status] = {}
        self.keys: dict[str, Status] = {}
        self.media: dict[str, Media] = {}
        self.apps: dict[str, str] = {}
        self.codes: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self.revoked: set[str] = set()
        self._last_id = 0
        self._received = Received(folder / "received.jsonl")
        self._journal = Journal(folder / "mastodon.jsonl")
        for row in self._received.rows(CHANNEL):
            if row["account"] == account:
                self._remember(Status.of(row))
        for row in self._journal.rows():
            if row.get("account") == account:
                self._apply(row)

    def accept(self, status: Status) -> None:
        """On the disk first; then it exists."""
        self._received.append(**status.row(), channel=CHANNEL, account=self.account)
        self._remember(status)

    def note(self, event: str, **facts: Any) -> None:
        """On the disk first; then it is so."""
        row = {"event": event, "account": self.account, **facts}
        self._journal.append(**row)
        self._apply(row)

    def next_id(self, now: datetime) -> str:
        self._last_id = max(int(now.timestamp() * 1000) << 16, self._last_id + 1)
        return str(self._last_id)

    def newest(self) -> Iterator[Status]:
        """What is not deleted, newest first."""
        return (s for s in sorted(self.statuses.values(), key=lambda s: int(s.id), reverse=True) if not s.deleted)

    def _remember(self, status: Status) -> None:
        self.statuses[status.id] = status
        self._last_id = max(self._last_id, int(status.id))
        if status.key:
            self.keys[status.key] = status
        self._attach(status)

    def _attach(self, status: Status) -> None:
        for media in self.media.values():
            if media.status == status.id or media.id in status.media:
                media.status = status.id  # what came off a status stays its own

    def _apply(self, row: dict[str, Any]) -> None:
        _EVENTS[row["event"]](self, row)

    def _on_media(self, row: dict[str, Any]) -> None:
        media = Media(**{name: row[name] for name in Media.__slots__})
        self.media[media.id] = media
        self._last_id = max(self._last_id, int(media.id))
        for status in self.statuses.values():
            self._attach(status)

    def _on_edit(self, row: dict[str, Any]) -> None:
        if old := self.statuses.get(row["id"]):
            self._remember(replace(Status.of(row), before=[*old.before, old.text]))

    def _on_delete(self, row: dict[str, Any]) -> None:
        if row["id"] in self.statuses:
            self.statuses[row["id"]].deleted = True

    def _on_app(self, row: dict[str, Any]) -> None:
        self.apps[row["client_id"]] = row["client_secret"]

    def _on_token(self, row: dict[str, Any]) -> None:
        self.tokens[row["token"]] = row["scopes"]

    def _on_revoke(self, row: dict[str, Any]) -> None:
        self.revoked.add(row["token"])


_EVENTS: dict[str, Callable[[State, dict[str, Any]], None]] = {
    "media": State._on_media,
    "edit": State._on_edit,
    "delete": State._on_delete,
    "app": State._on_app,
    "token": State._on_token,
    "revoke": State._on_revoke,
}
