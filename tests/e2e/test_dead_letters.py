"""What failed for good, looked at and sent again by somebody who has the operator's policy and nothing else."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from functions.catalog import CATALOG, Commits, Schedule
from infra.dead_ends import COMMITS, DeadEnd, dead_ends, function_name
from infra.local.cloud import LocalCloud
from infra.local.environment import REGION, clean
from infra.local.layout import ROOT
from tests.e2e.user import User
from tests.support.figures import Figures
from tests.support.patience import PATIENCE_SECONDS

SECRET = "a text that belongs in no queue"
ANYBODY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
(PUBLISHER,) = [row for row in CATALOG if isinstance(row.trigger, Commits)]
QUEUED = [end for end in dead_ends() if end.origin_output]
TICKED = [end for end in dead_ends() if isinstance(end.row.trigger, Schedule)]

Operate = Callable[..., tuple[int, Any]]


@pytest.fixture(scope="module")
def operate(cloud: LocalCloud) -> Operate:
    """Run a command as somebody who has the stack's policy for operators; gives its exit code and its JSON."""
    iam = cloud.client("iam")
    role = iam.create_role(RoleName="somebody", AssumeRolePolicyDocument=json.dumps(ANYBODY))["Role"]
    iam.attach_role_policy(RoleName="somebody", PolicyArn=cloud.outputs["OperatorPolicyArn"])
    given = cloud.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="operator")["Credentials"]
    environment = clean(
        AWS_ENDPOINT_URL=f"http://127.0.0.1:{cloud.endpoint.port}",
        AWS_DEFAULT_REGION=REGION,
        AWS_ACCESS_KEY_ID=given["AccessKeyId"],
        AWS_SECRET_ACCESS_KEY=given["SecretAccessKey"],
        AWS_SESSION_TOKEN=given["SessionToken"],
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        COVERAGE_PROCESS_START=os.environ.get("COVERAGE_PROCESS_START", ""),
    )

    def run(*words: str) -> tuple[int, Any]:
        command = (sys.executable, "-m", "infra.operations", *words, "--json")
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.stdout, done.stderr
        assert SECRET not in done.stdout + done.stderr
        return done.returncode, json.loads(done.stdout)

    return run


@pytest.fixture(autouse=True)
def nothing_waits(cloud: LocalCloud) -> None:
    """Empty every queue of dead letters: other tests of this process share the cloud, and some send what they may."""
    for end in dead_ends():
        cloud.client("sqs").purge_queue(QueueUrl=cloud.outputs[end.url_output])


@contextmanager
def _bus_refusing(cloud: LocalCloud) -> Iterator[None]:
    """Let the bus take nothing of the publisher's.

    MiniStack asks for an action `SendMessageBatch` where AWS asks for `SendMessage`, which the publisher has.
    """
    iam = cloud.client("iam")
    deployed = cloud.client("lambda").get_function_configuration(FunctionName=function_name(PUBLISHER))
    role = deployed["Role"].rpartition("/")[2]
    statements = [
        {"Effect": "Deny", "Action": "events:PutEvents", "Resource": "*"},
        {"Effect": "Allow", "Action": "sqs:SendMessageBatch", "Resource": "*"},
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName=role, PolicyName="refusing", PolicyDocument=policy)
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="refusing")


def _put(cloud: LocalCloud, end: DeadEnd, body: str) -> None:
    cloud.client("sqs").send_message(QueueUrl=cloud.outputs[end.url_output], MessageBody=body)


def _waiting(cloud: LocalCloud, *urls: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    counted = [
        cloud.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"] for url in urls
    ]
    return sum(int(value) for attributes in counted for value in attributes.values())


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _items(cloud: LocalCloud, session_id: str) -> list[Any]:
    """Return every item of a session, its head included."""
    pages = cloud.client("dynamodb").get_paginator("scan").paginate(TableName=cloud.endpoint.table, ConsistentRead=True)
    items = [item for page in pages for item in page["Items"] if session_id in item["PK"]["S"] + item["SK"]["S"]]
    return sorted(items, key=lambda item: (item["PK"]["S"], item["SK"]["S"]))


def _log_of(cloud: LocalCloud, end: DeadEnd) -> list[str]:
    """Return every line that the function whose letters these are has logged."""
    deployed = cloud.client("lambda").get_function_configuration(FunctionName=function_name(end.row))
    pages = cloud.client("logs").get_paginator("filter_log_events")
    found = pages.paginate(logGroupName=deployed["LoggingConfig"]["LogGroup"])
    return [event["message"] for page in found for event in page["events"]]


def _handled(cloud: LocalCloud, end: DeadEnd, session_id: str) -> int:
    """Return how many messages about a session the function has seen to."""
    return sum('"handled"' in line and session_id in line for line in _log_of(cloud, end))


def test_parked_commits_are_answered_when_they_are_sent_again(
    alice: User, cloud: LocalCloud, operate: Operate, figures: Figures
) -> None:
    """A bus that refuses loses nothing: one command later the turn is answered, and twice more changes nothing."""
    with _bus_refusing(cloud):
        session = alice.create(agent="coder")
        alice.say(session, f"[[say {SECRET}]]")
        id_ = session.removeprefix("/sessions/")
        _until(lambda: _waiting(cloud, cloud.outputs["CommitsDeadLettersUrl"]) >= 2)
    waiting = operate("dead-letters", "list")[1]
    (told,) = operate("dead-letters", "show", COMMITS, waiting["letters"][-1]["id"])[1]["letters"]

    assert {letter["session"] for letter in waiting["letters"]} == {id_}
    assert {letter["what"] for letter in waiting["letters"]} == {"commit"}
    assert told["session_now"] == "turn 1 running"
    assert alice.get(session)["turn"]["status"] == "running"

    code, sent = operate("dead-letters", "send")
    alice.settled(session)

    assert (code, {letter["outcome"] for letter in sent["letters"]}) == (0, {"sent"})
    assert [said["content"] for said in alice.messages(session)[1:]] == [SECRET]
    assert operate("dead-letters", "list")[1]["letters"] == []

    turns = next(end for end in QUEUED if end.kind == "turns")
    _until(lambda: _handled(cloud, turns, id_) == 1)
    before = _items(cloud, id_)
    for _ in range(2):
        code, done = operate("republish", "--session", id_, "--user", told["user"])
        assert (code, done["events"]) == (0, alice.get(session)["last_seq"])
    _until(lambda: _handled(cloud, turns, id_) == 3)
    figures.note("republished", items=len(before), facts=done["events"], items_changed=0)

    assert _items(cloud, id_) == before


@pytest.mark.parametrize("end", QUEUED, ids=lambda end: end.kind)
def test_turn_stays_as_it_is_when_a_dead_fact_of_it_is_sent_again(
    end: DeadEnd, alice: User, cloud: LocalCloud, operate: Operate
) -> None:
    """A fact that was handled long ago, or is none of the subscriber's, changes nothing however often it comes."""
    sqs, events = cloud.client("sqs"), cloud.client("events")
    heard: str = sqs.create_queue(QueueName=f"heard-{end.kind}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=heard, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    (subscription,) = end.row.trigger.subscriptions  # type: ignore[union-attr]  # a queue's
    pattern = {"detail-type": [fact.type_name() for fact in subscription.types]}
    events.put_rule(Name="heard", EventBusName=cloud.endpoint.bus, EventPattern=json.dumps(pattern))
    events.put_targets(Rule="heard", EventBusName=cloud.endpoint.bus, Targets=[{"Id": "1", "Arn": arn}])
    session = alice.create(agent="coder")
    id_ = session.removeprefix("/sessions/")
    alice.say(session, '[[tool write_file {"path": "a.txt", "content": "a"}]]')
    assert alice.settled(session)["turn"]["status"] == "waiting_for_approval"
    bodies = [
        message["Body"]
        for message in sqs.receive_message(QueueUrl=heard, MaxNumberOfMessages=10, WaitTimeSeconds=5)["Messages"]
        if id_ in message["Body"]
    ]
    events.remove_targets(Rule="heard", EventBusName=cloud.endpoint.bus, Ids=["1"])
    alice.send("POST", f"{session}/cancel", {})
    alice.settled(session)
    before, handled = _items(cloud, id_), _handled(cloud, end, id_)

    for body in bodies * 2:
        _put(cloud, end, body)
    code, sent = operate("dead-letters", "send", "--kind", end.kind)
    _until(lambda: _handled(cloud, end, id_) >= handled + 2 * len(bodies))

    assert bodies
    assert (code, len(sent["letters"])) == (0, 2 * len(bodies))
    assert {letter["session"] for letter in sent["letters"]} == {id_}
    assert _items(cloud, id_) == before


@pytest.mark.parametrize("end", TICKED, ids=lambda end: end.kind)
def test_failed_tick_waits_and_runs_when_it_is_sent_again(end: DeadEnd, cloud: LocalCloud, operate: Operate) -> None:
    """A function that fails at its tick leaves it with the dead letters; sent again, it runs."""
    tick = {"id": "tick-of-a-test", "time": "2026-01-01T00:00:00Z"}
    _put(cloud, end, json.dumps({"requestPayload": tick, "responsePayload": {"errorType": "StorageUnavailable"}}))

    (letter,) = operate("dead-letters", "list", "--kind", end.kind)[1]["letters"]
    code, sent = operate("dead-letters", "send", "--kind", end.kind, "--id", letter["id"])

    assert (letter["what"], letter["code"]) == ("tick", "StorageUnavailable")
    assert (code, sent["letters"][0]["outcome"]) == (0, "sent")
    assert _waiting(cloud, cloud.outputs[end.url_output]) == 0
    _until(lambda: any("tick-of-a-test" in line for line in _log_of(cloud, end)))


def test_letter_stays_when_nobody_can_read_it(cloud: LocalCloud, operate: Operate) -> None:
    """What names no commit is told of, kept, and the exit code says so."""
    end = next(end for end in dead_ends() if end.kind == COMMITS)
    _put(cloud, end, "not even JSON")

    code, sent = operate("dead-letters", "send", "--kind", end.kind)
    still = _waiting(cloud, cloud.outputs[end.url_output])

    assert (code, sent["letters"][0]["outcome"]) == (1, "kept")
    assert still == 1
