"""Plans under everything that clients, models, queues and crashes can do, in any order."""

from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from domain.model.agent import AgentType
from domain.model.draft import Draft
from domain.model.errors import PlanState
from domain.model.events.plan import PlanCompleted, PlanCreated, PlanFailed, SubtaskCompleted, SubtaskStarted
from domain.model.plan import Plan, PlanStatus
from domain.model.session import TurnStatus
from domain.model.subtask import SubtaskStatus
from domain.model.value import CallId
from domain.services import plans, turns
from tests.domain.test_session_machine import SessionMachine
from tests.support import invariants
from tests.support.plans import decide, make_plan_arguments, step

SHAPES = st.sampled_from([((),), ((), (0,)), ((), (), (0, 1)), ((), (0,), (0,), (1, 2))])


class PlanMachine(SessionMachine):
    """The machine of sessions, with a plan that is proposed, decided upon and worked off between everything else."""

    @property
    def plan(self) -> Plan | None:
        """The newest plan."""
        return self.cloud.store.plans.get(self.key)

    @rule(shape=SHAPES, is_approved=st.sampled_from([True, True, True, False]))
    def propose(self, shape: tuple[tuple[int, ...], ...], *, is_approved: bool) -> None:
        """A plan is drafted unless one goes on, and mostly approved."""

        def proposed(draft: Draft) -> None:
            if plans.refusal(draft):
                return
            plans.propose(draft, CallId(f"{draft.session.last_seq}-0"), make_plan_arguments(*shape))
            if is_approved:
                plans.approve(draft)

        step(self.cloud.system, self.key, proposed)
        self.cloud.relay()

    @precondition(lambda self: self.plan)
    @rule(action=st.sampled_from(["retry", "retry", "skip", "skip 2", "cancel"]))
    def decide(self, action: str) -> None:
        """The user retries, skips or cancels, where that can be done."""
        before = self.cloud.store.heads[self.key]
        verb, _, subtask_id = action.partition(" ")
        try:
            decide(self.cloud.system, self.key, verb, subtask_id=subtask_id or None)
        except PlanState:
            assert self.cloud.store.heads[self.key] == before
        self.cloud.relay()

    @rule()
    def stop(self) -> None:
        """The user stops everything."""
        step(self.cloud.system, self.key, turns.cancel_all)
        assert self.cloud.store.heads[self.key].turn.status in invariants.OVER
        assert self.plan is None or not self.plan.is_going_on

    @precondition(lambda self: self.cloud.store.heads[self.key].turn.status is TurnStatus.RUNNING)
    @rule()
    def ask(self) -> None:
        """The turn ends with a question to the user, whatever its worker was about to say."""

        def asked(draft: Draft) -> None:
            draft.break_lock()
            turns.complete(draft, AgentType.CODER, is_question=True)

        step(self.cloud.system, self.key, asked)
        self.cloud.relay()

    @invariant()
    def plan_agrees_with_its_session(self) -> None:
        """What the head says of the plan is so, and a plan that can go on does, or a turn before it does."""
        session, plan = self.cloud.store.heads[self.key], self.plan
        assert session.plan_id == (plan.id if plan else None)
        assert session.is_plan_open == bool(plan and plan.is_open)
        if plan is None:
            return
        is_at_rest = session.turn.status in invariants.OVER
        assert not (is_at_rest and plan.next_subtask)
        running = plan.running
        if running and running.turn is not None:
            assert session.turn.number <= running.turn <= session.last_turn
            assert not is_at_rest or running.turn > session.turn.number
        if plan.is_going_on and is_at_rest:
            assert running is not None
            assert running.turn is None

    @invariant()
    def subtasks_are_done_once(self) -> None:
        """No turn starts two subtasks, none is completed twice, and the facts tell where the newest plan stands."""
        facts = [event.fact for event in self.cloud.store.events[self.key]]
        started = Counter(
            event.turn for event in self.cloud.store.events[self.key] if isinstance(event.fact, SubtaskStarted)
        )
        assert set(started.values()) <= {1}
        completed = Counter((fact.plan_id, fact.subtask_id) for fact in facts if isinstance(fact, SubtaskCompleted))
        assert set(completed.values()) <= {1}
        plan = self.plan
        if plan:
            assert sum(isinstance(fact, PlanCreated) and fact.plan_id == plan.id for fact in facts) == 1
            done = {subtask.id for subtask in plan.subtasks if subtask.status is SubtaskStatus.DONE}
            assert {subtask_id for plan_id, subtask_id in completed if plan_id == plan.id} == done
            ends = [fact for fact in facts if isinstance(fact, (PlanCompleted, PlanFailed)) and fact.plan_id == plan.id]
            assert any(isinstance(end, PlanCompleted) for end in ends) == (plan.status is PlanStatus.COMPLETED)
            assert ends or plan.status is not PlanStatus.FAILED

    def teardown(self) -> None:
        """When nothing is owed any more, the plan waits for the user or is over."""
        super().teardown()
        self.plan_agrees_with_its_session()
        self.subtasks_are_done_once()


TestPlanMachine = PlanMachine.TestCase
TestPlanMachine.settings = settings(max_examples=200, stateful_step_count=50)
