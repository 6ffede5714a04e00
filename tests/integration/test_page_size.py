"""Pages of large messages."""

import json
from typing import cast

import pytest

from domain.ports import LogRepository
from functions.adapters.dynamodb.log_repository import PAGE_BYTES
from tests.support.dynamodb import dynamodb_system
from tests.support.system import System
from tests.support.wire import Wire

LAMBDA_BYTES = 6 * 1024 * 1024


@pytest.mark.parametrize(
    ("content", "messages"),
    [('"\\' * 30_000, 30), ("я" * 60_000, 16), ("plain " * 16_000, 50)],
    ids=["quotes", "cyrillic", "plain"],
)
def test_page_ends_when_its_messages_are_large_as_sent(table_name: str, content: str, messages: int) -> None:
    """Lambda writes the body into JSON again, in ASCII: whatever the messages hold, the answer fits its 6 MB."""
    system = dynamodb_system(table_name)
    key = system.create()
    for _ in range(messages):
        system.say(key, content)

    page = system.get(LogRepository).page(key, after=0, limit=200)
    sent = json.dumps(json.dumps([event.message.content for event in page.events if event.message]))

    assert page.has_more
    assert PAGE_BYTES < len(sent) < LAMBDA_BYTES
    assert [event.message.content for event in system.events(key) if event.message] == [content] * messages


def test_history_is_read_by_400_items_when_a_turn_needs_it(system: System, wire: Wire) -> None:
    """However long the session is, a turn costs the same: what is behind those items is not read on chance."""
    limits: list[int] = []
    key = system.create()
    system.say(key, "first")
    wire.plan("Query", lambda request: limits.append(json.loads(cast("bytes", request.body))["Limit"]))

    system.get(LogRepository).recent(key, turn=1)

    assert limits == [400]
