"""Who sends what nobody expects: a user of his own, so that the sessions of other tests stay as they are."""

from collections.abc import Iterator

import httpx
import pytest

from infra.local.cloud import LocalCloud
from infra.local.identities import sign_in
from tests.e2e.user import User


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    """Connections that no proxy of the environment leads away."""
    with httpx.Client(timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture
def mallory(cloud: LocalCloud, http: httpx.Client) -> User:
    """A signed-in user who means no good."""
    return User(http, cloud.endpoint.url, sign_in("mallory", cloud.outputs, cloud.client("cognito-idp")))
