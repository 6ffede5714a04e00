"""The contracts of `docs/testing.md` hold for every adapter."""

import pytest

from tests.contracts.steps import Steps
from tests.support.pages import examples, run_example

EXAMPLES = {file: source for file, source in examples("testing.md").items() if file.startswith("tests/contracts/")}


@pytest.mark.parametrize("file", EXAMPLES)
def test_example_passes_as_it_stands(file: str, steps: Steps, request: pytest.FixtureRequest) -> None:
    """Pasted into the file that it names, it would pass."""
    assert run_example(EXAMPLES[file], request, steps=steps)
