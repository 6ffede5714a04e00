"""Every command at once on one session: what each client sends is drawn from a seed, what it meets is chance.

A seed fixes what each client would do next; threads and processes decide when, so a race is repeated in kind, not in
its every step.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from typing import Any

from domain.model.llm import ModelAnswer, ModelRequest
from domain.model.value import SessionKey
from tests.support.builders import calls, completes, hands_to, reads, routes_to, text, wants
from tests.support.histories import Client, Operation
from tests.support.plans import make_plan_arguments
from tests.support.session_state import Json
from tests.support.system import System

AGENTS = ("coder", "architect", "ask")
RUN = wants("execute_command", command="make test")
PLAN = calls(wants("create_plan", **make_plan_arguments((), (0,), ())))
ANSWERS: tuple[ModelAnswer, ...] = (
    text("An answer."),
    calls(*reads("a.py", "b.py")),
    calls(RUN),
    calls(RUN, *reads("a.py")),
    PLAN,
    PLAN,
    completes(),
    hands_to("architect"),
    calls(wants("ask_followup_question", question="Which?", suggestions=["A", "B"])),
)
SHARED = 3
"""Every third step is the same for all clients, under one key; one of five sends another body with it."""
KEYED = 0.3
"""Part of the other steps that carry a key of their own."""


@dataclass(frozen=True)
class Fickle:
    """A model that says something else to every question, the same to the same.

    Attributes:
        seed: Of the race.
        seconds: It takes at most.
    """

    seed: int
    seconds: float = 0.03
    name: str = "fickle"

    def complete(self, request: ModelRequest) -> ModelAnswer:
        """Return one of a few answers after a while."""
        newest = request.messages[-1]
        chance = Random(f"{self.seed} {newest.turn} {newest.seq} {len(request.messages)}")  # noqa: S311  # repeatable
        time.sleep(chance.uniform(0, self.seconds))
        if request.response_schema:
            return routes_to(chance.choice(AGENTS))
        return chance.choice(ANSWERS)


def _create(_: Client, chance: Random) -> Json:
    return {"agent": chance.choice(AGENTS)}


def _say(_: Client, chance: Random) -> Json:
    on_busy = chance.choice(("enqueue", "enqueue", "enqueue", "reject", "interrupt"))
    agent = {"agent": chance.choice(AGENTS)} if chance.random() < 0.3 else {}
    return {"content": f"message {chance.getrandbits(40):x}", "on_busy": on_busy, **agent}


def _give(client: Client, chance: Random) -> Json:
    messages = _items(client.do("list_messages", limit=200))
    asked = [call for message in messages for call in message.get("tool_calls", ())]
    ready = [call["call_id"] for call in asked if call["status"] in {"pending", "approved"}]
    call_id = chance.choice(ready[-2:] or [call["call_id"] for call in asked] or ["1-0"])
    outcome = {"error": "gone"} if chance.random() < 0.2 else {"result": f"result {chance.getrandbits(40):x}"}
    return {"call_id": call_id, **outcome}


def _update(_: Client, chance: Random) -> Json:
    if chance.random() < 0.15:
        return {"is_active": False}
    # Whoever comes after one that deactivates lets the others go on.
    return {"is_active": True} | ({"title": f"title {chance.getrandbits(8):x}"} if chance.random() < 0.7 else {})


def _switch(_: Client, chance: Random) -> Json:
    return {"target_agent": chance.choice(AGENTS), "on_busy": chance.choice(("reject", "interrupt"))}


def _cancel(_: Client, __: Random) -> Json:
    return {}


def _decide(client: Client, chance: Random) -> Json:
    approvals = _items(client.do("list_approvals"))
    pending = [approval for approval in approvals if approval["status"] == "pending"]
    candidates = pending or approvals
    if not candidates:
        return {"approval_id": "a-1-0", "decision": "approve"}
    approval = chance.choice(candidates)
    decision = chance.choice(("approve", "approve", "approve", "edit", "reject"))
    fields = {"approval_id": approval["id"], "decision": decision}
    if decision != "edit":
        return fields
    is_plan = approval["request_type"] == "plan"
    return fields | ({"feedback": "smaller"} if is_plan else {"modified_arguments": {"command": "make check"}})


def _steer(client: Client, chance: Random) -> Json:
    client.do("get_plan")
    action = chance.choice(("retry", "skip", "skip", "cancel"))
    named = {"subtask_id": str(chance.randint(1, 4))} if action == "skip" else {}
    return {"action": action, **named}


def _look(client: Client, chance: Random) -> None:
    name = chance.choice(sorted(READS))
    client.do(name, **READS[name])


SENDS: Mapping[str, Callable[[Client, Random], Json]] = {
    "add_message": _say,
    "add_tool_result": _give,
    "cancel_turn": _cancel,
    "create_session": _create,
    "decide_approval": _decide,
    "decide_plan": _steer,
    "switch_agent": _switch,
    "update_session": _update,
}
"""Every command that a client can send, and how it comes by its fields."""
READS: Mapping[str, Json] = {
    "get_agent_context": {},
    "get_plan": {},
    "get_session": {},
    "list_approvals": {},
    "list_events": {"after": 7, "limit": 40},
    "list_messages": {"after": 5, "limit": 20},
}
"""Every query about one session, and with what it is asked."""
LIKELY: Mapping[str, Mapping[str, int]] = {
    "idle": {"add_message": 12, "decide_plan": 8},
    "failed": {"add_message": 12, "decide_plan": 8},
    "running": {"add_message": 2, "decide_plan": 4},
    "waiting_for_tools": {"add_tool_result": 80},
    "waiting_for_approval": {"decide_approval": 80, "add_tool_result": 8},
    "inactive": {"update_session": 80},
}
"""What clients prefer to send where the session stands; everything else weighs 1."""
LOOKS = 6
LOOK_SECONDS = 0.1
"""Clients look again a few times before they interrupt a worker, each after a random part of this."""


def send_everything(system: System, racer: int, *, seed: int, key: SessionKey, steps: int) -> list[Operation]:
    """Send `steps` commands, some the same as everybody else does, and look in between; return all that was done."""
    client = Client(system, key, f"seed-{seed}-client-{racer}")
    own = Random(f"{seed} {racer}")  # noqa: S311  # repeatable
    client.do("create_session", key="created", **_create(client, Random(seed)))  # noqa: S311  # same
    for step in range(steps):
        is_shared = step % SHARED == 0
        chance = Random(f"{seed} step {step}") if is_shared else own  # noqa: S311  # same
        name = _choice(client, chance)
        fields = SENDS[name](client, chance)
        if is_shared:
            client.do(name, key=_key(step, fields), **_twisted(name, fields, racer))
        else:
            client.do(name, key=f"{client.name}-{step}" if own.random() < KEYED else None, **fields)
        _look(client, own)
    return client.done


def _choice(client: Client, chance: Random) -> str:
    session = client.do("get_session").answer
    for _ in range(chance.randrange(LOOKS)):
        if session and session["turn"]["status"] == "running":
            time.sleep(chance.uniform(0, LOOK_SECONDS))
            session = client.do("get_session").answer
    stands = (session["turn"]["status"] if session["is_active"] else "inactive") if session else "idle"
    names = sorted(SENDS)
    return chance.choices(names, [LIKELY[stands].get(name, 1) for name in names])[0]


def _key(step: int, fields: Json) -> str:
    """The key of a shared step; clients that found another call or approval open mean another thing."""
    aim = {name: value for name, value in fields.items() if name in {"call_id", "approval_id"}}
    return f"step-{step}-" + sha256(repr(aim).encode()).hexdigest()[:8]


def _twisted(name: str, fields: Json, racer: int) -> Json:
    changes: dict[str, Json] = {"add_message": {"content": "another body"}, "update_session": {"title": "another"}}
    return fields | changes.get(name, {}) if racer % 5 == 4 else fields


def _items(operation: Operation) -> list[Any]:
    return list((operation.answer or {"items": ()})["items"])
