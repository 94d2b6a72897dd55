"""A hold over one account, one directorate or one campaign: what it keeps, what goes on, and what lifting it lets go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from channels.rehearsal.smtp import SmtpServer
from diffusion.approval import decide
from diffusion.brand.models import Level
from diffusion.delivery import amend, claim, hold, plan
from diffusion.delivery.holding import Hold
from diffusion.delivery.models import HELD, Amendment, Delivery, Stop
from diffusion.delivery.states import State
from diffusion.errors import NotNow
from diffusion.message.models import Campaign
from tests import valclair
from tests.going_out import carry_all, letter
from workers import tasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def feed():
    return valclair.account("feed")


@pytest.fixture
def board():
    return valclair.account("board", level="public", name="Écran de l’accueil")


def state(row):
    row.refresh_from_db()
    return row.state


def test_one_account_stops_and_the_others_go_on(feed, board):
    stopped, going = valclair.delivery(feed), valclair.delivery(board)

    hold.hold(by=valclair.paul(), over=feed, reason="mot de passe volé")
    carry_all()

    assert (state(stopped), state(going)) == (State.HELD, State.PUBLISHED)

    hold.lift(by=valclair.paul(), over=feed)
    carry_all()

    assert state(stopped) == State.PUBLISHED


def test_one_directorate_stops_and_the_others_go_on():
    agents = valclair.board()
    water = valclair.message(directorate=valclair.water())
    people = valclair.message("Horaires de la paie", directorate=valclair.human_resources())
    stopped, going = valclair.delivery(agents, of=water), valclair.delivery(agents, of=people)

    hold.hold(by=None, over=valclair.water())
    carry_all()

    assert (state(stopped), state(going)) == (State.HELD, State.PUBLISHED)


def test_one_campaign_stops_and_the_others_go_on(feed):
    summer = Campaign.objects.create(name="Été")
    stopped = valclair.delivery(feed, of=valclair.message(campaign=summer))
    going = valclair.delivery(feed, of=valclair.message("Autre chose"))

    hold.hold(by=None, over=summer)
    carry_all()

    assert (state(stopped), state(going)) == (State.HELD, State.PUBLISHED)


def test_what_comes_under_it_later_is_kept_too(feed):
    hold.hold(by=None, over=feed)
    back = valclair.delivery(feed)  # planned, as if it had come back while the hold was being written

    carry_all()

    assert state(back) == State.HELD


def test_a_letter_that_comes_under_it_later_is_kept_too(tmp_path):
    relay = SmtpServer(tmp_path)
    relay.start()
    account = letter(relay)
    relay.stop()  # nobody is asked
    hold.hold(by=None, over=account)
    back = valclair.delivery(account)

    carry_all()

    assert state(back) == State.HELD


def test_two_holds_over_one_delivery_are_lifted_twice(feed):
    row = valclair.delivery(feed)
    hold.hold(by=None, over=feed)
    hold.hold(by=None, over=row.message.directorate)

    hold.lift(by=None, over=feed)
    assert state(row) == State.HELD

    hold.lift(by=None, over=row.message.directorate)
    assert state(row) == State.PLANNED


def test_lifting_the_one_over_everything_leaves_what_another_keeps(feed, board):
    kept, free = valclair.delivery(feed), valclair.delivery(board)
    hold.hold(by=None, over=feed)
    hold.hold(by=None)

    hold.lift(by=None)

    assert (state(kept), state(free)) == (State.HELD, State.PLANNED)


def test_the_same_thing_is_held_once(feed):
    hold.hold(by=None, over=feed)
    with pytest.raises(NotNow):
        hold.hold(by=None, over=feed)
    hold.hold(by=None)  # everything is another thing

    hold.lift(by=None, over=feed)
    with pytest.raises(NotNow):
        hold.lift(by=None, over=feed)


def test_the_database_refuses_a_hold_over_two_things(feed):
    with pytest.raises(IntegrityError), transaction.atomic():
        Hold.objects.create(account=feed, directorate=valclair.water())


def test_a_correction_waits_without_being_claimed_again_and_again(feed):
    row = valclair.delivery(feed)
    carry_all()
    row.refresh_from_db()
    hold.hold(by=None, over=feed)
    amendment = Amendment.objects.create(delivery=row, act=Amendment.Act.DELETE, lane=row.lane)

    carry_all()
    amendment.refresh_from_db()
    assert (amendment.done_at, amendment.due_at, amendment.code) == (None, None, HELD)
    assert not claim.claim_amendments(row.lane).ids

    hold.lift(by=None, over=feed)
    for pk in (lease := claim.claim_amendments(row.lane)).ids:
        amend.carry(pk, lease)
    assert state(row) == State.WITHDRAWN


def test_lifting_can_move_what_came_due_to_another_hour(feed):
    wide, inside = valclair.message(levels=[Level.PUBLIC]), valclair.account("board", level="internal")
    outside, internal = valclair.delivery(feed, of=wide, due_in=-60), valclair.delivery(inside, of=wide, due_in=-120)
    later = valclair.delivery(feed, of=valclair.message("Plus tard"), due_in=3600)
    unmoved = later.planned_at
    hold.hold(by=None)
    at = timezone.now() + timedelta(hours=12)

    hold.lift(by=valclair.paul(), overdue="move", at=at)

    for row in (outside, internal, later):
        row.refresh_from_db()
    assert (outside.planned_at, outside.due_at, outside.state) == (at, at, State.PLANNED)
    assert timezone.now() < internal.due_at < at
    assert later.planned_at == unmoved


def test_dropping_the_agents_version_drops_what_waited_for_it_elsewhere(feed):
    """The hold is over the agents' place alone; the public's was never held, and never had its gate opened."""
    wide, inside = valclair.message(), valclair.account("board", level="internal")
    valclair.delivery(inside, of=wide, due_in=-60)
    outside = valclair.delivery(feed, of=wide, stop=Stop.GATE, due_at=None)
    hold.hold(by=None, over=inside)

    hold.lift(by=valclair.paul(), over=inside, overdue="drop")
    plan.sweep()

    assert state(outside) == State.CANCELLED


def test_waiting_counts_only_what_is_under_this_hold(feed, board):
    valclair.delivery(feed)
    valclair.delivery(board)

    held = hold.hold(by=None, over=feed)

    assert hold.waiting(held) == 1


def test_planning_under_a_hold_says_so_on_the_row(feed, board):
    message = valclair.message()
    for account in (feed, board):
        valclair.version(message, account)
    decide.approve(decide.ask(message, by=valclair.ines(), of=valclair.sophie()), by=valclair.sophie())
    hold.hold(by=None, over=feed)

    plan.plan(message, by=None)

    assert {d.account_id: d.state for d in Delivery.objects.filter(message=message)} == {
        feed.pk: State.HELD,
        board.pk: State.PLANNED,
    }


def test_what_was_put_on_hold_while_the_hold_was_being_lifted_goes_on_by_itself(feed):
    """A worker saw the hold; before it wrote so on its rows, somebody lifted it."""
    row, late = valclair.delivery(feed), valclair.delivery(feed, due_in=-60)
    amendment = Amendment.objects.create(delivery=row, act=Amendment.Act.EDIT, lane=row.lane, due_at=None, code=HELD)
    Delivery.objects.update(state=State.HELD)

    tasks.keep_house("housekeeping")

    assert {state(row), state(late)} == {State.PLANNED}
    assert late.due_at == late.planned_at
    amendment.refresh_from_db()
    assert amendment.due_at


def test_what_a_hold_keeps_is_left_to_it(feed):
    row = valclair.delivery(feed)
    amendment = Amendment.objects.create(delivery=row, act=Amendment.Act.EDIT, lane=row.lane, due_at=None, code=HELD)
    hold.hold(by=None, over=feed)

    tasks.keep_house("housekeeping")

    assert state(row) == State.HELD
    amendment.refresh_from_db()
    assert amendment.due_at is None
