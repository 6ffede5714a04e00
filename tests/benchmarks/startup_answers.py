"""What the table answers while a function handles its sample event: real items of a session in the state it needs."""

from typing import Any

from domain.model.change import Call
from domain.model.value import SessionKey
from functions.adapters.dynamodb.log_mapper import LogMapper
from functions.adapters.dynamodb.message_mapper import CallMapper
from functions.adapters.dynamodb.models import ACTIVITY_INDEX
from functions.adapters.dynamodb.session_mapper import SessionMapper
from tests.support.builders import calls, memory_store, reads, routes_to
from tests.support.samples import sample_key
from tests.support.system import SETTINGS, System, memory_system

QUESTION = "What does README.md say?"
OWED = frozenset({"run_turn", "fail_turn"})
"""Functions that need a turn to work on."""
WAITING = frozenset({"add_tool_result"})
"""Functions that need an open call."""
FACTS_OF_A_COMMIT = 2
"""As many as the sample of `publish_events` has."""


def answers_for(function: str) -> dict[str, Any]:
    """Return the body of each operation's answer, by the names of botocore's events."""
    system, key = memory_system(routes_to("ask"), calls(*reads("README.md"))), sample_key()
    system.create(key.session_id, key.user, title="First look")
    if function in OWED | WAITING:
        system.say(key, QUESTION)
    if function in WAITING:
        system.work(key)
    answers = _answers(system, key)
    if function in OWED:
        # A worker loads the session with its lock; what it gets by key is the state of the model's circuit.
        del answers["dynamodb.GetItem"]
    return answers


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
    return {
        "dynamodb.GetItem": {"Item": head},
        "dynamodb.BatchGetItem": {"Responses": {SETTINGS.table: [head, *opened]}, "UnprocessedKeys": {}},
        "dynamodb.UpdateItem": {"Attributes": head},
        "dynamodb.Query": _page(log),
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


def _page(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Items": items, "Count": len(items), "ScannedCount": len(items)}


def _calls(system: System, key: SessionKey) -> list[Call]:
    return [call for (owner, _), call in memory_store(system).calls.items() if owner == key]
