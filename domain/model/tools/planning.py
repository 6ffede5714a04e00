"""The tool that proposes a plan."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from domain.model.agent import AgentType
from domain.model.tools.tool import Arguments, Tool, Where

PlanAgent = Literal[AgentType.CODER, AgentType.DEBUG, AgentType.ASK]
"""Who carries out subtasks: an architect would only plan again."""


class PlannedSubtask(Arguments):
    """One step of a plan, for one agent.

    Attributes:
        dependencies: Indices, from 0, of earlier subtasks of the plan that must be done first; each once.
    """

    title: str = Field(min_length=1, max_length=255)
    description: str = Field(min_length=1, max_length=10_000)
    agent: PlanAgent
    estimated_time_minutes: int = Field(ge=1)
    dependencies: list[Annotated[int, Field(ge=0)]] = Field(default_factory=list, max_length=49)


class CreatePlan(Arguments):
    """Propose a plan to the user, who decides on it. Dependencies are indices, from 0, of earlier subtasks."""

    title: str = Field(min_length=1, max_length=255)
    description: str = Field(min_length=1, max_length=10_000)
    subtasks: list[PlannedSubtask] = Field(min_length=1, max_length=50)

    @model_validator(mode="after")
    def _depends_on_earlier_ones(self) -> Self:
        # What only looks back can have no circle.
        for place, subtask in enumerate(self.subtasks):
            if any(earlier >= place for earlier in subtask.dependencies):
                raise PydanticCustomError(
                    "dependency_not_earlier",
                    "subtask {place} may depend on earlier subtasks only: indices from 0, below {place}",
                    {"place": place},
                )
            if len(set(subtask.dependencies)) < len(subtask.dependencies):
                raise PydanticCustomError(
                    "dependency_repeated", "subtask {place} names a dependency twice", {"place": place}
                )
        return self


PLANNING = (Tool("create_plan", CreatePlan, Where.SERVER, needs_approval=True, must_be_alone=True),)
