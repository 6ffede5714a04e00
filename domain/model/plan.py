"""A plan: subtasks that agents work off one after the other, and the steps that its life allows."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from pydantic import model_validator

from domain.model.errors import PlanState
from domain.model.subtask import FINISHED, Progress, Subtask, SubtaskStatus, beginning_of
from domain.model.value import CallId, Value

MAX_ATTEMPTS = 2
"""A subtask that failed is tried once more by itself."""
CANCELLED = "CANCELLED"
"""Why a subtask failed whose work the user stopped."""


class PlanStatus(StrEnum):
    """Where a plan stands; `completed` and `cancelled` it never leaves, and out of `failed` the user may lead it."""

    DRAFT = "draft"
    APPROVED = "approved"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


CLOSED = frozenset({PlanStatus.COMPLETED, PlanStatus.CANCELLED})


class Plan(Value):
    """Subtasks in the order they were planned.

    Invariants: at most one subtask runs, and none in a plan that is not in progress; what a subtask depends on comes
    before it; a plan has failed exactly while one of its subtasks has.

    Attributes:
        id: `p-` and the id of the call that proposed it.
        call_id: That call.
        created_at: UTC time of the proposal.
        changed_at: UTC time of its newest step.
    """

    id: str
    call_id: CallId
    title: str
    description: str
    subtasks: tuple[Subtask, ...]
    created_at: datetime
    changed_at: datetime
    status: PlanStatus = PlanStatus.DRAFT

    @model_validator(mode="after")
    def _depends_on_earlier_ones(self) -> Self:
        known: set[str] = set()
        for subtask in self.subtasks:
            if not known.issuperset(subtask.dependencies) or subtask.id in known:
                raise ValueError("a subtask depends on earlier ones only, and has an id of its own")
            known.add(subtask.id)
        return self

    @property
    def is_open(self) -> bool:
        """Whether anything can still happen to it."""
        return self.status not in CLOSED

    @property
    def is_going_on(self) -> bool:
        """Whether it was approved and has not come to an end or a stop."""
        return self.status in {PlanStatus.APPROVED, PlanStatus.IN_PROGRESS}

    @property
    def running(self) -> Subtask | None:
        """The subtask that is being done, or waits for an answer of the user; None when none is."""
        return next((subtask for subtask in self.subtasks if subtask.status is SubtaskStatus.RUNNING), None)

    @property
    def failed(self) -> Subtask | None:
        """The subtask that stopped the plan; None when none did."""
        return next((subtask for subtask in self.subtasks if subtask.status is SubtaskStatus.FAILED), None)

    @property
    def next_subtask(self) -> Subtask | None:
        """The subtask to start now: the first whose dependencies are finished; None while one runs or none may."""
        if not self.is_going_on or self.running:
            return None
        finished = {subtask.id for subtask in self.subtasks if subtask.status in FINISHED}
        ready = (
            subtask
            for subtask in self.subtasks
            if subtask.status is SubtaskStatus.PENDING and finished.issuperset(subtask.dependencies)
        )
        return next(ready, None)

    @property
    def progress(self) -> Progress:
        """How far it is."""
        counts = {status: sum(subtask.status is status for subtask in self.subtasks) for status in SubtaskStatus}
        finished = sum(counts[status] for status in FINISHED)
        total = len(self.subtasks)
        return Progress(
            total=total,
            percentage=100 * finished // total,
            **{status.value: count for status, count in counts.items()},
        )

    def subtask(self, subtask_id: str) -> Subtask:
        """Return a subtask.

        Raises:
            PlanState: there is none of this id.
        """
        found = next((subtask for subtask in self.subtasks if subtask.id == subtask_id), None)
        if found is None:
            raise PlanState(f"The plan has no subtask {subtask_id[:40]!r}.")
        return found

    def does(self, turn: int) -> bool:
        """Return whether `turn` is the work on a subtask of this plan."""
        return self.running is not None and self.running.turn == turn

    def approved(self, at: datetime) -> "Plan":
        """Return the draft as approved: its first subtask may start."""
        self._must_be(PlanStatus.DRAFT)
        return self._changed(at, to=PlanStatus.APPROVED)

    def cancelled(self, at: datetime) -> "Plan":
        """Return the plan as given up; a subtask that runs has failed with it."""
        self._must_be(*set(PlanStatus) - CLOSED)
        return self._changed(at, self.running, to=PlanStatus.CANCELLED, status=SubtaskStatus.FAILED, error=CANCELLED)

    def started(self, turn: int, at: datetime) -> "Plan":
        """Return the plan with its next subtask running as `turn`."""
        subtask = self.next_subtask
        if subtask is None:
            raise PlanState("There is no subtask to start.")
        return self._changed(
            at, subtask, status=SubtaskStatus.RUNNING, turn=turn, attempts=subtask.attempts + 1, error=None
        )

    def finished(self, answer: str, at: datetime) -> "Plan":
        """Return the plan with the running subtask done; it is completed when that was the last."""
        return self._changed(at, self._running(), status=SubtaskStatus.DONE, result=beginning_of(answer))

    def stopped(self, code: str, at: datetime, *, is_final: bool = False) -> "Plan":
        """Return the plan after the running subtask, or the one that was next, has failed.

        It is tried again when it has an attempt left; otherwise, or when the failure is final, the plan has failed.
        """
        subtask = self.running or self.next_subtask
        if subtask is None:
            raise PlanState("There is no subtask in progress.")
        is_final = is_final or subtask.attempts >= MAX_ATTEMPTS
        return self._changed(
            at, subtask, status=SubtaskStatus.FAILED if is_final else SubtaskStatus.PENDING, error=code
        )

    def interrupted(self, at: datetime) -> "Plan":
        """Return the plan with the running subtask pending again, as if it had not been started."""
        running = self._running()
        return self._changed(at, running, status=SubtaskStatus.PENDING, turn=None, attempts=running.attempts - 1)

    def asking(self, at: datetime) -> "Plan":
        """Return the plan with the running subtask waiting for an answer of the user, whose turn goes on with it."""
        return self._changed(at, self._running(), turn=None)

    def answered(self, turn: int, at: datetime) -> "Plan":
        """Return the plan with the subtask that waits for the user going on as `turn`."""
        running = self._running()
        if running.turn is not None:
            raise PlanState("No subtask waits for an answer.")
        return self._changed(at, running, turn=turn)

    def retried(self, subtask_id: str | None, at: datetime) -> "Plan":
        """Return the plan going on with its failed subtask, which has all its attempts again."""
        self._must_be(PlanStatus.FAILED)
        subtask = self._named(subtask_id, SubtaskStatus.FAILED)
        return self._changed(at, subtask, status=SubtaskStatus.PENDING, attempts=0, turn=None, error=None)

    def skipped(self, subtask_id: str | None, at: datetime) -> "Plan":
        """Return the plan without a subtask that has failed, the one that did unless named, or has not begun."""
        self._must_be(PlanStatus.APPROVED, PlanStatus.IN_PROGRESS, PlanStatus.FAILED)
        subtask = self._named(subtask_id, SubtaskStatus.FAILED, SubtaskStatus.PENDING)
        return self._changed(at, subtask, status=SubtaskStatus.SKIPPED)

    def _named(self, subtask_id: str | None, *statuses: SubtaskStatus) -> Subtask:
        subtask = self.failed if subtask_id is None else self.subtask(subtask_id)
        if subtask is None:
            raise PlanState("No subtask has failed. Say which one you mean.")
        if subtask.status not in statuses:
            raise PlanState(f"Subtask {subtask.id} is {subtask.status.value}.")
        return subtask

    def _running(self) -> Subtask:
        if self.running is None:
            raise PlanState("No subtask is in progress.")
        return self.running

    def _must_be(self, *statuses: PlanStatus) -> None:
        if self.status not in statuses:
            raise PlanState(f"The plan is {self.status.value}.")

    def _changed(
        self, at: datetime, subtask: Subtask | None = None, *, to: PlanStatus | None = None, **fields: Any
    ) -> "Plan":
        """Return the plan with `fields` of one subtask changed; its status follows from the subtasks unless given."""
        changed = subtask.model_copy(update=fields) if subtask else None
        subtasks = tuple(changed if changed and other.id == changed.id else other for other in self.subtasks)
        status = to or self._status_with({other.status for other in subtasks})
        return self.model_copy(update={"subtasks": subtasks, "status": status, "changed_at": at})

    def _status_with(self, statuses: set[SubtaskStatus]) -> PlanStatus:
        if SubtaskStatus.FAILED in statuses:
            return PlanStatus.FAILED
        if statuses <= FINISHED:
            return PlanStatus.COMPLETED
        has_begun = SubtaskStatus.RUNNING in statuses or self.status is PlanStatus.FAILED
        return PlanStatus.IN_PROGRESS if has_begun else self.status
