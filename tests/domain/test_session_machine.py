"""Sessions under everything that clients, models, queues and crashes can do, in any order."""

import json
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.model.agent import AgentType
from domain.model.change import Commit
from domain.model.errors import SessionAlreadyExists, SessionBusy, StorageUnavailable, ToolCallClosed, ToolCallNotFound
from domain.model.llm import ModelAnswer, ModelRequest
from domain.model.lock import COVER_SECONDS
from domain.model.message import FINAL, CallStatus
from domain.model.value import CallId
from tests.support import invariants
from tests.support.builders import calls, completes, hands_to, make_key, reads, routes_to, text, unavailable, wants
from tests.support.cloud import ANSWER_LOST, Cloud, Worker
from tests.support.stepped import Hidden
from tests.support.system import ALICE, BOB

MOST_WORKERS = 4
MOST_DELIVERIES = 400
INDEX = st.integers(0, 30)
RARELY = st.sampled_from([False] * 5 + [True])

CALLS = st.sampled_from(
    [
        *reads("a.py", "./b.py"),
        *reads("../secret", "/etc/passwd"),
        wants("search_in_code", query="lock"),
        wants("search_in_code", query=""),
        wants("create_plan", title="a.py"),
        wants("write_file", path="a.py", content="x"),
        wants("execute_command", command="ls", timeout=301),
        wants("echo", text=""),
        wants("calculator", expr="1 / 0"),
        *completes("Too early.").calls,
        *hands_to("ask").calls,
        wants("read_file", path=float("nan")),
    ]
)
ANSWERS = st.one_of(
    st.sampled_from(
        [
            text(),
            calls(*reads("a.py")),
            calls(*reads("a.py", "b.py"), saying="Let me look."),
            completes(),
            hands_to("ask"),
            hands_to("coder"),
            hands_to("architect"),
            calls(wants("ask_followup_question", question="Which?", suggestions=["A", "B"])),
            calls(wants("calculator", expr="6 * 7"), wants("echo", text="x")),
            text(" "),
            unavailable(),
            calls(*reads(*["a.py"] * 17)),
        ]
    ),
    st.lists(CALLS, min_size=1, max_size=4).map(lambda requested: calls(*requested)),
)
ROUTES = st.sampled_from(
    [routes_to("ask"), routes_to("coder"), routes_to("architect", is_atomic=False), text("Hm."), unavailable("timeout")]
)
ABOUT = "About turn "
STOP = "before the commit"
STORE = st.sampled_from([None] * 9 + [STOP, STOP, StorageUnavailable(), ANSWER_LOST])
ROUND = st.tuples(ANSWERS, ROUTES, STORE)
RESULTS: st.SearchStrategy[Any] = st.sampled_from(["", 0, [], None, False, "text", {"a": 1}])


class SessionMachine(RuleBasedStateMachine):
    """One session, a queue that delivers at least once, workers that sleep and die."""

    def __init__(self) -> None:
        super().__init__()
        self.cloud = Cloud()
        self.key = make_key("same")
        self.fence = 0
        self.checked = 0

    @initialize(agent=st.sampled_from([AgentType.ORCHESTRATOR, AgentType.CODER, AgentType.CODER]))
    def create(self, agent: AgentType) -> None:
        """Begin a session; another user's of the same id stands beside it, untouched."""
        self.cloud.system.create("same", BOB)
        self.key = self.cloud.system.create("same", ALICE, agent=agent)

    @rule(
        on_busy=st.sampled_from(["enqueue", "enqueue", "reject", "interrupt"]),
        agent=st.sampled_from([None, None, AgentType.ASK, AgentType.ORCHESTRATOR]),
    )
    def say(self, on_busy: str, agent: AgentType | None) -> None:
        """A message is accepted unless it must not wait and would have to."""
        key = self.key
        before = self.cloud.store.heads[key]
        is_refused = on_busy == "reject" and before.turn.status not in invariants.OVER
        if is_refused:
            with pytest.raises(SessionBusy):
                self.cloud.system.say(key, on_busy=on_busy, agent=agent)
        else:
            said = self.cloud.system.say(key, on_busy=on_busy, agent=agent)
            assert said.turn == before.last_turn + 1
        assert (self.cloud.store.heads[key] == before) == is_refused
        self.cloud.relay()

    @rule(which=INDEX, result=RESULTS)
    def give(self, which: int, result: Any) -> None:
        """A result is accepted for an open call, once, and kept exactly."""
        key = self.key
        known = [call for owner, call in self.cloud.store.calls if owner == key]
        call_id = [*known, CallId("999-0")][which % (len(known) + 1)]
        call = self.cloud.store.calls.get((key, call_id))
        refusal = ToolCallNotFound if call is None else ToolCallClosed if call.status in FINAL else None
        if refusal:
            with pytest.raises(refusal):
                self.cloud.system.give(key, call_id, result=result)
        else:
            given = self.cloud.system.give(key, call_id, result=result)
            assert given.content == result if isinstance(result, str) else json.loads(given.content) == result
            assert self.cloud.store.calls[key, call_id].status is CallStatus.DONE
        self.cloud.relay()

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

    @rule(seconds=st.sampled_from([0.5, 1.0, 2.0, 3.0, 10.0, 130.0]))
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

    @invariant()
    def sessions_are_consistent(self) -> None:
        """Head, log and calls agree after every step."""
        if self.checked != len(self.cloud.store.commits):
            self.checked = len(self.cloud.store.commits)
            invariants.check_session(self.cloud.store, self.key)

    @invariant()
    def fences_grow(self) -> None:
        """No number is given twice, and none is taken back."""
        fence = self.cloud.store.heads[self.key].fence
        assert fence >= self.fence
        self.fence = fence
        leases = [lease.fence for lease in self.cloud.store.holding.values()]
        assert len(set(leases)) == len(leases)

    @invariant()
    def owed_turns_are_not_forgotten(self) -> None:
        """Whoever is owed an answer has a message in the queue that will see to it."""
        assert self.cloud.waiting or not self.cloud.store.heads[self.key].is_turn_owed

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
        """Every request that a worker has stopped at is one that a provider accepts."""
        for worker in self.cloud.running:
            lease = self.cloud.store.holding.get(worker.name)
            if lease and isinstance(worker.run.asks, ModelRequest):
                invariants.check_request(worker.run.asks)

    def teardown(self) -> None:
        """All workers die; then the queue alone, and a client that does its part, bring everything to its end."""
        for worker in self.cloud.running:
            self.cloud.kill(worker)
        for _ in range(MOST_DELIVERIES):
            self._do_the_clients_part()
            if not self.cloud.waiting:
                break
            self._deliver_next()
        invariants.check_session(self.cloud.store, self.key)
        invariants.check_is_over(self.cloud.store, self.key)

    def _do_the_clients_part(self) -> None:
        for call_id in self.cloud.store.heads[self.key].open_calls:
            self.cloud.system.give(self.key, call_id, result="x")
        self.cloud.relay()

    def _deliver_next(self) -> None:
        message = min(self.cloud.waiting, key=lambda message: message.visible_at)
        self.cloud.pass_time(max(message.visible_at - self.cloud.clock.seconds, 0))
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


TestSessionMachine = SessionMachine.TestCase
TestSessionMachine.settings = settings(max_examples=200, stateful_step_count=50)
