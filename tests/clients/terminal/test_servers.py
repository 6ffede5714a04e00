"""The server is the one that was meant: named, signed in to, or running in the checkout."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from clients.terminal.endings import NotSignedIn, Unusable
from clients.terminal.login import Login, LoginFile
from clients.terminal.servers import Server, Wish, cleaned, find_server

LOCAL = "http://127.0.0.1:4566/_aws/execute-api/a1"
DEPLOYED = "https://abc.execute-api.eu-west-1.amazonaws.com"


@pytest.fixture
def file(tmp_path: Path) -> LoginFile:
    """Return where a sign-in is kept."""
    return LoginFile(tmp_path / "login.json")


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    """Return connections that nobody uses."""
    with httpx.Client() as client:
        yield client


@pytest.fixture
def endpoint(tmp_path: Path) -> Path:
    """Return a checkout's endpoint.json."""
    path = tmp_path / "endpoint.json"
    path.write_text(json.dumps({"url": LOCAL, "tokens": {"alice": "a", "bob": "b"}}))
    return path


@pytest.fixture
def signed_in(file: LoginFile) -> LoginFile:
    """Return where a sign-in is kept that is there."""
    file.save(Login(DEPLOYED, "kept"))
    return file


def test_named_endpoint_wins_over_everything(
    signed_in: LoginFile, endpoint: Path, http: httpx.Client, tmp_path: Path
) -> None:
    """`make chat` talks to the local cloud whoever is signed in to what."""
    found = find_server(Wish(endpoint=endpoint, user="bob", url=DEPLOYED), signed_in, http, tmp_path / "none")
    given = find_server(Wish(endpoint=endpoint, token="mine"), signed_in, http)

    assert (found.url, found.tokens.current()) == (LOCAL, "b")
    assert given.tokens.current() == "mine"
    assert str(endpoint) in found.origin


def test_sign_in_is_used_for_its_own_server(signed_in: LoginFile, endpoint: Path, http: httpx.Client) -> None:
    """Without a name, and under its own name; a token given for once goes before the one kept."""
    for wish in (Wish(), Wish(url=f"{DEPLOYED}/v1/")):
        found = find_server(wish, signed_in, http, endpoint)
        assert (found.url, found.tokens.current()) == (DEPLOYED, "kept")
    assert find_server(Wish(token="mine"), signed_in, http).tokens.current() == "mine"


def test_kept_token_is_for_no_other_server(signed_in: LoginFile, endpoint: Path, http: httpx.Client) -> None:
    """Another address needs a token of its own."""
    with pytest.raises(NotSignedIn, match="There is no token for https://other"):
        find_server(Wish(url="https://other"), signed_in, http, endpoint)

    found = find_server(Wish(url="https://other", token="mine"), signed_in, http, endpoint)
    assert (found.url, found.tokens.current(), found.origin) == ("https://other", "mine", "given address")


def test_checkout_is_found_when_nothing_else_is_known(file: LoginFile, endpoint: Path, http: httpx.Client) -> None:
    """In a checkout, the cloud that runs there."""
    found = find_server(Wish(), file, http, endpoint)

    assert isinstance(found, Server)
    assert (found.url, found.tokens.current()) == (LOCAL, "a")


def test_nothing_known_is_told_with_what_to_do(file: LoginFile, tmp_path: Path, http: httpx.Client) -> None:
    """Every way in is named."""
    with pytest.raises(NotSignedIn, match=r"login.*--url.*make up"):
        find_server(Wish(), file, http, tmp_path / "none")


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"url": 7}'])
def test_unfit_endpoint_is_told(file: LoginFile, endpoint: Path, http: httpx.Client, text: str) -> None:
    """The file is named."""
    endpoint.write_text(text)

    with pytest.raises(NotSignedIn, match=r"endpoint\.json cannot be read"):
        find_server(Wish(endpoint=endpoint), file, http)


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        (f"{DEPLOYED}/v1", DEPLOYED),
        (f" {DEPLOYED}/v1/ ", DEPLOYED),
        ("https://example.org/base/", "https://example.org/base"),
        ("http://localhost:8080/v1", "http://localhost:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://127.0.0.2", "http://127.0.0.2"),
    ],
)
def test_address_is_cleaned(url: str, clean: str) -> None:
    """With or without version and slash, it is the same server."""
    assert cleaned(url) == clean


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org",
        "https://",
        "https://[::1",
        "https://me:pw@example.org",
        "https://example.org?x=1",
        "https://example.org#x",
        "https://exa mple.org:x",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    """With an example of one."""
    with pytest.raises(Unusable, match="no address of a server"):
        cleaned(url)


@pytest.mark.parametrize("url", ["http://example.org", "http://localhost.example.org", "http://10.0.0.1"])
def test_token_does_not_travel_in_the_open(url: str) -> None:
    """Beyond this machine, only over TLS."""
    with pytest.raises(Unusable, match="in the open"):
        cleaned(url)
