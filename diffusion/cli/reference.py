"""`diffusion reference`: the reference page, written from what settings, commands and channels declare.

`make docs` keeps it in `docs/reference.md`, and a test holds it to the code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import click
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from channels import registry
from channels.contract import Channel
from diffusion.config import Config, variable

WIDTH = 100
HEAD = """# Reference

Made by `make docs` from the code; what you change here is overwritten.

## Settings

A setting is looked for in the environment, then in the `.env` file of the working directory, then among the secrets
mounted in `/run/secrets` (named like the variable, in lower or upper case). Of those marked *Secret* the variable with
`_FILE` behind it names a file to read instead. An empty value means the default. `diffusion settings` shows what is in
force.

| setting | what it is | default | example |
| --- | --- | --- | --- |
"""
COMMANDS = """
## Commands

`diffusion --help` and `--help` behind any command say the same.
"""
CHANNELS = """
## Channels

Lengths are counted as the channel counts them. *Looks back* is the delay in seconds after which a post that is
not found is proved absent; a dash: never, a person decides. *Waits* is who does when the channel says "slow down": that
account, or all on the same server (*host*).

| channel | kind | text | counted in | title | pictures | can | looks back | waits | publishes |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "`~/.local/share/diffusion`"
    value = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    if value in (None, "", ()):
        return "–"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def setting(name: str, field: FieldInfo) -> str:
    """One setting as a row."""
    choices = (
        f" One of {', '.join(f'`{choice}`' for choice in get_args(field.annotation))}." if _is_choice(field) else ""
    )
    secret = " *Secret.*" if name in Config.secrets() else ""
    cells = (
        f"`{variable(name)}`",
        f"{field.description}{choices}{secret}",
        _default(field),
        f"`{(field.examples or [None])[0]}`",
    )
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _is_choice(field: FieldInfo) -> bool:
    return all(isinstance(part, str) for part in get_args(field.annotation) or [None])


def commands(command: click.Command, context: click.Context) -> Iterator[str]:
    """A command's help, then that of those below it, in the order of the terminal's own list."""
    if not isinstance(command, click.Group) or command.invoke_without_command:
        yield f"### `{context.command_path}`\n\n```text\n{command.get_help(context)}\n```\n"
    if not isinstance(command, click.Group):
        return
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        if below is not None and not below.hidden:
            yield from commands(below, click.Context(below, parent=context, info_name=name, terminal_width=WIDTH))


def channel(kind: type[Channel]) -> str:
    """One channel as a row."""
    limits = kind.limits
    cells = (
        f"`{kind.name}`",
        kind.kind.value,
        limits.text,
        limits.counting.value,
        limits.title,
        limits.media.count or None,
        ", ".join(sorted(act.value for act in kind.can)),
        f"{kind.absence:g}" if kind.absence is not None else None,
        kind.waits_per.value if kind.networked and kind.publishes else None,
        "yes" if kind.publishes else "not yet",
    )
    return "| " + " | ".join("–" if cell in (None, "") else str(cell) for cell in cells) + " |"


def page(root: click.Command) -> str:
    """The whole page."""
    context = click.Context(root, info_name="diffusion", terminal_width=WIDTH)
    parts = [HEAD + "\n".join(setting(name, field) for name, field in Config.model_fields.items())]
    parts += [COMMANDS, *commands(root, context)]
    parts += [CHANNELS + "\n".join(channel(kind) for kind in registry.all_channels()) + "\n"]
    return "\n".join(part.strip("\n") + "\n" for part in parts)


@click.command("reference", hidden=True)
@click.pass_context
def reference(context: click.Context) -> None:
    """Print the reference page: settings, commands, channels.

    \b
    Example: diffusion reference > docs/reference.md
    """
    click.echo(page(context.find_root().command), nl=False)
