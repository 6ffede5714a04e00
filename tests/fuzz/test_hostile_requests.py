"""Thousands of hostile requests to every function, in one process, with a worker that lives with what was accepted."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.commands.run_turn import Delivery
from domain.model.approval import approval_id_of
from domain.model.session import TurnStatus
from domain.model.value import SessionKey
from functions.adapters.models.offline.model import OfflineModel
from infra.local.walk.directives import said, tool
from infra.openapi.document import document
from tests.fuzz.judge import faults
from tests.support.api_contract import ApiContract, routes
from tests.support.edge import Edge, Response
from tests.support.fakes import FakeClock
from tests.support.figures import Figures
from tests.support.hostile_requests import CANARY, HostileRequest, hostile_requests
from tests.support.log_lines import LogLines, logged
from tests.support.samples import sample, sample_key
from tests.support.system import System, memory_system

CONTRACT = ApiContract(document())
NAMES = [row.name for row, _ in routes()]
OF_SESSION = [name for name in NAMES if "session_id" in (sample(name)["pathParameters"] or {})]
ORDER = " ".join((tool("read_file", path="README.md"), tool("write_file", path="a.md", content="x"), said("done")))
SAMPLE_CALL = json.loads(sample("add_tool_result")["body"])["call_id"]
SAMPLE_APPROVAL = sample("decide_approval")["pathParameters"]["approval_id"]
EXAMPLES, ALL_EXAMPLES = 100, 20_000


def living() -> tuple[Edge, SessionKey]:
    """Return the edge of a system in which the samples' session waits for a result and for an approval."""
    system = memory_system(model=OfflineModel(FakeClock()))
    key = sample_key()
    system.create(key.session_id, key.user, agent="coder")
    return Edge(system), key


def aimed(event: dict[str, Any], system: System, key: SessionKey) -> dict[str, Any]:
    """Return an event whose sample ids are those of calls that are open now, for which the session is brought there."""
    if not system.session(key).is_active:
        system.update(key, is_active=True)
    session = system.session(key)
    if not session.awaiting_approval or len(session.open_calls) < 2:
        system.say(key, ORDER, agent="coder")
        work_off(system, key)
    session = system.session(key)
    if not session.awaiting_approval:
        # A rule that was accepted, say, lets nothing be asked.
        return event
    result, approval = session.open_calls[0], approval_id_of(session.awaiting_approval[0])
    path = {
        name: approval if sent == SAMPLE_APPROVAL else sent for name, sent in (event["pathParameters"] or {}).items()
    }
    return event | {"pathParameters": path, "body": event["body"] and event["body"].replace(SAMPLE_CALL, result)}


def work_off(system: System, key: SessionKey) -> None:
    """Let workers do all that is owed: whatever was accepted, none of them may fail at it."""
    for _ in range(50):
        if system.session(key).turn.status is not TurnStatus.RUNNING:
            return
        assert system.work(key) is Delivery.DONE
    raise AssertionError("there is always a turn left")


def found_in(name: str, response: Response) -> list[str]:
    """Return what is wrong with an answer."""
    headers = {header.lower(): value for header, value in response.headers.items()}
    found = faults(response.status, headers, response.body)
    return found or CONTRACT.faults(name, response.status, response.headers, response.json)


def send(edge: Edge, key: SessionKey, name: str, request: HostileRequest) -> int:
    """Send one request, let workers live with it, and return its status; fail unless the answer is one of ours."""
    event = aimed(request.event, edge.system, key)
    response = edge.send(name, event)
    found = found_in(name, response)
    assert not found, f"{name} with {request.what}: {found}, for the event {json.dumps(event)[:2000]}"
    work_off(edge.system, key)
    return response.status


def check_log(log: LogLines, requests: int) -> None:
    """Each request has its one line, none of its text is in it, and nobody's text has become a line."""
    assert sum(line["message"] == "handled" for line in log.lines) >= requests
    assert {line["level"] for line in log.lines} == {"INFO"}
    assert CANARY not in log.text


@pytest.mark.parametrize("name", NAMES)
def test_function_answers_as_promised_whatever_it_is_sent(name: str, figures: Figures) -> None:
    """No 5xx, nothing undescribed, a code with every refusal, and the session goes on answering after each."""
    edge, key = living()
    requests = list(hostile_requests(name))

    with logged() as log:
        statuses = Counter(send(edge, key, name, request) for request in requests)
        for query in OF_SESSION:
            if query.startswith(("get_", "list_")) and query != "get_plan":
                assert edge.call(query, query=None).status == 200
    check_log(log, len(requests))
    assert not OF_SESSION.count(name) or len(statuses) > 1
    figures.note("hostile requests in process", operation=name, sent=len(requests), by_status=str(dict(statuses)))


def test_session_goes_on_whatever_it_is_sent_in_whatever_order(figures: Figures, *, whole: bool) -> None:
    """Chosen at random, one after the other in one session, hostile requests leave nothing behind that breaks."""
    edge, key = living()
    choices = [(name, request) for name in NAMES for request in hostile_requests(name)]
    sent = 0

    @settings(max_examples=ALL_EXAMPLES if whole else EXAMPLES)
    @given(st.sampled_from(choices))
    def go_on(choice: tuple[str, HostileRequest]) -> None:
        nonlocal sent
        sent += 1
        name, request = choice
        send(edge, key, name, request)

    with logged() as log:
        go_on()
    check_log(log, sent)
    figures.note("hostile requests in process", operation="any", sent=sent)
