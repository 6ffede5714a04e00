"""What an answer sets off: calls run, open or are refused; the turn goes on, waits or ends."""

from typing import Any

import pytest

from domain.agents import REGISTRY
from domain.model.agent import AgentContext, AgentType
from domain.model.draft import Draft, compose
from domain.model.events.agent import AgentSwitched, AgentSwitchRefused, SwitchReason
from domain.model.events.tool import ToolCallCompleted, ToolCallFailed, ToolCallRefused, ToolCallRequested
from domain.model.events.turn import TurnFailed, TurnWaiting
from domain.model.llm import ModelAnswer
from domain.model.message import CallStatus, Message, Role, Usage
from domain.model.session import Session, TurnErrorCode, TurnStatus
from domain.services.answers import settle
from domain.services.deployment import Deployment, Limits, deployment
from tests.support.builders import (
    DEPLOYMENT,
    calls,
    completes,
    hands_to,
    make_running,
    make_toolbox,
    make_trace,
    reads,
    text,
    wants,
)
from tests.support.fakes import START

LIMITS = Limits()
ASKING = AgentContext(current_agent=AgentType.ASK)
REFUSED = wants("create_plan", title="a")


def settled(answer: ModelAnswer, session: Session | None = None, among: Deployment = DEPLOYMENT) -> Draft:
    """Return the draft of a coder's answer."""
    session = session or make_running()
    spec = make_toolbox(REGISTRY[session.agent.current_agent])
    return compose(session, START, make_trace(), lambda draft: settle(draft, answer, spec, among))


def kinds(draft: Draft) -> list[str]:
    """Return the types of the draft's facts."""
    return [event.fact.type_name() for event in draft.commit().events]


def facts(draft: Draft, kind: type) -> list[Any]:
    """Return the draft's facts of one type."""
    return [event.fact for event in draft.commit().events if isinstance(event.fact, kind)]


def messages(draft: Draft) -> list[Message]:
    """Return the draft's messages."""
    return [event.message for event in draft.commit().events if event.message]


def test_text_ends_the_turn_when_there_is_no_call() -> None:
    """The answer is stored with agent and tokens; the agent stays for the next message."""
    draft = settled(text("Hello.", input_tokens=5, output_tokens=2))

    (answer,) = messages(draft)
    assert (answer.role, answer.content, answer.agent) == (Role.ASSISTANT, "Hello.", AgentType.CODER)
    assert (answer.usage, answer.tool_calls) == (Usage(input_tokens=5, output_tokens=2), ())
    assert kinds(draft) == ["MessageAdded", "TurnCompleted"]
    assert draft.session.turn.status is TurnStatus.IDLE
    assert draft.session.agent.current_agent is AgentType.CODER


def test_turn_waits_when_calls_are_for_the_client() -> None:
    """Every call is opened under a name of its own, and the text beside the calls is kept."""
    draft = settled(calls(*reads("./a.py", "b.py"), saying="Let me look."))

    (answer,) = messages(draft)
    last = draft.session.last_seq
    ids = [f"{last}-0", f"{last}-1"]
    assert answer.content == "Let me look."
    assert [call.call_id for call in answer.tool_calls] == ids
    assert [call.arguments for call in answer.tool_calls] == [{"path": "a.py"}, {"path": "b.py"}]
    assert {call.status for call in answer.tool_calls} == {CallStatus.PENDING}
    assert [fact.call_id for fact in facts(draft, ToolCallRequested)] == ids
    assert [call.call_id for call in draft.commit().opened] == ids
    assert facts(draft, TurnWaiting)[0].open_calls == tuple(ids)
    assert draft.session.turn.status is TurnStatus.WAITING_FOR_TOOLS


def test_call_keeps_the_providers_id_when_there_is_one() -> None:
    """The provider is answered under the name it gave."""
    draft = settled(calls(wants("read_file", "toolu_1", path="a.py")))

    assert messages(draft)[0].tool_calls[0].provider_id == "toolu_1"


def test_refused_call_has_its_reason_as_result_when_the_turn_goes_on() -> None:
    """The model reads the refusal in its next round; nothing reaches the client."""
    draft = settled(calls(REFUSED))

    answer, result = messages(draft)
    assert answer.tool_calls[0].status is CallStatus.REFUSED
    assert (result.tool_call_id, result.outcome) == (answer.tool_calls[0].call_id, CallStatus.REFUSED)
    assert result.content.startswith("Refused: Coder has no tool 'create_plan'")
    assert facts(draft, ToolCallRefused) == [
        ToolCallRefused(
            call_id=answer.tool_calls[0].call_id, tool="create_plan", agent=AgentType.CODER, code="NOT_ALLOWED"
        )
    ]
    assert draft.commit().opened == ()
    assert (draft.session.turn.status, draft.session.turn.refusals) == (TurnStatus.RUNNING, 1)


def test_client_is_waited_for_when_only_some_calls_are_refused() -> None:
    """Independent calls do not share their fate, and a mixed answer is not counted as refused."""
    draft = settled(calls(*reads("a.py"), REFUSED, *reads("../b.py")), make_running(refusals=2))

    statuses = [call.status for call in messages(draft)[0].tool_calls]
    assert statuses == [CallStatus.PENDING, CallStatus.REFUSED, CallStatus.REFUSED]
    assert len(draft.session.open_calls) == 1
    assert (draft.session.turn.status, draft.session.turn.refusals) == (TurnStatus.WAITING_FOR_TOOLS, 0)


def test_server_tool_is_refused_when_it_stands_beside_client_calls() -> None:
    """The client's calls are opened, the ending has to wait for their results."""
    draft = settled(calls(*reads("a.py"), *completes("Too early.").calls))

    answer, refusal = messages(draft)
    assert [call.status for call in answer.tool_calls] == [CallStatus.PENDING, CallStatus.REFUSED]
    assert "alone" in refusal.content
    assert "Too early." not in answer.content
    assert draft.session.turn.status is TurnStatus.WAITING_FOR_TOOLS


@pytest.mark.parametrize(
    ("saying", "content"), [("", "All done."), ("So:", "So:\n\nAll done.")], ids=["alone", "with text"]
)
def test_completion_ends_the_turn_when_it_is_called(saying: str, content: str) -> None:
    """Its result becomes the answer's text, and the next message is routed afresh."""
    draft = settled(completes("All done.", saying=saying))

    answer, result = messages(draft)
    assert answer.content == content
    assert (result.outcome, result.tool_call_id) == (CallStatus.DONE, answer.tool_calls[0].call_id)
    assert kinds(draft) == [
        "MessageAdded",
        "ToolCallCompleted",
        "MessageAdded",
        "AgentSwitched",
        "TurnCompleted",
    ]
    assert facts(draft, AgentSwitched)[0].reason is SwitchReason.COMPLETED
    assert draft.session.agent.current_agent is AgentType.ORCHESTRATOR
    assert draft.session.turn.status is TurnStatus.IDLE


def test_turn_goes_on_with_another_agent_when_the_agent_hands_over() -> None:
    """A switch is a call with its result, the log has the model's own reason, and the same turn goes on."""
    draft = settled(hands_to("ask"))

    answer, result = messages(draft)
    assert answer.tool_calls[0].status is CallStatus.DONE
    assert result.content == "Switched to ask."
    assert facts(draft, ToolCallCompleted)[0].tool == "switch_mode"
    assert facts(draft, AgentSwitched) == [
        AgentSwitched(from_agent=AgentType.CODER, to_agent=AgentType.ASK, reason=SwitchReason.AGENT)
    ]
    assert (draft.session.turn.status, draft.session.turn.switches) == (TurnStatus.RUNNING, 1)
    assert [event.note for event in draft.commit().events if isinstance(event.fact, AgentSwitched)] == [
        "Better suited."
    ]


@pytest.mark.parametrize(
    ("target", "switches", "said"),
    [
        ("orchestrator", 0, "there is no agent orchestrator"),
        ("coder", 0, "you are coder already"),
        ("ask", LIMITS.switches, "at most 5 switches"),
    ],
)
def test_switch_is_refused_when_it_is_not_possible(target: str, switches: int, said: str) -> None:
    """The model reads why, the log says whom it wanted, and the same agent goes on."""
    draft = settled(hands_to(target), make_running(switches=switches))

    answer, result = messages(draft)
    assert answer.tool_calls[0].status is result.outcome is CallStatus.REFUSED
    assert said in result.content
    assert facts(draft, AgentSwitchRefused) == [AgentSwitchRefused(from_agent=AgentType.CODER, target=target)]
    assert draft.session.agent.current_agent is AgentType.CODER
    assert draft.session.turn.switches == switches
    assert draft.session.turn.status is TurnStatus.RUNNING


def test_switch_is_possible_when_it_is_the_last_allowed() -> None:
    """Five switches a turn, the fifth included."""
    draft = settled(hands_to("ask"), make_running(switches=LIMITS.switches - 1))

    assert draft.session.turn.switches == LIMITS.switches


@pytest.mark.parametrize(
    ("before", "status", "refusals"),
    [
        (0, TurnStatus.RUNNING, 1),
        (LIMITS.refusals - 1, TurnStatus.RUNNING, LIMITS.refusals),
        (LIMITS.refusals, TurnStatus.FAILED, LIMITS.refusals + 1),
    ],
)
def test_turn_fails_when_too_many_answers_in_a_row_are_refused(before: int, status: TurnStatus, refusals: int) -> None:
    """Three refused answers in a row may be mended, the fourth ends the turn."""
    draft = settled(calls(REFUSED, REFUSED), make_running(refusals=before))

    assert (draft.session.turn.status, draft.session.turn.refusals) == (status, refusals)
    codes = [fact.code for fact in facts(draft, TurnFailed)]
    assert codes == ([TurnErrorCode.TURN_LIMIT] if status is TurnStatus.FAILED else [])


@pytest.mark.parametrize("answer", [hands_to("ask"), calls(*reads("a.py"))], ids=["server tool", "client tool"])
def test_refusals_are_forgotten_when_an_answer_is_good(answer: ModelAnswer) -> None:
    """Only refusals in a row count."""
    draft = settled(answer, make_running(refusals=LIMITS.refusals))

    assert draft.session.turn.refusals == 0


def test_next_turn_starts_when_a_message_waits_behind_the_answer() -> None:
    """The answer ends its turn, and the session is at once owed the next one."""
    draft = settled(text(), make_running(1, queued=1))

    assert (draft.session.turn.number, draft.session.turn.status) == (2, TurnStatus.RUNNING)
    assert {event.turn for event in draft.commit().events} == {1}


def test_turn_waits_with_its_queue_when_the_client_is_needed() -> None:
    """A queued message closes nothing: it waits until the calls are closed and the turn has ended."""
    draft = settled(calls(*reads("a.py")), make_running(1, queued=1))

    assert (draft.session.turn.number, draft.session.turn.status) == (1, TurnStatus.WAITING_FOR_TOOLS)
    assert (draft.session.queued, len(draft.session.open_calls)) == (1, 1)


def test_server_tool_has_its_result_at_once_when_it_stands_beside_client_calls() -> None:
    """The turn waits for the client's part only, and the model's order of calls is kept."""
    requested = (*reads("a.py"), wants("echo", text="x"), wants("calculator", expr="1/0"), *reads("b.py"))
    draft = settled(calls(*requested), make_running().model_copy(update={"agent": ASKING}))

    answer, echoed, failed = messages(draft)
    first, echo, calculator, last = answer.tool_calls
    statuses = [CallStatus.PENDING, CallStatus.DONE, CallStatus.FAILED, CallStatus.PENDING]
    assert [call.status for call in answer.tool_calls] == statuses
    assert (echoed.tool_call_id, echoed.content, echoed.outcome) == (echo.call_id, "x", CallStatus.DONE)
    assert (failed.tool_call_id, failed.outcome) == (calculator.call_id, CallStatus.FAILED)
    assert facts(draft, ToolCallFailed) == [ToolCallFailed(call_id=calculator.call_id, tool="calculator")]
    assert draft.session.open_calls == (first.call_id, last.call_id)
    assert draft.session.turn.status is TurnStatus.WAITING_FOR_TOOLS


@pytest.mark.parametrize("expression", ["1 + 1", "1 / 0"])
def test_turn_goes_on_when_only_server_tools_were_called(expression: str) -> None:
    """Nobody is waited for: the model reads the results in its next round. A failed call is no refused one."""
    requested = (wants("calculator", expr=expression), wants("echo", text=""))
    draft = settled(calls(*requested), make_running(refusals=2).model_copy(update={"agent": ASKING}))

    assert (draft.session.turn.status, draft.session.turn.refusals) == (TurnStatus.RUNNING, 0)
    assert [message.content for message in messages(draft)[1:]][1] == ""
    assert draft.session.open_calls == ()


@pytest.mark.parametrize(("saying", "content"), [("", "Which one?"), ("Hm.", "Hm.\n\nWhich one?")])
def test_turn_ends_with_the_question_when_the_user_is_asked(saying: str, content: str) -> None:
    """The question is the answer, its suggestions stay with the call, and the agent waits for the reply."""
    question = wants("ask_followup_question", question="Which one?", suggestions=["A", "B"])
    draft = settled(calls(question, saying=saying))

    answer, result = messages(draft)
    assert answer.content == content
    assert answer.tool_calls[0].arguments["suggestions"] == ["A", "B"]
    assert (answer.tool_calls[0].status, result.outcome) == (CallStatus.DONE, CallStatus.DONE)
    assert kinds(draft) == ["MessageAdded", "ToolCallCompleted", "MessageAdded", "TurnCompleted"]
    assert draft.session.turn.status is TurnStatus.IDLE
    assert draft.session.agent.current_agent is AgentType.CODER


def test_limits_are_the_deployments_when_they_are_not_the_usual_ones() -> None:
    """Switches and refusals are counted against the settings."""
    strict = deployment(limits=Limits(switches=1, refusals=0))

    switched = settled(hands_to("ask"), make_running(switches=1), strict)
    refused = settled(calls(REFUSED), make_running(), strict)

    assert "at most 1 switches" in messages(switched)[1].content
    assert refused.session.turn.status is TurnStatus.FAILED


def test_long_tool_names_are_cut_when_they_are_stored() -> None:
    """A hallucinated name is kept as far as it can be useful."""
    draft = settled(calls(wants("x" * 500)))

    assert messages(draft)[0].tool_calls[0].tool == "x" * 100
    assert facts(draft, ToolCallRefused)[0].tool == "x" * 100
