"""An approval that can't stall: who is asked, what is sealed, what silence does."""

from __future__ import annotations

import contextlib
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from diffusion.approval import decide
from diffusion.approval.models import Approval, Decision
from diffusion.directory.models import Absence, Authority, Silence
from diffusion.errors import BadInput, NotAllowed, NotNow
from diffusion.message import write
from tests import valclair

pytestmark = pytest.mark.django_db


def asked(*, silence=Silence.WAIT, levels=("internal", "public"), hours=6.0):
    message = valclair.message(publish_at=timezone.now() + timedelta(hours=hours), silence=silence, levels=list(levels))
    valclair.version(message, valclair.board())
    valclair.version(message, valclair.account("feed"))
    valclair.sophie()
    return decide.ask(message, by=valclair.ines())


def test_the_directorates_approver_is_asked_and_may_say_yes():
    approval = asked()

    approval = decide.approve(approval, by=valclair.sophie())

    assert approval.decision == Decision.APPROVED
    assert approval.asked_of == valclair.sophie()


def test_the_directorates_own_approver_comes_before_the_authoritys():
    """By name the authority's would come first, and the two databases put what is empty at opposite ends."""
    everywhere, sophie = valclair.person("Ahmed Benali", "approver"), valclair.sophie()

    assert decide.approvers(valclair.message()) == [sophie, everywhere]


def test_nobody_approves_alone_what_they_wrote_unless_the_authority_allows_it():
    valclair.person("Inès Garnier", "approver")
    approval = asked()
    with pytest.raises(NotAllowed):
        decide.approve(approval, by=valclair.ines())

    Authority.objects.update(may_approve_own=True)

    assert decide.approve(approval, by=valclair.ines()).decision == Decision.APPROVED


def test_whoever_wrote_it_is_not_among_those_who_are_asked():
    ines = valclair.person("Inès Garnier", "approver")
    assert decide.approvers(valclair.message(made_by=ines)) == []

    Authority.objects.update(may_approve_own=True)

    assert decide.approvers(valclair.message(made_by=ines)) == [ines]


@pytest.mark.parametrize(("levels", "minutes"), [(["public"], 10), (["internal", "public"], 130)])
def test_the_last_moment_is_ten_minutes_before_the_first_version_leaves(levels, minutes):
    at = timezone.now() + timedelta(hours=6)
    message = valclair.message(publish_at=at, levels=levels, lead=timedelta(hours=2))

    assert decide.deadline(message) == at - timedelta(minutes=minutes)


def test_the_second_answer_learns_who_was_first():
    approval = asked()
    decide.approve(approval, by=valclair.sophie())

    with pytest.raises(NotNow, match="Sophie"):
        decide.decline(approval, by=valclair.sophie(), comment="non")


def test_a_no_needs_its_reason():
    with pytest.raises(BadInput):
        decide.decline(asked(), by=valclair.sophie(), comment=" ")


def test_somebody_without_the_role_may_not():
    with pytest.raises(NotAllowed):
        decide.approve(asked(), by=valclair.marc())


def test_what_changed_since_is_asked_again_and_shown():
    approval = asked()
    version = approval.revision.versions.first()
    version.digest = "1:other"
    version.save()

    with pytest.raises(NotNow, match="changed"):
        decide.approve(approval, by=valclair.sophie())
    assert decide.differs(approval) == [version.account.public_id]


def test_a_revision_makes_the_question_stale():
    approval = asked()
    write.revise(approval.message, write.Words(title="Autre", body="Autre."), by=valclair.ines(), based_on=1)

    with pytest.raises(NotNow):
        decide.approve(approval, by=valclair.sophie())


def test_an_absent_approver_is_passed_over():
    now = timezone.now()
    Absence.objects.create(
        person=valclair.sophie(), starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=1),
        deputy=valclair.person("Nadia Roux", "approver", directorate=valclair.water()),
    )  # fmt: skip

    assert asked().asked_of.name == "Nadia Roux"


def test_at_half_the_time_left_the_deputy_is_asked_once():
    nadia = valclair.person("Nadia Roux", "approver", directorate=valclair.water())
    approval = asked()
    Approval.objects.update(asked_of=valclair.sophie(), asked_at=timezone.now() - timedelta(hours=9))

    assert decide.remind() == 1
    assert decide.remind() == 0

    approval.refresh_from_db()
    assert approval.deputy == nadia


@pytest.mark.parametrize(
    ("silence", "decision"),
    [(Silence.CANCEL, Decision.LAPSED), (Silence.INTERNAL_ONLY, Decision.APPROVED), (Silence.WAIT, Decision.ASKED)],
)
def test_at_the_deadline_the_authors_rule_applies(silence, decision):
    approval = asked(silence=silence)
    Approval.objects.update(deadline_at=timezone.now() - timedelta(minutes=1), deputy_asked_at=timezone.now())

    decide.remind()

    approval.refresh_from_db()
    assert approval.decision == decision
    if silence == Silence.INTERNAL_ONLY:
        levels = {v.account.level for v in approval.revision.versions.all() if v.account.public_id in approval.seal}
        assert levels == {"internal"}


def test_faults_are_answered_for_before_anybody_is_asked():
    message = valclair.message()
    version = valclair.version(message, valclair.board())
    version.verdict = {"missing": [{"kind": "phone", "value": "+33199001234", "blocks": True}]}
    version.save()
    valclair.sophie()

    with pytest.raises(NotNow, match="1 version"):
        decide.ask(message, by=valclair.ines())


def test_silence_lets_nothing_out_where_there_is_no_version_for_agents():
    approval = asked(silence=Silence.INTERNAL_ONLY)
    approval.revision.versions.filter(account__level="internal").delete()
    Approval.objects.update(deadline_at=timezone.now())

    decide.remind()

    approval.refresh_from_db()
    assert approval.decision == Decision.LAPSED


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_an_answer_given_at_the_deadline_is_not_overwritten_by_silence():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite's writers wait for each other")
    approval = asked(silence=Silence.CANCEL)
    Approval.objects.update(deadline_at=timezone.now(), deputy_asked_at=timezone.now())
    answering, reminded = threading.Event(), threading.Event()

    def answer():
        with contextlib.closing(connection), transaction.atomic():
            Approval.objects.filter(pk=approval.pk).update(decision=Decision.DECLINED, decided_at=timezone.now())
            answering.set()
            reminded.wait(1)

    sophie = threading.Thread(target=answer)
    sophie.start()
    answering.wait(5)
    decide.remind()
    reminded.set()
    sophie.join()

    approval.refresh_from_db()
    assert approval.decision == Decision.DECLINED
