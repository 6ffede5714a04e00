"""Signing in and out, as commands."""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx
import typer

from clients.api import AgentRuntimeApi
from clients.terminal.cognito import Cognito, Flow, Pool
from clients.terminal.endings import NotSignedIn, Unusable
from clients.terminal.login import Login, LoginFile
from clients.terminal.servers import cleaned

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Stack:
    """What of a deployed stack is needed to sign in; None where nobody said."""

    url: str | None
    user_pool_id: str | None
    client_id: str | None

    def with_outputs(self, path: Path | None) -> "Stack":
        """Return this, completed from the file that `cdk deploy --outputs-file` wrote.

        Raises:
            Unusable: it is no such file.
        """
        if path is None:
            return self
        try:
            (outputs,) = json.loads(path.read_text()).values()
            return Stack(
                self.url or outputs["ApiUrl"],
                self.user_pool_id or outputs["UserPoolId"],
                self.client_id or outputs["UserPoolClientId"],
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unusable(f"`{path}` is not what `cdk deploy --outputs-file` writes for this stack.") from error

    def server(self) -> str:
        """Return the server's address.

        Raises:
            Unusable: there is none.
        """
        if self.url is None:
            raise Unusable("Name the server with --url, or the stack's outputs with --outputs.")
        return cleaned(self.url)

    def pool(self, cognito_url: str | None) -> Pool:
        """Return the user pool.

        Raises:
            Unusable: something is missing or no id.
        """
        if self.user_pool_id is None or self.client_id is None:
            raise Unusable(
                "Name the user pool with --user-pool-id and --client-id, or the stack's outputs with --outputs; "
                "for another issuer bring a token with --token."
            )
        return Pool.at_aws(self.user_pool_id, self.client_id, cognito_url and cleaned(cognito_url))


@dataclass(frozen=True)
class Person:
    """Who signs in, and how to ask him."""

    username: str | None
    reads_password: bool
    flow: Flow

    def name(self) -> str:
        """Return the user name."""
        return self.username or self._ask("User name", "--username", hides=False)

    def password(self) -> str:
        """Return the password."""
        if self.reads_password:
            return sys.stdin.readline().rstrip("\n")
        return self._ask("Password", "--password-stdin", hides=True)

    def new_password(self) -> str:
        """Return a new password, typed twice."""
        return self._ask("The password was for one sign-in only. New password", "", hides=True, is_new=True)

    def one_time_code(self) -> str:
        """Return the authenticator's code."""
        return self._ask("Code of your authenticator", "", hides=False)

    def _ask(self, question: str, instead: str, *, hides: bool, is_new: bool = False) -> str:
        if self.reads_password or not sys.stdin.isatty():
            way = f"give it with {instead}" if instead else "sign in at a terminal"
            raise Unusable(f"Nobody is there to answer “{question}”: {way}.")
        answer: str = typer.prompt(question, hide_input=hides, confirmation_prompt=is_new, err=True)
        return answer


def keep_token(stack: Stack, token: str, file: LoginFile) -> str:
    """Keep a token of any issuer; return a sentence about it."""
    brought = sys.stdin.readline().strip() if token == "-" else token  # noqa: S105  # a dash is no password
    file.save(Login(stack.server(), brought))
    return f"The token for {stack.server()} is kept in {file.path}; when it ends, bring another."


def sign_in(stack: Stack, person: Person, file: LoginFile, http: httpx.Client, cognito_url: str | None) -> str:
    """Sign in to a user pool and keep it; return a sentence about it.

    Raises:
        Unusable: something is missing.
        NotSignedIn: the user pool refuses, or cannot be reached.
        ApiProblem, ServerUnreachable, BrokenAnswer: there is no server at the address.
    """
    url, pool = stack.server(), stack.pool(cognito_url)
    AgentRuntimeApi(url, None, http).get_health()
    name = person.name()
    granted = _reached(pool, lambda: Cognito(pool, http).sign_in(name, person.password(), person, person.flow))
    file.save(
        Login(
            url=url,
            token=granted.token,
            username=name,
            expires_at=time.time() + granted.expires_in_seconds,
            refresh_token=granted.refresh_token,
            pool=pool,
        )
    )
    return f"Signed in to {url} as {name}; kept in {file.path}."


def sign_out(file: LoginFile, http: httpx.Client) -> str:
    """Forget the sign-in, and end it at its user pool if there is one; return a sentence about it."""
    login = file.load()
    if login is None:
        return "Nobody was signed in."
    file.forget()
    if login.pool is not None and login.refresh_token is not None:
        pool, token = login.pool, login.refresh_token
        try:
            _reached(pool, lambda: Cognito(pool, http).revoke(token))
        except NotSignedIn as error:
            return f"Forgotten here, but not ended at the user pool: {error}"
    return "Signed out."


def _reached(pool: Pool, act: Callable[[], Answer]) -> Answer:
    try:
        return act()
    except httpx.TransportError as error:
        raise NotSignedIn(f"The user pool at {pool.url} cannot be reached: {error}.") from error
