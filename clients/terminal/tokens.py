"""Tokens: where they come from, and how they get into requests."""

import json
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import httpx

from clients.terminal.cognito import Cognito, Pool
from clients.terminal.endings import NotSignedIn
from clients.terminal.login import Login, LoginFile

_EARLY_SECONDS = 60.0


class Tokens(Protocol):
    """One user's token, kept fresh."""

    def current(self) -> str:
        """Return a token that should still be good.

        Raises:
            NotSignedIn: there is none to be had.
            httpx.TransportError: whoever issues them cannot be reached.
        """
        ...

    def renewed(self) -> str | None:
        """Return another one, since the server did not take `current`; None when there is none. Raises as that."""
        ...


class GivenToken:
    """A token from an option, the environment or another issuer: when it ends, it ends."""

    def __init__(self, token: str) -> None:
        self._token = token

    def current(self) -> str:
        """Return it."""
        return self._token

    def renewed(self) -> str | None:
        """Return None."""
        return None


class EndpointToken:
    """The token of a local cloud's user, which `make up` writes anew each time."""

    def __init__(self, path: Path, user: str) -> None:
        """Take `user`'s from the `endpoint.json` at `path`."""
        self._path = path
        self._user = user
        self._last: str | None = None

    def current(self) -> str:
        """Return what the file said when last read."""
        if self._last is None:
            self._last = self._read()
        return self._last

    def renewed(self) -> str | None:
        """Read the file again."""
        before, self._last = self._last, self._read()
        return None if self._last == before else self._last

    def _read(self) -> str:
        try:
            tokens = json.loads(self._path.read_text())["tokens"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NotSignedIn(f"{self._path} cannot be read: start the local cloud with `make up`.") from error
        if self._user not in tokens:
            raise NotSignedIn(f"The local cloud knows {' and '.join(sorted(tokens))}, not {self._user}.")
        return str(tokens[self._user])


class LoginToken:
    """The kept sign-in's token, refreshed a minute before its time and whenever the server does not take it."""

    def __init__(
        self,
        file: LoginFile,
        login: Login,
        cognito: Callable[[Pool], Cognito],
        now: Callable[[], float] = time.time,
    ) -> None:
        """Begin with `login`; a refreshed one goes to `file`."""
        self._file = file
        self._login = login
        self._cognito = cognito
        self._now = now

    def current(self) -> str:
        """Return the token, a fresh one if it is about to end."""
        ends = self._login.expires_at
        if ends is not None and ends - self._now() < _EARLY_SECONDS:
            return self.renewed() or self._login.token
        return self._login.token

    def renewed(self) -> str | None:
        """Refresh, if there is a way."""
        login = self._login
        if login.pool is None or login.refresh_token is None:
            return None
        granted = self._cognito(login.pool).refresh(login.refresh_token)
        self._login = replace(
            login,
            token=granted.token,
            refresh_token=granted.refresh_token or login.refresh_token,
            expires_at=self._now() + granted.expires_in_seconds,
        )
        self._file.save(self._login)
        return granted.token


class Bearer(httpx.Auth):
    """Puts the token into requests to one server, and into no other; once more with a fresh one after a 401.

    May be shared by threads: a token is refreshed once, whoever notices first.
    """

    def __init__(self, url: str, tokens: Tokens) -> None:
        """Speak for `tokens` to what lies below `url`."""
        self._below = f"{url}/v1/"
        self._tokens = tokens
        self._lock = threading.Lock()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request, perhaps twice."""
        if not str(request.url).startswith(self._below):
            yield request
            return
        with self._lock:
            token = self._tokens.current()
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            fresh = self._after_refusal_of(token)
            if fresh is not None:
                request.headers["Authorization"] = f"Bearer {fresh}"
                yield request

    def _after_refusal_of(self, token: str) -> str | None:
        with self._lock:
            current = self._tokens.current()
            return self._tokens.renewed() if current == token else current
