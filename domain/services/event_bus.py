"""Facts to handlers: by type, category or wildcard, by priority, through middleware, each handler on its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.model.log import Event
from domain.services.subscriptions import Subscription

Handler = Callable[[Event], None]
Middleware = Callable[[Event], Event | None]


@dataclass(frozen=True)
class Dispatched:
    """What became of one event.

    Attributes:
        handled: Names of the handlers that ran to their end, in order.
        failed: Those that raised, with what they raised.
    """

    handled: Sequence[str]
    failed: dict[str, Exception]


class EventBus:
    """Hands events to subscribed handlers; the same in a subscriber function and in a test's memory.

    >>> from domain.services.subscriptions import Subscription
    >>> bus = EventBus()
    >>> bus.subscribe(Subscription("audit"), lambda event: None)
    >>> [subscription.handler for subscription in bus.subscriptions]
    ['audit']
    """

    def __init__(self) -> None:
        self._handlers: list[tuple[Subscription, Handler]] = []
        self._middleware: list[Middleware] = []

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """Every subscription, highest priority first, then in the order they were made."""
        return tuple(subscription for subscription, _ in self._by_priority())

    def subscribe(self, subscription: Subscription, handler: Handler) -> None:
        """Call `handler` with every event that `subscription` asks for."""
        self._handlers.append((subscription, handler))

    def middleware(self) -> Callable[[Middleware], Middleware]:
        """Decorate a function that sees every event first and may return another one, or None to drop it."""

        def register(function: Middleware) -> Middleware:
            self._middleware.append(function)
            return function

        return register

    def admit(self, event: Event) -> Event | None:
        """Return `event` as the middleware leaves it, in order of registration; None when it is dropped."""
        passed: Event | None = event
        for function in self._middleware:
            if passed is None:
                break
            passed = function(passed)
        return passed

    def dispatch(self, event: Event) -> Dispatched:
        """Call every handler that asked for `event`, highest priority first; one that raises does not stop the others.

        Returns:
            Who handled it and who failed; a subscriber must deliver the event again when anybody failed.
        """
        admitted = self.admit(event)
        handled: list[str] = []
        failed: dict[str, Exception] = {}
        for subscription, handler in self._by_priority():
            if admitted is None or not subscription.matches(admitted.fact):
                continue
            try:
                handler(admitted)
            except Exception as error:  # noqa: BLE001  # isolation is the contract: the caller gets every error
                failed[subscription.handler] = error
            else:
                handled.append(subscription.handler)
        return Dispatched(handled, failed)

    def _by_priority(self) -> list[tuple[Subscription, Handler]]:
        return sorted(self._handlers, key=lambda pair: -pair[0].priority)
