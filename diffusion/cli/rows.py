"""The row commands: JSON objects in, one a line; JSON objects out, same order, same `id`. No home, database or network.

Each command imports its room when it runs, not before: `diffusion fit` must not pay for what `diffusion tone` needs,
and none of them may load Django.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import IO, Any, NoReturn

import click

Row = Mapping[str, Any]
Answer = Callable[[Row], dict[str, Any]]

LANGUAGES = ("fr", "en")
COUNTINGS = ("codepoints", "graphemes", "weighted", "utf16", "bytes", "gsm7")


class BadRow(Exception):
    """A row that can't be read. `code` is for scripts, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


_jsonl = click.option(
    "--jsonl", is_flag=True, expose_value=False, help="Rows in and out are JSON objects, one a line (the only format)."
)
_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True), default="-")


@click.group()
def facts() -> None:
    """What a text states: dates, hours, amounts, phones…

    Example: diffusion facts extract --jsonl texts.jsonl
    """


@facts.command("extract")
@_jsonl
@click.option("--gazetteer", type=click.Path(exists=True, dir_okay=False), help="CSV of the authority's own places.")
@_file
def facts_extract(file: str, gazetteer: str | None) -> None:
    """List each text's facts.

    Example: echo '{"id":1,"lang":"fr","published":"2026-02-25","text":"Mardi 3 mars"}' | diffusion facts extract --jsonl
    """
    from diffusion.facts.rows import extract_row

    names = [] if gazetteer is None else _places(gazetteer)
    answer_all(file, _checked(lambda row: extract_row(row, gazetteer=names), "text", dated=True))


@facts.command("compare")
@_jsonl
@_file
def facts_compare(file: str) -> None:
    """Hold each rendition against its canonical text.

    Example: diffusion facts compare --jsonl pairs.jsonl
    """
    from diffusion.facts.rows import compare_row

    answer_all(file, _checked(compare_row, "canonical", "rendition", dated=True))


@facts.command("duplicates")
@_jsonl
@_file
def facts_duplicates(file: str) -> None:
    """Say of each pair whether both announce the same thing.

    Example: diffusion facts duplicates --jsonl pairs.jsonl
    """
    from diffusion.facts.rows import duplicates_row

    answer_all(file, _checked(duplicates_row, "a", "b", has_lang=False))


@click.group()
def tone() -> None:
    """How a text is said: typography, and a charter's words.

    Example: diffusion tone apply --jsonl texts.jsonl
    """


_charter = click.option("--charter", type=click.Path(exists=True, dir_okay=False), help="A charter file (YAML).")


@tone.command("apply")
@_jsonl
@_charter
@_file
def tone_apply(file: str, charter: str | None) -> None:
    """Put each text in the charter's tone; without one, in its language's typography.

    Example: echo '{"id":1,"lang":"fr","text":"Ouvert a 9h !"}' | diffusion tone apply --jsonl
    """
    from diffusion.tone.rows import apply_row

    answer_all(file, _toned(apply_row, charter))


@tone.command("check")
@_jsonl
@_charter
@_file
def tone_check(file: str, charter: str | None) -> None:
    """List what each text does against the rules, with what to write instead.

    Example: diffusion tone check --jsonl --charter town.yaml texts.jsonl
    """
    from diffusion.tone.rows import check_row

    answer_all(file, _toned(check_row, charter))


@click.command()
@_jsonl
@click.option("--channel", "name", help="Fit to this channel; see: diffusion channels list.")
@click.option("--limit", type=click.IntRange(min=0), help="Fit to this length, in what --counting counts.")
@click.option("--counting", type=click.Choice(COUNTINGS), help="What --limit counts.")
@_file
def fit(file: str, name: str | None, limit: int | None, counting: str | None) -> None:
    """Shorten each text to a channel's limit without losing an essential fact.

    Example: echo '{"id":1,"lang":"fr","published":"2026-02-25","text":"…"}' | diffusion fit --jsonl --channel x
    """
    if (name is None) == (limit is None) or (limit is None) != (counting is None):
        raise click.UsageError("give --channel NAME, or both --limit N and --counting UNIT")
    channel = None if name is None else _channel(name)
    from diffusion.rendition.rows import fit_row, room_for

    room = room_for(channel=channel, limit=limit, counting=counting)
    answer_all(file, _checked(lambda row: fit_row(row, room), "text", dated=True))


@click.group()
def channels() -> None:
    """The channels, and how long a text is there.

    Example: diffusion channels list
    """


@channels.command("count")
@_jsonl
@click.option("--channel", "name", required=True, help="As named by: diffusion channels list.")
@_file
def channels_count(file: str, name: str) -> None:
    """Count each text as the channel does.

    Example: echo '{"id":1,"text":"Bonjour"}' | diffusion channels count --jsonl --channel x
    """
    channel = _channel(name)
    from channels.rows import count_row

    answer_all(file, _checked(lambda row: count_row(row, channel), "text", has_lang=False))


@channels.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array, for scripts.")
def channels_list(as_json: bool) -> None:
    """Name every channel, its kind, its limit, and whether it publishes yet.

    Example: diffusion channels list --json
    """
    from channels.registry import rows

    if as_json:
        click.echo(json.dumps(rows(), ensure_ascii=False))
        return
    for row in rows():
        limit = "no limit" if row["limit"] is None else f"{row['limit']} {row['counting']}"
        click.echo(
            f"{row['name']:<12} {row['kind']:<11} {limit:<16} {'' if row['publishes'] else 'counts only'}".rstrip()
        )


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


def _checked(answer: Answer, *texts: str, has_lang: bool = True, dated: bool = False) -> Answer:
    """The answer, once the row has its texts as strings, its language and its day."""

    def checked(row: Row) -> dict[str, Any]:
        for name in texts:
            if not isinstance(row.get(name), str):
                raise BadRow("missing_field" if name not in row else "bad_field", f"{name!r} must be a string")
        if has_lang and row.get("lang") not in LANGUAGES:
            raise BadRow("missing_field" if "lang" not in row else "bad_field", f"'lang' must be one of {LANGUAGES}")
        if dated:
            _check_day(row)
        _check_essential(row.get("essential"))
        return answer(row)

    return checked


def _check_day(row: Row) -> None:
    try:
        date.fromisoformat(row["published"])
    except KeyError:
        raise BadRow("missing_field", "'published' must be a day, YYYY-MM-DD") from None
    except (TypeError, ValueError):
        raise BadRow("bad_field", "'published' must be a day, YYYY-MM-DD") from None


def _check_essential(essential: Any) -> None:
    pairs = essential if essential is not None else []
    if not isinstance(pairs, list) or not all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair) for pair in pairs
    ):
        raise BadRow("bad_field", "'essential' must be a list of [kind, value]")


_PLACE_COLUMNS = ("nom_voie", "voie_nom", "nom", "name", "lieu", "place", "street")
"""Columns that hold a place's name; `nom_voie` and `voie_nom` are those of the French national address base."""


def _places(path: str) -> list[str]:
    """The names of a gazetteer: the column that is called so, else the first. « ; » or « , » between columns."""
    text = Path(path).read_text(encoding="utf-8-sig", errors="replace")
    mark = ";" if text.partition("\n")[0].count(";") else ","
    rows = [row for row in csv.reader(text.splitlines(), delimiter=mark) if row]
    head = [cell.strip().casefold() for cell in rows[0]] if rows else []
    column = next((head.index(name) for name in _PLACE_COLUMNS if name in head), None)
    cells = [row[column or 0].strip() for row in rows[0 if column is None else 1 :] if len(row) > (column or 0)]
    return sorted({cell for cell in cells if cell})


def _channel(name: str) -> Any:
    from channels.registry import UnknownChannel, get

    try:
        return get(name)
    except UnknownChannel as unknown:
        raise click.BadParameter(str(unknown), param_hint="--channel") from None


def _toned(answer: Callable[..., dict[str, Any]], charter: str | None) -> Answer:
    """Without a charter only the language's own typography."""
    if charter is None:
        return _checked(answer, "text")
    from diffusion.brand.charter import CharterError, read  # pure: the brand's models are not touched

    try:
        rules = read(Path(charter).read_bytes(), file=charter)
    except CharterError as bad:
        raise click.UsageError(bad.say("en")) from None
    return _checked(lambda row: answer(row, rules), "text")
