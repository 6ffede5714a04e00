"""What an event says about a turn's progress, in few words."""

from dataclasses import replace

from clients.api import AgentRuntimeApi
from clients.plan_views import Plan, Subtask
from clients.views import Event

PLAN_FAILED = "The plan has stopped. /plan shows it; /retry, /skip or /cancel-plan says how it goes on."
_DECIDED = {
    "ApprovalExpired": ("asked", "Nobody decided in time; it counts as refused."),
    "ApprovalCancelled": ("asked", "The question is withdrawn."),
    "PlanApproved": ("plan", "approved"),
    "PlanRejected": ("plan", "rejected"),
    "PlanRevisionRequested": ("plan", "The architect plans again."),
    "PlanCompleted": ("plan", "completed"),
    "PlanFailed": ("plan", PLAN_FAILED),
    "PlanCancelled": ("plan", "cancelled"),
}
_STEP_ENDS = {"SubtaskCompleted": "done", "SubtaskFailed": "failed", "SubtaskSkipped": "skipped"}
_BUDGET = "The budget is used up; the turn goes on when it is raised."


def progress(event: Event) -> tuple[str, str] | None:
    """Return a label and a text, None for an event that is of no interest to the person."""
    said = event.fields
    match event.type:
        case "AgentSwitched" if said["reason"] != "completed":
            confidence = said.get("confidence")
            sure = "" if confidence is None else f", confidence {confidence:g}"
            return "agent", f"{said['from_agent']} → {said['to_agent']} ({said['reason']}{sure})"
        case "ToolCallRefused":
            return "tool", f"{said['tool']}: refused by the server ({said['code']})"
        case "LlmRequestFailed":
            return "model", f"{said['model']} does not answer ({said['status']})"
        case "TurnRecovered":
            return "turn", "A worker of the server was lost; another one goes on."
        case "TurnWaiting" if said["status"] == "waiting_for_budget":
            return "turn", _BUDGET
        case "TurnFailed":
            return "turn", f"failed: {said['code']}"
        case "TurnCancelled":
            return "turn", "stopped"
        case _:
            return _DECIDED.get(event.type)


def ended_step(event: Event, api: AgentRuntimeApi, session_id: str) -> tuple[Plan, Subtask, int] | None:
    """Return the plan as it is now, the step that an event says has ended, and its place; None for any other event.

    Asks the server for the plan: facts carry no titles.
    """
    status = _STEP_ENDS.get(event.type)
    if status is None:
        return None
    plan = api.get_plan(session_id)
    found = plan.place(str(event.fields["subtask_id"]))
    if found is None:
        return None  # of an earlier plan
    place, step = found
    # A step that failed may be running again by now.
    return plan, replace(step, status=status, error=step.error if status == "failed" else None), place
