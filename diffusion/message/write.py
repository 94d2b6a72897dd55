"""Verbs: draft, revise, attach, set_terms, set_aside. Each saving is a revision; none is overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from diffusion import tone
from diffusion.audit import record
from diffusion.brand.models import Brand, Level
from diffusion.directory.models import Authority, Directorate, Person, Silence
from diffusion.errors import BadInput, NotNow
from diffusion.ids import public_id
from diffusion.intake import clean
from diffusion.intake.models import Submission
from diffusion.intake.tongue import written_in
from diffusion.media import Asset
from diffusion.message import essentials, limit
from diffusion.message.changes import changes_of
from diffusion.message.joining import Choice, joined
from diffusion.message.models import Addition, Illustration, Message, Revision
from diffusion.verbs import verb

AS_THEY_ARE = Choice()


@dataclass(frozen=True, slots=True)
class Words:
    """What a revision says. `body` and additions are Markdown of the small, strict set; `essential` None: the default rule.

    `refused` are [rule, before] pairs of tone changes that a person undid: they stay undone.
    """

    title: str
    body: str
    additions: Mapping[str, str] = field(default_factory=dict)
    links: Sequence[str] = ()
    essential: Sequence[Sequence[str]] | None = None
    media: Sequence[Asset] = ()
    refused: Sequence[Sequence[str]] = ()

    @property
    def text(self) -> str:
        """All of them, what only one level reads too."""
        return "\n\n".join([self.title, self.body, *self.additions.values()])


@verb
def draft(
    words: Words,
    *,
    by: Person | None,
    directorate: Directorate,
    levels: Iterable[str],
    brand: Brand | None = None,
    language: str = "",
    submissions: Iterable[Submission] = (),
    is_urgent: bool = False,
) -> Message:
    """Begin a message. Without a `language` its words tell. Raises BadInput without a title, a level, or a brand; NotNow
    when a message was made of one of the submissions already, or somebody declined it.
    """
    handed = _waiting(submissions)
    if Message.objects.filter(submissions__in=handed).exists():
        raise NotNow("already_taken")
    language = language or written_in(words.text, Authority.get().language)
    message = Message.objects.create(
        directorate=directorate, brand=_brand(brand, directorate), language=language, levels=_levels(levels, directorate),
        is_urgent=is_urgent, made_by=by, trace=next((s.public_id for s in handed), None) or public_id(),
    )  # fmt: skip
    message.submissions.set(handed)
    _add_revision(message, words, by=by)
    record(by, "draft", message, submissions=[s.public_id for s in handed])
    return message


def draft_from(submissions: Sequence[Submission], *, by: Person | None, choice: Choice = AS_THEY_ARE) -> Message:
    """Make one message of one or several submissions: one gives title and place, each gives its words, but for
    what `choice` settles.

    It is for those whom all of them may reach: what one said to agents alone is not told to others by joining it.
    """
    first, text = submissions[choice.base], joined(submissions, choice)
    words = Words(
        title=text.title,
        body=text.body,
        links=list(dict.fromkeys(s.url for s in submissions if s.url)),
        media=_pictures_of(submissions),
    )
    furthest = min((s.level for s in submissions), key=Level.values.index)
    inside = furthest == Level.INTERNAL or first.directorate.is_internal_only
    levels = [Level.INTERNAL] if inside else [Level.INTERNAL, furthest]
    return draft(
        words, by=by, directorate=first.directorate, levels=levels, language=first.language, submissions=submissions
    )


def _pictures_of(submissions: Iterable[Submission]) -> list[Asset]:
    """Pictures that were handed in by the form: those are ours already. Those of feeds are only linked to."""
    ids = [item["asset"] for submission in submissions for item in submission.media if item.get("asset")]
    found = {asset.public_id: asset for asset in Asset.objects.filter(public_id__in=ids)}
    return [found[key] for key in dict.fromkeys(ids) if key in found]


@verb
def revise(message: Message, words: Words, *, by: Person, based_on: int, language: str = "") -> Revision:
    """Save new words; with a `language`, say that they are in it, and apply its tone.

    Raises NotNow: "edited_elsewhere" when somebody saved after revision `based_on`, so that nothing is overwritten;
    "already_sent" for another language once deliveries are planned. Raises BadInput without a title.
    """
    message = _locked(message)
    current = message.current
    if current.number != based_on:
        raise NotNow(
            "edited_elsewhere", by=str(current.by or "Diffusion"), at=timezone.localtime(current.at).strftime("%H:%M")
        )
    was, message.language = message.language, language or message.language
    if message.language != was and message.is_planned:
        raise NotNow("already_sent")
    words = replace(words, essential=_essential(message, words_of(current), words, was))
    if message.language == was and _same(current, words):
        return current
    revision = _add_revision(message, words, by=by)
    record(by, "revise", message, revision=revision.number)
    return revision


def _essential(message: Message, before: Words, after: Words, was: str) -> Sequence[Sequence[str]] | None:
    """What a person chose as essential, carried over to the new words; those before were read in language `was`."""
    day = (message.publish_at or timezone.now()).astimezone(Authority.get().zone).date()
    langs = was, message.language
    return essentials.carried(after.essential, before=before.text, now=after.text, langs=langs, published=day)


@verb
def attach(message: Message, submissions: Iterable[Submission], *, by: Person) -> Message:
    """Say that these submissions are told by this message. Raises NotNow when somebody declined one."""
    handed = _waiting(submissions)
    message.submissions.add(*handed)
    record(by, "attach", message, submissions=[s.public_id for s in handed])
    return message


def _waiting(submissions: Iterable[Submission]) -> list[Submission]:
    """Locked, as who declines one does. Raises NotNow when one was declined. Needs a transaction."""
    rows = {row.pk: row for row in submissions}
    locked = Submission.objects.filter(pk__in=rows).order_by("pk").select_for_update(of=("self",))
    if any(row.declined_at for row in locked):
        raise NotNow("already_declined")
    return list(rows.values())


@dataclass(frozen=True, slots=True)
class Terms:
    """How a message goes out: to whom, when, and what silence means. `publish_at` is UTC; None is as soon as approved."""

    levels: Sequence[str]
    publish_at: datetime | None = None
    lead: timedelta | None = None
    is_urgent: bool = False
    silence: str = Silence.WAIT
    useless_after: datetime | None = None
    brand: Brand | None = None


@verb
def set_terms(message: Message, terms: Terms, *, by: Person) -> Message:
    """Change how it goes out. Raises BadInput without a level; NotNow once deliveries are planned (reschedule those)."""
    message = _locked(message)
    if message.is_planned:
        raise NotNow("already_sent")
    message.levels, message.publish_at = _levels(terms.levels, message.directorate), terms.publish_at
    message.lead, message.is_urgent, message.silence = terms.lead, terms.is_urgent, terms.silence
    message.brand = terms.brand or message.brand
    limit.choose(message, terms.useless_after)
    message.save()
    record(by, "set_terms", message, levels=message.levels)
    return message


@verb
def set_aside(message: Message, *, by: Person) -> Message:
    """Put a draft away. Raises NotNow when something of it went out or is planned."""
    message = _locked(message)
    if message.is_planned:
        raise NotNow("already_sent")
    message.set_aside_at = timezone.now()
    message.save(update_fields=["set_aside_at"])
    message.submissions.clear()
    record(by, "set_aside", message)
    return message


def _add_revision(message: Message, words: Words, *, by: Person | None) -> Revision:
    """The tone is applied here, once; every change it made is kept with its rule. Becomes the present revision.

    Raises BadInput without a title. Needs a transaction, and the message locked where it isn't new.
    """
    said = clean.line(words.title)  # it becomes the subject of mails: one line, nothing hidden
    if not said:
        raise BadInput("title_needed")
    rules = message.brand.charter.rules(message.language, on=timezone.localdate())
    pairs = frozenset((rule, before) for rule, before in words.refused)
    added = {level: text.strip() for level, text in words.additions.items() if text.strip()}
    done = {
        part: _toned(text, rules, message.language, "plain" if part == "title" else "markdown", pairs)
        for part, text in {"title": said, "body": words.body.strip(), **added}.items()
    }
    earlier = message.revision
    changes = [
        row
        for part, one in done.items()
        for row in changes_of(part, one, earlier.changes if earlier else (), earlier.part(part) if earlier else "")
    ]
    revision = Revision.objects.create(
        message=message, number=message.revisions.count() + 1, by=by, links=list(words.links),
        title=done["title"].text, body=done["body"].text,
        essential=None if words.essential is None else [list(pair) for pair in words.essential],
        changes=changes, refused=[list(p) for p in words.refused],
    )  # fmt: skip
    Addition.objects.bulk_create(Addition(revision=revision, level=level, body=done[level].text) for level in added)
    for position, asset in enumerate(words.media):
        Illustration.objects.create(revision=revision, asset=asset, position=position)
    message.revision = revision
    limit.follow(message)
    message.save(update_fields=["revision", "language", "useless_after"])
    return revision


def _toned(text: str, rules: Any, language: str, markup: str, refused: frozenset[tuple[str, str]]) -> tone.Applied:
    """Apply the tone, but for what a person undid: named by rule and words, since places move with each edit."""
    applied = tone.apply(text, rules, language, markup=markup)
    undone = frozenset((c.rule, c.start) for c in applied.changes if (c.rule, c.before) in refused)
    return tone.apply(text, rules, language, markup=markup, refused=undone) if undone else applied


def words_of(revision: Revision) -> Words:
    """A revision's words as they stand, to be changed and saved again."""
    return Words(
        title=revision.title, body=revision.body, additions={a.level: a.body for a in revision.additions.all()},
        links=revision.links, essential=revision.essential, refused=revision.refused,
        media=list(revision.media.order_by("illustration__position")),
    )  # fmt: skip


def _locked(message: Message) -> Message:
    return Message.objects.select_for_update(of=("self",)).select_related("revision__by", "brand").get(pk=message.pk)


def _same(revision: Revision, words: Words) -> bool:
    """Saved again without a change: no new revision, so nobody is asked anything."""
    additions = {a.level: a.body for a in revision.additions.all()}
    essential = None if words.essential is None else [list(pair) for pair in words.essential]
    return (
        (revision.title, revision.body, revision.essential) == (clean.line(words.title), words.body.strip(), essential)
        and additions == {level: text.strip() for level, text in words.additions.items() if text.strip()}
        and list(revision.media.order_by("illustration__position")) == list(words.media)
        and revision.refused == [list(pair) for pair in words.refused]
        and revision.links == list(words.links)
    )


def _levels(levels: Iterable[str], directorate: Directorate) -> list[str]:
    """In the order of `Level`. Raises BadInput for none, one that does not exist, or one that the directorate may not reach."""
    chosen = set(levels)
    if not chosen or not chosen <= set(Level.values):
        raise BadInput("level_needed")
    if directorate.is_internal_only and chosen != {Level.INTERNAL}:
        raise BadInput("internal_only", directorate=directorate.name)
    return [level for level in Level.values if level in chosen]


def _brand(brand: Brand | None, directorate: Directorate) -> Brand:
    found = brand or directorate.brand or Brand.objects.first()
    if found is None:
        raise BadInput("brand_needed")
    return found
