"""Signing in to a Cognito user pool over its public HTTPS interface."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

import httpx

from clients.terminal.endings import NotSignedIn, Unusable
from clients.terminal.srp import PasswordProof

Flow = Literal["srp", "password"]
_TARGET = "AWSCognitoIdentityProviderService."
_ENDED = "Your sign-in has ended: sign in again with `agent-runtime login`."


@dataclass(frozen=True)
class Pool:
    """A user pool and the client we are to it.

    Attributes:
        url: Where it answers.
    """

    user_pool_id: str
    client_id: str
    url: str

    @classmethod
    def at_aws(cls, user_pool_id: str, client_id: str, url: str | None = None) -> "Pool":
        """Return the pool, by default where AWS serves the region its id names.

        Raises:
            Unusable: the id names no region.

        >>> Pool.at_aws("eu-west-1_Ab1", "c").url
        'https://cognito-idp.eu-west-1.amazonaws.com/'
        """
        region, separator, name = user_pool_id.partition("_")
        if not (region and separator and name):
            raise Unusable(f"`{user_pool_id}` is no user pool id; it looks like eu-west-1_AbCdEf123.")
        return cls(user_pool_id, client_id, url or f"https://cognito-idp.{region}.amazonaws.com/")


@dataclass(frozen=True)
class Granted:
    """What a sign-in or a refresh brought.

    Attributes:
        token: For the `Authorization` header.
        refresh_token: None when the one at hand stays in use.
    """

    token: str
    refresh_token: str | None
    expires_in_seconds: int


class Challenges(Protocol):
    """What only the person knows."""

    def new_password(self) -> str:
        """Return the password to use from now on: the first one was for one sign-in only."""
        ...

    def one_time_code(self) -> str:
        """Return what the authenticator shows now."""
        ...


class SignInRefused(NotSignedIn):
    """Cognito refused, and says why."""


def _now() -> datetime:
    return datetime.now(UTC)


class Cognito:
    """One user pool."""

    def __init__(self, pool: Pool, http: httpx.Client, now: Callable[[], datetime] = _now) -> None:
        """Reach `pool` over `http`, which the caller closes."""
        self._pool = pool
        self._http = http
        self._now = now

    def sign_in(self, username: str, password: str, challenges: Challenges, flow: Flow = "srp") -> Granted:
        """Sign in.

        Args:
            username: As the pool knows it.
            password: With the flow `srp` it is proved and never sent.
            challenges: Asked when Cognito wants more than the password.
            flow: `password` sends it, over TLS, to pools that want it so (`USER_PASSWORD_AUTH`).

        Raises:
            SignInRefused: Cognito refused.
            httpx.TransportError: it cannot be reached.
        """
        proof = PasswordProof(self._pool.user_pool_id)
        begin = (
            {"AuthFlow": "USER_SRP_AUTH", "AuthParameters": {"USERNAME": username, "SRP_A": proof.opening}}
            if flow == "srp"
            else {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": username, "PASSWORD": password}}
        )
        answer = self._call("InitiateAuth", begin)
        while "AuthenticationResult" not in answer:
            name, given = answer["ChallengeName"], answer.get("ChallengeParameters", {})
            user = given.get("USER_ID_FOR_SRP", username)
            if name == "PASSWORD_VERIFIER":
                responses = proof.answer(given, password, self._now())
            elif name == "NEW_PASSWORD_REQUIRED":
                responses = {"USERNAME": user, "NEW_PASSWORD": challenges.new_password()}
            elif name == "SOFTWARE_TOKEN_MFA":
                responses = {"USERNAME": user, "SOFTWARE_TOKEN_MFA_CODE": challenges.one_time_code()}
            else:
                raise SignInRefused(f"Cognito asks for {name}, which this client does not know.")
            session = {"Session": answer["Session"]} if "Session" in answer else {}
            answer = self._call(
                "RespondToAuthChallenge", {"ChallengeName": name, "ChallengeResponses": responses, **session}
            )
        return _granted(answer)

    def refresh(self, refresh_token: str) -> Granted:
        """Return a fresh token.

        Raises:
            NotSignedIn: the sign-in has ended, by age or revocation.
            httpx.TransportError: Cognito cannot be reached.
        """
        try:
            return _granted(
                self._call(
                    "InitiateAuth",
                    {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": refresh_token}},
                )
            )
        except SignInRefused as error:
            raise NotSignedIn(_ENDED) from error

    def revoke(self, refresh_token: str) -> None:
        """End a sign-in, so that a copy of its tokens cannot be refreshed.

        Raises:
            SignInRefused: Cognito refused.
            httpx.TransportError: it cannot be reached.
        """
        self._call("RevokeToken", {"Token": refresh_token})

    def _call(self, operation: str, body: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": _TARGET + operation}
        response = self._http.post(self._pool.url, json={"ClientId": self._pool.client_id, **body}, headers=headers)
        try:
            answer = response.json() if response.content else {}
        except ValueError:
            answer = {}
        if response.is_success:
            return answer
        code = str(answer.get("__type", f"HTTP {response.status_code}")).rpartition("#")[2]
        told = answer.get("message") or answer.get("Message") or response.reason_phrase
        raise SignInRefused(f"Cognito refuses: {str(told).rstrip('.')} ({code}).")


def _granted(answer: Any) -> Granted:
    result = answer["AuthenticationResult"]
    # The id token: only it names the client as its audience, which the API's authorizer checks.
    return Granted(result["IdToken"], result.get("RefreshToken"), int(result["ExpiresIn"]))
