"""Signing in proves the password as Cognito wants it, and answers what else it asks."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.terminal.cognito import Cognito, Flow, Granted, Pool, SignInRefused
from clients.terminal.endings import NotSignedIn, Unusable
from clients.terminal.srp import PasswordProof
from tests.clients.terminal.fake_cognito import POOL, FakeCognito

GRANTED = Granted("alice-token", "refresh-1", 3600)


class Answers:
    """A person with a new password and an authenticator."""

    def new_password(self) -> str:
        """Return it."""
        return "battery staple"

    def one_time_code(self) -> str:
        """Return it."""
        return "123456"


@pytest.fixture
def pool() -> FakeCognito:
    """Return a pool in memory."""
    return FakeCognito()


def over(pool: FakeCognito) -> httpx.Client:
    """Return connections to the pool."""

    def handle(request: httpx.Request) -> httpx.Response:
        assert request.headers["Content-Type"] == "application/x-amz-json-1.1"
        service, _, operation = request.headers["X-Amz-Target"].partition(".")
        assert service == "AWSCognitoIdentityProviderService"
        reply = pool.answer(operation, json.loads(request.content))
        return httpx.Response(reply.status, content=reply.content)

    return httpx.Client(transport=httpx.MockTransport(handle))


@pytest.fixture
def cognito(pool: FakeCognito) -> Iterator[Cognito]:
    """Return a client of the pool, one winter's morning."""
    with over(pool) as http:
        yield Cognito(POOL, http, lambda: datetime(2026, 1, 4, 5, 6, 7, tzinfo=UTC))


@pytest.mark.parametrize("flow", ["srp", "password"])
def test_token_is_granted_for_the_right_password(cognito: Cognito, pool: FakeCognito, flow: Flow) -> None:
    """Proved or sent, the right password brings tokens; proved, it is in no request."""
    assert cognito.sign_in("alice", "correct horse", Answers(), flow) == GRANTED
    assert ("correct horse" in str(pool.requests)) == (flow == "password")


@pytest.mark.parametrize("flow", ["srp", "password"])
@pytest.mark.parametrize(("user", "password"), [("alice", "wrong"), ("mallory", "correct horse")])
def test_wrong_password_is_refused(cognito: Cognito, flow: Flow, user: str, password: str) -> None:
    """Cognito's words, and its code, reach the person."""
    with pytest.raises(SignInRefused, match=r"Cognito refuses: Incorrect password \(NotAuthorizedException\)\."):
        cognito.sign_in(user, password, Answers(), flow)


def test_time_is_told_in_english_without_zeros_before_the_day(cognito: Cognito, pool: FakeCognito) -> None:
    """The one format that Cognito takes."""
    cognito.sign_in("alice", "correct horse", Answers())

    assert pool.requests[1][1]["ChallengeResponses"]["TIMESTAMP"] == "Sun Jan 4 05:06:07 UTC 2026"


@given(password=st.text(max_size=40))
@settings(deadline=None, max_examples=10)
def test_every_password_can_be_proved(password: str) -> None:
    """Whatever the password, numbers with a set first bit included, both sides agree on it."""
    fake = FakeCognito()
    fake.users["alice"] = password
    proof = PasswordProof("eu-test-1_Pool")
    challenge = fake.answer(
        "InitiateAuth",
        {
            "ClientId": POOL.client_id,
            "AuthFlow": "USER_SRP_AUTH",
            "AuthParameters": {"USERNAME": "alice", "SRP_A": proof.opening},
        },
    ).body["ChallengeParameters"]

    def verdict(attempt: str) -> int:
        responses = proof.answer(challenge, attempt, datetime(2026, 1, 1, tzinfo=UTC))
        body = {"ClientId": POOL.client_id, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": responses}
        return fake.answer("RespondToAuthChallenge", body).status

    assert verdict(password) == 200
    assert verdict(f"{password}x") == 400


@pytest.mark.parametrize("flow", ["srp", "password"])
@pytest.mark.parametrize(
    "wants", [["NEW_PASSWORD_REQUIRED"], ["SOFTWARE_TOKEN_MFA"], ["NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA"]]
)
def test_further_questions_are_answered(cognito: Cognito, pool: FakeCognito, flow: Flow, wants: list[str]) -> None:
    """A first password is changed, a one-time code given."""
    pool.wants.extend(wants)

    assert cognito.sign_in("alice", "correct horse", Answers(), flow) == GRANTED


def test_wrong_code_is_refused(cognito: Cognito, pool: FakeCognito) -> None:
    """A refusal on the way is one, too."""
    pool.wants.append("SOFTWARE_TOKEN_MFA")
    pool.takes["SOFTWARE_TOKEN_MFA_CODE"] = "654321"

    with pytest.raises(SignInRefused, match=r"Invalid code \(CodeMismatchException\)"):
        cognito.sign_in("alice", "correct horse", Answers())


def test_unknown_question_is_told(cognito: Cognito, pool: FakeCognito) -> None:
    """What this client cannot answer has a name."""
    pool.wants.append("SMS_MFA")

    with pytest.raises(SignInRefused, match="Cognito asks for SMS_MFA"):
        cognito.sign_in("alice", "correct horse", Answers())


def test_token_is_refreshed_until_the_sign_in_ends(cognito: Cognito, pool: FakeCognito) -> None:
    """A refresh token brings tokens, rotated or not; revoked, it brings a sentence."""
    assert cognito.refresh("refresh-1") == Granted("alice-token", None, 3600)
    pool.is_rotating = True
    assert cognito.refresh("refresh-1") == Granted("alice-token", "refresh-2", 3600)

    cognito.revoke("refresh-1")

    with pytest.raises(NotSignedIn, match="Your sign-in has ended"):
        cognito.refresh("refresh-1")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html>", r"Bad Gateway \(HTTP 502\)"),
        (b"", r"Bad Gateway \(HTTP 502\)"),
        (b'{"__type": "com.amazon#TooManyRequestsException", "Message": "Slow down."}', r"Slow down \(TooManyR"),
    ],
)
def test_any_refusal_becomes_a_sentence(content: bytes, words: str) -> None:
    """Also what something in between says."""
    transport = httpx.MockTransport(lambda _request: httpx.Response(502, content=content))

    with httpx.Client(transport=transport) as http, pytest.raises(SignInRefused, match=words):
        Cognito(POOL, http).sign_in("alice", "x", Answers())


@pytest.mark.parametrize("pool_id", ["", "eu-west-1", "_x", "eu-west-1_"])
def test_pool_id_without_region_is_refused(pool_id: str) -> None:
    """The id says where the pool is."""
    with pytest.raises(Unusable, match="no user pool id"):
        Pool.at_aws(pool_id, "c")


def test_pool_may_be_elsewhere() -> None:
    """A local cloud serves pools at its own address."""
    assert Pool.at_aws("us-east-1_A", "c", "http://127.0.0.1:1").url == "http://127.0.0.1:1"
