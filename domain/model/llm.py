"""What is said to a model and what it answers, in words that no provider owns."""

from domain.model.circuit import CircuitChange, FailedModel
from domain.model.message import Message, Usage
from domain.model.value import JsonObject, Value


class ToolSpec(Value):
    """A tool as offered to a model.

    Attributes:
        parameters: JSON schema of the arguments, an object schema without `$ref`.
    """

    name: str
    description: str
    parameters: JsonObject


class ModelRequest(Value):
    """One call of a model.

    Attributes:
        system: The agent's prompt.
        messages: History in the order (turn, seq); every call of an assistant message is followed by its tool message.
        tools: Tools the agent may use; empty when the answer must be text.
        response_schema: JSON schema that the text of the answer must fit (routing); None for free text.
        timeout_seconds: How long one try may take.
        budget_seconds: How long all tries together may take, waits included.
    """

    system: str
    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    response_schema: JsonObject | None = None
    timeout_seconds: float = 50.0
    budget_seconds: float = 50.0


class RequestedCall(Value):
    """A tool call as a model asked for it.

    Attributes:
        arguments: None when the model's text was no JSON object.
        provider_id: The provider's id of the call, if it gives one.
    """

    tool: str
    arguments: JsonObject | None
    provider_id: str | None = None


class ModelAnswer(Value):
    """What a model answered.

    Attributes:
        text: May be empty when there are calls.
        calls: Tool calls in the model's order.
        model: Name of the model that answered.
        attempts: Tries it took, from 1.
        circuit: What the tries did to the circuit that all workers share, in order.
        instead_of: The model that was asked before this one; None when this is the first.
    """

    text: str = ""
    calls: tuple[RequestedCall, ...] = ()
    usage: Usage = Usage()
    model: str
    attempts: int = 1
    circuit: tuple[CircuitChange, ...] = ()
    instead_of: FailedModel | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing and asks for nothing; providers refuse such a message in a later history."""
        return not self.calls and not self.text.strip()
