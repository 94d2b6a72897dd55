"""The authority's own policies, on their page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from diffusion.audit import Entry
from diffusion.directory.models import Authority
from tests import valclair

pytestmark = pytest.mark.django_db


@pytest.fixture
def helene(client):
    person = valclair.person("Hélène Duval", "administrator")
    client.force_login(person)
    return person


def given(**changes):
    return {
        "name": "Agglo du Val-Clair", "time_zone": "Europe/Paris", "lead": "1:30:00", "silence": "cancel",
        "retention_days": "90", "hourly_posts": "12", **changes,
    }  # fmt: skip


def test_policies_are_changed_and_journalled(client, helene):
    answer = client.post("/authority/", given())

    authority, kept = Authority.get(), (timedelta(minutes=90), 90, 12)
    assert answer.status_code == 302
    assert (authority.lead, authority.retention_days, authority.hourly_posts) == kept
    entry = Entry.objects.get(verb="set_policy")
    assert (entry.by, entry.facts["lead"]) == (helene, "1:30:00")


def test_a_policy_left_out_is_named_beside_its_field_and_nothing_changes(client, helene):
    left_out = given()
    del left_out["hourly_posts"]

    answer = client.post("/authority/", left_out)

    form = answer.context["form"]
    assert form.errors["hourly_posts"][0] in answer.content.decode()
    assert Authority.get().retention_days == 365


def test_a_zone_that_does_not_exist_is_told_and_nothing_changes(client, helene):
    answer = client.post("/authority/", given(time_zone="Europe/Valclair"))

    assert "Europe/Valclair" in answer.content.decode()
    assert Authority.get().time_zone == "Europe/Paris"


def test_what_is_older_than_its_retention_is_erased_but_for_its_origin(client, helene):
    from diffusion.intake import submit
    from diffusion.intake.models import Submission, Via

    old = submit.submit(
        submit.Handed(title="Vieux", text="Texte.", place="Chez Mme Roux"), directorate=valclair.water(), via=Via.FORM
    )
    Submission.objects.filter(pk=old.pk).update(received_at=old.received_at - timedelta(days=400))

    assert submit.erase_expired() == 1

    old.refresh_from_db()
    assert (old.title, old.text, old.place, old.by) == ("", "", "", None)
    assert old.fingerprint
    assert old.directorate == valclair.water()


def test_only_who_may_approve_stands_in_for_an_approver(client):
    valclair.ines()
    nadia, sophie = valclair.person("Nadia Petit", "approver"), valclair.sophie()
    client.force_login(sophie)

    offered = client.get("/me/").context["absence_form"].fields["deputy"].queryset

    assert list(offered) == [nadia]
