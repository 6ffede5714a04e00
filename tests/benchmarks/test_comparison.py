"""The comparison runs each contestant in its own interpreter and tells all side by side, failures included."""

import sys
from pathlib import Path

import pytest

from infra.local.dynamodb_local import DynamoDbLocal
from tests.benchmarks.comparison import contest_report, hold_contest
from tests.benchmarks.contest.chat import ChatCost
from tests.benchmarks.contest.crowd import CrowdResult
from tests.benchmarks.contest.standing import Standing
from tests.support.capacity import Capacity
from tests.support.dynamodb import environment

CHAT = ChatCost(
    total=Capacity(requests=1500, writes=55721, reads=14051.5),
    last=Capacity(requests=6, writes=443, reads=112.0),
    readable=500,
)
CROWD = CrowdResult(acknowledged=199, refused=1, readable=20, doubled=2, errors=("Busy",))
WHOLE = Standing("whole chats", "put_item", {"store": "1.2", "core": "3"}, CHAT, CROWD)


def test_report_has_a_row_in_each_table_when_contestant_did_both() -> None:
    """Totals as they are; what an exchange cost is told per message, of which it has two."""
    lines = contest_report([WHOLE]).splitlines()

    assert "| whole chats | 55,721 | 221.5 | 14,052 | 56 | 1,500 | 500 |" in lines
    assert "| whole chats | 199 | 20 | 179 | 2 | 1 (Busy) |" in lines
    assert "- **whole chats** (store 1.2, core 3): put_item" in lines


def test_report_has_no_row_in_the_second_table_when_contestant_was_not_raced() -> None:
    """A store that forgets on purpose loses nothing."""
    report = contest_report([Standing("forgetful", "put_item", {}, CHAT)])

    assert report.count("| forgetful |") == 1
    assert "- **forgetful** (this checkout): put_item" in report


def test_report_gives_the_reason_when_contestant_could_not_run() -> None:
    """Nothing is made up: no row, and a line that says why."""
    report = contest_report([Standing("absent", "import", {}, error="ModuleNotFoundError: absent")])

    assert "| absent |" not in report
    assert "- **absent** could not run: ModuleNotFoundError: absent" in report


def test_contest_goes_on_when_a_contestant_cannot_be_imported(
    dynamodb_local: DynamoDbLocal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last words of the one are told, the other's figures are there."""
    python = Path(sys.executable)
    contestants = {"tests.benchmarks.contest.absent": python, "tests.benchmarks.contest.toys": python}

    absent, items, broken = hold_contest(environment(dynamodb_local.port), tmp_path, contestants)

    assert absent.error
    assert "No module named 'tests.benchmarks.contest.absent'" in absent.error
    assert (items.name, items.chat and items.chat.readable) == ("items", 500)
    assert broken.error == "ToyRefusal: chat"
    assert "✓ Chat and crowd on toys" in capsys.readouterr().err
