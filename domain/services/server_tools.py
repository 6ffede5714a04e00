"""The tools that are carried out here: what each answers, and what it does to the turn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from domain.model.agent import AgentType
from domain.model.events.agent import AgentSwitchRefused, SwitchReason
from domain.model.events.base import Fact
from domain.model.message import CallStatus
from domain.model.session import Session
from domain.model.tools.simple import Calculator, Echo
from domain.model.tools.steering import AskFollowupQuestion, AttemptCompletion, SwitchMode
from domain.services.calculator import CalculationError, calculate
from domain.services.deployment import Deployment


@dataclass(frozen=True)
class Switch:
    """A change of the agent.

    Attributes:
        note: The reason in the model's own words.
    """

    to_agent: AgentType
    reason: SwitchReason
    note: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of a call that was carried out here.

    Attributes:
        content: The call's result as the model reads it.
        status: done, failed or refused.
        said: What the user reads of it, as part of the answer.
        ends_turn: The answer is the turn's last.
        is_question: The turn ends with a question to the user.
        switch: Who speaks from now on; None when nothing changes.
        refusal: What is told when the status is refused.
    """

    content: str
    status: CallStatus = CallStatus.DONE
    said: str = ""
    ends_turn: bool = False
    is_question: bool = False
    switch: Switch | None = None
    refusal: Fact | None = None


def run(name: str, arguments: BaseModel, session: Session, deployment: Deployment) -> Outcome:
    """Return what comes of a checked call of the server tool `name`; changes nothing.

    Args:
        name: One of `SERVER_TOOLS`.
        arguments: As checked.
        session: As it is when the answer comes.
        deployment: Who can be switched to, and how often.
    """
    return SERVER_TOOLS[name](arguments, session, deployment)


def _switch_mode(arguments: SwitchMode, session: Session, deployment: Deployment) -> Outcome:
    current, target = session.agent.current_agent, arguments.mode
    refusal = ""
    if target not in deployment.agents or target is AgentType.ORCHESTRATOR:
        refusal = f"Refused: there is no agent {target.value} to hand over to."
    elif target is current:
        refusal = f"Refused: you are {target.value} already."
    elif session.turn.switches >= deployment.limits.switches:
        refusal = f"Refused: at most {deployment.limits.switches} switches in one turn. Finish with what you have."
    if refusal:
        told = AgentSwitchRefused(from_agent=current, target=target)
        return Outcome(refusal, CallStatus.REFUSED, refusal=told)
    note = arguments.reason if "reason" in arguments.model_fields_set else None
    return Outcome(f"Switched to {target.value}.", switch=Switch(target, SwitchReason.AGENT, note))


def _attempt_completion(arguments: AttemptCompletion, _: Session, __: Deployment) -> Outcome:
    # A completed task is over for its agent: the next message is routed afresh.
    over = Switch(AgentType.ORCHESTRATOR, SwitchReason.COMPLETED)
    return Outcome("The answer was given to the user.", said=arguments.result, ends_turn=True, switch=over)


def _ask_followup_question(arguments: AskFollowupQuestion, _: Session, __: Deployment) -> Outcome:
    return Outcome(
        "The question was put to the user; what he says next answers it.",
        said=arguments.question,
        ends_turn=True,
        is_question=True,
    )


def _echo(arguments: Echo, _: Session, __: Deployment) -> Outcome:
    return Outcome(arguments.text)


def _calculator(arguments: Calculator, _: Session, __: Deployment) -> Outcome:
    try:
        return Outcome(calculate(arguments.expr))
    except CalculationError as error:
        return Outcome(str(error), CallStatus.FAILED)


SERVER_TOOLS: Mapping[str, Callable[..., Outcome]] = {
    "switch_mode": _switch_mode,
    "attempt_completion": _attempt_completion,
    "ask_followup_question": _ask_followup_question,
    "echo": _echo,
    "calculator": _calculator,
}
"""How each is carried out, by name; each takes its own arguments, the session and the deployment."""
