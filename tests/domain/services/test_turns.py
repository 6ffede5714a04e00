"""The life of a turn, as rules on a draft."""

from datetime import timedelta

import pytest

from domain.model.agent import AgentContext, AgentType
from domain.model.change import CallClosing
from domain.model.draft import Draft
from domain.model.errors import AgentSwitchError, SessionBusy, SessionInactive
from domain.model.events.agent import AgentSwitched, SwitchReason
from domain.model.events.tool import ToolCallCancelled, ToolCallCompleted, ToolCallFailed
from domain.model.events.turn import TurnCancelled, TurnCompleted, TurnFailed, TurnReason, TurnRequested, TurnWaiting
from domain.model.message import CallStatus, Role
from domain.model.session import Turn, TurnError, TurnErrorCode, TurnStatus
from domain.model.value import CallId
from domain.services import turns
from domain.services.deployment import deployment
from domain.services.turns import ERROR_DETAILS, OnBusy
from tests.support.builders import DEPLOYMENT, make_call, make_draft, make_running, make_session, make_waiting
from tests.support.fakes import START


def kinds(draft: Draft) -> list[str]:
    """Return the types of the facts recorded so far."""
    return [event.fact.type_name() for event in draft.commit().events]


@pytest.mark.parametrize("status", [TurnStatus.IDLE, TurnStatus.FAILED])
@pytest.mark.parametrize("on_busy", list(OnBusy))
def test_message_starts_a_turn_when_nothing_is_in_progress(status: TurnStatus, on_busy: OnBusy) -> None:
    """A fresh turn is owed from the message's own commit on, whatever was to happen if it were busy."""
    draft = make_draft(make_running(4, status=status, rounds=7, switches=2, refusals=1))

    message = turns.accept_message(draft, "hello", agent=None, on_busy=on_busy, deployment=DEPLOYMENT)

    assert draft.session.turn == Turn(number=5, status=TurnStatus.RUNNING)
    assert (message.turn, message.role, draft.session.last_turn, draft.session.queued) == (5, Role.USER, 5, 0)
    assert kinds(draft) == ["MessageAdded", "TurnRequested"]
    assert draft.commit().events[-1].fact == TurnRequested(turn=5, reason=TurnReason.MESSAGE)
    assert not draft.commit().breaks_lock


def test_message_waits_in_the_queue_when_a_turn_is_running() -> None:
    """It gets the next turn number, the running turn stays as it is, and its own turn is requested at once."""
    session = make_running(4, queued=2, rounds=3)
    draft = make_draft(session)

    message = turns.accept_message(draft, "hello", agent=None, on_busy=OnBusy.ENQUEUE, deployment=DEPLOYMENT)

    assert draft.session.turn == session.turn
    assert (message.turn, draft.session.queued) == (7, 3)
    assert [event.turn for event in draft.commit().events] == [7, 7]
    assert draft.commit().events[-1].fact == TurnRequested(turn=7, reason=TurnReason.MESSAGE)


@pytest.mark.parametrize(
    "status",
    [
        TurnStatus.RUNNING,
        TurnStatus.WAITING_FOR_TOOLS,
        TurnStatus.WAITING_FOR_APPROVAL,
        TurnStatus.WAITING_FOR_BUDGET,
    ],
)
def test_message_is_rejected_when_a_turn_is_in_progress_and_it_must_not_wait(status: TurnStatus) -> None:
    """`reject` means: only if nothing is in progress, the client's own part included."""
    draft = make_draft(make_running(status=status))

    with pytest.raises(SessionBusy) as raised:
        turns.accept_message(draft, "hello", agent=None, on_busy=OnBusy.REJECT, deployment=DEPLOYMENT)

    assert raised.value.retry_after_seconds == 1
    assert kinds(draft) == []


def test_message_stops_the_turn_when_it_interrupts() -> None:
    """The running turn is cancelled, its worker shut out, and the message's turn is next."""
    draft = make_draft(make_running(4))

    message = turns.accept_message(draft, "stop", agent=None, on_busy=OnBusy.INTERRUPT, deployment=DEPLOYMENT)

    assert kinds(draft) == ["TurnCancelled", "MessageAdded", "TurnRequested"]
    assert draft.commit().events[0].fact == TurnCancelled(turn=4)
    assert draft.commit().breaks_lock
    assert (draft.session.turn.number, draft.session.turn.status, message.turn) == (5, TurnStatus.RUNNING, 5)


def test_message_queues_behind_those_before_it_when_it_interrupts() -> None:
    """Interrupting stops the running turn only; messages that waited come first."""
    draft = make_draft(make_running(4, queued=2))

    message = turns.accept_message(draft, "stop", agent=None, on_busy=OnBusy.INTERRUPT, deployment=DEPLOYMENT)

    assert (draft.session.turn, message.turn) == (Turn(number=5, status=TurnStatus.RUNNING), 7)
    assert draft.session.queued == 2


def test_message_gets_workers_anew_when_it_interrupts_a_turn_that_cost_some() -> None:
    """Workers that were shut out or died over the stopped turn do not count against the next one."""
    draft = make_draft(make_running(4).model_copy(update={"attempts": 3}))

    turns.accept_message(draft, "stop", agent=None, on_busy=OnBusy.INTERRUPT, deployment=DEPLOYMENT)

    assert draft.session.attempts == 0


@pytest.mark.parametrize("on_busy", [OnBusy.ENQUEUE, OnBusy.INTERRUPT])
def test_message_cancels_the_open_calls_when_the_client_was_waited_for(on_busy: OnBusy) -> None:
    """The user moved on: each open call gets its result, in the model's order, and the message's turn starts."""
    draft = make_draft(make_waiting("9-0", "9-2"))

    message = turns.accept_message(draft, "never mind", agent=None, on_busy=on_busy, deployment=DEPLOYMENT)

    commit = draft.commit()
    assert kinds(draft) == [
        *["ToolCallCancelled", "MessageAdded"] * 2,
        "TurnCancelled",
        "MessageAdded",
        "TurnRequested",
    ]
    assert commit.closed == tuple(
        CallClosing(call_id=CallId(call_id), status=CallStatus.CANCELLED) for call_id in ("9-0", "9-2")
    )
    results = [event.message for event in commit.events if event.message and event.message.role is Role.TOOL]
    assert [(result.tool_call_id, result.outcome, result.turn) for result in results] == [
        ("9-0", CallStatus.CANCELLED, 1),
        ("9-2", CallStatus.CANCELLED, 1),
    ]
    assert commit.events[0].fact == ToolCallCancelled(call_id=CallId("9-0"))
    assert draft.session.open_calls == ()
    assert message.turn == 2


def test_message_is_refused_when_the_session_is_inactive() -> None:
    """A deactivated session takes no commands, and nothing is recorded."""
    draft = make_draft(make_session(is_active=False))

    with pytest.raises(SessionInactive):
        turns.accept_message(draft, "hello", agent=None, on_busy=OnBusy.ENQUEUE, deployment=DEPLOYMENT)

    assert kinds(draft) == []


@pytest.mark.parametrize("agent", [AgentType.ARCHITECT, AgentType.CODER])
def test_message_is_refused_when_its_agent_is_not_registered(agent: AgentType) -> None:
    """Only agents of this deployment can be asked for."""
    with pytest.raises(AgentSwitchError):
        turns.accept_message(
            make_draft(), "hello", agent=agent, on_busy=OnBusy.ENQUEUE, deployment=deployment(is_single_agent=True)
        )


def test_message_keeps_the_agent_it_asks_for_when_it_waits() -> None:
    """The wish stands in the message, so that it takes effect in its turn and not before."""
    draft = make_draft(make_running())

    message = turns.accept_message(draft, "hello", agent=AgentType.ASK, on_busy=OnBusy.ENQUEUE, deployment=DEPLOYMENT)

    assert message.agent is AgentType.ASK
    assert draft.session.agent.current_agent is AgentType.CODER


@pytest.mark.parametrize(("given", "taken"), [(None, "Fix the lock"), ("Mine", "Mine")])
def test_message_gives_the_session_its_title_when_it_has_none(given: str | None, taken: str) -> None:
    """The first message names a session that its user did not."""
    draft = make_draft(make_session(title=given), at=START + timedelta(minutes=5))

    turns.accept_message(draft, "Fix\nthe  lock", agent=None, on_busy=OnBusy.ENQUEUE, deployment=DEPLOYMENT)

    assert draft.session.title == taken
    assert draft.session.last_activity_at == START + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("status", "fact"), [(CallStatus.DONE, ToolCallCompleted), (CallStatus.FAILED, ToolCallFailed)]
)
def test_close_call_gives_the_turn_back_when_it_was_the_last(
    status: CallStatus, fact: type[ToolCallCompleted | ToolCallFailed]
) -> None:
    """Its outcome is told, its result is a message, and a turn is owed again."""
    draft = make_draft(make_waiting("9-0", rounds=2, switches=1))

    message = turns.close_call(draft, make_call("9-0"), status, "the result")

    events = draft.commit().events
    assert events[0].fact == fact(call_id=CallId("9-0"), tool="read_file")
    assert (message.content, message.tool_call_id, message.outcome) == ("the result", "9-0", status)
    assert events[-1].fact == TurnRequested(turn=1, reason=TurnReason.CALLS_CLOSED)
    assert draft.session.turn == Turn(number=1, status=TurnStatus.RUNNING, rounds=2, switches=1)


def test_close_call_leaves_the_turn_waiting_when_others_are_open() -> None:
    """The model goes on when all are closed."""
    draft = make_draft(make_waiting("9-0", "9-1"))

    turns.close_call(draft, make_call("9-1"), CallStatus.DONE, "x")

    assert kinds(draft) == ["ToolCallCompleted", "MessageAdded"]
    assert draft.session.turn.status is TurnStatus.WAITING_FOR_TOOLS
    assert draft.session.open_calls == ("9-0",)


def test_wait_names_the_open_calls_when_the_client_must_act() -> None:
    """The fact says what the turn waits for."""
    draft = make_draft(make_running().model_copy(update={"open_calls": (CallId("9-0"), CallId("9-1"))}))

    turns.wait(draft)

    assert draft.commit().events[0].fact == TurnWaiting(
        turn=1, status=TurnStatus.WAITING_FOR_TOOLS, open_calls=(CallId("9-0"), CallId("9-1"))
    )
    assert draft.session.turn.status is TurnStatus.WAITING_FOR_TOOLS


@pytest.mark.parametrize("queued", [0, 2])
def test_complete_starts_the_next_turn_when_messages_wait(queued: int) -> None:
    """With a queue the next turn runs with fresh counters, without one the session is idle."""
    draft = make_draft(make_running(3, queued=queued, rounds=4, switches=1, refusals=2))

    turns.complete(draft, AgentType.ASK)

    assert draft.commit().events[0].fact == TurnCompleted(turn=3, agent=AgentType.ASK, rounds=4)
    turn = draft.session.turn
    assert turn == Turn(number=4, status=TurnStatus.RUNNING) if queued else turn.status is TurnStatus.IDLE
    assert draft.session.queued == max(queued - 1, 0)


@pytest.mark.parametrize("code", list(TurnErrorCode))
def test_fail_keeps_the_reason_when_no_message_waits(code: TurnErrorCode) -> None:
    """The client reads a stable code and a sentence without internals."""
    draft = make_draft(make_running())

    turns.fail(draft, code)

    assert draft.commit().events[0].fact == TurnFailed(turn=1, code=code)
    assert draft.session.turn.status is TurnStatus.FAILED
    assert draft.session.turn.error == TurnError(code=code, detail=ERROR_DETAILS[code])


def test_fail_starts_the_next_turn_when_a_message_waits() -> None:
    """A failed turn does not hold up those behind it."""
    draft = make_draft(make_running(1, queued=1))

    turns.fail(draft, TurnErrorCode.TURN_LIMIT)

    assert draft.session.turn == Turn(number=2, status=TurnStatus.RUNNING)


@pytest.mark.parametrize("reason", list(SwitchReason))
def test_switch_agent_counts_against_the_turn_when_it_did_not_complete(reason: SwitchReason) -> None:
    """Every switch changes who speaks; only completion costs the turn nothing."""
    draft = make_draft(make_running())

    turns.switch_agent(draft, AgentType.ASK, reason, confidence=0.5)

    assert draft.commit().events[0].fact == AgentSwitched(
        from_agent=AgentType.CODER, to_agent=AgentType.ASK, reason=reason, confidence=0.5
    )
    assert draft.session.agent == AgentContext(current_agent=AgentType.ASK, switch_count=1, last_switch_at=START)
    assert draft.session.turn.switches == (0 if reason is SwitchReason.COMPLETED else 1)


def test_switch_agent_does_nothing_when_the_agent_speaks_already() -> None:
    """No fact, no count."""
    draft = make_draft(make_running())

    turns.switch_agent(draft, AgentType.CODER, SwitchReason.USER)

    assert kinds(draft) == []
    assert draft.session.agent.switch_count == 0
