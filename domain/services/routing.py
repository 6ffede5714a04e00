"""Which agent answers: by a model's schema-checked choice, by keywords when it fails."""

from dataclasses import dataclass

from pydantic import Field, ValidationError

from domain.agents import DEFAULT, REGISTRY, ROUTABLE
from domain.model.agent import AgentType
from domain.model.llm import ModelAnswer, ModelRequest
from domain.model.message import Message, Role
from domain.model.tools import plain_schema
from domain.model.value import Value
from domain.services import keywords


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


def routing_request(messages: tuple[Message, ...]) -> ModelRequest:
    """Return the call that asks a model to choose among the registered agents."""
    spec = REGISTRY[AgentType.ORCHESTRATOR]
    agents = "\n".join(f"- {agent.value}: {REGISTRY[agent].description}" for agent in ROUTABLE)
    schema = plain_schema(RoutingDecision)
    schema["properties"]["agent"]["enum"] = [agent.value for agent in ROUTABLE]
    return ModelRequest(system=f"{spec.prompt}\n\nAgents:\n{agents}", messages=messages, response_schema=schema)


def decide(answer: ModelAnswer, messages: tuple[Message, ...]) -> Route:
    """Return the choice in a model's answer, or the keywords' when the answer does not fit the schema.

    A request that is not atomic goes to the architect; an agent that is not registered is replaced by the default.
    """
    text = answer.text.strip().removeprefix("```json").removeprefix("```").removesuffix("```")
    try:
        decision = RoutingDecision.model_validate_json(text)
    except ValidationError:
        return decide_by_keywords(messages)
    return Route(_registered(decision.agent, is_atomic=decision.is_atomic), decision.confidence)


def decide_by_keywords(messages: tuple[Message, ...]) -> Route:
    """Return what the words of the newest user message suggest."""
    newest = next(message for message in reversed(messages) if message.role is Role.USER)
    choice = keywords.classify(newest.content)
    return Route(_registered(choice.agent, is_atomic=choice.is_atomic), None)


def _registered(agent: AgentType, *, is_atomic: bool) -> AgentType:
    wanted = agent if is_atomic else AgentType.ARCHITECT
    return wanted if wanted in ROUTABLE else next((other for other in (agent,) if other in ROUTABLE), DEFAULT)
