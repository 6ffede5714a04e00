"""The start-up gate: what a function loads until it has answered its first request."""

import pytest

from functions.catalog import CATALOG, Function, row
from tests.benchmarks.startup import CLOUDS_MODEL, MOST_MODULES, Start, start

ROWS = pytest.mark.parametrize("function", CATALOG, ids=lambda function: function.name)


@pytest.fixture(scope="module")
def starts() -> dict[str, Start]:
    """Return what each function's start loaded, filled as tests ask."""
    return {}


def started(function: Function, starts: dict[str, Start]) -> Start:
    """Return what the function's start loaded; each is started once."""
    if function.name not in starts:
        starts[function.name] = start(function)
    return starts[function.name]


@ROWS
def test_function_answers_its_sample_when_it_has_just_started(function: Function, starts: dict[str, Start]) -> None:
    """What is measured is a request that was carried out, not one that failed early."""
    answer = started(function, starts).answer

    assert answer.get("statusCode", 200) < 300, answer
    assert answer.get("batchItemFailures", []) == []


@ROWS
def test_function_loads_little_when_it_has_answered(function: Function, starts: dict[str, Start]) -> None:
    """Modules that are not ours are as few as architecture §9 allows, and none of those that are banned."""
    found = started(function, starts)

    assert found.banned_modules == ()
    assert len(found.foreign_modules) <= MOST_MODULES[function.kind]


@ROWS
def test_function_has_one_session_and_few_clients_when_it_has_answered(
    function: Function, starts: dict[str, Start]
) -> None:
    """One botocore session and one client are shared by all; only the worker of turns talks to two services."""
    found = started(function, starts)

    assert found.sessions <= 1
    assert len(set(found.clients)) == len(found.clients)
    assert len(found.clients) <= (2 if function.name in {"run_turn", "fail_turn", "expire_approval"} else 1)


def test_worker_loads_nothing_banned_when_bedrock_answers() -> None:
    """The cloud's own model needs one client more, and neither boto3 nor another session."""
    found = start(row("run_turn"), environment=CLOUDS_MODEL)

    assert found.answer == {"batchItemFailures": []}
    assert found.banned_modules == ()
    assert (found.sessions, found.clients) == (1, ("bedrock-runtime", "dynamodb", "sqs"))
    assert found.requests.count("Converse") == 2
