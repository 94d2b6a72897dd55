"""`diffusion directorate …` and `diffusion person …`: the units that submit, and who does what."""

from __future__ import annotations

from typing import Any

import click

from diffusion.cli.main import answered

ROLES = ("contributor", "communicator", "approver", "ops", "agent", "administrator")
WORDS = {
    "nobody": (
        "Il n’y a personne. Ajoutez quelqu’un : diffusion person add",
        "Nobody. Add somebody: diffusion person add",
    ),
    "no_unit": ("Il n’y a aucune direction.", "There is no directorate."),
    "link": ("Valable {minutes} minutes, une seule fois :", "Good for {minutes} minutes, once:"),
    "token": (
        "Montré cette fois seulement ; gardez-le comme un mot de passe :",
        "Shown this once; keep it like a password:",
    ),
    "role_form": (
        "« {given} » : écrivez un rôle ({known}), ou rôle@direction.",
        "“{given}”: write a role ({known}), or role@directorate.",
    ),
}


@click.group()
def directorate() -> None:
    """The units that submit content."""


@directorate.command("add")
@click.argument("name")
@click.option("--brand", default="", metavar="SLUG", help="The brand that it speaks with.")
@click.option("--internal", is_flag=True, help="Its content never leaves the house.")
@click.option("--slug", default="", help="Short name; by default from the name.")
@answered
def directorate_add(name: str, brand: str, internal: bool, slug: str) -> None:
    """Add a directorate. Prints its short name.

    \b
    Example: diffusion directorate add "Voirie et mobilités" --brand val-clair --slug voirie
    """
    from diffusion.brand.models import Brand
    from diffusion.cli import terminal
    from diffusion.directory import people

    voice = terminal.named(Brand.objects.all(), brand) if brand else None
    click.echo(people.add_directorate(name, by=None, brand=voice, is_internal_only=internal, slug=slug).slug)


@directorate.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
@answered
def directorate_list(as_json: bool) -> None:
    """List directorates.

    \b
    Example: diffusion directorate list
    """
    from diffusion.cli import terminal
    from diffusion.directory.models import Directorate

    rows = [
        {"id": unit.public_id, "directorate": unit.slug, "name": unit.name, "internal": unit.is_internal_only,
         "brand": unit.brand.slug if unit.brand else None}
        for unit in Directorate.objects.select_related("brand")
    ]  # fmt: skip
    if as_json:
        terminal.print_json(rows)
    elif rows:
        inside = terminal.pick("interne", "internal")
        terminal.print_table((r["directorate"], r["name"], r["brand"], inside if r["internal"] else "") for r in rows)
    else:
        click.echo(terminal.told(WORDS, "no_unit"), err=True)


@click.group()
def person() -> None:
    """Who does what, and how they come in."""


@person.command("add")
@click.argument("name")
@click.argument("email")
@click.option(
    "--role", "roles", multiple=True, metavar="ROLE[@DIRECTORATE]", help=f"One of {', '.join(ROLES)}; repeatable."
)
@click.option(
    "--language", type=click.Choice(["fr", "en"]), default="fr", show_default=True, help="How we write to them."
)
@answered
def person_add(name: str, email: str, roles: tuple[str, ...], language: str) -> None:
    """Add somebody, without a password: they come in by a link. Prints their id.

    \b
    Example: diffusion person add "Inès Garnier" ines@valclair.example --role communicator --role contributor@eau
    """
    from diffusion.directory import people

    wanted = [_role(given) for given in roles]
    made = people.add_person(name, by=None, email=email, language=language)
    for role in wanted:
        people.give_role(made, by=None, **role)
    click.echo(made.public_id)


@person.command("role")
@click.argument("email")
@click.argument("role", metavar="ROLE[@DIRECTORATE]")
@answered
def person_role(email: str, role: str) -> None:
    """Give somebody a role, for one directorate or for all. Given twice it is one.

    \b
    Example: diffusion person role sophie@valclair.example approver@eau
    """
    from diffusion.cli import terminal
    from diffusion.directory import people

    people.give_role(terminal.person_named(email), by=None, **_role(role))


@person.command("link")
@click.argument("email")
@click.option("--minutes", type=click.IntRange(1, 1440), default=15, show_default=True, help="How long it is good for.")
@answered
def person_link(email: str, minutes: int) -> None:
    """Make a single-use way in for somebody; earlier ones stop working. Only the link is on standard output.

    \b
    Example: diffusion person link ines@valclair.example
    """
    from django.conf import settings

    from diffusion.cli import terminal
    from diffusion.directory import people

    key = people.make_link(terminal.person_named(email), by=None, minutes=minutes)
    click.echo(terminal.told(WORDS, "link", minutes=minutes), err=True)
    click.echo(f"{settings.BASE_URL}/in/{key}/")


@person.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
@answered
def person_list(as_json: bool) -> None:
    """List people and their roles.

    \b
    Example: diffusion person list --json
    """
    from diffusion.cli import terminal
    from diffusion.directory.models import Person

    rows: list[dict[str, Any]] = [
        {"id": one.public_id, "name": one.name, "email": one.email, "active": one.is_active,
         "roles": [_told(role) for role in one.roles.all()]}
        for one in Person.objects.prefetch_related("roles__directorate")
    ]  # fmt: skip
    if as_json:
        terminal.print_json(rows)
    elif rows:
        closed = terminal.pick("fermé", "closed")
        terminal.print_table((r["name"], r["email"], " ".join(r["roles"]), "" if r["active"] else closed) for r in rows)
    else:
        click.echo(terminal.told(WORDS, "nobody"), err=True)


@person.group("token")
def token() -> None:
    """A machine's keys to the API, each for one person."""


@token.command("add")
@click.argument("email")
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(["submit", "read"]), help="What it may; by default all."
)
@answered
def token_add(email: str, name: str, scopes: tuple[str, ...]) -> None:
    """Make a token for the API, with the rights of that person. Only the token is on standard output.

    \b
    Example: diffusion person token add marc@valclair.example "Site de l'eau" --scope submit
    """
    from diffusion.cli import terminal
    from diffusion.directory import people

    key = people.make_token(terminal.person_named(email), by=None, name=name, scopes=scopes or people.SCOPES)
    click.echo(terminal.told(WORDS, "token"), err=True)
    click.echo(key)


@token.command("list")
@click.argument("email")
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
@answered
def token_list(email: str, as_json: bool) -> None:
    """List somebody's tokens; their secrets are kept nowhere.

    \b
    Example: diffusion person token list marc@valclair.example
    """
    from diffusion.cli import terminal

    rows = [
        {"name": one.name, "scopes": one.scopes, "made_at": terminal.stamp(one.made_at),
         "revoked_at": terminal.stamp(one.revoked_at)}
        for one in terminal.person_named(email).tokens.order_by("made_at")
    ]  # fmt: skip
    if as_json:
        terminal.print_json(rows)
    else:
        terminal.print_table((r["name"], " ".join(r["scopes"]), r["made_at"], r["revoked_at"]) for r in rows)


@token.command("revoke")
@click.argument("email")
@click.argument("name")
@answered
def token_revoke(email: str, name: str) -> None:
    """End a token at once.

    \b
    Example: diffusion person token revoke marc@valclair.example "Site de l'eau"
    """
    from diffusion.cli import terminal
    from diffusion.directory import people
    from diffusion.errors import BadInput

    owner = terminal.person_named(email)
    live = owner.tokens.filter(revoked_at=None)
    found = live.filter(name=name).first()
    if found is None:
        raise BadInput("unknown_thing", given=name, known=", ".join(live.values_list("name", flat=True)) or "–")
    people.revoke_token(found, by=None)


def _role(given: str) -> dict[str, Any]:
    """`approver@eau` as a verb takes it. Raises BadInput."""
    from diffusion.cli import terminal
    from diffusion.directory.models import Directorate

    kind, _, unit = given.partition("@")
    if kind not in ROLES:
        raise click.UsageError(terminal.told(WORDS, "role_form", given=given, known=", ".join(ROLES)))
    return {"kind": kind, "directorate": terminal.named(Directorate.objects.all(), unit) if unit else None}


def _told(role: Any) -> str:
    return f"{role.kind}@{role.directorate.slug}" if role.directorate else str(role.kind)
