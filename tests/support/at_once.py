"""Threads that act at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from domain.model.errors import Refusal


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """Do everything at the same moment; return what each returned, or the refusal that it met."""
    barrier = Barrier(len(actions))

    def act(action: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return action()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(act, actions))
