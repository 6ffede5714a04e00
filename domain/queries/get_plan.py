"""Look at the plan of a session."""

from datetime import datetime
from typing import Self

from domain.cqrs import Answer, OfSession, Query
from domain.model.agent import AgentType
from domain.model.errors import PlanNotFound
from domain.model.plan import Plan, PlanStatus
from domain.model.subtask import SubtaskStatus
from domain.ports import SessionRepository


class SubtaskDTO(Answer):
    """A piece of a plan.

    Attributes:
        id: `1`, `2`, `3`… in the order they were planned.
        title: In a few words.
        description: What its agent is asked to do.
        agent: Who does it.
        estimated_time_minutes: As the planner guessed.
        dependencies: Ids of earlier subtasks that are finished first.
        status: `failed` stops the plan; `running` includes waiting for the client or for an answer of yours.
        attempts: Times it was tried since it was planned, or last retried.
        turn: The turn that does it, or did it last; None before the first, and while it waits for an answer of yours.
        result: The beginning of its answer, at most 2000 characters; None until it is done.
        error: Why its last attempt failed: a turn's error code, or `CANCELLED`; None when it did not.
    """

    id: str
    title: str
    description: str
    agent: AgentType
    estimated_time_minutes: int
    dependencies: tuple[str, ...]
    status: SubtaskStatus
    attempts: int
    turn: int | None = None
    result: str | None = None
    error: str | None = None


class ProgressDTO(Answer):
    """How far a plan is, in subtasks.

    Attributes:
        total: All of them.
        done: With a result.
        failed: At most one, which stops the plan.
        skipped: Left out by the user.
        running: At most one.
        pending: Yet to come.
        percentage: Of those done or skipped, rounded down.
    """

    total: int
    done: int
    failed: int
    skipped: int
    running: int
    pending: int
    percentage: int


class PlanDTO(Answer):
    """A plan as its owner sees it; times are UTC.

    Attributes:
        id: Of the plan.
        call_id: Of the call that proposed it.
        title: In a few words.
        description: What it is for and how it goes about it.
        status: `draft` until it is decided upon; `failed` until it is retried, goes on without what failed, or is
            cancelled.
        subtasks: In the order they were planned.
        progress: How far it is.
        created_at: When it was proposed.
        changed_at: When it last went on or stopped.
    """

    id: str
    call_id: str
    title: str
    description: str
    status: PlanStatus
    subtasks: tuple[SubtaskDTO, ...]
    progress: ProgressDTO
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, plan: Plan) -> Self:
        """Return `plan` as its owner sees it."""
        return cls.model_validate({**plan.model_dump(), "progress": plan.progress.model_dump()})


class GetPlanQuery(OfSession, Query):
    """Look at the newest plan."""


class GetPlanHandler:
    """Reads the head and, where there is one, the plan; 2 requests."""

    def __init__(self, sessions: SessionRepository) -> None:
        self._sessions = sessions

    def handle(self, query: GetPlanQuery) -> PlanDTO:
        """Return the session's newest plan as of every answered write, whether or not it is over.

        Raises:
            SessionNotFound: no such session of this user.
            PlanNotFound: the session has never had a plan.
        """
        session = self._sessions.get(query.key)
        plan = self._sessions.plan(query.key) if session.plan_id else None
        if plan is None:
            raise PlanNotFound
        return PlanDTO.of(plan)
