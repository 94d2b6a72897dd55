"""Revisions, each kept; the tone's changes, each undone alone; two people at one message."""

from __future__ import annotations

import pytest

from diffusion.errors import BadInput, NotNow
from diffusion.intake.models import Via
from diffusion.intake.submit import Handed, decline, submit
from diffusion.message import undo, write
from diffusion.message.models import Message
from tests import valclair

pytestmark = pytest.mark.django_db


def draft(body="L'eau sera coupée à 8h30 : prévoyez des réserves.", **more):
    words = write.Words(title="Coupure d'eau", body=body, **more)
    return write.draft(words, by=valclair.ines(), directorate=valclair.water(), levels=["public", "internal"])


def test_the_tone_is_applied_and_each_change_is_listed_with_its_rule():
    revision = draft().revision

    assert revision.title == "Coupure d’eau"
    assert "8\u00a0h\u00a030" in revision.body
    assert all(change["rule"] and change["before"] != change["after"] for change in revision.changes)


def test_one_change_is_undone_alone_and_stays_undone():
    message = draft()
    index = next(i for i, c in enumerate(message.revision.changes) if "8h30" in c["before"])

    revision = undo.undo_change(message, index, by=valclair.ines(), based_on=1)

    assert "8h30" in revision.body
    assert "L’eau" in revision.body
    message.refresh_from_db()
    again = write.revise(
        message, write.Words(title=revision.title, body=revision.body + "\n\nMerci.", refused=revision.refused),
        by=valclair.ines(), based_on=2,
    )  # fmt: skip
    assert "8h30" in again.body


def test_what_the_tone_does_to_a_levels_addition_is_listed_and_undone_alone():
    said = "Renvoyez à l'accueil dès 7h45."
    message = draft(additions={"internal": said})
    toned = {c["before"]: i for i, c in enumerate(message.revision.changes) if c["part"] == "internal"}
    assert set(toned) >= {"7h45"}
    assert message.revision.part("internal") == "Renvoyez à l’accueil dès 7\u00a0h\u00a045."

    revision = undo.undo_change(message, toned["7h45"], by=valclair.ines(), based_on=1)

    assert revision.part("internal") == "Renvoyez à l’accueil dès 7h45."
    assert revision.body == message.revisions.get(number=1).body
    assert [c["before"] for c in revision.changes if c["part"] == "internal"] == ["'"]  # the other one still stands


def chosen_of(body, chosen, then):
    """What is essential of `then`, when `chosen` was of `body`."""
    made = draft(body, essential=chosen)
    again = write.Words(title=made.revision.title, body=then, essential=made.revision.essential)
    return write.revise(made, again, by=valclair.ines(), based_on=1).essential


def test_a_fact_put_right_is_as_essential_as_it_was_when_wrong():
    body, then = "Le 17 juin 2031, rue des Tilleuls. Tarif : 8 €.", "Le 18 juin 2031, rue des Tilleuls. Tarif : 8 €."
    place = ["place", "rue des tilleuls"]

    assert chosen_of(body, [["date", "2031-06-17"], place], then) == [["date", "2031-06-18"], place]


def test_an_essential_fact_that_is_taken_out_is_wanted_nowhere():
    assert chosen_of("Le 17 juin 2031. Tarif : 8 €.", [["amount", "EUR 8"]], "Le 17 juin 2031.") == []
    assert chosen_of("Le 17 juin 2031.", None, "Le 18 juin 2031.") is None


def test_levels_are_kept_in_their_order():
    assert draft().levels == ["internal", "public"]


def test_two_people_at_one_message_overwrite_nothing():
    message = draft()
    write.revise(message, write.Words(title="A", body="A."), by=valclair.ines(), based_on=1)

    with pytest.raises(NotNow, match="Inès"):
        write.revise(message, write.Words(title="B", body="B."), by=valclair.sophie(), based_on=1)

    assert [r.title for r in message.revisions.all()] == ["Coupure d’eau", "A"]


def test_saving_without_a_change_makes_no_revision():
    message = draft()

    write.revise(message, write.words_of(message.revision), by=valclair.ines(), based_on=1)

    assert message.revisions.count() == 1


@pytest.mark.parametrize(("title", "levels"), [("", ["public"]), ("Titre", []), ("Titre", ["everybody"])])
def test_a_message_needs_a_title_and_a_level(title, levels):
    with pytest.raises(BadInput):
        write.draft(write.Words(title=title, body="x"), by=None, directorate=valclair.water(), levels=levels)


def handed(title="Titre", text="Texte.", **more):
    return submit(Handed(title=title, text=text, **more), directorate=valclair.water(), via=Via.FORM)


def test_the_same_content_twice_is_one_submission():
    assert handed().pk == handed().pk


def test_a_later_change_of_an_entry_is_its_next_version():
    first = submit(Handed(title="A"), directorate=valclair.water(), via=Via.FEED, uid="e1")
    second = submit(Handed(title="B"), directorate=valclair.water(), via=Via.FEED, uid="e1")
    back = submit(Handed(title="A"), directorate=valclair.water(), via=Via.FEED, uid="e1")

    assert (second.version, second.earlier) == (2, first)
    assert (back.version, back.earlier) == (3, second)


def test_a_message_of_an_event_says_its_dates_in_words():
    event = handed(
        title="Concert", text="Œuvres de Bach.", starts="2026-12-09T19:00:00+00:00", ends="2026-12-09T21:00:00+00:00",
        place="collégiale Saint-Martin",
    )  # fmt: skip

    body = write.draft_from([event], by=valclair.ines()).revision.body

    assert "Le mercredi 9 décembre 2026, de 20\u00a0h à 22\u00a0h, collégiale Saint-Martin." in body


def test_hostile_characters_are_kept_out_of_what_is_shown():
    made = handed(title="A\u202eB\u0000C\u200b", text="x\ud800y")

    assert made.title == "ABC"
    assert "\ud800" not in made.text


def test_an_internal_directorates_news_stays_internal():
    made = submit(Handed(title="Grève"), directorate=valclair.human_resources(), via=Via.FORM)

    assert made.level == "internal"
    assert write.draft_from([made], by=None).levels == ["internal"]


ENGLISH = "The water will be cut off on Wednesday 17 June 2026 from 8:30 to 12:30 in rue des Tilleuls. Keep some for the morning."


def test_a_message_is_in_the_language_of_its_words_and_in_the_authoritys_where_they_tell_nothing():
    words = [write.Words(title="Coupure", body="Pas d'eau dans la rue."), write.Words(title="Cut", body=ENGLISH)]
    made = [
        write.draft(one, by=valclair.ines(), directorate=valclair.water(), levels=["public"])
        for one in (*words, write.Words(title="Patinoire 2026", body=""))
    ]

    assert [message.language for message in made] == ["fr", "en", "fr"]


def test_another_language_is_a_revision_in_its_tone_that_keeps_what_was_chosen():
    made = write.draft(
        write.Words(title="Cut", body=ENGLISH, essential=[["date", "2026-06-17"], ["time", "08:30/12:30"]]),
        by=valclair.ines(), directorate=valclair.water(), levels=["public"], language="fr",
    )  # fmt: skip

    revision = write.revise(made, write.words_of(made.current), by=valclair.ines(), based_on=1, language="en")

    made.refresh_from_db()
    assert (made.language, revision.number, made.revision) == ("en", 2, revision)
    assert ["date", "2026-06-17"] in revision.essential
    assert write.revise(made, write.words_of(revision), by=valclair.ines(), based_on=2, language="en") == revision


def test_the_language_stays_once_it_is_planned_and_where_somebody_saved_meanwhile():
    made, ines = draft(), valclair.ines()
    words = write.words_of(made.current)
    with pytest.raises(NotNow, match="saved another"):
        write.revise(made, words, by=ines, based_on=0, language="en")
    row = valclair.delivery(valclair.board(), of=made, due_in=3600)

    with pytest.raises(NotNow, match="gone out already"):
        write.revise(made, words, by=ines, based_on=1, language="en")

    made.refresh_from_db()
    assert (made.language, made.revision.number) == ("fr", 1)
    row.delete()
    assert write.revise(made, words, by=ines, based_on=1, language="en").number == 2


def test_what_is_handed_in_is_in_the_language_of_its_words():
    unit = valclair.water()
    handed = Handed(title="Cut", text=ENGLISH), Handed(title="Patinoire"), Handed(title="Cut", text="x", language="fr")

    assert [submit(one, directorate=unit, via=Via.API).language for one in handed] == ["en", "fr", "fr"]


def test_of_one_submission_one_message_is_made_and_none_of_what_was_declined():
    row, other = (submit(Handed(title=one), directorate=valclair.water(), via=Via.FORM) for one in ("Un", "Deux"))
    made = write.draft_from([row], by=valclair.ines())

    with pytest.raises(NotNow, match="already"):
        write.draft_from([other, row], by=valclair.ines())
    decline(other, by=valclair.ines(), reason="Déjà dit.")
    for act in (
        lambda: write.draft_from([other], by=valclair.ines()),
        lambda: write.attach(made, [other], by=valclair.ines()),
    ):
        with pytest.raises(NotNow, match="declined"):
            act()

    assert Message.objects.get().submissions.get() == row
