"""Generated entities: nested, absent, Unicode, and as large as the domain lets them be."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from domain.model.agent import AgentContext, AgentType
from domain.model.approval import Approval, ApprovalStatus
from domain.model.change import Call
from domain.model.events import FACTS
from domain.model.events.base import Fact
from domain.model.idempotency import Receipt, ReceiptKey
from domain.model.log import Event
from domain.model.message import CallStatus, Message, Role, ToolCall, Usage
from domain.model.plan import Plan, PlanStatus
from domain.model.policy import RequestType
from domain.model.session import Session, Turn, TurnError, TurnErrorCode, TurnStatus
from domain.model.subtask import Subtask, SubtaskStatus
from domain.model.value import CallId, CorrelationId, EventId, SessionKey, Trace, UserId
from domain.services.turns import ERROR_DETAILS

MAX_SEQ = 10**12 - 1
ID_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

words = st.text(max_size=40)
counts = st.integers(0, 10**12)
seqs = st.integers(1, MAX_SEQ)
agents = st.sampled_from(AgentType)
statuses = st.sampled_from(CallStatus)
call_ids = st.builds(lambda seq, index: CallId(f"{seq}-{index}"), seqs, st.integers(0, 15))
times = st.datetimes(datetime(2020, 1, 1), datetime(2200, 1, 1)).map(  # noqa: DTZ001  # Hypothesis wants bare bounds
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000, tzinfo=UTC)
)
"""UTC with milliseconds, which is what the clock gives."""

keys = st.builds(
    SessionKey,
    user=st.text(ID_CHARACTERS, min_size=43, max_size=43).map(UserId),
    session_id=st.text(ID_CHARACTERS, min_size=1, max_size=64),
)
incarnations = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=12, max_size=12)
traces = st.builds(
    Trace,
    correlation_id=st.text(ID_CHARACTERS, min_size=1, max_size=128).map(CorrelationId),
    causation_id=st.none() | st.builds("{}:{}".format, incarnations, seqs).map(EventId),
)
json_values: SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
json_objects = st.dictionaries(words, json_values, max_size=4)

contexts = st.builds(AgentContext, current_agent=agents, switch_count=counts, last_switch_at=st.none() | times)
errors = st.sampled_from(TurnErrorCode).map(lambda code: TurnError(code=code, detail=ERROR_DETAILS[code]))


def _turns_of(status: TurnStatus) -> SearchStrategy[Turn]:
    return st.builds(
        Turn,
        number=counts,
        status=st.just(status),
        error=errors if status is TurnStatus.FAILED else st.none(),
        rounds=counts,
        switches=counts,
        refusals=counts,
    )


turns = st.sampled_from(TurnStatus).flatmap(_turns_of)


def sessions_of(key: SearchStrategy[SessionKey]) -> SearchStrategy[Session]:
    """Return sessions with keys out of `key`."""
    return st.builds(
        Session,
        key=key,
        incarnation=incarnations,
        created_at=times,
        last_activity_at=times,
        title=st.none() | st.text(min_size=1, max_size=255),
        is_active=st.booleans(),
        turn=turns,
        last_turn=counts,
        agent=contexts,
        message_count=counts,
        last_seq=seqs,
        open_calls=st.lists(call_ids, max_size=16, unique=True).map(tuple),
        awaiting_approval=st.lists(call_ids, max_size=16, unique=True).map(tuple),
        plan_id=st.none() | call_ids.map("p-{}".format),
        is_plan_open=st.booleans(),
        fence=counts,
        attempts=counts,
        has_settings=st.booleans(),
    )


sessions = sessions_of(keys)

tool_calls = st.builds(
    ToolCall,
    call_id=call_ids,
    tool=words,
    arguments=json_objects,
    status=statuses,
    provider_id=st.none() | words,
    is_gated=st.booleans(),
)


def messages_at(at: SearchStrategy[datetime], seq: SearchStrategy[int] = seqs) -> SearchStrategy[Message]:
    """Return messages of a commit at `at`, none of them stored apart."""
    return st.builds(
        Message,
        seq=seq,
        turn=counts,
        role=st.sampled_from(Role),
        content=st.text(max_size=200),
        created_at=at,
        agent=st.none() | agents,
        tool_calls=st.lists(tool_calls, max_size=3).map(tuple),
        tool_call_id=st.none() | call_ids,
        outcome=st.none() | statuses,
        usage=st.none() | st.builds(Usage, input_tokens=counts, output_tokens=counts),
    )


printable = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=128)
receipts = st.builds(
    Receipt,
    name=st.builds(ReceiptKey, route=st.sampled_from(["CreateSession", "AddMessage"]), key=printable),
    fingerprint=st.text("0123456789abcdef", min_size=64, max_size=64),
    noted=json_objects,
    expires_at=times.map(lambda at: at.replace(microsecond=0)),
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Return plans of one to five subtasks, each depending on any earlier ones, wherever they stand."""
    ids = [str(number) for number in range(1, draw(st.integers(1, 5)) + 1)]
    subtasks = tuple(
        draw(
            st.builds(
                Subtask,
                id=st.just(subtask_id),
                title=words,
                description=words,
                agent=agents,
                estimated_time_minutes=counts,
                dependencies=st.lists(st.sampled_from(ids[:place] or ids[:1]), unique=True, max_size=place).map(tuple),
                status=st.sampled_from(SubtaskStatus),
                attempts=counts,
                turn=st.none() | counts,
                result=st.none() | words,
                error=st.none() | words,
            )
        )
        for place, subtask_id in enumerate(ids)
    )
    return draw(
        st.builds(
            Plan,
            id=call_ids.map("p-{}".format),
            call_id=call_ids,
            title=words,
            description=words,
            subtasks=st.just(subtasks),
            created_at=times,
            changed_at=times,
            status=st.sampled_from(PlanStatus),
        )
    )


calls = st.builds(Call, call_id=call_ids, tool=words, turn=counts, status=statuses, edited=st.none() | json_objects)
approvals = st.builds(
    Approval,
    call_id=call_ids,
    request_type=st.sampled_from(RequestType),
    subject=st.text(min_size=1, max_size=100),
    arguments=json_objects,
    reason=st.none() | words,
    status=st.sampled_from(ApprovalStatus),
    created_at=times,
    expires_at=times,
    decided_at=st.none() | times,
    feedback=st.none() | st.text(min_size=1, max_size=100),
    modified_arguments=st.none() | json_objects,
)


def facts_of(kind: type[Fact]) -> SearchStrategy[Fact]:
    """Return facts of one class with every field generated, those with defaults too."""
    return st.builds(kind, **{name: _values(field.annotation) for name, field in kind.model_fields.items()})


def _values(annotation: Any) -> SearchStrategy[Any]:
    if annotation == float | None:
        return st.none() | st.floats(0, 1)
    values: SearchStrategy[Any] = st.from_type(annotation)
    return values


facts = st.sampled_from(sorted(FACTS)).flatmap(lambda name: facts_of(FACTS[name]))


@st.composite
def commits(draw: st.DrawFn) -> tuple[Event, ...]:
    """Return the events of one commit: the same time and trace, numbers without a gap, messages here and there."""
    key, incarnation, at, trace = draw(st.tuples(keys, incarnations, times, traces))
    recorded = draw(st.lists(facts, min_size=1, max_size=4))
    first = draw(st.integers(1, MAX_SEQ - len(recorded)))
    return tuple(
        Event(
            key=key,
            incarnation=incarnation,
            seq=seq,
            turn=draw(counts),
            occurred_at=at,
            trace=trace,
            fact=fact,
            message=draw(st.none() | messages_at(st.just(at), st.just(seq))),
            note=draw(st.none() | words),
        )
        for seq, fact in enumerate(recorded, start=first)
    )
