"""What a client does in a scenario, and what arrives by itself: as events of Lambda, remembered one by one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.model.value import SessionKey
from functions.adapters.models.resilient import OPERATION as MODEL
from functions.catalog import CATALOG, Commits, Route, row
from tests.faults.crashes.fate import Fate, Mode
from tests.faults.crashes.world import Arrival, Moment, World
from tests.support.edge import Response
from tests.support.samples import sample, sample_key
from tests.support.stored import stored

SOONER_SECONDS = 60
"""Whatever comes back within this time is worked on when a client waits for an answer."""


@dataclass(frozen=True)
class Step:
    """One invocation of a scenario that lived.

    Attributes:
        before: Everything, right before it.
        operations: What it asked its neighbours, in order.
    """

    before: Moment
    arrival: Arrival
    operations: tuple[str, ...]


class Life:
    """One session and its client.

    Attributes:
        steps: Invocations since `watch`, in order.
        key: The session.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.key: SessionKey = sample_key()
        self.steps: list[Step] = []
        self._watched: frozenset[str] = frozenset()
        self._requests = 0

    def watch(self, *functions: str) -> None:
        """Remember from now on every invocation of these functions; of all but the relay when none is named."""
        all_but_relay = {function.name for function in CATALOG if not isinstance(function.trigger, Commits)}
        self._watched = frozenset(functions or all_but_relay)

    def send(self, function: str, fields: Mapping[str, Any] | None = None, **path: str) -> Response:
        """Send a request with a key of its own and return the answer, which must not be a defect."""
        self._requests += 1
        answer = self.arrive(Arrival(function, request(function, fields, key=f"key-{self._requests}", **path)))
        response = Response(answer["statusCode"], answer["headers"], answer["body"])
        trigger = row(function).trigger
        assert isinstance(trigger, Route)
        assert response.status == trigger.status, response.body
        return response

    def creates(self, agent: str = "coder", **fields: Any) -> "Life":
        """Create the session."""
        self.send("create_session", {"session_id": self.key.session_id, "agent": agent} | fields)
        return self

    def says(self, *directives: str, **fields: Any) -> "Life":
        """Say something to the model, in directives of the offline one."""
        self.send("add_message", {"content": " ".join(directives)} | fields)
        return self

    def gives(self, result: Any = "x = 1", **outcome: Any) -> "Life":
        """Give the result of the oldest call that may be carried out."""
        head = self._store().heads[self.key]
        call_id = next(one for one in head.open_calls if one not in head.awaiting_approval)
        self.send("add_tool_result", {"call_id": call_id} | (outcome or {"result": result}))
        return self

    def decides(self, decision: str, **fields: Any) -> "Life":
        """Decide the oldest approval that is pending."""
        call_id = self._store().heads[self.key].awaiting_approval[0]
        self.send("decide_approval", {"decision": decision} | fields, approval_id=f"a-{call_id}")
        return self

    def decides_plan(self, action: str) -> "Life":
        """Retry or skip the subtask that failed, or cancel the plan."""
        self.send("decide_plan", {"action": action})
        return self

    def cancels(self) -> "Life":
        """Stop what the session is doing."""
        self.send("cancel_turn")
        return self

    def switches(self, target_agent: str, **fields: Any) -> "Life":
        """Choose who speaks."""
        self.send("switch_agent", {"target_agent": target_agent} | fields)
        return self

    def updates(self, **fields: Any) -> "Life":
        """Change the session."""
        self.send("update_session", fields)
        return self

    def sweeps(self) -> "Life":
        """Let the schedule look for approvals that nobody has seen to."""
        self.arrive(Arrival("sweep_approvals", sample("sweep_approvals")))
        return self

    def works(self) -> "Life":
        """Let stream and queues do what is due; whatever waits for a person longer than a minute goes on waiting."""
        world = self.world
        latest = world.clock.seconds + SOONER_SECONDS
        while arrival := world.unpublished() or world.due(latest):
            self.arrive(arrival)
        return self

    def publishes(self) -> "Life":
        """Let the stream deliver what was committed since the last time, in one batch."""
        if batch := self.world.unpublished():
            self.arrive(batch)
        return self

    def sleeps(self, seconds: float) -> "Life":
        """Let time pass."""
        self.world.clock.advance(seconds)
        return self

    def loses_workers(self, number: int) -> "Life":
        """Let workers die over the turn, each when the model has answered."""
        self.publishes()
        for _ in range(number):
            arrival = self.world.due(self.world.clock.seconds + SOONER_SECONDS)
            assert arrival
            self.world.arrive(arrival, Fate(Mode.KILLED_AFTER, operation=MODEL))
        return self

    def gives_up(self) -> "Life":
        """Let the queue give its oldest message up."""
        self.publishes()
        message = self.world.held.messages[0]
        self.arrive(self.world.bury(message))
        return self

    def arrive(self, arrival: Arrival) -> Any:
        """Let a function see to what arrives, and remember that."""
        is_watched = arrival.function in self._watched
        before = self.world.moment() if is_watched else None
        fate = Fate()
        struck = self.world.arrive(arrival, fate)
        if before:
            self.steps.append(Step(before, arrival, tuple(fate.operations)))
        return struck.result

    def _store(self) -> Any:
        return stored(self.world.raw())


def request(function: str, fields: Mapping[str, Any] | None, *, key: str, **path: str) -> dict[str, Any]:
    """Return the event of a request about the samples' session, with the idempotency key `key`."""
    event = sample(function)
    event["headers"] |= {"Idempotency-Key": key}
    event["pathParameters"] = (event["pathParameters"] or {}) | path or None
    event["body"] = None if fields is None else json.dumps(fields)
    return event
