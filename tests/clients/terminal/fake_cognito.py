"""A user pool in memory, which checks passwords the way Cognito does."""

import base64
import hashlib
import hmac
import secrets
from collections import deque
from functools import cache
from typing import Any

from clients.terminal.cognito import Pool
from tests.clients.fake_http import Reply

POOL = Pool("eu-test-1_Pool", "client-1", "http://cognito.test/")
_G = 2
_K_HEX = "538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6"
"""SHA-256 of the padded prime and generator, as AWS's clients compute it."""


class FakeCognito:
    """One pool with users and what it wants of them beyond the password.

    Attributes:
        users: Password by name.
        tokens: Id tokens to hand out, in order; the last one for ever.
        wants: Challenges after the password, in order.
        takes: What a challenge has to be answered with.
        requests: Operation and body of everything that arrived.
        is_rotating: Whether a refresh brings a new refresh token.
    """

    def __init__(self) -> None:
        self.users = {"alice": "correct horse"}
        self.tokens = deque(["alice-token"])
        self.wants: deque[str] = deque()
        self.takes = {"NEW_PASSWORD": "battery staple", "SOFTWARE_TOKEN_MFA_CODE": "123456"}
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.refresh_tokens = {"refresh-1"}
        self.is_rotating = False
        self._srp: dict[str, Any] = {}

    def answer(self, operation: str, body: dict[str, Any]) -> Reply:
        """Answer one request."""
        self.requests.append((operation, body))
        assert body["ClientId"] == POOL.client_id
        if operation == "RevokeToken":
            self.refresh_tokens.discard(body["Token"])
            return Reply(200, "")
        if operation == "InitiateAuth":
            return self._begin(body["AuthFlow"], body["AuthParameters"])
        given = body["ChallengeResponses"]
        if body["ChallengeName"] == "PASSWORD_VERIFIER":
            return self._next() if self._is_proved(given) else refused("NotAuthorizedException", "Incorrect password.")
        assert body["Session"] == "session-1"
        assert given["USERNAME"] == "alice"
        is_right = all(self.takes[name] == value for name, value in given.items() if name != "USERNAME")
        return self._next() if is_right else refused("CodeMismatchException", "Invalid code")

    def _begin(self, flow: str, given: dict[str, str]) -> Reply:
        if flow == "REFRESH_TOKEN_AUTH":
            if given["REFRESH_TOKEN"] not in self.refresh_tokens:
                return refused("NotAuthorizedException", "Refresh Token has been revoked")
            more = {"RefreshToken": "refresh-2"} if self.is_rotating else {}
            self.refresh_tokens |= {"refresh-2"} if self.is_rotating else set()
            return Reply(200, {"AuthenticationResult": {"IdToken": self._token(), "ExpiresIn": 3600, **more}})
        if flow == "USER_PASSWORD_AUTH":
            is_right = self.users.get(given["USERNAME"]) == given["PASSWORD"]
            return self._next() if is_right else refused("NotAuthorizedException", "Incorrect password.")
        return self._challenge(given["USERNAME"], int(given["SRP_A"], 16))

    def _next(self) -> Reply:
        if self.wants:
            parameters = {"USER_ID_FOR_SRP": "alice"}
            challenge = {"ChallengeName": self.wants.popleft(), "Session": "session-1"}
            return Reply(200, {**challenge, "ChallengeParameters": parameters})
        result = {"IdToken": self._token(), "AccessToken": "a", "RefreshToken": "refresh-1", "ExpiresIn": 3600}
        return Reply(200, {"AuthenticationResult": result})

    def _token(self) -> str:
        return self.tokens.popleft() if len(self.tokens) > 1 else self.tokens[0]

    def _challenge(self, user: str, theirs: int) -> Reply:
        prime = _prime()
        salt, ours = secrets.randbits(127), secrets.randbits(256)
        inner = hashlib.sha256(f"Pool{user}:{self.users.get(user, secrets.token_hex())}".encode()).digest()
        verifier = pow(_G, _digest(_bytes(salt), inner), prime)
        opening = (int(_K_HEX, 16) * verifier + pow(_G, ours, prime)) % prime
        scramble = _digest(_bytes(theirs), _bytes(opening))
        shared = pow(theirs * pow(verifier, scramble, prime), ours, prime)
        derived = hmac.digest(_bytes(scramble), _bytes(shared), "sha256")
        block = base64.b64encode(secrets.token_bytes(64)).decode()
        self._srp = {
            "key": hmac.digest(derived, b"Caldera Derived Key\x01", "sha256")[:16],
            "user": user,
            "block": block,
        }
        parameters = {
            "SALT": f"{salt:x}",
            "SRP_B": f"{opening:x}",
            "SECRET_BLOCK": block,
            "USER_ID_FOR_SRP": user,
        }
        return Reply(200, {"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": parameters})

    def _is_proved(self, given: dict[str, str]) -> bool:
        block, user = self._srp["block"], self._srp["user"]
        message = f"Pool{user}".encode() + base64.b64decode(block) + given["TIMESTAMP"].encode()
        expected = base64.b64encode(hmac.digest(self._srp["key"], message, "sha256")).decode()
        return given["PASSWORD_CLAIM_SECRET_BLOCK"] == block and given["PASSWORD_CLAIM_SIGNATURE"] == expected


def refused(code: str, message: str) -> Reply:
    """Return an error as Cognito sends it."""
    return Reply(400, {"__type": code, "message": message})


@cache
def _prime() -> int:
    """Return the 3072-bit prime of RFC 5054 by its definition: 2^3072 - 2^3008 - 1 + 2^64 * ([2^2942 pi] + 1690314)."""
    return 2**3072 - 2**3008 - 1 + 2**64 * (_pi_times_two_to(2942) + 1690314)


def _pi_times_two_to(bits: int) -> int:
    one = 1 << (bits + 64)

    def arctan_of_inverse(number: int) -> int:
        total = term = one // number
        divisor = 3
        while term:
            term //= -number * number
            total += term // divisor
            divisor += 2
        return total

    return (4 * (4 * arctan_of_inverse(5) - arctan_of_inverse(239))) >> 64


def _bytes(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _digest(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")
