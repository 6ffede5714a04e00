"""Signing in and out, from the command line."""

import json
from pathlib import Path

import pytest

from clients.terminal.cognito import Pool
from clients.terminal.login import Login, LoginFile
from tests.clients.fake_server import FakeServer
from tests.clients.terminal.conftest import Run
from tests.clients.terminal.fake_cognito import POOL, FakeCognito


@pytest.fixture
def pool(server: FakeServer) -> FakeCognito:
    """Return a user pool at the server's address."""
    fake = FakeCognito()
    server.cognito = fake.answer
    return fake


@pytest.fixture
def outputs(tmp_path: Path, server: FakeServer) -> Path:
    """Return what `cdk deploy --outputs-file` wrote."""
    path = tmp_path / "outputs.json"
    values = {"ApiUrl": f"{server.url}/v1", "UserPoolId": POOL.user_pool_id, "UserPoolClientId": POOL.client_id}
    path.write_text(json.dumps({"AgentRuntime": values}))
    return path


def test_signed_in_person_needs_no_options_until_he_signs_out(
    run: Run, pool: FakeCognito, outputs: Path, server: FakeServer, file: LoginFile
) -> None:
    """Sign in, ask, be refreshed, sign out."""
    nothing = {"AGENT_RUNTIME_URL": None, "AGENT_RUNTIME_TOKEN": None}
    pool.tokens.extendleft(["stale"])
    options = ("--outputs", str(outputs), "--cognito-url", server.url, "--username", "alice", "--password-stdin")

    login = run("login", *options, typed="correct horse\n", **nothing)
    asked = run("--once", "x", **nothing)
    logout = run("logout", **nothing)

    assert login.stdout == f"Signed in to {server.url} as alice; kept in {file.path}.\n"
    assert (asked.exit_code, asked.stdout) == (0, "said\n")
    assert (logout.exit_code, logout.stdout) == (0, "Signed out.\n")
    assert pool.refresh_tokens == set()
    assert not file.path.exists()
    assert run("logout").stdout == "Nobody was signed in.\n"


def test_brought_token_is_kept(run: Run, server: FakeServer, file: LoginFile) -> None:
    """Of any other issuer, from the command line or from standard input."""
    nothing = {"AGENT_RUNTIME_URL": None, "AGENT_RUNTIME_TOKEN": None}

    kept = run("login", "--url", server.url, "--token", "-", typed="alice-token\n", **nothing)

    assert kept.exit_code == 0
    assert file.load() == Login(server.url, "alice-token")
    assert run("status", **nothing).exit_code == 0
    assert run("login", "--url", server.url, "--token", "bob-token", **nothing).exit_code == 0
    assert run("logout", **nothing).stdout == "Signed out.\n"


@pytest.mark.usefixtures("pool")
@pytest.mark.parametrize(
    ("words", "typed", "code", "sentence"),
    [
        ((), "", 2, "Name the user pool with --user-pool-id"),
        (("--user-pool-id", "x", "--client-id", "y"), "", 2, "`x` is no user pool id"),
        (("--outputs", "/no/file"), "", 2, "is not what `cdk deploy --outputs-file` writes"),
        (("--outputs", "OUT"), "", 2, "Nobody is there to answer “User name”: give it with --username."),
        (
            ("--outputs", "OUT", "--username", "alice"),
            "",
            2,
            "Nobody is there to answer “Password”: give it with --pass",
        ),
        (("--outputs", "OUT", "--username", "alice", "--password-stdin"), "wrong\n", 3, "Incorrect password"),
        (("--outputs", "OUT", "--flow", "bogus"), "", 2, "Invalid value"),
    ],
)
def test_sign_in_is_refused_in_a_sentence(
    run: Run,
    outputs: Path,
    server: FakeServer,
    file: LoginFile,
    words: tuple[str, ...],
    typed: str,
    code: int,
    sentence: str,
) -> None:
    """What is missing or wrong is named, and nothing is kept."""
    given = [str(outputs) if word == "OUT" else word for word in words]

    result = run("login", *given, "--cognito-url", server.url, typed=typed)

    assert result.exit_code == code
    assert sentence in " ".join(result.stderr.split())
    assert not file.path.exists()


@pytest.mark.usefixtures("pool")
def test_sign_in_needs_a_server(run: Run) -> None:
    """Nothing can be kept for none."""
    result = run("login", "--token", "t", AGENT_RUNTIME_URL=None)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "Name the server with --url" in result.stderr


def test_first_password_cannot_be_changed_without_a_terminal(
    run: Run, pool: FakeCognito, outputs: Path, server: FakeServer
) -> None:
    """A script is told where to go."""
    pool.wants.append("NEW_PASSWORD_REQUIRED")
    options = ("--outputs", str(outputs), "--cognito-url", server.url, "--username", "alice", "--password-stdin")

    result = run("login", *options, typed="correct horse\n")

    assert result.exit_code == 2
    assert "sign in at a terminal" in result.stderr


def test_user_pool_that_is_away_is_told(run: Run, outputs: Path, file: LoginFile, server: FakeServer) -> None:
    """Signing in fails, signing out is done here at least."""
    away = "http://127.0.0.1:9"
    options = ("--outputs", str(outputs), "--cognito-url", away, "--username", "alice", "--password-stdin")

    refused = run("login", *options, typed="correct horse\n")
    file.save(Login(server.url, "t", "alice", 1.0, "refresh-1", Pool("eu_1", "c", away)))
    logout = run("logout")

    assert refused.exit_code == 3
    assert f"The user pool at {away} cannot be reached" in refused.stderr
    assert logout.exit_code == 0
    assert "Forgotten here, but not ended at the user pool" in logout.stdout
    assert not file.path.exists()
