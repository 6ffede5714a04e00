"""Plans under everything that people, clients, models, queues and crashes can do, in any order."""

from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from domain.model.agent import AgentType
from domain.model.errors import PlanNotFound, PlanState, SessionInactive
from domain.model.plan import CLOSED, Plan, PlanStatus
from tests.domain.test_session_machine import SessionMachine
from tests.support.builders import completes, routes_to, text, unavailable
from tests.support.exploring import explore
from tests.support.machinery import MOST_WORKERS, RARELY
from tests.support.plans import decide
from tests.support.sayings import ASKS, PLANS

REACHED = {
    *(f"the plan was {status.value}" for status in PlanStatus),
    *("PlanCreated", "PlanApproved", "PlanRejected", "PlanRevisionRequested", "PlanCompleted", "PlanFailed"),
    *("PlanCancelled", "SubtaskStarted", "SubtaskCompleted", "SubtaskFailed", "SubtaskRetried", "SubtaskSkipped"),
    *(f"plan {status}" for status in ("approved", "edited", "rejected", "expired", "cancelled")),
    "subtask waited for an answer",
}
DECISIONS = ["approve", "approve", "approve", "approve", "edit", "reject", "be late", None]
WORK = st.lists(
    st.tuples(
        st.sampled_from([completes(), completes(), text(), ASKS, ASKS, ASKS, unavailable()]),
        st.just(routes_to("coder")),
        st.none(),
    ),
    min_size=1,
    max_size=3,
)


class PlanMachine(SessionMachine):
    """The machine of sessions, with users who mostly plan and see their plans through."""

    first_agents: ClassVar[tuple[AgentType, ...]] = (AgentType.ARCHITECT, AgentType.ARCHITECT, AgentType.ORCHESTRATOR)

    @property
    def plan(self) -> Plan | None:
        """The newest plan."""
        return self.cloud.store.plans.get(self.key)

    @precondition(lambda self: not self.head.open_calls)
    @rule(proposal=st.sampled_from(PLANS), decision=st.sampled_from(DECISIONS), is_followed=RARELY, rounds=WORK)
    def propose(self, proposal: object, decision: str | None, rounds: list[object], *, is_followed: bool) -> None:
        """The architect is asked for a plan and proposes one, if nothing stands in the way; mostly it is liked.

        The user may have said something else meanwhile, whose queue message has done its duty when the plan waits.
        """
        self._say("enqueue", AgentType.ARCHITECT)
        if is_followed:
            self._say("enqueue", None)
        answers = [(proposal, routes_to("architect"), None)]
        while self.cloud.due and len(self.cloud.running) < MOST_WORKERS:
            self.deliver(-1, answers, is_short=False)
            answers = []
        if decision == "be late" and self.head.awaiting_approval:
            self.be_late("message")
        elif decision and self.head.awaiting_approval:
            self.answer(0, decision)
        if self.plan and self.plan.running and self.cloud.due:
            self.work(rounds)

    @precondition(lambda self: self.plan and self.plan.status is PlanStatus.FAILED)
    @rule()
    def retry(self) -> None:
        """What failed is tried again."""
        self.decide_plan("retry")

    @precondition(lambda self: self.plan and self.plan.running and self.cloud.due)
    @rule(rounds=WORK)
    def work(self, rounds: list[object]) -> None:
        """A subtask is worked on, completed, asked about, or failed."""
        if len(self.cloud.running) < MOST_WORKERS:
            self.deliver(-1, rounds, is_short=False)

    @rule(action=st.sampled_from(["retry", "skip", "skip 2", "skip 3", "cancel"]))
    def decide_plan(self, action: str) -> None:
        """The user retries, skips or cancels, where that can be done."""
        verb, _, subtask_id = action.partition(" ")
        before, plan = self.head, self.plan
        try:
            decide(self.cloud.system, self.key, verb, subtask_id=subtask_id or None)
        except PlanNotFound:
            assert plan is None
        except SessionInactive:
            assert not before.is_active
        except PlanState:
            assert plan
            assert verb != "cancel" or plan.status in CLOSED
            assert verb != "retry" or plan.status is not PlanStatus.FAILED
        else:
            assert before.is_active
            self.cloud.relay()
            return
        assert self.head == before

    @invariant()
    def plan_is_noted(self) -> None:
        """Remember what plans came to."""
        if self.plan:
            self.reached[f"the plan was {self.plan.status.value}"] += 1
            running = self.plan.running
            self.reached["subtask waited for an answer"] += running is not None and running.turn is None


def test_plan_stays_consistent_when_anything_happens_in_any_order() -> None:
    """Every invariant holds after every step, and plans really come to every end."""
    explore(PlanMachine, REACHED, examples=250)
