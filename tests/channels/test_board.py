"""The built-in board: nothing leaves, so nothing can be lost or doubled."""

from __future__ import annotations

from datetime import UTC, datetime

from channels.board import Board, Credentials
from channels.contract import Absent, Act, Code, Kind, Media, Prepared, Receipt, Rendition

NEWS = Rendition(
    text="Travaux de nuit sur le pont, du 3 au 5 mars.",
    title="Pont fermé",
    html="<p>Travaux de nuit sur le pont, du 3 au 5 mars.</p>",
    link="https://intranet.example/m/7f3a",
)


def board() -> Board:
    return Board(Credentials(), http=None)  # type: ignore[arg-type]


def test_the_receipt_is_the_key_and_a_repeat_gives_the_same() -> None:
    first = board().publish(NEWS, Prepared(), "01hq3")
    second = board().publish(NEWS, Prepared(), "01hq3")

    assert first == second == Receipt(id="01hq3", url="https://intranet.example/m/7f3a")


def test_doubt_never_needs_a_person() -> None:
    assert board().repeats_harmlessly
    assert isinstance(board().find("01hq3", NEWS, datetime.now(UTC), Prepared()), Absent)
    assert Board.absence == 0


def test_editing_keeps_the_id_and_deleting_twice_is_fine() -> None:
    receipt = board().publish(NEWS, Prepared(), "01hq3")

    assert board().edit(receipt, NEWS, Prepared()).id == "01hq3"
    board().delete(receipt)
    board().delete(receipt)
    assert {Act.EDIT, Act.DELETE} <= Board.can


def test_it_is_internal_unlimited_and_off_the_network() -> None:
    assert Board.kind is Kind.INTRANET
    assert not Board.networked
    assert Board.check(Rendition(text="long " * 50_000)) == ()


def test_a_picture_without_a_description_is_refused_here_too() -> None:
    picture = Media(sha256="0" * 64, media_type="image/png", path="a.png")

    assert [problem.code for problem in Board.check(Rendition(text="x", media=(picture,)))] == [Code.MEDIA_UNDESCRIBED]
