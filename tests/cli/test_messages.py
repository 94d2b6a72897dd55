"""Handing a file in, and what became of it."""

from __future__ import annotations

import io
import json
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as pace
from hypothesis import strategies as st
from PIL import Image

from diffusion.cli import handed
from diffusion.intake import submit as intake
from diffusion.intake.models import Submission
from diffusion.media import Asset
from diffusion.message.write import draft_from
from tests import valclair
from tests.cli.terminal import said, say, told

CUT = """---
title: Coupure d’eau rue des Tilleuls
directorate: eau
level: partners
starts: 2026-06-17T08:30
place: Rue des Tilleuls
---
L’eau sera coupée **mercredi 17 juin 2026**.
"""


def markdown(folder: Path, text: str | bytes) -> str:
    path = folder / "news.md"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "blue").save(out, "PNG")
    return out.getvalue()


def letter(folder: Path, text: str = "L’eau sera coupée.", **more: str) -> str:
    mail = EmailMessage()
    headers = {
        "From": "Marc Leroy <marc@valclair.example>",
        "To": "propose@valclair.example",
        "Subject": "Coupure d’eau",
    }
    for name, value in {**headers, "Message-ID": "<1@valclair.example>", **more}.items():
        mail[name] = value
    mail.set_content(text)
    mail.add_attachment(picture(), maintype="image", subtype="png", filename="plan.png")
    path = folder / "news.eml"
    path.write_bytes(mail.as_bytes())
    return str(path)


@pytest.mark.django_db
def test_a_file_with_a_head_is_a_submission(tmp_path: Path) -> None:
    valclair.water()

    key = said("submit", markdown(tmp_path, CUT)).strip()

    kept = Submission.objects.get(public_id=key)
    assert (kept.title, kept.level, kept.via) == ("Coupure d’eau rue des Tilleuls", "partners", "file")
    assert kept.text == "L’eau sera coupée **mercredi 17 juin 2026**."
    assert (kept.starts, kept.place) == ("2026-06-17T08:30:00+02:00", "Rue des Tilleuls")


@pytest.mark.django_db
def test_the_same_file_twice_has_one_id(tmp_path: Path) -> None:
    valclair.water()
    path = markdown(tmp_path, CUT)

    assert said("submit", path) == said("submit", path)
    assert Submission.objects.count() == 1


@pytest.mark.django_db
def test_a_mail_is_a_submission_of_its_senders_directorate(tmp_path: Path) -> None:
    marc = valclair.marc()

    key = said("submit", letter(tmp_path)).strip()

    kept = Submission.objects.get(public_id=key)
    assert (kept.title, kept.text, kept.via, kept.by) == ("Coupure d’eau", "L’eau sera coupée.", "mail", marc)
    assert [row["asset"] for row in kept.media] == [Asset.objects.get().public_id]


@pytest.mark.django_db
def test_a_mail_that_changed_is_the_next_version(tmp_path: Path) -> None:
    valclair.marc()
    said("submit", letter(tmp_path))

    said("submit", letter(tmp_path, "L’eau sera coupée jeudi."))

    assert list(Submission.objects.order_by("version").values_list("version", flat=True)) == [1, 2]


@pytest.mark.django_db
def test_standard_input_is_known_by_its_beginning(tmp_path: Path) -> None:
    valclair.marc()

    said("submit", "-", given=CUT)
    said("submit", "-", given=Path(letter(tmp_path)).read_bytes())

    assert set(Submission.objects.values_list("via", flat=True)) == {"file", "mail"}


@pytest.mark.django_db
def test_a_stranger_must_say_which_directorate(tmp_path: Path) -> None:
    valclair.water()
    path = letter(tmp_path, From="x@elsewhere.example")

    result = say("submit", path)

    assert result.exit_code == 1
    assert "There are: eau." in result.stderr
    assert said("submit", path, "--directorate", "Eau")


@pytest.mark.django_db
def test_a_picture_that_is_none_is_told_and_the_rest_kept(tmp_path: Path) -> None:
    valclair.marc()
    path = Path(letter(tmp_path))
    mail = path.read_bytes().replace(b"iVBORw0KGgo", b"AAAAAAAAAAA")
    path.write_bytes(mail)

    result = say("submit", str(path))

    assert result.exit_code == 0
    assert "A picture was not taken" in result.stderr
    assert Submission.objects.get().media == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "told_so"),
    [
        ("no head", "A title is missing."),
        ("---\ntitel: x\n---\n", "did you mean title?"),
        ("---\ntitle: x\nsecret: y\n---\n", "The head knows no “secret”."),
        ("---\ntitle: [a]\n---\n", "“title” must be plain text."),
        ("---\ntitle: x\n\t- y\n---\n", "Line 3: the head is not YAML"),
        ("---\n- a\n---\n", "Line 1: the head is not YAML"),
        ("---\ntitle: x\nlevel: all\n---\n", "There is no “all” for level."),
        ("---\ntitle: x\nstarts: 2026-02-30\n---\n", "Line 1: the head is not YAML"),
        ("---\ntitle: x\ndirectorate: eau\nstarts: demain\n---\n", "“demain” is not a date."),
        ("---\ntitle: x\ndirectorate: eau\nurl: javascript:alert(1)\n---\n", "not a whole address"),
        (b"---\ntitle: x\n---\n\n\xff", "Line 5: byte 0xff is not UTF-8."),
        ("---\ntitle: x\n---\n" + "a" * 100_001, "the limit is 100000"),
        ("---\ntitle: &a [*a]\n---\n", "must be plain text"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(tmp_path: Path, text: str | bytes, told_so: str) -> None:
    valclair.water()

    result = say("submit", markdown(tmp_path, text))

    assert result.exit_code == 1
    assert told_so in result.stderr
    assert not Submission.objects.exists()


@pytest.mark.django_db
def test_hidden_characters_do_not_come_in(tmp_path: Path) -> None:
    valclair.water()

    said("submit", markdown(tmp_path, "---\ntitle: Coupure\u202e\ndirectorate: eau\n---\nDe l’eau\u200b\x00."))

    kept = Submission.objects.get()
    assert (kept.title, kept.text) == ("Coupure", "De l’eau.")


@pace(max_examples=200, deadline=None)
@given(
    st.binary(max_size=400) | st.text(max_size=200).map(lambda text: f"---\n{text}\n---\n".encode("utf-8", "replace"))
)
def test_whatever_a_file_holds_is_read_or_told(data: bytes) -> None:
    for name in ("a.md", "a.eml", "-"):
        try:
            assert handed.read(data, name).handed.title
        except handed.Unreadable as fault:
            assert fault.code


@pytest.mark.django_db
def test_a_submissions_id_shows_what_became_of_it(tmp_path: Path) -> None:
    valclair.water()
    key = said("submit", markdown(tmp_path, CUT)).strip()
    submission = Submission.objects.get()
    assert "On the communicators’ desk." in said("message", "show", key)

    made = draft_from([submission], by=valclair.ines())
    valclair.delivery(valclair.board(), of=made, due_in=3600)

    whole = told("message", "show", key)
    assert (whole["message"], whole["stage"]) == (made.public_id, "planned")
    assert whole["deliveries"][0]["state"] == "planned"
    assert "planned" in said("message", "show", made.public_id)


@pytest.mark.django_db
def test_a_declined_submission_says_why(tmp_path: Path) -> None:
    valclair.water()
    key = said("submit", markdown(tmp_path, CUT)).strip()
    intake.decline(Submission.objects.get(), by=valclair.ines(), reason="Déjà dit.")

    assert "Declined: Déjà dit." in said("message", "show", key)
    assert told("message", "show", key)["decline_reason"] == "Déjà dit."


@pytest.mark.django_db
def test_an_id_that_is_none_is_exit_status_1() -> None:
    for given_id in ("nothere12345", "\x00", "é"):
        assert say("message", "show", given_id).exit_code == 1
    assert json.loads(say("delivery", "list", "--json").stdout) == []


@pytest.mark.django_db
def test_a_message_joins_a_campaign_whose_deliveries_are_listed_and_held_by_its_name() -> None:
    row = valclair.delivery(valclair.board(), due_in=3600)
    valclair.delivery(valclair.board(), of=valclair.message("Autre"), due_in=3600)
    id_ = row.message.public_id

    said("message", "campaign", id_, "Été 2026", "--by", valclair.ines().email)
    listed = told("delivery", "list", "--campaign", "Été 2026")
    said("hold", "on", "--campaign", "Été 2026")
    held = told("delivery", "list", "--campaign", "Été 2026")

    assert told("message", "show", id_)["campaign"] == "Été 2026"
    assert [each["delivery"] for each in listed] == [row.public_id]
    assert [each["state"] for each in held] == ["held"]
    said("message", "campaign", id_, "--none")
    assert told("message", "show", id_)["campaign"] is None
    assert [say("message", "campaign", id_, *words).exit_code for words in ((), ("Été", "--none"))] == [2, 2]
