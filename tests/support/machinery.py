"""Sessions and the machinery behind them: queues that deliver at least once, workers that sleep and die, time."""

from collections import Counter
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from domain.model.agent import AgentType
from domain.model.approval import ApprovalStatus
from domain.model.change import Commit
from domain.model.errors import SessionAlreadyExists
from domain.model.llm import ModelAnswer, ModelRequest
from domain.model.lock import COVER_SECONDS
from domain.model.message import CallStatus
from domain.model.session import Session
from domain.model.value import CallId
from domain.services.orchestration import MAX_ATTEMPTS
from tests.support import invariants
from tests.support.approval_invariants import check_results
from tests.support.builders import make_key, routes_to, text
from tests.support.cloud import Cloud, QueueMessage, Worker
from tests.support.expiries import ExpiryMessage
from tests.support.fakes import START
from tests.support.sayings import INDEX, POLICIES, ROUND, STOP, TOOL
from tests.support.stepped import Hidden
from tests.support.system import ALICE, BOB

MOST_WORKERS = 4
MOST_DELIVERIES = 400
RARELY = st.sampled_from([False] * 5 + [True])
ABOUT = "About turn "


class MachineryMachine(RuleBasedStateMachine):
    """One session and what happens to it without anybody's asking; users come with a subclass.

    Attributes:
        reached: What the examples of a class came to, counted: ends of calls and approvals, kinds of facts, rules.
        ran: Hashes of the arguments that the client carried out, by call.
    """

    reached: ClassVar[Counter[str]] = Counter()
    first_agents: ClassVar[tuple[AgentType, ...]] = (AgentType.ORCHESTRATOR, AgentType.CODER, AgentType.CODER)

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.reached = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.cloud = Cloud()
        self.key = make_key("same")
        self.fence = 0
        self.checked = 0
        self.ran: dict[CallId, str] = {}

    @property
    def head(self) -> Session:
        """The session as stored."""
        return self.cloud.store.heads[self.key]

    @initialize(which=st.integers(0, 2))
    def create(self, which: int) -> None:
        """Begin a session; another user's of the same id stands beside it, untouched."""
        self.cloud.system.create("same", BOB)
        agent = self.first_agents[which]
        self.key = self.cloud.system.create("same", ALICE, agent=agent, tools=[TOOL], policies=POLICIES)

    @precondition(lambda self: self.cloud.due and len(self.cloud.running) < MOST_WORKERS)
    @rule(which=INDEX, is_short=RARELY, rounds=st.none() | st.lists(ROUND, max_size=3))
    def deliver(self, which: int, rounds: list[Any] | None, *, is_short: bool) -> None:
        """A message reaches a worker, which goes on for some rounds or stops before it takes the lock."""
        due = self.cloud.due
        worker = self.cloud.deliver(due[which % len(due)], seconds=20 if is_short else 120)
        if rounds is not None:
            self._go_on(worker, rounds)

    @precondition(lambda self: self.cloud.running)
    @rule(which=INDEX, rounds=st.lists(ROUND, min_size=1, max_size=3))
    def go_on(self, which: int, rounds: list[Any]) -> None:
        """A worker gets what it stopped for: its model's answers, and the store's."""
        self._go_on(self._worker(which), rounds)

    @precondition(lambda self: self.cloud.running)
    @rule(which=INDEX, how=st.sampled_from(["killed", "asleep", "awake"]))
    def disturb(self, which: int, how: str) -> None:
        """A worker's process ends where it is, or its machine is paused or goes on: a zombie in the making."""
        worker = self._worker(which)
        if how == "killed":
            self.cloud.kill(worker)
        else:
            worker.is_asleep = how == "asleep"

    @precondition(lambda self: 0 < len(self.cloud.running) < MOST_WORKERS)
    @rule(which=INDEX, is_killed=st.booleans(), rounds=st.lists(ROUND, max_size=2))
    def replace(self, which: int, rounds: list[Any], *, is_killed: bool) -> None:
        """A worker is dead or asleep for so long that its lease runs out, and its message comes to another one."""
        self.disturb(which, "killed" if is_killed else "asleep")
        self.cloud.pass_time(COVER_SECONDS)
        if self.cloud.due:
            self.deliver(which, rounds, is_short=False)

    @rule(seconds=st.sampled_from([0.5, 1.0, 2.0, 3.0, 10.0, 31.0, 130.0]))
    def pass_time(self, seconds: float) -> None:
        """Leases run out, messages come back."""
        self.cloud.pass_time(seconds)

    @precondition(lambda self: self.cloud.messages)
    @rule(which=INDEX, how=st.sampled_from(["dead", "copied", "published again", "created again"]))
    def mishandle(self, which: int, how: str) -> None:
        """A message is taken for dead or delivered twice, its fact is told twice, its session begun a second time."""
        message = self.cloud.messages[which % len(self.cloud.messages)]
        if how == "dead":
            self.cloud.give_up(message)
        elif how == "copied":
            self.cloud.copy(message)
        elif how == "published again":
            self.cloud.publish(message.event)
        else:
            with pytest.raises(SessionAlreadyExists):
                self.cloud.system.create(self.key.session_id, self.key.user)

    @precondition(lambda self: self.cloud.expiries.due)
    @rule(which=INDEX, how=st.sampled_from(["delivered", "delivered", "copied"]))
    def let_expire(self, which: int, how: str) -> None:
        """A message about an approval is delivered: too early, on time, or once more."""
        due = self.cloud.expiries.due
        self._let_expire(due[which % len(due)], how)

    def _let_expire(self, message: ExpiryMessage, how: str = "delivered") -> None:
        expiries = self.cloud.expiries
        before = self.cloud.store.approvals[self.key, message.fact.call_id]
        if how == "copied":
            expiries.copy(message)
        expiries.deliver(message)
        is_pending = before.status is ApprovalStatus.PENDING
        is_late = before.status_at(self.cloud.clock.now()) is ApprovalStatus.EXPIRED
        after = self.cloud.store.approvals[self.key, message.fact.call_id]
        if is_pending and is_late:
            assert after.status is ApprovalStatus.EXPIRED
            self.reached["expired by its message"] += 1
        else:
            assert after == before
        assert message.is_deleted == (is_late or not is_pending)
        if not message.is_deleted:
            comes_back_late = message.visible_at - (before.expires_at - START).total_seconds()
            assert -0.01 <= comes_back_late <= 1.01
            self.reached["message came early"] += 1
        self.cloud.relay()

    @invariant()
    def sessions_are_consistent(self) -> None:
        """Head, log and calls agree after every step."""
        if self.checked != len(self.cloud.store.commits):
            self.checked = len(self.cloud.store.commits)
            invariants.check_session(self.cloud.store, self.key)
            check_results(self.cloud.store, self.key, self.ran)

    @invariant()
    def approvals_are_not_forgotten(self) -> None:
        """Whatever a person is asked has a message in the queue that will see to its end."""
        covered = {message.fact.call_id for message in self.cloud.expiries.waiting}
        assert covered.issuperset(self.head.awaiting_approval)

    @invariant()
    def fences_grow(self) -> None:
        """No number is given twice, and none is taken back."""
        fence = self.head.fence
        assert fence >= self.fence
        self.fence = fence
        leases = [lease.fence for lease in self.cloud.store.holding.values()]
        assert len(set(leases)) == len(leases)

    @invariant()
    def owed_turns_are_not_forgotten(self) -> None:
        """Whoever is owed an answer has a message in the queue that will see to it."""
        assert self.cloud.waiting or not self.head.is_turn_owed

    @invariant()
    def holders_are_covered(self) -> None:
        """Should the holder of an owed turn die now, its own message would bring the turn back.

        It counts from the first question to a model on: a worker that finds its message gone asks for a fresh one.
        """
        holder, until = self.cloud.store.locks.get(self.key, (None, self.cloud.clock.now()))
        for worker in self.cloud.workers:
            if holder and holder.name == worker.name and until > self.cloud.clock.now():
                assert isinstance(worker.run.asks, Commit) or not worker.message.is_deleted

    @invariant()
    def answers_belong_to_their_questions(self) -> None:
        """What a model said about one turn is never the answer of another."""
        for event in self.cloud.store.events[self.key]:
            if event.message and event.message.content.startswith(ABOUT):
                assert event.message.content == f"{ABOUT}{event.turn}"

    @invariant()
    def locks_belong_to_the_living_or_the_killed(self) -> None:
        """A worker that came to its end by itself has given the session back."""
        ended = {worker.name for worker in self.cloud.workers if worker.run.is_over and not worker.was_killed}
        assert not ended & {holder.name for holder, _ in self.cloud.store.locks.values()}

    @invariant()
    def models_are_asked_whole_questions(self) -> None:
        """Every request that a worker has stopped at is one that a provider accepts, and none about a lost turn."""
        for worker in self.cloud.running:
            lease = self.cloud.store.holding.get(worker.name)
            if lease and isinstance(worker.run.asks, ModelRequest):
                invariants.check_request(worker.run.asks)
                is_given_up = lease.session.attempts > MAX_ATTEMPTS
                assert not is_given_up or worker.run.asks.messages[-1].turn > lease.session.turn.number

    def teardown(self) -> None:
        """All workers die; then the queue alone, and a client that does its part, bring everything to its end."""
        for worker in self.cloud.running:
            self.cloud.kill(worker)
        for _ in range(MOST_DELIVERIES):
            self._do_the_clients_part()
            if not self.cloud.waiting and not self.cloud.expiries.waiting:
                break
            self._deliver_next()
        invariants.check_session(self.cloud.store, self.key)
        invariants.check_is_over(self.cloud.store, self.key)
        self._count()

    def _count(self) -> None:
        store = self.cloud.store
        self.reached.update(event.fact.type_name() for event in store.events[self.key])
        self.reached.update(f"call {call.status.value}" for (key, _), call in store.calls.items() if key == self.key)
        self.reached.update(f"plan {plan.status.value}" for key, plan in store.plans.items() if key == self.key)
        for (key, _), approval in store.approvals.items():
            if key == self.key:
                self.reached[f"{approval.request_type.value} {approval.status.value}"] += 1

    def _do_the_clients_part(self) -> None:
        for call_id in self.head.open_calls:
            if self.cloud.store.calls[self.key, call_id].status is not CallStatus.AWAITING_APPROVAL:
                self.cloud.system.give(self.key, call_id, result="x")
        self.cloud.relay()

    def _deliver_next(self) -> None:
        messages: tuple[QueueMessage | ExpiryMessage, ...] = (*self.cloud.waiting, *self.cloud.expiries.waiting)
        message = min(messages, key=lambda message: message.visible_at)
        self.cloud.pass_time(max(message.visible_at - self.cloud.clock.seconds, 0))
        if isinstance(message, ExpiryMessage):
            self.cloud.expiries.deliver(message)
            self.cloud.relay()
            return
        worker = self.cloud.deliver(message)
        while not worker.run.is_over:
            asks = worker.run.asks
            self.cloud.resume(worker, _simple(asks) if isinstance(asks, ModelRequest) else None)

    def _go_on(self, worker: Worker, rounds: list[Any]) -> None:
        self._let_pass(worker)
        for answer, route, store in rounds:
            if isinstance(worker.run.asks, ModelRequest):
                self.cloud.resume(worker, route if worker.run.asks.response_schema else _about(worker.run.asks, answer))
                if store == STOP:
                    return
            if isinstance(worker.run.asks, Commit):
                self.cloud.resume(worker, None if store == STOP else store)
            self._let_pass(worker)

    def _let_pass(self, worker: Worker) -> None:
        while isinstance(worker.run.asks, Hidden):
            self.cloud.resume(worker)

    def _worker(self, which: int) -> Worker:
        return self.cloud.running[which % len(self.cloud.running)]


def _simple(request: ModelRequest) -> Any:
    return routes_to("coder") if request.response_schema else _about(request, text())


def _about(request: ModelRequest, answer: Any) -> Any:
    is_text = isinstance(answer, ModelAnswer) and not answer.calls and not answer.is_empty
    return text(f"{ABOUT}{request.messages[-1].turn}") if is_text else answer
