"""What a charter could learn from what people undo and rewrite."""

from __future__ import annotations

import json

import pytest

from diffusion.brand import adopt
from diffusion.message import write
from diffusion.message.learn import Lesson, lessons
from diffusion.message.models import Message, Revision
from tests import valclair
from tests.cli.terminal import said, say

pytestmark = pytest.mark.django_db


def rewritten(before: str, after: str, *, refused: tuple[tuple[str, str], ...] = ()) -> Message:
    """A message whose body a communicator rewrote once."""
    message = valclair.message()
    for body, undone in ((before, ()), (after, refused)):
        words = write.Words(title=message.current.title, body=body, refused=undone)
        message = write.revise(message, words, by=valclair.sophie(), based_on=message.current.number).message
    return message


def learnt() -> list[Lesson]:
    return lessons(Revision.objects.order_by("message_id", "number"))


def test_words_put_in_others_place_in_three_messages_are_proposed() -> None:
    for street in ("Tilleuls", "Lilas", "Roses"):
        rewritten(f"Le véhicule de collecte passe rue des {street}.", f"Le camion passe rue des {street}.")

    assert learnt() == [Lesson(3, "véhicule de collecte", say="camion")]


def test_twice_is_not_enough_and_figures_teach_nothing() -> None:
    for hour in ("8", "9"):
        rewritten(f"Le véhicule de collecte passe à {hour} h.", f"Le camion passe à {hour} h.")
    for hour in ("10", "11", "12"):
        rewritten(f"Ouvert à {hour} h.", "Ouvert à 14 h.")

    assert learnt() == []


def test_what_the_charter_proposed_and_a_person_took_is_no_lesson() -> None:
    brand = valclair.brand()
    adopt.adopt(brand, "name: Eau\nvocabulary:\n  - {say: camion, not: [véhicule de collecte]}\n", by=None)
    for street in ("Tilleuls", "Lilas", "Roses"):
        rewritten(f"Le véhicule de collecte passe rue des {street}.", f"Le camion passe rue des {street}.")

    assert learnt() == []


def test_a_change_that_is_undone_again_and_again_is_proposed_to_be_done_without() -> None:
    for street in ("Tilleuls", "Lilas", "Roses"):
        rewritten(f"L'eau, rue des {street} !", f"L'eau, rue des {street} !", refused=(("fr.narrow-before", " "),))

    assert [(lesson.rule, lesson.messages, lesson.say) for lesson in learnt()] == [("fr.narrow-before", 3, "")]


def test_the_command_proposes_lines_for_the_charter_and_changes_nothing() -> None:
    for street in ("Tilleuls", "Lilas", "Roses"):
        message = rewritten(f"Le véhicule de collecte passe rue des {street}.", f"Le camion passe rue des {street}.")
    kept = message.brand.charters.count()

    text = said("charter", "learn", message.brand.slug)
    rows = json.loads(said("charter", "learn", message.brand.slug, "--json"))

    assert "vocabulary:\n  - {say: 'camion', not: ['véhicule de collecte']}  # 3" in text
    assert rows == [{"messages": 3, "before": "véhicule de collecte", "say": "camion", "rule": ""}]
    assert message.brand.charters.count() == kept
    assert say("charter", "learn", "nobody").exit_code != 0
