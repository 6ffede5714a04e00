"""What a model's answer sets off: calls are run or opened, the turn goes on or ends."""

from dataclasses import dataclass

from domain.agents.spec import AgentSpec
from domain.model.draft import Draft
from domain.model.events.base import Fact
from domain.model.events.tool import ToolCallRefused, ToolCallRequested
from domain.model.llm import ModelAnswer
from domain.model.message import CallStatus, Role, ToolCall
from domain.model.policy import Action, RequestType, Verdict
from domain.model.session import Session, TurnErrorCode
from domain.model.tools.tool import Where
from domain.services import approvals, server_tools, turns
from domain.services.call_checks import Checked, check
from domain.services.deployment import Deployment
from domain.services.server_tools import Outcome
from domain.services.toolbox import Toolbox


@dataclass(frozen=True)
class _Decided:
    """A checked call and what becomes of it.

    Attributes:
        status: Of the call as it is stored with the answer.
        outcome: What came of it here; None when it is left to the client, or first to a person.
        reason: Why a person is asked.
    """

    checked: Checked
    status: CallStatus
    outcome: Outcome | None
    reason: str | None = None


def settle(draft: Draft, answer: ModelAnswer, toolbox: Toolbox, deployment: Deployment) -> None:
    """Record an answer and everything it sets off; run it with `compose`, since calls are named after the commit.

    A text ends the turn. Calls of client tools are opened, those that need a person's yes with the question for it,
    and the turn waits; refused calls and server tools have their results at once, and when nothing else is open the
    turn goes on.
    """
    agent = toolbox.agent
    decided = tuple(_decide(item, draft.session, toolbox, deployment) for item in check(answer, toolbox))
    calls = tuple(_stored(draft, index, item) for index, item in enumerate(decided))
    said = (item.outcome.said for item in decided if item.outcome)
    draft.add_message(
        Role.ASSISTANT,
        "\n\n".join(text for text in (answer.text, *said) if text),
        agent=agent.type,
        tool_calls=calls,
        usage=answer.usage,
    )
    for call, item in zip(calls, decided, strict=True):
        _begin(draft, call, item, agent, deployment)
    _go_on(draft, decided, agent, deployment)


def _decide(item: Checked, session: Session, toolbox: Toolbox, deployment: Deployment) -> _Decided:
    """Return whether a call is refused, carried out here, or left to the client. The one place that decides it."""
    if item.tool is None or item.parsed is None:
        return _refused(item)
    if item.tool.where is Where.CLIENT:
        verdict = toolbox.verdict(RequestType.TOOL, item.tool.name, item.arguments)
        if verdict.action is Action.REJECT:
            return _refused(item.refused("NOT_PERMITTED", _not_permitted(verdict)))
        is_asked = verdict.action is Action.ASK
        status = CallStatus.AWAITING_APPROVAL if is_asked else CallStatus.PENDING
        return _Decided(item, status, None, verdict.reason or None)
    outcome = server_tools.run(item.tool.name, item.parsed, session, deployment)
    return _Decided(item, outcome.status, outcome)


def _refused(item: Checked) -> _Decided:
    return _Decided(item, CallStatus.REFUSED, Outcome(item.detail, CallStatus.REFUSED))


def _not_permitted(verdict: Verdict) -> str:
    return f"Refused by policy: {verdict.reason or 'this is not permitted here'}"


def _stored(draft: Draft, index: int, item: _Decided) -> ToolCall:
    return ToolCall(
        call_id=draft.call_id(index),
        tool=item.checked.call.tool[:100],
        arguments=item.checked.arguments,
        status=item.status,
        provider_id=item.checked.call.provider_id,
        is_gated=item.status is CallStatus.AWAITING_APPROVAL,
    )


def _begin(draft: Draft, call: ToolCall, item: _Decided, agent: AgentSpec, deployment: Deployment) -> None:
    outcome = item.outcome
    if outcome is None:
        draft.record(ToolCallRequested(call_id=call.call_id, tool=call.tool, agent=agent.type))
        _open(draft, call, item, deployment)
        return
    draft.record(_end_fact(call, item, outcome, agent))
    draft.add_message(Role.TOOL, outcome.content, tool_call_id=call.call_id, outcome=call.status)
    if outcome.switch:
        turns.switch_agent(draft, outcome.switch.to_agent, outcome.switch.reason, note=outcome.switch.note)


def _open(draft: Draft, call: ToolCall, item: _Decided, deployment: Deployment) -> None:
    if not call.is_gated:
        draft.open_call(call)
        return
    approvals.request(
        draft,
        call,
        request_type=RequestType.TOOL,
        subject=call.tool,
        seconds=deployment.limits.approval_seconds,
        reason=item.reason,
    )


def _end_fact(call: ToolCall, item: _Decided, outcome: Outcome, agent: AgentSpec) -> Fact:
    if item.checked.code:
        return ToolCallRefused(call_id=call.call_id, tool=call.tool, agent=agent.type, code=item.checked.code)
    return outcome.refusal or turns.CALL_END_FACTS[outcome.status](call_id=call.call_id, tool=call.tool)


def _go_on(draft: Draft, decided: tuple[_Decided, ...], agent: AgentSpec, deployment: Deployment) -> None:
    is_all_refused = bool(decided) and all(item.checked.code for item in decided)
    draft.change_turn(refusals=draft.session.turn.refusals + 1 if is_all_refused else 0)
    if not decided or any(item.outcome and item.outcome.ends_turn for item in decided):
        turns.complete(draft, agent.type)
    elif draft.session.open_calls:
        turns.wait(draft)
    elif draft.session.turn.refusals > deployment.limits.refusals:
        turns.fail(draft, TurnErrorCode.TURN_LIMIT)
