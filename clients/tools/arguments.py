"""Arguments of a call, as a model gave them."""

from collections.abc import Mapping
from typing import Any

from clients.tools.outcome import ToolRefused


class Arguments:
    """Reads arguments by name and kind; null counts as not given.

    Every reader raises `ToolRefused` when the value does not fit. After the last one `finish` refuses what is left.

    >>> arguments = Arguments({"path": "a.py", "start_line": 3})
    >>> arguments.text("path"), arguments.whole("start_line", None, least=1), arguments.flag("recursive")
    ('a.py', 3, False)
    >>> arguments.finish()
    """

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._left = {name: value for name, value in raw.items() if value is not None}

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; without a default it must be given."""
        value = self._left.pop(name, default)
        if value is None:
            raise ToolRefused(f"`{name}` is missing.")
        if not isinstance(value, str):
            raise ToolRefused(f"`{name}` must be a text.")
        return value

    def whole(self, name: str, default: int | None, *, least: int, most: int | None = None) -> int | None:
        """Return a whole number from `least` to `most`."""
        value = self._left.pop(name, default)
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # JSON knows one kind of number: 3.0 is 3
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise ToolRefused(f"`{name}` must be a whole number.")
        if value < least or (most is not None and value > most):
            limits = f"at least {least}" if most is None else f"from {least} to {most}"
            raise ToolRefused(f"`{name}` must be {limits}.")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """Return true or false; `default` when not given."""
        value = self._left.pop(name, default)
        if not isinstance(value, bool):
            raise ToolRefused(f"`{name}` must be true or false.")
        return value

    def finish(self) -> None:
        """Refuse arguments that nobody read: a model that misspells one must not get an answer to another question."""
        if self._left:
            raise ToolRefused(f"Unknown arguments: {', '.join(sorted(self._left))}.")
