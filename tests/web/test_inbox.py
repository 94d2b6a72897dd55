"""The desk and the contributor's two pages: hand in, sort, follow."""

from __future__ import annotations

import io
from collections.abc import Callable

from django.test import Client
from django.urls import reverse
from PIL import Image

from diffusion.delivery.models import Delivery
from diffusion.intake.models import Submission, Via
from diffusion.intake.submit import Handed, submit
from diffusion.message.models import Message
from tests import valclair
from tests.web.town import Town, published

SignIn = Callable[[str], Client]


def _picture(name: str = "photo.png") -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (20, 10), "navy").save(out, "PNG")
    out.seek(0)
    out.name = name
    return out


def _typed(**more: object) -> dict[str, object]:
    water = valclair.water().public_id
    return {
        "title": "Fuite",
        "text": "Avenue de la Gare, de 9 h à 12 h.",
        "directorate": water,
        "level": "public",
        **more,
    }


def _handed(title: str = "Fuite avenue de la Gare", text: str = "De 9 h à 12 h.") -> Submission:
    return submit(Handed(title=title, text=text), directorate=valclair.water(), via=Via.FORM)


def test_what_is_handed_in_is_followed(sign_in: SignIn) -> None:
    browser = sign_in("contributor")

    answer = browser.post(reverse("propose"), _typed(), follow=True)

    assert answer.redirect_chain[-1][0] == reverse("submissions")
    assert "Attend la communication" in answer.content.decode()
    assert Submission.objects.get().by.email.startswith("contributor")


def test_french_is_read_as_french_whatever_language_the_pages_speak(town: Town, sign_in: SignIn) -> None:
    town.people["contributor"].language = "en"
    town.people["contributor"].save()
    words = _typed(title="Patinoire", text="La patinoire ouvre mardi 2 décembre 2026, de 10 h à 20 h, place du Marché.")
    browser = sign_in("contributor")

    read = browser.post(reverse("propose_read"), words).content.decode()
    browser.post(reverse("propose"), words)

    assert "2 décembre 2026" in read  # a Wednesday
    assert Submission.objects.get().language == "fr"


def test_an_error_stands_at_its_field_and_nothing_typed_is_lost(sign_in: SignIn) -> None:
    typed = _typed(title="", picture=_picture())

    answer = sign_in("contributor").post(reverse("propose"), typed)

    form = answer.context["form"]
    assert set(form.errors) == {"title", "description"}
    assert form["text"].value() == "Avenue de la Gare, de 9 h à 12 h."
    assert f'value="{form.asset.public_id}"' in answer.content.decode()


def test_the_kept_picture_comes_along_with_the_next_try(sign_in: SignIn) -> None:
    browser = sign_in("contributor")
    kept = browser.post(reverse("propose"), _typed(picture=_picture())).context["form"].asset

    browser.post(reverse("propose"), _typed(kept=kept.public_id, description="Une rue inondée"))

    assert Submission.objects.get().media[0]["asset"] == kept.public_id
    kept.refresh_from_db()
    assert kept.description == "Une rue inondée"


def test_a_file_that_is_no_picture_is_refused_with_its_reason(sign_in: SignIn) -> None:
    svg = io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    svg.name = "a.svg"

    answer = sign_in("contributor").post(reverse("propose"), _typed(picture=svg))

    assert "SVG" in answer.content.decode()
    assert not Submission.objects.exists()


def test_the_desk_makes_a_message_with_its_versions(town: Town, sign_in: SignIn) -> None:
    row = _handed()

    answer = sign_in("communicator").post(reverse("submission_draft", args=[row.public_id]))

    message = Message.objects.get(submissions=row)
    assert answer["Location"] == reverse("message", args=[message.public_id])
    assert message.revision.versions.get().account == town.account


def test_the_desk_says_that_the_brake_asks(town: Town, sign_in: SignIn) -> None:
    row = valclair.delivery(town.account, of=valclair.message("Deux fois"))
    Delivery.objects.filter(pk=row.pk).update(stop="brake", due_at=None)

    page = sign_in("communicator").get(reverse("desk")).content.decode()

    assert "Freinée" in page
    assert "L’heure est passée" not in page


def test_making_the_message_twice_makes_one(sign_in: SignIn) -> None:
    row, browser = _handed(), sign_in("communicator")

    for _ in range(2):
        browser.post(reverse("submission_draft", args=[row.public_id]))

    assert row.messages.count() == 1


def test_declining_needs_a_reason_that_the_sender_reads_and_can_be_undone(sign_in: SignIn) -> None:
    row, browser = _handed(), sign_in("communicator")
    address = reverse("submission_decline", args=[row.public_id])

    refused = browser.post(address, {"reason": " "})
    desk = browser.post(address, {"reason": "Déjà annoncé."}, follow=True)
    seen = sign_in("contributor").get(reverse("submissions")).content.decode()
    browser.post(reverse("submission_take_back", args=[row.public_id]))

    assert refused.context["form"].errors
    assert reverse("submission_take_back", args=[row.public_id]) in desk.content.decode()
    assert "Déjà annoncé." in seen
    row.refresh_from_db()
    assert row.declined_at is None


def test_a_contributor_sees_where_it_was_published(sign_in: SignIn) -> None:
    row, out = _handed(), published("internal")
    out.message.submissions.add(row)

    page = sign_in("contributor").get(reverse("submissions")).content.decode()

    assert out.account.name in page


def test_hostile_text_is_shown_as_text(sign_in: SignIn) -> None:
    _handed("<script>alert(1)</script>", '<img src=x onerror="alert(1)"> \u202e')

    page = sign_in("communicator").get(reverse("desk")).content.decode()

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;" in page


def test_a_communicator_of_another_directorate_sees_nothing_of_it(town: Town) -> None:
    row = _handed()
    other = valclair.person("Rose Ailleurs", "communicator", directorate=valclair.human_resources())
    browser = Client()
    browser.force_login(other)

    assert "Fuite" not in browser.get(reverse("desk")).content.decode()
    assert browser.post(reverse("submission_draft", args=[row.public_id])).status_code == 404
