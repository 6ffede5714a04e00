"""The scenes with plans, and those that end the walk."""

from collections.abc import Sequence

from clients.consent import GRANTED, Decision
from clients.plan_views import Subtask
from infra.local.walk.directives import plan, rounds, said, subtask, tool
from infra.local.walk.walker import Walker

_SKETCH, _PLAN, _UNWANTED, _DROPPED = "A sketch", "Light the lamp", "Sell the lamp", "Polish the lamp"
_WRITTEN = "step one\n"


def planning(walker: Walker) -> None:
    """A plan that is revised and approved; one subtask is stopped and retried, one fails and is skipped."""
    walker.post(
        rounds(
            plan(_SKETCH, subtask("Look", "ask", said("nothing"))),
            plan(
                _PLAN,
                subtask(
                    "Write",
                    "coder",
                    rounds(
                        tool("write_file", path="plan.txt", content=_WRITTEN),
                        tool("attempt_completion", result="It is written."),
                    ),
                ),
                subtask("Check", "ask", rounds(tool("echo", text="halfway"), "[[delay 5]] [[say It is right.]]"), 0),
                subtask("Test", "debug", "[[fail 400]]", 1),
            ),
        ),
        agent="architect",
    )
    decisions = {_SKETCH: Decision("edit", "Three steps, please."), _PLAN: GRANTED, "write_file": GRANTED}
    walker.until("SubtaskStarted", decisions, where=lambda fields: fields["subtask_id"] == "2")
    walker.check("the first subtask was done", is_true=(walker.folder / "plan.txt").read_text() == _WRITTEN)
    walker.until("ToolCallCompleted", decisions)
    walker.api.cancel_turn(walker.session_id)
    walker.until("PlanFailed")
    stopped = walker.api.get_plan(walker.session_id)
    walker.check(f"stopped: {_progress(stopped.subtasks)}", is_true=stopped.status == "failed")
    walker.api.decide_plan(walker.session_id, "retry")
    walker.until("PlanFailed")
    failed = walker.api.get_plan(walker.session_id)
    walker.check(f"retried: {_progress(failed.subtasks)}", is_true=[one.status for one in failed.subtasks][1] == "done")
    skipped = walker.api.decide_plan(walker.session_id, "skip", subtask_id="3")
    walker.until("PlanCompleted")
    walker.check(f"skipped: {_progress(skipped.subtasks)}", is_true=(skipped.done, skipped.status) == (2, "completed"))


def unplanned(walker: Walker) -> None:
    """What the architect may not do, a plan that is rejected, and one that is given up."""
    walker.post(
        rounds(
            tool("write_file", path="src/lamp.py", content="sold\n"),
            plan(_UNWANTED, subtask("Sell", "coder", said("sold"))),
        ),
        agent="architect",
    )
    walker.until("PlanRejected", {_UNWANTED: Decision("reject", "It is not for sale.")})
    refused = [event.fields["code"] for event in walker.heard if event.type == "ToolCallRefused"]
    walker.check("the architect writes only *.md", is_true=refused[-1] == "PATH_NOT_ALLOWED")
    walker.post(plan(_DROPPED, subtask("Polish", "coder", "[[delay 10]] [[say never]]")), agent="architect")
    walker.until("SubtaskStarted", {_DROPPED: GRANTED})
    dropped = walker.api.decide_plan(walker.session_id, "cancel")
    walker.until("PlanCancelled")
    walker.check("a plan that is given up", is_true=dropped.status == "cancelled")


def closing(walker: Walker) -> None:
    """Settings, the list, an inactive session, and what was told."""
    api, session_id = walker.api, walker.session_id
    renamed = api.update_session(session_id, title="A walk", policies=[])
    walker.check("the session has another title", is_true=renamed.title == "A walk")
    api.update_session(session_id, is_active=False)
    refused = walker.refusal(lambda: api.add_message(session_id, "Hello?"))
    walker.check(f"an inactive session: {refused}", is_true=refused == "SESSION_INACTIVE")
    listed = [item.id for item in api.list_sessions(include_inactive=True).items]
    active = [item.id for item in api.list_sessions().items]
    walker.check("it is listed for who asks", is_true=session_id in listed and session_id not in active)
    is_active = api.update_session(session_id, is_active=True).is_active
    walker.check("it is active again", is_true=is_active)
    messages = api.list_messages(session_id, limit=200).items
    told = [event.seq for event in walker.heard if event.message]
    walker.check(f"{len(messages)} messages, as the events told them", is_true=[one.seq for one in messages] == told)
    decided = walker.approvals()
    walker.check(
        f"{len(decided)} approvals, none left open", is_true=not any(one.status == "pending" for one in decided)
    )


def _progress(subtasks: Sequence[Subtask]) -> str:
    return ", ".join(f"{one.id} {one.status}" for one in subtasks)
