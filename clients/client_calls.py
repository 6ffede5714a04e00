"""The client's part of a turn: calls that are executed here, and approvals that are decided here."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from clients.api import AgentRuntimeApi
from clients.approval_views import Approval
from clients.approving import Approver, settle
from clients.problems import ApiProblem
from clients.tools.outcome import Outcome, ToolDone, ToolFailed
from clients.views import Event, JsonObject, ToolCall

_SERVER_TOOLS = frozenset(
    {"switch_mode", "attempt_completion", "ask_followup_question", "create_plan", "echo", "calculator"}
)
"""Executed at the server, whoever has to agree."""
_NOT_SENDABLE = frozenset({400, 413, 422})


class Executor(Protocol):
    """Carries out client tools; `Workspace` is one."""

    def execute(self, tool: str, arguments: JsonObject) -> Outcome:
        """Run `tool` and return its result or what kept it from having one.

        Whatever it raises ends following: the call stays open.
        """
        ...


class ClientCalls:
    """Takes the calls of a session in the model's order, each to its end before the next."""

    def __init__(
        self,
        api: AgentRuntimeApi,
        session_id: str,
        executor: Executor,
        approver: Approver | None,
        on_outcome: Callable[[ToolCall, Outcome], None],
        on_plan_granted: Callable[[], None],
    ) -> None:
        """Execute by `executor`; None as approver leaves decisions to others, whose word is waited for."""
        self._api = api
        self._session_id = session_id
        self._executor = executor
        self._approver = approver
        self._on_outcome = on_outcome
        self._on_plan_granted = on_plan_granted
        self._undecided: dict[str, ToolCall] = {}

    def hear(self, event: Event) -> None:
        """Do what an event asks of the client."""
        for call in () if event.message is None else event.message.tool_calls:
            if call.status == "awaiting_approval" and call.approval_id is not None:
                self._have_decided(call, call.approval_id)
            elif call.is_ours_to_run:
                self._run(call)
        if event.type in {"ApprovalGranted", "ApprovalEdited"}:
            # Ours were executed when they were decided; what is left has been decided elsewhere.
            call_of_others = self._undecided.pop(str(event.fields["approval_id"]), None)
            if call_of_others is not None:
                self._run(replace(call_of_others, status="approved"))

    def _have_decided(self, call: ToolCall, approval_id: str) -> None:
        self._undecided[approval_id] = call
        if self._approver is None:
            return
        approval = self._approval(approval_id, status="pending")
        decided = None if approval is None else settle(self._api, self._session_id, approval, self._approver)
        if decided is None:
            return  # not by us: a fact says what became of it
        del self._undecided[approval_id]
        if decided.is_granted and decided.request_type == "plan":
            self._on_plan_granted()
        elif decided.is_granted:
            self._execute(replace(call, arguments=decided.granted_arguments))

    def _run(self, call: ToolCall) -> None:
        if call.status == "approved" and call.approval_id is not None:
            approval = self._approval(call.approval_id)
            if approval is not None:
                call = replace(call, arguments=approval.granted_arguments)
        self._execute(call)

    def _approval(self, approval_id: str, *, status: str | None = None) -> Approval | None:
        approvals = self._api.list_approvals(self._session_id, status=status)
        return next((one for one in approvals if one.id == approval_id), None)

    def _execute(self, call: ToolCall) -> None:
        if call.tool in _SERVER_TOOLS:
            return
        outcome = self._executor.execute(call.tool, call.arguments)
        self._on_outcome(call, outcome)
        self._post(call.call_id, outcome)

    def _post(self, call_id: str, outcome: Outcome) -> None:
        try:
            self._api.add_tool_result(self._session_id, call_id, outcome)
        except ApiProblem as problem:
            if problem.code == "TOOL_CALL_CLOSED":
                return  # answered already, by an earlier try or another client, or no longer wanted
            if problem.status in _NOT_SENDABLE and isinstance(outcome, ToolDone):
                # Without any answer the turn would wait for ever; the model can ask for less.
                self._post(call_id, ToolFailed(f"The server did not take the result: {problem.code}."))
                return
            raise
