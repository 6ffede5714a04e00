"""The contest counts what its contestants do: what they use, what they lose, and why they cannot run."""

from pathlib import Path

import pytest

from infra.local.dynamodb_local import DynamoDbLocal
from tests.benchmarks.contest import __main__ as contest
from tests.benchmarks.contest.chat import MESSAGE_CHARACTERS, hold_chat, text
from tests.benchmarks.contest.crowd import CrowdResult, let_crowd_write
from tests.benchmarks.contest.ours import AgentRuntime
from tests.benchmarks.contest.standing import from_json, to_json
from tests.benchmarks.contest.toys import Habit, InFile
from tests.support.capacity import Capacity, CapacityMeter
from tests.support.dynamodb import plain_client

TOYS = "tests.benchmarks.contest.toys"


def test_message_is_the_same_when_written_again() -> None:
    """Every contestant gets the same texts, each different from all others and of the stated size."""
    texts = [text(f"question {number}") for number in range(500)]

    assert texts == [text(f"question {number}") for number in range(500)]
    assert len(set(texts)) == 500
    assert {len(text.encode()) for text in texts} == {MESSAGE_CHARACTERS}


@pytest.mark.parametrize(
    ("habit", "expected"),
    [
        (Habit.KEEPS, CrowdResult(acknowledged=6, refused=0, readable=6, doubled=0, errors=())),
        (Habit.FORGETS, CrowdResult(acknowledged=6, refused=0, readable=0, doubled=0, errors=())),
        (Habit.DOUBLES, CrowdResult(acknowledged=6, refused=0, readable=6, doubled=6, errors=())),
        (Habit.REFUSES, CrowdResult(acknowledged=0, refused=6, readable=0, doubled=0, errors=("ToyRefusal",))),
    ],
)
def test_crowd_is_told_what_became_of_its_questions_when_store_has_a_habit(
    habit: Habit, expected: CrowdResult, tmp_path: Path
) -> None:
    """Lost is what was acknowledged and is not there; what was refused is not lost, since its writer knows."""
    result = let_crowd_write(InFile(tmp_path, habit), session="crowd", writers=3, exchanges=2)

    assert result == expected
    assert result.lost == expected.acknowledged - expected.readable


@pytest.mark.usefixtures("table_name")
def test_standings_are_told_when_one_contestant_cannot_run(tmp_path: Path) -> None:
    """The one that runs has its figures, the other its reason; both survive the way between the environments."""
    output = tmp_path / "toys.json"

    code = contest.main([TOYS, "--output", str(output)])

    items, broken = from_json(output.read_text())
    assert code == 0
    assert items.chat
    assert items.chat.total == Capacity(requests=500, writes=500, reads=0.0)
    assert (items.chat.last, items.chat.readable) == (Capacity(requests=2, writes=2, reads=0.0), 500)
    assert items.crowd is None
    assert items.versions.keys() == {"boto3"}
    assert broken.error == "ToyRefusal: chat"
    assert from_json(to_json([items, broken])) == [items, broken]


def test_our_chat_costs_what_the_budgets_say_when_it_is_held(table_name: str, dynamodb_local: DynamoDbLocal) -> None:
    """AddMessage and a turn without tools: 5 requests and 11 units an exchange, the first as the third."""
    client = plain_client(dynamodb_local.port)
    meter = CapacityMeter(client)
    ours = AgentRuntime(table_name, is_steady=True)

    with meter.watching_new_sessions():
        cost = hold_chat(ours, meter, session="chat", exchanges=3)

    assert (cost.last.requests, cost.last.writes) == (5, 11)
    assert (cost.total.requests, cost.total.writes) == (15, 33)
    assert cost.readable == 6
