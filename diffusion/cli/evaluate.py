"""`diffusion evaluate`: how right facts, guard, fit, duplicates and typography are, on the shipped sets or on one's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from diffusion.cli.main import language
from diffusion.evaluation.figures import Figures, Rate
from diffusion.evaluation.rows import SETS, BadSet, Measured, measure, read, shipped
from diffusion.evaluation.task import TASKS

WORDS = {
    "rows": ("{rows} lignes", "{rows} rows"),
    "none": ("aucun jeu fourni", "no set shipped"),
    "aim": (" but {sign} {aim}{met}", " aim {sign} {aim}{met}"),
    "not": (" ✗ pas atteint", " ✗ not met"),
    "speed": ("  {per_second:.0f} {name} par seconde{aim}", "  {per_second:.0f} {name} a second{aim}"),
    "row": ("lignes", "rows"),
    "long": ("messages de 2 Ko", "messages of 2 KB"),
    "lacking": ("manque", "lacking"),
    "wrong": ("de trop", "wrong"),
}


def _say(code: str, **values: Any) -> str:
    return WORDS[code][0 if language() == "fr" else 1].format(**values)


@click.command()
@click.argument("task", type=click.Choice(sorted(TASKS)), required=False)
@click.option(
    "--file", type=click.Path(exists=True, dir_okay=False), help="Your own labelled rows (JSON lines); needs TASK."
)
@click.option("--set", "name", type=click.Choice(SETS), help="Only this one of the shipped sets.")
@click.option("--misses", is_flag=True, help="Show each row that came out wrong (never of the held-out sets).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts.")
def evaluate(task: str | None, file: str | None, name: str | None, misses: bool, as_json: bool) -> None:
    """Measure facts, guard, fit, duplicates and typography on labelled rows.

    Example: diffusion evaluate facts --file ours.jsonl --misses
    """
    if file is not None and (task is None or name is not None):
        raise click.UsageError("--file needs a TASK, and no --set")
    sets = list(_sets(task, file, name))
    if as_json:
        made = [{"task": t, "set": s, **(_json(m) if m else {"rows": 0})} for t, s, m in _measured(sets)]
        click.echo(json.dumps({"evaluations": made}, ensure_ascii=False, indent=2).encode("utf-8"))
        return
    for t, s, measured in _measured(sets):
        click.secho(f"{t} · {s} · " + (_say("rows", rows=measured.rows) if measured else _say("none")), bold=True)
        if measured:
            _show(measured, misses and s != "heldout")


def _sets(task: str | None, file: str | None, name: str | None) -> Iterator[tuple[str, str, str | None]]:
    """Task, set and its lines."""
    for one in [task] if task else TASKS:
        if file is not None:
            yield one, Path(file).name, Path(file).read_text(encoding="utf-8", errors="replace")
        else:
            yield from ((one, each, shipped(one, each)) for each in ([name] if name else SETS))


def _measured(sets: list[tuple[str, str, str | None]]) -> Iterator[tuple[str, str, Measured | None]]:
    for task, name, lines in sets:
        try:
            yield task, name, None if lines is None else measure(task, read(task, lines))
        except BadSet as bad:
            raise click.ClickException(f"{name}: {bad}") from None


def _json(measured: Measured) -> dict[str, Any]:
    rates = [
        {
            "name": r.name,
            "good": r.good,
            "of": r.of,
            "value": r.value,
            "interval": r.interval,
            "aim": r.aim,
            "met": r.is_met,
        }
        for r in measured.figures.rates
    ]
    speeds = [{"name": s.name, "per_second": round(s.per_second, 1), "aim": s.aim} for s in measured.speeds]
    return {"rows": measured.rows, "rates": rates, "speeds": speeds, "missed": [m.id for m in measured.figures.misses]}


def _show(measured: Measured, with_misses: bool) -> None:
    for rate in measured.figures.rates:
        if rate.of:
            click.echo(_line(rate))
    for speed in measured.speeds:
        name = _say("row" if speed.name == "rows" else "long")
        aim = "" if speed.aim is None else _aim("≥", str(speed.aim), speed.per_second >= speed.aim)
        click.echo(_say("speed", per_second=speed.per_second, name=name, aim=aim))
    if with_misses:
        _show_misses(measured.figures)
    click.echo()


def _line(rate: Rate) -> str:
    low, high = rate.interval or (0.0, 1.0)
    aim = "" if rate.aim is None else _aim("≤" if rate.is_ceiling else "≥", f"{rate.aim:.1%}", rate.is_met is not False)
    return f"  {rate.name:<24} {rate.value or 0:7.1%}  [{low:.1%} – {high:.1%}]  {rate.good}/{rate.of} {aim}".rstrip()


def _aim(sign: str, aim: str, is_met: bool) -> str:
    return _say("aim", sign=sign, aim=aim, met="" if is_met else _say("not"))


def _show_misses(figures: Figures) -> None:
    for miss in figures.misses:
        click.echo(f"\n  {miss.id}: {miss.text}")
        for code, said in (("lacking", miss.lacking), ("wrong", miss.wrong)):
            if said:
                click.echo(f"    {_say(code)}: " + " · ".join(said))
