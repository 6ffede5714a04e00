"""The sign-in that is kept between commands."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from clients.terminal.cognito import Pool
from clients.terminal.endings import NotSignedIn


@dataclass(frozen=True)
class Login:
    """A server and who speaks to it.

    Attributes:
        url: The server's address, without `/v1`.
        username: As given; None for a token that was brought along.
        token: The newest one.
        expires_at: Seconds since 1970; None when nobody said.
        refresh_token: Brings the next token; None when there is no way to one.
        pool: Where to ask for it; None as above.
    """

    url: str
    token: str
    username: str | None = None
    expires_at: float | None = None
    refresh_token: str | None = None
    pool: Pool | None = None

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Login":
        """Read what `asdict` made of one.

        Raises:
            AttributeError, TypeError: it is not that.
        """
        pool = raw.get("pool")
        login = cls(**{**raw, "pool": None if pool is None else Pool(**pool)})
        if not isinstance(login.url, str) or not isinstance(login.token, str):
            raise TypeError("url and token must be texts")
        return login


class LoginFile:
    """`login.json`, readable by its owner alone.

    Attributes:
        path: Where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of_person(cls, environment: Mapping[str, str]) -> "LoginFile":
        """Return the one below `XDG_CONFIG_HOME`, or below `~/.config`.

        Source:
            XDG Base Directory Specification: a relative path there is to be ignored.
        """
        given = Path(environment.get("XDG_CONFIG_HOME", ""))
        return cls((given if given.is_absolute() else Path.home() / ".config") / "agent-runtime" / "login.json")

    def load(self) -> Login | None:
        """Return what is kept, None when nothing is.

        Raises:
            NotSignedIn: it cannot be read.
        """
        try:
            return Login.from_json(json.loads(self.path.read_text()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise NotSignedIn(
                f"The sign-in kept in {self.path} cannot be read: sign in again with `agent-runtime login`."
            ) from error

    def save(self, login: Login) -> None:
        """Keep it, whole or not at all, in place of what was kept."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = self.path.with_name(f"login.{secrets.token_hex(4)}.partial")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(login), file, indent=2)
        partial.replace(self.path)

    def forget(self) -> None:
        """Remove it."""
        self.path.unlink(missing_ok=True)
