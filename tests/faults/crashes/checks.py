"""What must hold of everything there is, whatever was crashed: at any moment, and once all is at rest."""

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from domain.model.events.approval import ApprovalRequested
from domain.model.events.llm import LlmRequestCompleted, LlmRequestFailed, ModelCircuitClosed, ModelCircuitOpened
from domain.model.events.turn import TurnRequested
from domain.model.lock import LEASE_SECONDS
from domain.model.log import Event
from domain.model.message import Message, Role
from domain.model.session import TurnStatus
from domain.model.value import SessionKey
from functions.adapters.dynamodb.log_mapper import LogMapper
from functions.adapters.dynamodb.models import CommitItem
from functions.adapters.eventbridge.envelope import from_envelope
from tests.faults.crashes.world import World
from tests.support.fakes import START
from tests.support.invariants import ENDS, check_session, is_of_recovery
from tests.support.memory_store import MemoryStore
from tests.support.stored import Raw, commits_in, stored

OF_TRIES = (ModelCircuitOpened, ModelCircuitClosed)
"""One for each failed or good try of the stand-in; how many tries a model call has, its time says."""


def check_safe(world: World, raw: Raw) -> MemoryStore:
    """Fail unless state and log agree, and whatever is owed is known to somebody who will see to it.

    Holds after every single request, whoever was killed during it and whether or not anything is delivered again.
    """
    store = stored(raw)
    for key in store.heads:
        check_session(store, key)
        _check_ended_turns_are_silent(store.events[key])
        _check_owed(store, key, _pending_facts(world, raw, key))
        _check_lock(world, store, key)
    _check_contents(world, store)
    return store


def check_rest(world: World, raw: Raw) -> MemoryStore:
    """Fail unless nothing more will happen by itself: no turn runs, nobody holds a lock, every fact is on the bus."""
    store = check_safe(world, raw)
    for key, session in store.heads.items():
        parked = {commit.last_seq for commit in world.held.parked if commit.key == key}
        is_parked = any(_has(TurnRequested, commit) for commit in _commits(raw, key) if commit[-1].seq in parked)
        assert session.turn.status is not TurnStatus.RUNNING or is_parked, "a turn is owed, and nobody will come"
        assert key not in store.locks, "a lock is held, and nobody works"
        _check_published(world, key, _commits(raw, key), parked)
    return store


def story(raw: Raw) -> tuple[Any, ...]:
    """Return what the table tells of its sessions, without what a crash may add: numbers, fences, and recoveries."""
    store = stored(raw)
    return tuple(_story(store, key) for key in sorted(store.heads, key=lambda key: (key.user, key.session_id)))


def facts(raw: Raw) -> list[str]:
    """Return the type of every fact, recoveries included, each session's in order."""
    return [event.fact.type_name() for events in stored(raw).events.values() for event in events]


def _story(store: MemoryStore, key: SessionKey) -> tuple[Any, ...]:
    head = store.heads[key]
    plan = store.plans.get(key)
    return (
        (head.turn, head.last_turn, head.title, head.is_active, head.agent.current_agent, head.agent.switch_count),
        tuple(_told(event) for event in store.events[key] if not _may_differ(event)),
        tuple(call.status for (owner, _), call in store.calls.items() if owner == key),
        tuple(approval.status for (owner, _), approval in store.approvals.items() if owner == key),
        plan and (plan.status, tuple((subtask.status, subtask.turn) for subtask in plan.subtasks)),
        store.settings_of.get(key),
    )


def _told(event: Event) -> tuple[Any, ...]:
    message = event.message
    return event.turn, event.fact.type_name(), message and _said(message)


def _said(message: Message) -> tuple[Any, ...]:
    calls = tuple((call.tool, json.dumps(call.arguments)) for call in message.tool_calls)
    return message.turn, message.role, message.agent, message.content, message.outcome, calls


def _may_differ(event: Event) -> bool:
    return is_of_recovery(event) or isinstance(event.fact, OF_TRIES)


def _check_ended_turns_are_silent(events: Iterable[Event]) -> None:
    """Nobody says or asks a model anything in a turn that has ended."""
    ended: set[int] = set()
    for event in events:
        is_work = isinstance(event.fact, (LlmRequestCompleted, LlmRequestFailed))
        is_said = event.message is not None and event.message.role is Role.ASSISTANT
        assert not ((is_work or is_said) and event.turn in ended), f"turn {event.turn} goes on after its end"
        if isinstance(event.fact, ENDS):
            ended.add(event.turn)


def _check_owed(store: MemoryStore, key: SessionKey, pending: Iterable[Event]) -> None:
    waiting = [event.fact for event in pending]
    session = store.heads[key]
    is_asked_for = any(isinstance(fact, TurnRequested) for fact in waiting)
    assert not session.is_turn_owed or is_asked_for, "a turn is owed, and no message will bring it back"
    seen_to = {fact.call_id for fact in waiting if isinstance(fact, ApprovalRequested)}
    assert seen_to.issuperset(session.awaiting_approval), "an approval is pending, and no message will see to its end"


def _pending_facts(world: World, raw: Raw, key: SessionKey) -> Iterator[Event]:
    """Yield what queues, stream and operators still have to do for a session."""
    for message in world.held.messages:
        event = from_envelope(json.loads(message.body))
        if event.key == key:
            yield event
    parked = {commit.last_seq for commit in world.held.parked if commit.key == key}
    for place, item in commits_in(raw):
        commit = _events(item)
        if commit[-1].key == key and (place not in world.held.relayed or commit[-1].seq in parked):
            yield from commit


def _check_lock(world: World, store: MemoryStore, key: SessionKey) -> None:
    _, until = store.locks.get(key, (None, START))
    latest = START + timedelta(seconds=world.clock.seconds + LEASE_SECONDS)
    assert until <= latest, "a lock is held for longer than a lease"


def _check_contents(world: World, store: MemoryStore) -> None:
    for events in store.events.values():
        for event in events:
            sha256 = event.message.stored_sha256 if event.message else None
            assert sha256 is None or any(name.endswith(sha256) for name in world.held.objects), "content is gone"


def _check_published(world: World, key: SessionKey, commits: list[tuple[Event, ...]], parked: set[int]) -> None:
    """Every fact was taken at least once or waits with its commit, and the first time each came it came in order."""
    taken = [event.seq for event in world.held.published if event.key == key]
    waiting = {event.seq for commit in commits if commit[-1].seq in parked for event in commit}
    assert set(taken) | waiting == {event.seq for commit in commits for event in commit}
    first = list(dict.fromkeys(taken))
    assert world.held.was_refusing or first == sorted(first), "facts came out of order"


def _commits(raw: Raw, key: SessionKey) -> list[tuple[Event, ...]]:
    found = [_events(item) for _, item in commits_in(raw)]
    return [commit for commit in found if commit[-1].key == key]


def _events(item: dict[str, Any]) -> tuple[Event, ...]:
    return tuple(LogMapper().to_entity(CommitItem.from_raw_data(dict(item))))


def _has(kind: type, commit: Iterable[Event]) -> bool:
    return any(isinstance(event.fact, kind) for event in commit)
