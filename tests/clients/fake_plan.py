"""Plans of the fake runtime: steps run as turns of the session, in order."""

from collections import Counter
from typing import Any

from tests.clients.fake_http import Reply, problem
from tests.clients.fake_session import FakeSession

_FACTS = {"approve": "PlanApproved", "edit": "PlanRevisionRequested", "reject": "PlanRejected"}
_STATUS = {"approve": "in_progress", "edit": "cancelled", "reject": "cancelled"}


def drafted(session: FakeSession, arguments: dict[str, Any]) -> None:
    """Store a draft."""
    steps = [
        {
            "id": f"t-{place}",
            **step,
            "dependencies": [f"t-{before}" for before in step.get("dependencies", ())],
            "status": "pending",
        }
        for place, step in enumerate(arguments["subtasks"])
    ]
    described = {name: arguments[name] for name in ("title", "description")}
    session.plan = {"id": "p-1", **described, "status": "draft", "subtasks": steps}
    session.fact("PlanCreated", plan_id="p-1", subtasks=len(steps))


def revised(session: FakeSession, verdict: str) -> None:
    """Take up what was decided about the draft."""
    if session.plan is not None:
        session.plan["status"] = _STATUS[verdict]
        session.fact(_FACTS[verdict], plan_id=session.plan["id"])


def next_step(session: FakeSession) -> bool:
    """Begin the next step's turn, or end the plan; return whether a turn has begun."""
    if session.plan is None:
        return False
    step = next((one for one in session.plan["subtasks"] if one["status"] == "pending"), None)
    if step is None:
        _complete(session)
        return False
    session.turn += 1
    session.step = step
    step.update(status="running", turn=session.turn)
    ids = {"plan_id": session.plan["id"], "subtask_id": step["id"]}
    session.fact("SubtaskStarted", **ids, agent=step["agent"], turn=session.turn, attempt=1)
    session.message("user", f"{step['title']}\n\n{step['description']}")
    return True


def close_step(session: FakeSession, status: str, error: str | None = None) -> None:
    """End the step that runs; the plan ends with the last one, or with one that fails."""
    if session.plan is None or session.step is None:
        return
    step, session.step = session.step, None
    step.update(status=status, **({"error": error} if error else {}))
    ids = {"plan_id": session.plan["id"], "subtask_id": step["id"]}
    session.fact("SubtaskCompleted" if status == "done" else "SubtaskFailed", **ids, turn=session.turn)
    if status == "failed" and error != "cancelled":
        session.plan["status"] = "failed"
        session.fact("PlanFailed", plan_id=session.plan["id"], code=error)
    elif all(one["status"] in {"done", "skipped"} for one in session.plan["subtasks"]):
        _complete(session)


def act_on_plan(session: FakeSession, body: dict[str, Any]) -> Reply:
    """Have a plan that stopped go on, or give one up."""
    plan = session.plan
    if plan is None:
        return problem(404, "PLAN_NOT_FOUND")
    if body["action"] == "cancel" and plan["status"] in {"in_progress", "failed"}:
        if session.step is None:
            plan["status"] = "cancelled"
            session.fact("PlanCancelled", plan_id=plan["id"])
        return Reply(200, plan)
    wanted = body.get("subtask_id")
    step = next((one for one in plan["subtasks"] if one["status"] == "failed" and wanted in {None, one["id"]}), None)
    if plan["status"] != "failed" or step is None:
        return problem(409, "PLAN_STATE")
    plan["status"] = "in_progress"
    if body["action"] == "skip":
        step["status"] = "skipped"
        session.fact("SubtaskSkipped", plan_id=plan["id"], subtask_id=step["id"])
    else:
        step["status"] = "pending"
    return Reply(200, plan)


def shown_plan(session: FakeSession) -> Reply:
    """Return the contract's Plan."""
    if session.plan is None:
        return problem(404, "PLAN_NOT_FOUND")
    counts = Counter(step["status"] for step in session.plan["subtasks"])
    total = len(session.plan["subtasks"])
    names = ("done", "failed", "skipped", "running", "pending")
    progress = {**{name: counts[name] for name in names}, "total": total, "percentage": 100 * counts["done"] / total}
    return Reply(200, {**session.plan, "progress": progress})


def _complete(session: FakeSession) -> None:
    if session.plan is not None and session.plan["status"] == "in_progress":
        session.plan["status"] = "completed"
        session.fact("PlanCompleted", plan_id=session.plan["id"])
