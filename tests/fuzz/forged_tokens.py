"""Tokens that no user pool of ours has given out, in every way that is known to have worked somewhere."""

import base64
import hmac
import json
import time
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

Json = dict[str, Any]
HOUR = 3600


def forged(token: str, public_keys: list[Json], other_pool: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with each token, and the token.

    Args:
        token: A good one, from which they are made.
        public_keys: Of its pool, as JWKS tells them to everyone.
        other_pool: A good token of another pool.
    """
    head, body, signature = token.split(".")
    header, claims = _read(head), _read(body)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    now = int(time.time())

    for alg in ("none", "None", "NONE", "nOnE", ""):
        yield f"alg {alg!r} and no signature", f"{_written(header | {'alg': alg})}.{body}."
        yield f"alg {alg!r} and the old signature", f"{_written(header | {'alg': alg})}.{body}.{signature}"
    for number, public in enumerate(public_keys):
        for how, secret in _secrets(public):
            yield f"HS256 with public key {number} as {how}", _hs256(header, claims, secret)
    for alg in ("RS256", "PS256", "ES256"):
        yield f"{alg} with a key of one's own", _signed(header | {"alg": alg}, claims, key)
    own = _public(key) | {"kid": header["kid"]}
    yield "a key of one's own in the header", _signed(header | {"jwk": own}, claims, key)
    yield "a key of one's own elsewhere", _signed(header | {"jku": "http://127.0.0.1:9/keys"}, claims, key)
    for kid in ("", "../../../../dev/null", "' OR 1=1 --", "x", None, 0, ["x"]):
        yield f"the key id {kid!r}", _signed(header | {"kid": kid}, claims, key)
    for what, changed in {
        "another user": {"sub": "00000000-0000-4000-8000-000000000000"},
        "another issuer": {"iss": "https://issuer.example"},
        "an issuer that begins alike": {"iss": claims["iss"] + "x"},
        "another audience": {"aud": "another"},
        "an expiry in the past": {"exp": now - HOUR},
        "an expiry far away": {"exp": now + 1000 * HOUR},
        "not before an hour from now": {"nbf": now + HOUR},
        "an expiry that is no number": {"exp": "never"},
        "nothing else": {},
    }.items():
        yield f"{what}, under the old signature", f"{head}.{_written(claims | changed | {'jti': 'forged'})}.{signature}"
        yield f"{what}, under a key of one's own", _signed(header, claims | changed, key)
    without_expiry = {name: value for name, value in claims.items() if name != "exp"}
    yield "no expiry, under the old signature", f"{head}.{_written(without_expiry)}.{signature}"
    yield "no expiry, under a key of one's own", _signed(header, without_expiry, key)
    yield "the token of another pool", other_pool
    yield "claims of another pool", f"{head}.{other_pool.split('.')[1]}.{signature}"
    for what, garbage in _garbage(token):
        yield what, garbage


def of_own_key(token: str, key: rsa.RSAPrivateKey) -> Iterator[tuple[str, str]]:
    """Yield tokens that the pool's own key has signed and that must let nobody in, each with what is wrong with it.

    The pool itself would not sign most of them; that nobody needs to rely on it is the point.
    """
    head, body, _ = token.split(".")
    header, claims = _read(head), _read(body)
    now = int(time.time())
    changes: dict[str, Json] = {
        "expired an hour ago": {"exp": now - HOUR},
        "expired this second": {"exp": now},
        "expired, as text": {"exp": str(now - HOUR)},
        "an expiry that is no number": {"exp": "never"},
        "not valid for an hour": {"nbf": now + HOUR},
        "given out in an hour": {"iat": now + HOUR},
        "another issuer": {"iss": "https://issuer.example"},
        "an issuer that begins alike": {"iss": claims["iss"] + "x"},
        "a subject of nobody": {"sub": ""},
        "a subject that is null": {"sub": None},
    }
    for what, changed in changes.items():
        yield what, _signed(header, claims | changed, key)
    for name in ("exp", "iss", "sub"):
        lacking = {other: value for other, value in claims.items() if other != name}
        yield f"no {name}", _signed(header, lacking, key)


def signed_again(token: str, key: rsa.RSAPrivateKey) -> str:
    """Return the same claims under a signature of this key."""
    head, body, _ = token.split(".")
    return _signed(_read(head), _read(body), key)


def _garbage(token: str) -> Iterator[tuple[str, str]]:
    head, body, signature = token.split(".")
    yield from {
        "no signature": f"{head}.{body}.",
        "two parts": f"{head}.{body}",
        "four parts": f"{token}.{signature}",
        "five parts": f"{head}.{body}.{signature}.a.b",
        "dots": "..",
        "one word": "x",
        "nothing": "",
        "a signature cut short": token[:-4],
        "a signature turned round": f"{head}.{body}.{signature[::-1]}",
        "another first letter of the signature": f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}",
        "header and claims changed places": f"{body}.{head}.{signature}",
        "claims that are a list": f"{head}.{base64.urlsafe_b64encode(b'[]').decode()}.{signature}",
        "claims nested deeply": f"{head}.{base64.urlsafe_b64encode(b'[' * 3000).decode()}.{signature}",
        "claims that are no UTF-8": f"{head}.{base64.urlsafe_b64encode(bytes([255, 254])).decode()}.{signature}",
        "8000 letters": "x" * 8000,
    }.items()


def _secrets(public: Json) -> Iterator[tuple[str, bytes]]:
    numbers = rsa.RSAPublicNumbers(*(int.from_bytes(_decoded(public[part]), "big") for part in ("e", "n")))
    key = numbers.public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    yield "PEM", key.public_bytes(serialization.Encoding.PEM, form)
    yield "PEM without its end of line", key.public_bytes(serialization.Encoding.PEM, form).strip()
    yield "DER", key.public_bytes(serialization.Encoding.DER, form)
    yield "JWK", json.dumps(public).encode()
    yield "its modulus", _decoded(public["n"])
    yield "nothing", b""


def _hs256(header: Json, claims: Json, secret: bytes) -> str:
    signed = f"{_written(header | {'alg': 'HS256'})}.{_written(claims)}"
    return f"{signed}.{_encoded(hmac.new(secret, signed.encode(), sha256).digest())}"


def _signed(header: Json, claims: Json, key: rsa.RSAPrivateKey) -> str:
    signed = f"{_written(header)}.{_written(claims)}"
    return f"{signed}.{_encoded(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _public(key: rsa.RSAPrivateKey) -> Json:
    numbers = key.public_key().public_numbers()
    parts = {"e": numbers.e, "n": numbers.n}
    return {"kty": "RSA"} | {name: _encoded(part.to_bytes(256, "big").lstrip(b"\0")) for name, part in parts.items()}


def _read(part: str) -> Json:
    read: Json = json.loads(_decoded(part))
    return read


def _written(part: Json) -> str:
    return _encoded(json.dumps(part).encode())


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
