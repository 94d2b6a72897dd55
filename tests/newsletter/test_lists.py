"""A list: opened once, addresses taken in line by line, an erratum's readers, a file for the administration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from channels.rehearsal.smtp import SmtpServer
from diffusion.delivery.models import Delivery
from diffusion.delivery.states import State
from diffusion.errors import BadInput
from diffusion.newsletter import lists, subscribe
from diffusion.newsletter.models import Consent, List, Subscriber
from tests import going_out, valclair

pytestmark = pytest.mark.django_db


def account(level: str = "public") -> valclair.Account:
    return valclair.account("smtp", level=level, host="127.0.0.1", sender="lettre@valclair.example", security="none")


def letter(level: str = "public") -> List:
    return lists.open_list(account(level), by=valclair.ines())


def taken(into: List, pasted: str, **more: bool) -> lists.Taken:
    return lists.take_in(into, pasted, by=valclair.ines(), origin="agent", **more)


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[SmtpServer]:
    server = SmtpServer(tmp_path, users={"lettre": "juste"})
    server.start()
    yield server
    server.stop()


def test_a_list_is_opened_once_and_to_the_public_only_where_it_is_read_by_the_public() -> None:
    place = account()

    first, again = lists.open_list(place, by=valclair.ines()), lists.open_list(place, by=None, name="Autre")

    assert first == again
    assert (first.name, first.is_open) == (place.name, True)
    assert not letter("internal").is_open


def test_only_a_letters_account_gets_a_list() -> None:
    assert lists.open_where_due(valclair.board(), by=None) is None
    assert lists.open_where_due(account(), by=None) is not None


def test_an_account_without_a_list_sends_to_nobody_and_never_loops(relay: SmtpServer) -> None:
    place = valclair.account(
        "smtp", host=relay.host, port=relay.port, security="none", sender="lettre@valclair.example"
    )
    delivery = valclair.delivery(place)

    going_out.carry_all()

    delivery.refresh_from_db()
    assert delivery.state == State.PUBLISHED
    assert delivery.edition.list == place.list
    assert delivery.edition.lines.count() == 0


def test_each_address_is_checked_and_bad_ones_are_told_by_line() -> None:
    into = letter()
    Subscriber.objects.create(email="Bruno@lecteurs.example")

    told = taken(
        into, "amina@lecteurs.example\nChloé Roy <chloe@lecteurs.example>\n\ndupond@\nbruno@LECTEURS.example, x\n"
    )

    assert (told.added, told.known) == (3, 0)
    assert told.bad == (lists.Bad(4, "dupond@"), lists.Bad(5, "x"))
    assert subscribe.readers(into).count() == 3
    assert Subscriber.objects.count() == 3
    assert set(Consent.objects.values_list("origin", flat=True)) == {"agent"}


def test_the_same_address_twice_is_one_reader() -> None:
    into = letter()
    taken(into, "amina@lecteurs.example")

    told = taken(into, "Amina@lecteurs.example; amina@lecteurs.example")

    assert (told.added, told.known) == (0, 1)
    assert subscribe.readers(into).count() == 1


def test_who_left_comes_back_by_their_own_wish_only() -> None:
    into = letter()
    taken(into, "amina@lecteurs.example")
    subscribe.leave(into, Subscriber.objects.get())

    told = taken(into, "amina@lecteurs.example")
    assert told.left == ("amina@lecteurs.example",)
    assert not subscribe.readers(into).exists()

    assert taken(into, "amina@lecteurs.example", again=True).added == 1
    assert subscribe.readers(into).exists()


def test_a_consent_that_was_asked_for_by_mail_is_given_by_another_way() -> None:
    into = letter()
    subscribe.subscribe(into, email="amina@lecteurs.example")

    assert taken(into, "amina@lecteurs.example").added == 1
    assert subscribe.readers(into).exists()


def test_more_lines_than_can_be_taken_are_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "LINES_MOST", 2)

    with pytest.raises(BadInput):
        taken(letter(), "a@b.example\nc@d.example\ne@f.example")

    assert not Subscriber.objects.exists()


def test_a_thousand_addresses_cost_few_queries(django_assert_max_num_queries: object) -> None:
    into = letter()

    with django_assert_max_num_queries(40):  # type: ignore[operator]
        told = taken(into, "\n".join(f"p{n}@lecteurs.example" for n in range(1000)))

    assert told.added == 1000


def test_a_consent_keeps_the_words_that_were_agreed_to() -> None:
    into = letter()
    lists.change_list(into, by=valclair.ines(), name="La lettre", description="", consent_text="Oui.", is_open=True)
    taken(into, "amina@lecteurs.example")

    lists.change_list(into, by=valclair.ines(), name="La lettre", description="", consent_text="Autre.", is_open=False)

    assert Consent.objects.get().text == "Oui."
    with pytest.raises(BadInput):
        lists.change_list(into, by=valclair.ines(), name=" ", description="", consent_text="", is_open=True)


def test_the_file_gives_no_formula_to_a_spreadsheet() -> None:
    into = letter()
    taken(into, "=cmd@lecteurs.example\namina@lecteurs.example")

    rows = lists.export(into, by=valclair.ines())

    assert sorted(row[0] for row in rows) == ["'=cmd@lecteurs.example", "amina@lecteurs.example"]


def test_an_erratum_goes_to_those_who_got_what_it_corrects(relay: SmtpServer) -> None:
    place = going_out.letter(relay)
    first = valclair.delivery(place)
    going_out.carry_all()
    taken(place.list, "nouvelle@lecteurs.example")

    second = Delivery.objects.create(
        message=first.message, revision=first.revision, account=place, level="public", lane="mail", body=first.body,
        digest=first.digest, planned_at=timezone.now(), due_at=timezone.now(), occurrence="erratum-1",
    )  # fmt: skip
    going_out.carry_all()

    second.refresh_from_db()
    assert second.state == State.PUBLISHED
    assert [line.subscriber.email for line in second.edition.lines.all()] == ["a@b.example"]
