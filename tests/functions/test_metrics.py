"""The catalog of metrics: what is emitted, and that nothing else is."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.model.agent import AgentType
from domain.model.circuit import CircuitChange
from domain.model.errors import LostFence, LostRace
from domain.model.events.agent import AgentSwitched, SwitchReason
from domain.model.events.llm import LlmRequestCompleted, LlmRequestFailed
from domain.model.lock import LEASE_SECONDS, Holder
from domain.ports import EventPublisher, MetricsCollector
from domain.services.measuring import measure
from functions.adapters.figures import Figures
from functions.metrics import METRICS, Unit
from tests.support.builders import calls, fake_clock, make_draft, reads, routes_to, scripted_model, text, unavailable
from tests.support.edge import Edge, LambdaContext, started
from tests.support.emf import Value, sums, values_in
from tests.support.memory_store import MemoryStore
from tests.support.metered import metered_system
from tests.support.samples import sample, sample_key
from tests.support.system import System

Scenario = Callable[[System, MemoryStore], None]
ANSWER_SECONDS = 1.5


def _say(system: System) -> None:
    edge = Edge(system)
    edge.call("create_session", {"session_id": sample_key().session_id})
    edge.call("add_message")


def _work(system: System) -> None:
    started("run_turn", system)(sample("run_turn"), LambdaContext())


def answered(system: System, _: MemoryStore) -> None:
    """A message is routed and answered, a second and a half later."""
    scripted_model(system).answers += [routes_to("ask", confidence=0.75), text()]
    _say(system)
    fake_clock(system).advance(ANSWER_SECONDS)
    _work(system)


def waiting(system: System, _: MemoryStore) -> None:
    """A turn waits for the client."""
    scripted_model(system).answers += [routes_to("ask"), calls(*reads("README.md"))]
    _say(system)
    _work(system)


def failed(system: System, _: MemoryStore) -> None:
    """The model is away; keywords route, and the turn fails."""
    scripted_model(system).answers += [unavailable(), unavailable()]
    _say(system)
    _work(system)


def refused(system: System, _: MemoryStore) -> None:
    """A client asks for what is not there."""
    Edge(system).call("get_session")


def contended(system: System, store: MemoryStore) -> None:
    """A worker finds the session held."""
    _say(system)
    store.acquire(sample_key(), Holder(name="other", cover="other", receipt=""))
    _work(system)


def recovered(system: System, store: MemoryStore) -> None:
    """A worker takes over from one that died."""
    _say(system)
    store.acquire(sample_key(), Holder(name="dead", cover="dead", receipt=""))
    fake_clock(system).advance(LEASE_SECONDS)
    scripted_model(system).answers += [routes_to("ask"), text()]
    _work(system)


def raced(system: System, store: MemoryStore) -> None:
    """A command finds the session changed when it commits."""
    Edge(system).call("create_session", {"session_id": sample_key().session_id})
    _refuse_once(store, LostRace())
    Edge(system).call("add_message")


def fenced(system: System, store: MemoryStore) -> None:
    """A worker finds that the session is another's when it commits."""
    scripted_model(system).answers += [routes_to("ask")]
    _say(system)
    _refuse_once(store, LostFence())
    _work(system)


def parked(system: System, _: MemoryStore) -> None:
    """The bus takes one fact of a commit and refuses the other."""
    system.get(EventPublisher).refuses = lambda event: event.seq == 4
    started("publish_events", system)(sample("publish_events"), LambdaContext())


def priced(system: System, _: MemoryStore) -> None:
    """A model with a price answers."""
    call = LlmRequestCompleted(
        purpose="answer", model="m", input_tokens=7, output_tokens=3, duration_ms=900, attempt=2, cost_micro_usd=42
    )
    system.get(MetricsCollector).record_model_call(call)
    system.get(Figures).flush()


def decided(system: System, _: MemoryStore) -> None:
    """A switch is decided upon by a call of a model that answered, behind one that did not."""
    usage: dict[str, Any] = {"purpose": "route", "model": "m", "attempt": 1}
    draft = make_draft()
    draft.record(LlmRequestFailed(**usage, status="503", duration_ms=600))
    draft.record(LlmRequestCompleted(**usage, input_tokens=7, output_tokens=3, duration_ms=900))
    draft.record(AgentSwitched(from_agent=AgentType.ORCHESTRATOR, to_agent=AgentType.ASK, reason=SwitchReason.ROUTED))
    measure(draft.commit(), system.get(MetricsCollector))
    system.get(Figures).flush()


def circuit_opened(system: System, _: MemoryStore) -> None:
    """A call that fails is the last of too many."""
    failure = unavailable()
    failure.circuit = (CircuitChange.OPENED,)
    scripted_model(system).answers += [failure, text()]
    _say(system)
    _work(system)


def _refuse_once(store: MemoryStore, error: Exception) -> None:
    def refuse(_: object) -> None:
        store.before_commit = lambda _: None
        raise error

    store.before_commit = refuse


SCENARIOS: tuple[Scenario, ...] = (
    answered,
    waiting,
    failed,
    refused,
    contended,
    recovered,
    raced,
    fenced,
    parked,
    priced,
    decided,
    circuit_opened,
)


def emitted(scenario: Scenario, capsys: pytest.CaptureFixture[str]) -> list[Value]:
    """Return the values that a scenario writes on a system of its own."""
    capsys.readouterr()
    scenario(*metered_system())
    return values_in(capsys.readouterr().out)


def test_every_metric_is_emitted_and_no_other_when_all_scenarios_have_run(capsys: pytest.CaptureFixture[str]) -> None:
    """The catalog names exactly what operators find, each with its unit and its dimensions."""
    values = [value for scenario in SCENARIOS for value in emitted(scenario, capsys)]

    found = {(value.name, value.unit, frozenset(value.dimensions)) for value in values}
    assert found == {(metric.name, metric.unit.value, frozenset(metric.dimensions)) for metric in METRICS}


def test_catalog_names_nobody_when_metrics_have_dimensions() -> None:
    """No metric is about a user or a session, each says what it means, and no two share a name."""
    names = [metric.name for metric in METRICS]

    assert len(set(names)) == len(names)
    assert all(metric.dimensions and metric.meaning for metric in METRICS)
    assert not {"user", "session", "session_id", "correlation_id"} & {name for m in METRICS for name in m.dimensions}
    assert all(metric.unit is Unit.COUNT for metric in METRICS if metric.name.endswith("_total"))


def test_answered_turn_is_counted_and_timed_when_its_work_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    """The duration is that of the user's waiting, from the message to the answer."""
    values = emitted(answered, capsys)

    assert sums(values, "turns_total") == {("started",): 1, ("completed",): 1}
    assert sums(values, "turn_duration") == {("completed",): ANSWER_SECONDS * 1000}
    assert sums(values, "lock_wait") == {("run_turn",): 0}
    assert sums(values, "agent_switches_total") == {("orchestrator", "ask"): 1}
    assert sums(values, "agent_switch_confidence") == {("orchestrator", "ask"): 0.75}
    assert sums(values, "model_calls_total") == {
        ("scripted", "route", "completed"): 1,
        ("scripted", "answer", "completed"): 1,
    }
    assert sums(values, "requests_total") == {
        ("create_session", "201"): 1,
        ("add_message", "202"): 1,
        ("run_turn", "done"): 1,
    }


def test_switch_takes_as_long_as_the_model_thought_when_a_model_decides(capsys: pytest.CaptureFixture[str]) -> None:
    """All its calls count, those that failed too, to the millisecond."""
    values = emitted(decided, capsys)

    assert sums(values, "agent_switch_duration") == {("orchestrator", "ask"): 1500}


def test_failed_turn_is_counted_by_its_code_when_the_model_is_away(capsys: pytest.CaptureFixture[str]) -> None:
    """Operators see that a turn failed, why, and how often the model was tried; a switch by keywords claims nothing."""
    values = emitted(failed, capsys)

    assert sums(values, "turn_failures_total") == {("MODEL_UNAVAILABLE",): 1}
    assert sums(values, "model_attempts") == {("scripted", "route", "failed"): 4, ("scripted", "answer", "failed"): 4}
    assert sums(values, "model_input_tokens") == {}
    assert sums(values, "agent_switch_confidence") == {}


def test_lost_lease_is_counted_when_its_successor_takes_over(capsys: pytest.CaptureFixture[str]) -> None:
    """A worker that died is counted once, by whoever replaces it."""
    values = emitted(recovered, capsys)

    assert sums(values, "lock_lost_total") == {("run_turn",): 1}
    assert sums(values, "turns_total")["recovered",] == 1


@pytest.mark.parametrize(
    ("scenario", "name", "expected"),
    [
        (contended, "lock_contention_total", {("run_turn",): 1}),
        (
            contended,
            "requests_total",
            {("create_session", "201"): 1, ("add_message", "202"): 1, ("run_turn", "done"): 1},
        ),
        (raced, "commit_conflicts_total", {("add_message",): 1}),
        (fenced, "fenced_commits_total", {("run_turn",): 1}),
        (parked, "commits_parked_total", {("publish_events",): 1}),
        (parked, "events_published_total", {("publish_events",): 1}),
        (refused, "errors_total", {("SESSION_NOT_FOUND",): 1}),
        (waiting, "turn_duration", {("waiting",): 0}),
        (circuit_opened, "model_circuit_changes_total", {("scripted", "opened"): 1}),
        (priced, "model_cost", {("m", "answer", "completed"): 42}),
    ],
)
def test_metric_says_who_and_how_often_when_it_is_emitted(
    scenario: Scenario, name: str, expected: dict[tuple[str, ...], float], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each value carries the dimensions by which operators look for it."""
    assert sums(emitted(scenario, capsys), name) == expected


def test_figures_are_refused_when_dimensions_do_not_fit() -> None:
    """A dimension that the catalog does not name would be billed and never found."""
    figures = Figures()

    with pytest.raises(ValueError, match="requests_total"):
        figures.add(METRICS[0], {"function": "add_message"})


def test_figures_are_written_once_when_they_are_flushed_twice(capsys: pytest.CaptureFixture[str]) -> None:
    """A warm process begins each invocation with nothing."""
    figures = Figures()
    figures.add(METRICS[0], {"function": "add_message", "status": "202"})
    figures.add(METRICS[0], {"function": "add_message", "status": "202"})

    figures.flush()
    figures.flush()

    values = values_in(capsys.readouterr().out)
    assert sums(values, "requests_total") == {("add_message", "202"): 2}
