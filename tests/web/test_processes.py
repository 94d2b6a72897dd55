"""What runs is seen on the board: where, which version, what it does; who is silent; and one worker can be drained."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from diffusion import parts
from diffusion.audit import Entry
from diffusion.instants import in_seconds
from diffusion.parts import Part
from tests import valclair
from tests.web.town import Town

SignIn = Callable[[str], Client]
NAME = "worker-mail2-9"


def _beat(*lanes: str, name: str = NAME, kind: str = parts.WORKER, **doing: int) -> Part:
    parts.beat(name, kind=kind, lanes=lanes, doing=doing)
    return Part.objects.get(name=name)


def _row(page: str, name: str = NAME) -> str:
    return next(row for row in page.split("<tr>") if name in row)


def _board(client: Client) -> str:
    return client.get(reverse("deliveries")).content.decode()


def test_a_process_shows_its_version_its_lanes_and_what_it_does(town: Town, sign_in: SignIn) -> None:
    _beat("social", "mail", social=2, housekeeping=1)
    row = _row(_board(sign_in("ops")))

    for said in ("Ouvrier", parts.version(), "Réseaux, Lettres", "Réseaux × 2"):
        assert said in row
    assert "Entretien" not in row

    _beat("social", "mail")
    assert "attend" in _row(_board(sign_in("ops")))


def test_who_is_not_heard_of_is_said_to_be_silent_and_serves_nothing(town: Town, sign_in: SignIn) -> None:
    part = _beat("social", "intake")
    valclair.delivery(valclair.account("feed"), lane="social", due_in=-200)
    assert "personne</span>" not in _board(sign_in("ops"))

    Part.objects.filter(pk=part.pk).update(beat_at=in_seconds(-400))
    page = _board(sign_in("ops"))

    assert "muet depuis" in _row(page)
    assert reverse("part_drain", args=[part.pk]) not in page
    assert "personne</span>" in page


def test_draining_asks_first_and_names_what_nobody_else_serves(town: Town, sign_in: SignIn) -> None:
    part, client = _beat("social", "mail"), sign_in("ops")  # the town's own worker serves mail too
    address = reverse("part_drain", args=[part.pk])
    assert address in _board(client)

    question = client.get(address).content.decode()
    assert "Personne d’autre ne sert" in question
    assert "Réseaux." in question
    assert not parts.is_drained(NAME)
    client.post(address)

    assert parts.is_drained(NAME)
    assert Entry.objects.get(verb="drain").by == town.people["ops"]
    assert "finit, puis s’arrête" in _row(_board(client))
    assert "finit déjà" in client.post(address).content.decode()
    assert Entry.objects.filter(verb="drain").count() == 1


def test_a_communicator_sees_the_processes_and_drains_none(town: Town, sign_in: SignIn) -> None:
    part = _beat("social")
    page = _board(sign_in("communicator"))

    assert NAME in page
    assert reverse("part_drain", args=[part.pk]) not in page


def test_a_board_without_any_process_says_that_nothing_goes_out(town: Town, sign_in: SignIn) -> None:
    Part.objects.all().delete()

    assert "Rien ne tourne" in _board(sign_in("ops"))
