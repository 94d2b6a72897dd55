"""`diffusion documents`: draw in the documents what the code says; `make docs` keeps it, a test holds it."""

from __future__ import annotations

from pathlib import Path

import click

from diffusion.cli.worst import table

END = "<!-- /drawn -->\n"


def diagram() -> str:
    """The engine's states and moves as a Mermaid state diagram, which code hosts draw."""
    from diffusion.delivery.states import FINAL, MOVES, State

    lines = ["```mermaid", "stateDiagram-v2", "    direction LR", f"    [*] --> {State.PLANNED}"]
    for state, onward in MOVES.items():
        lines += [f"    {state.value} --> {to.value}" for to in State if to in onward]
    lines += [f"    {state.value} --> [*]" for state in State if state in FINAL]
    return "\n".join([*lines, "```"]) + "\n"


DRAWN = {
    "<!-- drawn by `make docs` from MOVES -->\n": diagram,
    "<!-- drawn by `make docs` from the channels -->\n": table,
}
"""The mark before what is drawn → what the code says there."""


def drawn(text: str) -> str:
    """The document with what the code says now. Raises ValueError where a mark is missing."""
    for begin, told in DRAWN.items():
        head, found, rest = text.partition(begin)
        _, end, tail = rest.partition(END)
        if not (found and end):
            raise ValueError(f"no {begin.strip()} … {END.strip()}")
        text = head + begin + told() + END + tail
    return text


@click.command("documents", hidden=True)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def documents(file: Path) -> None:
    """Draw the engine's states and the table of faults in a document, between its marks.

    \b
    Example: diffusion documents docs/guarantees.md
    """
    file.write_text(drawn(file.read_text(encoding="utf-8")), encoding="utf-8")
