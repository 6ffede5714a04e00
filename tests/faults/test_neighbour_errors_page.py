"""`docs/errors.md` tells every code, alarm and ending as the code has them, and names nothing that is not."""

import re
from collections.abc import Callable

import pytest

from domain.model.session import TurnErrorCode
from functions.metrics import METRICS
from functions.runtime.problems import STATUSES
from infra.alarms import ALARMS
from tests.benchmarks.markdown import block_of
from tests.support import aws_wire, errors_page
from tests.support.errors_page import ACTIONS, TURN_ACTIONS
from tests.support.neighbour_faults import BY_SERVICE
from tests.support.pages import page

TABLES = {
    "codes": errors_page.codes,
    "turn-codes": errors_page.turn_codes,
    "alarms": errors_page.alarms,
    "endings": errors_page.endings,
}
NAMES = {
    aws_wire.DYNAMODB: "DynamoDB",
    aws_wire.S3: "S3",
    aws_wire.SQS: "SQS",
    aws_wire.EVENTBRIDGE: "EventBridge",
    aws_wire.BEDROCK: "The model",
}


@pytest.mark.parametrize("name", TABLES)
def test_table_is_what_the_code_says(name: str) -> None:
    """Each table is the code's own; when this fails, put what it should be between the markers."""
    table: Callable[[], str] = TABLES[name]

    assert block_of(page("errors.md"), name).strip() == table()


def test_every_code_has_something_to_do() -> None:
    """A code that is added says what a client does about it."""
    assert ACTIONS.keys() == STATUSES.keys()
    assert TURN_ACTIONS.keys() == set(TurnErrorCode)


def test_every_neighbour_has_its_failures() -> None:
    """A service that a function begins to use has rows in the table of failures."""
    told = re.findall(r"^\| (\S.*?) \| .*? \| .*? \| .*? \| .*? \|$", _failures(), re.MULTILINE)

    assert set(NAMES.values()) <= set(told)
    assert NAMES.keys() == BY_SERVICE.keys()


def test_failures_name_only_what_there_is() -> None:
    """Every metric, alarm and code in the table of failures exists."""
    named = set(re.findall(r"`([\w-]+)`", _failures()))
    known = (
        {metric.name for metric in METRICS} | {alarm.name for alarm in ALARMS} | STATUSES.keys() | set(TurnErrorCode)
    )

    assert {name for name in named if name.endswith("_total") or name.isupper()} <= known
    assert {alarm.name for alarm in ALARMS} <= named


def _failures() -> str:
    return page("errors.md").partition("## When a neighbour fails")[2].partition("\n## ")[0]
