"""Workers in slow motion: each stops where it asks its model, commits or hides its message, until a test lets it go on.

Each runs in a thread of its own, but never two at a time, so nothing here depends on chance.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Semaphore, Thread
from typing import Any

from domain.model.change import Commit
from domain.model.llm import ModelAnswer, ModelRequest

_CURRENT: ContextVar["Stepped | None"] = ContextVar("current", default=None)


@dataclass(frozen=True)
class Hidden:
    """A worker has just hidden its queue message."""


@dataclass(frozen=True)
class AtRequest:
    """A worker is about to send a request, or has its answer."""

    operation: str


Stop = ModelRequest | Commit | Hidden | AtRequest


class Stepped:
    """A function that runs in stretches.

    Attributes:
        asks: What it has stopped at; None when it is over.
        result: What it returned; None before, and when it raised.
        error: What it raised.
    """

    def __init__(self, function: Callable[[], Any]) -> None:
        self.asks: Stop | None = None
        self.result: Any = None
        self.error: BaseException | None = None
        self.is_over = False
        self._function = function
        self._reply: Any = None
        self._mine, self._theirs = Semaphore(0), Semaphore(0)
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()
        self.resume()

    def resume(self, reply: Any = None) -> None:
        """Let it go on with `reply`, raised if it is an exception, and return when it stops again or is over."""
        self.asks, self._reply = None, reply
        self._mine.release()
        self._theirs.acquire()
        if self.is_over:
            self._thread.join()

    def stop_at(self, asks: Stop) -> Any:
        """Stop the running function, and return with what it is resumed with."""
        self.asks = asks
        self._theirs.release()
        self._mine.acquire()
        if isinstance(self._reply, BaseException):
            raise self._reply
        return self._reply

    def _run(self) -> None:
        _CURRENT.set(self)
        self._mine.acquire()
        try:
            self.result = self._function()
        except BaseException as error:  # noqa: BLE001  # told to whoever steps
            self.error = error
        self.is_over = True
        self._theirs.release()


class SteppedModel:
    """A model whose answers are decided by whoever steps the worker that asks."""

    name = "stepped"

    def complete(self, request: ModelRequest) -> ModelAnswer:
        """Stop the worker at its request."""
        answer: ModelAnswer = stop_at(request)
        return answer


def stop_at(asks: Stop) -> Any:
    """Stop a stepped worker; everybody else passes."""
    current = _CURRENT.get()
    return current.stop_at(asks) if current else None
