"""`SessionRepository`: the plan that is written with its session and read beside it."""

from collections.abc import Callable

import pytest

from domain.model.draft import Draft
from domain.model.errors import LostFence, LostRace
from domain.model.plan import Plan
from domain.model.session import Session, TurnErrorCode
from domain.model.value import CallId, SessionKey
from domain.services import turns
from domain.services.open_plan import open_plan
from tests.contracts.steps import Steps, holder, says
from tests.support.builders import make_key
from tests.support.plans import make_plan
from tests.support.system import BOB


def plans(plan: Plan) -> Callable[[Draft], None]:
    """Return a decision that takes a user message and leaves the session with `plan`."""

    def decide(draft: Draft) -> None:
        says("hello")(draft)
        draft.change_plan(plan)

    return decide


def store(steps: Steps, key: SessionKey, plan: Plan) -> Session:
    """Store a plan with a fact of its session, and return the session."""
    steps.change(steps.sessions.get(key), plans(plan))
    return steps.sessions.get(key)


def test_plan_is_read_as_committed_when_it_was_stored(steps: Steps) -> None:
    """Whole, and the head says that it is open."""
    plan = make_plan((), ("1",)).approved(steps.clock.now())

    session = store(steps, steps.create(), plan)

    assert steps.sessions.plan(session.key) == plan
    assert (session.plan_id, session.is_plan_open) == (plan.id, True)
    assert steps.sessions.load(session.key).plan == plan


def test_plan_is_none_when_the_session_has_none(steps: Steps) -> None:
    """Nor has a session that does not exist, or another user's of the same id."""
    key = steps.create()
    store(steps, key, make_plan())
    bobs = steps.create(key=make_key("s1", BOB))

    assert steps.sessions.plan(bobs) is None
    assert steps.sessions.load(bobs).plan is None
    assert steps.sessions.plan(make_key("another")) is None


def test_newest_plan_is_read_when_another_took_its_place(steps: Steps) -> None:
    """There is one plan at a time."""
    key = steps.create()
    store(steps, key, make_plan((), ()))
    newest = make_plan((), id="p-20-0", call_id="20-0")

    store(steps, key, newest)

    assert steps.sessions.plan(key) == newest


def test_plan_is_not_loaded_when_it_is_closed(steps: Steps) -> None:
    """What is over costs nothing; who asks for it still gets it."""
    closed = make_plan().cancelled(steps.clock.now())

    session = store(steps, steps.create(), closed)

    assert steps.sessions.load(session.key).plan is None
    assert steps.sessions.plan(session.key) == closed
    assert open_plan(steps.sessions, session) is None
    assert (session.plan_id, session.is_plan_open) == (closed.id, False)


def test_plan_is_loaded_beside_a_call_when_both_exist(steps: Steps) -> None:
    """Whatever else a command needs."""
    key, (first, _) = steps.create_waiting()
    plan = make_plan()
    store(steps, key, plan)

    loaded = steps.sessions.load(key, call_id=CallId(first))

    assert loaded.plan == plan
    assert loaded.call is not None


def test_plan_stays_as_it_was_when_its_commit_loses_the_race(steps: Steps) -> None:
    """It has no condition of its own: the head's protects it."""
    key = steps.create()
    stale = store(steps, key, make_plan())
    steps.say(key, "faster")
    changed = make_plan().approved(steps.clock.now())

    with pytest.raises(LostRace):
        steps.change(stale, plans(changed))

    assert steps.sessions.plan(key) == make_plan()


def test_plan_stays_as_it_was_when_its_commit_lost_its_fence(steps: Steps) -> None:
    """A worker that slept past its lease starts no subtask."""
    key = steps.create_owing()
    plan = make_plan().approved(steps.clock.now())
    steps.change(steps.sessions.get(key), plans(plan))
    asleep = steps.locks.acquire(key, holder("asleep"))
    steps.clock.advance(3)
    steps.locks.acquire(key, holder("awake"))
    draft = steps.draft(asleep.session)
    draft.change_plan(plan.started(2, steps.clock.now()))
    turns.fail(draft, TurnErrorCode.TURN_FAILED)

    with pytest.raises(LostFence):
        steps.sessions.commit(draft.commit(fence=asleep.fence))

    assert steps.sessions.plan(key) == plan


def test_plan_stays_when_a_commit_does_not_change_it(steps: Steps) -> None:
    """A message leaves it alone."""
    key = steps.create()
    plan = make_plan()
    store(steps, key, plan)

    steps.say(key, "hello")

    assert steps.sessions.plan(key) == plan
    assert steps.sessions.get(key).is_plan_open
