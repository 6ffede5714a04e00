"""The one place that builds and hands out dependencies."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_type_hints

from functions.runtime.dotted import load

T = TypeVar("T")


class DIContainer:
    """Builds each dependency once, when it is first asked for, out of its constructor's annotations.

    >>> class Clock: ...
    >>> class Watch:
    ...     def __init__(self, clock: Clock) -> None:
    ...         self.clock = clock
    >>> container = DIContainer()
    >>> container.get(Watch).clock is container.get(Clock)
    True
    """

    def __init__(self) -> None:
        self._providers: dict[type, tuple[str | Callable[..., Any], Mapping[str, Any]]] = {}
        self._built: dict[type, Any] = {}

    def register(self, kind: type, provider: str | Callable[..., Any], **values: Any) -> None:
        """Build `kind` with `provider`: a class, a function, or the dotted name of one.

        Args:
            kind: What is asked for, usually a port.
            provider: Its parameters are taken from `values` by name, from this container by annotation.
            values: Settings for parameters that no type tells apart.
        """
        self._providers[kind] = provider, values
        self._built.pop(kind, None)

    def get(self, kind: type[T]) -> T:
        """Return the one `kind`; a class that was not registered is built as itself.

        Raises:
            TypeError: a port was not registered, or a setting has no value.
        """
        if kind not in self._built:
            provider, values = self._providers.get(kind, (kind, {}))
            self._built[kind] = self._build(load(provider) if isinstance(provider, str) else provider, values)
        built: T = self._built[kind]
        return built

    def _build(self, provider: Callable[..., Any], values: Mapping[str, Any]) -> Any:
        if provider.__module__ == "builtins":
            # A setting that nobody registered would be built as "" or 0.
            raise TypeError(f"No value was registered for a parameter of type {provider.__name__}.")
        constructor = provider.__init__ if inspect.isclass(provider) else provider
        if constructor is object.__init__:
            return provider()
        hints = get_type_hints(constructor)
        hints.pop("return", None)
        return provider(**{name: values[name] if name in values else self.get(hint) for name, hint in hints.items()})
