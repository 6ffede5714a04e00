"""Asking which agent speaks, and how it came to."""

from typing import Any

import pytest

from domain.model.agent import AgentType
from domain.model.errors import SessionNotFound
from domain.model.value import SessionKey
from domain.queries import get_agent_context
from domain.queries.get_agent_context import AgentContextDTO, AgentSwitchDTO, GetAgentContextQuery
from tests.support.builders import SessionTestHelper, fake_clock, hands_to, make_key, routes_to, text
from tests.support.fakes import START
from tests.support.system import BOB, TRACE, System, memory_system


def context(system: System, key: SessionKey, **fields: Any) -> AgentContextDTO:
    """Ask which agent speaks."""
    query = GetAgentContextQuery(user=key.user, session_id=key.session_id, trace=TRACE, **fields)
    answer: AgentContextDTO = system.registry.execute(query)
    return answer


def test_context_is_the_assigned_agent_when_nobody_switched() -> None:
    """No switch, no time of one, and no history unless asked for."""
    system = memory_system()
    key = system.create()

    assert context(system, key) == AgentContextDTO(
        session_id="s1", current_agent=AgentType.ORCHESTRATOR, switch_count=0
    )
    assert context(system, key, include_history=True).history == ()


def test_history_tells_every_switch_oldest_first_when_asked_for() -> None:
    """In somebody's own words where there are any, else by the word for who decided."""
    system = memory_system(routes_to("coder", confidence=0.9), hands_to("ask"), text())
    key = SessionTestHelper.create_session_with_messages(system, agent=AgentType.ORCHESTRATOR)
    system.work(key)
    fake_clock(system).advance(60)
    system.switch(key, AgentType.CODER, reason="Back to work.", confidence=1)
    system.switch(key, AgentType.ORCHESTRATOR)

    told = context(system, key, include_history=True)

    assert told.history is not None
    assert [(switch.from_agent, switch.to_agent, switch.reason, switch.confidence) for switch in told.history] == [
        (AgentType.ORCHESTRATOR, AgentType.CODER, "routed", 0.9),
        (AgentType.CODER, AgentType.ASK, "Better suited.", None),
        (AgentType.ASK, AgentType.CODER, "Back to work.", 1.0),
        (AgentType.CODER, AgentType.ORCHESTRATOR, "user", None),
    ]
    assert isinstance(told.history[0], AgentSwitchDTO)
    assert (told.switch_count, told.history[0].at, told.history[-1].at) == (4, START, told.last_switch_at)


def test_history_is_whole_when_the_log_is_longer_than_a_page() -> None:
    """Pages are followed to the end."""
    system = memory_system()
    key = system.create()
    agents = [(AgentType.ASK, AgentType.CODER)[number % 2] for number in range(get_agent_context.PAGE + 5)]
    for agent in agents:
        system.switch(key, agent)

    told = context(system, key, include_history=True)

    assert told.history is not None
    assert [switch.to_agent for switch in told.history] == agents


@pytest.mark.parametrize("key", [make_key("missing"), make_key("s1", BOB)], ids=["missing", "of somebody else"])
def test_context_is_refused_when_there_is_no_such_session(key: SessionKey) -> None:
    """A session of somebody else does not exist."""
    system = memory_system()
    system.create()

    with pytest.raises(SessionNotFound):
        context(system, key)
