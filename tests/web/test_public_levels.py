"""A message's public page shows what went out to the public, and nothing else, whoever looks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from diffusion.brand.models import Level
from diffusion.delivery.models import Amendment, Delivery, Receipt
from diffusion.directory.models import RoleKind
from diffusion.message.models import Message, Revision
from tests import valclair
from tests.web import town as things
from tests.web.test_public import corrected
from tests.web.town import Town

SignIn = Callable[[str], Client]


def test_what_was_approved_and_never_went_out_is_no_words_before(town: Town, client: Client) -> None:
    row = things.published("public")
    never = Revision.objects.create(message=row.message, number=2, title="Parue", body="Le maire démissionne.")
    row.message.approvals.create(revision=never, decision="approved", decided_at=timezone.now())
    corrected(row, valclair.CUT.replace("12 h 30", "17 h"), number=3)

    page = client.get(reverse("public_message", args=[row.message.public_id]))

    assert "démissionne" not in page.content.decode()
    (correction,) = page.context["corrections"]
    assert "12" in [piece.text for group in correction.changes for piece in group if piece.how == "gone"]


VIEWERS = ["nobody", *RoleKind.values]


def _everywhere(message: Message, *levels: str) -> None:
    """Live at each of these levels, each with words of its own."""
    for level in levels:
        at = valclair.delivery(valclair.board(level), of=message)
        receipt = Receipt.objects.create(delivery=at, proof=Receipt.Proof.PUBLISHED, remote_id="1")
        Delivery.objects.filter(pk=at.pk).update(state="published", receipt=receipt, intent_at=timezone.now())
        Amendment.objects.create(
            delivery=at,
            act="edit",
            was=message.revision,
            revision=message.revision,
            done_at=timezone.now(),
            due_at=None,
        )
    for level in ("internal", "partners"):
        message.current.additions.create(level=level, body=f"Seulement {level}.")


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize("levels", [("internal",), ("partners",), ("internal", "partners"), tuple(Level.values)])
def test_the_publics_page_is_the_publics_whoever_looks(
    town: Town, sign_in: SignIn, levels: tuple[str, ...], viewer: str
) -> None:
    message = valclair.message()
    _everywhere(message, *levels)
    browser = Client() if viewer == "nobody" else sign_in(viewer)

    answer = browser.get(reverse("public_message", args=[message.public_id]))

    led = viewer != "nobody" and "internal" in levels
    assert answer.status_code == (200 if "public" in levels else 302 if led else 404)
    assert "Seulement" not in answer.content.decode()
    if answer.status_code == 302:
        assert answer["Location"].startswith("/board/")


@pytest.mark.parametrize("viewer", VIEWERS)
def test_what_is_for_partners_stands_on_no_board(town: Town, sign_in: SignIn, viewer: str) -> None:
    row = things.published("partners")
    browser = Client() if viewer == "nobody" else sign_in(viewer)

    assert browser.get(reverse("board_article", args=[row.public_id])).status_code in (302, 404)
    if viewer != "nobody":
        assert row.public_id not in browser.get(reverse("board")).content.decode()
