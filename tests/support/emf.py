"""Metrics that functions wrote, read as CloudWatch reads them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Value:
    """One value of a metric."""

    name: str
    unit: str
    dimensions: Mapping[str, str]
    value: float


def values_in(text: str) -> list[Value]:
    """Return every value in the lines of `text`, in order; lines that hold no metrics are passed over."""
    documents = (json.loads(line) for line in text.splitlines() if line.startswith('{"_aws"'))
    return [value for document in documents for value in _values(document)]


def sums(values: list[Value], name: str) -> dict[tuple[str, ...], float]:
    """Return the sum of a metric's values by the values of its dimensions, in the order they are declared."""
    found: dict[tuple[str, ...], float] = {}
    for value in values:
        if value.name == name:
            labels = tuple(value.dimensions.values())
            found[labels] = found.get(labels, 0) + value.value
    return found


def _values(document: dict[str, Any]) -> list[Value]:
    return [
        Value(metric["Name"], metric["Unit"], {name: document[name] for name in names}, value)
        for directive in document["_aws"]["CloudWatchMetrics"]
        for names in directive["Dimensions"]
        for metric in directive["Metrics"]
        for value in document[metric["Name"]]
    ]
