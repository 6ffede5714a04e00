"""Tools that end or redirect a turn."""

from typing import Annotated

from pydantic import Field

from domain.model.agent import AgentType
from domain.model.tools.tool import Arguments, Tool, Where


class SwitchMode(Arguments):
    """Hand the task to another agent, when it needs what you may not do."""

    mode: AgentType
    reason: str = Field("Task requires different agent capabilities", max_length=2000)


class AttemptCompletion(Arguments):
    """Give the final answer and end the task. Call it alone, once everything is done."""

    result: str = Field(min_length=1, max_length=100_000)


class AskFollowupQuestion(Arguments):
    """Ask the user one question that you cannot answer yourself, with two to four answers to choose from."""

    question: str = Field(min_length=1, max_length=2000)
    suggestions: list[Annotated[str, Field(min_length=1, max_length=500)]] = Field(min_length=2, max_length=4)


STEERING = (
    Tool("switch_mode", SwitchMode, Where.SERVER, must_be_alone=True),
    Tool("attempt_completion", AttemptCompletion, Where.SERVER, must_be_alone=True),
    Tool("ask_followup_question", AskFollowupQuestion, Where.SERVER, must_be_alone=True),
)
"""Each of them has to be the only call of its answer."""
