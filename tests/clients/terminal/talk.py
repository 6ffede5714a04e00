"""A chat with a runtime in memory, and what holds it up."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from clients.api import AgentRuntimeApi
from clients.approving import AskingApprover
from clients.consent import Allowances, AllowNothing, Consent
from clients.pacing import Clock, Repeats
from clients.problems import ApiProblem, ServerUnreachable
from clients.terminal.chat import Chat
from clients.terminal.dialogue import Desk
from clients.terminal.editing import Editor
from clients.terminal.endings import Ending
from clients.terminal.screen import Screen
from clients.terminal.tools import Tools
from clients.tools.execute_command import ExecuteCommand
from clients.workspace import Workspace, changing_tools, reading_tools
from tests.clients.fake_clock import FakeClock
from tests.clients.fake_runtime import BASE_URL, FakeRuntime
from tests.clients.fake_session import Round
from tests.clients.terminal.scripted import Act, Output, ScriptedKeyboard
from tests.support.patience import PATIENCE_SECONDS

DELETE: Round = [("delete_file", {"path": "README.md"})]
LEAVING = "Go on with `agent-runtime chat --session s-1`."


def nothing() -> None:
    """Read on."""


class Talk:
    """A chat with a runtime in memory, at a screen that can be read."""

    def __init__(self, runtime: FakeRuntime, folder: Path, clock: FakeClock) -> None:
        self.runtime = runtime
        self.output = Output()
        self.command = ExecuteCommand({"PATH": "/usr/bin:/bin"})
        self.workspace = Workspace(folder, (*reading_tools(), *changing_tools(), self.command))
        self.http = httpx.Client(transport=runtime.transport())
        self.clock = clock
        self.editor = Editor({})
        self.allowances = Allowances()

    def hold(self, *script: tuple[str, Act], session: str | None = None, is_person: bool = True) -> Ending:
        """Let the script be typed; return how the chat ended."""
        self.keyboard = ScriptedKeyboard(self.output, *script, is_person=is_person)
        return self.chat(session).run()

    def chat(self, session: str | None) -> Chat:
        """Return the chat at the keyboard of this moment."""

        def approver(consent: Consent, tell: Callable[[str], None]) -> AskingApprover:
            asks = consent if self.keyboard.is_person else AllowNothing()
            return AskingApprover(self.workspace, self.allowances.over(asks), tell)

        tools = Tools(
            connect=self.connect,
            executor=lambda _consent: self.workspace,
            approver=approver,
            stop=self.command.stop,
            clock=self.clock,
        )
        screen = Screen(Console(file=self.output, width=100, highlight=False), self.keyboard)
        return Chat(tools, self.keyboard, Desk(screen, self.editor, self.keyboard.begin_with), session)

    def connect(
        self, clock: Clock, on_repeat: Callable[[str, ApiProblem | ServerUnreachable], None]
    ) -> AgentRuntimeApi:
        """Return alice's client."""
        return AgentRuntimeApi(
            BASE_URL, "alice-token", self.http, repeats=Repeats(is_spread=False), clock=clock, on_repeat=on_repeat
        )

    @property
    def shown(self) -> list[str]:
        """Everything on the screen, line by line."""
        return self.output.getvalue().splitlines()

    def decided(self) -> list[dict[str, Any]]:
        """What was decided, in order."""
        return [request.body for request in self.runtime.of("decide_approval")]

    def sent(self) -> list[dict[str, Any]]:
        """What was said to the server."""
        return [request.body for request in self.runtime.of("add_message")]


class Gate:
    """Holds up whoever comes by until it is opened."""

    def __init__(self) -> None:
        self._arrived = threading.Event()
        self._opened = threading.Event()

    def pass_through(self) -> None:
        """Come by."""
        self._arrived.set()
        assert self._opened.wait(PATIENCE_SECONDS)

    def wait_for_someone(self) -> None:
        """Return when somebody has come."""
        assert self._arrived.wait(PATIENCE_SECONDS)

    def open(self) -> None:
        """Let everybody through from now on."""
        self._opened.set()


def all_turns_end() -> None:
    """Wait for the threads of turns that were given up."""
    for thread in threading.enumerate():
        if thread.name in {"turn", "watch", "aside"}:
            thread.join(20)
            assert not thread.is_alive()
