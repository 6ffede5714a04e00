"""The terminal client against the running system, as a person starts it."""

import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.local.cloud import LocalCloud
from infra.local.walk.directives import plan, rounds, said, subtask, tool
from tests.e2e.user import User
from tests.support.patience import PATIENCE_SECONDS

Run = Callable[..., subprocess.CompletedProcess[str]]
WRITE = rounds(tool("write_file", path="a.txt", content="new\n"), said("as far as I may"))


@pytest.fixture
def environment(cloud: LocalCloud, tmp_path: Path) -> dict[str, str]:
    """What a person signed in as alice has in his shell."""
    return {
        **os.environ,
        "AGENT_RUNTIME_URL": cloud.endpoint.url,
        "AGENT_RUNTIME_TOKEN": cloud.endpoint.tokens["alice"],
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }


@pytest.fixture
def run(environment: dict[str, str], repository: Path) -> Run:
    """Runs `agent-runtime` to its end; the token of the environment is left out on demand."""

    def start(*words: str, typed: str = "", is_signed_in: bool = True) -> subprocess.CompletedProcess[str]:
        mine = environment if is_signed_in else {k: v for k, v in environment.items() if k[:14] != "AGENT_RUNTIME_"}
        return subprocess.run(
            [sys.executable, "-m", "clients", *words],
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            cwd=repository,
            env=mine,
            timeout=PATIENCE_SECONDS,
        )

    return start


def test_question_is_answered_with_true_path_and_line_when_folder_is_new(run: Run, tmp_path: Path) -> None:
    """Nobody could know the word or the line before: the answer comes from the files."""
    word = f"lantern_{secrets.token_hex(6)}"
    line = 3 + secrets.randbelow(40)
    folder = tmp_path / "made now"
    (folder / "pkg").mkdir(parents=True)
    (folder / "pkg" / "light.py").write_text("\n" * (line - 1) + f"def {word}() -> int:\n    return 1\n")
    (folder / "notes.md").write_text("Nothing here.\n")

    asked = run("chat", "--once", f"where is {word} defined?", "--dir", str(folder))

    assert asked.returncode == 0, asked.stderr
    assert f"pkg/light.py:{line}" in asked.stdout
    assert "session s-" not in asked.stdout


def test_events_are_whole_when_every_worker_is_killed_in_between(
    alice: User, cloud: LocalCloud, environment: dict[str, str], repository: Path, tmp_path: Path
) -> None:
    """Each Lambda gets a kill -9 while the client waits: it goes on, nothing is lost, nothing comes twice."""
    (tmp_path / "a.txt").write_text("found\n")
    session = alice.create(agent="coder")
    name = session.removeprefix("/sessions/")
    question = '[[delay 2]] [[tool read_file {"path": "a.txt"}]] [[then]] [[delay 1]] [[say back]]'
    words = ["chat", "--once", question, "--json", "--session", name, "--dir", str(tmp_path)]
    begun_at = alice.get(session)["last_seq"]
    with subprocess.Popen(
        [sys.executable, "-m", "clients", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=repository,
        env=environment,
    ) as client:
        alice.get(f"{session}/events?after={begun_at}&wait=20")
        killed = cloud.worker_pids()
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        out, err = client.communicate(timeout=PATIENCE_SECONDS)
    told: dict[str, Any] = json.loads(out)
    numbers = [event["seq"] for event in told["events"]]

    assert killed
    assert (client.returncode, told["answer"]) == (0, "back"), err
    assert numbers == list(range(begun_at + 1, begun_at + 1 + len(numbers)))
    assert [(call["tool"], call["outcome"]) for call in told["tool_calls"]] == [("read_file", "done")]
    assert [m["content"] for m in alice.messages(session) if m["role"] == "tool"] == ["found\n"]


def test_file_is_written_and_kept_when_everything_was_allowed_beforehand(run: Run, alice: User, tmp_path: Path) -> None:
    """With --yes a gated call is approved and executed, and what it replaced lies in the backups."""
    (tmp_path / "a.txt").write_text("old\n")
    session = alice.create(agent="coder")

    asked = run(
        "chat", "--once", WRITE, "--yes", "--session", session.removeprefix("/sessions/"), "--dir", str(tmp_path)
    )
    (approval,) = alice.get(f"{session}/approvals")["items"]

    assert (asked.returncode, asked.stdout) == (0, "as far as I may\n"), asked.stderr
    assert (tmp_path / "a.txt").read_text() == "new\n"
    assert [kept.read_text() for kept in tmp_path.glob(".agent-runtime/backups/*/a.txt")] == ["old\n"]
    assert (approval["subject"], approval["status"]) == ("write_file", "approved")


def test_file_is_untouched_when_nobody_is_there_to_be_asked(run: Run, alice: User, tmp_path: Path) -> None:
    """Without consent a gated call is rejected, and the model is told why."""
    (tmp_path / "a.txt").write_text("old\n")
    session = alice.create(agent="coder")

    asked = run("chat", "--once", WRITE, "--session", session.removeprefix("/sessions/"), "--dir", str(tmp_path))
    (approval,) = alice.get(f"{session}/approvals")["items"]
    (told,) = [message for message in alice.messages(session) if message["role"] == "tool"]

    assert (asked.returncode, asked.stdout) == (0, "as far as I may\n"), asked.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name != "config"] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old\n"
    assert approval["status"] == "rejected"
    assert approval["feedback"].startswith("Nobody is there to be asked")
    assert approval["feedback"] in told["content"]


def test_plan_is_carried_out_to_its_end_when_everything_was_allowed_beforehand(
    run: Run, alice: User, tmp_path: Path
) -> None:
    """The client follows every subtask, executes what they call, and ends with the plan."""
    session = alice.create(agent="architect")
    proposal = plan(
        "Two words",
        subtask("Write", "coder", rounds(tool("write_file", path="a.txt", content="one "), said("written"))),
        subtask("Look", "ask", rounds(tool("read_file", path="a.txt"), said("seen")), 0),
        subtask("End", "coder", rounds(tool("write_file", path="b.txt", content="two"), said("all is done")), 0, 1),
    )

    words = ("chat", "--once", proposal, "--yes", "--json", "--session", session.removeprefix("/sessions/"))
    asked = run(*words, "--dir", str(tmp_path))
    made = alice.get(f"{session}/plan")

    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout)["answer"] == "all is done"
    assert (tmp_path / "a.txt").read_text() + (tmp_path / "b.txt").read_text() == "one two"
    assert (made["status"], made["progress"]["done"]) == ("completed", 3)


def test_person_signs_in_with_a_password_that_is_never_sent(run: Run, cloud: LocalCloud, tmp_path: Path) -> None:
    """Sign in, be refreshed, ask, sign out, against the deployed user pool as it is."""
    password = f"aA1!{secrets.token_urlsafe(24)}"
    pool = cloud.outputs["UserPoolId"]
    users = cloud.client("cognito-idp")
    users.admin_create_user(UserPoolId=pool, Username="carol", MessageAction="SUPPRESS")
    users.admin_set_user_password(UserPoolId=pool, Username="carol", Password=password, Permanent=True)
    stack = ("--user-pool-id", pool, "--client-id", cloud.outputs["UserPoolClientId"], "--url", cloud.endpoint.url)
    cognito = f"http://127.0.0.1:{cloud.endpoint.port}"
    options = (*stack, "--cognito-url", cognito, "--username", "carol", "--password-stdin")
    kept = tmp_path / "config" / "agent-runtime" / "login.json"

    wrong = run("login", *options, typed="wrong\n", is_signed_in=False)
    right = run("login", *options, typed=f"{password}\n", is_signed_in=False)
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "token": "old", "expires_at": 0}))
    status = run("status", is_signed_in=False)
    asked = run("--once", "[[say hello carol]]", is_signed_in=False)
    out = run("logout", is_signed_in=False)

    assert (wrong.returncode, right.returncode) == (3, 0), right.stderr
    assert status.stdout.splitlines()[-1] == "sign-in  good", status.stderr
    assert asked.stdout == "hello carol\n"
    assert (out.returncode, out.stdout) == (0, "Signed out.\n")
    assert not kept.exists()


def test_stranger_is_told_to_sign_in(run: Run, cloud: LocalCloud) -> None:
    """A token the system does not take is a sentence and exit code 3."""
    refused = run("--once", "x", "--url", cloud.endpoint.url, "--token", "not.a.token")

    assert (refused.returncode, refused.stdout) == (3, "")
    assert "sign in again with `agent-runtime login`" in refused.stderr
    assert "Traceback" not in refused.stderr
