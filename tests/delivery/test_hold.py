"""A hold over one account, one directorate or one campaign: what it keeps, what goes on, and what lifting it lets go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from channels.rehearsal.smtp import SmtpServer
from diffusion.approval import decide
from diffusion.audit import Entry
from diffusion.brand.models import Level
from diffusion.delivery import amend, claim, hold, plan, watch
from diffusion.delivery.holding import Hold
from diffusion.delivery.models import HELD, Amendment, Delivery, Lane, Stop
from diffusion.delivery.states import State
from diffusion.errors import NotNow
from diffusion.message.models import Campaign
from diffusion.web import metrics
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


def test_one_lane_stops_and_the_others_go_on(feed, tmp_path):
    relay = SmtpServer(tmp_path, users={"lettre": "juste"})
    relay.start()
    try:
        stopped, going = valclair.delivery(letter(relay)), valclair.delivery(feed)

        hold.hold(by=valclair.paul(), over=Lane.MAIL, reason="relais en panne")
        carry_all()
        assert (state(stopped), state(going)) == (State.HELD, State.PUBLISHED)

        hold.lift(by=valclair.paul(), over=Lane.MAIL)
        carry_all()
    finally:
        relay.stop()

    assert state(stopped) == State.PUBLISHED
    assert list(Entry.objects.filter(verb__in=["hold", "lift"]).values_list("facts__over", flat=True)) == ["mail"] * 2


def test_what_is_planned_for_a_paused_lane_or_comes_back_to_it_is_kept(feed):
    hold.hold(by=None, over=Lane.INTRANET)
    back = valclair.delivery(feed)  # planned, as if it had come back while the hold was being written
    urgent = valclair.delivery(feed, of=valclair.message("Alerte", is_urgent=True))

    carry_all()

    assert (state(back), state(urgent)) == (State.HELD, State.PUBLISHED)


def test_a_withdrawal_in_a_paused_lane_waits(feed):
    out = valclair.delivery(feed)
    carry_all()
    hold.hold(by=None, over=Lane.INTRANET)

    amend.withdraw(out.message, by=valclair.ines(), reason="faux")
    tasks.deliver("intranet")
    assert Amendment.objects.get().code == HELD
    hold.lift(by=None, over=Lane.INTRANET)
    tasks.deliver("intranet")

    assert state(out) == State.WITHDRAWN


def test_a_lane_is_held_once_and_a_hold_is_over_one_thing(feed):
    hold.hold(by=None, over=Lane.MAIL)
    hold.hold(by=None, over=Lane.SOCIAL)

    with pytest.raises(NotNow):
        hold.hold(by=None, over=Lane.MAIL)
    with pytest.raises(IntegrityError), transaction.atomic():
        Hold.objects.create(lane="mail", account=feed)
    assert not Hold.current()


def test_a_lane_that_a_person_paused_is_no_standstill_and_no_alarm(feed):
    row = valclair.delivery(feed, due_in=-3600)
    assert [found.lane for found in watch.stalled()] == ["intranet"]

    Hold.objects.create(lane="intranet")  # nobody serves the lane: the row is not even put on hold

    assert watch.stalled() == []
    assert state(row) == State.PLANNED
    assert 'diffusion_oldest_due_seconds{lane="intranet"} 0\n' in metrics.page()
    assert 'diffusion_lane_paused{lane="intranet"} 1\n' in metrics.page()
    assert 'diffusion_lane_paused{lane="mail"} 0\n' in metrics.page()
