"""What a tool is: its arguments with their limits, where it runs, whether a person has to agree."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from pydantic import BaseModel, ConfigDict

from domain.model.json_schema import plain_schema
from domain.model.llm import ToolSpec


class Where(StrEnum):
    """Who carries a tool out."""

    CLIENT = "client"
    SERVER = "server"


class Arguments(BaseModel):
    """Arguments of a tool; unknown ones are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


@dataclass(frozen=True)
class Tool:
    """A tool.

    Attributes:
        arguments: Validates and describes its arguments; its docstring is what the model reads.
        needs_approval: A person is asked before it is carried out, unless a policy says otherwise.
        must_be_alone: It ends or redirects the turn, so no other call may stand beside it.
        writes: Names of the arguments that are paths it writes to; an agent's rule on paths is held against these.
    """

    name: str
    arguments: type[BaseModel]
    where: Where
    needs_approval: bool = False
    must_be_alone: bool = False
    writes: tuple[str, ...] = ()

    def spec(self) -> ToolSpec:
        """Return the tool as a model sees it."""
        return _spec(self)


@cache
def _spec(tool: Tool) -> ToolSpec:
    return ToolSpec(name=tool.name, description=tool.arguments.__doc__ or "", parameters=plain_schema(tool.arguments))
