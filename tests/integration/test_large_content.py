"""The longest of everything is stored, read back, and answered, on a store that refuses items over 400 KB."""

import pytest

from domain.model.agent import AgentType
from domain.model.message import BEGINNING_CHARACTERS, INLINE_BYTES, Role
from domain.ports import LogRepository
from functions.adapters.seam import IoSeam
from tests.support.builders import calls, reads, scripted_model, text
from tests.support.racers import Echo
from tests.support.system import System

PAGE_BYTES = 4 * 1024 * 1024


@pytest.mark.parametrize("character", ["x", "я", "€", "🦉", '"', "\0"])
def test_message_is_stored_whole_when_it_is_as_long_as_it_may_be(system: System, character: str) -> None:
    """100 000 characters of any script are a message like any other."""
    key = system.create(agent=AgentType.ASK)
    content = character * 100_000

    system.say(key, content)
    scripted_model(system).answers += [lambda request: text(f"{len(request.messages[0].content)} characters")]
    system.work(key)

    assert system.messages(key)[0].content in {content, content[:BEGINNING_CHARACTERS]}
    assert system.messages(key)[1].content == "100000 characters"


@pytest.mark.parametrize("character", ["x", "я", "\0"])
def test_answer_is_stored_when_text_and_calls_are_as_large_as_they_may_be(system: System, character: str) -> None:
    """256 KB of text beside sixteen calls with all the arguments that they may have are one commit."""
    key = system.create(agent=AgentType.ASK)
    system.say(key)
    width = {"x": 1, "я": 2, "\0": 6}[character]
    paths = [f"{number:02d}{'x' * 4000}" for number in range(16)]
    saying = character * (INLINE_BYTES // width - 2)
    scripted_model(system).answers += [calls(*reads(*paths), saying=saying)]

    system.work(key)

    session, answer = system.session(key), system.messages(key)[1]
    assert [call.arguments["path"] for call in answer.tool_calls] == paths
    assert (answer.content, len(session.open_calls)) == (saying, 16)


def test_result_is_read_whole_by_the_model_when_it_is_kept_apart(system: System) -> None:
    """What is too large for the log costs the model nothing but the wait."""
    key = system.create(agent=AgentType.ASK)
    system.say(key)
    model = scripted_model(system)
    model.answers += [calls(*reads("a.py")), text("done")]
    system.work(key)
    (call_id,) = system.session(key).open_calls

    system.give(key, call_id, result="y" * 3_000_000)
    system.work(key)

    result = next(message for message in model.requests[-1].messages if message.role is Role.TOOL)
    assert "[… 2940000 characters left out …]" in result.content
    assert len(system.messages(key)[2].content) == BEGINNING_CHARACTERS


def test_queued_messages_are_answered_each_in_its_turn_when_they_are_long(system: System) -> None:
    """A queue of more than one request brings hides no message from the model that answers it."""
    key = system.create(agent=AgentType.ASK)
    scripted_model(system).answers += [Echo().complete] * 15
    for number in range(15):
        system.say(key, f"number {number} ".ljust(90_000, "x"))

    system.work(key)

    answers = [(m.turn, m.content[:14].strip("x ")) for m in system.messages(key) if m.role is Role.ASSISTANT]
    assert answers == [(number + 1, f"re: number {number}") for number in range(15)]


def test_queued_message_is_routed_when_the_queue_is_long(system: System) -> None:
    """The orchestrator finds the message that it is to route."""
    key = system.create()
    scripted_model(system).answers += [Echo().complete] * 13
    for number in range(12):
        system.say(key, f"number {number} ".ljust(100_000, "x"))

    system.work(key)

    assert system.facts(key).count("TurnCompleted") == 12


def test_page_ends_early_when_its_messages_are_large(system: System) -> None:
    """A page never outgrows an answer of Lambda; the cursor goes on where it ended."""
    key = system.create(agent=AgentType.ASK)
    for number in range(30):
        system.say(key, f"{number} ".ljust(99_990, "я"))
    log: LogRepository = system.get(LogRepository)

    page = log.page(key, after=0, limit=200, messages_only=True)

    assert page.has_more
    assert len(page.events) < 30
    assert (
        sum(len(event.message.content.encode()) for event in page.events if event.message) < PAGE_BYTES + INLINE_BYTES
    )
    assert [message.content.split()[0] for message in system.messages(key)] == [str(number) for number in range(30)]


def test_history_is_one_request_when_nothing_is_large(system: System) -> None:
    """The requests that large content needs are made only when there is any."""
    key = system.create(agent=AgentType.ASK)
    for number in range(5):
        system.say(key, f"number {number}")
    seam: IoSeam = system.get(IoSeam)
    log: LogRepository = system.get(LogRepository)
    before = seam.requests.total()

    log.recent(key, turn=1)

    assert seam.requests.total() - before == 1
