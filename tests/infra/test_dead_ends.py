"""Every way in which work can fail for good ends in a queue that the operator's tools know."""

from typing import Any

import pytest

from functions.catalog import CATALOG, Function, Route
from infra.constructs.queues import KEPT
from infra.dead_ends import STACK_NAME, DeadEnd, dead_ends
from tests.infra.synthesized import AWS, LOCAL, Synthesized, as_list, rendered, synthesized, target

TARGETS = pytest.mark.parametrize("target_name", [AWS, LOCAL])
ENDS = pytest.mark.parametrize("end", dead_ends(), ids=lambda end: end.kind)
UNASKED = pytest.mark.parametrize(
    "row", [row for row in CATALOG if not isinstance(row.trigger, Route)], ids=lambda row: row.name
)


def _told(found: Synthesized) -> set[str]:
    """Queues that the outputs name as those of dead letters."""
    return {target(found.template["Outputs"][end.url_output]["Value"]) for end in dead_ends()}


def _end_of(found: Synthesized, queue: dict[str, Any]) -> str:
    """Where a message of a queue is in the end, when nobody handles it."""
    redrive = found.resources[target(queue)]["Properties"].get("RedrivePolicy")
    return _end_of(found, redrive["deadLetterTargetArn"]) if redrive else target(queue)


def _is_of(found: Synthesized, row: Function, reference: Any) -> bool:
    return found.path_of(target(reference)).split("/")[1] == row.name


@TARGETS
def test_every_dead_end_is_told_of_and_no_other_queue(target_name: str) -> None:
    """A queue that nothing comes after is one of the operator's, and each of his is one."""
    found = synthesized(target_name)
    queues = found.of_type("AWS::SQS::Queue")

    ends = {id_ for id_, made in queues.items() if "RedrivePolicy" not in made["Properties"]}

    assert _told(found) == ends
    assert {queues[id_]["Properties"]["MessageRetentionPeriod"] for id_ in ends} == {KEPT.to_seconds()}
    assert {queues[id_]["Properties"]["ReceiveMessageWaitTimeSeconds"] for id_ in ends} == {1}
    assert len({end.kind for end in dead_ends()}) == len(dead_ends()) == len(ends)


@TARGETS
@UNASKED
def test_whatever_a_function_fails_at_comes_to_a_dead_end(row: Function, target_name: str) -> None:
    """Every mapping and every rule that invokes it says where to go, and that way leads to the operator.

    A function that is invoked in another way has none of these, and fails here until it says where its failures go.
    """
    found = synthesized(target_name)
    mappings = [
        mapping
        for mapping in found.properties("AWS::Lambda::EventSourceMapping")
        if _is_of(found, row, mapping["FunctionName"])
    ]
    ways = [
        mapping["DestinationConfig"]["OnFailure"]["Destination"]
        if "DestinationConfig" in mapping
        else mapping["EventSourceArn"]
        for mapping in mappings
    ]
    for rule in found.properties("AWS::Events::Rule"):
        for aim in rule["Targets"]:
            if target(aim["Arn"]) not in found.of_type("AWS::SQS::Queue") and _is_of(found, row, aim["Arn"]):
                (invoked,) = [
                    made["DestinationConfig"]["OnFailure"]["Destination"]
                    for made in found.properties("AWS::Lambda::EventInvokeConfig")
                    if _is_of(found, row, made["FunctionName"])
                ]
                ways += [aim["DeadLetterConfig"]["Arn"], invoked]

    assert ways
    assert {_end_of(found, way) for way in ways} <= _told(found)


@TARGETS
def test_whatever_a_rule_cannot_deliver_comes_to_a_dead_end(target_name: str) -> None:
    """Every target of every rule has dead letters, the clock's too."""
    found = synthesized(target_name)
    aims = [aim for rule in found.properties("AWS::Events::Rule") for aim in rule["Targets"]]

    assert len(aims) >= len(dead_ends()) - 1
    assert {_end_of(found, aim["DeadLetterConfig"]["Arn"]) for aim in aims} <= _told(found)


@ENDS
def test_letters_go_back_to_the_queue_they_came_from(end: DeadEnd) -> None:
    """What ends here was sent there, so sending it again sends it there."""
    found = synthesized()
    if end.origin_output is None:
        return
    outputs = found.template["Outputs"]

    assert _end_of(found, outputs[end.origin_output]["Value"]) == target(outputs[end.url_output]["Value"])


@TARGETS
def test_operator_may_do_what_the_tools_need_and_nothing_else(target_name: str) -> None:
    """The policy names each queue, function and table it is for; nobody has it until somebody gives it."""
    found = synthesized(target_name)
    outputs = found.template["Outputs"]
    allowed = {
        (action, resource if ":stack/" in (resource := rendered(reference)) else target(reference))
        for statement in found.only("AWS::IAM::ManagedPolicy")["PolicyDocument"]["Statement"]
        for action in as_list(statement["Action"])
        for reference in as_list(statement["Resource"])
    }
    stack = f"arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:stack/{STACK_NAME}/*"
    letters = ("ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
    table, bus = (target(outputs[name]["Value"]) for name in ("TableName", "BusName"))

    assert allowed == {
        ("cloudformation:DescribeStacks", stack),
        ("events:PutEvents", bus),
        *((f"dynamodb:{action}", table) for action in ("GetItem", "Query", "Scan")),
        *((f"sqs:{action}", queue) for action in letters for queue in _told(found)),
        *(("sqs:SendMessage", target(outputs[end.origin_output]["Value"])) for end in dead_ends() if end.origin_output),
        *(
            ("lambda:InvokeFunction", id_)
            for end in dead_ends()
            for id_, made in found.of_type("AWS::Lambda::Function").items()
            if not end.origin_output and end.kind == end.row.name and _is_of(found, end.row, {"Ref": id_})
            if made
        ),
    }
