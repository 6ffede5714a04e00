"""Values of metrics, written as CloudWatch's embedded metric format."""

from collections.abc import Mapping

from aws_lambda_powertools.metrics import EphemeralMetrics

from functions.metrics import NAMESPACE, Metric


class Figures:
    """Collects an invocation's values; `flush` writes them to standard output, a line per combination of dimensions.

    Not shared as Powertools' `Metrics` are: each combination has a set of its own, so no value gets the dimensions of
    another.
    """

    def __init__(self) -> None:
        self._sets: dict[tuple[tuple[str, str], ...], EphemeralMetrics] = {}

    def add(self, metric: Metric, dimensions: Mapping[str, str], value: float = 1) -> None:
        """Take one value.

        Raises:
            ValueError: the dimensions are not those of the metric.
        """
        if set(dimensions) != set(metric.dimensions):
            raise ValueError(f"{metric.name} has the dimensions {metric.dimensions}, not {tuple(dimensions)}.")
        combination = tuple(sorted(dimensions.items()))
        if combination not in self._sets:
            self._sets[combination] = _set_of(dimensions)
        self._sets[combination].add_metric(metric.name, metric.unit.value, value)

    def flush(self) -> None:
        """Write what was collected, and begin anew; nothing is written when there is nothing."""
        for collected in self._sets.values():
            if collected.metric_set:
                collected.flush_metrics()


def _set_of(dimensions: Mapping[str, str]) -> EphemeralMetrics:
    made = EphemeralMetrics(namespace=NAMESPACE)
    made.set_default_dimensions(**dimensions)
    return made
