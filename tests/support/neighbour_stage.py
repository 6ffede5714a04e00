"""A scene on its stage: a table of its own, the deployed service, its neighbours, and what is left in the end."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from math import inf
from typing import Any

from domain.model.errors import LostRace, SessionNotFound, StorageUnavailable
from domain.model.lock import COVER_SECONDS
from domain.model.value import SessionKey
from domain.ports import ModelClient
from functions.catalog import Route, row
from functions.runtime.settings import Settings
from tests.support.dynamodb import plain_client, table
from tests.support.edge import LambdaContext, started
from tests.support.fakes import FakeClock, ScriptedModel
from tests.support.invariants import is_of_recovery
from tests.support.neighbour_faults import fault_named
from tests.support.neighbour_scenes import Given, Scene
from tests.support.neighbours import Neighbours, surrounded
from tests.support.samples import sample_key
from tests.support.system import System

_numbers = count(1)


@dataclass(frozen=True)
class Outcome:
    """How an invocation ended.

    Attributes:
        status: HTTP status, or `done`, `comes back`, `raised`.
        code: Of a refusal.
        retry_after: Whether the client is told when to come again.
        seconds: How long it took by its own clock.
    """

    status: int | str
    code: str | None
    retry_after: bool
    seconds: float


class Stage:
    """One scene, prepared.

    Attributes:
        neighbours: All that the function may ask.
        system: The service.
        table: Its name.
    """

    def __init__(self, scene: Scene, system: System, neighbours: Neighbours, event: Given, table_name: str) -> None:
        self.scene = scene
        self.table = table_name
        self.system = system
        self.neighbours = neighbours
        self.key = sample_key()
        self._event = event
        self._function: Any = started(scene.function, system)
        self._invocations = count(1)
        self._begin()

    def _begin(self) -> None:
        self.neighbours.recover()
        if self.scene.down:
            self.neighbours.fail(self.scene.down, fault_named(self.scene.down, "connection reset").happen, times=inf)

    @property
    def is_http(self) -> bool:
        """Whether a client waits for the answer."""
        return isinstance(row(self.scene.function).trigger, Route)

    def invoke(self) -> Outcome:
        """Let Lambda call the function."""
        clock = self.neighbours.clock
        began = clock.seconds
        milliseconds = row(self.scene.function).timeout_seconds * 1000
        context = LambdaContext(f"invocation-{next(self._invocations)}", milliseconds)
        status: int | str = "done"
        code, retry_after = None, False
        try:
            answer: Any = self._function(self._event, context)
        except (StorageUnavailable, LostRace):
            # A schedule's work, which Lambda tries again.
            status = "raised"
        else:
            if self.is_http:
                status, retry_after = answer["statusCode"], "Retry-After" in answer["headers"]
                code = _code(answer)
            elif answer.get("batchItemFailures"):
                status = "comes back"
            elif answer.get("left"):
                status = "left"
        return Outcome(status, code, retry_after, clock.seconds - began)

    @contextmanager
    def another_worker(self) -> Iterator["Stage"]:
        """Return the same stage with a worker of its own, which knows nothing but what is stored."""
        settings = self.system.get(Settings)
        with surrounded(self.table, self.neighbours.clock, model_id=settings.model_id) as (system, neighbours):
            yield Stage(self.scene, system, neighbours, self._event, self.table)

    def recover(self) -> None:
        """Let everything work again, and the time pass after which a message is delivered again."""
        self._begin()
        self.pass_time()

    def pass_time(self) -> None:
        """Let the time pass after which a message is delivered again."""
        self.neighbours.clock.advance(COVER_SECONDS)

    def settle(self) -> None:
        """Deliver what a worker asked for that came too late for its own message: another worker goes on."""
        if self.scene.function == "run_turn" and self.system.session(self.key).is_turn_owed:
            self.recover()
            self.invoke()

    def left(self) -> dict[str, Any]:
        """Return what is left for the client and the world, as far as it must be the same whatever went wrong."""
        neighbours = self.neighbours
        neighbours.recover()
        world = {
            "objects": sorted(map(len, neighbours.objects.values())),
            "taken": sorted(set(neighbours.taken)),
            "parked": sorted(set(neighbours.parked)),
        }
        try:
            session = self.system.session(self.key)
        except SessionNotFound:
            return world
        events = self.system.events(self.key)
        return world | {
            "turn": (session.turn.number, session.turn.status, session.turn.error, session.queued),
            "open": session.open_calls,
            "agent": session.agent.current_agent,
            "title": session.title,
            "facts": [event.fact.type_name() for event in events if not is_of_recovery(event)],
            "messages": [(e.message.role, e.message.content, e.message.outcome) for e in events if e.message],
        }


def _code(answer: dict[str, Any]) -> str | None:
    code: str | None = json.loads(answer["body"]).get("code")
    return code


@dataclass(frozen=True)
class _Prepared:
    items: list[dict[str, Any]]
    objects: dict[str, bytes]
    event: Given
    seconds: float


class Stages:
    """Prepares each scene once, and sets it up as often as it is asked for, each time on a table of its own."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._client = plain_client(port)
        self._prepared: dict[str, _Prepared] = {}

    @contextmanager
    def set_up(self, name: str, scene: Scene, **settings: str) -> Iterator[Stage]:
        """Return the stage of a scene."""
        if name not in self._prepared:
            self._prepared[name] = self._prepare(scene)
        prepared = self._prepared[name]
        clock = FakeClock()
        clock.advance(prepared.seconds + scene.seconds)
        with table(self._client, f"stage-{next(_numbers)}") as table_name:
            for item in prepared.items:
                self._client.put_item(TableName=table_name, Item=item)
            with surrounded(table_name, clock, **settings) as (system, neighbours):
                neighbours.objects |= prepared.objects
                yield Stage(scene, system, neighbours, prepared.event, table_name)

    def _prepare(self, scene: Scene) -> _Prepared:
        clock, key = FakeClock(), sample_key()
        with table(self._client, f"stage-{next(_numbers)}") as name, surrounded(name, clock) as (system, neighbours):
            model = ScriptedModel()
            system.container.register(ModelClient, lambda: model)
            if scene.is_created:
                _create(system, key)
            scene.prepare(system, key)
            event = scene.event_of(system, key)
            items = self._client.scan(TableName=name)["Items"]
            return _Prepared(items, dict(neighbours.objects), event, clock.seconds)


def _create(system: System, key: SessionKey) -> None:
    system.create(key.session_id, key.user, title="First look")
