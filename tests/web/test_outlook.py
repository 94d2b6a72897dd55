"""Before and after asking, the author sees who can answer, who is away, and what silence does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from diffusion.approval import decide
from diffusion.approval.outlook import outlook
from diffusion.directory.models import Absence, Person, Role, RoleKind, Silence
from diffusion.message.models import Message
from tests import valclair
from tests.web import composing
from tests.web.composing import at
from tests.web.town import Town

SignIn = Callable[[str], Client]
DAY = timedelta(days=1)


@pytest.fixture
def draft(town: Town) -> Message:
    """With one approver, the town's."""
    return composing.draft()


def _is_away(person: Person, days: float, deputy: Person | None = None) -> None:
    now = timezone.now()
    Absence.objects.create(person=person, starts_at=now - DAY, ends_at=now + days * DAY, deputy=deputy)


def _goes_out_in(message: Message, days: float, silence: str = Silence.WAIT) -> None:
    message.publish_at, message.silence = timezone.now() + days * DAY, silence
    message.save()


def _page(draft: Message, sign_in: SignIn) -> str:
    page = sign_in("communicator").get(at("message", draft)).content.decode()
    return page.replace("\u202f", " ").replace("\xa0", " ")


def test_who_will_be_asked_is_said_before_asking(draft: Message, town: Town, sign_in: SignIn) -> None:
    _goes_out_in(draft, 3, Silence.INTERNAL_ONLY)

    page = _page(draft, sign_in)

    assert "L’approbation sera demandée à <b>Approver Valclair</b>" in page
    assert "Sans réponse, seuls les agents le liront." in page
    assert "sans suppléance" not in page


@pytest.mark.parametrize("is_asked", [False, True])
def test_an_only_approver_who_is_away_too_long_is_said_at_once_with_the_choices(
    draft: Message, town: Town, sign_in: SignIn, is_asked: bool
) -> None:
    _goes_out_in(draft, 3)
    _is_away(town.people["approver"], days=5)
    if is_asked:
        decide.ask(draft, by=valclair.ines())

    page = _page(draft, sign_in)

    assert "Personne ne peut répondre avant l’heure de publication." in page
    assert "<b>Approver Valclair</b>, en absence jusqu’au" in page
    assert "sans suppléance" in page
    assert page.count("Sans réponse, rien ne part.") == 1
    assert at("message_terms", draft) in page
    assert "nommer une suppléance" in page


def test_who_is_back_in_time_is_named_but_nobody_is_alarmed(draft: Message, town: Town, sign_in: SignIn) -> None:
    _goes_out_in(draft, 3)
    _is_away(town.people["approver"], days=1)

    page = _page(draft, sign_in)

    assert "en absence jusqu’au" in page
    assert "Personne ne peut répondre" not in page


def test_a_deputy_who_may_answer_is_who_is_asked(draft: Message, town: Town) -> None:
    deputy = valclair.person("Zoé Martin", RoleKind.APPROVER)
    _is_away(town.people["approver"], days=5, deputy=deputy)

    found = outlook(draft)

    assert (found.of, found.is_in_vain) == (deputy, False)
    assert [absence.deputy for absence in found.away] == [deputy]


def test_without_a_time_an_absence_is_said_too(draft: Message, town: Town, sign_in: SignIn) -> None:
    _is_away(town.people["approver"], days=5)

    assert "Personne ne peut répondre en ce moment." in _page(draft, sign_in)


def test_nobody_who_may_approve_is_said_before_asking(draft: Message, town: Town, sign_in: SignIn) -> None:
    Role.objects.filter(kind=RoleKind.APPROVER).delete()

    assert "Personne ne peut approuver ce message." in _page(draft, sign_in)


def test_nothing_is_said_of_an_open_question_that_somebody_here_can_answer(
    draft: Message, town: Town, sign_in: SignIn
) -> None:
    decide.ask(draft, by=valclair.ines())

    assert 'id="outlook"' not in _page(draft, sign_in)
