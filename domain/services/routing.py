"""Which agent answers: by a model's schema-checked choice, by keywords when it fails."""

from dataclasses import dataclass

from pydantic import Field, ValidationError

from domain.model.agent import AgentType
from domain.model.json_schema import plain_schema
from domain.model.llm import ModelAnswer, ModelRequest
from domain.model.message import Message, Role
from domain.model.value import Value
from domain.services import keywords
from domain.services.deployment import Deployment


class RoutingDecision(Value):
    """What the orchestrator's model must answer."""

    agent: AgentType
    confidence: float = Field(ge=0, le=1)
    is_atomic: bool
    reason: str = Field(max_length=2000)


@dataclass(frozen=True)
class Route:
    """Who answers.

    Attributes:
        confidence: 0 to 1 as the model said; None when keywords decided.
    """

    agent: AgentType
    confidence: float | None

    @property
    def is_fallback(self) -> bool:
        """Whether keywords decided."""
        return self.confidence is None


def routing_request(messages: tuple[Message, ...], deployment: Deployment) -> ModelRequest:
    """Return the call that asks a model to choose among the deployment's agents."""
    agents = "\n".join(f"- {agent.value}: {deployment.agents[agent].description}" for agent in deployment.routable)
    schema = plain_schema(RoutingDecision)
    schema["properties"]["agent"]["enum"] = [agent.value for agent in deployment.routable]
    return ModelRequest(
        system=f"{deployment.orchestrator.prompt}\n\nAgents:\n{agents}", messages=messages, response_schema=schema
    )


def decide(answer: ModelAnswer, messages: tuple[Message, ...], deployment: Deployment) -> Route:
    """Return the choice in a model's answer, or the keywords' when the answer does not fit the schema.

    A request that is not atomic goes to the architect; an agent that cannot be chosen is replaced by the default.
    """
    text = answer.text.strip().removeprefix("```json").removeprefix("```").removesuffix("```")
    try:
        decision = RoutingDecision.model_validate_json(text)
    except ValidationError:
        return decide_by_keywords(messages, deployment)
    return Route(_routable(decision.agent, deployment, is_atomic=decision.is_atomic), decision.confidence)


def decide_by_keywords(messages: tuple[Message, ...], deployment: Deployment) -> Route:
    """Return what the words of the newest user message suggest."""
    newest = next(message for message in reversed(messages) if message.role is Role.USER)
    choice = keywords.classify(newest.content)
    return Route(_routable(choice.agent, deployment, is_atomic=choice.is_atomic), None)


def _routable(agent: AgentType, deployment: Deployment, *, is_atomic: bool) -> AgentType:
    wanted = (agent,) if is_atomic else (AgentType.ARCHITECT, agent)
    return next((other for other in wanted if other in deployment.routable), deployment.default)
