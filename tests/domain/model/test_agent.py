"""Who speaks in a session."""

from datetime import timedelta

from domain.model.agent import AgentContext, AgentType
from tests.support.agent_context import AgentContextTestBuilder
from tests.support.fakes import START


def test_agent_context_starts_with_the_orchestrator_when_nothing_is_said() -> None:
    """Nobody has spoken and nothing was switched."""
    assert AgentContext() == AgentContext(current_agent=AgentType.ORCHESTRATOR, switch_count=0, last_switch_at=None)


def test_agent_context_counts_when_it_is_switched() -> None:
    """A switch names the new agent, its time, and counts; the old context stays what it was."""
    before = AgentContextTestBuilder().with_agent(AgentType.ASK).with_history(2).build()
    at = START + timedelta(hours=1)

    after = before.switched(AgentType.CODER, at)

    assert after == AgentContext(current_agent=AgentType.CODER, switch_count=3, last_switch_at=at)
    assert before.current_agent is AgentType.ASK
    assert before.switch_count == 2
