"""Who walks: one user's client, the tools of one folder, and everything the session has told so far."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from clients.api import AgentRuntimeApi
from clients.approval_views import Approval
from clients.client_calls import ClientCalls
from clients.consent import Decision
from clients.conversation import TurnEnd, ask
from clients.event_stream import events
from clients.problems import ApiProblem
from clients.tools.execute_command import ExecuteCommand
from clients.views import Event, JsonObject
from clients.workspace import Workspace, changing_tools, reading_tools
from infra.local.walk.custom import PublishSite
from infra.local.walk.report import WalkReport

PATIENCE_SECONDS = 120.0


class Walker:
    """Says things, decides on approvals, executes calls, and keeps account.

    Attributes:
        api: Of the user who walks.
        folder: Where the tools work.
        session_id: Of the session that is walked through; empty before there is one.
        heard: Its events so far, in order.
        approval_statuses: States in which an approval was seen.
    """

    def __init__(self, api: AgentRuntimeApi, folder: Path, report: WalkReport) -> None:
        self.api = api
        self.folder = folder
        self.session_id = ""
        self.heard: list[Event] = []
        self.approval_statuses: set[str] = set()
        self._report = report
        tools = (*reading_tools(), *changing_tools(), ExecuteCommand(os.environ), PublishSite())
        self._workspace = Workspace(folder, tools)

    def say(self, text: str, decisions: Mapping[str, Decision] | None = None) -> TurnEnd:
        """Say `text` and follow the turn to its end, deciding by subject; what is not decided here is left open."""
        self._report.said(text)
        return ask(
            self.api,
            self.session_id,
            text,
            after=len(self.heard),
            workspace=self._workspace,
            approver=_Decided(decisions or {}, self._report),
            on_event=self._hear,
            on_outcome=self._report.call,
            max_silence_seconds=PATIENCE_SECONDS,
        )

    def post(
        self,
        text: str,
        *,
        agent: str | None = None,
        on_busy: Literal["enqueue", "reject", "interrupt"] | None = None,
    ) -> int:
        """Say `text` without waiting for anything; return the turn that will answer it."""
        self._report.said(text)
        return self.api.add_message(self.session_id, text, agent=agent, on_busy=on_busy).turn

    def until(
        self,
        fact: str,
        decisions: Mapping[str, Decision] | None = None,
        *,
        where: Callable[[JsonObject], bool] = lambda _: True,
    ) -> Event:
        """Follow the session, doing the client's part, until the first new `fact` whose fields are as wanted.

        Raises:
            ServerSilent: it does not come.
        """
        approver = _Decided(decisions or {}, self._report)
        calls = ClientCalls(self.api, self.session_id, self._workspace, approver, self._report.call, lambda: None)

        def is_it(event: Event) -> bool:
            self._hear(event)
            calls.hear(event)
            return event.type == fact and where(event.fields)

        stream = events(
            self.api,
            self.session_id,
            after=len(self.heard),
            clock=self.api.clock,
            max_silence_seconds=PATIENCE_SECONDS,
        )
        return next(filter(is_it, stream))

    def catch_up(self) -> int:
        """Hear what has happened up to now; return the number of the session's last event."""
        last = self.api.get_session(self.session_id).last_seq
        while len(self.heard) < last:
            self.until(self._next_type())
        return last

    def approvals(self, status: str | None = None) -> tuple[Approval, ...]:
        """Return the session's approvals and take note of their states."""
        found = self.api.list_approvals(self.session_id, status=status)
        self.approval_statuses.update(approval.status for approval in found)
        return found

    def refusal(self, act: Callable[[], Any]) -> str:
        """Return the code with which the server refuses `act`; empty when it does not."""
        try:
            act()
        except ApiProblem as problem:
            return problem.code
        return ""

    def check(self, claim: str, *, is_true: bool) -> None:
        """Show whether something that must hold does, and remember it."""
        self._report.check(claim, is_true=is_true)

    def _hear(self, event: Event) -> None:
        self.heard.append(event)
        self._report.event(event)

    def _next_type(self) -> str:
        page = self.api.list_events(self.session_id, after=len(self.heard), limit=1)
        return page.items[0].type


class _Decided:
    """An approver who has made up his mind beforehand."""

    def __init__(self, decisions: Mapping[str, Decision], report: WalkReport) -> None:
        self._decisions = decisions
        self._report = report

    def decide(self, approval: Approval) -> Decision | None:
        """Return what was decided about this subject."""
        decision = self._decisions.get(approval.subject)
        if decision is not None:
            self._report.decision(approval, decision)
        return decision

    def tell(self, sentence: str) -> None:
        """Show it."""
        self._report.note(sentence)
