"""The parts of a command, put together."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import typer
from rich.console import Console

from clients.api import AgentRuntimeApi
from clients.approving import Approver, AskingApprover
from clients.client_calls import Executor
from clients.consent import AllowAll, Allowances, AllowNothing, AskFirst, Consent
from clients.pacing import Clock, Repeats, SystemClock
from clients.problems import ApiProblem, ServerUnreachable
from clients.terminal.chat import Chat
from clients.terminal.dialogue import Desk
from clients.terminal.editing import Editor
from clients.terminal.endings import FAILURES, Ending, Unusable, explain
from clients.terminal.keyboard import Keyboard, PipeKeyboard, TerminalKeyboard
from clients.terminal.login import LoginFile
from clients.terminal.once import AskInBetween, OneShot
from clients.terminal.screen import Screen
from clients.terminal.servers import Server, Wish, find_server
from clients.terminal.tokens import Bearer
from clients.terminal.tools import Tools
from clients.tools.execute_command import ExecuteCommand
from clients.workspace import Workspace, changing_tools, reading_tools

_FOR_EVER = Repeats(max_tries=1_000_000)  # a person stops waiting when he wants to
# The environment's proxies lead away from this machine, where a server may be.
_NO_PROXY = {"all://127.0.0.1": None, "all://localhost": None, "all://[::1]": None}


def connections(auth: httpx.Auth | None = None) -> httpx.Client:
    """Return connections that speak as `auth` says; the caller closes them."""
    return httpx.Client(auth=auth, mounts=_NO_PROXY)


def login_file() -> LoginFile:
    """Return where this person's sign-in is kept."""
    return LoginFile.of_person(os.environ)


@contextmanager
def server_of(wish: Wish) -> Iterator[tuple[Server, httpx.Client]]:
    """Yield the server that is meant, and connections that speak for its user.

    Raises:
        NotSignedIn, Unusable: as `find_server`.
    """
    with connections() as issuer:
        server = find_server(wish, login_file(), issuer)
        with connections(Bearer(server.url, server.tokens)) as http:
            yield server, http


@contextmanager
def told() -> Iterator[None]:
    """Turn what goes wrong inside into a sentence on standard error and an exit code."""
    try:
        yield
    except FAILURES as error:
        ending, sentence = explain(error)
        Screen(Console(stderr=True, highlight=False)).problem(sentence)
        raise typer.Exit(ending) from error
    except KeyboardInterrupt as error:
        raise typer.Exit(Ending.INTERRUPTED) from error


class Hands:
    """The tools over one folder."""

    def __init__(self, folder: Path, *, allows_all: bool, asks_always: bool) -> None:
        """Work in `folder`.

        Args:
            folder: Nothing outside it is touched, except by commands.
            allows_all: Whether changes are made without asking.
            asks_always: Whether the person is asked about changes that the server lets pass, too.

        Raises:
            Unusable: it is no folder, or both are wanted.
        """
        if allows_all and asks_always:
            raise Unusable("--yes and --ask-always contradict each other.")
        self._command = ExecuteCommand(os.environ)
        self._allows_all = allows_all
        self._asks_always = asks_always
        self._allowances = Allowances()
        try:
            self._workspace = Workspace(folder, (*reading_tools(), *changing_tools(), self._command))
        except OSError as error:
            raise Unusable(f"`{folder}` is no folder that can be opened; name one with --dir.") from error

    def executor(self, consent: Consent | None) -> Executor:
        """Return what executes the calls that may be executed; nobody is there to be asked when `consent` is None."""
        return AskFirst(self._workspace, consent or AllowNothing()) if self._asks_always else self._workspace

    def approver(self, consent: Consent | None, tell: Callable[[str], None]) -> Approver:
        """Return what decides the server's approvals, what was allowed beforehand or for this run without asking."""
        decides = AllowAll() if self._allows_all else self._allowances.over(consent or AllowNothing())
        return AskingApprover(self._workspace, decides, tell)

    def stop(self) -> None:
        """Kill the command that runs."""
        self._command.stop()


def one_shot(server: Server, http: httpx.Client, hands: Hands, *, is_json: bool) -> OneShot:
    """Return what asks one question: the answer goes to standard output, everything else to standard error."""
    screen = Screen(Console(stderr=True, highlight=False))
    is_person = sys.stdin.isatty() and sys.stderr.isatty()
    desk = Desk(screen, Editor(os.environ, out=sys.stderr.fileno() if is_person else None), _no_line)
    consent = AskInBetween(desk, sys.stdin.readline) if is_person else None
    return OneShot(
        api=AgentRuntimeApi(server.url, None, http),
        executor=hands.executor(consent),
        approver=hands.approver(consent, screen.note),
        screen=screen,
        out=sys.stdout,
        is_json=is_json,
        cleans=sys.stdout.isatty(),
    )


def conversation(server: Server, http: httpx.Client, hands: Hands, session_id: str | None) -> Chat:
    """Return a chat over standard input and output."""
    is_person = sys.stdin.isatty() and sys.stdout.isatty()
    keyboard: Keyboard = TerminalKeyboard() if is_person else PipeKeyboard(sys.stdin)

    def connect(clock: Clock, on_repeat: Callable[[str, ApiProblem | ServerUnreachable], None]) -> AgentRuntimeApi:
        repeats = _FOR_EVER if is_person else None
        return AgentRuntimeApi(server.url, None, http, repeats=repeats, clock=clock, on_repeat=on_repeat)

    tools = Tools(
        connect=connect,
        executor=lambda consent: hands.executor(consent if is_person else None),
        approver=lambda consent, tell: hands.approver(consent if is_person else None, tell),
        stop=hands.stop,
        clock=SystemClock(),
    )
    desk = Desk(Screen(Console(highlight=False), keyboard), Editor(os.environ), keyboard.begin_with)
    return Chat(tools, keyboard, desk, session_id)


def _no_line(_text: str) -> None:
    """Stand in for a line that cannot be begun: it is read without an editor of its own."""
