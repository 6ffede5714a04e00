"""`docs/security.md` names tests that exist, and every wildcard that a role has."""

import re

import pytest

from infra.local.layout import ROOT
from tests.benchmarks.markdown import block_of
from tests.infra.synthesized import CONTEXTS, synthesized
from tests.support.pages import page

PAGE = page("security.md")
SHOWN = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)))
REFERENCE = re.compile(r"<[^>]*?([A-Za-z]+?)[0-9A-F]{8}\.Arn>")


def _wildcards() -> dict[str, str]:
    """Return every resource with a wildcard that is acknowledged anywhere, and why."""
    return {
        REFERENCE.sub(r"\1", rule.partition("Resource::")[2].removesuffix("]")): reason
        for name in CONTEXTS
        for entries in synthesized(name).metadata.values()
        for entry in entries
        if entry["type"] == "aws:cdk:acknowledged-rules"
        for rule, reason in entry["data"].items()
        if "Resource::" in rule
    }


@pytest.mark.parametrize(("path", "name"), SHOWN, ids=["::".join(filter(None, shown)) for shown in SHOWN])
def test_page_names_a_test_that_exists(path: str, name: str) -> None:
    """A threat whose test has gone is held off by nobody's word."""
    source = (ROOT / path).read_text()

    assert f"def {name}(" in source if name else "\ndef test_" in source


def test_every_threat_names_a_test() -> None:
    """A row of the table without one would be a claim."""
    rows = [line for line in PAGE.splitlines() if line.startswith("| **")]

    assert len(rows) >= 15
    assert [row for row in rows if "`tests/" not in row] == []


def test_page_lists_every_wildcard() -> None:
    """What roles are allowed by a `*` is what the page says, for the reason that stands beside the leave."""
    rows = (f"| `{resource}` | {reason} |" for resource, reason in sorted(_wildcards().items()))

    assert block_of(PAGE, "wildcards").strip() == "\n".join(("| Resource | Reason |\n|---|---|", *rows))
