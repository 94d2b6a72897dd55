"""JSON objects in, one a line, JSON objects out: read, answered and written one by one, whatever a line holds."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NoReturn

import click

Row = Mapping[str, Any]
Answer = Callable[[Row], dict[str, Any]]


class BadRow(Exception):
    """A row that can't be read. `code` is for scripts, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def answer_all(file: str, answer: Answer) -> NoReturn:
    """Answer every row of a file, or of standard input for « - », then leave: 0; 1 if some row could not be read."""
    status = 0
    with sys.stdin.buffer if file == "-" else Path(file).open("rb") as source:
        try:
            for line, is_answered in _answers(source, answer):
                sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()
                status |= not is_answered
        except BrokenPipeError:  # who read has gone: nothing to say, and nothing to flush at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            status = 1
    sys.exit(status)


def _answers(source: IO[bytes], answer: Answer) -> Iterator[tuple[bytes, bool]]:
    for number, line in enumerate(source):
        raw = line.removeprefix(b"\xef\xbb\xbf") if number == 0 else line
        if not raw.strip():
            continue
        row: Any = None
        try:
            row = _row(raw)
            made, is_answered = answer(row), True
        except BadRow as bad:
            made, is_answered = _error(row, bad.code, str(bad)), False
        except ValueError as bad:  # the rooms' own word for a field that they can't read
            made, is_answered = _error(row, "bad_field", str(bad)), False
        except Exception as defect:  # a row that breaks a room must not take the others with it
            click.echo(f"line {number + 1}: {type(defect).__name__}: {defect}", err=True)
            made, is_answered = _error(row, "internal", f"{type(defect).__name__}: {defect}"), False
        yield _encoded(made), is_answered


def _row(raw: bytes) -> dict[str, Any]:
    try:
        row = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as bad:
        raise BadRow("not_utf8", f"byte {bad.start} is no UTF-8") from None
    except (ValueError, RecursionError) as bad:
        raise BadRow("not_json", str(bad)) from None
    if not isinstance(row, dict):
        raise BadRow("not_an_object", "a row is a JSON object")
    return row


def _error(row: Any, code: str, message: str) -> dict[str, Any]:
    return {"id": row.get("id") if isinstance(row, dict) else None, "error": {"code": code, "message": message}}


def _encoded(made: dict[str, Any]) -> bytes:
    """One line of UTF-8; a lone surrogate, which UTF-8 can't carry, goes out as its escape."""
    try:
        return json.dumps(made, ensure_ascii=False).encode("utf-8") + b"\n"
    except UnicodeEncodeError:
        return json.dumps(made).encode("ascii") + b"\n"
