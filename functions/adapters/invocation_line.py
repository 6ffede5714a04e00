"""What is known of the invocation in progress."""

from typing import Any

NOBODY = "none"


class InvocationLine:
    """Fields of the log line that the invocation will end with; adapters add theirs, traces and metrics read them.

    A process works on one invocation at a time, and each begins with an empty line.
    """

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}

    @property
    def function(self) -> str:
        """Name of the function that works; `none` outside an invocation."""
        function: str = self.fields.get("function", NOBODY)
        return function

    def begin(self, **fields: Any) -> dict[str, Any]:
        """Forget the last invocation, and return the fields of the next."""
        self.fields = fields
        return self.fields
