"""More and more at once, until the local cloud is no faster for it."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from functions import metrics
from infra.local.cloud import LocalCloud
from infra.local.logs import LogFollower
from tests.e2e.user import User
from tests.load.counts import Counts
from tests.load.workload import AT_ONCE, hold_turn, in_parallel, quiet_lines

LEVELS = (1, 2, 4, 8, 16, 32)
TURNS = 3
"""Of each client."""

RISE = 1.1
"""A level is faster than another when it is by this factor."""

PATIENCE = 2
"""Levels in a row that are no faster than the best before: one may be another program's doing."""


@dataclass(frozen=True)
class Level:
    """What happened with some clients at once.

    Attributes:
        clients: How many.
        turns: That they held together.
        seconds: From the first question to the last answer.
        slowest: The 95th percentile of what one client waited for, in seconds.
        worker_commit: Units of a worker's commit in this workload.
    """

    clients: int
    turns: int
    seconds: float
    slowest: float
    counts: Counts
    worker_commit: int

    @property
    def throughput(self) -> float:
        """Turns a second."""
        return self.turns / self.seconds

    @property
    def write_units(self) -> int:
        """Of all turns."""
        return self.counts.write_units(worker_commit=self.worker_commit)


Hold = Callable[[LocalCloud, LogFollower, int], Level]


def climb(cloud: LocalCloud, hold: Hold, levels: Sequence[int] = LEVELS, *, seconds: float) -> Iterator[Level]:
    """Yield level after level.

    Args:
        cloud: What is put under load.
        hold: Holds the turns of one level.
        levels: Clients at once, rising.
        seconds: No level begins later; the one that has begun is finished.

    Yields:
        Until `PATIENCE` levels in a row were not faster than the best before, or the time is over.
    """
    follower = LogFollower(cloud.client("logs"), since_ms=0)
    deadline = time.monotonic() + seconds
    # Whoever comes first waits for cold starts; nobody counts that.
    hold(cloud, follower, levels[0])
    best, flat = 0.0, 0
    for clients in levels:
        level = hold(cloud, follower, clients)
        yield level
        flat = 0 if level.throughput >= best * RISE else flat + 1
        if flat == PATIENCE or time.monotonic() > deadline:
            return
        best = max(best, level.throughput)


def sessions_apart(cloud: LocalCloud, follower: LogFollower, clients: int) -> Level:
    """Each client holds turns with one call in a session of its own."""
    paths: dict[int, str] = {}

    def create(user: User, index: int) -> None:
        paths[index] = user.create(agent="coder")

    def talk(user: User, index: int) -> Iterator[float]:
        after = 0
        for _ in range(TURNS):
            began = time.monotonic()
            after = hold_turn(user, paths[index], after)
            yield time.monotonic() - began

    in_parallel(cloud, clients, create)
    return _measured(cloud, follower, clients, talk, rounds=2, worker_commit=5)


def one_session(cloud: LocalCloud, follower: LogFollower, clients: int) -> Level:
    """All clients write to the same session, as fast as they are answered; each message gets a turn of its own."""
    paths: list[str] = []
    in_parallel(cloud, 1, lambda user, _: paths.append(user.create(agent="coder")))

    def write(user: User, _: int) -> Iterator[float]:
        for _ in range(TURNS):
            began = time.monotonic()
            user.say(paths[0], AT_ONCE)
            yield time.monotonic() - began
        user.settled(paths[0])

    return _measured(cloud, follower, clients, write, rounds=1, worker_commit=4)


def _measured(
    cloud: LocalCloud,
    follower: LogFollower,
    clients: int,
    talk: Callable[[User, int], Iterator[float]],
    *,
    rounds: int,
    worker_commit: int,
) -> Level:
    took: list[float] = []

    def is_whole(lines: Sequence[str]) -> bool:
        return Counts.of(lines).figures[metrics.MODEL_CALLS.name] >= rounds * len(took)

    quiet_lines(follower)
    began = time.monotonic()
    in_parallel(cloud, clients, lambda user, index: took.extend(talk(user, index)))
    seconds = time.monotonic() - began
    return Level(
        clients=clients,
        turns=len(took),
        seconds=seconds,
        slowest=sorted(took)[-max(1, len(took) // 20)],
        counts=Counts.of(quiet_lines(follower, is_whole)),
        worker_commit=worker_commit,
    )
