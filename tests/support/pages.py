"""Pages that people read, held to the code: their state charts, and their examples, run where they say they live."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from infra.local.layout import ROOT

EXAMPLE = re.compile(r"```python\n# (tests/\S+\.py)\n(.*?)```", flags=re.DOTALL)
CHART = re.compile(r"```mermaid\nstateDiagram-v2\n(.*?)```", flags=re.DOTALL)
STEP = re.compile(r"^ *(\[\*\]|\w+) --> (\[\*\]|\w+)(?:: *(.*))?$", flags=re.MULTILINE)
OUTSIDE = "[*]"

Arrows = Mapping[tuple[str, str], str]
"""What each arrow of a chart says, by where it begins and ends."""


def page(name: str) -> str:
    """Return a page below `docs/`."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def charts(name: str) -> list[Arrows]:
    """Return the state charts of a page, in order."""
    return [{(a, b): said for a, b, said in STEP.findall(chart)} for chart in CHART.findall(page(name))]


def states(chart: Arrows) -> set[str]:
    """Return every state that a chart names."""
    return {state for arrow in chart for state in arrow} - {OUTSIDE}


def final(chart: Arrows) -> set[str]:
    """Return the states out of which a chart leads nowhere but out of itself."""
    return states(chart) - {begin for begin, end in chart if end != OUTSIDE}


def steps(chart: Arrows) -> set[tuple[str, str]]:
    """Return the arrows between states."""
    return {arrow for arrow in chart if OUTSIDE not in arrow}


def examples(name: str) -> dict[str, str]:
    """Return the Python examples of a page by the file that each says it is."""
    return dict(EXAMPLE.findall(page(name)))


def run_example(source: str, request: pytest.FixtureRequest, **given: Any) -> int:
    """Run every test of an example, with the fixtures that its arguments name, and return how many there were.

    Args:
        source: Of the example; its tests may be parametrised by one argument or several.
        request: Of the test that runs it, whose folder says which fixtures there are.
        given: Arguments that are fixtures of that test itself.
    """
    names: dict[str, Any] = {}
    exec(compile(source, "example", "exec"), names)  # noqa: S102  # a page of this repository
    tests = [thing for name, thing in names.items() if name.startswith("test_")]
    for test in tests:
        for arguments in _cases(test):
            wanted = test.__code__.co_varnames[: test.__code__.co_argcount]
            missing = [name for name in wanted if name not in arguments | given]
            test(**arguments, **{name: given[name] for name in wanted if name in given}, **_fixtures(request, missing))
    return len(tests)


def _cases(test: Any) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = [{}]
    for mark in getattr(test, "pytestmark", ()):
        names = [name.strip() for name in mark.args[0].split(",")]
        rows = [dict(zip(names, row if len(names) > 1 else (row,), strict=True)) for row in mark.args[1]]
        cases = [case | row for case in cases for row in rows]
    return cases


def _fixtures(request: pytest.FixtureRequest, names: list[str]) -> dict[str, Any]:
    return {name: request.getfixturevalue(name) for name in names}
