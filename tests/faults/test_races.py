"""Races for real: processes and threads at one session, on AWS's own emulator."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from statistics import median
from time import time

import pytest

from domain.model.agent import AgentType
from domain.model.message import Role
from infra.local.dynamodb_local import DynamoDbLocal
from tests.support.figures import Figures
from tests.support.invariants import check_agent, check_turns
from tests.support.patience import PATIENCE_SECONDS
from tests.support.racers import (
    KEY,
    STALLING,
    TAKINGS,
    Course,
    Posted,
    QuickClock,
    Report,
    Stable,
    hold_and_stall,
    post_five,
    post_ten,
    work_until_answered,
)

PROCESSES = 4


@pytest.fixture(scope="module")
def stable() -> Iterator[Stable]:
    """Processes that wait for races."""
    stable = Stable(PROCESSES)
    yield stable
    stable.close()


@pytest.fixture
def course(table_name: str, dynamodb_local: DynamoDbLocal) -> Course:
    """A table to race on, in real time."""
    return Course(dynamodb_local.port, table_name)


def note_posts(figures: Figures, subject: str, report: Report, posted: list[Posted]) -> None:
    """Print what posting cost."""
    seconds = sorted(post.seconds for post in posted)
    figures.note(
        subject,
        messages=len(posted),
        requests_per_message=report.requests.total() / len(posted),
        conflicts=report.requests["dynamodb.TransactWriteItems"] - len(posted),
        median_seconds=median(seconds),
        p95_seconds=seconds[int(len(seconds) * 0.95)],
        refused=sum(post.refused for post in posted),
    )


def test_every_message_is_stored_once_when_twenty_write_ten_each(
    stable: Stable, course: Course, figures: Figures
) -> None:
    """200 accepted, 200 stored, without a gap, each in a turn of its own, and each where its writer was told."""
    system = course.system()
    system.create(KEY.session_id, agent=AgentType.ASK)

    report = stable.start(course, post_ten, threads=5)()

    posted = [post for result in report.results for post in result]
    note_posts(figures, "20 writers", report, posted)
    messages, session = system.messages(KEY), system.session(KEY)
    assert len(posted) == 200
    assert {(post.content, post.seq, post.turn) for post in posted} == {
        (message.content, message.seq, message.turn) for message in messages
    }
    assert [message.turn for message in messages] == list(range(1, 201))
    assert (session.last_turn, session.message_count, session.queued) == (200, 200, 199)
    check_turns(session, system.events(KEY), messages)


def test_every_message_is_answered_in_its_own_turn_when_writers_and_workers_race(
    stable: Stable, course: Course, figures: Figures
) -> None:
    """Eight post while two workers answer: each message gets its answer, once, from whoever held the session."""
    system = course.system()
    system.create(KEY.session_id, agent=AgentType.ASK)

    report = stable.start(course, post_five, threads=2)
    with ThreadPoolExecutor(2) as workers:
        working = [
            workers.submit(work_until_answered, system, KEY, messages=40, worker=name, seconds=PATIENCE_SECONDS)
            for name in ("one", "other")
        ]
        idle = [worker.result() for worker in working]

    posted = [post for result in report().results for post in result]
    note_posts(figures, "8 writers beside 2 workers", report(), posted)
    messages, session, events = system.messages(KEY), system.session(KEY), system.events(KEY)
    figures.note("2 workers", takings=session.fence, looks=sum(idle))
    asked = {message.turn: message.content for message in messages if message.role is Role.USER}
    answers = [(message.turn, message.content) for message in messages if message.role is Role.ASSISTANT]
    assert sorted(asked) == list(range(1, 41))
    assert answers == [(turn, f"re: {asked[turn]}") for turn in sorted(asked)]
    assert not {"TurnFailed", "LockLost"} & {event.fact.type_name() for event in events}
    check_turns(session, events, messages)
    check_agent(session, events)


def test_nothing_is_lost_or_doubled_when_holders_sleep_past_their_lease(
    stable: Stable, table_name: str, dynamodb_local: DynamoDbLocal, figures: Figures
) -> None:
    """Who slept too long is shut out, writes nothing, and begins anew; numbers of the lock only ever grow."""
    course = Course(dynamodb_local.port, table_name, QuickClock(time(), factor=20))
    system = course.system()
    system.create(KEY.session_id)

    report = stable.start(course, hold_and_stall, threads=3)()

    holdings, messages = report.results, system.messages(KEY)
    takings = [fence for holding in holdings for fence in holding.fences]
    written = sorted((seq, fence, content) for holding in holdings for content, seq, fence in holding.written)
    stalls, shut_out = (sum(getattr(holding, name) for holding in holdings) for name in ("stalls", "shut_out"))
    figures.note(
        f"12 holders, {STALLING:.0%} stalling",
        messages=len(messages),
        takings=len(takings),
        stalls=stalls,
        shut_out=shut_out,
        requests_per_taking=report.requests.total() / len(takings),
    )
    assert Counter(message.content for message in messages) == Counter(content for _, _, content in written)
    assert len(written) == len({content for _, _, content in written}) == 4 * 3 * TAKINGS
    assert [(message.seq, message.content) for message in messages] == [(seq, content) for seq, _, content in written]
    assert all(earlier < later for (_, earlier, _), (_, later, _) in pairwise(written))
    assert sorted(takings) == list(range(1, system.session(KEY).fence + 1))
    assert stalls
    assert shut_out
