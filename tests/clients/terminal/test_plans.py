"""A plan is decided, followed step by step to its end, and taken up again when it stopped."""

import pytest

from clients.api import AgentRuntimeApi
from clients.conversation import follow
from clients.terminal.endings import Ending
from clients.tools.outcome import Outcome, ToolDone
from clients.views import JsonObject
from tests.clients.fake_runtime import FakeRuntime
from tests.clients.fake_session import Round
from tests.clients.terminal.talk import Talk, nothing

PLAN: Round = [
    (
        "create_plan",
        {
            "title": "Rename it",
            "description": "Two steps.",
            "subtasks": [
                {"title": "Change", "description": "In src.", "agent": "coder", "estimated_time_minutes": 5},
                {
                    "title": "Look",
                    "description": "At it.",
                    "agent": "ask",
                    "estimated_time_minutes": 1,
                    "dependencies": [0],
                },
            ],
        },
    )
]
ASKED = "Go ahead?"


def test_plan_is_followed_to_its_end(talk: Talk, runtime: FakeRuntime) -> None:
    """Shown whole before it begins; its steps run here, headed as steps; a message waits until all is over."""
    runtime.rounds = [PLAN, "planned"]
    runtime.steps = [[[("list_files", {"path": "src/deep"})], "changed"], ["looked"]]

    talk.hold(("", "rename"), (ASKED, "y"), ("plan   completed", "/plan"), ("Rename it: completed", "/quit"))

    shown = talk.shown
    order = [
        "Carry out the plan «Rename it»: 2 steps.",
        "  1. Change (coder, 5 min)",
        "  2. Look (ask, 1 min, after 1)",
        "plan   approved",
        "planned",
        "step   Change In src.",
        "changed",
        "plan   ✓ 1. Change — 2 of 2 done (100 %)",  # the plan as it is when it is asked for
        "step   Look At it.",
        "looked",
        "plan   completed",
        "Rename it: completed, 2 of 2 done (100 %)",
    ]
    places = [shown.index(line) for line in order]
    assert places == sorted(places)
    assert talk.decided() == [{"decision": "approve"}]
    assert len(runtime.of("add_tool_result")) == 1
    assert not any(line.startswith("you") for line in shown)


@pytest.mark.parametrize("lines", [["e", "test it first"], ["e test it first"]])
def test_plan_is_made_anew_with_what_is_to_be_different(talk: Talk, runtime: FakeRuntime, lines: list[str]) -> None:
    """An edit is words for the architect, who asks again."""
    runtime.rounds = [PLAN, PLAN, "as you like"]

    talk.hold(
        ("", "rename"),
        *((("Go ahead?" if line == lines[0] else "What is to be different?"), line) for line in lines),
        ("The architect plans again.", nothing),
        (ASKED, "n too much"),
        ("as you like", "/quit"),
    )

    assert talk.decided() == [
        {"decision": "edit", "feedback": "test it first"},
        {"decision": "reject", "feedback": "too much"},
    ]


@pytest.mark.parametrize(
    ("line", "end", "body"),
    [
        ("/retry", "plan   completed", {"action": "retry"}),
        ("/skip 1", "plan   completed", {"action": "skip", "subtask_id": "t-0"}),
        ("/cancel-plan", "plan   cancelled", {"action": "cancel"}),
    ],
)
def test_plan_that_stopped_goes_on_as_the_person_says(
    talk: Talk, runtime: FakeRuntime, line: str, end: str, body: dict[str, str]
) -> None:
    """What can be done is said when it stops; what then happens is followed to the end."""
    runtime.rounds = [PLAN, "planned"]
    runtime.failing_steps = {0}

    talk.hold(
        ("", "rename"),
        (ASKED, "y"),
        ("/cancel-plan says how it goes on", runtime.failing_steps.clear),
        ("turn   failed", line),
        (end, "/quit"),
    )

    assert [request.body for request in runtime.of("decide_plan")] == [body]


def test_plan_is_shown_only_when_there_is_one(talk: Talk) -> None:
    """Before a session, and in one without a plan, that is said."""
    talk.hold(("", "/plan"), ("There is no plan yet.", "hello"), ("said", "/plan"), ("PLAN_NOT_FOUND", "/quit"))


def test_interrupt_stops_a_plan(talk: Talk, runtime: FakeRuntime) -> None:
    """Ctrl-C in a step ends all of it, and the next message is answered."""
    runtime.rounds = [PLAN, "planned"]
    runtime.steps = [[None]]

    ending = talk.hold(
        ("", "rename"),
        (ASKED, "y"),
        ("step   Change", KeyboardInterrupt),
        ("plan   cancelled", lambda: setattr(runtime, "rounds", ["said"])),
        ("", "hello"),
        ("said", "/quit"),
    )

    assert ending == Ending.ANSWERED
    assert runtime.of("add_message")[-1].body["content"] == "hello"


def test_decision_of_others_is_waited_for_when_nobody_decides_here(api: AgentRuntimeApi, runtime: FakeRuntime) -> None:
    """Without an approver the calls wait; what others grant is executed as they granted it."""
    runtime.rounds = [[("delete_file", {"path": "a"})], "said"]
    session = api.create_session().id
    turn = api.add_message(session, "x").turn
    ran: list[JsonObject] = []

    class Hand:
        def execute(self, _tool: str, arguments: JsonObject) -> Outcome:
            ran.append(arguments)
            return ToolDone(None)

    api.decide_approval(session, "a-5-0", "edit", modified_arguments={"path": "b"})
    end = follow(api, session, 0, lambda _event: None, turn=turn, workspace=Hand())

    assert (ran, end.answer) == ([{"path": "b"}], "said")
