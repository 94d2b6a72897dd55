"""Log lines: for people or for machines, with ids and codes, never with content, addresses or secrets.

What is away (a broker, a database) is one line when that begins and one when it is over, however often it was tried.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Mapping

from diffusion.config import config

ABOUT_THE_BROKER = ("celery.worker.consumer", "celery.worker.request", "kombu")
"""Loggers whose traces show only how their own library lost a connection."""

SECRETS = re.compile(r"(/(?:in|confirm|leave|feeds)/|/password/reset/\w+-)[\w-]{16,}")
"""What opens a door in an address of ours: one-time links, a reader's own links, a person's feeds."""


class Formatter(logging.Formatter):
    """`text`: time, level, where, what. `json`: the same, one object a line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s %(message)s", "%H:%M:%S")
        self.is_json = config().log_format == "json"

    def format(self, record: logging.LogRecord) -> str:
        if record.name.startswith(ABOUT_THE_BROKER):
            record = _in_a_line(record)
        return SECRETS.sub(r"\1…", self._line(record))

    def _line(self, record: logging.LogRecord) -> str:
        if not self.is_json:
            return super().format(record)
        row = {"at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"), "level": record.levelname.lower(),
               "where": record.name, "what": record.getMessage()}  # fmt: skip
        if ids := getattr(record, "ids", None):
            row |= {"what": getattr(record, "did", ""), **ids}
        if record.exc_info:
            row["trace"] = self.formatException(record.exc_info)
        return json.dumps(row, ensure_ascii=False)


def tell(log: logging.Logger, what: str, ids: Mapping[str, object]) -> None:
    """What was done, to what: `what key=value …` for people, fields of their own for machines."""
    log.info("%s %s", what, " ".join(f"{key}={value}" for key, value in ids.items()), extra={"ids": ids, "did": what})


def _in_a_line(record: logging.LogRecord) -> logging.LogRecord:
    short = logging.makeLogRecord(record.__dict__)
    short.msg, short.args = " ".join(record.getMessage().split()), ()
    short.exc_info = short.exc_text = None
    return short


class Outage:
    """Whether something that is needed is away: `what` is its name in the log. Safe to share between threads."""

    def __init__(self, what: str, log: logging.Logger) -> None:
        self.what = what
        self.log = log
        self._since: float | None = None
        self._noted = 0.0
        self._lock = threading.Lock()

    def note(self, fault: Exception) -> None:
        """It did not answer: said the first time."""
        with self._lock:
            is_news, self._noted = self._since is None, time.monotonic()
            self._since = self._noted if self._since is None else self._since
        if is_news:
            reason = " ".join(str(fault).split())[:200]
            self.log.error(
                "%s_unreachable fault=%s reason=%s; trying again until it answers",
                self.what,
                type(fault).__name__,
                reason,
            )

    def over(self) -> None:
        """It answered: said if it had been away."""
        if self._since is None:
            return
        with self._lock:
            since, self._since = self._since, None
        if since is not None:
            self.log.warning("%s_back after_s=%.0f", self.what, time.monotonic() - since)

    def is_fresh(self, seconds: float) -> bool:
        """Whether it did not answer less than `seconds` ago, so that asking again would only cost time."""
        return self._since is not None and time.monotonic() - self._noted < seconds
