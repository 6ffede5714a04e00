"""What any test may ask for: one of each entity, DynamoDB Local with a table of its own, a cloud, a place for figures.

Property tests are repeatable.
"""

import os
import shlex
from collections.abc import Generator, Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import Phase, settings

from domain.model.agent import AgentContext, AgentType
from domain.model.approval import Approval
from domain.model.change import Call
from domain.model.custom_tools import CustomTool
from domain.model.idempotency import Receipt
from domain.model.lock import Lease
from domain.model.log import Event
from domain.model.message import Message, ToolCall
from domain.model.plan import Plan
from domain.model.policy import Rule
from domain.model.session import Session
from domain.model.settings import SessionSettings
from domain.model.subtask import Subtask
from infra.local.cloud import LocalCloud
from infra.local.dynamodb_local import DynamoDbLocal
from tests.support import builders, entities, plans
from tests.support.agent_context import AgentContextTestBuilder
from tests.support.dynamodb import environment, plain_client, table
from tests.support.figures import Figures, report

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("quick", settings.get_profile("repeatable"), max_examples=20)
settings.register_profile("blunt", settings.get_profile("quick"), phases=[Phase.explicit, Phase.generate])
settings.load_profile("repeatable")

_numbers = count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make faults` and `make fuzz` try everything, where every other run tries a part that is always the same."""
    parser.addoption("--effort", choices=("part", "whole"), default="part", help="how much faults and fuzz try")
    parser.addoption("--dynamodb-local", type=int, metavar="PORT", help="use the DynamoDB Local that listens there")


@pytest.fixture(scope="session")
def whole(request: pytest.FixtureRequest) -> bool:
    """Whether everything is tried, or a part that is always the same."""
    return bool(request.config.getoption("--effort") == "whole")


@pytest.fixture
def idle_session() -> Session:
    """Return a session that is at nothing."""
    return builders.make_session()


@pytest.fixture
def message() -> Message:
    """Return what a user said."""
    return builders.make_message()


@pytest.fixture
def event() -> Event:
    """Return a fact in the log: a turn was asked for."""
    return builders.make_event()


@pytest.fixture
def tool_call() -> ToolCall:
    """Return a call as an assistant message shows it, done."""
    return builders.make_tool_call()


@pytest.fixture
def call() -> Call:
    """Return the changing part of an open call."""
    return builders.make_call()


@pytest.fixture
def approval() -> Approval:
    """Return an approval that is pending."""
    return entities.make_approval()


@pytest.fixture
def plan() -> Plan:
    """Return a draft of three subtasks, each depending on those before it."""
    return plans.make_plan((), ("1",), ("1", "2"))


@pytest.fixture
def subtask() -> Subtask:
    """Return a subtask that has not begun."""
    return plans.make_subtask()


@pytest.fixture
def agent_context() -> AgentContext:
    """Return the coder speaking, after two switches."""
    return AgentContextTestBuilder().with_agent(AgentType.CODER).with_history(2).build()


@pytest.fixture
def custom_tool() -> CustomTool:
    """Return a tool of a client's own."""
    return entities.make_custom_tool()


@pytest.fixture
def policy_rule() -> Rule:
    """Return a rule that rejects every call."""
    return entities.make_rule()


@pytest.fixture
def session_settings() -> SessionSettings:
    """Return what a client set for its session: a tool and a rule."""
    return entities.make_settings()


@pytest.fixture
def lease() -> Lease:
    """Return the lock as its first taker was given it."""
    return entities.make_lease()


@pytest.fixture
def receipt() -> Receipt:
    """Return what is remembered of a command with an idempotency key."""
    return entities.make_receipt()


@pytest.fixture(scope="session")
def dynamodb_local(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DynamoDbLocal]:
    """Return DynamoDB Local, one for all tests of this process, or the one that others started."""
    port = request.config.getoption("--dynamodb-local")
    if port:
        yield DynamoDbLocal(os.getpid(), port, tmp_path_factory.getbasetemp())
        return
    with DynamoDbLocal.start(tmp_path_factory.mktemp("dynamodb")) as running:
        yield running


@pytest.fixture(scope="session")
def table_maker(dynamodb_local: DynamoDbLocal) -> Any:
    """Return the client that makes the tables of all tests: to make a client takes longer than to make a table."""
    return plain_client(dynamodb_local.port)


@pytest.fixture
def table_name(dynamodb_local: DynamoDbLocal, table_maker: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return the name of a new table, which the clients of this test reach."""
    for name, value in environment(dynamodb_local.port).items():
        monkeypatch.setenv(name, value)
    with table(table_maker, f"table-{os.getpid()}-{next(_numbers)}") as name:
        yield name


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """The system as `make up` starts it, on a port and in a folder of its own, with every role enforced.

    One for all tests of this process.
    """
    with LocalCloud.start(tmp_path_factory.mktemp("cloud"), auth=True) as running:
        yield running


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """Return where a test puts what it measured; it is printed when all tests are done."""
    return Figures(request.node)


@pytest.fixture
def aws_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let AWS clients find a region and credentials that open nothing."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say with a failure which one command repeats it; a seed is part of the test's id."""
    told = yield
    if told.failed:
        effort = item.config.getoption("effort")
        command = f".venv/bin/python -m pytest --effort {effort} {shlex.quote(item.nodeid)}"
        told.sections.append(("repeat with", command))
    return told


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests measured."""
    report(terminalreporter)
