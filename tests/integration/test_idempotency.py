"""Idempotency on DynamoDB Local: one transaction, one winner, whoever comes at the same time or dies in between."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from domain.model.idempotency import KEPT
from domain.ports import Clock
from functions.adapters.system import SystemClock
from tests.support.builders import SessionTestHelper, fake_clock
from tests.support.dynamodb import dynamodb_system, plain_client
from tests.support.system import System
from tests.support.wire import Wire, cancelled

REPEATS = 10


@pytest.fixture
def real(table_name: str) -> System:
    """Return a system on the real clock, fit for threads."""
    system = dynamodb_system(table_name, ports={Clock: SystemClock()})
    system.registry.prepare()
    return system


def test_one_message_is_stored_when_repeats_come_all_at_once(real: System) -> None:
    """Each is told the same number, and all but one that it was told before."""
    key = real.create()

    with ThreadPoolExecutor(REPEATS) as threads:
        said = list(threads.map(lambda _: real.say(key, "once", idempotency_key="k"), range(REPEATS)))

    assert [message.content for message in real.messages(key)] == ["once"]
    assert {message.seq for message in said} == {3}
    assert sum(not message.is_replayed for message in said) == 1


def test_one_session_is_created_when_repeats_come_all_at_once(real: System) -> None:
    """Also under an id that the client did not choose."""
    with ThreadPoolExecutor(REPEATS) as threads:
        created = set(threads.map(lambda _: real.create(None, idempotency_key="k"), range(REPEATS)))  # type: ignore[arg-type]  # no id

    assert len(created) == 1


def test_repeat_is_recognised_when_its_first_answer_was_lost_to_contention(system: System, wire: Wire) -> None:
    """A transaction refused for another one is tried again, and finds what has become of it."""
    key = system.create()
    wire.plan("TransactWriteItems", cancelled("TransactionConflict", None, None))

    said = system.say(key, "once", idempotency_key="k")

    assert (said.seq, said.is_replayed) == (3, False)
    assert system.say(key, "once", idempotency_key="k").is_replayed


def test_key_can_be_used_again_when_its_receipt_has_expired_though_it_is_stored(
    system: System, table_name: str, dynamodb_local: object
) -> None:
    """TTL deletes late; the write that finds the expired receipt takes its place."""
    key = system.create()
    system.say(key, "first day", idempotency_key="k")
    fake_clock(system).advance((KEPT - timedelta(milliseconds=1)).total_seconds())
    assert system.say(key, "first day", idempotency_key="k").is_replayed
    fake_clock(system).advance(1)

    said = system.say(key, "second day", idempotency_key="k")

    assert (said.turn, said.is_replayed) == (2, False)
    receipts = _receipts(table_name, dynamodb_local)
    assert [item["ttl"]["N"] for item in receipts] == [str(int((fake_clock(system).now() + KEPT).timestamp()))]


def test_result_is_taken_once_when_its_repeat_comes_after_the_call_was_closed(system: System) -> None:
    """The call has ended, and the repeat is still told what the first was told."""
    key, (call_id,) = SessionTestHelper.create_waiting_session(system)
    first = system.give(key, call_id, result={"a": [1, None]}, idempotency_key="k")

    again = system.give(key, call_id, result={"a": [1, None]}, idempotency_key="k")

    assert again.model_dump() == first.model_dump()
    assert again.is_replayed


def _receipts(table_name: str, local: object) -> list[dict[str, dict[str, str]]]:
    client = plain_client(local.port)  # type: ignore[attr-defined]
    items = client.scan(TableName=table_name, ConsistentRead=True)["Items"]
    return [item for item in items if item["k"]["S"] == "receipt"]
