"""Hostile requests over HTTP to the running system; afterwards its logs and its bus are searched for what was said."""

import json
import time
from collections import Counter
from collections.abc import Mapping

import pytest

from functions.catalog import CATALOG
from infra.local.cloud import LocalCloud
from infra.openapi.document import document
from tests.e2e.user import User
from tests.fuzz.judge import faults
from tests.fuzz.over_http import Heard, RawClient
from tests.fuzz.secrets_scan import Eavesdropper, leaks
from tests.support.api_contract import ApiContract, routes
from tests.support.figures import Figures
from tests.support.hostile_requests import CANARY, hostile_requests
from tests.support.samples import sample_key

CONTRACT = ApiContract(document())
NAMES = [row.name for row, _ in routes()]
FRAMING = ("Transfer-Encoding", "Content-Length", "Expect")
"""Headers that say where a request ends: a lie there is between the sender and the gateway's server."""
GATEWAYS_OWN: Mapping[int, str] = {
    400: "a header with a NUL in it: no HTTP, so no server reads it",
    431: "a request line or header of 100 000 characters: the gateway's limit, 10 KB on AWS, and its own words",
}
"""Statuses of the server before the gateway, whose answers have no body of ours."""


def faults_of(name: str, heard: Heard) -> list[str]:
    """Return what is wrong with an answer of the operation `name`."""
    if heard.status in GATEWAYS_OWN and heard.headers.get("content-type") != "application/problem+json":
        return []
    found = faults(heard.status, heard.headers, heard.body)
    types = {"Content-Type": heard.headers.get("content-type", "")}
    return found or CONTRACT.faults(name, heard.status, types, json.loads(heard.body))


@pytest.mark.timeout(1800)
def test_running_system_answers_as_promised_whatever_it_is_sent(
    cloud: LocalCloud, mallory: User, figures: Figures, *, whole: bool
) -> None:
    """Every odd thing to every operation, or each to one in turn: no 5xx, nothing undescribed, no secret anywhere."""
    ear = Eavesdropper(cloud)
    client = RawClient(mallory.url, mallory.token)
    mallory.send("POST", "/sessions", {"session_id": sample_key().session_id, "agent": "coder", "title": CANARY})
    order = (
        f'[[tool read_file {{"path": "{CANARY}"}}]] [[tool write_file {{"path": "{CANARY}", "content": "{CANARY}"}}]]'
    )
    mallory.send("POST", f"/sessions/{sample_key().session_id}/messages", {"content": order})
    began, statuses, wrong = time.monotonic(), Counter[int](), list[str]()

    for turn, name in enumerate(NAMES):
        for number, request in enumerate(hostile_requests(name)):
            # The gateway alone decides what is base64; who calls it cannot.
            is_skipped = request.event["isBase64Encoded"] or request.what.startswith(FRAMING)
            if is_skipped or (not whole and (turn + number) % len(NAMES)):
                continue
            heard = client.send(request.event)
            if heard:
                statuses[heard.status] += 1
                found = faults_of(name, heard) + leaks([heard.body + str(heard.headers)], [str(mallory.token)])
                wrong += [f"{name} with {request.what}: {found}"] if found else []

    facts, lines = ear.heard(), ear.lines()
    seconds = time.monotonic() - began
    figures.note(
        "hostile requests over HTTP",
        sent=statuses.total(),
        by_status=str(dict(sorted(statuses.items()))),
        seconds=seconds,
        log_lines_searched=len(lines),
        facts_searched=len(facts),
    )
    assert not wrong, "\n".join(wrong)
    secrets = (CANARY, *secrets_of(cloud, mallory))
    assert leaks(facts, secrets) == []
    assert leaks(lines, secrets) == []
    assert len(lines) > statuses.total() / 2
    assert facts


def secrets_of(cloud: LocalCloud, *users: User) -> list[str]:
    """Return the signatures of all tokens: what makes them worth stealing, and stands nowhere else."""
    return [
        str(token).rpartition(".")[2] for token in (*cloud.endpoint.tokens.values(), *(user.token for user in users))
    ]


def test_every_function_has_logged_and_none_has_logged_a_defect(cloud: LocalCloud, mallory: User) -> None:
    """The search above is one of logs that are there: each line of a function is JSON, by its own name."""
    mallory.send("GET", "/health")
    entries = [json.loads(line) for line in Eavesdropper(cloud).lines() if line.startswith("{")]

    assert {entry.get("function") for entry in entries} & {row.name for row in CATALOG}
    assert [entry for entry in entries if entry.get("message") == "defect"] == []
