"""The directory's verbs: each leaves a line in the journal, and none leaves nobody to administer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from diffusion.audit import Entry
from diffusion.directory import people
from diffusion.directory.models import Person, Role, RoleKind, Token
from diffusion.errors import BadInput, NotNow
from diffusion.ids import digest
from tests import valclair

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Person:
    return valclair.person("Nadia Morel", RoleKind.ADMINISTRATOR)


def test_somebody_added_has_no_password_and_is_journalled(admin: Person) -> None:
    made = people.add_person("Karim Benali", by=admin, email=" karim@valclair.example ")

    assert made.email == "karim@valclair.example"
    assert not made.has_usable_password()
    assert Entry.objects.get(verb="add_person").subject_id == made.pk


@pytest.mark.parametrize(
    ("email", "code"),
    [("karim", "address_invalid"), ("", "address_invalid"), ("NADIA@valclair.example", "address_taken")],
)
def test_an_address_that_cannot_be_is_refused(admin: Person, email: str, code: str) -> None:
    with pytest.raises(BadInput) as no:
        people.add_person("Karim", by=admin, email=email)

    assert no.value.code == code


def test_a_role_given_twice_is_one(admin: Person) -> None:
    karim = valclair.person("Karim Benali")

    for _time in range(2):
        people.give_role(karim, by=admin, kind="contributor", directorate=valclair.water())

    assert karim.roles.count() == 1
    assert Entry.objects.filter(verb="give_role").count() == 1


def test_some_roles_are_for_the_whole_authority(admin: Person) -> None:
    role = people.give_role(valclair.person("Karim Benali"), by=admin, kind="ops", directorate=valclair.water())

    assert role.directorate is None


def test_an_unknown_role_is_refused(admin: Person) -> None:
    with pytest.raises(BadInput):
        people.give_role(admin, by=admin, kind="king")


def test_the_last_administrator_stays(admin: Person) -> None:
    with pytest.raises(NotNow, match="last administrator"):
        people.take_role(admin.roles.get(), by=admin)
    with pytest.raises(NotNow, match="last administrator"):
        people.deactivate(admin, by=admin)

    assert admin.has_role("administrator")


def test_with_a_second_administrator_the_first_may_go(admin: Person) -> None:
    valclair.person("Rose Petit", RoleKind.ADMINISTRATOR)

    people.take_role(admin.roles.get(), by=admin)

    assert not Role.objects.filter(person=admin).exists()


def test_a_closed_account_leaves_no_way_in(admin: Person) -> None:
    karim = valclair.person("Karim Benali", RoleKind.OPS)
    link = people.make_link(karim)
    Token.objects.create(person=karim, name="script", secret_hash=digest("x"))

    people.deactivate(karim, by=admin)

    assert people.open_link(link) is None
    assert Token.find("x") is None
    assert not Person.objects.get(pk=karim.pk).has_role("ops")


def test_an_absence_names_its_deputy(admin: Person) -> None:
    sophie, now = valclair.sophie(), timezone.now()

    people.set_absence(sophie, by=admin, starts_at=now, ends_at=now + timedelta(days=1), deputy=admin)

    assert sophie.stand_in(now) == admin
    assert sophie.stand_in(now + timedelta(days=2)) is None


def test_an_absence_must_make_sense(admin: Person) -> None:
    now = timezone.now()

    with pytest.raises(BadInput, match="ends before it starts"):
        people.set_absence(admin, by=admin, starts_at=now, ends_at=now)
    with pytest.raises(BadInput, match="stands in for themselves"):
        people.set_absence(admin, by=admin, starts_at=now, ends_at=now + timedelta(days=1), deputy=admin)


def test_a_directorates_name_is_its_own(admin: Person) -> None:
    people.add_directorate("Voirie et mobilités", by=admin)

    with pytest.raises(BadInput):
        people.add_directorate("voirie et Mobilités", by=admin)


def test_a_start_gives_the_way_in_until_an_administrator_came_in(db: None) -> None:
    made = people.first_administrator()
    again = people.first_administrator()
    before = people.is_administered()

    Person.objects.filter(pk=made.pk).update(last_login=timezone.now())

    assert again == made
    assert (before, people.is_administered()) == (False, True)
