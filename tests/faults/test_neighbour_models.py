"""The model fails, another stands in, workers share what they know of both, and all is as before when it is back."""

import json
from contextlib import AbstractContextManager
from math import inf
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from domain.model.session import TurnErrorCode, TurnStatus
from functions.adapters.models.circuit import FAILURES, PARTITION
from tests.support import aws_wire, bedrock_wire
from tests.support.dynamodb import plain_client
from tests.support.neighbour_faults import fault_named
from tests.support.neighbour_scenes import CONVERSE, SCENES
from tests.support.neighbour_stage import Stage, Stages
from tests.support.neighbours import Fault, Sent

STAND_IN = "second-model"
DOWN = "ServiceUnavailableException"
FAR_FUTURE = 32_503_680_000


def owed(stages: Stages, **settings: str) -> AbstractContextManager[Stage]:
    """Return the stage of a session that owes a turn."""
    return stages.set_up("run_turn", SCENES["run_turn"], **settings)


def only(model: str, fault: str) -> Fault:
    """Return the fault of one model; every other one answers."""

    def happen(sent: Sent) -> AWSResponse:
        is_meant = f"/{model}/" in sent.request.url
        return fault_named(CONVERSE, fault).happen(sent) if is_meant else sent.carry_out()

    return happen


def llm_facts(stage: Stage) -> list[tuple[str, str]]:
    """Return each fact about models with the model it names."""
    events = stage.system.events(stage.key)
    return [(e.fact.type_name(), e.fact.model) for e in events if e.fact.category == "llm"]  # type: ignore[attr-defined]  # every fact of that category names its model


@pytest.mark.parametrize(
    "fault", [DOWN, "read timeout", "ThrottlingException", "a malformed tool call", "half an answer"]
)
def test_turn_is_answered_by_the_stand_in_when_the_model_fails(stages: Stages, fault: str) -> None:
    """The user gets an answer; the log says whose, and instead of whose."""
    model = f"down-by-{fault.replace(' ', '-')}"
    with owed(stages, model_id=model, model_fallback=STAND_IN) as stage:
        stage.neighbours.fail(CONVERSE, only(model, fault), times=inf)

        outcome = stage.invoke()

        left = stage.left()
        (completed,) = [e.fact for e in stage.system.events(stage.key) if e.fact.type_name() == "LlmRequestCompleted"]
    assert (outcome.status, left["turn"][1]) == ("done", TurnStatus.IDLE)
    assert left["messages"][-1][1] == "It says hello."
    assert (completed.model, completed.instead_of) == (STAND_IN, model)  # type: ignore[attr-defined]  # of this fact


def test_turn_fails_and_may_be_said_again_when_neither_answers(stages: Stages) -> None:
    """The state is clear, the message is kept, and the next one is answered."""
    with owed(stages, model_id="neither", model_fallback="nor") as stage:
        stage.neighbours.fail(CONVERSE, fault_named(CONVERSE, "ModelErrorException").happen, times=inf)
        stage.invoke()

        failed = stage.left()
        stage.system.say(stage.key, "Once more, please.", agent="ask")
        stage.recover()
        stage.invoke()

        assert failed["turn"][2].code is TurnErrorCode.MODEL_UNAVAILABLE
        assert [message[1] for message in stage.left()["messages"]][-1] == "It says hello."
        assert len(stage.left()["messages"]) == 3


@pytest.mark.parametrize(
    "call",
    [("read_file", "no arguments"), ("read_file", {}), ("rm -rf", {}), ("read_file", {"path": "../../etc/passwd"})],
    ids=["a text for arguments", "none", "a tool of nobody", "a path outside"],
)
def test_malformed_tool_call_reaches_no_client_when_a_model_makes_it(stages: Stages, call: tuple[str, Any]) -> None:
    """The model is told and tries again; the turn goes on."""
    with owed(stages) as stage:
        stage.neighbours.fail(CONVERSE, lambda sent: _says(sent, bedrock_wire.answer("", call)))

        stage.invoke()

        left = stage.left()
        assert "ToolCallRefused" in left["facts"]
        assert (left["turn"][1], left["open"]) == (TurnStatus.IDLE, ())
        assert left["messages"][-1][1] == "It says hello."


def test_circuit_opens_for_all_workers_and_closes_when_the_model_is_back(stages: Stages) -> None:
    """CLOSED → OPEN: nobody calls; → HALF_OPEN: one call; → CLOSED: all call. Each message is answered or failed."""
    down = fault_named(CONVERSE, DOWN).happen
    with owed(stages) as one:
        client, table = plain_client(stages.port), one.table
        one.neighbours.fail(CONVERSE, down, times=inf)
        one.invoke()
        one.system.say(one.key, "Again.", agent="ask")
        one.invoke()
        asked = one.neighbours.sent[CONVERSE]
        _set_times(client, table, FAR_FUTURE)
        with one.another_worker() as other:
            other.system.say(other.key, "And again.", agent="ask")
            other.invoke()
            while_open = (other.neighbours.sent[CONVERSE], other.left()["turn"][2].code)
            other.system.say(other.key, "Are you back?", agent="ask")
            _set_times(client, table, 0)
            other.invoke()
            facts, turn = llm_facts(other), other.left()["turn"]

    assert asked == FAILURES
    assert while_open == (0, TurnErrorCode.MODEL_UNAVAILABLE)
    assert [name for name, _ in facts] == [
        "LlmRequestFailed",
        "LlmRequestFailed",
        "ModelCircuitOpened",
        "LlmRequestFailed",
        "LlmRequestCompleted",
        "ModelCircuitClosed",
    ]
    assert (turn[1], turn[2]) == (TurnStatus.IDLE, None)


def test_open_circuit_asks_the_stand_in_at_once(stages: Stages) -> None:
    """Nobody waits for a model that is known to be down when there is another."""
    name = "known-to-be-down"
    with owed(stages, model_id=name, model_fallback=STAND_IN) as stage:
        stage.neighbours.fail(CONVERSE, only(name, DOWN), times=inf)
        stage.invoke()
        stage.system.say(stage.key, "Again.", agent="ask")
        stage.invoke()
        _set_times(plain_client(stages.port), stage.table, FAR_FUTURE)
        before, began = stage.neighbours.sent[CONVERSE], stage.neighbours.clock.seconds
        stage.system.say(stage.key, "And again.", agent="ask")
        stage.invoke()

        assert stage.neighbours.sent[CONVERSE] - before == 1
        assert stage.neighbours.clock.seconds == began
        assert stage.left()["turn"][1] is TurnStatus.IDLE
        assert before == FAILURES + 2


def _says(sent: Sent, body: dict[str, Any]) -> AWSResponse:
    return aws_wire.success(aws_wire.BEDROCK, sent.request, json.dumps(body).encode())


def _set_times(client: Any, table: str, seconds: int) -> None:
    """Keep every circuit as it is, or let its time pass: Powertools asks the machine's clock."""
    for item in client.scan(TableName=table)["Items"]:
        if item["PK"]["S"] == PARTITION:
            times = {name: {"N": str(seconds)} for name in ("oa", "le") if name in item}
            client.put_item(TableName=table, Item=item | times)
