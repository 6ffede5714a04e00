"""What the table answers while a function handles its sample event: real items of a session in the state it needs."""

from datetime import UTC, datetime
from typing import Any

from domain.commands.cancel_turn import CancelTurnCommand
from domain.commands.decide_approval import Decide, DecideApprovalCommand
from domain.commands.decide_plan import DecidePlanCommand, PlanAction
from domain.model.approval import Approval
from domain.model.change import Call
from domain.model.llm import ModelAnswer
from domain.model.value import CorrelationId, SessionKey, Trace
from functions.adapters.dynamodb.approval_mapper import ApprovalMapper
from functions.adapters.dynamodb.log_mapper import LogMapper
from functions.adapters.dynamodb.message_mapper import CallMapper
from functions.adapters.dynamodb.models import ACTIVITY_INDEX, APPROVAL_PREFIX
from functions.adapters.dynamodb.plan_mapper import PlanMapper
from functions.adapters.dynamodb.session_mapper import SessionMapper
from tests.support.builders import calls, memory_store, reads, routes_to, wants
from tests.support.samples import sample_key
from tests.support.system import SETTINGS, System, memory_system

QUESTION = "What does README.md say?"
OWED = frozenset({"run_turn", "fail_turn"})
"""Functions that need a turn to work on."""
WAITING = frozenset({"add_tool_result"})
"""Functions that need an open call."""
ASKED = frozenset({"list_approvals", "decide_approval"})
"""Functions that need a call for which a person is asked."""
PLANNED = frozenset({"get_plan", "decide_plan"})
"""Functions that need a plan whose second step has failed."""
FACTS_OF_A_COMMIT = 2
"""As many as the sample of `publish_events` has."""


def answers_for(function: str) -> dict[str, Any]:
    """Return the body of each operation's answer, by the names of botocore's events."""
    agent, answer = _scene(function)
    system, key = memory_system(routes_to(agent), answer), sample_key()
    system.create(key.session_id, key.user, title="First look")
    if function in OWED | WAITING | ASKED | PLANNED:
        system.say(key, QUESTION)
    if function in WAITING | ASKED | PLANNED:
        system.work(key)
    if function in PLANNED:
        _let_the_plan_fail(system, key)
    answers = _answers(system, key)
    if function in OWED:
        # A worker loads the session with its lock; what it gets by key is the state of the model's circuit.
        del answers["dynamodb.GetItem"]
    return answers


def _scene(function: str) -> tuple[str, ModelAnswer]:
    if function in ASKED:
        return "coder", calls(wants("write_file", path="a.py", content="x"))
    if function in PLANNED:
        step = {"title": "Do it", "description": "All of it.", "agent": "coder", "estimated_time_minutes": 5}
        return "architect", calls(
            wants("create_plan", title="A plan", description="Of one step.", subtasks=[step, step])
        )
    return "ask", calls(*reads("README.md"))


def _let_the_plan_fail(system: System, key: SessionKey) -> None:
    [approval] = memory_store(system).approvals.values()
    trace = Trace(correlation_id=CorrelationId("startup"))
    about: dict[str, Any] = {"user": key.user, "session_id": key.session_id, "trace": trace}
    system.registry.execute_command(DecideApprovalCommand(**about, approval_id=approval.id, decision=Decide.APPROVE))
    system.registry.execute_command(CancelTurnCommand(**about))
    system.registry.execute_command(DecidePlanCommand(**about, action=PlanAction.SKIP))
    system.registry.execute_command(CancelTurnCommand(**about))


def head_item() -> dict[str, Any]:
    """Return the head of a new session as the table has it."""
    item: dict[str, Any] = answers_for("create_session")["dynamodb.GetItem"]["Item"]
    return item


def _answers(system: System, key: SessionKey) -> dict[str, Any]:
    store = memory_store(system)
    head = SessionMapper().to_model(store.get(key)).serialize()
    log = [LogMapper().to_model(commit.events).serialize() for commit in store.commits]
    mapper = CallMapper(key)
    opened = [mapper.to_model(call).serialize() for call in _calls(system, key)]
    asked = [_undecided(key, approval) for approval in store.approvals.values()]
    plan = [PlanMapper(key).to_model(plan).serialize() for plan in store.plans.values()]
    shown = [item for item, commit in zip(log, store.commits, strict=True) if commit.requested]
    return {
        "dynamodb.GetItem": {"Item": head},
        "dynamodb.BatchGetItem": {
            "Responses": {SETTINGS.table: [head, *opened, *asked, *shown]},
            "UnprocessedKeys": {},
        },
        'dynamodb.GetItem/"PLAN"': {"Item": plan[0]} if plan else {},
        "dynamodb.Scan": _page([]),
        "dynamodb.UpdateItem": {"Attributes": head},
        "dynamodb.Query": _page(log),
        f"dynamodb.Query/{APPROVAL_PREFIX}": _page(asked),
        f"dynamodb.Query/{ACTIVITY_INDEX}": _page([head]),
        "bedrock-runtime.Converse": {
            "output": {"message": {"role": "assistant", "content": [{"text": "It says hello."}]}},
            "stopReason": "end_turn",
            "usage": {"inputTokens": 7, "outputTokens": 3, "totalTokens": 10},
            "metrics": {"latencyMs": 1},
        },
        "eventbridge.PutEvents": {
            "FailedEntryCount": 0,
            "Entries": [{"EventId": str(number)} for number in range(FACTS_OF_A_COMMIT)],
        },
    }


def _undecided(key: SessionKey, approval: Approval) -> dict[str, Any]:
    """Return the item of an approval that has time left on whatever day this runs."""
    late = approval.model_copy(update={"expires_at": datetime(2999, 1, 1, tzinfo=UTC)})
    item: dict[str, Any] = ApprovalMapper(key, {}).to_model(late).serialize()
    return item


def _page(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Items": items, "Count": len(items), "ScannedCount": len(items)}


def _calls(system: System, key: SessionKey) -> list[Call]:
    return [call for (owner, _), call in memory_store(system).calls.items() if owner == key]
