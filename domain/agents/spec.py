"""What makes an agent."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from domain.model.agent import AgentType
from domain.model.llm import ToolSpec
from domain.model.tools import TOOLS
from domain.model.tools.tool import Tool, Where


@dataclass(frozen=True)
class AgentSpec:
    """An agent: who it is, what it is told, what it may use.

    Attributes:
        description: One sentence, read by the orchestrator and shown to users.
        prompt: System prompt.
        tools: Names of its tools in `TOOLS`, in the order the model sees them.
        writable: Glob over the whole normalised path of what it may write, in any folder; `*` for everything.
    """

    type: AgentType
    name: str
    description: str
    prompt: str
    tools: tuple[str, ...]
    writable: str = "*"

    def tool_specs(self) -> tuple[ToolSpec, ...]:
        """Return its tools as a model sees them."""
        return tuple(tool.spec() for tool in self._tools())

    def may_write(self, path: str) -> bool:
        """Return whether it may write to a normalised path, once a tool of its writes at all.

        >>> from domain.agents import REGISTRY
        >>> REGISTRY[AgentType.ARCHITECT].may_write("docs/design.md")
        True
        """
        return fnmatchcase(path, self.writable)

    @property
    def file_rule(self) -> str | None:
        """What it may write, in a few words; None when it may write everything, or has nothing to do with files."""
        at_client = [tool for tool in self._tools() if tool.where is Where.CLIENT]
        if any(tool.writes for tool in at_client):
            return None if self.writable == "*" else f"writes only {self.writable}"
        if not at_client:
            return None
        return "writes nothing" if any(tool.needs_approval for tool in at_client) else "reads only"

    def _tools(self) -> Iterable[Tool]:
        return (TOOLS[name] for name in self.tools)
