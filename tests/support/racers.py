"""Many processes with many threads at one session: what each of them does, and how they are started together."""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from typing import Any

from domain.model.draft import Draft
from domain.model.errors import LostFence, LostRace, SessionBusy
from domain.model.llm import ModelAnswer, ModelRequest
from domain.model.lock import LEASE_SECONDS, Holder
from domain.model.message import Role
from domain.model.value import SessionKey
from domain.ports import Clock, SessionLockManager, SessionRepository
from domain.queries.list_messages import MessageDTO
from domain.services.orchestration import MARGIN_SECONDS, ROUND_SECONDS
from functions.adapters.seam import IoSeam
from functions.adapters.system import SystemClock
from tests.support.builders import make_key
from tests.support.dynamodb import dynamodb_system, point_to
from tests.support.system import TRACE, System

KEY = make_key("raced")
START_SECONDS = 0.2
"""From handing out the work to its common start."""


class QuickClock(SystemClock):
    """The machine's clock, but every second of it lasts only a part of one, so that leases run out soon.

    Args:
        origin: Seconds since 1970 at which it agrees with the machine's; the same in every process.
        factor: Its seconds in one of the machine's.
    """

    def __init__(self, origin: float, factor: float) -> None:
        self._origin = origin
        self._factor = factor

    def now(self) -> datetime:
        """Return its time, cut to milliseconds."""
        milliseconds = (time.time() - self._origin) * self._factor * 1000
        return datetime.fromtimestamp(int(self._origin), UTC) + timedelta(milliseconds=int(milliseconds))

    def monotonic(self) -> float:
        """Return its seconds."""
        return super().monotonic() * self._factor

    def sleep(self, seconds: float) -> None:
        """Sleep its seconds."""
        super().sleep(seconds / self._factor)


class Echo:
    """A model that repeats the newest user message, so that each answer shows what it answers."""

    name = "echo"

    def __init__(self, seconds: float = 0.0) -> None:
        self._seconds = seconds

    def complete(self, request: ModelRequest) -> ModelAnswer:
        """Return the newest user message after a while."""
        time.sleep(self._seconds)
        newest = [message for message in request.messages if message.role is Role.USER][-1]
        return ModelAnswer(text=f"re: {newest.content}", model=self.name)


@dataclass(frozen=True)
class Course:
    """Where a race takes place.

    Attributes:
        clock: None for the machine's.
    """

    port: int
    table: str
    clock: QuickClock | None = None

    def system(self) -> System:
        """Return this process's system on the course, everything built, fit for threads."""
        point_to(self.port)
        system = dynamodb_system(self.table, model=Echo(), ports={Clock: self.clock or SystemClock()})
        system.registry.prepare()
        return system


@dataclass
class Report:
    """What racers did.

    Attributes:
        results: One of each racer.
        requests: Of all of them, retries included.
    """

    results: list[Any] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)


Job = Callable[[System, int], Any]


class Stable:
    """Processes that wait for races; starting one takes a second."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"))
        for ready in [self._pool.submit(time.sleep, START_SECONDS) for _ in range(processes)]:
            ready.result()

    def start(self, course: Course, job: Job, *, threads: int) -> Callable[[], Report]:
        """Start `threads` racers in each process; the function returned waits for their report."""
        start_at = time.time() + START_SECONDS
        running = [
            self._pool.submit(_race, course, job, range(first * threads, (first + 1) * threads), start_at)
            for first in range(self._processes)
        ]

        def report() -> Report:
            whole = Report()
            for part in running:
                done = part.result()
                whole.results += done.results
                whole.requests += done.requests
            return whole

        return report

    def close(self) -> None:
        """End the processes."""
        self._pool.shutdown()


def _race(course: Course, job: Job, racers: Sequence[int], start_at: float) -> Report:
    system = course.system()
    seam: IoSeam = system.get(IoSeam)
    time.sleep(max(0.0, start_at - time.time()))
    with ThreadPoolExecutor(len(racers)) as threads:
        results = list(threads.map(lambda racer: job(system, racer), racers))
    return Report(results, seam.requests)


@dataclass(frozen=True)
class Posted:
    """A message as its writer was told of it.

    Attributes:
        seconds: From the first try to the answer.
        refused: How often others were faster for six seconds.
    """

    content: str
    seq: int
    turn: int
    seconds: float
    refused: int


def post_ten(system: System, racer: int) -> list[Posted]:
    """Post ten messages, one after the other."""
    return _post(system, racer, 10)


def post_five(system: System, racer: int) -> list[Posted]:
    """Post five messages, one after the other."""
    return _post(system, racer, 5)


def _post(system: System, racer: int, messages: int) -> list[Posted]:
    posted = []
    for number in range(messages):
        content = f"message {number} of writer {racer}"
        began = time.monotonic()
        refused = 0
        while (said := _said(system, content)) is None:
            refused += 1
        posted.append(Posted(content, said.seq, said.turn, time.monotonic() - began, refused))
    return posted


def _said(system: System, content: str) -> MessageDTO | None:
    try:
        return system.say(KEY, content)
    except SessionBusy:
        return None


@dataclass
class Holding:
    """What one taker of locks lived through.

    Attributes:
        written: Content, number and fence of each message it wrote.
        fences: Of every lease it was given.
        stalls: How often it slept past its lease.
        shut_out: How often it was too late to write.
    """

    written: list[tuple[str, int, int]] = field(default_factory=list)
    fences: list[int] = field(default_factory=list)
    stalls: int = 0
    shut_out: int = 0


STALLING = 0.3
TAKINGS = 4


def hold_and_stall(system: System, racer: int) -> Holding:
    """Write messages under the lock, and sleep past the lease three times out of ten between reading and writing."""
    chance = random.Random(racer)  # noqa: S311  # repeatable, guards nothing
    holding = Holding()
    for number in range(TAKINGS):
        attempt = 0
        while not _write_once(system, f"taking {number} of holder {racer}", attempt, chance, holding):
            attempt += 1
    return holding


def _write_once(system: System, content: str, attempt: int, chance: random.Random, holding: Holding) -> bool:
    locks: SessionLockManager = system.get(SessionLockManager)
    sessions: SessionRepository = system.get(SessionRepository)
    clock: Clock = system.get(Clock)
    holder = Holder(name=f"{content}, try {attempt}", cover="", receipt="")
    lease = locks.acquire_within(KEY, holder, timeout_seconds=1000)
    holding.fences.append(lease.fence)
    draft = Draft(lease.session, clock.now(), TRACE)
    message = draft.add_message(Role.ASSISTANT, content)
    if chance.random() < STALLING:
        holding.stalls += 1
        clock.sleep(LEASE_SECONDS * chance.uniform(1.02, 1.8))
    try:
        sessions.commit(draft.commit(fence=lease.fence))
    except (LostFence, LostRace):
        holding.shut_out += 1
        return False
    holding.written.append((content, message.seq, lease.fence))
    return True


SHORT_SECONDS = ROUND_SECONDS + MARGIN_SECONDS + 0.1
"""So little time that a worker hands over after a few turns."""


def work_until_answered(system: System, key: SessionKey, *, messages: int, worker: str, seconds: float) -> int:
    """Work turns off until so many messages were posted and answered; return how often there was nothing to do.

    Raises:
        TimeoutError: it took longer than `seconds`.
    """
    deadline = time.monotonic() + seconds
    idle = 0
    while True:
        before = system.session(key)
        if before.last_turn == messages and not before.is_turn_owed:
            return idle
        if time.monotonic() > deadline:
            raise TimeoutError(f"{before.turn.number} of {messages} turns")
        if before.is_turn_owed:
            system.work(key, cover=worker, holder=f"{worker}, look {idle}", seconds=SHORT_SECONDS)
        idle += 1
        time.sleep(0.01)
