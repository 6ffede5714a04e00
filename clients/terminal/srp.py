"""Proving a password to Cognito without sending it: Secure Remote Password, as its `USER_SRP_AUTH` wants it.

Source:
    RFC 5054 (the 3072-bit group, appendix A) and RFC 2945 for the protocol; padding, key derivation and message as in
    AWS's own client, `AuthenticationHelper.js` of amazon-cognito-identity-js.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime

_N = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
_G = 2
_SECRET_BITS = 1024  # RFC 5054 asks for 256; AWS's own client takes these
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class PasswordProof:
    """One attempt to prove one password.

    Attributes:
        opening: The `SRP_A` that begins it.
    """

    def __init__(self, user_pool_id: str) -> None:
        """Begin with a secret of our own, never used again."""
        self._pool = user_pool_id.partition("_")[2]
        self._secret = secrets.randbits(_SECRET_BITS)
        self._opening = pow(_G, self._secret, _N)
        self.opening = f"{self._opening:x}"

    def answer(self, challenge: Mapping[str, str], password: str, now: datetime) -> dict[str, str]:
        """Return the responses to a `PASSWORD_VERIFIER` challenge.

        Args:
            challenge: Its parameters.
            password: What is proved and not sent.
            now: UTC; a server whose clock is minutes away refuses the proof.
        """
        user = challenge["USER_ID_FOR_SRP"]
        key = self._key(user, password, int(challenge["SALT"], 16), int(challenge["SRP_B"], 16))
        # English whatever the locale, and no zero before the day.
        moment = f"{_DAYS[now.weekday()]} {_MONTHS[now.month - 1]} {now.day} {now:%H:%M:%S} UTC {now.year}"
        block = challenge["SECRET_BLOCK"]
        message = f"{self._pool}{user}".encode() + base64.b64decode(block) + moment.encode()
        return {
            "USERNAME": user,
            "TIMESTAMP": moment,
            "PASSWORD_CLAIM_SECRET_BLOCK": block,
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(hmac.digest(key, message, "sha256")).decode(),
        }

    def _key(self, user: str, password: str, salt: int, theirs: int) -> bytes:
        scramble = _hash(_padded(self._opening), _padded(theirs))
        identity = hashlib.sha256(f"{self._pool}{user}:{password}".encode()).digest()
        private = _hash(_padded(salt), identity)
        multiplier = _hash(_padded(_N), _padded(_G))
        shared = pow(theirs - multiplier * pow(_G, private, _N), self._secret + scramble * private, _N)
        derived = hmac.digest(_padded(scramble), _padded(shared), "sha256")
        return hmac.digest(derived, b"Caldera Derived Key\x01", "sha256")[:16]


def _padded(number: int) -> bytes:
    """Return big-endian bytes, with a zero byte before a set first bit: the number must not look negative."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _hash(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")
