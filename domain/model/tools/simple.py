"""Tools that answer at once and touch nothing."""

from pydantic import Field

from domain.model.tools.tool import Arguments, Tool, Where


class Echo(Arguments):
    """Return the text as it is."""

    text: str = Field(max_length=10_000)


class Calculator(Arguments):
    """Calculate an arithmetic expression: numbers, + - * / // % **, parentheses. Use it instead of reckoning."""

    expr: str = Field(min_length=1, max_length=1000)


SIMPLE = (
    Tool("echo", Echo, Where.SERVER),
    Tool("calculator", Calculator, Where.SERVER),
)
