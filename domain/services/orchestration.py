"""A turn as a worker does it: from whatever the table holds to the next point where nothing is owed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.model.agent import AgentType
from domain.model.draft import Draft, compose
from domain.model.errors import LostFence, LostRace
from domain.model.events.agent import SwitchReason
from domain.model.events.turn import TurnReason, TurnRequested, TurnStarted
from domain.model.llm import ModelRequest
from domain.model.lock import Holder, Lease
from domain.model.log import Event
from domain.model.message import Message, Role
from domain.model.session import TurnErrorCode
from domain.model.settings import SessionSettings
from domain.model.value import SessionKey, Trace
from domain.ports import Clock, LogRepository, MetricsCollector, SessionLockManager, SessionRepository
from domain.services import answers, history, measuring, routing, turns
from domain.services.deployment import Deployment
from domain.services.model_calls import ModelCall, ModelCalls
from domain.services.open_plan import open_plan
from domain.services.toolbox import Toolboxes

MAX_ATTEMPTS = 3
ROUND_SECONDS = 55.0
"""A round begins only with this much time left: one model call with its commit."""
MARGIN_SECONDS = 4.0
COMMIT_SECONDS = 6.0


@dataclass(frozen=True)
class _Surroundings:
    sessions: SessionRepository
    log: LogRepository
    models: ModelCalls
    clock: Clock
    metrics: MetricsCollector
    deployment: Deployment
    toolboxes: Toolboxes


class MessageOrchestrationService:
    """Works off a session's owed turns under its lock.

    Replayable: everything it knows it read from the table, so any worker goes on from any point; run twice, it writes
    once. Raises `TurnStarted`, `TurnCompleted`, `TurnWaiting`, `TurnFailed`, `TurnRecovered`, `LockLost`, and every
    agent, llm, tool and message fact of an answer.
    """

    def __init__(
        self,
        locks: SessionLockManager,
        sessions: SessionRepository,
        log: LogRepository,
        models: ModelCalls,
        clock: Clock,
        metrics: MetricsCollector,
        deployment: Deployment,
        toolboxes: Toolboxes,
    ) -> None:
        self._locks = locks
        self._clock = clock
        self._surroundings = _Surroundings(sessions, log, models, clock, metrics, deployment, toolboxes)

    def run(self, key: SessionKey, holder: Holder, trace: Trace, *, seconds: float, covered_until: float) -> None:
        """Take the session and work until no turn is owed, or hand over when the time runs out.

        A turn without tools whose agent is known costs 3 requests: lock and load, history, commit and release; one more
        in a session whose plan is open.

        Args:
            key: The session.
            holder: This invocation and the queue message that covers it.
            trace: Of the fact that asked for the turn.
            seconds: Time this worker has.
            covered_until: Monotonic time at which the covering message comes back to the queue, unless hidden further.

        Raises:
            SessionNotFound: no such session of this owner.
            NothingOwed: no turn is owed.
            HeldByOther: a lease still runs.
            LostFence: the session was taken away; nothing was written since.
            StorageUnavailable: the store did not answer.
        """
        deadline = self._clock.monotonic() + seconds - MARGIN_SECONDS
        lease = self._locks.acquire(key, holder)
        with self._locks.hold(lease):
            worker = _Worker(lease, trace, deadline, self._surroundings)
            if self._clock.monotonic() < covered_until:
                worker.work()
            else:
                # Another worker may have done what the message asked for, and deleted it: nothing covers this one.
                worker.hand_over()


class _Worker:
    def __init__(self, lease: Lease, trace: Trace, deadline: float, surroundings: _Surroundings) -> None:
        self._lease = lease
        self._session = lease.session
        self._plan = open_plan(surroundings.sessions, lease.session)
        self._lost_fence = lease.lost_fence
        self._trace = trace
        self._deadline = deadline
        self._sessions = surroundings.sessions
        self._log = surroundings.log
        self._models = surroundings.models
        self._clock = surroundings.clock
        self._metrics = surroundings.metrics
        self._deployment = surroundings.deployment
        self._toolboxes = surroundings.toolboxes
        self._events: Sequence[Event] = ()
        self._events_of_turn = 0
        self._settings_read: SessionSettings | None = None

    def work(self) -> None:
        if self._session.attempts > MAX_ATTEMPTS:
            self._commit(lambda draft: self._give_up(draft, TurnErrorCode.TURN_FAILED))
        while self._session.is_turn_owed:
            if self._session.turn.rounds >= self._deployment.limits.rounds:
                self._commit(lambda draft: self._give_up(draft, TurnErrorCode.TURN_LIMIT))
            elif self._deadline - self._clock.monotonic() < ROUND_SECONDS:
                self.hand_over()
                return
            else:
                self._round()

    def hand_over(self) -> None:
        def decide(draft: Draft) -> None:
            self._tell_recovery(draft)
            draft.record(TurnRequested(turn=draft.session.turn.number, reason=TurnReason.HAND_OVER))
            draft.hand_over()

        self._commit(decide)

    def _round(self) -> None:
        messages = self._history()
        requested = self._requested_agent(messages)
        agent = requested or self._session.agent.current_agent
        # Who spoke so far may have left with a former deployment; somebody is chosen anew.
        if agent is not AgentType.ORCHESTRATOR and agent in self._deployment.agents:
            self._answer(messages, agent, requested)
        elif self._deployment.only_agent:
            self._answer(messages, self._deployment.only_agent, requested)
        else:
            self._route(messages, requested)

    def _route(self, messages: tuple[Message, ...], requested: AgentType | None) -> None:
        request = routing.routing_request(messages, self._deployment)
        call = self._models.call(self._in_time(request), purpose="route")
        route = (
            routing.decide(call.answer, messages, self._deployment)
            if call.answer
            else routing.decide_by_keywords(messages, self._deployment)
        )

        def decide(draft: Draft) -> None:
            self._begin(draft, requested)
            _tell_call(draft, call)
            turns.switch_agent(
                draft,
                route.agent,
                SwitchReason.ROUTED,
                confidence=route.confidence,
                is_fallback=route.is_fallback,
            )

        self._commit(decide)

    def _answer(self, messages: tuple[Message, ...], agent: AgentType, requested: AgentType | None) -> None:
        toolbox = self._toolboxes.of(agent, self._settings())
        request = ModelRequest(system=toolbox.agent.prompt, messages=messages, tools=toolbox.specs())
        call = self._models.call(self._in_time(request), purpose="answer")

        def decide(draft: Draft) -> None:
            self._begin(draft, requested)
            # Changes something only where one agent answers everything: nothing was left to choose.
            turns.switch_agent(draft, agent, SwitchReason.ROUTED)
            _tell_call(draft, call)
            if call.answer:
                answers.settle(draft, call.answer, toolbox, self._deployment)
            else:
                turns.fail(draft, TurnErrorCode.MODEL_UNAVAILABLE)

        self._commit(decide)

    def _settings(self) -> SessionSettings:
        if self._settings_read is None:
            self._settings_read = self._toolboxes.settings(self._session)
        return self._settings_read

    def _in_time(self, request: ModelRequest) -> ModelRequest:
        return request.model_copy(update={"budget_seconds": self._deadline - self._clock.monotonic()})

    def _history(self) -> tuple[Message, ...]:
        number = self._session.turn.number
        if self._events_of_turn != number:
            self._events = self._log.recent(self._session.key, turn=number)
            if self._events_of_turn:
                self._trace = _trace_of(self._events, number)
            self._events_of_turn = number
        return history.messages_for(self._events, turn=number)

    def _requested_agent(self, messages: tuple[Message, ...]) -> AgentType | None:
        """Return the agent that the turn's own message asks for, until the turn's first commit has seen to it."""
        turn = self._session.turn
        asked = (m.agent for m in messages if m.turn == turn.number and m.role is Role.USER)
        agent = next(asked, None) if turn.rounds == 0 else None
        return agent if agent in self._deployment.agents else None

    def _begin(self, draft: Draft, requested: AgentType | None) -> None:
        turn = draft.session.turn
        self._tell_recovery(draft)
        if requested:
            is_subtask = draft.plan is not None and draft.plan.does(turn.number)
            turns.switch_agent(draft, requested, SwitchReason.PLAN if is_subtask else SwitchReason.USER)
        if turn.rounds == 0:
            draft.record(TurnStarted(turn=turn.number, agent=draft.session.agent.current_agent))
        draft.change_turn(rounds=turn.rounds + 1)

    def _give_up(self, draft: Draft, code: TurnErrorCode) -> None:
        self._tell_recovery(draft)
        turns.fail(draft, code)

    def _tell_recovery(self, draft: Draft) -> None:
        turns.tell_recovery(draft, self._lost_fence, self._lease.session.attempts)

    def _commit(self, decide: Callable[[Draft], None]) -> None:
        """Write under the fence; input that came meanwhile is read and decided upon at once, so the holder wins."""

        def reset_attempts_and(draft: Draft) -> None:
            draft.change(attempts=0)
            decide(draft)

        deadline = self._clock.monotonic() + COMMIT_SECONDS
        while True:
            draft = compose(self._session, self._clock.now(), self._trace, reset_attempts_and, plan=self._plan)
            commit = draft.commit(fence=self._lease.fence)
            try:
                self._sessions.commit(commit)
            except LostRace:
                if self._clock.monotonic() > deadline:
                    raise
                self._session = self._sessions.get(self._session.key)
                if not self._is_still_held():
                    raise LostFence from None
                self._plan = open_plan(self._sessions, self._session)
            else:
                break
        self._session, self._plan = draft.session, draft.plan
        self._lost_fence = None
        measuring.measure_durations(commit, self._events, self._metrics)
        self._events = (*self._events, *commit.events)

    def _is_still_held(self) -> bool:
        # A session erased and made anew under the same id may have come to the same fence.
        is_same_session = self._session.incarnation == self._lease.session.incarnation
        return is_same_session and self._session.fence == self._lease.fence


def _tell_call(draft: Draft, call: ModelCall) -> None:
    for fact in call.facts:
        draft.record(fact)


def _trace_of(events: Sequence[Event], turn: int) -> Trace:
    """Return the trace of the user message that began `turn`, which a queue kept for a worker of another request."""
    asked = (event for event in events if event.turn == turn and event.message and event.message.role is Role.USER)
    return next(asked).effect_trace
