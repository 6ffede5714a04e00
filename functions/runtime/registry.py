"""Commands and queries to their handlers."""

from typing import Any

from domain.cqrs import Command, Query
from functions.catalog import Function, Kind
from functions.runtime.container import DIContainer
from functions.runtime.dotted import load


class HandlersRegistry:
    """Finds the handler of a command or query and lets it work; handlers are built when first needed."""

    def __init__(self, container: DIContainer) -> None:
        self._container = container
        self._commands: dict[type[Command], str] = {}
        self._queries: dict[type[Query], str] = {}

    def register_command_handler(self, command: type[Command], handler: str) -> None:
        """Let the class with the dotted name `handler` carry out `command`."""
        self._commands[command] = handler

    def register_query_handler(self, query: type[Query], handler: str) -> None:
        """Let the class with the dotted name `handler` answer `query`."""
        self._queries[query] = handler

    def register(self, function: Function) -> None:
        """Register what a catalog row names."""
        message = load(function.message)
        if function.kind is Kind.QUERY:
            self.register_query_handler(message, function.message_handler)
        else:
            self.register_command_handler(message, function.message_handler)

    def execute_command(self, command: Command) -> Any:
        """Carry `command` out and return what its handler returns; its refusals pass through.

        Raises:
            KeyError: no handler was registered.
        """
        return self._handler(self._commands[type(command)]).handle(command)

    def execute_query(self, query: Query) -> Any:
        """Return the answer to `query`; its refusals pass through.

        Raises:
            KeyError: no handler was registered.
        """
        return self._handler(self._queries[type(query)]).handle(query)

    def execute(self, message: Command | Query) -> Any:
        """Carry out a command or answer a query."""
        return self.execute_query(message) if isinstance(message, Query) else self.execute_command(message)

    def prepare(self) -> None:
        """Build every registered handler now, while Lambda starts and its full CPU is free of charge."""
        for handler in (*self._commands.values(), *self._queries.values()):
            self._handler(handler)

    def _handler(self, name: str) -> Any:
        return self._container.get(load(name))
