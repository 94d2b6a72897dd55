"""Log lines: for people or for machines, with ids and codes, never with content, addresses or secrets."""

from __future__ import annotations

import json
import logging

from diffusion.config import config


class Formatter(logging.Formatter):
    """`text`: time, level, where, what. `json`: the same, one object a line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s %(message)s", "%H:%M:%S")
        self.is_json = config().log_format == "json"

    def format(self, record: logging.LogRecord) -> str:
        if not self.is_json:
            return super().format(record)
        row = {"at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"), "level": record.levelname.lower(),
               "where": record.name, "what": record.getMessage()}  # fmt: skip
        if record.exc_info:
            row["trace"] = self.formatException(record.exc_info)
        return json.dumps(row, ensure_ascii=False)
