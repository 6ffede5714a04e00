"""The walk says why it fails, and fails when anything of what there is was not met."""

import io
import re
from datetime import UTC, datetime

from rich.console import Console

from clients.views import Event
from functions.catalog import CATALOG, Route
from infra.local.endpoint import Endpoint
from infra.local.layout import ROOT
from infra.local.walk.coverage import NOT_PROVOKED, covered
from infra.local.walk.run import SCENES, Scene, run_walk
from infra.local.walk.walker import Walker
from tests.clients.fake_clock import FakeClock
from tests.clients.fake_http import problem
from tests.clients.fake_runtime import FakeRuntime
from tests.clients.fake_server import FakeServer

OPERATIONS = [row.name for row in CATALOG if isinstance(row.trigger, Route)]


def _walk(server: FakeServer, clock: FakeClock, *played: Scene) -> tuple[int, str]:
    endpoint = Endpoint(url=server.url, tokens={"alice": "alice-token"}, table="t", bus="b", pid=1)
    out = io.StringIO()
    console = Console(file=out, width=200, highlight=False)
    return run_walk(endpoint, played=played or SCENES, console=console, clock=clock), out.getvalue()


def _completed(tool: str) -> Event:
    return Event(1, 1, "ToolCallCompleted", "tool", datetime(2026, 1, 1, tzinfo=UTC), "c", {"tool": tool})


def test_walk_fails_in_a_sentence_when_the_server_refuses(
    server: FakeServer, runtime: FakeRuntime, clock: FakeClock
) -> None:
    """A refusal that no scene expects is one line with its code."""
    runtime.faults["get_health"].append(problem(500, "INTERNAL_ERROR"))

    code, shown = _walk(server, clock)

    assert code == 1
    assert "The demonstration failed: 500 INTERNAL_ERROR: told INTERNAL_ERROR" in shown


def test_walk_fails_when_a_claim_is_false_or_something_was_not_met(server: FakeServer, clock: FakeClock) -> None:
    """A walk of one scene ends, shows what is wrong and what is missing, and does not count as one."""

    def scene(walker: Walker) -> None:
        """One that claims too much."""
        walker.session_id = walker.api.create_session().id
        walker.check("the moon is made of cheese", is_true=walker.refusal(lambda: walker.api.get_session("x")) == "")

    code, shown = _walk(server, clock, scene)

    assert code == 1
    for words in (
        "One that claims too much.",
        "✗ the moon is made of cheese",
        "MISSING: switch_agent",
        "MISSING: calculator",
        "MISSING: expired",
        "MISSING: TurnCompleted",
        f"not LockLost: {NOT_PROVOKED['LockLost']}",
        "✗ everything was covered",
    ):
        assert words in shown


def test_coverage_misses_what_was_not_met() -> None:
    """Names that nobody knows count for nothing; what is excused is not missed, met or not."""
    operations, tools, statuses, facts = covered([*OPERATIONS, "get_content"], ["approved"], [_completed("echo")])

    assert (operations.missing, len(operations.seen)) == (frozenset(), len(OPERATIONS))
    assert tools.seen == {"echo"}
    assert "calculator" in tools.missing
    assert statuses.missing == {"pending", "edited", "rejected", "expired", "cancelled"}
    assert facts.seen == {"ToolCallCompleted"}
    assert facts.left_out == NOT_PROVOKED
    assert not facts.missing & NOT_PROVOKED.keys()
    assert covered(OPERATIONS[1:], [], [])[0].missing == {OPERATIONS[0]}


def test_every_excuse_is_of_a_fact_and_names_who_provokes_it() -> None:
    """An excuse for a fact that is no more, or by a test that is no more, would hide something."""
    assert NOT_PROVOKED.keys() <= covered([], [], [])[3].expected
    for reason in NOT_PROVOKED.values():
        (named,) = re.findall(r"tests/e2e/\w+\.py", reason)
        assert (ROOT / named).is_file()
