"""What every command over verbs needs: words in the reader's language, columns, JSON, and the thing that was named."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import click
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from diffusion.cli.main import language
from diffusion.directory.models import Authority, Person
from diffusion.errors import BadInput
from diffusion.schedule.moments import Typed, read

Words = Mapping[str, tuple[str, str]]
M = TypeVar("M", bound=Model)
F = TypeVar("F", bound=Callable[..., Any])

as_json: Callable[[F], F] = click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
acting: Callable[[F], F] = click.option(
    "--by", "by", metavar="EMAIL", default="", help="Who does it, for the journal. By default Diffusion itself."
)


def pick(french: str, english: str) -> str:
    """One of two, for whoever reads this terminal."""
    return french if language() == "fr" else english


def told(words: Words, code: str, **facts: Any) -> str:
    """The sentence of `code`."""
    return pick(*words[code]).format(**facts)


def print_json(value: Any) -> None:
    """On standard output, UTF-8 whatever the locale says."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8"))


def print_table(rows: Iterable[Sequence[object]]) -> None:
    """Columns as wide as they need to be; a dash where there is nothing."""
    cells = [[str(cell) if cell not in (None, "") else "–" for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        click.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())


def at(moment: datetime | None) -> str:
    """A time as people read it in a terminal, in the authority's zone."""
    return timezone.localtime(moment, Authority.get().zone).strftime("%Y-%m-%d %H:%M") if moment else ""


def stamp(moment: datetime | None) -> str | None:
    """A time for scripts: RFC 3339, UTC."""
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def named(rows: QuerySet[M], given: str, *, also: str = "slug") -> M:
    """The one that is called so, by its short name or its id. Raises BadInput, which lists what there is."""
    if "\x00" not in given:
        found = rows.filter(Q(**{also: given}) | Q(public_id=given)).first()
        if found is not None:
            return found
    known = rows.order_by(also).values_list(also, flat=True)[:30]
    raise BadInput("unknown_thing", given=given, known=", ".join(known) or "–")


def person_named(email: str) -> Person:
    """Somebody, by address. Raises BadInput."""
    found = Person.objects.filter(email__iexact=email).first() if "\x00" not in email else None
    if found is None:
        raise BadInput("person_unknown", given=email)
    return found


def actor(email: str) -> Person | None:
    """Who acts; nobody named is Diffusion itself. Raises BadInput."""
    return person_named(email) if email else None


def moment(given: str) -> datetime:
    """A time as typed, `2026-03-09T10:00` or `2026-03-09 10:00`, in the authority's zone. Raises BadInput."""
    day, _, hour = given.replace("T", " ").partition(" ")
    return read(Typed(day, hour), zone=Authority.get().zone, now=timezone.now())
