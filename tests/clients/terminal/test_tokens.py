"""Tokens are kept safe, kept fresh, and shown to nobody but their server."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from clients.terminal.cognito import Cognito
from clients.terminal.endings import NotSignedIn
from clients.terminal.login import Login, LoginFile
from clients.terminal.tokens import Bearer, EndpointToken, GivenToken, LoginToken, Tokens
from tests.clients.fake_runtime import BASE_URL, FakeRuntime
from tests.clients.terminal.fake_cognito import POOL, FakeCognito
from tests.clients.terminal.test_cognito import over
from tests.support.patience import PATIENCE_SECONDS

LOGIN = Login(BASE_URL, "old-token", "alice", expires_at=1000.0, refresh_token="refresh-1", pool=POOL)


@pytest.fixture
def file(tmp_path: Path) -> LoginFile:
    """Return where a sign-in is kept."""
    return LoginFile.of_person({"XDG_CONFIG_HOME": str(tmp_path / "config")})


@pytest.fixture
def pool() -> FakeCognito:
    """Return a pool in memory."""
    return FakeCognito()


def kept(file: LoginFile, pool: FakeCognito, login: Login = LOGIN, now: float = 0.0) -> LoginToken:
    """Return the token of a sign-in at a time."""
    return LoginToken(file, login, lambda known: Cognito(known, over(pool)), lambda: now)


def asked(runtime: FakeRuntime, tokens: Tokens, url: str = f"{BASE_URL}/v1/sessions?limit=1") -> httpx.Response:
    """Return what the server answers to whoever has these tokens."""
    with httpx.Client(transport=runtime.transport(), auth=Bearer(BASE_URL, tokens)) as http:
        return http.get(url)


def test_sign_in_is_kept_for_its_owner_alone(file: LoginFile, tmp_path: Path) -> None:
    """What is saved is loaded again; nobody else can read it, and no half of it is ever there."""
    file.save(LOGIN)
    file.save(Login(BASE_URL, "t"))
    without_pool = file.load()
    file.save(LOGIN)

    assert file.load() == LOGIN
    assert without_pool == Login(BASE_URL, "t")
    assert file.path == tmp_path / "config/agent-runtime/login.json"
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.path.parent.stat().st_mode & 0o777 == 0o700
    assert [one.name for one in file.path.parent.iterdir()] == ["login.json"]


def test_nothing_is_loaded_when_nothing_is_kept(file: LoginFile) -> None:
    """Forgetting what is not there is fine."""
    file.forget()

    assert file.load() is None


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"url": 1, "token": "t"}', '{"url": 1, "more": 2}', '{"url": "u", "token": "t", "pool": {}}'],
)
def test_damaged_sign_in_is_told(file: LoginFile, text: str) -> None:
    """The file is named, with what to do."""
    file.save(LOGIN)
    file.path.write_text(text)

    with pytest.raises(NotSignedIn, match=r"login\.json cannot be read: sign in again"):
        file.load()


@pytest.mark.parametrize("environment", [{}, {"XDG_CONFIG_HOME": "relative"}])
def test_sign_in_is_kept_below_the_home_folder_by_default(environment: dict[str, str]) -> None:
    """As the XDG specification says, a relative path counts for nothing."""
    assert LoginFile.of_person(environment).path == Path.home() / ".config/agent-runtime/login.json"


def test_token_goes_to_its_server_and_to_no_other(runtime: FakeRuntime) -> None:
    """Content beside the API is fetched without it, on the same host, too."""
    runtime.contents = {"/bucket/1": "long", "/prefix/v1x": "other"}
    given = GivenToken("alice-token")

    assert asked(runtime, given).status_code == 200
    assert asked(runtime, given, "http://runtime.test/bucket/1").text == "long"
    assert asked(runtime, given, f"{BASE_URL}/v1x").text == "other"
    assert ["Authorization" in request.headers for request in runtime.requests] == [True, False, False]


def test_given_token_ends_when_it_ends(runtime: FakeRuntime) -> None:
    """Nothing can renew it, so it is not sent twice."""
    assert asked(runtime, GivenToken("stale")).status_code == 401
    assert len(runtime.requests) == 1


@pytest.mark.parametrize(("now", "is_refreshed"), [(0.0, False), (939.0, False), (941.0, True), (5000.0, True)])
def test_token_is_refreshed_before_its_time(
    file: LoginFile, pool: FakeCognito, now: float, *, is_refreshed: bool
) -> None:
    """A minute early, once, and for the next command, too."""
    tokens = kept(file, pool, now=now)

    assert tokens.current() == tokens.current() == ("alice-token" if is_refreshed else "old-token")
    assert len(pool.requests) == is_refreshed
    assert file.load() == (
        Login(BASE_URL, "alice-token", "alice", now + 3600, "refresh-1", POOL) if is_refreshed else None
    )


def test_token_is_refreshed_when_the_server_does_not_take_it(
    file: LoginFile, pool: FakeCognito, runtime: FakeRuntime
) -> None:
    """A 401 is answered with a fresh token; the caller sees only the success."""
    pool.is_rotating = True

    assert asked(runtime, kept(file, pool)).status_code == 200
    assert [request.headers["Authorization"] for request in runtime.requests] == [
        "Bearer old-token",
        "Bearer alice-token",
    ]
    saved = file.load()
    assert saved is not None
    assert saved.refresh_token == "refresh-2"


def test_request_is_repeated_once_only(file: LoginFile, pool: FakeCognito, runtime: FakeRuntime) -> None:
    """A server that takes no token at all is not asked for ever."""
    pool.tokens[0] = "strange-token"

    assert asked(runtime, kept(file, pool)).status_code == 401
    assert len(runtime.requests) == 2


def test_end_of_the_sign_in_is_told(file: LoginFile, pool: FakeCognito, runtime: FakeRuntime) -> None:
    """Revoked means signed out."""
    pool.refresh_tokens.clear()

    with pytest.raises(NotSignedIn, match="sign in again"):
        asked(runtime, kept(file, pool))


def test_brought_token_is_used_after_its_time(file: LoginFile, pool: FakeCognito) -> None:
    """Without a way to refresh, the server decides."""
    login = Login(BASE_URL, "alice-token", expires_at=10.0)

    assert kept(file, pool, login, now=20.0).current() == "alice-token"


def test_token_is_refreshed_once_when_many_notice(file: LoginFile, pool: FakeCognito, runtime: FakeRuntime) -> None:
    """Threads that share a sign-in share its refresh."""
    bearer = Bearer(BASE_URL, kept(file, pool))
    meet = threading.Barrier(4)
    codes: list[int] = []

    def both_refused(answer: Callable[[httpx.Request], httpx.Response]) -> Callable[[httpx.Request], httpx.Response]:
        def handle(request: httpx.Request) -> httpx.Response:
            response = answer(request)
            if response.status_code == 401:
                meet.wait(PATIENCE_SECONDS)
            return response

        return handle

    transport = httpx.MockTransport(both_refused(runtime.transport().handle_request))
    with httpx.Client(transport=transport, auth=bearer) as http:
        threads = [
            threading.Thread(target=lambda: codes.append(http.get(f"{BASE_URL}/v1/sessions?limit=1").status_code))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert codes == [200] * 4
    assert len(pool.requests) == 1


def test_local_cloud_is_read_again_when_its_token_changed(tmp_path: Path, runtime: FakeRuntime) -> None:
    """`make up` writes new tokens; who is running takes them up."""
    path = tmp_path / "endpoint.json"
    path.write_text(json.dumps({"tokens": {"alice": "stale", "bob": "b"}}))
    tokens = EndpointToken(path, "alice")

    assert asked(runtime, tokens).status_code == 401
    path.write_text(json.dumps({"tokens": {"alice": "alice-token", "bob": "b"}}))
    assert asked(runtime, tokens).status_code == 200
    assert tokens.renewed() is None


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "start the local cloud"), ("[]", "start the"), ('{"tokens": {"bob": "b"}}', "knows bob, not alice")],
)
def test_unfit_endpoint_is_told(tmp_path: Path, text: str, words: str) -> None:
    """What is wrong with the file is said, and what to do."""
    path = tmp_path / "endpoint.json"
    path.write_text(text)

    with pytest.raises(NotSignedIn, match=words):
        EndpointToken(path, "alice").current()
