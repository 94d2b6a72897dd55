"""Several threads ask at the same moment: one writes for all, and nothing that befalls one of them befalls another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest

from diffusion.company import Company

WAIT_S = 10


class Writing:
    """Notes each transaction. The first one of all waits until it may, so that others come meanwhile."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.begun, self.may = threading.Event(), threading.Event()
        self.fault: Callable[[Sequence[int]], BaseException | None] = lambda _: None

    def __call__(self, asked: Sequence[int]) -> list[str | Exception]:
        self.groups.append(list(asked))
        self.begun.set()
        assert self.may.wait(WAIT_S)
        if fault := self.fault(asked):
            raise fault
        return [LookupError(number) if number == 404 else f"kept {number}" for number in asked]


class Asker(threading.Thread):
    def __init__(self, company: Company[int, str], number: int) -> None:
        super().__init__(daemon=True)
        self.company, self.number = company, number
        self.answer: str | BaseException = "never told"
        self.start()

    def run(self) -> None:
        try:
            self.answer = self.company.do(self.number)
        except BaseException as fault:
            self.answer = fault


def ask(writing: Writing, *numbers: int) -> list[str | BaseException]:
    """The first asks alone; the others come while it writes."""
    company = Company(writing)
    first = Asker(company, numbers[0])
    assert writing.begun.wait(WAIT_S)
    others = []
    for count, number in enumerate(numbers[1:], 1):
        others.append(Asker(company, number))
        while len(company._waiting) < count:
            pass
    writing.may.set()
    for asker in (first, *others):
        asker.join(WAIT_S)
    return [asker.answer for asker in (first, *others)]


def test_who_comes_while_one_writes_is_written_for_by_the_next():
    writing = Writing()

    assert ask(writing, 1, 2, 3, 4) == ["kept 1", "kept 2", "kept 3", "kept 4"]

    assert writing.groups == [[1], [2, 3, 4]]


def test_alone_nobody_waits_for_company():
    writing = Writing()
    writing.may.set()
    company = Company(writing)

    assert [company.do(1), company.do(2)] == ["kept 1", "kept 2"]

    assert writing.groups == [[1], [2]]


def test_an_answer_may_be_a_no_to_one_alone():
    one, two, three = ask(Writing(), 1, 404, 3)

    assert (one, three) == ("kept 1", "kept 3")
    assert isinstance(two, LookupError)


def test_what_fails_in_company_is_done_by_each_alone():
    writing = Writing()
    writing.fault = lambda asked: OSError("13 can't be written") if 13 in asked else None

    one, two, bad, four = ask(writing, 1, 2, 13, 4)

    assert (one, two, four) == ("kept 1", "kept 2", "kept 4")
    assert isinstance(bad, OSError)
    assert sorted(writing.groups[2:]) == [[2], [4], [13]]


@pytest.mark.parametrize("end", [SystemExit, KeyboardInterrupt])
def test_who_ends_while_writing_for_others_leaves_nobody_waiting(end):
    writing = Writing()
    writing.fault = lambda asked: end() if len(asked) > 1 else None

    one, two, three = ask(writing, 1, 2, 3)

    assert (one, three) == ("kept 1", "kept 3")
    assert isinstance(two, end)


def test_all_that_many_ask_for_is_answered_once():
    seen: list[int] = []

    def together(asked: Sequence[int]) -> list[int | Exception]:
        seen.extend(asked)
        return list(asked)

    company: Company[int, int] = Company(together)
    answers: dict[int, int] = {}

    def run(of: int) -> None:
        for number in range(of, 4000, 20):
            answers[number] = company.do(number)

    threads = [threading.Thread(target=run, args=(of,), daemon=True) for of in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S * 3)

    assert answers == {number: number for number in range(4000)}
    assert sorted(seen) == list(range(4000))
