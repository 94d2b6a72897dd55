"""`diffusion submit FILE` hands content in; `diffusion message show ID` says what became of it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from diffusion.cli.main import answered

if TYPE_CHECKING:
    from diffusion.cli.handed import Picture, Read
    from diffusion.delivery.models import Delivery
    from diffusion.directory.models import Directorate, Person
    from diffusion.intake.models import Submission
    from diffusion.message.models import Message

LEVELS = ("internal", "partners", "public")
WORDS = {
    "too_big": ("Le fichier dépasse {limit} Mio.", "The file is over {limit} MiB."),
    "too_long": (
        "Le texte compte {count} caractères ; la limite est {limit}.",
        "The text has {count} characters; the limit is {limit}.",
    ),
    "encoding": (
        "Ligne {line} : l’octet {byte} n’est pas de l’UTF-8. Enregistrez le fichier en UTF-8.",
        "Line {line}: byte {byte} is not UTF-8. Save the file as UTF-8.",
    ),
    "head": (
        "Ligne {line} : l’en-tête n’est pas du YAML, une ligne « nom: valeur » par champ.",
        "Line {line}: the head is not YAML, one line “name: value” a field.",
    ),
    "head_unknown": (
        "L’en-tête ne connaît pas « {given} ». Il y a : {known}.",
        "The head knows no “{given}”. There are: {known}.",
    ),
    "head_near": (
        "L’en-tête ne connaît pas « {given} » ; vouliez-vous {near} ?",
        "The head knows no “{given}”; did you mean {near}?",
    ),
    "head_text": ("« {given} » doit être un texte simple.", "“{given}” must be plain text."),
    "head_value": (
        "« {given} » n’existe pas pour {name}. Il y a : {known}.",
        "There is no “{given}” for {name}. There are: {known}.",
    ),
    "no_title": (
        "Il manque un titre. Commencez le fichier par :\n---\ntitle: …\ndirectorate: …\n---",
        "A title is missing. Begin the file with:\n---\ntitle: …\ndirectorate: …\n---",
    ),
    "no_subject": ("Le courriel n’a pas d’objet, donc pas de titre.", "The mail has no subject, so no title."),
    "not_a_mail": ("Ce fichier n’est pas un courriel (RFC 5322).", "This file is no mail (RFC 5322)."),
    "which_unit": (
        "De quelle direction ? Dites --directorate, ou « directorate » dans l’en-tête. Il y a : {known}.",
        "Of which directorate? Say --directorate, or “directorate” in the head. There are: {known}.",
    ),
    "known": ("Déjà reçu : rien n’a été ajouté.", "Received already: nothing was added."),
    "picture": ("Une image n’a pas été prise : {why}", "A picture was not taken: {why}"),
    "declined": ("Écartée : {why}", "Declined: {why}"),
    "in_campaign": ("Dans la campagne « {name} ».", "In the campaign “{name}”."),
    "no_campaign": ("Dans aucune campagne.", "In no campaign."),
    "waits": ("Sur le bureau de la communication.", "On the communicators’ desk."),
}


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True))
@click.option("--directorate", default="", metavar="SLUG", help="Of which directorate, where the file doesn't say.")
@click.option("--level", type=click.Choice(LEVELS), default=None, help="For whom, whatever the file says.")
@click.option("--by", default="", metavar="EMAIL", help="Who hands it in. By default a mail's sender, if we know them.")
@answered
def submit(file: Path, directorate: str, level: str | None, by: str) -> None:
    """Hand in a file: Markdown with a YAML head (title, directorate, level), or a mail (.eml). Prints its id.

    The same file twice is one submission, with one id; a mail that changed is the next version of it.

    \b
    Example: diffusion submit coupure.md
    """
    from diffusion.cli import handed, terminal
    from diffusion.directory.models import Person
    from diffusion.intake.models import Submission
    from diffusion.intake.submit import submit as hand_in

    try:
        read = handed.read(sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes(), file.name)
    except handed.Unreadable as fault:
        raise click.ClickException(terminal.told(WORDS, fault.code, **fault.facts)) from None
    person = terminal.actor(by) or Person.objects.filter(email__iexact=read.sender, is_active=True).first()
    unit, before = _unit(directorate or read.directorate, person), Submission.objects.count()
    content = replace(read.handed, media=_kept(read.pictures))
    content = replace(content, level=level) if level else content
    made = hand_in(content, directorate=unit, via=read.via, by=person, uid=_uid(read))
    if Submission.objects.count() == before:
        click.echo(terminal.told(WORDS, "known"), err=True)
    click.echo(made.public_id)


def _uid(read: Read) -> str:
    return f"mail:{read.uid}"[:500] if read.uid else ""


def _unit(given: str, person: Person | None) -> Directorate:
    """The one named; else the only one that the sender contributes for. Raises BadInput."""
    from diffusion.cli import terminal
    from diffusion.directory.models import Directorate, RoleKind

    every = Directorate.objects.all()
    if given:
        same = every.filter(name__iexact=given).first() if "\x00" not in given else None
        return same or terminal.named(every, given)
    theirs = list(every.filter(roles__person=person, roles__kind=RoleKind.CONTRIBUTOR).distinct()[:2]) if person else []
    if len(theirs) != 1:
        known = ", ".join(every.order_by("slug").values_list("slug", flat=True)[:30]) or "–"
        raise click.ClickException(terminal.told(WORDS, "which_unit", known=known))
    return theirs[0]


def _kept(pictures: tuple[Picture, ...]) -> tuple[dict[str, Any], ...]:
    """Pictures as a submission holds them; one that can't be taken is told, and the rest goes on."""
    from diffusion import media
    from diffusion.cli import terminal
    from diffusion.cli.main import language
    from diffusion.errors import BadInput, word

    kept = []
    for picture in pictures:
        try:
            asset = media.keep(picture.data, description=picture.description)
        except BadInput as no:
            click.echo(terminal.told(WORDS, "picture", why=word(no.code, language(), **no.facts)), err=True)
            continue
        kept.append(
            {"url": f"/media/{asset.public_id}", "type": asset.media_type, "description": asset.description,
             "decorative": asset.is_decorative, "asset": asset.public_id}
        )  # fmt: skip
    return tuple({row["asset"]: row for row in kept}.values())


@click.group()
def message() -> None:
    """What is said, and what became of it."""


@message.command("show")
@click.argument("id_", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")
@answered
def show(id_: str, as_json: bool) -> None:
    """Show a message and its deliveries; with a submission's id, what became of it.

    \b
    Example: diffusion message show k7m2p9xq4wtn
    """
    from diffusion.cli import terminal
    from diffusion.intake.models import Submission
    from diffusion.message.models import Message

    submissions = Submission.objects.select_related("directorate")
    submission = submissions.filter(public_id=id_).first() if "\x00" not in id_ else None
    made = submission.messages.first() if submission else None
    if submission and made is None:
        terminal.print_json(_handed(submission)) if as_json else _print_submission(submission)
        return
    found = made or terminal.named(Message.objects.all(), id_, also="public_id")
    told = _told(found)
    terminal.print_json(told) if as_json else _print_message(told)


@message.command("campaign")
@click.argument("id_", metavar="ID")
@click.argument("name", default="", metavar="[NAME]")
@click.option("--none", "is_none", is_flag=True, help="Take it out of its campaign.")
@click.option("--by", default="", metavar="EMAIL", help="Who does it, for the journal. By default Diffusion itself.")
@answered
def campaign(id_: str, name: str, is_none: bool, by: str) -> None:
    """Put a message in a campaign, begun if nobody named it before; or take it out.

    \b
    Example: diffusion message campaign k7m2p9xq4wtn "Été au bord du Clair"
             diffusion message campaign k7m2p9xq4wtn --none
    """
    from diffusion.cli import terminal
    from diffusion.message.campaign import join_campaign
    from diffusion.message.models import Message

    if bool(name.strip()) == is_none:
        raise click.UsageError("Give the campaign's name, or --none.")
    row = terminal.named(Message.objects.all(), id_, also="public_id")
    now = join_campaign(row, name, by=terminal.actor(by)).campaign
    click.echo(terminal.told(WORDS, "in_campaign" if now else "no_campaign", name=now))


def _handed(submission: Submission) -> dict[str, Any]:
    from diffusion.cli import terminal

    return {
        "submission": submission.public_id, "title": submission.title, "directorate": submission.directorate.slug,
        "level": submission.level, "version": submission.version, "received_at": terminal.stamp(submission.received_at),
        "message": None, "declined_at": terminal.stamp(submission.declined_at),
        "decline_reason": submission.decline_reason or None,
    }  # fmt: skip


def _print_submission(submission: Submission) -> None:
    from diffusion.cli import terminal

    click.echo(f"{submission.title or submission.public_id} · {submission.directorate}")
    code = "declined" if submission.declined_at else "waits"
    click.echo(terminal.told(WORDS, code, why=submission.decline_reason))


def _told(found: Message) -> dict[str, Any]:
    from diffusion import report
    from diffusion.cli import terminal
    from diffusion.cli.deliveries import row

    report.load_story(found)
    revision = found.revision
    return {
        "message": found.public_id, "title": str(found), "body": revision.body if revision else "",
        "directorate": found.directorate.slug, "brand": found.brand.slug,
        "campaign": found.campaign.name if found.campaign else None, "levels": found.levels,
        "language": found.language, "urgent": found.is_urgent, "stage": report.stage(found).value,
        "revision": revision.number if revision else None, "publish_at": terminal.stamp(found.publish_at),
        "submissions": [each.public_id for each in found.submissions.all()],
        "deliveries": [row(each) for each in _deliveries(found)],
    }  # fmt: skip


def _deliveries(found: Message) -> list[Delivery]:
    return list(found.deliveries.select_related("account", "receipt", "message"))


def _print_message(told: dict[str, Any]) -> None:
    from diffusion import report
    from diffusion.cli import terminal
    from diffusion.cli.deliveries import state_words

    stage = report.Stage(told["stage"])
    click.echo(f"{told['title']} · {terminal.pick(str(stage.label), stage.value)}")
    click.echo(f"\n{told['body']}\n")
    if told["deliveries"]:
        terminal.print_table(
            (
                r["account"],
                state_words(r["state"]),
                r["planned_at"],
                (r["receipt"] or {}).get("url"),
                r["message_words"],
            )
            for r in told["deliveries"]
        )
