"""A correction and a withdrawal by the best way each channel allows: edited, an erratum, by hand, or left as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client

from channels.contract import Act
from channels.rehearsal.smtp import SmtpServer
from diffusion.accounts.models import Account
from diffusion.approval import decide
from diffusion.delivery import amend, claim, erratum, plan, remedy
from diffusion.delivery.models import BY_HAND, LEFT_AS_IT_IS, Amendment, Delivery, Receipt
from diffusion.delivery.states import State
from diffusion.errors import BadInput, NotNow
from diffusion.message import write
from diffusion.message.models import Message
from diffusion.rendition import versions
from diffusion.report import Stage, by_hand, changed, load_story, stage, standing
from diffusion.web.steps import steps
from tests import going_out, valclair

pytestmark = pytest.mark.django_db


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[SmtpServer]:
    server = SmtpServer(tmp_path, users={"lettre": "juste"})
    server.start()
    yield server
    server.stop()


@pytest.fixture
def letter(relay: SmtpServer) -> Account:
    return going_out.letter(relay)


def fresh(message: Message) -> Message:
    return load_story(Message.objects.select_related("revision", "brand").get(pk=message.pk))


def out(letter: Account, *by_hand: Account) -> Message:
    """A message on the public board and in a letter, whose words then change, with a yes to the new ones.

    On the accounts `by_hand` somebody published it.
    """
    valclair.board("public")
    message = valclair.message(levels=["public"])
    going_out.send_out(message)
    for row in message.deliveries.filter(account__in=by_hand):
        receipt = Receipt.objects.create(delivery=row, proof=Receipt.Proof.PERSON, remote_id="1")
        Delivery.objects.filter(pk=row.pk).update(state=State.PUBLISHED, receipt=receipt, look_at=None)
    message = fresh(message)
    words = write.words_of(message.current)
    body = words.body.replace("12 h 30", "17 h 30")
    write.revise(message, write.Words(title=words.title, body=body), by=valclair.ines(), based_on=1)
    versions.compose_all(fresh(message))
    decide.approve(decide.ask(fresh(message), by=valclair.ines()), by=valclair.sophie())
    return fresh(message)


def carried(message: Message) -> Message:
    for lane in ("urgent", "intranet", "mail"):
        lease = claim.claim_amendments(lane)
        for pk in lease.ids:
            amend.carry(pk, lease)
    going_out.carry_all()
    return fresh(message)


def by_account(message: Message, account: Account) -> Delivery:
    return message.deliveries.filter(account=account).order_by("pk").last()


def test_the_best_way_is_offered_first(letter: Account) -> None:
    steps = {step.delivery.account: step.ways for step in remedy.preview(out(letter), Act.EDIT)}

    assert steps.pop(letter) == ("erratum", "nothing")
    assert list(steps.values()) == [("edit", "nothing")]


def test_a_letter_is_followed_by_an_erratum_and_the_message_is_whole_again(letter: Account, relay: SmtpServer) -> None:
    message = out(letter)
    assert stage(message) == Stage.CHANGED

    amend.correct(message, by=valclair.ines())
    amend.correct(message, by=valclair.ines())  # pressed twice
    message = carried(message)

    assert [d.occurrence for d in message.deliveries.filter(account=letter).order_by("pk")] == ["1", "erratum-1"]
    second = by_account(message, letter)
    assert second.state == State.PUBLISHED
    assert second.body["title"].startswith("Erratum\u00a0: ")
    assert "17" in second.body["text"]
    assert len(relay.received.rows("smtp")) == 2
    assert stage(message) == Stage.PUBLISHED


def test_a_correction_keeps_what_stood_there_and_the_public_reads_both(letter: Account) -> None:
    message = out(letter)
    first = message.revisions.get(number=1)

    amend.correct(message, by=valclair.ines())
    message = carried(message)

    edit = Amendment.objects.get(delivery__account__channel="board")
    assert (edit.was, edit.revision) == (first, message.revision)
    page = Client().get(f"/m/{message.public_id}")
    assert len(page.context["corrections"]) == 1
    assert "<del>" in page.content.decode()


def test_an_erratums_words_are_a_proposal_that_is_counted_judged_edited_and_sealed(letter: Account) -> None:
    message = out(letter)
    proposed = message.current.versions.get(account=letter)
    assert proposed.body["title"].startswith("Erratum\u00a0: ")
    assert message.current.versions.get(account__channel="board").body["title"] == message.current.title

    wrong = versions.edit(proposed, by=valclair.ines(), title="Erratum", text="L'eau sera coupée jusqu'à 13 h 30.")
    assert not wrong.can_be_scheduled  # it states another hour than the message
    mine = versions.edit(wrong, by=valclair.ines(), title="Horaire modifié", text=proposed.text)
    assert mine.can_be_scheduled
    with pytest.raises(NotNow, match="changed since"):  # not the words that were approved
        amend.correct(message, by=valclair.ines())
    assert "ask" in steps(fresh(message), stage(fresh(message)), valclair.ines())
    decide.approve(decide.ask(fresh(message), by=valclair.ines()), by=valclair.sophie())
    amend.correct(fresh(message), by=valclair.ines())

    second = by_account(message, letter)
    assert (second.body["title"], second.digest) == ("Horaire modifié", mine.digest)
    assert stage(carried(message)) == Stage.PUBLISHED


def test_a_letter_that_is_right_gets_no_erratum(letter: Account) -> None:
    """Not for its spaces either, which the tone puts right as the message is saved again."""
    valclair.board("public")
    message = valclair.message(levels=["public"])
    going_out.send_out(message)
    words = write.words_of(fresh(message).current)
    write.revise(message, replace(words, additions={"internal": "Pour nous."}), by=valclair.ines(), based_on=1)
    versions.compose_all(fresh(message))

    assert fresh(message).current.versions.get(account=letter).body["title"] == words.title
    assert not changed(fresh(message), standing(fresh(message)))


def test_an_erratum_composed_before_its_letter_left_is_opened_when_it_goes(letter: Account) -> None:
    message = out(letter)
    plain = versions.composed(message, versions.statement_of(message.current), letter)[0]
    message.current.versions.filter(account=letter).update(body=plain.to_json(), report={})

    assert erratum.erratum_of(message.current.versions.get(account=letter)).title == f"Erratum\u00a0: {plain.title}"


def test_words_made_anew_are_a_proposal_again(letter: Account) -> None:
    message = out(letter)
    proposed = message.current.versions.get(account=letter)
    versions.edit(proposed, by=valclair.ines(), title="Horaire modifié", text=proposed.text)

    again = versions.reset(message.current.versions.get(account=letter), by=valclair.ines())

    assert again.body["title"] == proposed.body["title"]


def test_an_erratum_that_was_cancelled_leaves_the_letter_wrong(letter: Account) -> None:
    message = out(letter)
    amend.correct(message, by=valclair.ines())

    plan.cancel(message.deliveries.filter(occurrence__startswith=erratum.MARK), by=valclair.ines())

    message = fresh(message)
    assert letter in {delivery.account for delivery in changed(message, standing(message))}


def test_a_later_correction_makes_a_later_erratum(letter: Account) -> None:
    message = out(letter)
    amend.correct(message, by=valclair.ines())
    message = carried(message)
    words = write.words_of(message.current)
    body = re.sub(r"17(\sh\s30)", r"18\1", words.body)
    write.revise(message, write.Words(title=words.title, body=body), by=valclair.ines(), based_on=2)
    versions.compose_all(fresh(message))
    decide.approve(decide.ask(fresh(message), by=valclair.ines()), by=valclair.sophie())

    amend.correct(fresh(message), by=valclair.ines())
    message = carried(message)

    assert by_account(message, letter).occurrence == "erratum-2"
    assert stage(message) == Stage.PUBLISHED


def test_what_is_left_as_it_is_counts_no_more_until_the_words_change_again(letter: Account) -> None:
    message = out(letter)
    how = {delivery.public_id: "nothing" for delivery in message.deliveries.all()}

    made = amend.correct(message, by=valclair.ines(), how=how)

    assert {amendment.code for amendment in made} == {LEFT_AS_IT_IS}
    message = carried(message)
    assert stage(message) == Stage.PUBLISHED
    assert {delivery.revision.number for delivery in message.deliveries.all()} == {1}


def test_what_cannot_be_edited_waits_for_a_hand_whose_word_is_the_receipt(letter: Account) -> None:
    message = out(letter)
    row = by_account(message, letter)
    body = versions.Version.objects.get(revision=message.revision, account=letter).body
    Amendment.objects.create(
        delivery=row, act="edit", lane=row.lane, revision=message.revision, body=body, due_at=None, code=BY_HAND
    )
    assert by_hand(message) == {row.pk}
    carried(message)
    assert by_hand(message) == {row.pk}  # no worker takes it

    with pytest.raises(BadInput):
        amend.done_by_hand(row, by=valclair.ines(), note=" ")
    amend.done_by_hand(row, by=valclair.ines(), note="Changée à l’accueil.", url="https://valclair.example/p/1")

    row.refresh_from_db()
    assert (row.state, row.revision.number) == (State.PUBLISHED, 2)
    assert (row.receipt.proof, row.receipt.url, row.receipt.by) == (
        Receipt.Proof.PERSON, "https://valclair.example/p/1", valclair.ines(),
    )  # fmt: skip
    with pytest.raises(NotNow):
        amend.done_by_hand(row, by=valclair.ines(), note="Encore.")


def test_a_channel_that_lets_nothing_be_edited_leaves_it_to_a_hand(letter: Account) -> None:
    message = out(letter, valclair.account("bluesky"))  # counts and fits, and can't edit
    network = Account.objects.get(channel="bluesky")
    row = message.deliveries.get(account=network)

    steps = {step.delivery.account: step.ways for step in remedy.preview(message, Act.EDIT)}
    amend.correct(message, by=valclair.ines())

    assert steps[network] == ("hand", "nothing")
    assert by_hand(message) == {row.pk}


def test_a_withdrawn_letter_is_settled_by_a_persons_word(letter: Account) -> None:
    message = out(letter)

    amend.withdraw(message, by=valclair.ines(), reason="Fausse alerte.")
    message = carried(message)
    row = by_account(message, letter)
    assert (row.state, stage(message)) == (State.PUBLISHED, Stage.WITHDRAWN)  # all that could be taken back is
    assert by_hand(message) == {row.pk}

    amend.done_by_hand(row, by=valclair.ines(), note="Une lettre de suite est partie.")

    assert not by_hand(message)
    assert by_account(message, letter).state == State.WITHDRAWN
    assert by_account(message, letter).receipt.evidence == "Une lettre de suite est partie."


def test_an_answer_that_the_channel_does_not_allow_falls_back_to_the_best_way(letter: Account) -> None:
    message = out(letter)
    how = {delivery.public_id: "edit" for delivery in message.deliveries.all()}

    made = amend.correct(message, by=valclair.ines(), how=how)

    assert {type(one) for one in made} == {Amendment, Delivery}
