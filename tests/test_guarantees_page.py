"""`docs/guarantees.md`: what holds a guarantee exists, and what tries to break one holds a guarantee."""

import re

import pytest

from infra.local.layout import ROOT
from tests.support.pages import page

NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py(?:::\w+)?)`", page("guarantees.md"))))
TOOLS = ("test_neighbour_errors_page",)
"""Tests beside the faults that hold a page, and no guarantee."""


@pytest.mark.parametrize("named", NAMED)
def test_test_exists_when_a_guarantee_names_it(named: str) -> None:
    """A file with tests in it, or one test of one."""
    file, _, test = named.partition("::")

    assert re.search(rf"^def {test or 'test_'}", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)


def test_guarantees_are_numbered_and_held() -> None:
    """One row each, from 1, and each names what holds it."""
    rows = re.findall(r"^\| (\d+) \| \*\*.*?\|(.*)\|$", page("guarantees.md"), re.MULTILINE)

    assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1))
    assert all("`tests/" in held_by for _, held_by in rows)


def test_everything_that_tries_to_break_a_guarantee_is_named() -> None:
    """Later tests of faults and hostile input say what they are for."""
    files = {named.partition("::")[0] for named in NAMED}
    tried = [path for folder in ("faults", "fuzz") for path in (ROOT / "tests" / folder).rglob("test_*.py")]

    assert tried
    for path in tried:
        assert path.stem in TOOLS or path.relative_to(ROOT).as_posix() in files, f"docs/guarantees.md: {path.name}"
