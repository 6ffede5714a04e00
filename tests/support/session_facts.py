"""What every fact of the log does to a session, in plain Python: the JSON that `GET …/events` shows, folded.

A fact that no sequential session would tell where it stands is an error: a second result, an answer in a turn that is
over, a decision upon what was decided.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tests.support.session_state import ENDED, FINAL_CALLS, Impossible, Json, Plan, State, Subtask


def after_commit(state: State, events: Sequence[Json]) -> State:
    """Return the state behind a commit.

    Raises:
        Impossible: one of its facts cannot be told where the session stands.
    """
    for event in events:
        _must(event["seq"] == state.last_seq + 1, f"number {event['seq']} behind {state.last_seq}")
        fold = _FOLDS.get(event["type"])
        state = replace(fold(state, event) if fold else state, last_seq=event["seq"])
    return _asking(state, {event["turn"] for event in events if event["type"] == "TurnCompleted"})


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Impossible(otherwise)


def _asking(state: State, completed: set[int]) -> State:
    """A subtask whose turn was completed, and which is not done by that, waits for the user."""
    running = state.plan.running if state.plan else None
    if state.plan and running and state.plan.subtasks[running].turn in completed:
        return replace(state, plan=state.plan.with_subtask(running, turn=None))
    return state


def _created(state: State, _: Json) -> State:
    _must(not state.exists, "a session that was created twice")
    return replace(state, exists=True)


def _assigned(state: State, event: Json) -> State:
    return replace(state, agent=event["data"]["agent"])


def _switched(state: State, event: Json) -> State:
    data = event["data"]
    _must(data["from_agent"] == state.agent != data["to_agent"], f"a switch from {data['from_agent']}")
    return replace(state, agent=data["to_agent"], switches=state.switches + 1)


def _deactivated(state: State, _: Json) -> State:
    _must(state.is_active and state.status in ENDED, "deactivated while at work, or twice")
    return replace(state, is_active=False)


def _reactivated(state: State, _: Json) -> State:
    _must(not state.is_active, "activated though active")
    return replace(state, is_active=True)


def _said(state: State, event: Json) -> State:
    message = event["message"]
    state = replace(state, messages=state.messages + 1)
    match message["role"]:
        case "user":
            return _asked(state, message)
        case "tool":
            return _answered(state, message)
        case _:
            _must(event["turn"] == state.turn and state.status == "running", "an answer in a turn that is over")
            return state


def _asked(state: State, message: Json) -> State:
    number = message["turn"]
    _must(number == state.last_turn + 1, f"turn {number} given out behind {state.last_turn}")
    _must(not state.status.startswith("waiting"), "a message that leaves a turn waiting")
    state = replace(state, last_turn=number, title=state.title or " ".join(message["content"].split()))
    if state.status in ENDED:
        state = replace(state, turn=number, status="running")
    plan = state.open_plan
    running = plan.running if plan else None
    if plan and running:
        subtask = plan.subtasks[running]
        if subtask.turn is None and message.get("agent") == subtask.agent:
            return replace(state, plan=plan.with_subtask(running, turn=number))
    return state


def _answered(state: State, message: Json) -> State:
    call_id = message["tool_call_id"]
    if call_id not in state.calls:
        # A call that ended in the commit that asked for it was never open.
        return state
    _must(state.calls[call_id] not in FINAL_CALLS, f"a second result of call {call_id}")
    return replace(state, calls={**state.calls, call_id: message["outcome"]})


def _requested(state: State, event: Json) -> State:
    if event["data"]["reason"] == "calls_closed":
        _must(not state.open_calls, "a model asked while calls are open")
        return replace(state, status="running")
    return state


def _waiting(state: State, event: Json) -> State:
    _must(event["turn"] == state.turn and bool(state.open_calls), "a wait for nothing")
    return replace(state, status=event["data"]["status"])


def _ended(status: str) -> Callable[[State, Json], State]:
    def fold(state: State, event: Json) -> State:
        _must(event["data"]["turn"] == state.turn, f"the end of turn {event['data']['turn']}, which is not in progress")
        _must(state.status not in ENDED, "the end of a turn that is over")
        _must(not state.open_calls, "the end of a turn whose calls are open")
        if state.last_turn > state.turn:
            return replace(state, turn=state.turn + 1, status="running")
        return replace(state, status=status)

    return fold


def _interrupted(state: State, event: Json) -> State:
    plan = state.open_plan
    running = plan.running if plan else None
    if plan and running and plan.subtasks[running].turn == state.turn:
        attempts = plan.subtasks[running].attempts - 1
        state = replace(state, plan=plan.with_subtask(running, status="pending", turn=None, attempts=attempts))
    return _ended("idle")(state, event)


def _opened(state: State, event: Json) -> State:
    call_id = event["data"]["call_id"]
    _must(call_id not in state.calls, f"call {call_id} opened twice")
    return replace(state, calls={**state.calls, call_id: "pending"})


def _asked_for_leave(state: State, event: Json) -> State:
    call_id, approval_id = event["data"]["call_id"], event["data"]["approval_id"]
    return replace(
        state,
        calls={**state.calls, call_id: "awaiting_approval"},
        approvals={**state.approvals, approval_id: "pending"},
    )


def _decided(status: str) -> Callable[[State, Json], State]:
    def fold(state: State, event: Json) -> State:
        call_id, approval_id = event["data"]["call_id"], event["data"]["approval_id"]
        _must(state.approvals[approval_id] == "pending", f"approval {approval_id} decided twice")
        calls = {**state.calls, call_id: "approved"} if status in {"approved", "edited"} else state.calls
        return replace(state, calls=calls, approvals={**state.approvals, approval_id: status})

    return fold


def _proposed(state: State, event: Json) -> State:
    data = event["data"]
    subtasks = {str(number): Subtask() for number in range(1, data["subtasks"] + 1)}
    return replace(state, plan=Plan(data["plan_id"], data["call_id"], "draft", subtasks))


def _plan_is(status: str) -> Callable[[State, Json], State]:
    def fold(state: State, _: Json) -> State:
        plan = state.planned
        if status == "cancelled" and plan.running:
            plan = plan.with_subtask(plan.running, status="failed")
        return replace(state, plan=replace(plan, status=status))

    return fold


def _started(state: State, event: Json) -> State:
    plan, data = state.planned, event["data"]
    _must(plan.running is None, "two subtasks at once")
    plan = plan.with_subtask(data["subtask_id"], status="running", attempts=data["attempt"], turn=event["turn"])
    agent = data["agent"]
    return replace(state, plan=replace(plan.with_subtask(data["subtask_id"], agent=agent), status="in_progress"))


def _subtask_is(status: str) -> Callable[[State, Json], State]:
    def fold(state: State, event: Json) -> State:
        is_tried_again = status == "failed" and not event["data"]["is_final"]
        plan = state.planned.with_subtask(event["data"]["subtask_id"], status="pending" if is_tried_again else status)
        has_failed = any(subtask.status == "failed" for subtask in plan.subtasks.values())
        if status == "skipped" and plan.status == "failed" and not has_failed:
            plan = replace(plan, status="in_progress")
        return replace(state, plan=plan)

    return fold


def _retried(state: State, event: Json) -> State:
    plan = state.planned.with_subtask(event["data"]["subtask_id"], status="pending", attempts=0, turn=None)
    return replace(state, plan=replace(plan, status="in_progress"))


_FOLDS: Mapping[str, Callable[[State, Json], State]] = {
    "SessionCreated": _created,
    "SessionDeactivated": _deactivated,
    "SessionReactivated": _reactivated,
    "AgentAssigned": _assigned,
    "AgentSwitched": _switched,
    "MessageAdded": _said,
    "TurnRequested": _requested,
    "TurnWaiting": _waiting,
    "TurnCompleted": _ended("idle"),
    "TurnFailed": _ended("failed"),
    "TurnCancelled": _interrupted,
    "ToolCallRequested": _opened,
    "ApprovalRequested": _asked_for_leave,
    "ApprovalGranted": _decided("approved"),
    "ApprovalEdited": _decided("edited"),
    "ApprovalRejected": _decided("rejected"),
    "ApprovalExpired": _decided("expired"),
    "ApprovalCancelled": _decided("cancelled"),
    "PlanCreated": _proposed,
    "PlanApproved": _plan_is("approved"),
    "PlanRejected": _plan_is("cancelled"),
    "PlanCancelled": _plan_is("cancelled"),
    "PlanCompleted": _plan_is("completed"),
    "PlanFailed": _plan_is("failed"),
    "SubtaskStarted": _started,
    "SubtaskCompleted": _subtask_is("done"),
    "SubtaskFailed": _subtask_is("failed"),
    "SubtaskSkipped": _subtask_is("skipped"),
    "SubtaskRetried": _retried,
}
"""What each fact does; those that are missing tell of nothing that a client is answered from."""
