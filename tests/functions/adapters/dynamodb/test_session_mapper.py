"""Sessions survive their head, and an update of it touches what differs and nothing else."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pynamodb.expressions.operand import Path, Value
from pynamodb.expressions.update import Action, SetAction

from domain.model.agent import AgentContext, AgentType
from domain.model.session import Session
from functions.adapters.dynamodb.models import HeadItem
from functions.adapters.dynamodb.session_mapper import AgentContextMapper, SessionMapper
from tests.functions.adapters.dynamodb.strategies import contexts, keys, sessions, sessions_of
from tests.support.builders import make_session

MAPPER = SessionMapper()
FENCE = HeadItem.lock_fence.attr_name
ATTEMPTS = HeadItem.attempts.attr_name
LOCK = {HeadItem.lock_holder.attr_name, HeadItem.lock_cover.attr_name, HeadItem.lock_until_ms.attr_name}

pairs = keys.flatmap(lambda key: st.tuples(sessions_of(st.just(key)), sessions_of(st.just(key))))
"""Two states of one session."""


def stored(session: Session) -> dict[str, Any]:
    """The head as DynamoDB keeps it."""
    return MAPPER.to_model(session).serialize()


def name_of(action: Action) -> str:
    """Name of the attribute that an update writes."""
    path = action.values[0]
    assert isinstance(path, Path)
    return str(path.path[0])


def applied(item: dict[str, Any], actions: list[Action]) -> dict[str, Any]:
    """The item after an update."""
    after = dict(item)
    for action in actions:
        if isinstance(action, SetAction):
            value = action.values[1]
            assert isinstance(value, Value)
            after[name_of(action)] = value.value
        else:
            del after[name_of(action)]
    return after


@given(sessions)
def test_session_comes_back_the_same_when_stored(session: Session) -> None:
    """A head holds everything that a session is."""
    head = HeadItem.from_raw_data(stored(session))

    assert MAPPER.to_entity(head) == session


@given(sessions)
def test_head_says_nothing_of_a_lock_when_a_session_is_stored(session: Session) -> None:
    """Holder, cover and end of the lock are written by the lock manager alone."""
    attributes = stored(session).keys()

    assert not attributes & LOCK


@given(sessions, st.text("holder", min_size=1), st.integers(1))
def test_session_is_the_same_when_its_head_is_locked(session: Session, holder: str, until_ms: int) -> None:
    """Who holds the lock is no part of the session."""
    locked = stored(session) | {"lh": {"S": holder}, "lc": {"S": holder}, "lu": {"N": str(until_ms)}}

    assert MAPPER.to_entity(HeadItem.from_raw_data(locked)) == session


@given(contexts)
def test_agent_context_comes_back_the_same_when_mapped(context: AgentContext) -> None:
    """The head's attributes of the context hold all of it, the absent time of a switch included."""
    mapper = AgentContextMapper()

    assert mapper.to_entity(mapper.to_model(context)) == context


def test_agent_context_is_read_when_the_time_of_the_switch_is_absent() -> None:
    """DynamoDB does not keep what is None."""
    attributes = {"current_agent": "coder", "switch_count": 0}

    assert AgentContextMapper().to_entity(attributes) == AgentContext(current_agent=AgentType.CODER)


@given(pairs)
def test_changes_make_one_head_into_the_other_when_applied(pair: tuple[Session, Session]) -> None:
    """Only the fence, which is added to and never set, stays as it was."""
    before, after = pair

    changed = applied(stored(before), MAPPER.changes(before, after))

    assert changed == stored(after) | {FENCE: stored(before)[FENCE]}


@given(pairs)
def test_changes_touch_only_what_differs_when_anything_does(pair: tuple[Session, Session]) -> None:
    """No attribute is written that is the same before and after, and never the fence, a key or the lock.

    Only takings of the lock, which others count meanwhile, are set whenever the turn is another or stands otherwise.
    """
    before, after = (stored(session) for session in pair)
    differing = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}

    names = {name_of(action) for action in MAPPER.changes(*pair)}

    is_other_turn = bool(differing & {HeadItem.turn_number.attr_name, HeadItem.turn_status.attr_name})
    assert names == differing - {FENCE} | ({ATTEMPTS} if is_other_turn else set())
    assert not names & ({"PK", "SK", "k", FENCE} | LOCK)


def test_changes_are_none_when_only_the_fence_differs() -> None:
    """A worker's own fence, higher than what a client has read, is not written back."""
    session = make_session(fence=3)

    assert MAPPER.changes(session, session.model_copy(update={"fence": 4})) == []
