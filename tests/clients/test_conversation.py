"""A turn is followed to its end, and the client does its part of it, whatever happens in between."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from clients.api import AgentRuntimeApi
from clients.conversation import TurnEnd, ask, follow
from clients.problems import ApiProblem, GapFound, ServerUnreachable
from clients.tools.outcome import Outcome, ToolDone, ToolFailed
from clients.views import Event, ToolCall
from clients.workspace import Workspace
from tests.clients.fake_clock import FakeClock
from tests.clients.fake_http import Dropped, Reply, problem
from tests.clients.fake_runtime import FakeRuntime
from tests.clients.fake_server import FakeServer
from tests.clients.fake_session import Round

ROUNDS: list[Round] = [
    [("search_in_code", {"query": "class SessionLock"}), ("read_file", {"path": "nowhere"})],
    [("list_files", {"path": "src/deep"})],
    "It is in src/lock.py:4.",
]


class Recorder:
    """Executes nothing and remembers what it was asked."""

    def __init__(self, outcome: Outcome) -> None:
        self.calls: list[str] = []
        self._outcome = outcome

    def execute(self, tool: str, arguments: Mapping[str, Any]) -> Outcome:
        """Return the prepared outcome."""
        assert isinstance(arguments, Mapping)
        self.calls.append(tool)
        return self._outcome


@pytest.fixture
def session(api: AgentRuntimeApi, runtime: FakeRuntime) -> str:
    """Return a session whose agent works with tools."""
    runtime.rounds = list(ROUNDS)
    return api.create_session().id


def test_turn_is_carried_out_with_real_tools(
    api: AgentRuntimeApi, runtime: FakeRuntime, session: str, workspace: Workspace
) -> None:
    """From the message to the answer: each event once and in order, each call executed, each outcome sent."""
    heard: list[Event] = []
    seen: list[tuple[str, Outcome]] = []

    end = ask(
        api,
        session,
        "Where is the lock?",
        after=0,
        workspace=workspace,
        on_event=heard.append,
        on_outcome=lambda call, outcome: seen.append((call.tool, outcome)),
    )

    assert end == TurnEnd("completed", 1, len(heard), "It is in src/lock.py:4.", None)
    assert [event.seq for event in heard] == list(range(1, len(runtime.sessions[session].log) + 1))
    assert seen == [
        ("search_in_code", ToolDone([{"path": "src/lock.py", "line": 4, "text": "class SessionLock:"}])),
        ("read_file", ToolFailed("`nowhere` does not exist.")),
        ("list_files", ToolDone(["src/deep/more.py"])),
    ]
    assert [request.body for request in runtime.of("add_tool_result")] == [
        {"call_id": "5-0", "result": [{"path": "src/lock.py", "line": 4, "text": "class SessionLock:"}]},
        {"call_id": "5-1", "error": "`nowhere` does not exist."},
        {"call_id": "11-0", "result": ["src/deep/more.py"]},
    ]


def test_next_turn_goes_on_from_the_cursor(api: AgentRuntimeApi, session: str, workspace: Workspace) -> None:
    """A second question hears only what is new."""
    first = ask(api, session, "one", after=0, workspace=workspace)
    heard: list[Event] = []

    second = ask(api, session, "two", after=first.seq, workspace=workspace, on_event=heard.append)

    assert (second.turn, heard[0].seq, second.how) == (2, first.seq + 1, "completed")


def test_end_of_another_turn_is_passed_over(api: AgentRuntimeApi, session: str, workspace: Workspace) -> None:
    """Followed from the beginning, a turn ends with its own end, not with that of an earlier one."""
    first = ask(api, session, "one", after=0, workspace=workspace)

    second = ask(api, session, "two", after=0, workspace=workspace)

    assert (second.turn, second.seq > first.seq) == (2, True)


@pytest.mark.parametrize("falsy", ["", 0, [], None, False])
def test_falsy_results_are_results(api: AgentRuntimeApi, runtime: FakeRuntime, session: str, falsy: Any) -> None:
    """Nothing found is an answer."""
    ask(api, session, "x", after=0, workspace=Recorder(ToolDone(falsy)))

    assert [request.body["result"] for request in runtime.of("add_tool_result")] == [falsy] * 3


def test_turn_survives_busy_and_unavailable_answers(
    api: AgentRuntimeApi, runtime: FakeRuntime, session: str, workspace: Workspace, clock: FakeClock
) -> None:
    """409 and 503 on the way delay the turn and change nothing else."""
    runtime.faults["add_message"].append(problem(409, "SESSION_BUSY", {"Retry-After": "2"}))
    runtime.faults["add_tool_result"].append(problem(503, "STORAGE_UNAVAILABLE", {"Retry-After": "5"}))
    runtime.faults["list_events"].extend([problem(503, "STORAGE_UNAVAILABLE"), Dropped, Reply(502, "<html>")])

    end = ask(api, session, "x", after=0, workspace=workspace)

    assert end.how == "completed"
    assert len(runtime.of("add_tool_result")) == 4
    assert {2.0, 5.0} <= set(clock.sleeps)


def test_turn_survives_a_restart_of_the_server(
    server: FakeServer, runtime: FakeRuntime, clock: FakeClock, workspace: Workspace
) -> None:
    """The server goes away in the middle of a turn and comes back: no event is lost, none is doubled."""
    runtime.rounds = list(ROUNDS)
    heard: list[int] = []
    refused: list[float] = []

    def stop_once(call: ToolCall, _outcome: Outcome) -> None:
        if call.call_id == "5-1":
            server.stop()

    def come_back(seconds: float) -> None:
        refused.append(seconds)
        if len(refused) == 5:
            server.start()

    clock.on_sleep = come_back
    with httpx.Client(trust_env=False) as http:
        api = AgentRuntimeApi(server.url, "alice-token", http, clock=clock)
        session = api.create_session().id
        end = ask(
            api,
            session,
            "x",
            after=0,
            workspace=workspace,
            on_event=lambda event: heard.append(event.seq),
            on_outcome=stop_once,
        )

    assert (end.how, end.answer) == ("completed", "It is in src/lock.py:4.")
    assert heard == list(range(1, end.seq + 1))
    assert len(refused) == 5
    assert len(runtime.of("add_tool_result")) == 3


def test_turn_ends_with_an_error_when_server_does_not_come_back(
    server: FakeServer, runtime: FakeRuntime, clock: FakeClock, workspace: Workspace
) -> None:
    """Patience has an end."""
    runtime.rounds = list(ROUNDS)
    with httpx.Client(trust_env=False) as http:
        api = AgentRuntimeApi(server.url, "alice-token", http, clock=clock)
        session = api.create_session().id

        with pytest.raises(ServerUnreachable):
            ask(api, session, "x", after=0, workspace=workspace, on_outcome=lambda _call, _outcome: server.stop())


@pytest.mark.parametrize("fault", [Dropped, problem(409, "TOOL_CALL_CLOSED")])
def test_outcome_counts_once_when_its_answer_was_lost_or_another_client_was_faster(
    api: AgentRuntimeApi, runtime: FakeRuntime, session: str, workspace: Workspace, fault: Reply | type[Dropped]
) -> None:
    """A result that arrived already, from us or from elsewhere, is enough, and the turn goes on."""
    runtime.faults["add_tool_result"].append(fault)
    runtime.after_effect.add("add_tool_result")

    end = ask(api, session, "x", after=0, workspace=workspace)

    assert end.how == "completed"
    assert sum(one.role == "tool" for one in api.list_messages(session).items) == 3


def test_open_calls_only_are_executed_when_following_again(
    api: AgentRuntimeApi, runtime: FakeRuntime, session: str
) -> None:
    """A client that starts anew from the beginning runs what still waits, and nothing twice."""
    api.add_message(session, "x")
    api.add_tool_result(session, "5-0", ToolDone("mine"))
    recorder = Recorder(ToolDone("ours"))

    end = follow(api, session, 0, lambda _event: None, turn=1, workspace=recorder)
    again = Recorder(ToolDone("again"))
    follow(api, session, 0, lambda _event: None, turn=1, workspace=again)

    assert recorder.calls == ["read_file", "list_files"]
    assert again.calls == []
    assert end.how == "completed"
    assert runtime.of("add_tool_result")[0].body == {"call_id": "5-0", "result": "mine"}


def test_calls_of_an_earlier_turn_are_executed_too(
    api: AgentRuntimeApi, runtime: FakeRuntime, session: str, workspace: Workspace
) -> None:
    """A queued message's turn cannot start before the client has done its part of the one before."""
    api.add_message(session, "first")
    runtime.rounds = ["second answer"]

    end = ask(api, session, "second", after=0, workspace=workspace)

    assert (end.turn, end.answer) == (2, "second answer")
    assert len(runtime.of("add_tool_result")) == 2  # the fake's second message starts its turn at once


@pytest.mark.parametrize(
    ("fact", "how", "code"),
    [
        (("TurnFailed", {"code": "MODEL_UNAVAILABLE"}), "failed", "MODEL_UNAVAILABLE"),
        (("TurnCancelled", {}), "cancelled", None),
    ],
)
def test_end_tells_how_when_turn_did_not_complete(
    api: AgentRuntimeApi, runtime: FakeRuntime, fact: tuple[str, dict[str, Any]], how: str, code: str | None
) -> None:
    """A failed turn says why, a cancelled one that it was."""
    runtime.last_fact = fact
    session = api.create_session().id

    end = ask(api, session, "x", after=0, workspace=Recorder(ToolDone(0)))

    assert (end.how, end.code, end.answer) == (how, code, "said")


@pytest.mark.parametrize("refusal", [problem(413, "PAYLOAD_TOO_LARGE"), problem(422, "VALIDATION_ERROR")])
def test_turn_goes_on_when_server_does_not_take_a_result(
    api: AgentRuntimeApi, runtime: FakeRuntime, session: str, workspace: Workspace, refusal: Reply
) -> None:
    """A result that cannot be sent is answered by an error, so the turn does not wait for ever."""
    runtime.faults["add_tool_result"].append(refusal)

    end = ask(api, session, "x", after=0, workspace=workspace)

    code = refusal.body["code"]
    assert end.how == "completed"
    assert runtime.of("add_tool_result")[1].body == {
        "call_id": "5-0",
        "error": f"The server did not take the result: {code}.",
    }


@pytest.mark.parametrize(
    ("refusals", "outcome"),
    [
        ([problem(422, "VALIDATION_ERROR")], ToolFailed("no")),
        ([problem(422, "VALIDATION_ERROR")] * 2, ToolDone(1)),
        ([problem(404, "SESSION_NOT_FOUND")], ToolDone(1)),
    ],
)
def test_refusal_is_raised_when_nothing_can_be_sent(
    api: AgentRuntimeApi, runtime: FakeRuntime, session: str, refusals: list[Reply], outcome: Outcome
) -> None:
    """A server that takes neither result nor error, or has lost the session, is the caller's to deal with."""
    runtime.faults["add_tool_result"].extend(refusals)

    with pytest.raises(ApiProblem):
        ask(api, session, "x", after=0, workspace=Recorder(outcome))


def test_events_are_heard_once_when_pages_repeat(
    api: AgentRuntimeApi, runtime: FakeRuntime, session: str, workspace: Workspace
) -> None:
    """A server that sends everything again and again changes nothing; no call runs twice."""
    log = runtime.sessions[session].log
    runtime.change_page = lambda page: {**page, "items": [*log[:2], *page["items"], *page["items"]]}
    heard: list[int] = []

    end = ask(api, session, "x", after=0, workspace=workspace, on_event=lambda event: heard.append(event.seq))

    assert heard == list(range(1, end.seq + 1))
    assert len(runtime.of("add_tool_result")) == 3


def test_gap_is_raised_when_an_event_is_missing(
    api: AgentRuntimeApi, runtime: FakeRuntime, session: str, workspace: Workspace
) -> None:
    """A missing event ends following, loudly, before anything after it is acted on."""
    runtime.change_page = lambda page: {**page, "items": [one for one in page["items"] if one["seq"] != 4]}

    with pytest.raises(GapFound, match="event 4 is missing: after 3 came 5"):
        ask(api, session, "x", after=0, workspace=workspace)

    assert runtime.of("add_tool_result") == []
