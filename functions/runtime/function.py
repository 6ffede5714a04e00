"""What every function has: its row, its container, its handler."""

from functools import cached_property

from domain.cqrs import Command, Query
from domain.ports import Clock, Ids
from functions.adapters.invocation_line import InvocationLine
from functions.adapters.seam import IoSeam
from functions.catalog import row
from functions.runtime.composition import compose
from functions.runtime.container import DIContainer
from functions.runtime.dotted import load
from functions.runtime.observability import Observer
from functions.runtime.registry import HandlersRegistry
from functions.runtime.settings import Settings, is_lambda


class RuntimeFunction:
    """A function of the catalog, ready to work.

    In Lambda everything is built while it starts. Elsewhere it is built when first used, and a test may put a
    container of its own in place of `container` before that.
    """

    def __init__(self, name: str) -> None:
        self.row = row(name)
        if is_lambda():
            self.registry.prepare()
            _ = self.observer

    @cached_property
    def container(self) -> DIContainer:
        """Dependencies of this process."""
        return compose(Settings.from_environment())

    @cached_property
    def registry(self) -> HandlersRegistry:
        """This function's one handler."""
        registry = HandlersRegistry(self.container)
        registry.register(self.row)
        return registry

    @cached_property
    def message_class(self) -> type[Command] | type[Query]:
        """The command or query class of this function's row."""
        message: type[Command | Query] = load(self.row.message)
        return message

    @cached_property
    def observer(self) -> Observer:
        """What logs, counts and, where tracing is on, traces this process's invocations."""
        if self.container.get(Settings).is_traced:
            trace_calls = load("functions.adapters.tracing:trace_calls")
            trace_calls(self.container.get(IoSeam), self.container.get(InvocationLine))
        return self.container.get(Observer)

    @property
    def clock(self) -> Clock:
        """This process's clock."""
        return self.container.get(Clock)  # type: ignore[type-abstract]  # ports are what is asked for

    @property
    def ids(self) -> Ids:
        """This process's randomness."""
        return self.container.get(Ids)  # type: ignore[type-abstract]  # same

    @property
    def seam(self) -> IoSeam:
        """What all I/O of this process passes."""
        return self.container.get(IoSeam)
