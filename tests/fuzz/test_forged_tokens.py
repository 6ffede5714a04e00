"""Nobody comes in with a token that the deployment's user pool has not given out, or would not give out."""

from collections.abc import Mapping, Sequence

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from infra.local.cloud import LocalCloud
from infra.local.identities import sign_in
from tests.e2e.user import User
from tests.fuzz.forged_tokens import forged, of_own_key, signed_again
from tests.fuzz.judge import faults
from tests.fuzz.over_http import RawClient
from tests.fuzz.secrets_scan import Eavesdropper, leaks
from tests.support.api_contract import routes
from tests.support.figures import Figures
from tests.support.samples import sample

PROTECTED = [row.name for row, route in routes() if not route.is_public]


@pytest.fixture
def other_pool(cloud: LocalCloud) -> Mapping[str, str]:
    """Outputs of a stack with a user pool of its own, in the same cloud."""
    cognito = cloud.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="other")["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="other", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )
    return {"UserPoolId": pool, "UserPoolClientId": client["UserPoolClient"]["ClientId"]}


def test_forged_token_is_answered_401_by_every_operation(
    cloud: LocalCloud,
    mallory: User,
    other_pool: Mapping[str, str],
    figures: Figures,
    *,
    whole: bool,
) -> None:
    """One answer for all of them, which tells nothing of what was wrong; a function never sees the request."""
    cognito = cloud.client("cognito-idp")
    pool = f"{cloud.endpoint.url.partition('/_aws')[0]}/{cloud.outputs['UserPoolId']}/.well-known/jwks.json"
    keys = mallory.http.get(pool).json()["keys"]
    tokens = list(forged(str(mallory.token), keys, sign_in("mallory", other_pool, cognito)))
    assert keys
    before = len(Eavesdropper(cloud).lines())

    sent, wrong = _answers(mallory, tokens, one_in=1 if whole else len(PROTECTED))

    lines = Eavesdropper(cloud).lines()
    figures.note("forged tokens", kinds=len(tokens), sent=sent, answered_otherwise=len(wrong))
    assert wrong == []
    assert sent
    assert leaks(lines[before:], [token for _, token in tokens if len(token) > 100]) == []
    assert mallory.send("GET", "/agents").status_code == 200


@pytest.fixture
def pool_key(cloud: LocalCloud) -> rsa.RSAPrivateKey:
    """Return what the user pool signs id tokens with, which MiniStack keeps in its folder; on AWS nobody has it."""
    (pem,) = cloud.state.rglob(f"{cloud.outputs['UserPoolId']}-id.pem")
    key = serialization.load_pem_private_key(pem.read_bytes(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def test_token_is_answered_401_by_every_operation_when_its_time_is_over_or_it_names_nobody(
    mallory: User, pool_key: rsa.RSAPrivateKey, figures: Figures
) -> None:
    """A good signature alone opens nothing: what has expired, never expires, or is somebody else's is refused alike."""
    tokens = list(of_own_key(str(mallory.token), pool_key))

    sent, wrong = _answers(mallory, tokens)

    figures.note("tokens of the pool's own key", kinds=len(tokens), sent=sent, answered_otherwise=len(wrong))
    assert wrong == []
    assert sent == len(tokens) * len(PROTECTED)
    good = User(mallory.http, mallory.url, signed_again(str(mallory.token), pool_key))
    assert good.send("GET", "/agents").status_code == 200


def _answers(user: User, tokens: Sequence[tuple[str, str]], *, one_in: int = 1) -> tuple[int, list[str]]:
    """Send every protected operation one in so many of the tokens, and another part of them to each.

    Returns:
        How many were answered, and what was not a documented 401 that asks for a token.
    """
    client = RawClient(user.url, None)
    sent, wrong = 0, list[str]()
    for turn, name in enumerate(PROTECTED):
        event = sample(name)
        for number, (what, token) in enumerate(tokens):
            if (turn + number) % one_in:
                continue
            event["headers"]["Authorization"] = f"Bearer {token}"
            heard = client.send(event)
            if heard is None:
                continue
            sent += 1
            asks = heard.headers.get("www-authenticate") == "Bearer"
            found = faults(heard.status, heard.headers, heard.body) + ([] if asks else ["does not ask for a token"])
            wrong += [f"{name}: {what}: {fault}" for fault in found]
            wrong += [f"{name}: {what}: {heard.status}"] if heard.status != 401 else []
    return sent, wrong
