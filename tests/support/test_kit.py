"""The kit keeps its word: entities that could be stored, sessions that stand where they are said to stand."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.model.agent import AgentContext, AgentType
from domain.model.approval import ApprovalStatus
from domain.model.message import CallStatus
from domain.model.plan import PlanStatus
from domain.model.session import TurnStatus
from domain.model.subtask import SubtaskStatus
from domain.model.value import Value
from tests.support.agent_context import AgentContextTestBuilder
from tests.support.builders import (
    SessionTestHelper,
    calls,
    completes,
    memory_store,
    reads,
    text,
    wants,
)
from tests.support.deciding import approvals_of
from tests.support.invariants import check_session
from tests.support.plans import plan_of
from tests.support.scenario import ScenarioBuilder
from tests.support.system import System, memory_system

ENTITIES = (
    "idle_session",
    "message",
    "event",
    "tool_call",
    "call",
    "approval",
    "plan",
    "subtask",
    "agent_context",
    "custom_tool",
    "policy_rule",
    "session_settings",
    "lease",
    "receipt",
)
COMMAND = wants("execute_command", command="make test")


def call_statuses(system: System, scenario: ScenarioBuilder) -> list[CallStatus]:
    """Return the status of every call of a session, in order."""
    return [call.status for message in system.messages(scenario.key) for call in message.tool_calls]


@pytest.mark.parametrize("name", ENTITIES)
def test_entity_is_a_valid_one_when_a_test_asks_for_it(name: str, request: pytest.FixtureRequest) -> None:
    """Checked again from its own fields, it is the same; nobody can change the one that others were given."""
    entity: Value = request.getfixturevalue(name)
    fields = {field: getattr(entity, field) for field in type(entity).model_fields}

    again = type(entity)(**{type(entity).model_fields[field].alias or field: fields[field] for field in fields})

    assert again == entity
    with pytest.raises(Exception, match="frozen"):
        setattr(entity, next(iter(fields)), None)


def test_session_waits_for_a_person_when_created_so() -> None:
    """One approval for each call asked for, all pending, in their order."""
    system = memory_system()

    key, approvals = SessionTestHelper.create_session_waiting_for_approval(
        system, COMMAND, wants("delete_file", path="a.py")
    )

    found = approvals_of(system, key)
    assert system.session(key).turn.status is TurnStatus.WAITING_FOR_APPROVAL
    assert tuple(approval.id for approval in found) == approvals
    assert [approval.subject for approval in found] == ["execute_command", "delete_file"]
    assert {approval.status for approval in found} == {ApprovalStatus.PENDING}


@pytest.mark.parametrize("running", [1, 2, 3])
def test_plan_stands_at_a_subtask_when_created_so(running: int) -> None:
    """Those before it are done, it waits for the client, those behind it have not begun."""
    system = memory_system()

    key = SessionTestHelper.create_session_with_plan(system, (), (0,), (0, 1), running=running)

    plan = plan_of(system, key)
    states = [SubtaskStatus.DONE] * (running - 1) + [SubtaskStatus.RUNNING] + [SubtaskStatus.PENDING] * (3 - running)
    assert plan.status is PlanStatus.IN_PROGRESS
    assert [subtask.status for subtask in plan.subtasks] == states
    assert system.session(key).turn.status is TurnStatus.WAITING_FOR_TOOLS
    check_session(memory_store(system), key)


def test_plan_is_undecided_when_created_so() -> None:
    """A draft, and a person who is asked."""
    system = memory_system()

    key = SessionTestHelper.create_session_with_plan(system, running=None)

    assert plan_of(system, key).status is PlanStatus.DRAFT
    assert system.session(key).turn.status is TurnStatus.WAITING_FOR_APPROVAL


@pytest.mark.parametrize(
    ("decide", "status"),
    [
        (ScenarioBuilder.approves, CallStatus.DONE),
        (lambda scenario: scenario.edits(modified_arguments={"command": "ls"}), CallStatus.DONE),
        (lambda scenario: scenario.rejects("No."), CallStatus.REJECTED),
        (ScenarioBuilder.keeps_silent, CallStatus.EXPIRED),
        (lambda scenario: scenario.says("Something else."), CallStatus.CANCELLED),
    ],
    ids=["approves", "edits", "rejects", "keeps silent", "moves on"],
)
def test_scenario_ends_well_whatever_the_person_does(decide: Any, status: CallStatus) -> None:
    """Two calls beside each other, one of which a person has to allow; the session is whole at the end."""
    scenario = ScenarioBuilder().says("Test it.").hears(calls(*reads("a.py"), COMMAND)).gives("x = 1")

    decide(scenario)
    results = ["ok"] if scenario.open_calls else []
    scenario.gives(*results).hears(completes())

    assert call_statuses(scenario.system, scenario)[:2] == [CallStatus.DONE, status]
    assert scenario.system.session(scenario.key).turn.status is TurnStatus.IDLE
    check_session(memory_store(scenario.system), scenario.key)


def test_scenario_stops_when_a_step_is_not_possible() -> None:
    """A scenario that does not happen is no scenario: more results than calls that may have one."""
    scenario = ScenarioBuilder().says().hears(calls(COMMAND))

    with pytest.raises(ValueError, match="zip"):
        scenario.gives("too early")


def test_answers_are_given_when_messages_shall_be_answered() -> None:
    """Question and answer by turns."""
    system = memory_system()

    key = SessionTestHelper.create_session_with_messages(system, "one", "two", is_answered=True)

    assert [message.content for message in system.messages(key)] == ["one", "Re: one", "two", "Re: two"]


@given(st.sampled_from(AgentType), st.integers(0, 9))
def test_agent_context_is_as_described_when_it_is_built(agent: AgentType, switches: int) -> None:
    """The agent and the number of switches that were asked for; a time exactly when there was a switch."""
    context: AgentContext = AgentContextTestBuilder().with_agent(agent).with_history(switches).build()

    assert (context.current_agent, context.switch_count) == (agent, switches)
    assert (context.last_switch_at is None) == (switches == 0)


def test_words_of_a_model_are_plain_when_nothing_else_is_said() -> None:
    """An answer in words has no calls, one with calls no words."""
    assert (text().text, text().calls) == ("An answer.", ())
    assert (calls(COMMAND).text, calls(COMMAND).calls) == ("", (COMMAND,))
