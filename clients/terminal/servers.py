"""Where the server is, and who speaks to it."""

import ipaddress
import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from clients.terminal.cognito import Cognito
from clients.terminal.endings import NotSignedIn, Unusable
from clients.terminal.login import LoginFile
from clients.terminal.tokens import EndpointToken, GivenToken, LoginToken, Tokens

CHECKOUT_ENDPOINT = Path(__file__).resolve().parents[2] / ".local" / "endpoint.json"
"""What `make up` writes, if this program runs from a checkout."""


@dataclass(frozen=True)
class Wish:
    """What the options and the environment say; None where they say nothing.

    Attributes:
        endpoint: An `endpoint.json`.
        user: Whose token to take from there.
    """

    url: str | None = None
    token: str | None = None
    endpoint: Path | None = None
    user: str = "alice"


@dataclass(frozen=True)
class Server:
    """A server.

    Attributes:
        url: Its address, without `/v1`.
        tokens: Who we are to it.
        origin: Where this was found, for people.
    """

    url: str
    tokens: Tokens
    origin: str


def find_server(wish: Wish, file: LoginFile, http: httpx.Client, fallback: Path = CHECKOUT_ENDPOINT) -> Server:
    """Return the server that is meant: `--endpoint`, then `--url`, the kept sign-in, the checkout's own.

    Args:
        wish: The options.
        file: The kept sign-in.
        http: To refresh tokens with.
        fallback: The checkout's `endpoint.json`, there or not.

    Raises:
        NotSignedIn: no server is known, or no token for it.
        Unusable: an address that cannot be one.
    """
    given = None if wish.token is None else GivenToken(wish.token)
    if wish.endpoint is not None:
        return _local(wish.endpoint, wish.user, given)
    login = file.load()
    url = None if wish.url is None else cleaned(wish.url)
    if login is not None and url in {None, login.url}:
        kept = LoginToken(file, login, partial(Cognito, http=http))
        return Server(login.url, given or kept, f"kept sign-in, {file.path}")
    if url is not None:
        if given is None:
            raise NotSignedIn(
                f"There is no token for {url}: sign in with `agent-runtime login --url {url}`, "
                "or put one into AGENT_RUNTIME_TOKEN."
            )
        return Server(url, given, "given address")
    if fallback.exists():
        return _local(fallback, wish.user, given)
    raise NotSignedIn(
        "No server is known: sign in with `agent-runtime login`, name one with --url, or start one with `make up`."
    )


def cleaned(url: str) -> str:
    """Return an address without its version.

    Raises:
        Unusable: no address, or one that would carry the token over the network in the open.

    >>> cleaned("https://abc.execute-api.eu-west-1.amazonaws.com/v1/")
    'https://abc.execute-api.eu-west-1.amazonaws.com'
    """
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
        httpx.URL(url.strip())
    except (ValueError, httpx.InvalidURL):
        host = None
    if host is None or parts.scheme not in {"http", "https"} or parts.username or parts.query or parts.fragment:
        raise Unusable(f"`{url}` is no address of a server; it looks like https://example.org.")
    if parts.scheme == "http" and not _is_this_machine(host):
        raise Unusable(f"`{url}` would send your token through the network in the open: use https.")
    return url.strip().rstrip("/").removesuffix("/v1")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _local(path: Path, user: str, given: GivenToken | None) -> Server:
    try:
        url = cleaned(json.loads(path.read_text())["url"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotSignedIn(f"{path} cannot be read: start the local cloud with `make up`.") from error
    return Server(url, given or EndpointToken(path, user), f"local cloud, {path}")
