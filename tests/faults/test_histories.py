"""All commands at once on one session while workers run: clients are told what one thing after the other would tell."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Event

import pytest

from domain.model.errors import SessionNotFound
from domain.model.value import SessionKey
from functions.catalog import CATALOG, Kind, Route
from infra.local.dynamodb_local import DynamoDbLocal
from tests.support.builders import make_key
from tests.support.dynamodb import dynamodb_system, plain_client
from tests.support.figures import Figures
from tests.support.histories import Client, Operation, read_log
from tests.support.invariants import check_agent, check_turns
from tests.support.linearizability import check_history
from tests.support.mixed_race import READS, SENDS, Fickle, send_everything
from tests.support.racers import Course, Stable
from tests.support.session_answers import KNOWN
from tests.support.system import System

PROCESSES = 4
THREADS = 2
STEPS = 12
WORKERS = ("one", "other")
SEEDS = {"part": range(1, 3), "whole": range(1, 21)}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Race once for each seed."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", SEEDS[metafunc.config.getoption("effort")])


@pytest.fixture(scope="module")
def stable() -> Iterator[Stable]:
    """Processes that wait for races."""
    stable = Stable(PROCESSES)
    yield stable
    stable.close()


def work_until(over: Event, system: System, key: SessionKey, worker: str) -> None:
    """Work off what is owed until the race is over and nothing is owed any more."""
    looks = 0
    is_owed = True
    while is_owed or not over.is_set():
        with suppress(SessionNotFound):
            is_owed = system.session(key).is_turn_owed
            if is_owed:
                system.work(key, cover=worker, holder=f"{worker}, look {looks}")
        looks += 1
        over.wait(0.01)


def test_clients_are_told_one_story_when_every_command_races(
    seed: int, stable: Stable, table_name: str, dynamodb_local: DynamoDbLocal, figures: Figures
) -> None:
    """Whatever 8 clients in 4 processes send to a session, and 2 workers write, could have come one after the other."""
    system = dynamodb_system(table_name, model=Fickle(seed))
    system.registry.prepare()
    key = make_key(f"mixed-{seed}")
    over = Event()

    with ThreadPoolExecutor(len(WORKERS)) as workers:
        working = [workers.submit(work_until, over, system, key, worker) for worker in WORKERS]
        report = stable.start(
            Course(dynamodb_local.port, table_name),
            partial(send_everything, seed=seed, key=key, steps=STEPS),
            threads=THREADS,
        )()
        over.set()
        for worker in working:
            worker.result()

    last = Client(system, key, "afterwards")
    for name, fields in READS.items():
        last.do(name, **fields)
    operations: list[Operation] = [done for result in report.results for done in result] + last.done
    log = read_log(system, key, plain_client(dynamodb_local.port), table_name)
    states = check_history(operations, log)
    assert states[-1].exists
    check_turns(system.session(key), system.events(key), system.messages(key))
    check_agent(system.session(key), system.events(key))
    note(figures, seed, operations, len(log))


def note(figures: Figures, seed: int, operations: list[Operation], commits: int) -> None:
    """Print what took part, and how it went."""
    commands = [each for each in operations if each.name in SENDS]
    figures.note(
        f"mixed race, seed {seed}",
        operations=len(operations),
        commands=len(commands),
        commits=commits,
        accepted=sum(each.answer is not None and not each.is_replayed for each in commands),
        replayed=sum(each.is_replayed for each in commands),
        refused=" ".join(
            f"{code} {count}" for code, count in Counter(each.code for each in commands if each.code).items()
        ),
    )


def test_every_operation_of_a_session_takes_part() -> None:
    """A new command needs its entry in SENDS, a new query of a session in READS, both a rule of the model in KNOWN."""
    commands, queries = (
        {function.name for function in CATALOG if function.kind is kind and _is_of_sessions(function.trigger)}
        for kind in (Kind.COMMAND, Kind.QUERY)
    )

    assert set(SENDS) == commands
    assert set(READS) == queries - {"list_sessions"}
    assert set(SENDS) | set(READS) == KNOWN


def _is_of_sessions(trigger: object) -> bool:
    return isinstance(trigger, Route) and trigger.path.startswith("/sessions")
