"""`docs/operations.md` lists every metric as the catalog of metrics has it."""

from functions.metrics import METRICS
from infra.local.layout import ROOT
from tests.benchmarks.markdown import block_of

HEAD = "| Metric | Unit | Dimensions | One value says |\n|---|---|---|---|"


def test_page_lists_every_metric_as_it_is() -> None:
    """Name, unit, dimensions and meaning are those of the code."""
    rows = (
        f"| `{metric.name}` | {metric.unit.value} | {', '.join(metric.dimensions)} | {metric.meaning} |"
        for metric in METRICS
    )

    page = (ROOT / "docs" / "operations.md").read_text()

    assert block_of(page, "metrics").strip() == "\n".join((HEAD, *rows))
