"""Which demonstration is wanted reaches the command that gives it."""

import subprocess

import pytest
from typer.testing import CliRunner

from infra.local.cli import Scenario, app
from infra.local.layout import ROOT


@pytest.mark.parametrize(("words", "passed"), [(("SCENARIO=full",), " --scenario=full"), ((), "")])
def test_make_passes_the_scenario_on(words: tuple[str, ...], passed: str) -> None:
    """Without a word it is the command's own default."""
    made = subprocess.run(["make", "--dry-run", "demo", *words], cwd=ROOT, capture_output=True, text=True, check=True)

    assert made.stdout.rstrip().endswith(f"infra.local demo{passed}")


def test_demo_names_the_scenarios_when_there_is_no_such() -> None:
    """Nothing is started for a scenario that does not exist."""
    refused = CliRunner().invoke(app, ["demo", "--scenario", "short"])

    assert refused.exit_code == 2
    assert all(repr(str(scenario)) in refused.output for scenario in Scenario)
