"""Twenty processes that write to one session at once: who was told "stored", and what is there afterwards."""

import multiprocessing
from collections import Counter
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from typing import Any

from tests.benchmarks.contest.chat import Contestant, text

WRITERS = 20
EXCHANGES_EACH = 10
START_SECONDS = 120.0
"""Within this every writer has opened the session."""


@dataclass(frozen=True)
class CrowdResult:
    """What became of the questions.

    Attributes:
        acknowledged: Questions whose exchange ended without an error.
        refused: Questions whose exchange ended with one; their writers know.
        readable: Different acknowledged questions that can be read afterwards.
        doubled: Questions that can be read more than once.
        errors: What refused them, most frequent first.
    """

    acknowledged: int
    refused: int
    readable: int
    doubled: int
    errors: tuple[str, ...]

    @property
    def lost(self) -> int:
        """Questions that were acknowledged and cannot be read."""
        return self.acknowledged - self.readable


def let_crowd_write(
    contestant: Contestant, *, session: str, writers: int = WRITERS, exchanges: int = EXCHANGES_EACH
) -> CrowdResult:
    """Start the writers, let them begin together, and compare what they were told with what can be read."""
    # Each writer is forked from a server that has imported everything and has neither threads nor clients.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([type(contestant).__module__])
    start: Barrier = context.Barrier(writers)
    pipes = [context.Pipe(duplex=False) for _ in range(writers)]
    processes = [
        context.Process(target=_write, args=(contestant, session, f"writer {number}", exchanges, start, sender))
        for number, (_, sender) in enumerate(pipes)
    ]
    for process in processes:
        process.start()
    for _, sender in pipes:
        sender.close()
    told: dict[str, str | None] = {}
    for receiver, _ in pipes:
        told |= receiver.recv()
    for process in processes:
        process.join()
    return _compared(told, Counter(contestant.open(session).read()))


def _write(contestant: Contestant, session: str, writer: str, exchanges: int, start: Barrier, sender: Any) -> None:
    conversation = contestant.open(session)
    start.wait(START_SECONDS)
    told: dict[str, str | None] = {}
    for number in range(exchanges):
        question = text(f"{writer}, question {number}")
        try:
            conversation.exchange(question, text(f"answer to {writer}, question {number}"))
        except Exception as error:  # noqa: BLE001  # whatever it is, the writer was not told "stored"
            told[question] = type(error).__name__
        else:
            told[question] = None
    sender.send(told)


def _compared(told: dict[str, str | None], found: Counter[str]) -> CrowdResult:
    acknowledged = {question for question, error in told.items() if error is None}
    errors = Counter(error for error in told.values() if error is not None)
    return CrowdResult(
        acknowledged=len(acknowledged),
        refused=len(told) - len(acknowledged),
        readable=len(acknowledged & found.keys()),
        doubled=sum(1 for question in told if found[question] > 1),
        errors=tuple(name for name, _ in errors.most_common()),
    )
