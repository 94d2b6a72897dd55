"""A letter that is half sent when its words change: judged by what a real relay got, mail by mail."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone

from channels.rehearsal.server import Fault
from channels.rehearsal.smtp import SmtpServer
from diffusion.approval import decide
from diffusion.audit import Entry
from diffusion.delivery import claim, plan
from diffusion.delivery.models import Delivery, Stop
from diffusion.delivery.states import State
from diffusion.errors import NotNow
from diffusion.instants import in_seconds
from diffusion.message import write
from diffusion.message.models import Message
from diffusion.newsletter import correction, dispatch, doubts, subscribe
from diffusion.newsletter.models import CORRECTED, Line, List
from diffusion.rendition import versions
from diffusion.report import Stage, load_story, stage
from tests import going_out, valclair

pytestmark = pytest.mark.django_db
READERS = tuple(f"{name}@lecteurs.example" for name in ("amina", "bruno", "chloe", "david"))
OLD, NEW = "mercredi 17 juin", "jeudi 18 juin"


@pytest.fixture
def relay(tmp_path):
    server = SmtpServer(tmp_path, drops_duplicates=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def letter(relay):
    account = valclair.account(
        "smtp", host=relay.host, port=relay.port, security="none", sender="lettre@valclair.example"
    )
    made = List.objects.create(account=account, name="La lettre")
    for email in READERS:
        subscribe.add(made, email=email, by=None, origin="test")
    return made


def work(stop_after=None):
    """What a worker does with what is due; told to stop after so many mails."""
    correction.let_follow()
    Delivery.objects.filter(state=State.PLANNED, due_at__isnull=False).update(due_at=in_seconds(-1))
    lease, begun = claim.claim_due("urgent"), Line.objects.exclude(state=State.PLANNED).count()

    def stops():
        return stop_after is not None and Line.objects.exclude(state=State.PLANNED).count() >= begun + stop_after

    for row in lease.rows():
        dispatch.carry(row, lease, stops=stops)


def approved(message):
    decide.approve(decide.ask(message, by=valclair.ines()), by=valclair.sophie())
    return Message.objects.select_related("revision").get(pk=message.pk)


def half_sent(letter, mails=2):
    """A message whose letter reached so many, and whose words changed then, with a yes to the new ones."""
    message = valclair.message(levels=["public"])
    Message.objects.filter(pk=message.pk).update(is_urgent=True, publish_at=timezone.now())
    valclair.sophie()
    versions.compose_all(message)
    plan.plan(approved(message), by=None)
    work(stop_after=mails)
    words = write.words_of(message.current)
    write.revise(message, replace(words, body=words.body.replace(OLD, NEW)), by=valclair.ines(), based_on=1)
    message = Message.objects.select_related("revision", "brand").get(pk=message.pk)
    versions.compose_all(message)
    return approved(message)


def got(relay):
    """Reader → what each mail said, in order: old, erratum or new."""
    told = {}
    for row in relay.received.rows("smtp"):
        word = "old" if OLD in row["text"] else "erratum" if "Erratum" in row["subject"] else "new"
        assert (NEW in row["text"]) == (word != "old")
        told.setdefault(row["to"].partition("@")[0], []).append(word)
    return told


def test_the_rest_goes_with_the_corrected_words_and_who_got_the_old_ones_gets_an_erratum(relay, letter):
    message = half_sent(letter)
    assert got(relay) == {"amina": ["old"], "bruno": ["old"]}
    (found,) = correction.half_sent(message)
    assert (found.sent, found.ahead) == (2, 2)

    made = correction.correct_half_sent(message, by=valclair.ines())
    assert {row.stop for row in made} == {Stop.LETTER}
    for _ in range(3):
        work()

    wrong, right = ["old", "erratum"], ["new"]
    assert got(relay) == {"amina": wrong, "bruno": wrong, "chloe": right, "david": right}
    assert set(message.deliveries.values_list("state", flat=True)) == {State.PUBLISHED}
    assert stage(load_story(Message.objects.get(pk=message.pk))) == Stage.PUBLISHED
    assert Entry.objects.get(verb="correct_letter").facts == {"way": "rest", "stopped": 2}


def test_stopped_the_others_get_nothing(relay, letter):
    message = half_sent(letter)
    how = {message.deliveries.get().public_id: "stop"}

    correction.correct_half_sent(message, by=valclair.ines(), how=how)
    for _ in range(3):
        work()

    assert got(relay) == {"amina": ["old", "erratum"], "bruno": ["old", "erratum"]}
    assert Line.objects.filter(code=CORRECTED, state=State.CANCELLED).count() == 2


def test_left_to_finish_it_finishes(relay, letter):
    message = half_sent(letter)
    how = {message.deliveries.get().public_id: "finish"}

    assert correction.correct_half_sent(message, by=valclair.ines(), how=how) == []
    work()

    assert got(relay) == {name.partition("@")[0]: ["old"] for name in READERS}


def test_pressed_twice_it_is_done_once(relay, letter):
    message = half_sent(letter)

    correction.correct_half_sent(message, by=valclair.ines())
    assert correction.correct_half_sent(message, by=valclair.ines()) == []

    assert message.deliveries.count() == 3


def test_one_of_which_nothing_left_gives_way_whole(relay, letter):
    message = half_sent(letter, mails=0)

    assert correction.correct_half_sent(message, by=valclair.ines()) == []
    plan.plan(message, by=valclair.ines())
    work()

    assert got(relay) == {name.partition("@")[0]: ["new"] for name in READERS}


def test_without_a_yes_to_the_new_words_it_goes_on(relay, letter):
    message = half_sent(letter)
    message.approvals.all().delete()

    with pytest.raises(NotNow):
        correction.correct_half_sent(message, by=valclair.ines())

    assert Line.objects.filter(state=State.PLANNED).count() == 2


def test_the_worker_in_the_middle_of_it_ends_with_the_mail_under_way(relay, letter, monkeypatch):
    """The correction comes while the second mail is being sent."""
    message, ended = half_sent(letter, mails=1), []
    end = dispatch._end_line

    def corrected_meanwhile(line, to, **changes):
        if not ended:
            ended.append(correction.correct_half_sent(message, by=valclair.ines()))
        end(line, to, **changes)

    monkeypatch.setattr(dispatch, "_end_line", corrected_meanwhile)
    for _ in range(4):
        work()

    wrong, right = ["old", "erratum"], ["new"]
    assert got(relay) == {"amina": wrong, "bruno": wrong, "chloe": right, "david": right}


def test_a_mail_in_doubt_gets_the_erratum_and_is_never_sent_again_with_the_old_words(relay, letter):
    relay.faults.arm(Fault.CUT_AFTER, path=READERS[1])
    message = half_sent(letter)

    correction.correct_half_sent(message, by=valclair.ines())
    for _ in range(3):
        work()
    doubtful = Line.objects.get(state=State.UNCERTAIN)
    doubts.deny_line(doubtful, by=valclair.ines())
    work()

    assert got(relay)["bruno"].count("old") == 1
    assert got(relay)["bruno"][-1] == "erratum"
    assert got(relay)["chloe"] == ["new"]
    assert {row.state for row in message.deliveries.all()} == {State.PUBLISHED}


def test_the_page_says_what_it_will_do_and_one_button_does_it(relay, letter):
    message = half_sent(letter)
    first = message.deliveries.get()
    browser, address = going_out.signed_in(valclair.ines()), reverse("message_correct", args=[message.public_id])

    page = browser.get(address).content.decode()
    browser.post(address, {f"how-{first.public_id}": "rest"})
    for _ in range(3):
        work()

    assert "2 courriels sont partis avec l’ancien texte" in page
    assert "le nouveau texte prend sa place" not in page
    assert sorted(map(tuple, got(relay).values())) == [("new",), ("new",), ("old", "erratum"), ("old", "erratum")]
