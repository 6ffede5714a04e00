"""Workers that die."""

import os
import signal
import time

from infra.local.cloud import LocalCloud
from tests.e2e.user import User
from tests.support.figures import Figures

MODEL_SECONDS = 2.0
MOST_SECONDS = 10.0
"""Far above the usual 3 to 5 s; `make faults` checks it, where nothing runs beside it."""
MOST_AMONG_TESTS_SECONDS = 60.0
"""All that the client needs starts anew, on cores shared with other tests; the time itself is printed."""


def test_turn_is_answered_once_when_all_workers_are_killed(
    alice: User, cloud: LocalCloud, figures: Figures, *, whole: bool
) -> None:
    """After kill -9 of every Lambda worker during the model call: the answer comes, once, from a successor."""
    session = alice.create(agent="coder")
    alice.say(session, "[[say warm]]")
    alice.settled(session)
    alice.say(session, f"[[delay {MODEL_SECONDS}]] [[say back]]")
    alice.get(f"{session}/events?after={alice.get(session)['last_seq']}&wait=1")

    killed = cloud.worker_pids()
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    began = time.monotonic()
    alice.settled(session)
    took = time.monotonic() - began
    figures.note("kill -9 of all workers", killed=len(killed), seconds_less_the_models_own=took - MODEL_SECONDS)
    answers = [message["content"] for message in alice.messages(session) if message["role"] == "assistant"]
    types = [event["type"] for event in alice.events(session)]

    assert killed
    assert answers == ["warm", "back"]
    assert types.count("TurnRecovered") == types.count("LockLost") == 1
    assert took - MODEL_SECONDS < (MOST_SECONDS if whole else MOST_AMONG_TESTS_SECONDS)
