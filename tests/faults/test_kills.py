"""Workers that are killed for real, at seeded moments: against the clock, and while other sessions go on talking."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from threading import Event, Thread
from typing import Any

import httpx
import pytest

from domain.model.value import SessionId
from functions.adapters.dynamodb.models import head_sk
from infra.local.cloud import LocalCloud
from tests.e2e.user import User, said_in_turn
from tests.support.figures import Figures
from tests.support.patience import PATIENCE_SECONDS

MODEL_SECONDS = 1.5
MOST_TURNS = 4
RECOVERY_SECONDS = 5.0
"""From the kill to the answer, less the model's own, one cold start included (mission, practice 8)."""
MOST_SECONDS = 60.0
"""The same where others start anew on the same cores, or tests run beside it; the time itself is printed."""
TALKERS = 2
PAUSE_SECONDS = 0.3
"""Between a talker's messages: its own workers die too, and each that is replaced at once takes from the others."""
TALKERS_PATIENCE_SECONDS = 240.0
"""A talker's worker may die before its first statement: that message is back after the queue's visibility of 120 s."""


@dataclass(frozen=True)
class Death:
    """Which workers die, and when.

    Attributes:
        function: Whose workers are killed, all of them.
        is_at_work: The turn's worker has taken the session: from its first statement on it is replaced within seconds.
        within_seconds: From then on, or from the client's newest request; the moment is drawn from the seed.
        lasts_seconds: For so long, whoever takes a killed one's place dies too; the client waits for the first.
    """

    function: str
    is_at_work: bool
    within_seconds: float
    lasts_seconds: float = 0.0


DEATHS = {
    "during the model call": Death("run_turn", is_at_work=True, within_seconds=MODEL_SECONDS * 0.6),
    "between two rounds": Death("run_turn", is_at_work=True, within_seconds=0.01),
    # A publisher is done in milliseconds: all are killed before the commit, and for a while whoever is started for it.
    "while publishing": Death("publish_events", is_at_work=False, within_seconds=0.01, lasts_seconds=1.0),
}
KILLS = {"part": [("while publishing", 1)], "whole": [(death, seed) for seed in range(1, 4) for death in DEATHS]}
AMONG_OTHERS = {"part": [("while publishing", 4)], "whole": [(death, 4) for death in DEATHS]}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Kill once for each death and seed."""
    if "death" in metafunc.fixturenames:
        kills = AMONG_OTHERS if "talkers" in metafunc.fixturenames else KILLS
        metafunc.parametrize(("death", "seed"), kills[metafunc.config.getoption("effort")])


@dataclass
class Follower:
    """A client that does its part in one session, and checks that it misses nothing of what happens there."""

    user: User
    session: str
    events: list[Any] = field(default_factory=list)

    def until(self, fact: str, turn: int) -> Any:
        """Return the fact of this type in this turn as soon as it is there."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            for event in self.events:
                if (event["type"], event["turn"]) == (fact, turn):
                    return event
            assert time.monotonic() < deadline, self.events[-3:]
            self.events += self.user.get(f"{self.session}/events?after={len(self.events)}&wait=2")["items"]
            assert [event["seq"] for event in self.events] == list(range(1, len(self.events) + 1))

    def ask(self, turn: int) -> str:
        """Post a message for which the model wants a file and then thinks, and return the call."""
        self.user.say(self.session, f'[[tool read_file {{"path": "a.py"}}]] [[then]] [[delay {MODEL_SECONDS}]]')
        return str(self.until("ToolCallRequested", turn)["data"]["call_id"])

    def give(self, call_id: str) -> None:
        """Give the file."""
        self.user.post(f"{self.session}/tool-results", {"call_id": call_id, "result": "x = 1"})


@dataclass
class Talkers:
    """Sessions that go on talking until it is over.

    Attributes:
        answered: Messages that had their one answer.
    """

    cloud: LocalCloud
    over: Event = field(default_factory=Event)
    answered: int = 0

    def talk(self, number: int) -> None:
        """Say one thing after the other, and check that each is answered once."""
        with httpx.Client(timeout=PATIENCE_SECONDS, trust_env=False) as http:
            user = User(http, self.cloud.endpoint.url, self.cloud.endpoint.tokens["bob"])
            session = user.create(agent="coder")
            while not self.over.is_set():
                user.say(session, f"[[say talker {number}]]")
                user.settled(session, patience_seconds=TALKERS_PATIENCE_SECONDS)
                self.over.wait(PAUSE_SECONDS)
            asked, answers = (said_in_turn(user.messages(session), role) for role in ("user", "assistant"))
            assert answers == {turn: [f"talker {number}"] for turn in asked}
            self.answered += len(answers)


@pytest.fixture
def talkers(cloud: LocalCloud) -> Iterator[Talkers]:
    """A little load."""
    talkers = Talkers(cloud)
    with ThreadPoolExecutor(TALKERS) as pool:
        talking = [pool.submit(talkers.talk, number) for number in range(TALKERS)]
        try:
            yield talkers
        finally:
            talkers.over.set()
    for talker in talking:
        talker.result()


@pytest.fixture
def follower(cloud: LocalCloud) -> Iterator[Follower]:
    """A client in a session of its own, all of whose functions are warm."""
    with httpx.Client(timeout=PATIENCE_SECONDS, trust_env=False) as http:
        user = User(http, cloud.endpoint.url, cloud.endpoint.tokens["alice"])
        follower = Follower(user, user.create(agent="coder"))
        follower.give(follower.ask(1))
        follower.until("TurnCompleted", 1)
        yield follower


@dataclass
class Killer:
    """Kills all workers of a function at a moment drawn from the seed.

    Attributes:
        killed: How many there were.
        at: Monotonic time of the last kill.
    """

    cloud: LocalCloud
    death: Death
    chance: Random
    session: str
    killed: int = 0
    at: float = 0.0
    _has_begun: Event = field(default_factory=Event)

    def soon(self) -> Thread:
        """Kill in a thread of its own."""
        thread = Thread(target=self._kill)
        thread.start()
        if self.death.lasts_seconds:
            self._has_begun.wait(PATIENCE_SECONDS)
        return thread

    def _kill(self) -> None:
        table = self.cloud.client("dynamodb")
        while self.death.is_at_work and not self._is_held(table):
            time.sleep(0.005)
        time.sleep(self.chance.uniform(0, self.death.within_seconds))
        until = time.monotonic() + self.death.lasts_seconds
        self._kill_all()
        self._has_begun.set()
        while time.monotonic() < until:
            time.sleep(0.005)
            self._kill_all()

    def _kill_all(self) -> None:
        for pid in self.cloud.worker_pids(self.death.function):
            os.kill(pid, signal.SIGKILL)
            self.killed += 1
            self.at = time.monotonic()

    def _is_held(self, table: Any) -> bool:
        heads = table.scan(
            TableName=self.cloud.endpoint.table,
            FilterExpression="SK = :head AND attribute_exists(lh)",
            ExpressionAttributeValues={":head": {"S": head_sk(SessionId(self.session.rpartition("/")[2]))}},
            ConsistentRead=True,
        )
        return bool(heads["Items"])


@dataclass(frozen=True)
class Kill:
    """A kill and what followed.

    Attributes:
        seconds: From the kill to the answer, less the model's own.
        killed: Workers that died.
        types: Of the turn's facts, in order.
    """

    seconds: float
    killed: int
    types: tuple[str, ...]

    def note(self, figures: Figures, subject: str) -> None:
        """Print it when all tests are done."""
        recovered = self.types.count("TurnRecovered")
        figures.note(subject, killed=self.killed, recovered=recovered, seconds_less_the_models_own=self.seconds)


def struck(death: str, seed: int, cloud: LocalCloud, follower: Follower) -> Kill:
    """Kill behind the client's result, and follow the turn to its end; fail unless it is answered, once.

    On a busy machine the kill may come when all is over; then the next turn is struck.
    """
    chance = Random(f"{death} {seed}")  # noqa: S311  # repeatable, guards nothing
    killer = Killer(cloud, DEATHS[death], chance, follower.session)
    for turn in range(2, 2 + MOST_TURNS):
        call_id = follower.ask(turn)
        killing = killer.soon()
        follower.give(call_id)
        follower.until("TurnCompleted", turn)
        ended = time.monotonic()
        killing.join()
        if killer.at < ended:
            break
    types = tuple(event["type"] for event in follower.events if event["turn"] == turn)
    messages = [event["message"] for event in follower.events if "message" in event]
    assert killer.killed
    assert [message["role"] for message in messages] == ["user", "assistant", "tool", "assistant"] * turn
    assert types.count("TurnCompleted") == types.count("TurnStarted") == 1
    assert "TurnFailed" not in types
    assert types.count("TurnRecovered") == types.count("LockLost") <= 1
    return Kill(ended - killer.at - MODEL_SECONDS, killer.killed, types)


def test_turn_is_answered_once_and_soon_when_its_workers_are_killed(
    death: str, seed: int, whole: bool, cloud: LocalCloud, follower: Follower, figures: Figures
) -> None:
    """After kill -9 somewhere behind the client's result: the answer comes, once, and no event is missed."""
    kill = struck(death, seed, cloud, follower)

    kill.note(figures, f"kill -9 {death}, seed {seed}")
    assert -MODEL_SECONDS <= kill.seconds < (RECOVERY_SECONDS if whole else MOST_SECONDS)


def test_turns_of_others_are_answered_once_when_their_workers_are_killed_too(
    death: str, seed: int, cloud: LocalCloud, talkers: Talkers, follower: Follower, figures: Figures
) -> None:
    """Every session's workers die at once, wherever they are; nobody's message is lost or answered twice."""
    kill = struck(death, seed, cloud, follower)

    kill.note(figures, f"kill -9 {death}, of all sessions, seed {seed}")
    assert kill.seconds < MOST_SECONDS
    assert not talkers.over.is_set()
