"""« Same news? » on the desk: a hint with a way to join, for what shares a day or a place; never done by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from diffusion.intake.models import Submission, Via
from diffusion.message import write
from diffusion.message.models import Message
from diffusion.web import alike
from tests import valclair
from tests.web.town import Town

SignIn = Callable[[str], Client]
CUT = "L'eau sera coupée mercredi 18 juin 2031, de 8 h 30 à 12 h 30, rue des Tilleuls."
SAME = "Travaux sur le réseau : coupure d'eau rue des Tilleuls le 18 juin 2031 de 8 h 30 à 12 h 30."
OTHER = "La médiathèque des Halles ouvre le samedi 5 juillet 2031 à 10 h avec une lecture pour les enfants."


def handed(title: str, text: str) -> Submission:
    number = Submission.objects.count()
    return Submission.objects.create(
        directorate=valclair.water(),
        via=Via.FORM,
        uid=str(number),
        fingerprint=f"{number:064d}",
        title=title,
        text=text,
    )


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    for kept in (alike._READ, alike._COMPARED):
        monkeypatch.setattr(kept, "known", {})


@pytest.fixture
def desk(town: Town, sign_in: SignIn) -> Client:
    return sign_in("communicator")


def found(desk: Client) -> dict[int, list[alike.Alike]]:
    told: dict[int, list[alike.Alike]] = desk.get(reverse("desk")).context["alike"]
    return told


def test_two_submissions_that_announce_one_thing_point_at_each_other(desk: Client) -> None:
    first, second, other = handed("Coupure d'eau", CUT), handed("Réseau d'eau", SAME), handed("Ouverture", OTHER)

    told = found(desk)

    assert [row.title for row in told[first.pk]] == ["Réseau d'eau"]
    assert [row.title for row in told[second.pk]] == ["Coupure d'eau"]
    assert other.pk not in told
    assert "même date," in told[first.pk][0].why
    assert Submission.objects.open().count() == 3  # nothing was joined


def test_a_message_of_this_month_is_held_against_them_too(desk: Client) -> None:
    message = write.draft(
        write.Words(title="Coupure d'eau rue des Tilleuls", body=CUT), by=valclair.ines(), directorate=valclair.water(),
        levels=["public"],
    )  # fmt: skip
    row = handed("Réseau d'eau", SAME)

    url = found(desk)[row.pk][0].url
    page = desk.get(url)

    assert page.context["message"] == message
    assert reverse("message", args=[message.public_id]) in page.content.decode()
    assert not Message.objects.exclude(submissions=None).exists()


def test_joining_is_offered_with_the_other_one_beside_it(desk: Client) -> None:
    first, second = handed("Coupure d'eau", CUT), handed("Réseau d'eau", SAME)

    page = desk.get(found(desk)[first.pk][0].url).content.decode()

    assert f'name="with" value="{second.public_id}"' in page
    assert "Même nouvelle" in desk.get(reverse("desk")).content.decode()


def test_nothing_else_than_what_shares_a_day_or_a_place_is_compared(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []
    monkeypatch.setattr(alike._COMPARED, "work", lambda *texts: compared.append(texts) or (False, ""))
    handed("Coupure d'eau", CUT.replace("rue des Tilleuls", "rue du Moulin"))
    handed("Ouverture", OTHER)

    found(desk)

    assert not compared


def test_a_page_compares_so_many_and_the_next_goes_on(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    monkeypatch.setattr(alike._COMPARED, "work", lambda *texts: compared.append(texts) or (False, ""))
    for number in range(15):
        handed(f"Coupure {number}", CUT)

    counts = []
    for _page in range(5):
        found(desk)
        counts.append(len(compared))

    assert counts == [15, 30, 45, alike.PAIRS_MOST, alike.PAIRS_MOST]
