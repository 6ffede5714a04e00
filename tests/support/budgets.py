"""The budgets of architecture §9 as data: what each operation may cost, whatever the length of its session.

A test fails when a figure grows; a benchmark prints the same table.
"""

from collections.abc import Callable
from typing import Any

from domain.cqrs import Query
from domain.model.llm import ModelAnswer
from domain.queries.get_agent_context import GetAgentContextQuery
from domain.queries.get_health import GetHealthQuery
from domain.queries.get_plan import GetPlanQuery
from domain.queries.get_session import GetSessionQuery
from domain.queries.list_agents import ListAgentsQuery
from domain.queries.list_events import ListEventsQuery
from domain.queries.list_messages import ListMessagesQuery
from domain.queries.list_sessions import ListSessionsQuery
from tests.support.approval_budgets import APPROVAL_BUDGETS
from tests.support.bench import Bench, Budget
from tests.support.builders import calls, completes, reads, routes_to, text, unavailable, wants
from tests.support.plans import decide, propose, start_plan
from tests.support.system import TRACE


def _create(bench: Bench) -> Callable[[], object]:
    return lambda: bench.system.create("another")


def _say(bench: Bench) -> Callable[[], object]:
    return bench.say


def _say_first(bench: Bench) -> Callable[[], object]:
    fresh = Bench(bench.system, bench.system.create("fresh"))
    return fresh.say


def _say_while_running(bench: Bench) -> Callable[[], object]:
    bench.hold()
    return bench.say


def _give(bench: Bench) -> Callable[[], object]:
    first, _ = bench.open_calls("a.py", "b.py")
    return lambda: bench.system.give(bench.key, first, result="text")


def _give_last(bench: Bench) -> Callable[[], object]:
    (only,) = bench.open_calls("a.py")
    return lambda: bench.system.give(bench.key, only, result="text")


def _keyed(prepare: Callable[[Bench], Callable[[], object]]) -> Callable[[Bench], Callable[[], object]]:
    """Let every command from the operation on carry an idempotency key."""

    def prepared(bench: Bench) -> Callable[[], object]:
        operation = prepare(bench)
        bench.system.idempotency_key = "key of the benchmark"
        return operation

    return prepared


def _repeated(prepare: Callable[[Bench], Callable[[], object]]) -> Callable[[Bench], Callable[[], object]]:
    """Carry the operation out once with a key, so that it is a repeat when it is measured."""

    def prepared(bench: Bench) -> Callable[[], object]:
        operation = _keyed(prepare)(bench)
        operation()
        return operation

    return prepared


def _update(**fields: Any) -> Callable[[Bench], Callable[[], object]]:
    return lambda bench: lambda: bench.system.update(bench.key, **fields)


def _create_with_settings(bench: Bench) -> Callable[[], object]:
    return lambda: bench.system.create("another", tools=[TOOL], policies=[RULE])


def _ruled(prepare: Callable[[Bench], Callable[[], object]]) -> Callable[[Bench], Callable[[], object]]:
    """Let the session have policies before the operation."""

    def prepared(bench: Bench) -> Callable[[], object]:
        bench.system.update(bench.key, policies=[RULE])
        return prepare(bench)

    return prepared


def _switch(bench: Bench) -> Callable[[], object]:
    return lambda: bench.system.switch(bench.key, "coder", reason="x" * 200)


def _sessions(bench: Bench) -> Callable[[], object]:
    for number in range(30):
        bench.system.create(f"one-of-{number}")
    query = ListSessionsQuery(user=bench.key.user, trace=TRACE)
    return lambda: bench.system.registry.execute(query)


def _agents(bench: Bench) -> Callable[[], object]:
    return lambda: bench.system.registry.execute(ListAgentsQuery(user=bench.key.user, trace=TRACE))


def _turn(*answers: ModelAnswer) -> Callable[[Bench], Callable[[], object]]:
    def prepare(bench: Bench) -> Callable[[], object]:
        bench.say()
        return lambda: bench.answer(*answers)

    return prepare


def _routed_turn(bench: Bench) -> Callable[[], object]:
    bench.say()
    bench.answer(completes())
    return _turn(routes_to("ask"), text())(bench)


def _turn_after_results(bench: Bench) -> Callable[[], object]:
    for call_id in bench.open_calls("a.py", "b.py"):
        bench.system.give(bench.key, call_id, result="text")
    return lambda: bench.answer(text())


def _renew(bench: Bench) -> Callable[[], object]:
    lease = bench.hold()
    return lambda: bench.locks.renew(lease)


def _meet_busy(bench: Bench) -> Callable[[], object]:
    bench.hold()
    return bench.answer


def _meet_nothing_owed(bench: Bench) -> Callable[[], object]:
    return bench.answer


def _planned(prepare: Callable[[Bench], Callable[[], object]]) -> Callable[[Bench], Callable[[], object]]:
    """Leave a plan open beside what follows: a draft that waits for its decision."""

    def prepared(bench: Bench) -> Callable[[], object]:
        propose(bench.system, bench.key, (), (0,), agents=("ask",))
        return prepare(bench)

    return prepared


def _subtask(*dependencies: tuple[int, ...], answers: tuple[Any, ...]) -> Callable[[Bench], Callable[[], object]]:
    def prepare(bench: Bench) -> Callable[[], object]:
        start_plan(bench.system, bench.key, *dependencies, agents=("ask",))
        return lambda: bench.answer(*answers)

    return prepare


def _retry(bench: Bench) -> Callable[[], object]:
    _subtask((), answers=(unavailable(), unavailable()))(bench)()
    return lambda: decide(bench.system, bench.key, "retry")


def _query(query: type[Query], **fields: Any) -> Callable[[Bench], Callable[[], object]]:
    return lambda bench: lambda: bench.ask(query, **fields)


def _tail(bench: Bench) -> Callable[[], object]:
    last = bench.system.session(bench.key).last_seq
    return lambda: bench.ask(ListEventsQuery, after=last)


def _check_health(bench: Bench) -> Callable[[], object]:
    return lambda: bench.system.registry.execute(GetHealthQuery(trace=TRACE))


REFUSED_CALL = calls(wants("delete_everything"))
"""An answer whose calls are all refused, so that the turn goes round again at once."""

TOOL = {"name": "deploy", "description": "Deploy.", "parameters": {"type": "object"}, "agents": ["coder"]}
RULE = {"request_type": "tool", "subject": "*", "action": "reject"}

BUDGETS = (
    Budget("CreateSession", 1, 5, 0, _create),
    Budget("AddMessage", 2, 6, 1, _say),
    Budget("AddMessage, the first, which gives the title", 2, 6, 1, _say_first),
    Budget("AddMessage while a turn runs", 2, 6, 1, _say_while_running),
    Budget("AddToolResult", 2, 6, 2, _give),
    Budget("AddToolResult that gives the turn back", 2, 6, 2, _give_last),
    Budget("SwitchAgent", 2, 4, 1, _switch),
    Budget("UpdateSession, a title, which the index repeats", 2, 5, 1, _update(title="Another")),
    Budget("UpdateSession, deactivation, which the index repeats", 2, 5, 1, _update(is_active=False)),
    Budget("UpdateSession, nothing to change", 1, 0, 1, _update(is_active=True)),
    Budget("CreateSession with tools and policies", 1, 7, 0, _create_with_settings),
    Budget("UpdateSession, the first policies", 2, 6, 1, _update(policies=[RULE])),
    Budget("UpdateSession, other policies", 3, 6, 2, _ruled(_update(policies=[RULE, RULE]))),
    Budget("UpdateSession, no policies any more", 3, 6, 2, _ruled(_update(policies=[]))),
    Budget("UpdateSession, the same policies", 2, 0, 2, _ruled(_update(policies=[RULE]))),
    Budget("CreateSession with a key", 1, 7, 0, _keyed(_create)),
    Budget("AddMessage with a key", 2, 8, 2, _keyed(_say)),
    Budget("AddToolResult with a key", 2, 8, 3, _keyed(_give)),
    Budget("SwitchAgent with a key", 2, 6, 2, _keyed(_switch)),
    Budget("UpdateSession with a key", 2, 7, 2, _keyed(_update(title="Another"))),
    Budget("UpdateSession with a key, nothing to change", 2, 4, 2, _keyed(_update(is_active=True))),
    Budget("CreateSession, a repeat, which AWS bills as if it were written", 1, 6, 0, _repeated(_create)),
    Budget("AddMessage, a repeat", 2, 0, 3, _repeated(_say)),
    Budget("SwitchAgent, a repeat", 1, 0, 2, _repeated(_switch)),
    Budget("turn without tools, agent known", 3, 5, 36, _turn(text())),
    Budget("turn without tools, ended by attempt_completion", 3, 5, 36, _turn(completes())),
    Budget("turn that opens two calls", 3, 9, 36, _turn(calls(*reads("a.py", "b.py")))),
    Budget("turn that goes on after results", 3, 5, 37, _turn_after_results),
    Budget("turn of two rounds", 4, 9, 36, _turn(REFUSED_CALL, text())),
    Budget("turn of three rounds", 5, 13, 36, _turn(REFUSED_CALL, REFUSED_CALL, text())),
    Budget("turn of three rounds with policies", 6, 13, 37, _ruled(_turn(REFUSED_CALL, REFUSED_CALL, text()))),
    Budget("turn that is routed", 4, 9, 37, _routed_turn),
    Budget("AddMessage while a plan is open", 3, 6, 2, _planned(_say)),
    Budget("turn of a session whose plan is open", 4, 7, 37, _planned(_turn(text()))),
    Budget("turn of a plan's last subtask", 4, 7, 37, _subtask((), answers=(text(),))),
    Budget("turns of two subtasks", 6, 13, 74, _subtask((), (0,), answers=(text(), text()))),
    Budget("DecidePlan, a retry", 3, 6, 2, _retry),
    *APPROVAL_BUDGETS,
    Budget("GetPlan", 2, 0, 2, _planned(_query(GetPlanQuery))),
    Budget("renewal", 1, 1, 0, _renew),
    Budget("lock refused, busy", 1, 1, 0, _meet_busy),
    Budget("lock refused, nothing owed", 1, 1, 0, _meet_nothing_owed),
    Budget("GetSession", 1, 0, 1, _query(GetSessionQuery)),
    Budget("page of sessions", 1, 0, 0.5, _sessions),
    Budget("GetAgentContext", 1, 0, 1, _query(GetAgentContextQuery)),
    Budget("GetAgentContext with its history", 7, 0, 70, _query(GetAgentContextQuery, include_history=True)),
    Budget("list of agents", 0, 0, 0, _agents),
    Budget("page of messages", 1, 0, 12, _query(ListMessagesQuery)),
    Budget("page of messages, the largest", 1, 0, 36, _query(ListMessagesQuery, limit=200)),
    Budget("page of events", 1, 0, 9, _query(ListEventsQuery)),
    Budget("page of events, the largest", 1, 0, 15, _query(ListEventsQuery, limit=200)),
    Budget("page of events, an empty tail", 1, 0, 1, _tail),
    Budget("get_health", 1, 0, 0.5, _check_health),
)
"""Every operation that exists, uncontended, with items of 1 KB at most.

Only one of them grows with its session: the history of the agents is read from the whole log.
"""
