"""What makes an agent."""

from dataclasses import dataclass

from domain.model.agent import AgentType
from domain.model.llm import ToolSpec
from domain.model.tools import TOOLS


@dataclass(frozen=True)
class AgentSpec:
    """An agent: who it is, what it is told, what it may use.

    Attributes:
        description: One sentence, read by the orchestrator and shown to users.
        prompt: System prompt.
        tools: Names of its tools in `TOOLS`, in the order the model sees them.
        file_rule: What it may write, in a sentence; None when its tools are the only limit.
    """

    type: AgentType
    name: str
    description: str
    prompt: str
    tools: tuple[str, ...]
    file_rule: str | None = None

    def tool_specs(self) -> tuple[ToolSpec, ...]:
        """Return its tools as a model sees them."""
        return tuple(TOOLS[name].spec() for name in self.tools)
