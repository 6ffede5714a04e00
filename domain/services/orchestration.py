"""A turn as a worker does it: from whatever the table holds to the next point where nothing is owed."""

from collections.abc import Callable, Sequence

from domain.agents import REGISTRY
from domain.model.agent import AgentType
from domain.model.draft import Draft, compose
from domain.model.errors import LostFence, LostRace
from domain.model.events.agent import SwitchReason
from domain.model.events.turn import TurnReason, TurnRequested, TurnStarted
from domain.model.llm import ModelRequest, ToolSpec
from domain.model.lock import Holder, Lease
from domain.model.log import Event
from domain.model.message import Message, Role
from domain.model.session import TurnErrorCode
from domain.model.settings import SessionSettings
from domain.model.value import SessionKey, Trace
from domain.ports import Clock, LogRepository, MetricsCollector, SessionLockManager, SessionRepository
from domain.services import answers, history, measuring, routing, turns
from domain.services.model_calls import ModelCall, ModelCalls

MAX_ATTEMPTS = 3
MAX_ROUNDS = 25
ROUND_SECONDS = 55.0
"""A round begins only with this much time left: one model call with its commit."""
MARGIN_SECONDS = 4.0
COMMIT_SECONDS = 6.0


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
    ) -> None:
        self._locks = locks
        self._sessions = sessions
        self._log = log
        self._models = models
        self._clock = clock
        self._metrics = metrics

    def run(self, key: SessionKey, holder: Holder, trace: Trace, *, seconds: float, covered_until: float) -> None:
        """Take the session and work until no turn is owed, or hand over when the time runs out.

        A turn without tools whose agent is known costs 3 requests: lock and load, history, commit and release.

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
            worker = _Worker(
                lease, trace, deadline, self._sessions, self._log, self._models, self._clock, self._metrics
            )
            if self._clock.monotonic() < covered_until:
                worker.work()
            else:
                # Another worker may have done what the message asked for, and deleted it: nothing covers this one.
                worker.hand_over()


class _Worker:
    def __init__(  # made in one place
        self,
        lease: Lease,
        trace: Trace,
        deadline: float,
        sessions: SessionRepository,
        log: LogRepository,
        models: ModelCalls,
        clock: Clock,
        metrics: MetricsCollector,
    ) -> None:
        self._lease = lease
        self._session = lease.session
        self._lost_fence = lease.lost_fence
        self._trace = trace
        self._deadline = deadline
        self._sessions = sessions
        self._log = log
        self._models = models
        self._clock = clock
        self._metrics = metrics
        self._events: Sequence[Event] = ()
        self._events_of_turn = 0
        self._settings_read: SessionSettings | None = None

    def work(self) -> None:
        if self._session.attempts > MAX_ATTEMPTS:
            self._commit(lambda draft: self._give_up(draft, TurnErrorCode.TURN_FAILED))
        while self._session.is_turn_owed:
            if self._session.turn.rounds >= MAX_ROUNDS:
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
        if agent is AgentType.ORCHESTRATOR:
            self._route(messages, requested)
        else:
            self._answer(messages, agent, requested)

    def _route(self, messages: tuple[Message, ...], requested: AgentType | None) -> None:
        call = self._models.call(self._in_time(routing.routing_request(messages)), purpose="route")
        route = routing.decide(call.answer, messages) if call.answer else routing.decide_by_keywords(messages)

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
        spec = REGISTRY[agent]
        request = ModelRequest(
            system=spec.prompt, messages=messages, tools=(*spec.tool_specs(), *self._custom_tools(agent))
        )
        call = self._models.call(self._in_time(request), purpose="answer")

        def decide(draft: Draft) -> None:
            self._begin(draft, requested)
            _tell_call(draft, call)
            if call.answer:
                answers.settle(draft, call.answer, spec)
            else:
                turns.fail(draft, TurnErrorCode.MODEL_UNAVAILABLE)

        self._commit(decide)

    def _custom_tools(self, agent: AgentType) -> tuple[ToolSpec, ...]:
        return tuple(tool.spec() for tool in self._settings().tools if agent in tool.agents)

    def _settings(self) -> SessionSettings:
        if self._settings_read is None and self._session.has_settings:
            self._settings_read = self._sessions.settings(self._session.key)
        return self._settings_read or SessionSettings()

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
        return next(asked, None) if turn.rounds == 0 else None

    def _begin(self, draft: Draft, requested: AgentType | None) -> None:
        turn = draft.session.turn
        self._tell_recovery(draft)
        if requested:
            turns.switch_agent(draft, requested, SwitchReason.USER)
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
            draft = compose(self._session, self._clock.now(), self._trace, reset_attempts_and)
            commit = draft.commit(fence=self._lease.fence)
            try:
                self._sessions.commit(commit)
            except LostRace:
                if self._clock.monotonic() > deadline:
                    raise
                self._session = self._sessions.get(self._session.key)
                if not self._is_still_held():
                    raise LostFence from None
            else:
                break
        self._session = draft.session
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
