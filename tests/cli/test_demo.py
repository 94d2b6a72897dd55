"""The demonstration's people: they work through the story, and leave to visitors what visitors make."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from diffusion.accounts.models import Account
from diffusion.approval.decide import ask
from diffusion.approval.models import Approval, Decision
from diffusion.cli import demo
from diffusion.directory.models import Directorate, Person
from diffusion.intake.models import Submission, Via
from diffusion.intake.submit import Handed, submit
from diffusion.message import write
from diffusion.message.models import Message
from diffusion.newsletter.models import Edition, List, Subscriber
from diffusion.newsletter.subscribe import forget
from tests import valclair

LEAD = timedelta(minutes=5)


def town() -> demo.Story:
    """The story's people and its social network, without its feeds."""
    story = demo.Story(date(2026, 6, 1))
    story.data["sources"] = []
    story.data["accounts"] = [row for row in story.data["accounts"] if row["channel"] == "board"]
    story.data["letters"] = []
    demo.build(story, feeds="", lead=timedelta(seconds=1))
    return story


def test_the_people_take_the_story_as_far_as_its_yes(db):
    story = town()
    demo.hand_in(story.data["submissions"])

    demo.work(LEAD, story=story, leave={})

    assert Message.objects.count() == len(story.data["submissions"]) > 1
    assert set(Approval.objects.values_list("decision", flat=True)) == {Decision.APPROVED}


def test_an_account_was_tried(db):
    town()

    assert not Account.objects.filter(probed_at=None).exists()


def test_what_a_visitor_hands_in_and_writes_is_left_to_visitors(db):
    story = town()
    culture = Directorate.objects.get(slug="culture")
    karim = Person.objects.get(email__startswith="karim")
    ines = Person.objects.get(email__startswith="ines")
    submit(Handed(title="Visite de la station", text="Samedi."), via=Via.FORM, directorate=culture, by=karim)
    mine = write.draft(write.Words("Bal", "Samedi à 21 h."), by=ines, directorate=culture, levels=["internal"])

    demo.work(LEAD, story=story, leave={})

    assert Submission.objects.open().count() == 1
    assert not Approval.objects.exists()
    Message.objects.filter(pk=mine.pk).update(publish_at=timezone.now() + LEAD)
    mine.refresh_from_db()
    demo.versions.compose_all(mine)
    ask(mine, by=ines)

    demo.work(LEAD, story=story, leave={})

    assert Approval.objects.get().decision == Decision.ASKED


def test_a_reader_who_was_erased_does_not_come_back_at_the_next_start(db):
    story = demo.Story(date(2026, 6, 1))
    row, place = (
        story.data["letters"][0],
        valclair.account("smtp", host="127.0.0.1", port=25, sender="a@valclair.example"),
    )
    row["account"] = place.slug
    demo._letter(row)
    letter = List.objects.get()
    Edition.objects.create(list=letter, delivery=valclair.delivery(place), subject="Un", html="", text="")

    forget(Subscriber.objects.first())
    demo._letter(row)

    assert Subscriber.objects.count() == len(row["readers"]) - 1
