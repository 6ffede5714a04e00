"""What a model's answer sets off: calls are run or opened, the turn goes on or ends."""

from dataclasses import dataclass

from domain.agents.spec import AgentSpec
from domain.model.draft import Draft
from domain.model.events.base import Fact
from domain.model.events.tool import ToolCallRefused, ToolCallRequested
from domain.model.llm import ModelAnswer
from domain.model.message import CallStatus, Role, ToolCall
from domain.model.policy import Action, RequestType, Verdict
from domain.model.session import TurnErrorCode
from domain.model.tools.planning import CreatePlan
from domain.model.tools.tool import Where
from domain.services import approvals, plans, server_tools, turns
from domain.services.call_checks import Checked, check
from domain.services.deployment import Deployment
from domain.services.server_tools import Outcome
from domain.services.toolbox import Toolbox

PLAN_APPROVED = Outcome("The plan was approved. Its subtasks run now, each by its agent.", ends_turn=True)


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
    decided = tuple(_decide(item, draft, toolbox, deployment) for item in check(answer, toolbox))
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


def _decide(item: Checked, draft: Draft, toolbox: Toolbox, deployment: Deployment) -> _Decided:
    """Return whether a call is refused, carried out here, or left to the client. The one place that decides it."""
    if item.tool is None or item.parsed is None:
        return _refused(item)
    if item.tool.where is Where.CLIENT:
        return _by_policy(item, toolbox.verdict(RequestType.TOOL, item.tool.name, item.arguments), None)
    if isinstance(item.parsed, CreatePlan):
        if reason := plans.refusal(draft):
            return _refused(item.refused("PLAN_IN_PROGRESS", reason))
        return _by_policy(item, toolbox.verdict(RequestType.PLAN, item.parsed.title, item.arguments), PLAN_APPROVED)
    outcome = server_tools.run(item.tool.name, item.parsed, draft.session, deployment)
    return _Decided(item, outcome.status, outcome)


def _by_policy(item: Checked, verdict: Verdict, approved: Outcome | None) -> _Decided:
    match verdict.action:
        case Action.REJECT:
            detail = f"Refused by policy: {verdict.reason or 'this is not permitted here'}"
            return _refused(item.refused("NOT_PERMITTED", detail))
        case Action.ASK:
            return _Decided(item, CallStatus.AWAITING_APPROVAL, None, verdict.reason or None)
        case Action.APPROVE:
            return _Decided(item, approved.status if approved else CallStatus.PENDING, approved)


def _refused(item: Checked) -> _Decided:
    return _Decided(item, CallStatus.REFUSED, Outcome(item.detail, CallStatus.REFUSED))


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
    if isinstance(item.checked.parsed, CreatePlan):
        plans.propose(draft, call.call_id, call.arguments)
        if outcome:
            plans.approve(draft)
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
    parsed = item.checked.parsed
    approvals.request(
        draft,
        call,
        request_type=RequestType.PLAN if isinstance(parsed, CreatePlan) else RequestType.TOOL,
        subject=parsed.title if isinstance(parsed, CreatePlan) else call.tool,
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
    outcomes = [item.outcome for item in decided if item.outcome]
    if not decided or any(outcome.ends_turn for outcome in outcomes):
        turns.complete(draft, agent.type, is_question=any(outcome.is_question for outcome in outcomes))
    elif draft.session.open_calls:
        turns.wait(draft)
    elif draft.session.turn.refusals > deployment.limits.refusals:
        turns.fail(draft, TurnErrorCode.TURN_LIMIT)
