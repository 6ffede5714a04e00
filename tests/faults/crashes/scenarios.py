"""Lives of sessions that between them see every function at work and every fact told: all are crashed everywhere."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from domain.services.deployment import Limits
from tests.faults.crashes.life import Life
from tests.faults.crashes.world import BACK

APPROVAL_SECONDS = Limits().approval_seconds
MUCH = "y" * 300_000
"""More than an item of the log may hold."""

SAYS = "[[say done]]"
THEN = "[[then]]"
READS = '[[tool read_file {"path": "a.py"}]]'
RUNS = '[[tool execute_command {"command": "make"}]]'
DELETES = '[[tool delete_file {"path": "a.py"}]]'
COMPUTES = '[[tool calculator {"expr": "6*7"}]]'
ENDS = '[[tool attempt_completion {"result": "It is done."}]]'
ASKS = '[[tool ask_followup_question {"question": "Which?", "suggestions": ["a", "b"]}]]'
HANDS_OVER = '[[tool switch_mode {"mode": "debug"}]]'
HANDS_TO_NOBODY = '[[tool switch_mode {"mode": "orchestrator"}]]'
FORBIDDEN = '[[tool read_file {"path": "/etc/passwd"}]]'
FAILS = "[[fail 400 x999999]]"
BREAKS = "[[fail 500 x999999]]"


def _plans(*does: str) -> str:
    """Return the directive that proposes a plan whose subtasks, each after the one before, are told to do these."""
    subtasks = [
        {
            "title": f"Step {place}",
            "description": told,
            "agent": "coder",
            "estimated_time_minutes": 5,
            "dependencies": [place - 1] if place else [],
        }
        for place, told in enumerate(does)
    ]
    arguments = {"title": "Lock it", "description": "A lock.", "subtasks": subtasks}
    return f"[[tool create_plan {json.dumps(arguments)}]]"


def _create(life: Life) -> None:
    life.watch()
    life.creates(title="First look", tools=[], policies=[])


def _answer(life: Life) -> None:
    life.creates("orchestrator")
    life.watch()
    life.says("[[agent ask]]", SAYS).works()


def _slow_answer(life: Life) -> None:
    life.creates().says("[[delay 3]]", SAYS).watch()
    life.works()


def _tool_round(life: Life) -> None:
    life.creates().says(READS, READS, THEN, ENDS).works().watch()
    life.gives().gives(error="No such file.").works()


def _server_tools(life: Life) -> None:
    life.creates().says(COMPUTES, THEN, FORBIDDEN, THEN, HANDS_TO_NOBODY, THEN, HANDS_OVER, THEN, ENDS).watch()
    life.works()


def _large(life: Life) -> None:
    life.creates().says(READS, THEN, SAYS).works().watch()
    life.gives(MUCH).works()


def _approval(decision: str, **fields: Any) -> Callable[[Life], None]:
    def play(life: Life) -> None:
        life.creates().says(RUNS, THEN, SAYS).works().watch()
        life.decides(decision, **fields).works()
        if decision != "reject":
            life.gives().works()

    return play


def _asking(life: Life) -> None:
    life.creates().says(RUNS, THEN, SAYS).watch()
    life.works()


def _expiry(life: Life) -> None:
    life.creates().says(RUNS, THEN, SAYS).works().watch()
    life.sleeps(APPROVAL_SECONDS).works()


def _late_decision(life: Life) -> None:
    life.creates().says(RUNS, DELETES, THEN, SAYS).works().sleeps(APPROVAL_SECONDS).watch()
    life.sweeps().works()


def _two_gated(life: Life) -> None:
    life.creates().says(RUNS, DELETES, READS, THEN, SAYS).works().watch()
    life.decides("approve").decides("reject").gives().gives().works()


def _queued(life: Life) -> None:
    life.creates().says("[[say one]]").says("[[say two]]").says("[[say three]]").watch()
    life.works()


def _cancel_queued(life: Life) -> None:
    life.creates().says(SAYS).says(SAYS).watch()
    life.cancels().works()


def _cancel_asking(life: Life) -> None:
    life.creates().says(RUNS, READS).works().watch()
    life.cancels().works()


def _move_on(life: Life) -> None:
    life.creates().says(RUNS).works().watch()
    life.says(SAYS).works()


def _interrupt(life: Life) -> None:
    life.creates().says(SAYS).watch()
    life.says("[[say instead]]", on_busy="interrupt").works()


def _switch(life: Life) -> None:
    life.creates("orchestrator").watch()
    life.switches("debug").says(SAYS).works()


def _switch_interrupting(life: Life) -> None:
    life.creates().says(RUNS).works().watch()
    life.switches("ask", on_busy="interrupt").works()


def _update(life: Life) -> None:
    life.creates().watch()
    life.updates(title="Renamed", policies=[]).updates(is_active=False).updates(is_active=True)


def _plan(life: Life) -> None:
    life.creates("architect").says(_plans(f"{READS} {THEN} {ENDS}", ENDS)).works().watch()
    life.decides("approve").works().gives().works()


def _plan_created(life: Life) -> None:
    life.creates("architect").says(_plans(ENDS)).watch()
    life.works()


def _plan_edited(life: Life) -> None:
    life.creates("architect").says(_plans(ENDS), THEN, SAYS).works().watch()
    life.decides("edit", feedback="Smaller.").works()


def _plan_rejected(life: Life) -> None:
    life.creates("architect").says(_plans(ENDS)).works().watch()
    life.decides("reject", feedback="No.").works()


def _plan_failing(action: str) -> Callable[[Life], None]:
    def play(life: Life) -> None:
        life.creates("architect").says(_plans(FAILS, ENDS)).works().decides("approve").watch()
        life.works().decides_plan(action).works()

    return play


def _plan_cancelled(life: Life) -> None:
    life.creates("architect").says(_plans(READS, ENDS)).works().decides("approve").works().watch()
    life.decides_plan("cancel").works()


def _plan_asking(life: Life) -> None:
    life.creates("architect").says(_plans(f"{ASKS} {THEN} {ENDS}", ENDS)).works().decides("approve").works().watch()
    life.says(ENDS).works()


def _model_down(life: Life) -> None:
    life.creates().says(BREAKS).watch()
    life.works().says(f"[[say {BACK}]]").works()


def _given_up(life: Life) -> None:
    life.creates().says(SAYS).says("[[say after]]").loses_workers(4).watch()
    life.works()


def _dead_letter(life: Life) -> None:
    life.creates().says(SAYS).watch()
    life.gives_up().works()


def _dead_letter_before_a_queue(life: Life) -> None:
    life.creates().says(SAYS).says("[[say after]]").watch()
    life.gives_up().works()


def _dead_letter_behind_a_dead_worker(life: Life) -> None:
    life.creates().says(SAYS).loses_workers(1).sleeps(3).watch()
    life.gives_up().works()


def _publish(life: Life) -> None:
    life.watch("publish_events")
    life.creates().says(READS, RUNS, THEN, SAYS).publishes()
    life.says(SAYS).says(SAYS).says(SAYS).cancels().publishes()


def _publish_refused(life: Life) -> None:
    life.watch("publish_events")
    life.creates().says(SAYS)
    life.world.held.refusals.update({"MessageAdded": 2, "TurnRequested": 99})
    life.publishes()


SCENARIOS: Mapping[str, Callable[[Life], None]] = {
    "create": _create,
    "answer": _answer,
    "slow-answer": _slow_answer,
    "tool-round": _tool_round,
    "server-tools": _server_tools,
    "large-content": _large,
    "asking": _asking,
    "approve": _approval("approve"),
    "edit": _approval("edit", modified_arguments={"command": "ls"}),
    "reject": _approval("reject", feedback="No."),
    "expire": _expiry,
    "sweep": _late_decision,
    "two-gated": _two_gated,
    "queued": _queued,
    "cancel-queued": _cancel_queued,
    "cancel-asking": _cancel_asking,
    "move-on": _move_on,
    "interrupt": _interrupt,
    "switch": _switch,
    "switch-interrupting": _switch_interrupting,
    "update": _update,
    "plan": _plan,
    "plan-created": _plan_created,
    "plan-edited": _plan_edited,
    "plan-rejected": _plan_rejected,
    "plan-retried": _plan_failing("retry"),
    "plan-skipped": _plan_failing("skip"),
    "plan-cancelled": _plan_cancelled,
    "plan-asking": _plan_asking,
    "model-down": _model_down,
    "given-up": _given_up,
    "dead-letter": _dead_letter,
    "dead-letter-queued": _dead_letter_before_a_queue,
    "dead-letter-dead-worker": _dead_letter_behind_a_dead_worker,
    "publish": _publish,
    "publish-refused": _publish_refused,
}
"""By name: what happens, and from where on its invocations are crashed."""

DEPENDS_ON_WHO_COMES_FIRST = frozenset({"dead-letter-queued"})
"""Scenarios that may end in more than one way: a worker may answer the turn that a dead letter would have failed."""
