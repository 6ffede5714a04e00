"""Many writers at one session."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from infra.local.cloud import LocalCloud
from tests.e2e.user import User, said_in_turn
from tests.support.figures import Figures

WRITERS = 20
MESSAGES = 10


def test_every_message_is_stored_and_answered_once_when_twenty_writers_meet(
    alice: User, cloud: LocalCloud, figures: Figures
) -> None:
    """20 threads post 10 messages each, with keys: 200 stored, no gap, every one answered in its own turn."""
    session = alice.create(agent="coder")

    def write(writer: int) -> None:
        with httpx.Client(timeout=60, trust_env=False) as http:
            user = User(http, cloud.endpoint.url, cloud.endpoint.tokens["alice"])
            for number in range(MESSAGES):
                user.say(session, f"[[say {writer}-{number}]]", key=f"{writer}-{number}")

    began = time.monotonic()
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    stored = time.monotonic() - began
    alice.settled(session)
    figures.note(
        f"{WRITERS} writers × {MESSAGES} messages over HTTP",
        seconds_until_stored=stored,
        seconds_until_answered=time.monotonic() - began,
    )
    messages = alice.messages(session)
    asked, answered = said_in_turn(messages, "user"), said_in_turn(messages, "assistant")

    assert sorted(asked) == list(range(1, WRITERS * MESSAGES + 1))
    assert {content for said in asked.values() for content in said} == {
        f"[[say {writer}-{number}]]" for writer in range(WRITERS) for number in range(MESSAGES)
    }
    assert {turn: [f"[[say {answer}]]" for answer in said] for turn, said in answered.items()} == asked
