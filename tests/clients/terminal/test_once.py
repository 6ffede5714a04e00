"""One question: the answer alone on one side, everything else on the other, and an exit code that is true."""

import io
import json
from collections import deque
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from clients.api import AgentRuntimeApi
from clients.approving import AskingApprover
from clients.client_calls import Executor
from clients.consent import AllowAll, Consent
from clients.problems import ApiProblem, ServerSilent
from clients.terminal.dialogue import Desk
from clients.terminal.editing import Editor
from clients.terminal.endings import Ending, Unusable
from clients.terminal.once import AskInBetween, OneShot
from clients.terminal.screen import Screen
from clients.tools.outcome import Outcome
from clients.workspace import Workspace
from tests.clients.fake_http import Reply, problem
from tests.clients.fake_runtime import FakeRuntime


class Asked:
    """What a one-shot prints, on both sides."""

    def __init__(self, api: AgentRuntimeApi, executor: Executor, hands: Workspace) -> None:
        self.out = io.StringIO()
        self.err = io.StringIO()
        self.screen = Screen(Console(file=self.err, width=100, highlight=False))
        self._hands = hands
        self.shot = OneShot(api, executor, self.approver(AllowAll()), self.screen, self.out)

    def approver(self, consent: Consent) -> AskingApprover:
        """Return what decides by `consent`."""
        return AskingApprover(self._hands, consent, self.screen.note)


@pytest.fixture
def asked(api: AgentRuntimeApi, hands: Workspace) -> Asked:
    """Return a one-shot that may do everything."""
    return Asked(api, hands, hands)


def test_answer_alone_is_printed(asked: Asked, runtime: FakeRuntime) -> None:
    """Progress goes to the other side."""
    runtime.rounds = [[("read_file", {"path": "src/a.py"})], "It says `pass`."]

    assert asked.shot.run("What does a.py say?") == Ending.ANSWERED
    assert asked.out.getvalue() == "It says `pass`.\n"
    assert asked.err.getvalue().splitlines() == [
        "session s-1",
        "agent  orchestrator → ask (routed, confidence 0.9)",
        'tool   read_file {"path": "src/a.py"}',
        "       → 1 line, 5 characters",
    ]
    assert runtime.of("add_message")[0].body == {"content": "What does a.py say?"}


def test_json_holds_everything(asked: Asked, runtime: FakeRuntime) -> None:
    """One object: what was answered, done, and used, from the first event to the last."""
    runtime.rounds = [[("read_file", {"path": "src/a.py"}), ("read_file", {"path": "no"})], "Да."]
    asked.shot.is_json = True

    assert asked.shot.run("x") == Ending.ANSWERED
    (line,) = asked.out.getvalue().splitlines()
    told = json.loads(line)

    assert list(told) == ["session_id", "turn", "status", "code", "answer", "tool_calls", "events", "usage"]
    assert (told["session_id"], told["turn"], told["status"], told["code"]) == ("s-1", 1, "completed", None)
    assert told["answer"] == "Да."
    assert [(call["tool"], call["outcome"], call["summary"]) for call in told["tool_calls"]] == [
        ("read_file", "done", "1 line, 5 characters"),
        ("read_file", "failed", "failed: `no` does not exist."),
    ]
    assert [event["seq"] for event in told["events"]] == list(range(1, len(told["events"]) + 1))
    assert told["events"][0]["type"] == "SessionCreated"
    assert told["usage"] == {"model_calls": 2, "input_tokens": 200, "output_tokens": 20, "cost_micro_usd": None}


def test_cost_is_told_when_every_price_is_known(asked: Asked, runtime: FakeRuntime) -> None:
    """In millionths of a dollar, as the server counts."""
    runtime.cost_micro_usd = 70
    runtime.rounds = [[("read_file", {"path": "src/a.py"})], "said"]
    asked.shot.is_json = True

    asked.shot.run("x")

    assert json.loads(asked.out.getvalue())["usage"]["cost_micro_usd"] == 140


def test_session_goes_on_from_where_it_is(
    asked: Asked, runtime: FakeRuntime, api: AgentRuntimeApi, hands: Workspace
) -> None:
    """A second question in a session tells of its own turn only."""
    asked.shot.run("first")
    again = Asked(api, hands, hands)
    again.shot.is_json = True

    assert again.shot.run("second", "s-1") == Ending.ANSWERED
    told = json.loads(again.out.getvalue())

    assert told["turn"] == 2
    assert {event["turn"] for event in told["events"]} == {2}
    assert told["usage"]["model_calls"] == 1
    assert len(runtime.of("create_session")) == 1


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (("TurnFailed", {"code": "MODEL_UNAVAILABLE"}), "The turn failed (MODEL_UNAVAILABLE) without an answer."),
        (("TurnCancelled", {}), "The turn was cancelled without an answer."),
    ],
)
def test_failed_turn_is_told(asked: Asked, runtime: FakeRuntime, fact: tuple[str, dict[str, Any]], words: str) -> None:
    """No answer, exit code 1, and why."""
    runtime.last_fact = fact

    assert asked.shot.run("x") == Ending.TURN_FAILED
    assert asked.out.getvalue() == ""
    assert words in asked.err.getvalue()


def test_turn_without_words_is_no_answer(asked: Asked, runtime: FakeRuntime) -> None:
    """Nothing said is nothing answered; the JSON still tells what happened."""
    runtime.rounds = [" "]
    asked.shot.is_json = True

    assert asked.shot.run("x") == Ending.TURN_FAILED
    assert json.loads(asked.out.getvalue())["answer"] is None


@pytest.mark.parametrize("question", ["", " \n"])
def test_empty_question_is_refused(asked: Asked, runtime: FakeRuntime, question: str) -> None:
    """Before anything is begun."""
    with pytest.raises(Unusable, match="empty"):
        asked.shot.run(question)

    assert runtime.requests == []


def test_refusal_of_the_server_is_raised(asked: Asked, runtime: FakeRuntime) -> None:
    """The command turns it into a sentence."""
    runtime.faults["add_message"].append(problem(422, "VALIDATION_ERROR"))

    with pytest.raises(ApiProblem):
        asked.shot.run("x")


def test_silence_ends_waiting(asked: Asked, runtime: FakeRuntime) -> None:
    """A turn of which nothing is heard for ten minutes does not hold a script for ever."""
    runtime.rounds = [None]

    with pytest.raises(ServerSilent):
        asked.shot.run("x")


@pytest.mark.parametrize(
    ("fault", "words"),
    [(None, "Stopped the turn."), (problem(500, "INTERNAL_ERROR"), "Stopped waiting; the turn may go on.")],
)
def test_interrupt_stops_the_turn_and_says_what_to_do(
    api: AgentRuntimeApi, runtime: FakeRuntime, hands: Workspace, fault: Reply | None, words: str
) -> None:
    """Ctrl-C leaves a session to be taken up again, with nothing that waits, and no result of what was interrupted."""
    runtime.faults["cancel_turn"].extend([fault] if fault else [])

    class Interrupted:
        def execute(self, tool: str, _arguments: Any) -> Outcome:
            raise KeyboardInterrupt(tool)

    runtime.rounds = [[("execute_command", {"command": "sleep 300"})], "x"]
    asked = Asked(api, Interrupted(), hands)

    assert asked.shot.run("x") == Ending.INTERRUPTED
    assert f"{words} The session stays: `agent-runtime chat --session s-1`." in asked.err.getvalue()
    assert (runtime.sessions["s-1"].status == "idle") == (fault is None)
    assert runtime.of("add_tool_result") == []


@pytest.mark.parametrize(("cleans", "printed"), [(True, r"a\x1b[2J" + "\n"), (False, "a\x1b[2J\n")])
def test_answer_is_cleaned_for_a_terminal_only(
    asked: Asked, runtime: FakeRuntime, printed: str, *, cleans: bool
) -> None:
    """A file gets what was said, byte for byte; a terminal obeys nothing."""
    runtime.rounds = ["a\x1b[2J"]
    asked.shot.cleans = cleans

    asked.shot.run("x")

    assert asked.out.getvalue() == printed


def test_json_is_printable_anywhere(asked: Asked, runtime: FakeRuntime) -> None:
    """Where the output takes no UTF-8, letters are written as JSON's escapes."""
    runtime.rounds = ["Да"]
    asked.shot.is_json = True
    asked.shot.out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")

    asked.shot.run("x")
    asked.shot.out.seek(0)

    assert json.loads(asked.shot.out.read())["answer"] == "Да"


@pytest.mark.parametrize(
    ("lines", "decision"),
    [
        (["y\n"], {"decision": "approve"}),
        (["what?\n", "d\n", "yes\n"], {"decision": "approve"}),
        (["n keep it\n"], {"decision": "reject", "feedback": "keep it"}),
        ([""], {"decision": "reject", "feedback": "The user went away without an answer."}),
    ],
)
def test_person_is_asked_in_between(
    api: AgentRuntimeApi,
    runtime: FakeRuntime,
    hands: Workspace,
    folder: Path,
    lines: list[str],
    decision: dict[str, str],
) -> None:
    """At a terminal a change is shown and waits for its answer."""
    runtime.rounds = [[("delete_file", {"path": "README.md"})], "x"]
    left = deque(lines)
    asked = Asked(api, hands, hands)
    desk = Desk(asked.screen, Editor({}), lambda _text: None)
    asked.shot.approver = asked.approver(AskInBetween(desk, left.popleft))

    assert asked.shot.run("x") == Ending.ANSWERED
    shown = asked.err.getvalue()

    assert (folder / "README.md").exists() == (decision["decision"] == "reject")
    assert [request.body for request in runtime.of("decide_approval")] == [decision]
    assert shown.count("Delete the file `README.md`") == 1 + ("d\n" in lines)
    assert shown.count("Allow it?") == len(lines)
