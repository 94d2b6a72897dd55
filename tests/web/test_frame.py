"""The frame: menus by role, the hold on every page, dark or light, a verb's no, a database that is gone."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from diffusion.brand.models import Charter
from diffusion.delivery import hold
from diffusion.delivery.holding import Hold
from diffusion.delivery.models import Delivery
from diffusion.directory.models import Authority, Person, Role, RoleKind
from diffusion.web import frame
from tests import valclair
from tests.web.town import Town

SignIn = Callable[[str], Client]


@pytest.mark.parametrize("kinds", [*[(kind,) for kind in RoleKind.values], ("ops", "administrator"), ()])
def test_the_menu_is_the_union_of_the_roles(town: Town, kinds: tuple[str, ...]) -> None:
    person = valclair.person("Rose Petit", *kinds)

    expected = [name for kind in frame.MENU if kind in kinds for name in frame.MENU[kind]]

    assert frame.pages_of(person) == list(dict.fromkeys(expected))


@pytest.mark.parametrize("kind", frame.MENU)
def test_every_entry_of_a_menu_opens_for_its_role(town: Town, sign_in: SignIn, kind: str) -> None:
    client = sign_in(kind)

    assert {client.get(reverse(name)).status_code for name in frame.MENU[kind]} == {200}


def test_the_menu_counts_what_waits_for_this_person(town: Town, sign_in: SignIn) -> None:
    Delivery.objects.filter(pk=town.delivery.pk).update(state="refused", due_at=None)

    assert 'class="n">1' in sign_in("ops").get(reverse("deliveries")).content.decode()


def test_a_hold_is_told_on_every_page_to_who_is_signed_in(town: Town, sign_in: SignIn) -> None:
    hold.hold(by=town.people["ops"], reason="Accident rue du Moulin")

    agent, ops, stranger = sign_in("agent"), sign_in("ops"), Client()

    assert "Accident rue du Moulin" in agent.get(reverse("me")).content.decode()
    assert "Voir et lever" not in agent.get(reverse("me")).content.decode()
    assert "Voir et lever" in ops.get(reverse("me")).content.decode()
    assert "Accident" not in stranger.get(reverse("account_login")).content.decode()


def test_a_hold_is_asked_then_lifted(town: Town, sign_in: SignIn) -> None:
    client = sign_in("communicator")

    nothing_said = client.post(reverse("hold"), {"reason": ""})
    client.post(reverse("hold"), {"reason": "Deuil"})
    assert Delivery.objects.get(pk=town.delivery.pk).state == "held"
    client.post(reverse("hold"), {"when": "now"})

    assert "err" in nothing_said.content.decode()
    assert Delivery.objects.get(pk=town.delivery.pk).state == "planned"


def test_lifting_says_that_only_rehearsals_are_past_their_hour(town: Town, sign_in: SignIn) -> None:
    client = sign_in("ops")
    Delivery.objects.filter(pk=town.delivery.pk).update(planned_at=timezone.now() + timedelta(hours=1))
    rehearsed = valclair.account("board", name="Essai")
    rehearsed.is_rehearsal = True
    rehearsed.save()
    valclair.delivery(rehearsed, of=valclair.message("Essai"), due_in=-60)
    client.post(reverse("hold"), {"reason": "Deuil"})

    page = client.get(reverse("hold")).content.decode()

    assert "Pour 0" not in page
    assert "L’heure n’est passée que pour 1 en répétition." in page


def test_an_authority_without_a_name_is_not_named_twice(town: Town, client: Client) -> None:
    Authority.objects.update(name="Diffusion")

    page = client.get(reverse("account_login")).content.decode()

    assert "<b>Diffusion</b></a>" in page


def test_lifting_may_drop_what_came_due_without_a_day(town: Town, sign_in: SignIn) -> None:
    late, client = valclair.delivery(town.account, of=valclair.message("En retard"), due_in=-60), sign_in("ops")
    client.post(reverse("hold"), {"reason": "Deuil"})

    client.post(reverse("hold"), {"when": "drop", "day": "", "hour": ""})

    late.refresh_from_db()
    assert late.state == "cancelled"


def test_one_account_is_stopped_from_the_page_and_moved_to_an_hour_when_it_is_lifted(
    town: Town, sign_in: SignIn
) -> None:
    client, over = sign_in("ops"), f"account:{town.delivery.account.public_id}"
    client.post(reverse("hold"), {"over": over, "reason": "Mot de passe volé"})
    shown = client.get(reverse("hold")).content.decode()
    assert f"?over={over}" in shown
    assert str(town.delivery.account) in client.get(reverse("me")).content.decode()
    town.delivery.refresh_from_db()
    assert town.delivery.state == "held"

    address = f"{reverse('hold')}?over={over}"
    no = client.post(address, {"when": "at", "day": "2031-03-30", "hour": "02:30"}).content.decode()
    assert "Cette heure n’existe pas" in no
    client.post(address, {"when": "at", "day": "2031-06-17", "hour": "09:00"})

    town.delivery.refresh_from_db()
    assert town.delivery.state == "planned"


def test_a_lane_is_paused_from_the_board_which_says_what_that_does_and_shows_it(town: Town, sign_in: SignIn) -> None:
    client, board = sign_in("ops"), reverse("deliveries")
    address = f"{reverse('hold')}?over=lane:intranet"
    assert f"{reverse('hold')}?over=lane:" in client.get(board).content.decode()

    asked = client.get(address).content.decode()
    client.post(reverse("hold"), {"over": "lane:intranet", "reason": "Site en travaux"})
    shown = client.get(board).content.decode()

    assert "voie « Intranet et sites »" in html.unescape(asked).replace("\xa0", " ").replace("\u202f", " ")
    assert "Tout le reste continue." in asked
    assert "Site en travaux" in shown
    assert address in shown
    assert "Une voie est en pause." in shown
    assert "1 retenue" in shown
    assert "?show=held&amp;lane=intranet" in shown
    town.delivery.refresh_from_db()
    assert town.delivery.state == "held"

    client.post(address, {"when": "now"})

    town.delivery.refresh_from_db()
    assert town.delivery.state == "planned"


@pytest.mark.parametrize("over", ["account:nobody", "moon:x", "account:\x00", "lane:intake", "lane:"])
def test_an_unknown_thing_to_stop_is_refused(town: Town, sign_in: SignIn, over: str) -> None:
    answer = sign_in("ops").post(reverse("hold"), {"over": over, "reason": "Deuil"})

    assert "err" in answer.content.decode()
    assert not Hold.objects.exists()


def test_what_is_no_thing_never_stands_for_everything(town: Town, sign_in: SignIn) -> None:
    hold.hold(by=None)

    answer = sign_in("ops").post(reverse("hold") + "?over=account:nobodyofthis", {"when": "now"})

    assert answer.status_code == 404
    assert Hold.current()


def test_the_theme_turns_without_script(town: Town, sign_in: SignIn) -> None:
    client = sign_in("agent")

    client.post(reverse("theme"))
    assert 'data-theme="dark"' in client.get(reverse("me")).content.decode()
    client.post(reverse("theme"))
    assert 'data-theme="light"' in client.get(reverse("me")).content.decode()


def test_the_brands_colours_dress_the_page_under_a_nonce(town: Town, sign_in: SignIn) -> None:
    Charter.objects.create(brand=valclair.brand(), text='name: Eau\ncolours: ["#7a1f5c", "#2c7a45"]\n')

    answer = sign_in("agent").get(reverse("me"))

    assert "--brand:light-dark(#7a1f5c," in answer.content.decode()
    nonce = answer.content.decode().split('<style nonce="')[1].split('"')[0]
    assert f"'nonce-{nonce}'" in answer["Content-Security-Policy"]


def test_a_verbs_no_leads_back_with_its_reason(town: Town, sign_in: SignIn) -> None:
    client = sign_in("ops")
    page = "http://testserver" + reverse("delivery", args=[town.delivery.public_id])

    answer = client.post(
        reverse("delivery_retry", args=[town.delivery.public_id]), headers={"referer": page}, follow=True
    )

    assert answer.redirect_chain == [(page, 302)]
    assert "Ce n’est plus possible" in answer.content.decode()


def test_a_verbs_no_never_leads_to_another_site(town: Town, sign_in: SignIn) -> None:
    answer = sign_in("ops").post(
        reverse("delivery_retry", args=[town.delivery.public_id]), headers={"referer": "https://elsewhere.example/"}
    )

    assert answer.status_code == 409


def test_the_wrong_role_is_told_which_one(town: Town, sign_in: SignIn) -> None:
    answer = sign_in("agent").get(reverse("people"))

    assert answer.status_code == 403
    assert "Administration" in answer.content.decode()


def test_a_database_that_is_gone_is_told_and_nothing_is_accepted(town: Town, sign_in: SignIn) -> None:
    client = sign_in("ops")

    with patch("diffusion.directory.models.Authority.get", side_effect=OperationalError("gone")):
        answer = client.post(reverse("hold"), {"reason": "Deuil"})

    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "La base de données ne répond pas" in answer.content.decode()
    assert not Hold.objects.exists()


def test_a_missing_column_is_an_error_of_ours_not_a_database_that_is_gone() -> None:
    assert frame.is_unreachable(OperationalError("database is locked"))
    assert not frame.is_unreachable(OperationalError("no such column: x"))
    assert not frame.is_unreachable(ValueError("gone"))


def test_a_page_that_is_not_there_says_so_to_anybody(db: None) -> None:
    answer = Client().get("/nowhere/")

    assert answer.status_code == 404
    assert "Page introuvable" in answer.content.decode()


def test_a_person_without_a_role_lands_on_their_own_page(town: Town) -> None:
    rose = valclair.person("Rose Petit")
    client = Client()
    client.force_login(rose)

    assert client.get("/", follow=True).redirect_chain == [(reverse("me"), 302)]


def test_roles_given_since_are_seen_at_the_next_page(town: Town) -> None:
    rose = valclair.person("Rose Petit")
    client = Client()
    client.force_login(rose)
    assert client.get(reverse("people")).status_code == 403

    Role.objects.create(person=Person.objects.get(pk=rose.pk), kind=RoleKind.ADMINISTRATOR)

    assert client.get(reverse("people")).status_code == 200
