"""At a real terminal: typing, being asked, Ctrl-C and Ctrl-D."""

import io
import os
import pty
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from select import select

import pytest

from clients.terminal.keyboard import DECIDE, PipeKeyboard, TerminalKeyboard
from tests.clients.fake_http import problem
from tests.clients.fake_runtime import FakeRuntime
from tests.clients.fake_server import FakeServer
from tests.clients.terminal.fake_cognito import POOL, FakeCognito
from tests.clients.terminal.scripted import Output
from tests.support.patience import PATIENCE_SECONDS

ROOT = Path(__file__).parents[3]
# The program must lead a session of its own on the terminal, or Ctrl-C would reach nobody, and must not inherit the
# deafness to it that a shell gives its background jobs.
_AT_TERMINAL = """
import fcntl, os, signal, sys, termios
signal.signal(signal.SIGINT, signal.SIG_DFL)
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "clients", *sys.argv[1:]])
"""
_ASLEEP_LOOKS = 5
_LOOK_SECONDS = 0.03
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """`agent-runtime` at a terminal, and whoever sits there."""

    def __init__(self, words: tuple[str, ...], environment: dict[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _AT_TERMINAL, *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            cwd=ROOT,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "100", **environment},
        )
        os.close(theirs)
        self.shown = ""
        self._read_up_to = 0

    def read_until(self, text: str) -> None:
        """Read on until `text` is there."""
        while text not in self.shown[self._read_up_to :]:
            assert self._read_more(), f"{text!r} did not appear: {self.shown}"
        self._read_up_to = self.shown.index(text, self._read_up_to) + len(text)

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._ours, text.encode())

    def interrupt(self) -> None:
        """Press Ctrl-C as a person does: once the program waits for a key.

        An interrupt between Python's prompt and its waiting is noticed with the next key only, as in every program that
        reads lines with `input`.
        """
        state = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/stat")
        asleep = 0
        while asleep < _ASLEEP_LOOKS:
            time.sleep(_LOOK_SECONDS)
            # Only Linux can be asked; elsewhere the looks take long enough.
            is_asleep = not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "S"
            asleep = asleep + 1 if is_asleep else 0
        self.type("\x03")

    def wait(self) -> int:
        """Read to the end and return the exit code."""
        while self._read_more():
            pass
        return self.process.wait(PATIENCE_SECONDS)

    def close(self) -> None:
        """Go away."""
        self.process.kill()
        self.process.wait()
        os.close(self._ours)

    def _read_more(self) -> bool:
        if not select([self._ours], [], [], PATIENCE_SECONDS)[0]:
            return False
        try:
            chunk = os.read(self._ours, 65536)
        except OSError:  # Linux says so when nobody is left on the other side
            return False
        self.shown += _ESCAPES.sub("", chunk.decode("utf-8", "replace"))
        return bool(chunk)


class Desk:
    """Where terminals are opened."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.terminals: list[Terminal] = []
        self._environment = environment

    def open(self, *words: str) -> Terminal:
        """Start `agent-runtime` with these words."""
        self.terminals.append(Terminal(words, self._environment))
        return self.terminals[-1]


@pytest.fixture
def desk(server: FakeServer, tmp_path: Path) -> Iterator[Desk]:
    """Return a desk whose terminals know the server as alice."""
    environment = {
        "AGENT_RUNTIME_URL": server.url,
        "AGENT_RUNTIME_TOKEN": "alice-token",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "VISUAL": "",
        "EDITOR": "",
    }
    made = Desk(environment)
    yield made
    for terminal in made.terminals:
        terminal.close()


def test_person_talks_is_asked_interrupts_and_leaves(desk: Desk, runtime: FakeRuntime, folder: Path) -> None:
    """The whole of it, in one sitting."""
    runtime.rounds = [[("write_file", {"path": "src/a.py", "content": "x = 1\n"})], "# Done\n\n- written"]
    terminal = desk.open("chat", "--dir", str(folder))

    terminal.read_until("you> ")
    terminal.type("write it\r")
    terminal.read_until("-pass")
    terminal.read_until("+x = 1")
    terminal.read_until("y/n> ")
    terminal.type("y\r")
    terminal.read_until(" • written")
    terminal.read_until("you> ")
    assert (folder / "src/a.py").read_text() == "x = 1\n"

    runtime.rounds = [[("delete_file", {"path": "README.md"})]]
    terminal.type("delete it\r")
    terminal.read_until("y/n> ")
    terminal.interrupt()
    terminal.read_until("turn   stopped")
    runtime.rounds = ["as you like"]
    terminal.type("leave it\r")
    terminal.read_until("as you like")
    terminal.read_until("you> ")
    runtime.rounds = [[("write_file", {"path": "new.txt", "content": "one"})], "edited"]
    terminal.type("write\r")
    terminal.read_until("y/n> ")
    terminal.type("e\r")
    terminal.read_until('"content": "one"}')
    terminal.type('\x7f\x7f two"}\r')
    terminal.read_until("+one two")
    terminal.type("y\r")
    terminal.read_until("edited")
    terminal.read_until("you> ")
    terminal.interrupt()
    terminal.read_until("as does Ctrl-D.")
    terminal.read_until("you> ")
    terminal.interrupt()
    terminal.read_until("Go on with `agent-runtime chat --session s-1`.")

    assert terminal.wait() == 0
    assert (folder / "README.md").exists()
    assert (folder / "new.txt").read_text() == "one two"
    assert len(runtime.of("add_tool_result")) == 2
    assert len(runtime.of("cancel_turn")) == 1
    assert runtime.of("decide_approval")[-1].body == {
        "decision": "edit",
        "modified_arguments": {"path": "new.txt", "content": "one two"},
    }


def test_question_at_a_terminal_asks_and_cleans(desk: Desk, runtime: FakeRuntime, folder: Path) -> None:
    """One-shot at a terminal: a change waits for the word, the answer is harmless."""
    runtime.rounds = [[("execute_command", {"command": "rm README.md"})], "done\x1b]0;title\x07"]
    terminal = desk.open("--once", "delete it", "--dir", str(folder))

    terminal.read_until("Run this command, for at most 60 s:")
    terminal.read_until("rm README.md")
    terminal.read_until("Allow it?")
    terminal.type("y\r")
    terminal.read_until("done\\x1b]0;title\\x07")

    assert terminal.wait() == 0
    assert not (folder / "README.md").exists()


def test_interrupt_of_a_question_has_its_code(desk: Desk, runtime: FakeRuntime, folder: Path) -> None:
    """130, and where to go on."""
    runtime.rounds = [[("delete_file", {"path": "README.md"})]]
    terminal = desk.open("--once", "delete it", "--dir", str(folder))

    terminal.read_until("Allow it?")
    terminal.interrupt()
    terminal.read_until("agent-runtime chat --session s-1")

    assert terminal.wait() == 130
    assert (folder / "README.md").exists()


def test_interrupt_before_anything_has_its_code_too(desk: Desk, runtime: FakeRuntime) -> None:
    """While the server keeps everybody waiting."""
    asked = threading.Event()
    runtime.on_request = lambda _request: asked.set()
    runtime.faults["get_session"].extend([problem(503, "STORAGE_UNAVAILABLE", {"Retry-After": "60"})] * 9)
    terminal = desk.open("chat", "--session", "s-1")

    assert asked.wait(PATIENCE_SECONDS)
    terminal.interrupt()

    assert terminal.wait() == 130


def test_person_signs_in_and_changes_his_first_password(desk: Desk, server: FakeServer, tmp_path: Path) -> None:
    """Asked for everything; passwords do not show."""
    pool = FakeCognito()
    pool.wants.extend(["NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA"])
    server.cognito = pool.answer
    ids = ("--user-pool-id", POOL.user_pool_id, "--client-id", POOL.client_id)
    terminal = desk.open("login", *ids, "--cognito-url", server.url)

    for question, answer in (
        ("User name", "alice"),
        ("Password", "correct horse"),
        ("New password", "battery staple"),
        ("Repeat for confirmation", "battery staple"),
        ("Code of your authenticator", "123456"),
    ):
        terminal.read_until(f"{question}: ")
        terminal.type(f"{answer}\r")
    terminal.read_until("Signed in to")

    assert terminal.wait() == 0
    assert "correct horse" not in terminal.shown
    assert "battery staple" not in terminal.shown
    assert (tmp_path / "config/agent-runtime/login.json").exists()


def test_line_is_written_anew_with_what_was_typed() -> None:
    """What is shown meanwhile goes above; the prompt may have changed."""
    out = Output()
    lines: list[str] = []

    def read(prompt: str) -> str:
        out.write(prompt + "half")
        keyboard.hide()
        out.write("news\n")
        keyboard.prompt = DECIDE
        lines.append(keyboard.typed())
        keyboard.show()
        return "line"

    keyboard = TerminalKeyboard(read, lambda: "half", out)
    keyboard.hide()
    keyboard.show()

    assert keyboard.typed() == ""
    assert keyboard.read() == "line"
    assert lines == ["half"]
    assert out.getvalue() == "you> half\r\x1b[Knews\ny/n> half"


def test_lines_of_a_file_come_whole() -> None:
    """With or without a last line end; nobody has half typed anything."""
    keyboard = PipeKeyboard(io.StringIO("one\n\ntwo"))

    assert [keyboard.read(), keyboard.read(), keyboard.read(), keyboard.typed()] == ["one", "", "two", ""]
    with pytest.raises(EOFError):
        keyboard.read()
