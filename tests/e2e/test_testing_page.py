"""The end-to-end examples of `docs/testing.md` pass on the deployed system."""

import pytest

from tests.support.pages import examples, run_example

EXAMPLES = {file: source for file, source in examples("testing.md").items() if file.startswith("tests/e2e/")}


@pytest.mark.parametrize("file", EXAMPLES)
def test_example_passes_as_it_stands(file: str, request: pytest.FixtureRequest) -> None:
    """Pasted into the file that it names, it would pass."""
    assert run_example(EXAMPLES[file], request)
