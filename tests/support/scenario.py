"""Builds long lives of sessions, step after step, each through the handler that does it in the cloud."""

from typing import Any

from domain.model.agent import AgentType
from domain.model.approval import ApprovalStatus, approval_id_of
from domain.model.llm import ModelAnswer
from domain.model.value import CallId, SessionKey
from tests.support.builders import fake_clock, scripted_model
from tests.support.deciding import approvals_of, decide_approval, deliver_expiry
from tests.support.system import System, memory_system


class ScenarioBuilder:
    """Lives a session: `ScenarioBuilder().says("Fix it.").hears(calls(*reads("a.py"))).gives("x = 1").key`.

    Every step returns the builder. A step that the service refuses raises what the service raises.

    Args:
        system: With a scripted model; a new one in memory unless given.
        agent: Who speaks at first.
        fields: Of `CreateSessionCommand`.

    Attributes:
        system: Where the session lives.
        key: The session.
    """

    def __init__(self, system: System | None = None, *, agent: AgentType = AgentType.CODER, **fields: Any) -> None:
        self.system = system or memory_system()
        self.key: SessionKey = self.system.create(agent=agent, **fields)

    @property
    def open_calls(self) -> tuple[CallId, ...]:
        """Calls that wait for the client or a person, in the model's order."""
        return self.system.session(self.key).open_calls

    def says(self, content: str = "hello", **fields: Any) -> "ScenarioBuilder":
        """Let the user say something."""
        self.system.say(self.key, content, **fields)
        return self

    def hears(self, *answers: ModelAnswer | Exception) -> "ScenarioBuilder":
        """Let a worker do all that is owed, for which the model gives these answers."""
        scripted_model(self.system).answers += answers
        self.system.work(self.key)
        return self

    def gives(self, *results: Any) -> "ScenarioBuilder":
        """Let the client give these results, to the open calls that need nobody's leave, in the model's order."""
        awaiting = self.system.session(self.key).awaiting_approval
        ready = [call_id for call_id in self.open_calls if call_id not in awaiting]
        for call_id, result in zip(ready[: len(results)], results, strict=True):
            self.system.give(self.key, call_id, result=result)
        return self

    def approves(self) -> "ScenarioBuilder":
        """Let the user approve the oldest call, or the plan, that waits for it."""
        return self._decides("approve")

    def edits(self, **decision: Any) -> "ScenarioBuilder":
        """Let the user edit it: `modified_arguments` of a call, `feedback` on a plan."""
        return self._decides("edit", **decision)

    def rejects(self, feedback: str | None = None) -> "ScenarioBuilder":
        """Let the user reject it."""
        return self._decides("reject", feedback=feedback)

    def keeps_silent(self) -> "ScenarioBuilder":
        """Let time decide: it passes until what waits has expired, each at its second."""
        clock = fake_clock(self.system)
        for approval in approvals_of(self.system, self.key, status=ApprovalStatus.PENDING):
            clock.advance(max(0.0, (approval.expires_at - clock.now()).total_seconds()))
            deliver_expiry(self.system, self.key, approval.id)
        return self

    def _decides(self, decision: str, **fields: Any) -> "ScenarioBuilder":
        oldest = self.system.session(self.key).awaiting_approval[0]
        decide_approval(self.system, self.key, approval_id_of(oldest), decision, **fields)
        return self
