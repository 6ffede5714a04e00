"""What a deployed system did, read from the lines that its functions wrote."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from functions import metrics
from tests.support.emf import values_in

COUNTED = frozenset(metric.name for metric in metrics.METRICS if metric.unit is metrics.Unit.COUNT)
TRANSACTION = "dynamodb.TransactWriteItems"
LOCK = "dynamodb.UpdateItem"
WAITING = "list_events"


@dataclass(frozen=True)
class Counts:
    """Sums over some time.

    Attributes:
        requests: AWS requests, retries included, by function and operation.
        invocations: By function; of a queue's consumer, each is one receive.
        figures: Metrics that count, by name.
    """

    requests: Counter[tuple[str, str]]
    invocations: Counter[str]
    figures: Counter[str]

    @classmethod
    def of(cls, lines: Iterable[str]) -> Self:
        """Return what lines say; one that is no line of an invocation says nothing."""
        requests: Counter[tuple[str, str]] = Counter()
        invocations: Counter[str] = Counter()
        figures: Counter[str] = Counter()
        for text in lines:
            for value in values_in(text):
                figures[value.name] += round(value.value) if value.name in COUNTED else 0
            entry = json.loads(text) if text.startswith("{") else {}
            if entry.get("message") == "handled":
                invocations[entry["function"]] += 1
                requests.update({(entry["function"], name): number for name, number in entry["io"].items()})
        return cls(requests, invocations, figures)

    @property
    def at_work(self) -> int:
        """AWS requests of everything but clients that wait for events."""
        return self.requests.total() - self.waiting

    @property
    def waiting(self) -> int:
        """AWS requests of clients that wait for events: four a second each, so they tell how long an answer took."""
        return sum(number for (function, _), number in self.requests.items() if function == WAITING)

    def write_units(self, *, worker_commit: int) -> int:
        """Return the units that these requests write, a refused one like one that succeeded.

        Args:
            worker_commit: What a worker's commit writes on average: 4, and 2 for each call that it opens.
        """
        asked, result = self.requests["add_message", TRANSACTION], self.requests["add_tool_result", TRANSACTION]
        return 6 * (asked + result) + worker_commit * self.requests["run_turn", TRANSACTION] + self.locks

    @property
    def locks(self) -> int:
        """Times that a worker took a lock, tried to, or renewed it."""
        return self.requests["run_turn", LOCK]
