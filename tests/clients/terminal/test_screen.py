"""What happens is shown in few words, and nothing of it is obeyed by the terminal."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from clients.terminal.screen import NoInputLine, Screen
from clients.tools.outcome import ToolDone
from clients.tools.tool import Proposal
from clients.views import Event

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def shown(act: Any, *, is_terminal: bool = False) -> str:
    """Return what a screen prints."""
    out = io.StringIO()
    act(Screen(Console(file=out, force_terminal=is_terminal, width=80, highlight=False, color_system=None)))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "said", "expected"),
    [
        (
            "AgentSwitched",
            {"from_agent": "orchestrator", "to_agent": "ask", "reason": "routed", "confidence": 0.6},
            "agent  orchestrator → ask (routed, confidence 0.6)\n",
        ),
        (
            "AgentSwitched",
            {"from_agent": "ask", "to_agent": "coder", "reason": "agent"},
            "agent  ask → coder (agent)\n",
        ),
        ("AgentSwitched", {"from_agent": "ask", "to_agent": "orchestrator", "reason": "completed"}, ""),
        (
            "ToolCallRefused",
            {"tool": "fly", "code": "NOT_ALLOWED"},
            "tool   fly: refused by the server (NOT_ALLOWED)\n",
        ),
        ("LlmRequestFailed", {"model": "m", "status": "503"}, "model  m does not answer (503)\n"),
        ("TurnRecovered", {"attempt": 1}, "turn   A worker of the server was lost; another one goes on.\n"),
        ("TurnWaiting", {"status": "waiting_for_tools"}, ""),
        ("TurnWaiting", {"status": "waiting_for_approval"}, ""),
        ("ApprovalGranted", {"approval_id": "a"}, ""),
        ("ApprovalExpired", {"approval_id": "a"}, "asked  Nobody decided in time; it counts as refused.\n"),
        ("ApprovalCancelled", {"approval_id": "a"}, "asked  The question is withdrawn.\n"),
        ("PlanApproved", {"plan_id": "p"}, "plan   approved\n"),
        ("PlanRevisionRequested", {"plan_id": "p"}, "plan   The architect plans again.\n"),
        ("PlanCompleted", {"plan_id": "p"}, "plan   completed\n"),
        (
            "TurnWaiting",
            {"status": "waiting_for_budget"},
            "turn   The budget is used up; the turn goes on when it is raised.\n",
        ),
        ("TurnFailed", {"code": "MODEL_UNAVAILABLE"}, "turn   failed: MODEL_UNAVAILABLE\n"),
        ("TurnCancelled", {}, "turn   stopped\n"),
        ("SomethingNew", {}, ""),
    ],
)
def test_progress_is_told_when_it_matters(name: str, said: dict[str, Any], expected: str) -> None:
    """What a person wants to know has a line; the rest has none, and facts yet unknown do no harm."""
    event = Event(1, 1, name, "x", NOW, "c", said)

    assert shown(lambda screen: screen.event(event)) == expected


def test_nothing_from_elsewhere_is_obeyed() -> None:
    """Markup and escape sequences of models, files and users come out as text."""
    evil = "[red]x[/red]\x1b[2J"
    printed = shown(
        lambda screen: (
            screen.user(evil),
            screen.call(evil, {"path": evil}),
            screen.outcome("read_file", ToolDone([evil])),
            screen.answer(evil),
            screen.proposal(Proposal(evil, evil)),
            screen.note(evil),
            screen.problem(evil),
        ),
        is_terminal=True,
    )

    assert "\x1b[2J" not in printed
    assert printed.count("[red]x[/red]") >= 7


def test_answer_is_markdown_on_a_terminal_and_itself_elsewhere() -> None:
    """A person sees headings and lists; a file gets what was said."""
    text = "# Found\n\n- `a.py:1`\n"

    assert shown(lambda screen: screen.answer(text)) == text + "\n"
    assert " • a.py:1" in shown(lambda screen: screen.answer(text), is_terminal=True)


def test_long_proposal_is_shown_whole_on_demand() -> None:
    """A long difference is cut in its middle until it is asked for."""
    proposal = Proposal("Change it.", "\n".join(f"+{number}" for number in range(100)), is_diff=True)

    short = shown(lambda screen: screen.proposal(proposal))
    whole = shown(lambda screen: screen.proposal(proposal, is_whole=True))

    assert short.splitlines()[0] == "Change it."
    assert short.splitlines()[31] == "  … 40 more lines, d shows them …"
    assert (len(short.splitlines()), len(whole.splitlines())) == (62, 101)


def test_line_being_typed_is_put_aside_while_something_is_shown() -> None:
    """Hidden before, shown again after."""
    seen: list[str] = []

    class Line:
        def hide(self) -> None:
            seen.append("hide")

        def show(self) -> None:
            seen.append("show")

    out = io.StringIO()
    Screen(Console(file=out), Line()).note("x")
    NoInputLine().hide()
    NoInputLine().show()

    assert seen == ["hide", "show"]
