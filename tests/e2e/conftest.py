"""Who calls the deployed system, which runs on a local cloud of this test run's own."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from infra.local.cloud import LocalCloud
from tests.e2e.user import User


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    """Connections that no proxy of the environment leads away."""
    with httpx.Client(timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture
def alice(cloud: LocalCloud, http: httpx.Client) -> User:
    """A signed-in user."""
    return User(http, cloud.endpoint.url, cloud.endpoint.tokens["alice"])


@pytest.fixture
def bob(cloud: LocalCloud, http: httpx.Client) -> User:
    """Another one."""
    return User(http, cloud.endpoint.url, cloud.endpoint.tokens["bob"])


@pytest.fixture
def stranger(cloud: LocalCloud, http: httpx.Client) -> User:
    """Somebody without a token."""
    return User(http, cloud.endpoint.url, None)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The files of this repository."""
    return Path(__file__).parents[2]
