"""The HTTP client keeps the contract, repeats what is safe to repeat, and nothing else."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from clients.api import AgentRuntimeApi
from clients.pacing import Repeats
from clients.problems import ApiProblem, BrokenAnswer, FieldError, ServerUnreachable
from clients.tools.outcome import ToolDone, ToolFailed
from tests.clients.fake_clock import FakeClock
from tests.clients.fake_http import Dropped, Reply, problem
from tests.clients.fake_runtime import BASE_URL, FakeRuntime
from tests.clients.fake_server import FakeServer


def test_conversation_is_typed_when_server_keeps_contract(api: AgentRuntimeApi, runtime: FakeRuntime) -> None:
    """Every operation sends what the contract says and answers with typed values."""
    runtime.rounds = [[("read_file", {"path": "a"})], "done"]

    health = api.get_health()
    session = api.create_session(session_id="mine", title="T", agent="ask")
    message = api.add_message("mine", "hello", on_busy="enqueue")
    call = api.list_events("mine", after=3, wait_seconds=20).items[1].message
    assert call is not None
    result = api.add_tool_result("mine", call.tool_calls[0].call_id, ToolDone(""))
    messages = api.list_messages("mine", after=message.seq)
    events = api.list_events("mine", limit=1)

    assert (health.status, health.version) == ("ok", "9.9")
    assert (session.id, session.turn.number, session.last_seq) == ("mine", 0, 1)
    assert (message.role, message.turn, message.seq) == ("user", 1, 2)
    assert (call.tool_calls[0].tool, call.tool_calls[0].is_ours_to_run) == ("read_file", True)
    assert (result.role, result.tool_call_id, result.outcome) == ("tool", "5-0", "done")
    assert [one.role for one in messages.items] == ["assistant", "tool", "assistant"]
    assert (events.next_after, events.has_more) == (1, True)
    assert events.items[0].occurred_at == datetime(2026, 1, 1, 0, 0, 1, 250_000, UTC)
    assert api.get_session("mine").message_count == 4
    sent = {request.operation: request for request in runtime.requests}
    assert sent["create_session"].body == {"session_id": "mine", "title": "T", "agent": "ask"}
    assert sent["add_message"].body == {"content": "hello", "on_busy": "enqueue"}
    assert sent["add_tool_result"].body == {"call_id": "5-0", "result": ""}
    assert sent["list_messages"].query == {"after": "2", "limit": "50"}
    assert runtime.of("list_events")[0].query == {"after": "3", "limit": "100", "wait": "20"}
    assert sent["get_health"].path == "/prefix/v1/health"
    assert api.requests == {**dict.fromkeys(sent, 1), "list_events": 2}


def test_tool_failure_is_sent_as_error(api: AgentRuntimeApi, runtime: FakeRuntime) -> None:
    """A failed call is told by `error`, without a `result` beside it."""
    runtime.rounds = [[("read_file", {})], "done"]
    api.create_session()
    api.add_message("s-1", "x")

    api.add_tool_result("s-1", "5-0", ToolFailed("no such file"))

    assert runtime.of("add_tool_result")[0].body == {"call_id": "5-0", "error": "no such file"}


@pytest.mark.parametrize(
    ("fault", "pause"),
    [
        (problem(409, "SESSION_BUSY", {"Retry-After": "3"}), 3.0),
        (problem(429, "RATE_LIMITED", {"Retry-After": "1"}), 1.0),
        (problem(503, "STORAGE_UNAVAILABLE"), 0.2),
        (Reply(503, "<html>", {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), 0.2),
    ],
)
def test_command_is_repeated_with_its_key_when_nothing_was_done(
    api: AgentRuntimeApi, runtime: FakeRuntime, clock: FakeClock, fault: Reply, pause: float
) -> None:
    """After an answer that says `later`, the same command goes out again after the time asked for, with one key."""
    api.create_session()
    runtime.faults["add_message"].append(fault)

    api.add_message("s-1", "x")
    api.add_message("s-1", "y")

    keys = [request.headers["Idempotency-Key"] for request in runtime.of("add_message")]
    assert keys[0] == keys[1] != keys[2]
    assert clock.sleeps == [pause]
    assert api.requests["add_message"] == 3


def test_busy_is_raised_at_once_when_caller_asked_to_be_refused(api: AgentRuntimeApi, runtime: FakeRuntime) -> None:
    """`on_busy=reject` means: tell me."""
    api.create_session()
    runtime.faults["add_message"].append(problem(409, "SESSION_BUSY", {"Retry-After": "3"}))

    with pytest.raises(ApiProblem, match="SESSION_BUSY"):
        api.add_message("s-1", "x", on_busy="reject")

    assert api.requests["add_message"] == 1


def test_last_refusal_is_raised_when_tries_run_out(
    api: AgentRuntimeApi, runtime: FakeRuntime, clock: FakeClock
) -> None:
    """Repeating has an end."""
    runtime.faults["get_health"].extend([problem(503, "STORAGE_UNAVAILABLE")] * 50)

    with pytest.raises(ApiProblem) as raised:
        api.get_health()

    assert raised.value.status == 503
    assert api.requests["get_health"] == Repeats().max_tries == len(clock.sleeps) + 1
    assert clock.sleeps[:5] == [0.2, 0.4, 0.8, 1.6, 2.0]
    assert sum(clock.sleeps) > 45


def test_refusal_is_raised_when_server_asks_for_more_patience_than_allowed(
    api: AgentRuntimeApi, runtime: FakeRuntime, clock: FakeClock
) -> None:
    """A Retry-After beyond the limit is not shortened; the caller is told."""
    runtime.faults["get_health"].append(problem(429, "RATE_LIMITED", {"Retry-After": "3600"}))

    with pytest.raises(ApiProblem, match="RATE_LIMITED"):
        api.get_health()

    assert clock.sleeps == []


@pytest.mark.parametrize("fault", [Dropped, Reply(502, "Bad Gateway"), Reply(504, "")])
def test_read_is_repeated_when_connection_or_gateway_breaks(
    api: AgentRuntimeApi, runtime: FakeRuntime, fault: Reply | type[Dropped]
) -> None:
    """A read can be sent again whatever happened to it."""
    api.create_session()
    runtime.faults["list_events"].append(fault)

    page = api.list_events("s-1")

    assert len(page.items) == 1
    assert api.requests["list_events"] == 2


@pytest.mark.parametrize("fault", [Dropped, Reply(502, "Bad Gateway")])
@pytest.mark.parametrize("is_carried_out", [True, False])
def test_command_is_carried_out_once_when_connection_or_gateway_breaks(
    api: AgentRuntimeApi, runtime: FakeRuntime, fault: Reply | type[Dropped], *, is_carried_out: bool
) -> None:
    """Lost on the way there or on the way back: the repeat carries the same key, so everything happens once."""
    runtime.rounds = [[("read_file", {})], "done"]
    operations = ("create_session", "add_message", "add_tool_result")
    for operation in operations:
        runtime.faults[operation].append(fault)
    runtime.after_effect.update(operations if is_carried_out else ())

    session = api.create_session()
    message = api.add_message(session.id, "x")
    result = api.add_tool_result(session.id, "5-0", ToolDone([]))

    assert (session.id, message.turn, result.outcome) == ("s-1", 1, "done")
    assert [one.role for one in api.list_messages("s-1").items] == ["user", "assistant", "tool", "assistant"]
    assert len(runtime.sessions) == 1
    for operation in operations:
        assert api.requests[operation] == 2
        assert len({request.headers["Idempotency-Key"] for request in runtime.of(operation)}) == 1


def test_commands_survive_a_restart_when_connection_is_refused(
    server: FakeServer, runtime: FakeRuntime, clock: FakeClock
) -> None:
    """A refused connection carried nothing, so even a message is sent again until the server is back."""
    with httpx.Client(trust_env=False) as http:
        api = AgentRuntimeApi(server.url, "alice-token", http, clock=clock)
        api.create_session()
        server.stop()
        clock.on_sleep = lambda _seconds: server.start() if len(clock.sleeps) == 3 else None

        message = api.add_message("s-1", "x")

    assert message.seq == 2
    assert api.requests["add_message"] == 4
    assert len(runtime.of("add_message")) == 1


def test_unreachable_is_raised_when_server_stays_away(server: FakeServer, clock: FakeClock) -> None:
    """A server that does not come back is told as such, naming the operation."""
    server.stop()
    with httpx.Client(trust_env=False) as http:
        api = AgentRuntimeApi(server.url, None, http, repeats=Repeats(max_tries=4), clock=clock)

        with pytest.raises(ServerUnreachable, match="get_health: no answer after 4 tries") as raised:
            api.get_health()

    assert isinstance(raised.value.__cause__, httpx.ConnectError)


def test_problem_carries_everything_the_server_said(api: AgentRuntimeApi, runtime: FakeRuntime) -> None:
    """Status, code, detail, correlation id and refused fields all reach the caller."""
    errors = [{"field": "title", "message": "too long"}]
    runtime.faults["create_session"].append(problem(422, "VALIDATION_ERROR", errors=errors))

    with pytest.raises(ApiProblem) as raised:
        api.create_session(title="x" * 300)

    caught = raised.value
    assert (caught.status, caught.code, caught.detail) == (422, "VALIDATION_ERROR", "told VALIDATION_ERROR")
    assert (caught.correlation_id, caught.errors) == ("c-1", (FieldError("title", "too long"),))
    assert str(caught) == "422 VALIDATION_ERROR: told VALIDATION_ERROR; title: too long (correlation id c-1)"


@pytest.mark.parametrize("body", ["<html>" + "x" * 9000, "[]", '"text"', "{}", ""])
def test_problem_is_made_up_when_answer_is_not_of_the_contract(
    api: AgentRuntimeApi, runtime: FakeRuntime, body: str
) -> None:
    """What stands in between may answer anything; it is a problem with the status as its code."""
    runtime.faults["get_health"].append(Reply(418, body, {"X-Correlation-Id": "c-9"}))

    with pytest.raises(ApiProblem) as raised:
        api.get_health()

    assert (raised.value.code, raised.value.correlation_id) == ("HTTP_418", "c-9")
    assert len(raised.value.detail) <= 500


@pytest.mark.parametrize("body", ["<html>", "[]", "{}", '{"items": [{}], "next_after": 0, "has_more": false}', "null"])
def test_broken_answer_is_raised_when_success_does_not_fit_the_contract(
    api: AgentRuntimeApi, runtime: FakeRuntime, body: str
) -> None:
    """A 200 of the wrong shape is an error with the operation's name, not an accident further on."""
    runtime.faults["list_events"].append(Reply(200, body))

    with pytest.raises(BrokenAnswer, match="list_events: 200"):
        api.list_events("s-1")


@pytest.mark.parametrize(("session_id", "path"), [("../x", "..%2Fx"), ("a b?c#d", "a%20b%3Fc%23d")])
def test_session_id_stays_one_segment_when_it_holds_separators(session_id: str, path: str) -> None:
    """An id from a person's keyboard cannot reach another route."""
    seen: list[bytes] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path)
        return httpx.Response(404, json={"code": "SESSION_NOT_FOUND", "detail": "no"})

    with httpx.Client(transport=httpx.MockTransport(handle)) as http, pytest.raises(ApiProblem):
        AgentRuntimeApi(BASE_URL, "t", http).get_session(session_id)

    assert seen == [f"/prefix/v1/sessions/{path}".encode()]


@pytest.mark.parametrize("token", [None, "alice-token"])
def test_token_is_sent_exactly_when_there_is_one(token: str | None, runtime: FakeRuntime, clock: FakeClock) -> None:
    """Without a token no Authorization header goes out."""
    with httpx.Client(transport=runtime.transport()) as http:
        AgentRuntimeApi(BASE_URL + "/", token, http, clock=clock).get_health()

    assert runtime.requests[0].headers.get("Authorization") == (None if token is None else f"Bearer {token}")


@pytest.mark.parametrize(
    "act",
    [
        lambda api: api.list_events("s-1", wait_seconds=20),
        lambda api: api.create_session(),
    ],
)
def test_read_timeout_outlasts_the_wait(act: Callable[[AgentRuntimeApi], Any]) -> None:
    """The client never hangs up before the server was to answer."""
    seen: list[float] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["timeout"]["read"] - float(request.url.params.get("wait", 0)))
        return httpx.Response(404, json={"code": "X", "detail": "no"})

    with httpx.Client(transport=httpx.MockTransport(handle)) as http, pytest.raises(ApiProblem):
        act(AgentRuntimeApi(BASE_URL, "t", http))

    assert seen == [30.0]
