"""Sessions under everything that people, clients, models, queues and crashes can do, in any order."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain.model.agent import AgentType
from domain.model.approval import ApprovalStatus, arguments_hash
from domain.model.errors import (
    AgentSwitchError,
    ApprovalAlreadyDecided,
    ApprovalExpired,
    ApprovalNotFound,
    ApprovalRequired,
    InvalidInput,
    Refusal,
    SessionBusy,
    SessionInactive,
    ToolCallClosed,
    ToolCallNotFound,
)
from domain.model.message import FINAL, CallStatus
from domain.model.policy import RequestType
from domain.model.value import CallId, SessionKey
from tests.support import invariants
from tests.support.cloud import APPROVAL_SECONDS
from tests.support.exploring import explore
from tests.support.machinery import MOST_WORKERS, RARELY, MachineryMachine
from tests.support.sayings import EDITS, INDEX, RESULTS, ROUND

UNKNOWN = CallId("999-0")
ENDS = {
    "approve": ApprovalStatus.APPROVED,
    "edit": ApprovalStatus.EDITED,
    "badly edit": ApprovalStatus.EDITED,
    "reject": ApprovalStatus.REJECTED,
}
REACHED = {
    *(f"tool {status.value}" for status in ApprovalStatus if status is not ApprovalStatus.PENDING),
    *(f"call {status}" for status in ("done", "failed", "rejected", "expired", "cancelled")),
    *("TurnCompleted", "TurnFailed", "TurnCancelled", "TurnRecovered", "LockLost", "SessionReactivated"),
    *("ToolCallRefused", "AgentSwitched", "AgentSwitchRefused", "PlanCreated"),
    *("expired by its message", "expired by a decision", "message came early", "ran edited arguments"),
}


class SessionMachine(MachineryMachine):
    """What users and their clients do, between everything else."""

    @precondition(lambda self: not self.head.open_calls)
    @rule(
        on_busy=st.sampled_from(["enqueue", "enqueue", "reject", "interrupt"]),
        agent=st.sampled_from([None, None, AgentType.ASK, AgentType.ARCHITECT, AgentType.ORCHESTRATOR]),
    )
    def say(self, on_busy: str, agent: AgentType | None) -> None:
        """A message is accepted unless it must not wait and would have to."""
        self._say(on_busy, agent)

    @precondition(lambda self: self.head.open_calls)
    @rule(is_meant=RARELY)
    def move_on(self, *, is_meant: bool) -> None:
        """A message comes while the client or a person is waited for: rarely, since nothing is waited for any more."""
        if is_meant:
            self._say("enqueue", None)
            assert not self.head.open_calls

    def _say(self, on_busy: str, agent: AgentType | None) -> None:
        before = self.head
        refusal: type[Refusal] | None = (
            SessionBusy if on_busy == "reject" and before.turn.status not in invariants.OVER else None
        )
        refusal = refusal if before.is_active else SessionInactive
        if not self._refuses(refusal, lambda: self.cloud.system.say(self.key, on_busy=on_busy, agent=agent)):
            assert self.head.last_turn > before.last_turn

    @precondition(lambda self: not self.head.open_calls)
    @rule(agent=st.sampled_from([AgentType.CODER, AgentType.ARCHITECT]), rounds=st.lists(ROUND, min_size=1, max_size=4))
    def converse(self, agent: AgentType, rounds: list[Any]) -> None:
        """A message is answered at once where nothing stands in the way, so that deep states are reached often."""
        self._say("enqueue", agent)
        if self.cloud.due and len(self.cloud.running) < MOST_WORKERS:
            self.deliver(-1, rounds, is_short=False)

    @rule(which=INDEX, result=RESULTS, outcome=st.sampled_from(["ran", "ran", "result", "error"]))
    def give(self, which: int, result: Any, outcome: str) -> None:
        """A result is accepted for a granted call, once, and kept exactly."""
        self._give(self._one_of(self.cloud.store.calls, which), outcome, result)

    def _give(self, call_id: CallId, outcome: str, result: Any = None) -> None:
        key, store = self.key, self.cloud.store
        call = store.calls.get((key, call_id))
        refusal: type[Refusal] | None = None
        if call is None:
            refusal = ToolCallNotFound
        elif not self.head.is_active:
            refusal = SessionInactive
        elif call.status in FINAL:
            refusal = ToolCallClosed
        elif call.status is CallStatus.AWAITING_APPROVAL:
            refusal = ApprovalRequired
        if outcome == "ran":
            result = {"ran": self._shown(call_id)}
        given = {"error": "It broke."} if outcome == "error" else {"result": result}
        if self._refuses(refusal, lambda: self.cloud.system.give(key, call_id, **given)):
            return
        end = CallStatus.FAILED if outcome == "error" else CallStatus.DONE
        assert store.calls[key, call_id].status is end
        (kept,) = [
            event.message for event in store.events[key] if event.message and event.message.tool_call_id == call_id
        ]
        if outcome == "ran":
            self.ran[call_id] = json.loads(kept.content)["ran"]
            self.reached["ran edited arguments"] += store.calls[key, call_id].edited is not None
        elif outcome == "result":
            assert kept.content == result if isinstance(result, str) else json.loads(kept.content) == result

    @rule(which=INDEX, decision=st.sampled_from(list(ENDS)), has_feedback=st.booleans())
    def decide(self, which: int, decision: str, *, has_feedback: bool) -> None:
        """A decision is taken once, in time, and is what the person said."""
        self._decide(self._one_of(self.cloud.store.approvals, which), decision, has_feedback=has_feedback)

    def _decide(self, call_id: CallId, decision: str, *, has_feedback: bool) -> None:
        key, store = self.key, self.cloud.store
        before = store.approvals.get((key, call_id))
        is_plan = before is not None and before.request_type is RequestType.PLAN
        fields: dict[str, Any] = {"feedback": "Otherwise."} if has_feedback or is_plan or before is None else {}
        if decision == "badly edit":
            fields |= {"modified_arguments": {"nonsense": 1}}
        elif decision == "edit" and before and not is_plan:
            fields |= {"modified_arguments": EDITS[before.subject]}
        refusal: type[Refusal] | None = None
        now = before.status_at(self.cloud.clock.now()) if before else None
        if before is None:
            refusal = ApprovalNotFound
        elif not self.head.is_active:
            refusal = SessionInactive
        elif now is ApprovalStatus.EXPIRED:
            refusal = ApprovalExpired
        elif now is not ApprovalStatus.PENDING:
            refusal = ApprovalAlreadyDecided
        elif decision == "badly edit":
            refusal = InvalidInput
        writes = refusal is ApprovalExpired and before is not None and before.status is ApprovalStatus.PENDING
        verb = decision.removeprefix("badly ")
        refused = self._refuses(refusal, lambda: self.cloud.system.decide(key, call_id, verb, **fields), writes=writes)
        after = store.approvals.get((key, call_id))
        if writes:
            assert after
            assert after.status is ApprovalStatus.EXPIRED
            self.reached["expired by a decision"] += 1
        elif refused:
            assert after == before
        else:
            assert after
            assert (after.status, after.feedback) == (ENDS[decision], fields.get("feedback"))
            assert after.modified_arguments == fields.get("modified_arguments")

    @precondition(lambda self: self.head.awaiting_approval)
    @rule(which=INDEX, decision=st.sampled_from(["approve", "approve", "edit", "edit", "reject"]))
    def answer(self, which: int, decision: str) -> None:
        """What waits for a person is decided upon, if it is not too late."""
        awaiting = self.head.awaiting_approval
        self._decide(awaiting[which % len(awaiting)], decision, has_feedback=True)

    @precondition(lambda self: self.head.awaiting_approval)
    @rule(who=st.sampled_from(["message", "decision"]))
    def be_late(self, who: str) -> None:
        """Nobody decides in time; the first to notice is the queue's message, or who decides too late."""
        call_id = self.head.awaiting_approval[0]
        self.cloud.pass_time(APPROVAL_SECONDS + 1)
        messages = [message for message in self.cloud.expiries.due if message.fact.call_id == call_id]
        if who == "message" and messages:
            self._let_expire(messages[0])
        else:
            self._decide(call_id, "approve", has_feedback=False)

    @precondition(lambda self: len(self.head.open_calls) > len(self.head.awaiting_approval))
    @rule()
    def carry_out(self) -> None:
        """The client runs what it may run, exactly as it is shown."""
        self._give(next(call for call in self.head.open_calls if call not in self.head.awaiting_approval), "ran")

    @rule(is_meant=RARELY)
    def cancel(self, *, is_meant: bool) -> None:
        """Nothing is in progress any more; rarely, or nothing would ever be."""
        if not is_meant:
            return
        if not self._refuses(self._if_inactive(), lambda: self.cloud.system.cancel(self.key), writes=None):
            assert self.head.turn.status in invariants.OVER

    @rule(
        agent=st.sampled_from([AgentType.CODER, AgentType.ARCHITECT, AgentType.ASK, AgentType.UNIVERSAL]),
        on_busy=st.sampled_from(["reject"] * 4 + ["interrupt"]),
    )
    def switch(self, agent: AgentType, on_busy: str) -> None:
        """The agent chosen speaks from now on; what was in progress is over when it may be interrupted."""
        before = self.head
        refusal = self._if_inactive()
        if refusal is None and agent is before.agent.current_agent:
            refusal = AgentSwitchError
        elif refusal is None and on_busy == "reject" and before.turn.status not in invariants.OVER:
            refusal = SessionBusy
        if not self._refuses(refusal, lambda: self.cloud.system.switch(self.key, agent, on_busy=on_busy)):
            assert self.head.agent.current_agent is agent
            assert not self.head.open_calls

    @precondition(lambda self: not self.head.is_active or self.head.last_turn > 2)
    @rule(is_deactivated=RARELY)
    def activate(self, *, is_deactivated: bool) -> None:
        """A session that is not active takes nothing but its activation."""
        refusal = self._if_inactive() if is_deactivated else None
        is_active = not is_deactivated
        self._refuses(refusal, lambda: self.cloud.system.update(self.key, is_active=is_active), writes=None)
        assert self.head.is_active == is_active

    def _one_of(self, known: Iterable[tuple[SessionKey, CallId]], which: int) -> CallId:
        """Return a call, mostly an open one, sometimes a closed one, or one that is not there."""
        others = (*reversed([call_id for owner, call_id in known if owner == self.key]), UNKNOWN)
        candidates = (*[call_id for call_id in self.head.open_calls if call_id in others] * 4, *others)
        return candidates[which % len(candidates)]

    def _if_inactive(self) -> type[Refusal] | None:
        return None if self.head.is_active else SessionInactive

    def _refuses(
        self, refusal: type[Refusal] | None, ask: Callable[[], object], *, writes: bool | None = False
    ) -> bool:
        """Ask for something; nothing may be written when it is refused, unless it is known what for."""
        before = self.head
        if refusal:
            with pytest.raises(refusal):
                ask()
        else:
            ask()
        assert writes is None or (self.head == before) == (refusal is not None and not writes)
        self.cloud.relay()
        return refusal is not None

    def _shown(self, call_id: CallId) -> str:
        """Return the hash of the arguments that the client is shown for a call, as it would run them."""
        shown = [call for message in self.cloud.system.messages(self.key) for call in message.tool_calls]
        return next((arguments_hash(call.arguments) for call in shown if call.call_id == call_id), "")


def test_session_stays_consistent_when_anything_happens_in_any_order() -> None:
    """Every invariant holds after every step, and the steps really come where it is interesting."""
    explore(SessionMachine, REACHED, examples=250)
