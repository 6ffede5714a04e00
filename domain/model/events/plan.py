"""Facts about plans and their subtasks."""

from domain.model.agent import AgentType
from domain.model.events.base import Category, Fact
from domain.model.value import CallId


class PlanCreated(Fact):
    """A plan was drafted.

    Attributes:
        plan_id: `p-` and the id of the call that proposed it.
        call_id: That call.
        subtasks: How many it has.
        estimated_time_minutes: Of all of them together, as the planner guessed.
    """

    category = Category.PLAN
    plan_id: str
    call_id: CallId
    subtasks: int
    estimated_time_minutes: int


class PlanApproved(Fact):
    """The user wants the plan carried out."""

    category = Category.PLAN
    plan_id: str


class PlanRejected(Fact):
    """The user does not want the plan, or did not say in time; it is cancelled."""

    category = Category.PLAN
    plan_id: str


class PlanRevisionRequested(Fact):
    """The user wants another plan instead."""

    category = Category.PLAN
    plan_id: str


class PlanCompleted(Fact):
    """Every subtask is done or skipped."""

    category = Category.PLAN
    plan_id: str
    done: int
    skipped: int


class PlanFailed(Fact):
    """A subtask failed for good, and the plan stops until the user retries, skips or cancels.

    Attributes:
        code: Why the subtask failed.
    """

    category = Category.PLAN
    priority = 90
    plan_id: str
    subtask_id: str
    code: str


class PlanCancelled(Fact):
    """The plan was given up, by the user or because something else came in its place."""

    category = Category.PLAN
    plan_id: str


class SubtaskStarted(Fact):
    """A turn began that does a subtask.

    Attributes:
        agent: Who does it.
        attempt: From 1.
    """

    category = Category.PLAN
    plan_id: str
    subtask_id: str
    agent: AgentType
    attempt: int


class SubtaskCompleted(Fact):
    """A subtask is done.

    Attributes:
        percentage: Of the plan's subtasks that are done or skipped by now.
    """

    category = Category.PLAN
    plan_id: str
    subtask_id: str
    percentage: int


class SubtaskFailed(Fact):
    """An attempt at a subtask failed.

    Attributes:
        attempt: Which, from 1; 0 when it was stopped before it began.
        code: As of the turn's error, or `CANCELLED`.
        is_final: It is not tried again by itself.
    """

    category = Category.PLAN
    plan_id: str
    subtask_id: str
    attempt: int
    code: str
    is_final: bool


class SubtaskRetried(Fact):
    """The user wants the subtask that failed tried again; it has all its attempts, and the plan goes on."""

    category = Category.PLAN
    plan_id: str
    subtask_id: str


class SubtaskSkipped(Fact):
    """The user goes on without a subtask.

    Attributes:
        percentage: Of the plan's subtasks that are done or skipped by now.
    """

    category = Category.PLAN
    plan_id: str
    subtask_id: str
    percentage: int
