"""`docs/testing.md`: its examples pass where they say they live, and the kit has what it tells of."""

import re
from pathlib import Path

import pytest

from infra.local.layout import ROOT
from tests.support import builders, deciding, entities, plans, scenario, system
from tests.support.pages import examples, page, run_example

EXAMPLES = examples("testing.md")
ELSEWHERE = ("tests/contracts/", "tests/e2e/")
"""Folders with fixtures of their own, where a test of the same name as this one runs the examples."""
HERE = [file for file in EXAMPLES if not file.startswith(ELSEWHERE)]
KIT = (builders, deciding, entities, plans, scenario, system)


@pytest.mark.parametrize("file", HERE)
def test_example_passes_as_it_stands(file: str, request: pytest.FixtureRequest) -> None:
    """Pasted into the file that it names, it would pass."""
    assert run_example(EXAMPLES[file], request)


def test_every_example_is_run_somewhere() -> None:
    """None says no file, none lives where nobody runs it."""
    assert page("testing.md").count("```python") == len(EXAMPLES)
    for folder in ELSEWHERE:
        assert any(file.startswith(folder) for file in EXAMPLES)
        assert (ROOT / folder / Path(__file__).name).is_file()


def test_folders_exist_when_the_page_sends_somebody_there() -> None:
    """Every path below `tests` that is named is there."""
    for named in re.findall(r"`(tests/[\w/.*]+)`", page("testing.md")):
        assert list(ROOT.glob(named)), named


def test_fixtures_and_builders_exist_when_the_page_offers_them(request: pytest.FixtureRequest) -> None:
    """A fixture gives something, a name is one of the kit's."""
    rows = re.findall(r"^\| (.*?) \| (.*) \|$", page("testing.md").partition("## What the kit offers")[2], re.MULTILINE)
    offered = dict(rows)

    fixtures = re.findall(r"`(\w+)`", offered["any entity, one of the usual kind"])
    assert len(fixtures) > 12
    assert all(request.getfixturevalue(name) is not None for name in fixtures)
    known = {name for module in KIT for name in vars(module)} | set(dir(builders.SessionTestHelper))
    for row in ("what a model says", "a session that has lived", "decisions of a person", "time"):
        for name in re.findall(r"`(\w+)[`(]", offered[row]):
            assert name in known, name
