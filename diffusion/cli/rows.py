"""The row commands: JSON objects in, one a line; JSON objects out, same order, same `id`. No home, database or network.

Each command imports its room when it runs, not before: `diffusion fit` must not pay for what `diffusion tone` needs,
and none of them may load Django.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from diffusion.cli.jsonl import Answer, BadRow, Row, answer_all

LANGUAGES = ("fr", "en")
COUNTINGS = ("codepoints", "graphemes", "weighted", "utf16", "bytes", "gsm7")


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
@click.option(
    "--gazetteer", "--places", type=click.Path(exists=True, dir_okay=False), help="CSV of the authority's own places."
)
@_file
def facts_extract(file: str, gazetteer: str | None) -> None:
    """List each text's facts.

    Example: echo '{"id":1,"lang":"fr","published":"2026-02-25","text":"Mardi 3 mars"}' | diffusion facts extract --jsonl
    """
    from diffusion.facts.gazetteer import Gazetteer, names_in
    from diffusion.facts.rows import extract_row

    known = Gazetteer([] if gazetteer is None else names_in(Path(gazetteer).read_text("utf-8", errors="replace")))
    answer_all(file, _checked(lambda row: extract_row(row, gazetteer=known), "text", dated=True))


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


_charter = click.option(
    "--charter", type=click.Path(exists=True), help="A charter file (YAML), or a Vale style's folder."
)


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
    from diffusion.brand.charter import CharterError  # pure: the brand's models are not touched
    from diffusion.cli.charter import read_any

    try:
        rules, left = read_any(Path(charter))
        for problem in left:
            click.echo(problem.line_in("en"), err=True)
    except CharterError as bad:
        raise click.UsageError(bad.say("en")) from None
    return _checked(lambda row: answer(row, rules), "text")
