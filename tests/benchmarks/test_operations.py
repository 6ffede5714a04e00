"""`make bench` tells what operations cost, fails above the budget, and the README says what it prints."""

from dataclasses import replace
from pathlib import Path

import pytest

from infra.local.dynamodb_local import DynamoDbLocal
from tests.benchmarks.__main__ import README, exit_code, main
from tests.benchmarks.markdown import block_of
from tests.benchmarks.operations import Counted, count_operations, operations_table
from tests.support.bench import LENGTHS
from tests.support.budgets import BUDGETS
from tests.support.dynamodb import environment
from tests.support.metering import Cost

ADD_MESSAGE = next(budget for budget in BUDGETS if budget.operation == "AddMessage")


def test_table_tells_three_figures_when_they_differ() -> None:
    """One figure stands for all lengths where it is the same."""
    costs = (Cost(1, 0, 0.5), Cost(1, 0, 4.0), Cost(1, 0, 12.0))
    budget = replace(ADD_MESSAGE, operation="page", requests=1, units=0, reads=12)

    table = operations_table([Counted(budget, costs)])

    assert table.splitlines()[-1] == "| page | 1 | 0 | 0.5 · 4 · 12 | 1 · 0 · 12 |"


@pytest.mark.parametrize("figure", ["requests", "units", "reads"])
def test_bench_fails_when_a_figure_is_above_its_budget(figure: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each of the three figures is a limit, at each length."""
    costs = (ADD_MESSAGE.cost, ADD_MESSAGE.cost, replace(ADD_MESSAGE.cost, **{figure: 9}))
    counted = [Counted(ADD_MESSAGE, costs)]

    assert exit_code(counted) == 1
    assert capsys.readouterr().err == "AddMessage: above its budget\n"
    assert operations_table(counted).endswith("**exceeded** |")


@pytest.mark.usefixtures("table_name")
def test_bench_passes_when_every_figure_is_in_its_budget(dynamodb_local: DynamoDbLocal) -> None:
    """What is counted is what the operation does on DynamoDB Local, once at each length."""
    counted = count_operations(dynamodb_local.port, [ADD_MESSAGE])

    assert counted == [Counted(ADD_MESSAGE, (ADD_MESSAGE.cost,) * len(LENGTHS))]
    assert exit_code(counted) == 0


def test_readme_says_what_the_bench_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Counts do not depend on the machine, so the stored table is the printed one; if not: `make bench WRITE=1`."""
    for name, value in environment(1).items():
        monkeypatch.setenv(name, value)  # the command sets them for its own process, which this one is
    copy = tmp_path / "README.md"
    copy.write_text(README.read_text())

    code = main(["--write", str(copy)])

    assert block_of(README.read_text(), "bench") == block_of(copy.read_text(), "bench")
    assert block_of(copy.read_text(), "bench").strip() in capsys.readouterr().out
    assert code == 0


def test_readme_names_every_operation_and_every_peer() -> None:
    """Nothing that is counted is left out of the page."""
    page = README.read_text()

    assert [budget.operation for budget in BUDGETS if f"| {budget.operation} |" not in block_of(page, "bench")] == []
    for peer in ("Agent Runtime Service", "agent-squad", "LangChain", "LangGraph"):
        assert f"**{peer}" in block_of(page, "bench peers")
